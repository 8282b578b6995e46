// node scripts/test-latest.mjs [paths of tests]: the constructs' tests on the newest aws-cdk-lib, constructs and cdk-nag
// that are known to work, with CDK's offline CloudFormation validator on and strict: a finding fails the synthesis. They
// are 140 MB, so they are not among the devDependencies: they are installed beside them, once.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tool } from './tool.mjs';

const LATEST = join(root, 'node_modules/.cache/latest');
const VERSIONS = JSON.parse(readFileSync(join(root, 'scripts/latest.json'), 'utf8'));
const CONTEXT = {
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  '@aws-cdk/core:defaultCrossStackReferences': 'strong', // as in older versions; unset, the newest warns
};

if (Object.entries(VERSIONS).some(([name, version]) => installed(name) !== version)) {
  mkdirSync(LATEST, { recursive: true });
  writeFileSync(join(LATEST, 'package.json'), JSON.stringify({ private: true, dependencies: VERSIONS }));
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: LATEST,
    stdio: 'inherit',
  });
}
rmSync(join(LATEST, 'snapshots'), { recursive: true, force: true }); // of the run before: nobody compares them
jest({ CDK_VALIDATION: 'true' });
// The rules' tests: about templates that AWS would refuse. New apps have weak references between stacks.
jest({ CDK_VALIDATION: 'false' });
jest({ CDK_VALIDATION: 'false' }, { '@aws-cdk/core:defaultCrossStackReferences': 'weak' });

function installed(name) {
  const manifest = join(LATEST, 'node_modules', name, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

function jest(environment, context = {}) {
  Object.assign(process.env, environment, { CDK_CONTEXT_JSON: JSON.stringify({ ...CONTEXT, ...context }) });
  const wanted = process.argv.slice(2);
  try {
    tool('jest/bin/jest.js', '--config', join(root, 'jest.latest.config.js'), '--passWithNoTests', ...wanted);
  } catch (error) {
    process.exitCode = error.status ?? 1; // jest has said what is wrong
  }
}
