import { count, elapsed, subjectOf, verdict, type Verdict } from '../../../testing';
import type { FunctionFailure } from './function-record';
import { LocalFunction } from './local-function';

const MOST_FRAMES = 5;

/** Matchers for functions. */
export const matchers = {
  /** Of a function: no invocation failed. */
  toHaveNoErrors(received: unknown): Verdict {
    const fn = subjectOf(LocalFunction, received, 'toHaveNoErrors', 'cloud.function(…)');
    const last = fn.failures.at(-1);
    return verdict(
      fn,
      fn.errors === 0,
      () =>
        `${fn.errors} of ${count(fn.invocations, 'invocation')} of ${fn.label} failed; the last at ${elapsed(fn, last?.at ?? 0)}: ${last?.errorType}: ${last?.errorMessage}${stackOf(last)}`,
      () => `${fn.label} was expected to have failed, and none of its ${count(fn.invocations, 'invocation')} has`,
    );
  },
};

/** The first frames of a failure's stack, without its message. */
function stackOf(failure: FunctionFailure | undefined): string {
  const frames = failure?.trace.filter((line) => line.trimStart().startsWith('at ')) ?? [];
  return frames
    .slice(0, MOST_FRAMES)
    .map((frame) => `\n${frame}`)
    .join('');
}
