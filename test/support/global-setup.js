const { execFileSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** The variable with the folder that this run made. */
const FOLDER = 'SPILLWAY_JEST_FOLDER';

/**
 * Bundles the handlers, workers and programs that the tests run: they run what is deployed, not its sources. Whatever
 * tests, and the CDK, leave in the folder for temporary files goes when the run ends: `global-teardown.js` removes it.
 */
module.exports = () => {
  execFileSync(process.execPath, ['scripts/build.mjs', 'assets', 'programs'], {
    cwd: `${__dirname}/../..`,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'spillway-jest-'));
  for (const name of ['TMPDIR', 'TEMP', 'TMP', FOLDER]) process.env[name] = folder;
};

module.exports.FOLDER = FOLDER;
