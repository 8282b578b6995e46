import { MATCHERS, RESOURCE_KINDS } from '../emulator';
import type { KindName, ServiceMatchers } from '../emulator/services/testing';
import { checkCount, type LocalResource, type Matcher, type Verdict, verdict, wrongSubject } from '../emulator/testing';
import { alternatives, isHandle } from './kinds';

/** Matchers that are not about one kind of resource. */
const COMMON = {
  /** An upper bound of a peak: a group's instances in service, a function's invocations, or a queue's messages. */
  toHavePeakedAtMost(received: unknown, most: number): Verdict {
    const { subject, peak, of } = peakOf(received, 'toHavePeakedAtMost');
    checkCount('toHavePeakedAtMost', 'most', most, 0);
    const says = `${subject.label} peaked at ${peak} ${of}`;
    return verdict(
      subject,
      peak <= most,
      () => `${says}, expected at most ${most}`,
      () => `${says}, expected more than ${most}`,
    );
  },

  /** A lower bound of a peak: a group's instances in service, a function's invocations, or a queue's messages. */
  toHavePeakedAtLeast(received: unknown, least: number): Verdict {
    const { subject, peak, of } = peakOf(received, 'toHavePeakedAtLeast');
    checkCount('toHavePeakedAtLeast', 'least', least, 1); // at least 0 it always is
    const says = `${subject.label} peaked at ${peak} ${of}`;
    return verdict(
      subject,
      peak >= least,
      () => `${says}, expected at least ${least}`,
      () => `${says}, expected less than ${least}`,
    );
  },
};

/**
 * Matchers for a local cloud's resources: `expect.extend(matchers)`. Importing this module does so if `expect` is a
 * global. Each throws, with and without `.not`, if its argument is of the wrong kind.
 */
export const matchers: CloudMatcherFunctions = countingArguments({ ...MATCHERS, ...COMMON });

/** All matchers, by name. */
export type CloudMatcherFunctions = ServiceMatchers & typeof COMMON;

/** The same matchers, which reject additional arguments instead of ignoring them. */
function countingArguments<M extends Readonly<Record<string, Matcher>>>(all: M): M {
  const counting = Object.entries(all).map(([name, matcher]) => {
    const takes = matcher.length - 1;
    const counted: Matcher = (received, ...expected) => {
      if (expected.length <= takes) return matcher(received, ...expected);
      const most = takes === 0 ? 'no arguments' : 'one argument';
      throw new TypeError(`${name} takes ${most}, but was given ${expected.length}`);
    };
    return [name, counted];
  });
  return Object.fromEntries(counting) as M;
}

function peakOf(received: unknown, matcher: string): { subject: LocalResource; peak: number; of: string } {
  const peaking = (Object.keys(RESOURCE_KINDS) as KindName[]).filter((kind) => RESOURCE_KINDS[kind].peak !== undefined);
  for (const kind of peaking) {
    const { peak } = RESOURCE_KINDS[kind];
    if (peak !== undefined && isHandle(kind, received)) {
      return { subject: received, peak: peak.from(received), of: peak.of };
    }
  }
  throw wrongSubject(received, matcher, alternatives(peaking));
}
