const { rmSync } = require('node:fs');
const { FOLDER } = require('./global-setup');

/** Removes the folder for temporary files that `global-setup.js` made, and nothing if it has not run. */
module.exports = () => {
  const folder = process.env[FOLDER];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
};
