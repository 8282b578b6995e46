const { execFileSync } = require('node:child_process');

/** Bundles the handlers, workers and programs that the tests run: they run what is deployed, not its sources. */
module.exports = () =>
  void execFileSync(process.execPath, ['scripts/build.mjs', 'assets', 'programs'], {
    cwd: `${__dirname}/../..`,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
