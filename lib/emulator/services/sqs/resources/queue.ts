import type { Sqs } from '../sqs';
import { formatArn } from '../../../core';
import type { Json } from '../../../cloudformation/provider/json';
import {
  document,
  emulated,
  flag,
  inert,
  integer,
  naming,
  replacing,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagChanges, tagList, tagMap } from '../../../cloudformation/provider/tags';

const LONGEST_NAME = 80;
const notEncrypted = 'kept and told; nothing outside of SQS could tell the difference';

/** The properties that are queue attributes of the same name. */
const attributes = {
  ContentBasedDeduplication: emulated(flag),
  DeduplicationScope: emulated(text),
  DelaySeconds: emulated(integer),
  FifoQueue: replacing(emulated(flag)),
  FifoThroughputLimit: emulated(text),
  KmsDataKeyReusePeriodSeconds: emulated(integer),
  KmsMasterKeyId: emulated(text),
  MaximumMessageSize: emulated(integer),
  MessageRetentionPeriod: emulated(integer),
  ReceiveMessageWaitTimeSeconds: emulated(integer),
  RedriveAllowPolicy: emulated(document),
  RedrivePolicy: emulated(document),
  SqsManagedSseEnabled: inert(flag, notEncrypted),
  VisibilityTimeout: emulated(integer),
};

/**
 * The values of attributes that an update removes from the template; `''` removes the attribute. Some differ from the
 * defaults of CreateQueue.
 */
const DEFAULTS: Readonly<Record<Exclude<keyof typeof attributes, 'FifoQueue'>, string>> = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'messageGroup',
  DelaySeconds: '0',
  FifoThroughputLimit: 'perMessageGroupId',
  KmsDataKeyReusePeriodSeconds: '300',
  KmsMasterKeyId: '',
  MaximumMessageSize: '262144',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  RedriveAllowPolicy: '',
  RedrivePolicy: '',
  SqsManagedSseEnabled: 'false',
  VisibilityTimeout: '30',
};

const properties = { ...attributes, QueueName: naming(emulated(text)), Tags: emulated(tagList) };

export const sqsQueue = define({
  type: 'AWS::SQS::Queue',
  nameAttribute: 'QueueName',
  properties,
  unique: {
    name: nameOf,
    exists: (resource, context: ResourceContext<Sqs>) => context.service.queueNames().includes(nameOf(resource)),
  },
  create(resource, context: ResourceContext<Sqs>) {
    const { QueueName: _name, Tags, ...given } = resource.properties;
    const name = nameOf(resource);
    const texts = Object.entries(given).map(([attribute, value]): [string, string] => [attribute, textOf(value)]);
    const { QueueUrl = name } = context.service.createQueue(
      { QueueName: name, Attributes: Object.fromEntries(texts), tags: Tags && tagMap(Tags) },
      context.call,
    );
    return {
      ref: QueueUrl,
      attributes: { Arn: formatArn('sqs', context.region, context.account, name), QueueName: name, QueueUrl },
    };
  },
  update({ ref, attributes: told, properties: given, previous }, context: ResourceContext<Sqs>) {
    const changes: Record<string, string> = {};
    for (const [attribute, fallback] of Object.entries(DEFAULTS) as [keyof typeof DEFAULTS, string][]) {
      const [before, after] = [previous[attribute], given[attribute]].map(
        (value) => value !== undefined && textOf(value),
      );
      if (before !== after) changes[attribute] = after === false ? fallback : after;
    }
    // A KMS key replaces SQS-managed encryption and vice versa: setting both at once is rejected.
    if (given.KmsMasterKeyId !== undefined) delete changes.SqsManagedSseEnabled;
    if (Object.keys(changes).length > 0) {
      context.service.setQueueAttributes({ QueueUrl: ref, Attributes: changes }, context.call);
    }
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    if (removed.length > 0) context.service.untagQueue({ QueueUrl: ref, TagKeys: removed }, context.call);
    if (Object.keys(added).length > 0) context.service.tagQueue({ QueueUrl: ref, Tags: added }, context.call);
    return { ref, attributes: told };
  },
  delete({ ref }, context: ResourceContext<Sqs>) {
    unlessGone(() => context.service.deleteQueue({ QueueUrl: ref }, context.call), 'QueueDoesNotExist');
  },
});

function textOf(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function nameOf({ properties: { QueueName, FifoQueue }, name }: NewResource<Values<typeof properties>>): string {
  return QueueName ?? name({ longest: LONGEST_NAME, suffix: FifoQueue === true ? '.fifo' : '' });
}
