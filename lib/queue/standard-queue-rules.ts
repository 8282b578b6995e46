import { Token } from 'aws-cdk-lib/core';
import { isOutside, known, knownBytes, knownSeconds, type Rule } from '../rules';
import { type StandardQueueProps } from './standard-queue-props';

const MAX_DELAY = 900;
const MAX_VISIBILITY = 43_200;
const MIN_RETENTION = 60;
const MAX_RETENTION = 1_209_600;
const MAX_WAIT = 20;
const MIN_MESSAGE = 1_024;
const MAX_MESSAGE = 1_048_576;
const MAX_RECEIVES = 1_000;

/** What can be judged from the props alone. */
export const PROPS_RULES: readonly Rule<StandardQueueProps>[] = [
  {
    id: 'Spillway-Queue-NameInvalid',
    broken: ({ queueName: name }) =>
      name !== undefined && !Token.isUnresolved(name) && !/^[A-Za-z0-9_-]{1,80}$/.test(name),
    message: ({ queueName }) =>
      `queueName: got '${queueName}', allowed are 1 to 80 letters, digits, '-' and '_'; SQS refuses others, and keeps the ending '.fifo' for FIFO queues`,
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
      `maxReceiveCount: got ${maxReceiveCount}, allowed are whole numbers from 1 to 1,000; SQS refuses others`,
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

function isAtLeast(value: number | undefined, limit: number | undefined): boolean {
  return value !== undefined && limit !== undefined && value >= limit;
}

/** What is known once a consumer has been added, all in seconds. */
export interface VisibilityFacts {
  /** The consumer's class. */
  readonly consumer: string;
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
    id: 'Spillway-Queue-DerivedVisibilityOutlivesRetention',
    broken: ({ given, derived, retention }) => given === undefined && isAtLeast(derived, retention),
    message: ({ consumer, derived, retention }) =>
      `retentionPeriod: got ${retention} seconds, allowed with this ${consumer} is more than the visibility timeout that it needs (${derived} seconds); SQS accepts it, and a message whose consumer fails expires before its second try`,
  },
];
