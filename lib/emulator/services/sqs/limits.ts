import { DAY, HOUR, MINUTE, SECOND } from '../../clock';

/**
 * The quotas and timings of SQS. The defaults are AWS's; each can be overridden by name, and `Infinity` disables a
 * limit. Where AWS documents "up to" a time, the default is 0, except where a delay has been observed. Times are in
 * milliseconds.
 */
export interface SqsLimits {
  /** Maximum size of a message, and of a batch's messages together, in bytes. */
  readonly messageSize: number;
  /** Maximum number of entries in a batch request, and of messages per receive. */
  readonly batchEntries: number;
  /** Maximum number of in-flight messages of a standard queue. */
  readonly inFlightStandard: number;
  /** Maximum number of in-flight messages of a FIFO queue. */
  readonly inFlightFifo: number;
  /** Maximum number of message attributes. */
  readonly messageAttributes: number;
  /** Maximum number of tags of a queue. */
  readonly tags: number;
  /** Maximum visibility timeout, including extensions. */
  readonly visibility: number;
  /** Maximum delay. */
  readonly delay: number;
  /** Maximum wait time of a long poll. */
  readonly wait: number;
  /** Minimum and maximum retention period. */
  readonly retentionMinimum: number;
  readonly retentionMaximum: number;
  /** Time until the name of a deleted queue can be used again. */
  readonly recreateAfter: number;
  /** Minimum time between two purges of a queue. */
  readonly purgeInterval: number;
  /** Time for which a FIFO queue remembers deduplication ids and receive request attempts. */
  readonly deduplicationWindow: number;
  /** Time until a changed deduplication scope or throughput limit of a FIFO queue takes effect. */
  readonly attributePropagation: number;
  /** Time until other changed attributes take effect; AWS: up to a minute. */
  readonly settingsPropagation: number;
  /** Time until a changed retention period takes effect; AWS: up to 15 minutes. */
  readonly retentionPropagation: number;
  /** Time until a new queue can be used; AWS asks callers to wait a second. */
  readonly creationTime: number;
  /** Time for which a deleted queue still responds; AWS: up to a minute. */
  readonly deletionTime: number;
  /** Duration of a purge, which also removes messages that are sent meanwhile; AWS: up to a minute. */
  readonly purgeTime: number;
  /** Time for which an unused, empty queue continues to emit metrics. */
  readonly metricActivity: number;
  /** Time until a queue that stopped emitting metrics emits them again after it is used; AWS: up to 15 minutes. */
  readonly metricWakeUp: number;
  /** Maximum maxReceiveCount of a redrive policy. */
  readonly maxReceiveCount: number;
  /** Maximum size of a queue policy, in bytes. */
  readonly policySize: number;
  /**
   * Maximum numbers of statements of a queue policy, of principals and conditions in all of them, and of actions in
   * each.
   */
  readonly policyStatements: number;
  readonly policyPrincipals: number;
  readonly policyConditions: number;
  readonly policyActions: number;
  /** Maximum number of source queues of a redrive allow policy. */
  readonly redriveAllowSources: number;
  /** Maximum number of active message move tasks of the account, their maximum duration, and their rate by default. */
  readonly moveTasks: number;
  readonly moveTaskTime: number;
  readonly moveTaskRate: number;
  /**
   * Maximum number of requests per second of each kind (send, receive, delete, change visibility) to a FIFO queue or a
   * partition.
   */
  readonly fifoTransactions: number;
  /** Number of partitions of a high-throughput FIFO queue. */
  readonly fifoPartitions: number;
  /** Maximum number of tagging requests per second. */
  readonly tagTransactions: number;
  /**
   * A group is noisy from this number of in-flight messages, and this share of all in-flight messages or of processing
   * time.
   */
  readonly noisyInFlight: number;
  readonly noisyShare: number;
  /** Time without in-flight messages after which a noisy group is quiet again. */
  readonly noisyRest: number;
  /** Period over which processing time counts for fair queues. */
  readonly processingWindow: number;
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
  settingsPropagation: 0,
  retentionPropagation: 0,
  creationTime: 0,
  deletionTime: 0,
  purgeTime: 0,
  metricActivity: 6 * HOUR,
  metricWakeUp: 0,
  maxReceiveCount: 1_000,
  policySize: 8_192,
  policyStatements: 20,
  policyPrincipals: 50,
  policyConditions: 10,
  policyActions: 7,
  redriveAllowSources: 10,
  moveTasks: 100,
  moveTaskTime: 36 * HOUR,
  moveTaskRate: 500,
  fifoTransactions: 300,
  fifoPartitions: 8,
  tagTransactions: 30,
  noisyInFlight: 30,
  noisyShare: 0.1,
  noisyRest: 5 * MINUTE,
  processingWindow: 5 * MINUTE,
};

// Requests per second of high-throughput FIFO queues, by Region; each partition accepts 300 of them.
const HIGH_THROUGHPUT: readonly (readonly [transactions: number, ...regions: string[]])[] = [
  [70_000, 'us-east-1', 'us-west-2', 'eu-west-1'],
  [19_000, 'us-east-2', 'eu-central-1'],
  [9_000, 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1'],
  [4_500, 'eu-west-2', 'sa-east-1'],
];

/** AWS's quotas in a Region. */
export function limitsOf(region: string): SqsLimits {
  const [transactions] = HIGH_THROUGHPUT.find(([, ...regions]) => regions.includes(region)) ?? [2_400];
  return { ...AWS_LIMITS, fifoPartitions: Math.floor(transactions / AWS_LIMITS.fifoTransactions) };
}
