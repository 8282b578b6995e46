const { rmSync } = require('node:fs');
const { tmpdir } = require('node:os');

/** Removes the folder for temporary files, which `global-setup.js` made. */
module.exports = () => rmSync(tmpdir(), { recursive: true, force: true, maxRetries: 3 });
