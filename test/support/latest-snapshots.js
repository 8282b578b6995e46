const { join, relative } = require('node:path');

const root = join(__dirname, '../..');
const SNAPSHOTS = join(root, 'node_modules/.cache/latest/snapshots');

/** Snapshots of the newest aws-cdk-lib, which nobody compares: beside those that are kept. */
module.exports = {
  resolveSnapshotPath: (test, extension) => join(SNAPSHOTS, relative(root, test)) + extension,
  resolveTestPath: (snapshot, extension) => join(root, relative(SNAPSHOTS, snapshot.slice(0, -extension.length))),
  testPathForConsistencyCheck: join(root, 'test/queue/some.test.ts'),
};
