const { availableParallelism } = require('node:os');

// The offline CloudFormation validator of newer aws-cdk-lib versions costs seconds a file.
process.env.CDK_VALIDATION ??= 'false';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

module.exports = {
  testEnvironment: '<rootDir>/test/support/environment.js',
  roots: ['<rootDir>/bin', '<rootDir>/lib', '<rootDir>/lambda', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // Globals are slow to look up in the context that modules run in: these become parameters of each module. Not Map,
  // as CDK's Step Functions have a class of that name.
  sandboxInjectedGlobals: [
    'Array',
    'Infinity',
    'JSON',
    'Math',
    'Number',
    'Object',
    'Promise',
    'Set',
    'String',
    'Symbol',
  ],
  moduleNameMapper: { '/\\.warnings\\.jsii\\.js$': '<rootDir>/test/support/no-deprecations.js' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/cdk.out/'],
  testSequencer: '<rootDir>/test/support/longest-first.js',
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  setupFilesAfterEnv: ['aws-cdk-lib/testhelpers/jest-autoclean'],
  snapshotSerializers: ['<rootDir>/test/support/asset-hash-serializer.js'],
  testTimeout: 120_000, // ends what hangs, and never judges speed: a machine may be busy
  maxWorkers: Math.ceil(availableParallelism() * 1.5), // some tests wait for processes in the machine's time
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  coverageProvider: 'v8',
  collectCoverageFrom: ['{lib,lambda,bin}/**/*.ts'],
};
