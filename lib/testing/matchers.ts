import { MATCHERS, RESOURCE_KINDS } from '../emulator';
import type { KindName, ServiceMatchers } from '../emulator/services/testing';
import {
  checkCount,
  checkPattern,
  count,
  describeDispatches,
  describeMatching,
  type Dispatch,
  DispatchingResource,
  type LocalResource,
  type Matcher,
  type MessagePattern,
  type Verdict,
  verdict,
  wrongSubject,
} from '../emulator/testing';
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

  /**
   * Of a topic or rule: it has sent a message or event that matches, and each such was delivered to every subscription
   * or target that wanted it. One that every filter policy kept back was not delivered.
   */
  toHaveBeenDelivered(received: unknown, matching?: MessagePattern<Dispatch>): Verdict {
    const subject = dispatching(received, 'toHaveBeenDelivered', () => true);
    const found = dispatched(subject, matching);
    const what = describeMatching(subject.noun, matching);
    return verdict(
      subject,
      found.length > 0 && found.every(({ isDelivered }) => isDelivered),
      () =>
        found.length === 0
          ? `${subject.label} was expected to have delivered ${what}, but has sent none`
          : `${subject.label} was expected to have delivered ${what}, but has not:\n${describeDispatches(subject, found)}`,
      () =>
        `${subject.label} was expected not to have delivered ${what}, but has:\n${describeDispatches(subject, found)}`,
    );
  },

  /**
   * Of a rule: an event that matches has matched it, or its schedule has fired, and it has sent that to a target. Of a
   * schedule: a run whose input matches has begun.
   */
  toHaveFired(received: unknown, matching?: MessagePattern<Dispatch>): Verdict {
    const subject = dispatching(received, 'toHaveFired', (kind) => RESOURCE_KINDS[kind].fires === true);
    const found = dispatched(subject, matching);
    const on = describeMatching(subject.noun, matching);
    const all = subject.dispatches;
    return verdict(
      subject,
      found.length > 0,
      () =>
        all.length === 0
          ? `${subject.label} was expected to have fired for ${on}, but has never fired`
          : `${subject.label} was expected to have fired for ${on}, but has fired for ${count(all.length, `other ${subject.noun}`)}:\n${describeDispatches(subject, all)}`,
      () =>
        `${subject.label} was expected not to have fired for ${on}, but has:\n${describeDispatches(subject, found)}`,
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

/** The kinds of resources that send messages or events. */
function dispatchingKinds(includes: (kind: KindName) => boolean): KindName[] {
  return (Object.keys(RESOURCE_KINDS) as KindName[]).filter(
    (kind) => RESOURCE_KINDS[kind].handle.prototype instanceof DispatchingResource && includes(kind),
  );
}

function dispatching(received: unknown, matcher: string, includes: (kind: KindName) => boolean): DispatchingResource {
  const kinds = dispatchingKinds(includes);
  if (received instanceof DispatchingResource && kinds.some((kind) => isHandle(kind, received))) return received;
  throw wrongSubject(received, matcher, alternatives(kinds));
}

function dispatched(subject: DispatchingResource, matching: MessagePattern<Dispatch> | undefined): readonly Dispatch[] {
  if (matching !== undefined) checkPattern(matching);
  const found = matching === undefined ? subject.dispatches : subject.find(matching);
  if (found.length === 0 && subject.forgotten > 0) {
    throw new Error(
      `whether ${subject.label} has sent ${describeMatching(subject.noun, matching)} is not known: ${count(subject.forgotten, subject.noun)} are not kept; create the cloud with recording: 'full'`,
    );
  }
  return found;
}
