import { matchers } from './matchers';
import { endAbandonedWaits } from './time-driver';

interface Extensible {
  extend?(added: typeof matchers): void;
  getState?(): { readonly currentTestName?: string };
}

/** Extends `expect` with the matchers if it is a global, as in jest, and in vitest with `globals`. */
const { expect, afterAll } = globalThis as { expect?: Extensible; afterAll?: (hook: () => void) => void };
expect?.extend?.(matchers);
// Jest fails a test that defines a hook, as an import in the middle of one would.
if (expect?.getState?.().currentTestName === undefined) afterAll?.(endAbandonedWaits);
