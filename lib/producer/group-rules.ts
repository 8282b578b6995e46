import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Token } from 'aws-cdk-lib/core';
import { type QueueFacts } from '../queue/queue-facts';
import { type Rule } from '../rules';
import { TEXTS } from '../rules/texts';

/** A service that can name a message group, but no deduplication id. */
export interface GroupFacts extends QueueFacts {
  /**
   *
   */
  readonly sender: string;
  /**
   *
   */
  readonly queue: IQueue;
  /**
   *
   */
  readonly messageGroupId?: string;
}

/** What FIFO queues demand of services that send to them. */
export const GROUP_RULES: readonly Rule<GroupFacts>[] = [
  {
    id: 'Spillway-Delivery-GroupMissing',
    broken: ({ fifo, messageGroupId }) => fifo === true && messageGroupId === undefined,
    message: ({ queue, sender }) =>
      `messageGroupId ${TEXTS['Spillway-Delivery-GroupMissing']({ queue: queue.node.path, service: sender })}`,
  },
  {
    id: 'Spillway-Delivery-GroupInvalid',
    broken: ({ messageGroupId }) =>
      messageGroupId !== undefined && !Token.isUnresolved(messageGroupId) && !/^[!-~]{1,128}$/.test(messageGroupId),
    message: ({ messageGroupId }) =>
      `messageGroupId must be 1 to 128 letters, digits and punctuation, but was '${messageGroupId}'; SQS refuses others`,
  },
  {
    id: 'Spillway-Delivery-DeduplicationMissing',
    broken: ({ fifo, contentBasedDeduplication }) => fifo === true && contentBasedDeduplication === false,
    message: ({ queue, sender }) =>
      `queue ${TEXTS['Spillway-Delivery-DeduplicationMissing']({ queue: queue.node.path, service: sender })}`,
  },
];
