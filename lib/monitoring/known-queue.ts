import { CfnQueue, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Token } from 'aws-cdk-lib/core';

const DEFAULT_RETENTION = 345_600;

/** What the app says about a queue. */
export interface KnownQueue {
  /** Its retention period in seconds; undefined when the queue is defined elsewhere. */
  readonly retention?: number;
  /** Its visibility timeout in seconds, when it is known already. */
  readonly visibility?: number;
  /** Its dead-letter queue, when the app's own L2 has one. */
  readonly deadLetterQueue?: IQueue;
}

/** Reads a queue of this app, and little of one that is defined elsewhere. */
export function knownQueue(queue: IQueue): KnownQueue {
  const { deadLetterQueue } = queue as IQueue & { readonly deadLetterQueue?: { readonly queue: IQueue } };
  const resource = queue.node.defaultChild;
  if (!(resource instanceof CfnQueue)) return { deadLetterQueue: deadLetterQueue?.queue };
  return {
    retention: settled(resource.messageRetentionPeriod ?? DEFAULT_RETENTION),
    visibility: settled(resource.visibilityTimeout),
    deadLetterQueue: deadLetterQueue?.queue,
  };
}

function settled(value: number | undefined): number | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}
