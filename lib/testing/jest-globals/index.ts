import { expect } from '@jest/globals';
import { type CloudMatchers, matchers } from '../index';

// For tests that import `expect` rather than take the global one.
expect.extend(matchers);

declare module 'expect' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- jest's own parameters
  interface Matchers<R extends void | Promise<void>, T = unknown> extends CloudMatchers<R> {}
}
