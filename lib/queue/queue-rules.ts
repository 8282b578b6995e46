import { type IKey } from 'aws-cdk-lib/aws-kms';
import { CfnQueue, DeduplicationScope, type IQueue, QueueEncryption as SqsEncryption } from 'aws-cdk-lib/aws-sqs';
import { FeatureFlags, Resource, type Stack, Token } from 'aws-cdk-lib/core';
import { KMS_APPLY_IMPORTED_ALIAS_PERMISSIONS_TO_PRINCIPAL } from 'aws-cdk-lib/cx-api';
import { isOutside, known, knownBytes, knownSeconds, type Rule } from '../rules';
import { QUEUE_LIMITS, TEXTS } from '../rules/texts';
import { type MessageQueueProps } from './message-queue-props';
import { factsOf } from './queue-facts';

const [, MAX_VISIBILITY] = QUEUE_LIMITS.visibility;

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
    broken: ({ queueName: name }) =>
      name !== undefined && !Token.isUnresolved(name) && !/^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/.test(name),
    message: ({ queueName, fifo }) => `queueName ${TEXTS['Spillway-Queue-NameInvalid']({ got: queueName, fifo })}`,
  },
  {
    id: 'Spillway-Queue-NameKindMismatch',
    broken: ({ queueName: name, fifo }) =>
      name !== undefined && !Token.isUnresolved(name) && name.endsWith('.fifo') !== fifo,
    message: ({ queueName, fifo }) => `queueName ${TEXTS['Spillway-Queue-NameKindMismatch']({ got: queueName, fifo })}`,
  },
  {
    id: 'Spillway-Queue-DelayOutOfRange',
    broken: ({ deliveryDelay }) => isOutside(knownSeconds(deliveryDelay), ...QUEUE_LIMITS.delay),
    message: ({ deliveryDelay }) =>
      `deliveryDelay ${TEXTS['Spillway-Queue-DelayOutOfRange']({ got: knownSeconds(deliveryDelay) })}`,
  },
  {
    id: 'Spillway-Queue-VisibilityOutOfRange',
    broken: ({ visibilityTimeout }) => isOutside(knownSeconds(visibilityTimeout), ...QUEUE_LIMITS.visibility),
    message: ({ visibilityTimeout }) =>
      `visibilityTimeout ${TEXTS['Spillway-Queue-VisibilityOutOfRange']({ got: knownSeconds(visibilityTimeout) })}`,
  },
  {
    id: 'Spillway-Queue-RetentionOutOfRange',
    broken: ({ retentionPeriod }) => isOutside(knownSeconds(retentionPeriod), ...QUEUE_LIMITS.retention),
    message: ({ retentionPeriod }) =>
      `retentionPeriod ${TEXTS['Spillway-Queue-RetentionOutOfRange']({ got: knownSeconds(retentionPeriod) })}`,
  },
  {
    id: 'Spillway-Queue-WaitTimeOutOfRange',
    broken: ({ receiveMessageWaitTime }) => isOutside(knownSeconds(receiveMessageWaitTime), ...QUEUE_LIMITS.waitTime),
    message: ({ receiveMessageWaitTime }) =>
      `receiveMessageWaitTime ${TEXTS['Spillway-Queue-WaitTimeOutOfRange']({ got: knownSeconds(receiveMessageWaitTime) })}`,
  },
  {
    id: 'Spillway-Queue-MessageSizeOutOfRange',
    broken: ({ maxMessageSize }) => isOutside(knownBytes(maxMessageSize), ...QUEUE_LIMITS.messageSize),
    message: ({ maxMessageSize }) =>
      `maxMessageSize ${TEXTS['Spillway-Queue-MessageSizeOutOfRange']({ got: knownBytes(maxMessageSize) })}`,
  },
  {
    id: 'Spillway-Queue-MaxReceiveCountOutOfRange',
    broken: ({ maxReceiveCount }) => isOutside(known(maxReceiveCount), ...QUEUE_LIMITS.receives),
    message: ({ maxReceiveCount }) =>
      `maxReceiveCount ${TEXTS['Spillway-Queue-MaxReceiveCountOutOfRange']({ got: maxReceiveCount })}`,
  },
  {
    id: 'Spillway-Redrive-SingleReceive',
    broken: ({ maxReceiveCount }) => known(maxReceiveCount) === 1,
    message: () => `maxReceiveCount ${TEXTS['Spillway-Redrive-SingleReceive']()}`,
  },
  {
    id: 'Spillway-Queue-DataKeyReuseOutOfRange',
    broken: ({ dataKeyReuse }) => isOutside(knownSeconds(dataKeyReuse), ...QUEUE_LIMITS.dataKeyReuse),
    message: ({ dataKeyReuse }) =>
      `dataKeyReuse ${TEXTS['Spillway-Queue-DataKeyReuseOutOfRange']({ got: knownSeconds(dataKeyReuse) })}`,
  },
  {
    id: 'Spillway-Queue-DataKeyReuseWithoutKey',
    broken: ({ dataKeyReuse, encryption }) =>
      dataKeyReuse !== undefined && (encryption === undefined || encryption._type === SqsEncryption.SQS_MANAGED),
    message: ({ dataKeyReuse }) =>
      `dataKeyReuse ${TEXTS['Spillway-Queue-DataKeyReuseWithoutKey']({ got: knownSeconds(dataKeyReuse) ?? 'some' })}`,
  },
  {
    id: 'Spillway-Queue-KeyIsImportedAlias',
    broken: ({ encryption, stack }) => grantsNothing(encryption?._key, stack),
    message: ({ encryption }) =>
      `encryption must have a key of this app or of Key.fromKeyArn(), but had one imported by its alias (${encryption?._key?.keyId}); grants on such a key do nothing, so SQS would refuse all who send and receive. With the feature flag ${KMS_APPLY_IMPORTED_ALIAS_PERMISSIONS_TO_PRINCIPAL} it can be used`,
  },
  {
    id: 'Spillway-Queue-NameTaken',
    broken: ({ queueName, deadLetterQueue }) =>
      queueName !== undefined && !Token.isUnresolved(queueName) && nameOf(deadLetterQueue) === queueName,
    message: ({ queueName, deadLetterQueue }) =>
      `queueName must differ from that of the dead-letter queue ${deadLetterQueue?.node.path}, but was '${queueName}' as well; the queue would be its own dead-letter queue`,
  },
  {
    id: 'Spillway-Queue-KeyOtherRegion',
    broken: ({ encryption, stack }) =>
      encryption?._key !== undefined && differs(encryption._key.env.region, stack.region),
    message: ({ encryption, stack }) =>
      `encryption must have a key in ${stack.region}, the queue's Region, but had ${encryption?._key?.node.path} in ${encryption?._key?.env.region}; SQS refuses others`,
  },
  {
    id: 'Spillway-Redrive-KindMismatch',
    broken: ({ deadLetterQueue, fifo }) => deadLetterQueue !== undefined && factsOf(deadLetterQueue).fifo === !fifo,
    message: ({ deadLetterQueue, fifo }) =>
      `deadLetterQueue ${TEXTS['Spillway-Redrive-KindMismatch']({ deadLetters: deadLetterQueue?.node.path, fifo })}`,
  },
  {
    id: 'Spillway-Redrive-RetentionShorter',
    // Of a FIFO queue the age starts anew in the dead-letter queue.
    broken: ({ deadLetterQueue, retentionPeriod, fifo }) =>
      !fifo && isBelow(retentionOf(deadLetterQueue), knownSeconds(retentionPeriod)),
    message: ({ deadLetterQueue, retentionPeriod }) =>
      `deadLetterQueue ${TEXTS['Spillway-Redrive-RetentionShorter']({ deadLetters: deadLetterQueue?.node.path, got: retentionOf(deadLetterQueue), retention: knownSeconds(retentionPeriod) })}`,
  },
  {
    id: 'Spillway-Redrive-OtherRegion',
    broken: ({ deadLetterQueue, stack }) =>
      deadLetterQueue !== undefined && differs(deadLetterQueue.env.region, stack.region),
    message: ({ deadLetterQueue, stack }) =>
      `deadLetterQueue ${TEXTS['Spillway-Redrive-OtherRegion']({ deadLetters: deadLetterQueue?.node.path, got: deadLetterQueue?.env.region, wanted: stack.region })}`,
  },
  {
    id: 'Spillway-Redrive-OtherAccount',
    broken: ({ deadLetterQueue, stack }) =>
      deadLetterQueue !== undefined && differs(deadLetterQueue.env.account, stack.account),
    message: ({ deadLetterQueue, stack }) =>
      `deadLetterQueue ${TEXTS['Spillway-Redrive-OtherAccount']({ deadLetters: deadLetterQueue?.node.path, got: deadLetterQueue?.env.account, wanted: stack.account })}`,
  },
  {
    id: 'Spillway-Queue-GroupThroughputNeedsGroupScope',
    broken: ({ highThroughput, deduplicationScope }) =>
      highThroughput === true && deduplicationScope === DeduplicationScope.QUEUE,
    message: ({ deduplicationScope }) =>
      `deduplicationScope ${TEXTS['Spillway-Queue-GroupThroughputNeedsGroupScope']({ got: deduplicationScope })}`,
  },
  {
    id: 'Spillway-Queue-DelayOutlivesRetention',
    broken: ({ deliveryDelay, retentionPeriod }) =>
      isAtLeast(knownSeconds(deliveryDelay), knownSeconds(retentionPeriod)),
    message: ({ deliveryDelay, retentionPeriod }) =>
      `deliveryDelay ${TEXTS['Spillway-Queue-DelayOutlivesRetention']({ got: knownSeconds(deliveryDelay), retention: knownSeconds(retentionPeriod) })}`,
  },
  {
    id: 'Spillway-Queue-VisibilityOutlivesRetention',
    broken: ({ visibilityTimeout, retentionPeriod }) =>
      isAtLeast(knownSeconds(visibilityTimeout), knownSeconds(retentionPeriod)),
    message: ({ visibilityTimeout, retentionPeriod }) =>
      `visibilityTimeout ${TEXTS['Spillway-Queue-VisibilityOutlivesRetention']({ got: knownSeconds(visibilityTimeout), retention: knownSeconds(retentionPeriod) })}`,
  },
];

