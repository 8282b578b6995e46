import { matchers } from './matchers';

interface Extensible {
  extend?(added: typeof matchers): void;
}

/** Teaches the matchers to `expect` where that is a global, as in jest, and in vitest with `globals`. */
const { expect } = globalThis as { expect?: Extensible };
expect?.extend?.(matchers);
