import { type IKey } from 'aws-cdk-lib/aws-kms';
import { CfnQueue, DeduplicationScope, type IQueue, QueueEncryption as SqsEncryption } from 'aws-cdk-lib/aws-sqs';
import { FeatureFlags, Resource, type Stack, Token } from 'aws-cdk-lib/core';
import { KMS_APPLY_IMPORTED_ALIAS_PERMISSIONS_TO_PRINCIPAL } from 'aws-cdk-lib/cx-api';
import { isOutside, known, knownBytes, knownSeconds, type Rule } from '../rules';
import { type MessageQueueProps } from './message-queue-props';
import { factsOf } from './queue-facts';

const MAX_DELAY = 900;
const MAX_VISIBILITY = 43_200;
const MIN_RETENTION = 60;
const MAX_RETENTION = 1_209_600;
const MAX_WAIT = 20;
const MIN_MESSAGE = 1_024;
const MAX_MESSAGE = 1_048_576;
const MAX_RECEIVES = 1_000;

const MIN_DATA_KEY_REUSE = 60;
const MAX_DATA_KEY_REUSE = 86_400;

/** What can be judged when a queue is made: its props, with the defaults that others depend on filled in. */
export interface QueueRuleFacts extends MessageQueueProps {
  /** Where the queue is. */
  readonly stack: Stack;
  /** Its kind. */
  readonly fifo: boolean;
  /** Its name, when one is given. */
  readonly queueName?: string;
  /** Of a FIFO queue. */
  readonly highThroughput?: boolean;
  /** Of a FIFO queue. */
  readonly deduplicationScope?: DeduplicationScope;
}

