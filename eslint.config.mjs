// The rules of this project alone; those of any TypeScript project are in .oxlintrc.json.
import { defineConfig, globalIgnores } from 'eslint/config';
import awscdk from 'eslint-plugin-awscdk';
import jsdoc from 'eslint-plugin-jsdoc';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';
import words from './scripts/plain-words.mjs';

const constructsOnly = {
  paths: [{ name: 'aws-cdk-lib', message: "use 'aws-cdk-lib/core' or the submodule" }],
  patterns: [
    { group: ['**/emulator', '**/emulator/*', '**/runtime', '**/runtime/*'], message: 'constructs know CDK only' },
    { regex: '^(?!node:|\\.\\.?/|aws-cdk-lib(/|$)|constructs$)', message: 'only aws-cdk-lib, constructs and node:' },
  ],
};
const fromClockOnly = 'time comes from the Clock only';
const noOtherTime = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: fromClockOnly },
  { selector: 'CallExpression[callee.object.name="Date"][callee.property.name="now"]', message: fromClockOnly },
  { selector: 'MemberExpression[object.name="performance"]', message: fromClockOnly },
  { selector: 'CallExpression[callee.object.name="Math"][callee.property.name="random"]', message: 'use Random' },
];
const documented = [
  'TSInterfaceDeclaration',
  'TSEnumDeclaration',
  'TSEnumMember',
  'TSPropertySignature',
  'PropertyDefinition[accessibility="public"]',
  'MethodDefinition[accessibility="public"]',
];

export default defineConfig([
  globalIgnores(['dist/', 'cdk.out/', 'coverage/', 'test/', '**/*.d.ts']),
  {
    // Work on text from outside must grow linearly with its length.
    files: ['**/*.{js,mjs,ts}'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignorePartial: false }],
    },
  },
  {
    files: ['{bin,lambda,lib}/**/*.ts', 'scripts/*.mjs'],
    ignores: ['scripts/plain-words.mjs'],
    plugins: { words },
    rules: { 'words/plain': 'error' },
  },
  { files: ['**/*.js'], languageOptions: { sourceType: 'commonjs' } },
  { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/emulator/**', 'lib/runtime/**', 'lib/testing/**'],
    languageOptions: { parserOptions: { project: './tsconfig.jsii.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { awscdk, jsdoc }, // not `extends`: the plugin's config turns projectService on
    rules: {
      ...awscdk.configs.recommended.rules,
      'awscdk/construct-constructor-property': 'off', // refuses `props: XProps = {}`
      'awscdk/props-name-convention': 'error',
      'awscdk/require-props-default-doc': 'error',
      'awscdk/no-mutable-property-of-props-interface': 'error',
      'awscdk/no-mutable-public-property-of-construct': 'error',
      'no-restricted-imports': ['error', constructsOnly],
      'jsdoc/require-jsdoc': ['error', { publicOnly: true, require: { ClassDeclaration: true }, contexts: documented }],
    },
  },
  {
    files: ['lib/emulator/**/*.ts', 'lib/testing/**/*.ts'],
    ignores: ['lib/emulator/clock/**', 'lib/emulator/server/**', 'lib/emulator/compute/children/**'],
    rules: {
      'no-restricted-syntax': ['error', ...noOtherTime],
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'].map((name) => ({
          name,
          message: fromClockOnly,
        })),
      ],
    },
  },
]);
