import { DAY, HOUR, MINUTE, SECOND } from '../../clock';

/** Kinesis's quotas and timings. */
export interface KinesisLimits {
  /** Records that a shard takes per second. */
  readonly recordsPerSecond: number;
  /** Bytes of data and partition keys that a shard takes per second. */
  readonly writtenBytesPerSecond: number;
  /** Bytes that GetRecords reads of a shard per second. */
  readonly readBytesPerSecond: number;
  /** GetRecords requests per second and shard. */
  readonly readsPerSecond: number;
  /** Provisioned shards of an account and Region. */
  readonly shards: number;
  /**
   * How long a stream is CREATING, UPDATING or DELETING, and a consumer CREATING or DELETING, in milliseconds. AWS takes
   * up to a minute and documents no figure.
   */
  readonly transition: number;
}

const MEBIBYTE = 2 ** 20;

export const AWS_LIMITS: KinesisLimits = {
  recordsPerSecond: 1_000,
  writtenBytesPerSecond: MEBIBYTE,
  readBytesPerSecond: 2 * MEBIBYTE,
  readsPerSecond: 5,
  shards: 20_000,
  transition: SECOND,
};

/** Limits that do not depend on the account. */
export const LIMITS = {
  recordKibibytes: { least: 1_024, most: 10_240 },
  batchRecords: 500,
  batchBytes: 10 * MEBIBYTE,
  readRecords: 10_000,
  readBytes: 10 * MEBIBYTE,
  iteratorLifetime: 5 * MINUTE,
  tokenLifetime: 300 * SECOND,
  retentionHours: { least: 24, most: 8_760 },
  consumers: 20,
  consumersInCreation: 5,
  resizesPerDay: 10,
  modeChangesPerDay: 2,
  tags: 50,
  onDemandShards: 4,
  onDemandStreams: 50,
  subscription: 5 * MINUTE,
  /** The time before the same consumer can subscribe to a shard again. */
  resubscription: 5 * SECOND,
  dataKeyReuse: 5 * MINUTE,
  day: DAY,
  hour: HOUR,
} as const;
