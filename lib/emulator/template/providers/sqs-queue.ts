import { formatArn } from '../../api';
import type { Json } from '../json';
import { document, emulated, flag, inert, integer, naming, replacing, text } from '../shapes';
import { define } from './define';
import { unlessGone } from './gone';
import { tagChanges, tagList, tagMap } from './tags';

const LONGEST_NAME = 80;
const notEncrypted = 'kept and told; nothing outside of SQS could tell the difference';

/** The properties that are attributes of the queue, under the same name. */
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

/** What an attribute is set to when a template no longer gives it; `''` takes it off. */
const DEFAULTS: Readonly<Record<keyof typeof attributes, string>> = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  DelaySeconds: '0',
  FifoQueue: 'false',
  FifoThroughputLimit: 'perQueue',
  KmsDataKeyReusePeriodSeconds: '300',
  KmsMasterKeyId: '',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  RedriveAllowPolicy: '',
  RedrivePolicy: '',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
};

export const sqsQueue = define({
  type: 'AWS::SQS::Queue',
  properties: { ...attributes, QueueName: naming(emulated(text)), Tags: emulated(tagList) },
  create(resource, cloud) {
    const { QueueName, Tags, ...given } = resource.properties;
    const suffix = given.FifoQueue === true ? '.fifo' : '';
    const name = QueueName ?? resource.name({ longest: LONGEST_NAME, suffix });
    const texts = Object.entries(given).flatMap(([attribute, value]): [string, string][] => {
      // FifoQueue=false says what a standard queue is; the API refuses it.
      if (attribute === 'FifoQueue' && value === false) return [];
      return [[attribute, textOf(value)]];
    });
    const { QueueUrl = name } = cloud.sqs.createQueue(
      { QueueName: name, Attributes: Object.fromEntries(texts), tags: Tags && tagMap(Tags) },
      cloud.call,
    );
    return {
      ref: QueueUrl,
      attributes: { Arn: formatArn('sqs', cloud.region, cloud.account, name), QueueName: name, QueueUrl },
    };
  },
  update({ ref, attributes: told, properties, previous }, cloud) {
    const changes: Record<string, string> = {};
    for (const [attribute, fallback] of Object.entries(DEFAULTS) as [keyof typeof attributes, string][]) {
      const [before, after] = [textOr(previous[attribute], fallback), textOr(properties[attribute], fallback)];
      if (before !== after) changes[attribute] = after;
    }
    // A key takes the place of SQS's own encryption, and the other way round: both at once are refused.
    if (properties.KmsMasterKeyId !== undefined) delete changes.SqsManagedSseEnabled;
    if (Object.keys(changes).length > 0) {
      cloud.sqs.setQueueAttributes({ QueueUrl: ref, Attributes: changes }, cloud.call);
    }
    const { added, removed } = tagChanges(previous.Tags, properties.Tags);
    if (removed.length > 0) cloud.sqs.untagQueue({ QueueUrl: ref, TagKeys: removed }, cloud.call);
    if (Object.keys(added).length > 0) cloud.sqs.tagQueue({ QueueUrl: ref, Tags: added }, cloud.call);
    return { ref, attributes: told };
  },
  delete({ ref }, cloud) {
    unlessGone(() => cloud.sqs.deleteQueue({ QueueUrl: ref }, cloud.call), 'QueueDoesNotExist');
  },
});

function textOf(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function textOr(value: Json | undefined, otherwise: string): string {
  return value === undefined ? otherwise : textOf(value);
}
