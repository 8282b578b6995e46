import { AwsError, chance, flag, limit, options } from '../../core';
import { defineService } from '../service-definition';
import type { DeliveryAnomalyOptions } from './anomalies';
import { AWS_LIMITS, type SqsLimits } from './limits';
import { QUEUE_ENCRYPTION, QUEUE_POLICIES } from './ports';
import { protocol } from './protocol';
import { sqsQueue } from './resources/queue';
import { sqsQueueInlinePolicy, sqsQueuePolicy } from './resources/queue-policy';
import { Sqs } from './sqs';
import { type QueueStatus, queueStatus } from './status';
import { testing } from './testing';

export * from './ports';
export type { DeliveryAnomalyOptions, DeliveryAnomaly } from './anomalies';
export type { QueueAccess, QueuePolicy, ReadPolicy } from './authorization';
export type { KeyService, KeyUser } from './encryption';
export { AWS_LIMITS, limitsOf, type SqsLimits } from './limits';
export type { PeekedMessage } from './peeking';
export { type QueueInfo, Sqs, type SqsDependencies } from './sqs';

/** The options of SQS. */
export interface SqsOptions {
  /**
   * Limits of SQS that differ from AWS's, by name.
   * @default - AWS's limits
   */
  readonly sqsLimits?: Partial<SqsLimits>;
  /**
   * Delivery anomalies of standard queues (duplicates, reordering, empty short polls), to test consumers against. They
   * depend on the seed, so that a run can be repeated.
   * @default - none
   */
  readonly sqsAnomalies?: DeliveryAnomalyOptions;
  /**
   * Whether queue policies are enforced: they can deny access to callers in the queue's own account, and must allow it
   * to callers in other accounts.
   * @default true
   */
  readonly queuePolicies?: boolean;
}

/** Amazon Simple Queue Service. */
export const sqs = defineService<'sqs', Sqs, SqsOptions, { readonly queues: readonly QueueStatus[] }, typeof testing>({
  name: 'sqs',
  protocol,
  errors: {
    throttled: () => new AwsError('RequestThrottled', 'Request is throttled.', { status: 403 }),
    internal: { shape: 'InternalError' },
  },
  options: {
    sqsLimits: options(Object.fromEntries(Object.keys(AWS_LIMITS satisfies SqsLimits).map((name) => [name, limit]))),
    sqsAnomalies: options({ duplicates: chance, reordering: chance, emptyReceives: chance }),
    queuePolicies: flag,
  },
  resourceTypes: [sqsQueue, sqsQueuePolicy, sqsQueueInlinePolicy],
  resourcesOf: ({ QueueUrl, QueueName, SourceArn }) => [
    ...(typeof QueueUrl === 'string' ? [QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1)] : []),
    ...(typeof QueueName === 'string' ? [QueueName] : []),
    ...(typeof SourceArn === 'string' ? [SourceArn.slice(SourceArn.lastIndexOf(':') + 1)] : []),
  ],
  deliver(service, targetArn, { payload, messageGroupId, messageDeduplicationId, attributes }, caller) {
    const [, , , region, account, name] = targetArn.split(':');
    const message = {
      QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
      MessageBody: payload,
      MessageGroupId: messageGroupId,
      MessageDeduplicationId: messageDeduplicationId,
      MessageAttributes: attributes,
    };
    return service.sendMessage(message, caller);
  },
  status: { sections: ['queues'], of: (service) => ({ queues: queueStatus(service) }) },
  testing,
  create: ({ options: settings, elsewhere, use, ...dependencies }) =>
    new Sqs({
      ...dependencies,
      limits: settings.sqsLimits,
      anomalies: settings.sqsAnomalies,
      encryption: use(QUEUE_ENCRYPTION),
      neighbour: elsewhere,
      ...(settings.queuePolicies !== false && { authorize: use(QUEUE_POLICIES) }),
    }),
});
