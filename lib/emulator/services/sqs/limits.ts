import { DAY, HOUR, MINUTE, SECOND } from '../../clock';

/**
 * What SQS allows. The defaults are AWS's; each may be overridden by name, and `Infinity` switches a limit off. Where AWS
 * says "up to", the default is that it happens at once, but for what was seen to take its time. Times are in milliseconds.
 */
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
  /** How long a change of a FIFO queue's deduplication scope or throughput limit takes to act. */
  readonly attributePropagation: number;
  /** How long a change of the other attributes takes to act; AWS: up to a minute. */
  readonly settingsPropagation: number;
  /** How long a change of the retention period takes to act; AWS: up to 15 minutes. */
  readonly retentionPropagation: number;
  /** How long after its creation a queue can't be used yet; AWS asks callers to wait a second. */
  readonly creationTime: number;
  /** How long a deleted queue still answers; AWS: up to a minute. */
  readonly deletionTime: number;
  /** How long a purge takes, which also removes what is sent in the meantime; AWS: up to a minute. */
  readonly purgeTime: number;
  /** How long an unused, empty queue goes on emitting metrics. */
  readonly metricActivity: number;
  /** How long a queue that emitted no metrics takes to emit them again once it is used; AWS: up to 15 minutes. */
  readonly metricWakeUp: number;
  /** The most receives that a redrive policy may allow. */
  readonly maxReceiveCount: number;
  /** Bytes of a queue policy. */
  readonly policySize: number;
  /** Statements of a queue policy; principals and conditions of all of them; actions of each. */
  readonly policyStatements: number;
  readonly policyPrincipals: number;
  readonly policyConditions: number;
  readonly policyActions: number;
  /** Source queues that a redrive allow policy may name. */
  readonly redriveAllowSources: number;
  /** Message move tasks of the account that may run at once, how long one may run, and how fast without a rate. */
  readonly moveTasks: number;
  readonly moveTaskTime: number;
  readonly moveTaskRate: number;
  /** Requests per second of each kind (send, receive, delete, change of visibility) to a FIFO queue or a partition. */
  readonly fifoTransactions: number;
  /** Partitions of a high-throughput FIFO queue. */
  readonly fifoPartitions: number;
  /** Requests per second that deal with tags. */
  readonly tagTransactions: number;
  /** Messages in flight, and the share of all those in flight or of the time spent on messages, that make a group noisy. */
  readonly noisyInFlight: number;
  readonly noisyShare: number;
  /** How long a noisy group has nothing in flight until it is quiet. */
  readonly noisyRest: number;
  /** How far back the time spent on messages counts for fair queues. */
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

// Requests per second of high-throughput FIFO queues, by region; each partition takes 300 of them.
const HIGH_THROUGHPUT: readonly (readonly [transactions: number, ...regions: string[]])[] = [
  [70_000, 'us-east-1', 'us-west-2', 'eu-west-1'],
  [19_000, 'us-east-2', 'eu-central-1'],
  [9_000, 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1'],
  [4_500, 'eu-west-2', 'sa-east-1'],
];

/** AWS's limits in one region. */
export function limitsOf(region: string): SqsLimits {
  const [transactions] = HIGH_THROUGHPUT.find(([, ...regions]) => regions.includes(region)) ?? [2_400];
  return { ...AWS_LIMITS, fifoPartitions: Math.floor(transactions / AWS_LIMITS.fifoTransactions) };
}
