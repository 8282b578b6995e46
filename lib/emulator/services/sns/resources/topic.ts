import type { Sns } from '../sns';
import { AwsError } from '../../../core';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import {
  emulated,
  flag,
  inert,
  integer,
  list,
  naming,
  record,
  replacing,
  required,
  text,
  unsupported,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { tagChanges, tagList, type TagList } from '../../../cloudformation/provider/tags';

const LONGEST_NAME = 256;

const properties = {
  ArchivePolicy: unsupported('messages are not archived and cannot be replayed'),
  ContentBasedDeduplication: emulated(flag),
  DataProtectionPolicy: unsupported('messages are not audited or redacted'),
  DeliveryStatusLogging: emulated(
    list(
      record({
        FailureFeedbackRoleArn: emulated(text),
        Protocol: required(emulated(text)),
        SuccessFeedbackRoleArn: emulated(text),
        SuccessFeedbackSampleRate: emulated(text),
      }),
    ),
  ),
  DisplayName: emulated(text),
  FifoThroughputScope: emulated(text),
  FifoTopic: replacing(emulated(flag)),
  KmsMasterKeyId: emulated(text),
  MaximumMessageSize: emulated(integer),
  SignatureVersion: emulated(text),
  Subscription: emulated(list(record({ Endpoint: required(emulated(text)), Protocol: required(emulated(text)) }))),
  Tags: emulated(tagList),
  TopicName: naming(emulated(text)),
  TracingConfig: inert(text, 'there is no X-Ray'),
};

type Given = Values<typeof properties>;

/** The values of attributes that an update removes from the template. */
const DEFAULTS: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: 'false',
  DisplayName: '',
  FifoThroughputScope: 'Topic',
  KmsMasterKeyId: '',
  MaximumMessageSize: '262144',
  SignatureVersion: '1',
  TracingConfig: 'PassThrough',
};

/** A topic, with the subscriptions that its template lists. */
export const snsTopic = define({
  type: 'AWS::SNS::Topic',
  nameAttribute: 'TopicName',
  properties,
  unique: {
    name: nameOf,
    exists: (resource, context: ResourceContext<Sns>) =>
      context.service.topicViews().some(({ name }) => name === nameOf(resource)),
  },
  create(resource, context: ResourceContext<Sns>) {
    const { properties: given } = resource;
    const name = nameOf(resource);
    const fifo: Record<string, string> = given.FifoTopic === true ? { FifoTopic: 'true' } : {};
    const Attributes = { ...fifo, ...attributesOf(given) };
    const { TopicArn = '' } = context.service.createTopic({ Name: name, Attributes, Tags: given.Tags }, context.call);
    subscribe(TopicArn, given, context);
    return { ref: TopicArn, attributes: { TopicArn, TopicName: name } };
  },
  update({ ref, attributes, properties: given, previous }, context: ResourceContext<Sns>) {
    const { service, call } = context;
    const [before, after] = [attributesOf(previous), attributesOf(given)];
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const value = after[name] ?? DEFAULTS[name] ?? '';
      if (before[name] === after[name]) continue;
      service.setTopicAttributes({ TopicArn: ref, AttributeName: name, AttributeValue: value }, call);
    }
    changeTags(ref, previous.Tags, given.Tags, context);
    unsubscribe(ref, previous, given, context);
    subscribe(ref, given, context);
    return { ref, attributes };
  },
  delete({ ref: TopicArn }, context: ResourceContext<Sns>) {
    unlessGone(() => context.service.deleteTopic({ TopicArn }, context.call), 'NotFoundException');
  },
});

function nameOf({ properties: { TopicName, FifoTopic }, name }: NewResource<Given>): string {
  return TopicName ?? name({ longest: LONGEST_NAME, suffix: FifoTopic === true ? '.fifo' : '' });
}

/** The properties that are attributes of the topic, as text. */
function attributesOf({ DeliveryStatusLogging: logging = [], ...given }: Given): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name of Object.keys(DEFAULTS)) {
    const value = given[name as keyof typeof given];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      attributes[name] = String(value);
    }
  }
  for (const { Protocol, ...feedback } of logging) {
    const prefix = prefixOf(Protocol);
    for (const [name, value] of Object.entries(feedback)) {
      if (typeof value === 'string') attributes[`${prefix}${name}`] = value;
    }
  }
  return attributes;
}

/** How a protocol is called in the names of a topic's attributes. */
function prefixOf(protocol: string): string {
  const known: Readonly<Record<string, string>> = {
    application: 'Application',
    firehose: 'Firehose',
    'http/s': 'HTTP',
    lambda: 'Lambda',
    sqs: 'SQS',
  };
  const prefix = known[protocol.toLowerCase()] as string | undefined;
  if (prefix === undefined) throw new AwsError('InvalidParameter', `Protocol ${protocol} has no delivery status`);
  return prefix;
}

function subscribe(TopicArn: string, { Subscription: subscriptions = [] }: Given, context: ResourceContext<Sns>): void {
  for (const { Endpoint, Protocol } of subscriptions) {
    context.service.subscribe({ TopicArn, Endpoint, Protocol }, context.call);
  }
}

/** Ends the subscriptions that the template does not list any more. */
function unsubscribe(TopicArn: string, previous: Given, given: Given, context: ResourceContext<Sns>): void {
  const keyOf = ({ Endpoint = '', Protocol = '' }) => `${Protocol} ${Endpoint}`;
  const kept = new Set((given.Subscription ?? []).map(keyOf));
  const gone = new Set((previous.Subscription ?? []).map(keyOf).filter((key) => !kept.has(key)));
  for (const key of gone) {
    const [protocol, endpoint] = key.split(' ');
    const arn = context.service.subscriptionArn(TopicArn.split(':')[5], protocol, endpoint);
    if (arn !== undefined) context.service.unsubscribe({ SubscriptionArn: arn }, context.call);
  }
}

function changeTags(
  ResourceArn: string,
  before: TagList | undefined,
  after: TagList | undefined,
  { service, call }: ResourceContext<Sns>,
): void {
  const { added, removed } = tagChanges(before, after);
  if (removed.length > 0) service.untagResource({ ResourceArn, TagKeys: removed }, call);
  const Tags = Object.entries(added).map(([Key, Value]) => ({ Key, Value }));
  if (Tags.length > 0) service.tagResource({ ResourceArn, Tags }, call);
}
