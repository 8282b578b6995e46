import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type Duration } from 'aws-cdk-lib/core';
import { type MessageFilter } from '../consumer/message-filter';

/** Properties of a LambdaStreamConsumer. */
export interface LambdaStreamConsumerProps {
  /**
   * The most records in one invocation, 1 to 10,000. Lambda sends less than 6 MB at a time in any case.
   *
   * @default 100
   */
  readonly batchSize?: number;

  /**
   * For how long Lambda gathers records of a shard before it invokes the function, up to 5 minutes.
   *
   * @default Duration.seconds(0)
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * The most invocations at a time for each shard, 1 to 10. Records of one partition key stay in order.
   *
   * @default 1
   */
  readonly parallelizationFactor?: number;

  /**
   * Where in the stream the function begins: with the oldest record, with those that come after the deployment (which
   * leaves out what comes while Lambda still sets it up, minutes at times), or at `startingTimestamp`.
   *
   * @default StartingPosition.TRIM_HORIZON
   */
  readonly startingPosition?: StartingPosition;

  /**
   * With `StartingPosition.AT_TIMESTAMP`: from which instant on, in seconds since 1970.
   *
   * @default - none
   */
  readonly startingTimestamp?: number;

  /**
   * How often a batch that failed is tried again, 0 to 10,000 times. Until then it **blocks its shard**: no later record
   * is processed.
   *
   * @default 10
   */
  readonly retryAttempts?: number;

  /**
   * The oldest that a record gets before it is given up, 1 minute to 7 days, and less than the stream's retention
   * period, which is 24 hours for a table.
   *
   * @default Duration.days(1), of a table Duration.hours(12)
   */
  readonly maxRecordAge?: Duration;

  /**
   * Whether a batch that failed is halved and each half tried by itself, so that the one record which fails gets
   * isolated; that does not use up `retryAttempts`.
   *
   * @default true
   */
  readonly bisectBatchOnError?: boolean;

  /**
   * Whether the function reports the first record that failed, so that those before it are done. `processBatch` of
   * `cdk-spillway/runtime` knows queues only.
   *
   * @default true
   */
  readonly reportBatchItemFailures?: boolean;

  /**
   * Where it is noted which records were given up: a standard queue. It gets the shard and the sequence numbers, not
   * the records: these are read from the stream, while it keeps them.
   *
   * @default - a queue is created: 14 days' retention, encrypted, TLS only
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Which records invoke the function, by their data: those that match one of up to 5 filters (10 by request to AWS).
   * The others are passed over; other consumers get them.
   *
   * @default - all
   */
  readonly filters?: MessageFilter[];

  /**
   * The key that encrypts the filters, which are otherwise readable in the function's configuration.
   *
   * @default - a key of Lambda's
   */
  readonly filterEncryption?: IKey;

  /**
   * For how long the function adds up its results over invocations before it starts anew, 1 second to 15 minutes; it
   * returns and gets back its `state`.
   *
   * @default - no such windows
   */
  readonly tumblingWindow?: Duration;

  /**
   * Whether the function has 2 MB a second of each shard to itself, pushed within 70 ms or so, rather than sharing them
   * with all other readers. Costs by the shard, hour and gigabyte; a stream has room for 20 such consumers. Not for a
   * table. A later change replaces the event source mapping, and the new one begins at `startingPosition` again.
   *
   * @default false
   */
  readonly enhancedFanOut?: boolean;

  /**
   * Whether CloudWatch gets the numbers of records that were polled, filtered out, invoked with, failed and given up.
   *
   * @default false
   */
  readonly eventMetrics?: boolean;

  /**
   * Whether Lambda reads the stream.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
