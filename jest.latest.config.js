// The constructs' tests on the newest peers: npm run test:latest, which installs them.
const versions = require('./scripts/latest.json');

const VALIDATED = ['bin', 'consumer', 'monitoring', 'nag', 'producer', 'queue', 'stream', 'topic'];
const TESTS = process.env.CDK_VALIDATION === 'true' ? VALIDATED : ['rules'];
const LATEST = '<rootDir>/node_modules/.cache/latest';

module.exports = {
  ...require('./jest.config'),
  roots: TESTS.map((name) => `<rootDir>/test/${name}`),
  moduleNameMapper: Object.fromEntries(
    Object.keys(versions).map((name) => [`^${name}(/.*)?$`, `${LATEST}/node_modules/${name}$1`]),
  ),
  testPathIgnorePatterns: ['/test/bin/(?!video-encoding)'], // no constructs
  // What is synthesized for a snapshot is validated; what it looks like is compared on the lowest peers.
  snapshotResolver: '<rootDir>/test/support/latest-snapshots.js',
  testTimeout: 60_000, // the validator is a large WebAssembly module, which every file loads
};
