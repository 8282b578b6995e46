import { runInThisContext } from 'node:vm';

/**
 * The global object of the realm in which sandboxed code is compiled and Node's own modules live. A test runner may
 * load our modules in another realm, with its own `Date`, `Error` and `process`.
 */
export const realGlobal: typeof globalThis = runInThisContext('globalThis') as typeof globalThis;
