import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type Duration, type RemovalPolicy } from 'aws-cdk-lib/core';
import { type StreamCapacity } from './stream-capacity';
import { type IStreamConsumer } from './stream-consumer';

/** Properties of a KinesisPipeline. */
export interface KinesisPipelineProps {
  /**
   * The stream's name: 1 to 128 letters, digits, `-`, `_` and `.`.
   *
   * @default - a name that CloudFormation makes, which lets it replace the stream
   */
  readonly streamName?: string;

  /**
   * How much the stream takes in.
   *
   * @default StreamCapacity.onDemand()
   */
  readonly capacity?: StreamCapacity;

  /**
   * For how long records can be read, and read again, 1 to 365 days. A dead-letter queue holds only where the records
   * are that a consumer has given up: they must still be there when somebody looks for them.
   *
   * @default Duration.days(7)
   */
  readonly retentionPeriod?: Duration;

  /**
   * The key that encrypts the records. Producers and consumers get the use of it with their grants.
   *
   * @default - the account's key `alias/aws/kinesis`, which other accounts can't use
   */
  readonly encryptionKey?: IKey;

  /**
   * What processes the records; more can be added with `addConsumer`. Each of them gets all records.
   *
   * @default - none
   */
  readonly consumers?: IStreamConsumer[];

  /**
   * What becomes of the stream when it leaves the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}
