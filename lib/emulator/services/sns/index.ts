import { AwsError, limit, options } from '../../core';
import { defineService } from '../service-definition';
import { AWS_LIMITS, type SnsLimits } from './limits';
import { DELIVERY_LOGS, HTTP_SENDER, TOPIC_KEYS } from './ports';
import { protocol } from './protocol';
import { snsSubscription } from './resources/subscription';
import { snsTopic } from './resources/topic';
import { snsTopicInlinePolicy, snsTopicPolicy } from './resources/topic-policy';
import { Sns, type TopicView } from './sns';
import { testing } from './testing';

export type { RetrySchedule, SnsLimits } from './limits';
export * from './ports';
export { Sns, type SnsDependencies, type TopicView } from './sns';

/** The options of SNS. */
export interface SnsOptions {
  /**
   * Limits of SNS that differ from AWS's, by name.
   * @default - AWS's limits
   */
  readonly snsLimits?: Partial<SnsLimits>;
}

const { retries, ...numbers } = AWS_LIMITS;
const checks = (names: object) => Object.fromEntries(Object.keys(names).map((name) => [name, limit]));

/** Amazon Simple Notification Service. */
export const sns = defineService<'sns', Sns, SnsOptions, { readonly topics: readonly TopicView[] }, typeof testing>({
  name: 'sns',
  protocol,
  errors: {
    throttled: () => new AwsError('ThrottledException', 'Rate exceeded', { queryCode: 'Throttled', status: 429 }),
    internal: { shape: 'InternalErrorException', queryCode: 'InternalError' },
  },
  options: { snsLimits: options({ ...checks(numbers), retries: options(checks(retries)) }) },
  resourceTypes: [snsTopic, snsSubscription, snsTopicPolicy, snsTopicInlinePolicy],
  resourcesOf: ({ TopicArn, TargetArn, ResourceArn, SubscriptionArn, Name }) => [
    ...[TopicArn, TargetArn, ResourceArn, SubscriptionArn].flatMap((arn) =>
      typeof arn === 'string' ? [arn.split(':')[5] ?? ''] : [],
    ),
    ...(typeof Name === 'string' ? [Name] : []),
  ],
  deliver(service, targetArn, delivery, caller) {
    return service.publish(
      {
        TopicArn: targetArn,
        Message: delivery.payload,
        Subject: delivery.subject,
        MessageGroupId: delivery.messageGroupId,
        MessageDeduplicationId: delivery.messageDeduplicationId,
        MessageAttributes: delivery.attributes,
      },
      caller,
    );
  },
  testing,
  status: { sections: ['topics'], of: (service) => ({ topics: service.topicViews() }) },
  create: ({ options: settings, use, ...dependencies }) =>
    new Sns({
      ...dependencies,
      limits: settings.snsLimits,
      keys: use(TOPIC_KEYS),
      http: use(HTTP_SENDER),
      logs: use(DELIVERY_LOGS),
    }),
});
