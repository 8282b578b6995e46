import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type Duration } from 'aws-cdk-lib/core';
import { type AlarmNotificationProps, type AlarmOverrides } from './alarm-options';

/** The alarms of a queue, by name. */
export enum QueueAlarm {
  /** Messages have failed: the dead-letter queue has some. */
  DEAD_LETTER_QUEUE_NOT_EMPTY = 'DeadLetterQueueNotEmpty',
  /** Failed messages will soon be gone: the dead-letter queue is about to delete some. */
  DEAD_LETTER_QUEUE_EXPIRY = 'DeadLetterQueueExpiry',
  /** Services could not deliver messages to the queue: they are in its queue of undelivered messages. */
  UNDELIVERED = 'Undelivered',
  /** Messages wait for too long. */
  AGE_OF_OLDEST_MESSAGE = 'AgeOfOldestMessage',
  /** Messages are received over and over, and not deleted. */
  UNDELETED_RECEIVES = 'UndeletedReceives',
  /** So many messages are in flight that SQS will soon give out no more. */
  IN_FLIGHT_QUOTA = 'InFlightQuota',
  /** Of a fair queue: some tenants use more than their share. */
  NOISY_GROUPS = 'NoisyGroups',
  /** Of a FIFO queue: many messages wait while only one group is worked on. */
  BLOCKED_GROUPS = 'BlockedGroups',
  /** More messages wait than should. Exists if its options are given. */
  BACKLOG = 'Backlog',
  /** What waits takes too long to drain at the present rates. Exists if its options are given. */
  TIME_TO_DRAIN = 'TimeToDrain',
  /** Nobody has sent anything for a while. Exists if its options are given. */
  SILENT_PRODUCER = 'SilentProducer',
}

/** Properties of QueueAlarms. */
export interface QueueAlarmsProps extends AlarmNotificationProps {
  /** The queue to watch, also one that is defined elsewhere. */
  readonly queue: IQueue;

  /**
   * Its dead-letter queue.
   *
   * @default - the queue's own when it is defined in this app; otherwise the alarms on it are left out
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * The alarms to leave out.
   *
   * @default - none
   */
  readonly disabled?: QueueAlarm[];

  /**
   * Whether messages of the standard queue have groups, which makes it a fair queue, with an alarm on noisy ones.
   *
   * @default false
   */
  readonly fairQueue?: boolean;

  /**
   * How long the queue keeps messages: for one that is defined elsewhere. The longest, when several queues share the
   * dead-letter queue.
   *
   * @default - that of the queue in this app
   */
  readonly retentionPeriod?: Duration;

  /**
   * How long the dead-letter queue keeps messages: for one that is defined elsewhere.
   *
   * @default - that of the queue in this app
   */
  readonly deadLetterRetentionPeriod?: Duration;

  /**
   * Changes DeadLetterQueueNotEmpty; its unit is messages.
   *
   * @default - 1 message, in 1 of 1 minutes
   */
  readonly deadLetterQueueNotEmpty?: AlarmOverrides;

  /**
   * Changes DeadLetterQueueExpiry; its unit is seconds since the move to the dead-letter queue.
   *
   * @default - half of what is surely left after the move: the dead-letter queue's retention period, less that of a standard queue
   */
  readonly deadLetterQueueExpiry?: AlarmOverrides;

  /**
   * Changes AgeOfOldestMessage; its unit is seconds.
   *
   * @default - 900 seconds, in 5 of 5 minutes
   */
  readonly ageOfOldestMessage?: AlarmOverrides;

  /**
   * Changes UndeletedReceives; its unit is percent of the receives.
   *
   * @default - 10 percent, in 4 of 4 quarters of an hour, or of the visibility timeout when that is longer
   */
  readonly undeletedReceives?: AlarmOverrides;

  /**
   * Changes InFlightQuota; its unit is messages.
   *
   * @default - 96,000 messages, 80 percent of the quota, in 3 of 3 minutes
   */
  readonly inFlightQuota?: AlarmOverrides;

  /**
   * Changes NoisyGroups; its unit is groups.
   *
   * @default - 1 group, in 15 of 15 minutes
   */
  readonly noisyGroups?: AlarmOverrides;

  /**
   * Changes BlockedGroups; its unit is messages.
   *
   * @default - 100 messages, in 15 of 15 minutes
   */
  readonly blockedGroups?: AlarmOverrides;

  /**
   * Changes Undelivered; its unit is messages.
   *
   * @default - 1 message, in 1 of 1 minutes, if producers of a StandardQueue or FifoQueue leave messages in its
   * `undeliveredQueue` or `undeliveredFifoQueue`
   */
  readonly undelivered?: AlarmOverrides;

  /**
   * Adds Backlog; its unit is visible messages, and its threshold is required.
   *
   * @default - no such alarm; with options, in 15 of 15 minutes
   */
  readonly backlog?: AlarmOverrides;

  /**
   * Adds TimeToDrain; its unit is seconds.
   *
   * @default - no such alarm; with options, 3,600 seconds, in 15 of 15 minutes
   */
  readonly timeToDrain?: AlarmOverrides;

  /**
   * Adds SilentProducer, which goes off if fewer messages are sent than its threshold.
   *
   * @default - no such alarm; with options, fewer than 1 message, in 1 of 1 hours
   */
  readonly silentProducer?: AlarmOverrides;
}
