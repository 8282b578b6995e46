import { afterAll, expect } from '@jest/globals';
import { type CloudMatchers, endAbandonedWaits, matchers } from '../index';

// For tests that import `expect` instead of using the global one.
expect.extend(matchers);
if (expect.getState().currentTestName === undefined) afterAll(endAbandonedWaits);

declare module 'expect' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- jest's own parameters
  interface Matchers<R extends void | Promise<void>, T = unknown> extends CloudMatchers<R> {}
}
