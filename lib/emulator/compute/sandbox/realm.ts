import { runInThisContext } from 'node:vm';

/**
 * The global object of the realm in which sandboxed code is compiled and node's own modules live. A test runner may load
 * our modules in a realm of its own, whose `Date`, `Error` and `process` are others than those.
 */
export const realGlobal: typeof globalThis = runInThisContext('globalThis') as typeof globalThis;
