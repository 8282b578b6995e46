import { CfnQueue, DeduplicationScope, FifoThroughputLimit, type IQueue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration, Token } from 'aws-cdk-lib/core';
import { known } from '../rules';

/** What can be told at synthesis about a queue, whoever made it. Undefined is unknown. */
export interface QueueFacts {
  /** Known of an imported queue when its name is. */
  readonly fifo?: boolean;
  /** How long it keeps messages. */
  readonly retention?: Duration;
  /** Its visibility timeout, unless that is derived later. */
  readonly visibility?: Duration;
  /** Only of FIFO queues. */
  readonly contentBasedDeduplication?: boolean;
  /** Encrypted with `alias/aws/sqs`. */
  readonly kmsManaged?: boolean;
  /** Limits throughput by message group, and deduplicates by queue. */
  readonly mismatchedThroughput?: boolean;
}

const DEFAULT_RETENTION_SECONDS = 345_600;
const DEFAULT_VISIBILITY_SECONDS = 30;
const AWS_MANAGED_KEY = 'alias/aws/sqs';

/** Reads a queue's properties where it is defined in this app. */
export function factsOf(queue: IQueue): QueueFacts {
  const resource = queue.node.defaultChild;
  if (!CfnQueue.isCfnQueue(resource)) {
    const fifo = queue.fifo || !Token.isUnresolved(queue.queueName) ? queue.fifo : undefined;
    return { fifo, kmsManaged: queue.encryptionType === QueueEncryption.KMS_MANAGED || undefined };
  }
  return {
    fifo: resource.fifoQueue === true,
    retention: seconds(known(resource.messageRetentionPeriod ?? DEFAULT_RETENTION_SECONDS)),
    visibility: seconds(known(resource.visibilityTimeout ?? DEFAULT_VISIBILITY_SECONDS)),
    contentBasedDeduplication: resource.contentBasedDeduplication === true,
    kmsManaged: resource.kmsMasterKeyId === AWS_MANAGED_KEY,
    mismatchedThroughput:
      resource.fifoThroughputLimit === FifoThroughputLimit.PER_MESSAGE_GROUP_ID &&
      resource.deduplicationScope !== DeduplicationScope.MESSAGE_GROUP,
  };
}

function seconds(amount: number | undefined): Duration | undefined {
  return amount === undefined ? undefined : Duration.seconds(amount);
}
