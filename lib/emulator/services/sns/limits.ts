import { MINUTE, SECOND } from '../../clock';

/**
 * The quotas and timings of SNS. The defaults are AWS's; each can be overridden by name, and `Infinity` disables a
 * limit. Times are in milliseconds, sizes in bytes.
 */
export interface SnsLimits {
  /** Maximum number of standard topics, and of FIFO topics, of an account in a Region. */
  readonly standardTopics: number;
  readonly fifoTopics: number;
  /** Maximum number of subscriptions of a standard topic, and of a FIFO topic. */
  readonly subscriptions: number;
  readonly fifoSubscriptions: number;
  /** Maximum number of filter policies of a topic, and of an account in a Region. */
  readonly topicFilterPolicies: number;
  readonly accountFilterPolicies: number;
  /** Maximum number of tags of a topic. */
  readonly tags: number;
  /** Maximum number of messages in a batch. */
  readonly batchEntries: number;
  /** Maximum size of a message by default: a topic may set another. */
  readonly messageSize: number;
  /** Largest size that a topic may set. */
  readonly largestMessageSize: number;
  /** Time for which a FIFO topic remembers deduplication ids. */
  readonly deduplicationWindow: number;
  /** Maximum number of messages per second of a FIFO topic, or of a message group if that is its throughput scope. */
  readonly fifoTopicMessages: number;
  readonly fifoGroupMessages: number;
  /** Time until an unconfirmed subscription is deleted. */
  readonly confirmationWindow: number;
  /** Time for which SNS reuses a data key of a topic's KMS key. */
  readonly dataKeyReuse: number;
  /** Waits between the attempts to deliver to a queue or function. */
  readonly retries: RetrySchedule;
}

/** The waits between attempts, in the phases in which SNS makes them. */
export interface RetrySchedule {
  /** Attempts without a wait. */
  readonly immediate: number;
  /** Attempts with the shortest wait. */
  readonly preBackoff: number;
  /** Attempts with waits that grow from the shortest to the longest. */
  readonly backoff: number;
  /** Attempts with the longest wait. */
  readonly postBackoff: number;
  readonly shortest: number;
  readonly longest: number;
}

export const AWS_LIMITS: SnsLimits = {
  standardTopics: 100_000,
  fifoTopics: 1_000,
  subscriptions: 12_500_000,
  fifoSubscriptions: 100,
  topicFilterPolicies: 200,
  accountFilterPolicies: 10_000,
  tags: 50,
  batchEntries: 10,
  messageSize: 262_144,
  largestMessageSize: 1_048_576,
  deduplicationWindow: 5 * MINUTE,
  fifoTopicMessages: 3_000,
  fifoGroupMessages: 300,
  confirmationWindow: 3 * 24 * 60 * MINUTE,
  dataKeyReuse: 5 * MINUTE,
  retries: {
    immediate: 3,
    preBackoff: 2,
    backoff: 10,
    postBackoff: 100_000,
    shortest: SECOND,
    longest: 20 * SECOND,
  },
};
