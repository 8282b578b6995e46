import { posix } from 'node:path';

/** Whether a program of an instance is Node.js: `node`, or the binary of one version, as Amazon Linux names it. */
export function isNodeBinary(path: string): boolean {
  return /^node(-\d+)?$/.test(posix.basename(path));
}
