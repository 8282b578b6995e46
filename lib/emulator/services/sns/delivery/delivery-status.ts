import { createHash } from 'node:crypto';
import { AwsError } from '../../../core';
import type { Random } from '../../../clock';
import type { DeliveryLogs } from '../ports';
import type { Subscription } from '../subscriptions/subscription';
import type { Notification } from './notification';

/** How a delivery ended. */
export interface DeliveryEnd {
  readonly at: number;
  readonly attempts: number;
  /** Why it failed; undefined if it succeeded. */
  readonly error?: Error;
}

const PREFIXES: Readonly<Record<string, string>> = { http: 'HTTP', https: 'HTTP', lambda: 'Lambda', sqs: 'SQS' };

/**
 * Logs how deliveries end, if the topic has a role for it: all failures, and of the successes the share that the topic
 * samples.
 */
export class DeliveryStatus {
  constructor(
    private readonly logs: DeliveryLogs,
    private readonly random: Random,
  ) {}

  public log(
    { topic, messageId, publishedAt, message }: Notification,
    subscription: Subscription,
    end: DeliveryEnd,
  ): void {
    const { protocol, endpoint } = subscription.identity;
    const prefix = PREFIXES[protocol];
    const { attributes, region, account, name, arn } = topic;
    const failed = end.error !== undefined;
    const role = attributes.get(`${prefix}${failed ? 'Failure' : 'Success'}FeedbackRoleArn`) ?? '';
    if (role === '') return;
    const rate = Number(attributes.get(`${prefix}SuccessFeedbackSampleRate`) ?? '100');
    if (!failed && this.random.next() * 100 >= rate) return;
    const line = {
      notification: {
        messageMD5Sum: createHash('md5').update(message.bodies.default).digest('hex'),
        messageId,
        topicArn: arn,
        timestamp: new Date(publishedAt).toISOString().replace('T', ' ').replace('Z', ''),
      },
      delivery: {
        deliveryId: this.random.uuid(),
        destination: endpoint,
        providerResponse: responseOf(end.error),
        dwellTimeMs: end.at - publishedAt,
        attempts: end.attempts,
        statusCode: end.error instanceof AwsError ? end.error.status : failed ? 500 : 200,
      },
      status: failed ? 'FAILURE' : 'SUCCESS',
    };
    this.logs.write(`sns/${region}/${account}/${name}${failed ? '/Failure' : ''}`, JSON.stringify(line), end.at);
  }
}

function responseOf(error: Error | undefined): string {
  if (error === undefined) return '';
  if (!(error instanceof AwsError)) return error.message;
  return JSON.stringify({ ErrorCode: error.queryCode, ErrorMessage: error.message });
}
