import { DAY, HOUR, MINUTE, SECOND } from '../clock';

/** What SQS allows. The defaults are AWS's; each may be overridden by name. Times are in milliseconds. */
export interface SqsLimits {
  /** The largest message, and the largest sum of a batch's messages, in bytes. */
  readonly messageSize: number;
  /** Entries of a batch request, and messages of one receive. */
  readonly batchEntries: number;
  /** Messages in flight in one standard queue. */
  readonly inFlightStandard: number;
  /** Messages in flight in one FIFO queue. */
  readonly inFlightFifo: number;
  /** Message attributes of one message. */
  readonly messageAttributes: number;
  /** Tags of one queue. */
  readonly tags: number;
  /** The longest time a receive may hide a message, all extensions included. */
  readonly visibility: number;
  /** The longest delay. */
  readonly delay: number;
  /** The longest long poll. */
  readonly wait: number;
  /** The shortest and the longest retention. */
  readonly retentionMinimum: number;
  readonly retentionMaximum: number;
  /** How long a deleted queue's name stays taken. */
  readonly recreateAfter: number;
  /** The least time between two purges of a queue. */
  readonly purgeInterval: number;
  /** How long a FIFO queue remembers a deduplication id, or a receive request attempt. */
  readonly deduplicationWindow: number;
  /** How long a change of a FIFO queue's deduplication scope takes to act. */
  readonly attributePropagation: number;
  /** How long an unused, empty queue goes on emitting metrics. */
  readonly metricActivity: number;
  /** The most receives that a redrive policy may allow. */
  readonly maxReceiveCount: number;
  /** Bytes of a queue policy. */
  readonly policySize: number;
  /** Source queues that a redrive allow policy may name. */
  readonly redriveAllowSources: number;
}

export const AWS_LIMITS: SqsLimits = {
  messageSize: 1_048_576,
  batchEntries: 10,
  inFlightStandard: 120_000,
  inFlightFifo: 120_000,
  messageAttributes: 10,
  tags: 50,
  visibility: 12 * HOUR,
  delay: 15 * MINUTE,
  wait: 20 * SECOND,
  retentionMinimum: MINUTE,
  retentionMaximum: 14 * DAY,
  recreateAfter: MINUTE,
  purgeInterval: MINUTE,
  deduplicationWindow: 5 * MINUTE,
  attributePropagation: MINUTE,
  metricActivity: 6 * HOUR,
  maxReceiveCount: 1_000,
  policySize: 8_192,
  redriveAllowSources: 10,
};
