import { matchers } from './matchers';
import { endAbandonedWaits } from './time-driver';

interface Extensible {
  extend?(added: typeof matchers): void;
  getState?(): { readonly currentTestName?: string };
}

/** Teaches the matchers to `expect` if that is a global, as in jest, and in vitest with `globals`. */
const { expect, afterAll } = globalThis as { expect?: Extensible; afterAll?: (hook: () => void) => void };
expect?.extend?.(matchers);
// Jest fails a test in which a hook is defined, as an import in the middle of one would.
if (expect?.getState?.().currentTestName === undefined) afterAll?.(endAbandonedWaits);