/** What can be judged from the props, and from the dead-letter queue and key among them. */
export const QUEUE_RULES: readonly Rule<QueueRuleFacts>[] = [
  {
    id: 'Spillway-Queue-NameInvalid',
    broken: ({ queueName: name, fifo }) =>
      name !== undefined &&
      !Token.isUnresolved(name) &&
      !(fifo ? /^[A-Za-z0-9_-]{1,75}\.fifo$/ : /^[A-Za-z0-9_-]{1,80}$/).test(name),
    message: ({ queueName, fifo }) =>
      fifo
        ? `queueName: got '${queueName}', allowed are 1 to 75 letters, digits, '-' and '_' and then '.fifo'; SQS refuses others`
        : `queueName: got '${queueName}', allowed are 1 to 80 letters, digits, '-' and '_'; SQS refuses others, and keeps the ending '.fifo' for FIFO queues`,
  },
  {
    id: 'Spillway-Queue-DelayOutOfRange',
    broken: ({ deliveryDelay }) => isOutside(knownSeconds(deliveryDelay), 0, MAX_DELAY),
    message: ({ deliveryDelay }) =>
      `deliveryDelay: got ${deliveryDelay?.toHumanString()}, allowed are whole seconds from 0 to 15 minutes; SQS refuses others`,
  },
  {
    id: 'Spillway-Queue-VisibilityOutOfRange',
    broken: ({ visibilityTimeout }) => isOutside(knownSeconds(visibilityTimeout), 0, MAX_VISIBILITY),
    message: ({ visibilityTimeout }) =>
      `visibilityTimeout: got ${visibilityTimeout?.toHumanString()}, allowed are whole seconds from 0 to 12 hours; SQS refuses others`,
  },
  {
    id: 'Spillway-Queue-RetentionOutOfRange',
    broken: ({ retentionPeriod }) => isOutside(knownSeconds(retentionPeriod), MIN_RETENTION, MAX_RETENTION),
    message: ({ retentionPeriod }) =>
      `retentionPeriod: got ${retentionPeriod?.toHumanString()}, allowed are whole seconds from 1 minute to 14 days; SQS refuses others`,
  },
  {
    id: 'Spillway-Queue-WaitTimeOutOfRange',
    broken: ({ receiveMessageWaitTime }) => isOutside(knownSeconds(receiveMessageWaitTime), 0, MAX_WAIT),
    message: ({ receiveMessageWaitTime }) =>
      `receiveMessageWaitTime: got ${receiveMessageWaitTime?.toHumanString()}, allowed are whole seconds from 0 to 20 seconds; SQS refuses others`,
  },
  {
    id: 'Spillway-Queue-MessageSizeOutOfRange',
    broken: ({ maxMessageSize }) => isOutside(knownBytes(maxMessageSize), MIN_MESSAGE, MAX_MESSAGE),
    message: ({ maxMessageSize }) =>
      `maxMessageSize: got ${knownBytes(maxMessageSize)} bytes, allowed are 1 KiB to 1 MiB; SQS refuses others`,
  },
  {
    id: 'Spillway-Queue-MaxReceiveCountOutOfRange',
    broken: ({ maxReceiveCount }) => isOutside(known(maxReceiveCount), 1, MAX_RECEIVES),
    message: ({ maxReceiveCount }) =>
      `maxReceiveCount: got ${maxReceiveCount}, allowed are whole numbers from 2 to 1,000; SQS refuses others`,
  },
  {
    id: 'Spillway-Redrive-SingleReceive',
    broken: ({ maxReceiveCount }) => known(maxReceiveCount) === 1,
    message: ({ maxReceiveCount }) =>
      `maxReceiveCount: got ${maxReceiveCount}, allowed are whole numbers from 2 to 1,000; SQS accepts it, and a healthy message whose consumer was throttled or terminated once is taken for failed`,
  },
  {
    id: 'Spillway-Queue-DataKeyReuseOutOfRange',
    broken: ({ dataKeyReuse }) => isOutside(knownSeconds(dataKeyReuse), MIN_DATA_KEY_REUSE, MAX_DATA_KEY_REUSE),
    message: ({ dataKeyReuse }) =>
      `dataKeyReuse: got ${dataKeyReuse?.toHumanString()}, allowed are whole seconds from 1 minute to 24 hours; SQS refuses others`,
  },
  {
    id: 'Spillway-Queue-DataKeyReuseWithoutKey',
    broken: ({ dataKeyReuse, encryption }) =>
      dataKeyReuse !== undefined && (encryption === undefined || encryption._type === SqsEncryption.SQS_MANAGED),
    message: ({ dataKeyReuse }) =>
      `dataKeyReuse: got ${dataKeyReuse?.toHumanString()} with QueueEncryption.sqsManaged(), allowed is none, or another encryption: customerManaged() or kmsManaged(); SQS ignores it where no key of KMS is used`,
  },
  {
    id: 'Spillway-Queue-KeyIsImportedAlias',
    broken: ({ encryption, stack }) => grantsNothing(encryption?._key, stack),
    message: ({ encryption }) =>
      `encryption: got a key imported by its alias (${encryption?._key?.keyId}), allowed are keys of this app and Key.fromKeyArn(); grants on such a key do nothing, so that SQS would refuse all who send and receive. With the feature flag ${KMS_APPLY_IMPORTED_ALIAS_PERMISSIONS_TO_PRINCIPAL} it can be used`,
  },
  {
    id: 'Spillway-Queue-NameTaken',
    broken: ({ queueName, deadLetterQueue }) =>
      queueName !== undefined && !Token.isUnresolved(queueName) && nameOf(deadLetterQueue) === queueName,
    message: ({ queueName, deadLetterQueue }) =>
      `queueName: got '${queueName}', which is the name of the dead-letter queue ${deadLetterQueue?.node.path} as well, allowed is another; a queue would be its own dead-letter queue`,
  },
  {
    id: 'Spillway-Queue-KeyOtherRegion',
    broken: ({ encryption, stack }) =>
      encryption?._key !== undefined && differs(encryption._key.env.region, stack.region),
    message: ({ encryption, stack }) =>
      `encryption: got the key ${encryption?._key?.node.path} in ${encryption?._key?.env.region}, allowed is a key in ${stack.region}, the queue's Region; SQS refuses others`,
  },
  {
    id: 'Spillway-Redrive-KindMismatch',
    broken: ({ deadLetterQueue, fifo }) => deadLetterQueue !== undefined && factsOf(deadLetterQueue).fifo === !fifo,
    message: ({ deadLetterQueue, fifo }) =>
      `deadLetterQueue: got the ${kindOf(!fifo)} queue ${deadLetterQueue?.node.path}, allowed is a ${kindOf(fifo)} queue as this is; SQS refuses others`,
  },
  {
    id: 'Spillway-Redrive-RetentionShorter',
    // Of a FIFO queue the age starts anew in the dead-letter queue.
    broken: ({ deadLetterQueue, retentionPeriod, fifo }) =>
      !fifo && isBelow(retentionOf(deadLetterQueue), knownSeconds(retentionPeriod)),
    message: ({ deadLetterQueue, retentionPeriod }) =>
      `retentionPeriod: got ${retentionPeriod?.toHumanString()}, allowed is up to the retention of the dead-letter queue ${deadLetterQueue?.node.path} (${retentionOf(deadLetterQueue)} seconds); messages take their age along, and SQS deletes there at once what has waited here for longer`,
  },
  {
    id: 'Spillway-Redrive-OtherRegion',
    broken: ({ deadLetterQueue, stack }) =>
      deadLetterQueue !== undefined && differs(deadLetterQueue.env.region, stack.region),
    message: ({ deadLetterQueue, stack }) =>
      `deadLetterQueue: got ${deadLetterQueue?.node.path} of ${deadLetterQueue?.env.region}, allowed is one of the same Region (${stack.region}); SQS refuses others`,
  },
  {
    id: 'Spillway-Redrive-OtherAccount',
    broken: ({ deadLetterQueue, stack }) =>
      deadLetterQueue !== undefined && differs(deadLetterQueue.env.account, stack.account),
    message: ({ deadLetterQueue, stack }) =>
      `deadLetterQueue: got ${deadLetterQueue?.node.path} of account ${deadLetterQueue?.env.account}, allowed is one of the same account (${stack.account}); SQS refuses others`,
  },
  {
    id: 'Spillway-Queue-GroupThroughputNeedsGroupScope',
    broken: ({ highThroughput, deduplicationScope }) =>
      highThroughput === true && deduplicationScope === DeduplicationScope.QUEUE,
    message: ({ deduplicationScope }) =>
      `deduplicationScope: got ${deduplicationScope}, allowed with highThroughput is DeduplicationScope.MESSAGE_GROUP, the default then; SQS refuses to limit throughput by group and deduplicate by queue`,
  },
  {
    id: 'Spillway-Queue-DelayOutlivesRetention',
    broken: ({ deliveryDelay, retentionPeriod }) =>
      isAtLeast(knownSeconds(deliveryDelay), knownSeconds(retentionPeriod)),
    message: ({ deliveryDelay, retentionPeriod }) =>
      `deliveryDelay: got ${deliveryDelay?.toHumanString()}, allowed is less than retentionPeriod (${retentionPeriod?.toHumanString()}); SQS accepts it, and deletes each message before anyone can receive it`,
  },
  {
    id: 'Spillway-Queue-VisibilityOutlivesRetention',
    broken: ({ visibilityTimeout, retentionPeriod }) =>
      isAtLeast(knownSeconds(visibilityTimeout), knownSeconds(retentionPeriod)),
    message: ({ visibilityTimeout, retentionPeriod }) =>
      `visibilityTimeout: got ${visibilityTimeout?.toHumanString()}, allowed is less than retentionPeriod (${retentionPeriod?.toHumanString()}); SQS accepts it, and a message whose consumer fails expires before its second try`,
  },
];

