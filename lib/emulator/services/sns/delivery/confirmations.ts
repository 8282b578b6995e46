import { AwsError, type Deliver } from '../../../core';
import { type Clock, type Random, SECOND, surface, type Timer } from '../../../clock';
import type { Timeline } from '../../../timeline';
import type { HttpSender } from '../ports';
import { certificateUrl, signatureOf } from '../signing/signer';
import type { Subscription } from '../subscriptions/subscription';
import type { Topic } from '../topics/topic';
import { servicePrincipal } from './service-principal';

/** The collaborators of {@link Confirmations}. */
export interface ConfirmationsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly deliver: Deliver;
  readonly http: HttpSender;
}

type Kind = 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

const TOKEN_DIGITS = 288;
const ATTEMPTS = 4;
const WAIT = 20 * SECOND;

/** Asks endpoints to confirm subscriptions, and tells them that one ended. */
export class Confirmations {
  private readonly random: Random;
  private readonly timers = new Set<Timer>();

  constructor(private readonly dependencies: ConfirmationsDependencies) {
    this.random = dependencies.random.fork('sns.confirmations');
  }

  public newToken(): string {
    return this.random.hex(TOKEN_DIGITS);
  }

  /** Whether a text has the form of a token. */
  public static isToken(text: string): boolean {
    return text.length === TOKEN_DIGITS && /^[0-9a-f]+$/.test(text);
  }

  public send(topic: Topic, subscription: Subscription, kind: Kind, endpoint: string): void {
    const { protocol } = subscription.identity;
    if (protocol !== 'sqs' && protocol !== 'http' && protocol !== 'https') return;
    const MessageId = this.random.uuid();
    const body = JSON.stringify(this.messageOf(topic, subscription, kind, MessageId, endpoint));
    if (protocol === 'sqs') this.toQueue(topic, subscription, body);
    else this.toEndpoint(topic, subscription, kind, MessageId, body, 1);
  }

  public stop(): void {
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }

  private messageOf(topic: Topic, subscription: Subscription, Type: Kind, MessageId: string, endpoint: string): object {
    const { token: Token = '', arn } = subscription;
    const TopicArn = topic.arn;
    const SubscribeURL = `${endpoint}/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=${Token}`;
    const Message =
      Type === 'SubscriptionConfirmation'
        ? `You have chosen to subscribe to the topic ${TopicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
        : `You have chosen to deactivate subscription ${arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
    const Timestamp = new Date(this.dependencies.clock.now()).toISOString();
    const version = topic.signatureVersion;
    const fields = { Message, MessageId, SubscribeURL, Timestamp, Token, TopicArn, Type };
    return {
      ...{ Type, MessageId, Token, TopicArn, Message, SubscribeURL, Timestamp },
      SignatureVersion: version,
      Signature: signatureOf(fields, version),
      SigningCertURL: certificateUrl(topic.region),
    };
  }

  private toQueue({ arn, account, region, name }: Topic, { identity, target }: Subscription, payload: string): void {
    const principal = servicePrincipal(region, target?.region ?? region);
    const caller = { account, region, principal, sourceArn: arn, sourceAccount: account, endpoint: '' };
    const ids = identity.endpoint.endsWith('.fifo') ? { messageGroupId: arn, messageDeduplicationId: identity.id } : {};
    try {
      this.dependencies.deliver(identity.endpoint, { payload, ...ids }, caller);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const detail = { endpoint: identity.endpoint, reason: error.message };
      this.dependencies.timeline.record('sns.unconfirmed', name, detail);
    }
  }

  private toEndpoint(
    topic: Topic,
    subscription: Subscription,
    kind: Kind,
    messageId: string,
    body: string,
    attempt: number,
  ): void {
    const { clock, http, timeline } = this.dependencies;
    const { endpoint: url } = subscription.identity;
    const headers = {
      'Content-Type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': kind,
      'x-amz-sns-message-id': messageId,
      'x-amz-sns-topic-arn': topic.arn,
      ...(kind === 'UnsubscribeConfirmation' && { 'x-amz-sns-subscription-arn': subscription.arn }),
    };
    const failed = (reason: string) => {
      timeline.record('sns.unconfirmed', topic.name, { endpoint: url, reason });
      if (attempt === ATTEMPTS) return;
      const again = () => {
        this.timers.delete(timer);
        this.toEndpoint(topic, subscription, kind, messageId, body, attempt + 1);
      };
      const timer = clock.schedule(clock.now() + WAIT, again, 'a topic asks for a confirmation again');
      this.timers.add(timer);
    };
    http
      .post({ url, headers, body })
      .then(
        (status) => (status >= 200 && status < 300 ? undefined : failed(`the endpoint answered ${status}`)),
        (error: Error) => failed(error.message),
      )
      .catch((error: unknown) => surface(clock, error));
  }
}
