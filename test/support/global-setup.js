const { execFileSync } = require('node:child_process');

/** Bundles the handlers and workers that the tests run: they run what is deployed, not its sources. */
module.exports = () =>
  void execFileSync(process.execPath, ['scripts/build.mjs', 'assets'], {
    cwd: `${__dirname}/../..`,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
