import {
  checkPattern,
  describeDispatches,
  describeMatching,
  type Dispatch,
  kindOf,
  LocalResource,
  type MessagePattern,
  subjectOf,
  verdict,
  type Verdict,
} from '../../../testing';
import { LocalTopic } from './local-topic';

/** Matchers for topics. */
export const matchers = {
  /**
   * Of a topic: it has published a message that matches, and each such message was delivered to all of these queues and
   * functions. It may have other subscriptions.
   */
  toHaveFannedOutTo(
    received: unknown,
    targets: readonly LocalResource[],
    matching?: MessagePattern<Dispatch>,
  ): Verdict {
    const topic = subjectOf(LocalTopic, received, 'toHaveFannedOutTo', 'cloud.topic(…)');
    checkTargets(targets);
    if (matching !== undefined) checkPattern(matching);
    const found = matching === undefined ? topic.dispatches : topic.find(matching);
    const missed = targets.filter((target) => !found.every((message) => reached(message, target)));
    const wanted = `deliver ${describeMatching('message', matching)} to ${labels(targets)}`;
    return verdict(
      topic,
      found.length > 0 && missed.length === 0,
      () =>
        found.length === 0
          ? `${topic.label} was expected to ${wanted}, but has published none`
          : `${topic.label} was expected to ${wanted}, but ${labels(missed)} did not get it:\n${describeDispatches(topic, found)}`,
      () => `${topic.label} was expected not to ${wanted}, but did:\n${describeDispatches(topic, found)}`,
    );
  },
};

function labels(resources: readonly LocalResource[]): string {
  return resources.map(({ label }) => label).join(', ');
}

function reached(message: Dispatch, { place, name }: LocalResource): boolean {
  return message.targets.some(({ target, outcome }) => {
    const [, , , region, account, ...rest] = target.split(':');
    return outcome === 'delivered' && rest.at(-1) === name && region === place.region && account === place.account;
  });
}

/** A construct is easily passed by mistake. */
function checkTargets(targets: unknown): void {
  const wanted = 'toHaveFannedOutTo: targets must be an array of cloud.queue(…) and cloud.function(…)';
  if (!Array.isArray(targets)) throw new TypeError(`${wanted}, but was ${kindOf(targets)}`);
  if (targets.length === 0) throw new TypeError(`${wanted}, but was empty`);
  const wrong: unknown = targets.find((target) => !(target instanceof LocalResource));
  if (wrong !== undefined) throw new TypeError(`${wanted}, but had ${kindOf(wrong)}`);
}
