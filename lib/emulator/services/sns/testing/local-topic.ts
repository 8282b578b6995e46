import { formatArn } from '../../../core';
import { type AttributeValues, DispatchingResource, messageAttributes, textOf } from '../../../testing';
import type { Sns } from '../sns';

/** What a message may have besides its body. */
export interface PublishOptions {
  /**
   * The subject, for email and for functions.
   * @default - none
   */
  readonly subject?: string;
  /**
   * Message attributes by name, which filter policies see: texts, numbers and bytes become SNS's String, Number and
   * Binary.
   * @default - none
   */
  readonly attributes?: AttributeValues;
  /**
   * The message group. FIFO topics require one; with a standard topic it makes fair queues.
   * @default - none
   */
  readonly groupId?: string;
  /**
   * The id by which a FIFO topic recognizes duplicates.
   * @default - the body's digest, if the topic's content-based deduplication is on
   */
  readonly deduplicationId?: string;
}

/** A subscription of a topic. */
export interface TopicSubscription {
  readonly arn: string;
  /** `sqs`, `lambda`, `https` … */
  readonly protocol: string;
  /** The ARN or URL that messages go to. */
  readonly endpoint: string;
  /** Whether its endpoint has yet to confirm it. */
  readonly pending: boolean;
}

/** An SNS topic of a local cloud. The test's own messages bypass faults; their deliveries do not. */
export class LocalTopic extends DispatchingResource<Sns> {
  public readonly noun = 'message';

  public get arn(): string {
    return formatArn('sns', this.place.region, this.place.account, this.name);
  }

  /** Its subscriptions, oldest first. */
  public get subscriptions(): readonly TopicSubscription[] {
    const subscriptions: TopicSubscription[] = [];
    let NextToken: string | undefined;
    do {
      const page = this.service.listSubscriptionsByTopic({ TopicArn: this.arn, NextToken }, this.context.caller);
      for (const {
        SubscriptionArn: arn = '',
        Protocol: protocol = '',
        Endpoint: endpoint = '',
      } of page.Subscriptions ?? []) {
        subscriptions.push({ arn, protocol, endpoint, pending: arn === 'PendingConfirmation' });
      }
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    return subscriptions;
  }

  /**
   * Publishes a message, as the account's root user.
   *
   * @param body text, or what becomes JSON
   * @returns its message id
   * @throws AwsError AWS's error if SNS refuses the message
   */
  public async publish(body: unknown, options: PublishOptions = {}): Promise<string> {
    const { subject, attributes, groupId, deduplicationId } = options;
    const { MessageId = '' } = this.service.publish(
      {
        TopicArn: this.arn,
        Message: textOf(body),
        Subject: subject,
        MessageAttributes: attributes && messageAttributes(attributes),
        MessageGroupId: groupId,
        MessageDeduplicationId: deduplicationId,
      },
      this.context.caller,
    );
    await this.context.advance(0);
    return MessageId;
  }
}