/** The name that a queue of this app is given, or that an imported one has. */
function nameOf(queue: IQueue | undefined): string | undefined {
  const resource = queue?.node.defaultChild;
  return CfnQueue.isCfnQueue(resource) ? resource.queueName : queue?.queueName;
}

function kindOf(fifo: boolean): string {
  return fifo ? 'FIFO' : 'standard';
}

function retentionOf(queue: IQueue | undefined): number | undefined {
  return queue === undefined ? undefined : knownSeconds(factsOf(queue).retention);
}

/** Whether two values are known and not the same. */
export function differs(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}

/** CDK knows of an imported alias neither the key nor its policy. */
function grantsNothing(key: IKey | undefined, stack: Stack): boolean {
  return (
    key !== undefined &&
    !Resource.isOwnedResource(key) &&
    /(^|:)alias\//.test(key.keyId) &&
    !FeatureFlags.of(stack).isEnabled(KMS_APPLY_IMPORTED_ALIAS_PERMISSIONS_TO_PRINCIPAL)
  );
}

function isBelow(value: number | undefined, limit: number | undefined): boolean {
  return value !== undefined && limit !== undefined && value < limit;
}

function isAtLeast(value: number | undefined, limit: number | undefined): boolean {
  return value !== undefined && limit !== undefined && value >= limit;
}

/** What is known once a consumer has been added, all in seconds. */
export interface VisibilityFacts {
  /** The consumer's class. */
  readonly consumer: string;
  /** Whether it is left to the consumer, whose needs are known only at deployment. */
  readonly underivable: boolean;
  /** The queue's own, when its props give it. */
  readonly given?: number;
  /** What the consumer suggests. */
  readonly derived?: number;
  /** The least that the consumer works with. */
  readonly minimum?: number;
  /** The queue's retention period. */
  readonly retention?: number;
  /** What happens below the minimum. */
  readonly reason: string;
}

/** What a queue and its consumer must agree on. */
export const VISIBILITY_RULES: readonly Rule<VisibilityFacts>[] = [
  {
    id: 'Spillway-Queue-VisibilityUnknown',
    broken: ({ underivable }) => underivable,
    message: ({ consumer, reason }) =>
      `visibilityTimeout: got none, needed with this ${consumer}, whose own times are known only at deployment: nothing can be derived from them; ${reason}`,
  },
  {
    id: 'Spillway-Queue-VisibilityTooShort',
    broken: ({ given, minimum }) => given !== undefined && minimum !== undefined && given < minimum,
    message: ({ consumer, given, minimum, reason }) =>
      `visibilityTimeout: got ${given} seconds, allowed with this ${consumer} are ${minimum} seconds and more, or none to have it derived; ${reason}`,
  },
  {
    id: 'Spillway-Queue-ConsumerTooSlow',
    broken: ({ given, minimum }) => given === undefined && minimum !== undefined && minimum > MAX_VISIBILITY,
    message: ({ consumer, minimum, reason }) =>
      `visibilityTimeout: this ${consumer} needs ${minimum} seconds, allowed are up to 12 hours; ${reason}`,
  },
  {
    id: 'Spillway-Queue-VisibilityOutlivesRetention',
    broken: ({ given, derived, retention }) => given === undefined && isAtLeast(derived, retention),
    message: ({ consumer, derived, retention }) =>
      `retentionPeriod: got ${retention} seconds, allowed with this ${consumer} is more than the visibility timeout that it needs (${derived} seconds); SQS accepts it, and a message whose consumer fails expires before its second try`,
  },
];
