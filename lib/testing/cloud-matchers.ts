import type { ExpectMethods } from '../emulator/services/testing';
import type { CloudMatcherFunctions } from './matchers';

/** The matchers as they read after `expect(…)`; `R` is what they return there. */
export type CloudMatchers<R> = ExpectMethods<CloudMatcherFunctions, R>;

declare global {
  // The name is @types/jest's. Without it these lines say nothing.
  // oxlint-disable-next-line typescript/no-namespace -- the only way to add to its types
  namespace jest {
    // oxlint-disable-next-line typescript/no-empty-object-type -- as there
    interface Matchers<R, T = {}> extends CloudMatchers<R> {}
  }
}
