import { rmSync } from 'node:fs';
import { runInThisContext } from 'node:vm';

// Under jest, `process` is a copy whose 'exit' never comes, and each test file has modules of its own, which a listener
// would keep alive: so one listener, and its list, belong to the process itself, and hold nothing but names of folders.
const SOURCE = `(rmSync) => {
  const key = Symbol.for('cdk-spillway.folders-removed-at-exit');
  if (process[key] === undefined) {
    const folders = new Set();
    process[key] = folders;
    process.once('exit', () => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
  }
  return process[key];
}`;

/** The folders that are removed when the process ends, unless a signal kills it. */
export function foldersRemovedAtExit(): Set<string> {
  const find = runInThisContext(SOURCE) as (remove: typeof rmSync) => Set<string>;
  return find(rmSync);
}
