import { afterAll, expect } from '@jest/globals';
import { type CloudMatchers, endAbandonedWaits, matchers } from '../index';

// For tests that import `expect` instead of using the global one.
expect.extend(matchers);
if (expect.getState().currentTestName === undefined) afterAll(endAbandonedWaits);

declare module 'expect' {
  // oxlint-disable-next-line typescript/no-empty-object-type -- jest's own parameters
  interface Matchers<R extends void | Promise<void>, T = unknown> extends CloudMatchers<R> {}
}