/** The name that a queue of this app is given, or that an imported one has. */
function nameOf(queue: IQueue | undefined): string | undefined {
  const resource = queue?.node.defaultChild;
  return CfnQueue.isCfnQueue(resource) ? resource.queueName : queue?.queueName;
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
      `visibilityTimeout must be given with this ${consumer}, whose own times are known only at deployment, so nothing can be derived from them; ${reason}`,
  },
  {
    id: 'Spillway-Queue-VisibilityTooShort',
    broken: ({ given, minimum }) => given !== undefined && minimum !== undefined && given < minimum,
    message: ({ consumer, given, minimum, reason }) =>
      `visibilityTimeout must be at least ${minimum} seconds with this ${consumer}, or left out to have it derived, but was ${given} seconds; ${reason}`,
  },
  {
    id: 'Spillway-Queue-ConsumerTooSlow',
    broken: ({ given, minimum }) => given === undefined && minimum !== undefined && minimum > MAX_VISIBILITY,
    message: ({ consumer, minimum, reason }) =>
      `visibilityTimeout must be at most 12 hours, but this ${consumer} needs ${minimum} seconds; ${reason}`,
  },
  {
    id: 'Spillway-Queue-VisibilityOutlivesRetention',
    broken: ({ given, derived, retention }) => given === undefined && isAtLeast(derived, retention),
    message: ({ consumer, derived, retention }) =>
      `visibilityTimeout (as this ${consumer} needs it) ${TEXTS['Spillway-Queue-VisibilityOutlivesRetention']({ got: derived, retention })}`,
  },
];
