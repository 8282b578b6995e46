import { rmSync } from 'node:fs';
import { runInThisContext } from 'node:vm';

// Under jest, `process` is a copy that never emits 'exit', and each test file has its own modules, which a listener
// would keep alive. So a single listener and its list are attached to the real process, and hold only folder names.
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

/** Folders that are removed when the process ends, unless a signal kills it. */
export function foldersRemovedAtExit(): Set<string> {
  const find = runInThisContext(SOURCE) as (remove: typeof rmSync) => Set<string>;
  return find(rmSync);
}
