import { parseArn } from '../../../core';
import { invalidParameter } from '../errors';
import { readFilterPolicy } from '../filters/filter-policy';
import type { FilterScope } from '../filters/filter-policy';
import { effectivePolicy, defaultHttpPolicy, readDeliveryPolicy } from '../delivery/delivery-policy';
import type { Topic } from '../topics/topic';
import { flag } from '../topics/topic-attributes';
import type { Subscription, SubscriptionSettings } from './subscription';

const NAMES: ReadonlySet<string> = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'ReplayPolicy',
  'SubscriptionRoleArn',
]);
const SCOPES: readonly string[] = ['MessageAttributes', 'MessageBody'] satisfies FilterScope[];
const FIFO = '.fifo';

/** What decides which attributes a subscription may have. */
export interface AttributeContext {
  readonly topic: Topic;
  readonly protocol: string;
  readonly endpoint: string;
  /** Precedes the reasons in error messages: what Subscribe says and SetSubscriptionAttributes does not. */
  readonly prefix: string;
}

/**
 * Checks all attributes of a subscription together, and compiles them.
 * @throws AwsError InvalidParameter
 */
export function compileAttributes(
  attributes: ReadonlyMap<string, string>,
  context: AttributeContext,
): SubscriptionSettings {
  const { topic, protocol, prefix } = context;
  const refuse = (reason: string) => invalidParameter(`${prefix}${reason}`);
  for (const name of attributes.keys()) if (!NAMES.has(name)) throw invalidParameter('AttributeName');
  if (attributes.has('ReplayPolicy')) {
    throw refuse('ReplayPolicy: the emulator does not archive or replay messages');
  }
  const scope = attributes.get('FilterPolicyScope') ?? 'MessageAttributes';
  if (!SCOPES.includes(scope)) {
    throw refuse(`FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`);
  }
  const raw = attributes.get('RawMessageDelivery') ?? 'false';
  flag(raw, () => refuse(`RawMessageDelivery: Invalid value [${raw}]. Must be true or false.`));
  const filter = attributes.get('FilterPolicy') ?? '';
  const redrive = attributes.get('RedrivePolicy') ?? '';
  return {
    raw: raw.toLowerCase() === 'true',
    ...(filter !== '' && { filter: readFilterPolicy(filter, scope as FilterScope, refuse) }),
    ...(redrive !== '' && { deadLetterTargetArn: deadLetterTarget(redrive, context, refuse) }),
    ...((protocol === 'http' || protocol === 'https') && {
      http: httpPolicy(topic, attributes.get('DeliveryPolicy') ?? '', prefix),
    }),
  };
}

function httpPolicy(topic: Topic, own: string, prefix: string) {
  const ofTopic = topic.attributes.get('DeliveryPolicy') ?? '';
  const usual =
    ofTopic === '' ? defaultHttpPolicy : effectivePolicy(readDeliveryPolicy(ofTopic, ''), defaultHttpPolicy);
  if (own === '' || usual.disableSubscriptionOverrides) return usual;
  return effectivePolicy(readDeliveryPolicy(own, prefix), usual);
}

function deadLetterTarget(policy: string, context: AttributeContext, refuse: (reason: string) => Error): string {
  const { topic, endpoint } = context;
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch (error) {
    throw refuse(`RedrivePolicy: failed to parse JSON. ${(error as Error).message}`);
  }
  const { deadLetterTargetArn: target } = (parsed ?? {}) as { deadLetterTargetArn?: unknown };
  const arn = typeof target === 'string' ? parseArn(target) : undefined;
  if (arn?.service !== 'sqs') throw refuse('RedrivePolicy: deadLetterTargetArn is an invalid arn');
  if (arn.account !== topic.account || arn.region !== topic.region) {
    throw refuse('RedrivePolicy: deadLetterTargetArn must be of the same account and Region as the subscription');
  }
  if (topic.fifo && endpoint.endsWith(FIFO) && !arn.resource.endsWith(FIFO)) {
    throw refuse('RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.');
  }
  if (!topic.fifo && arn.resource.endsWith(FIFO)) {
    throw refuse('RedrivePolicy: must use a standard queue as DLQ for a subscription to a standard Topic.');
  }
  return target as string;
}

/** The attributes of a subscription, as GetSubscriptionAttributes returns them. */
export function describeSubscription(subscription: Subscription, topic: Topic): Record<string, string> {
  const { identity, attributes, arn, pending, authenticated, settings } = subscription;
  const { FilterPolicyScope: scope = 'MessageAttributes', ...given } = Object.fromEntries(
    [...attributes].filter(([, value]) => value !== ''),
  );
  return {
    ...given,
    ...(given.FilterPolicy !== undefined && { FilterPolicyScope: scope }),
    SubscriptionArn: arn,
    TopicArn: topic.arn,
    Owner: identity.owner,
    SubscriptionPrincipal: identity.principal,
    Protocol: identity.protocol,
    Endpoint: identity.endpoint,
    RawMessageDelivery: String(settings.raw),
    PendingConfirmation: String(pending),
    ConfirmationWasAuthenticated: String(authenticated),
    ...(settings.http && { EffectiveDeliveryPolicy: JSON.stringify(settings.http) }),
  };
}
