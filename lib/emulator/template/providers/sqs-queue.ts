import { formatArn } from '../../api';
import { document, emulated, flag, inert, integer, text } from '../shapes';
import { define } from './define';
import { tagList, tagMap } from './tags';

const LONGEST_NAME = 80;
const notEncrypted = 'kept and told; nothing outside of SQS could tell the difference';

/** The properties that are attributes of the queue, under the same name. */
const attributes = {
  ContentBasedDeduplication: emulated(flag),
  DeduplicationScope: emulated(text),
  DelaySeconds: emulated(integer),
  FifoQueue: emulated(flag),
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

export const sqsQueue = define({
  type: 'AWS::SQS::Queue',
  properties: { ...attributes, QueueName: emulated(text), Tags: emulated(tagList) },
  create(resource, cloud) {
    const { QueueName, Tags, ...given } = resource.properties;
    const suffix = given.FifoQueue === true ? '.fifo' : '';
    const name = QueueName ?? resource.name({ longest: LONGEST_NAME, suffix });
    const texts = Object.entries(given).flatMap(([attribute, value]): [string, string][] => {
      // FifoQueue=false says what a standard queue is; the API refuses it.
      if (attribute === 'FifoQueue' && value === false) return [];
      return [[attribute, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
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
});
