import { AwsError, type Deliver, type Delivery, isPromise, type RequestContext } from '../../../core';
import { type Clock, type Random, surface, type Timer } from '../../../clock';
import type { Timeline } from '../../../timeline';
import type { SnsLimits } from '../limits';
import type { DeliveryLogs, HttpSender } from '../ports';
import { LARGE_MESSAGE } from '../publishing/message';
import type { Subscription } from '../subscriptions/subscription';
import type { Topic } from '../topics/topic';
import { scheduleOf } from './delivery-policy';
import { DeliveryStatus } from './delivery-status';
import type { Notification } from './notification';
import { waitAfter } from './retries';
import { servicePrincipal } from './service-principal';

/** The collaborators of {@link FanOut}. */
export interface FanOutDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly limits: SnsLimits;
  readonly deliver: Deliver;
  readonly http: HttpSender;
  readonly logs: DeliveryLogs;
  readonly random: Random;
}

const MOST_RAW_ATTRIBUTES = 10;
const GOOD_STATUS = 2; // hundreds
const TOO_MANY_REQUESTS = 429;
const THROTTLED = /Throttl|TooManyRequests|RequestTimeout/;

/** A message that cannot be delivered to a subscription, and why. SNS does not retry it. */
class ClientError extends Error {}

/**
 * Delivers messages to the subscriptions of their topics. An attempt that fails on the receiving side is repeated, on
 * the clock; after the last attempt, or at once if the fault is the sender's, the message goes to the subscription's
 * dead-letter queue.
 */
export class FanOut {
  private readonly timers = new Set<Timer>();
  private stopped = false;

  private readonly status: DeliveryStatus;

  constructor(private readonly dependencies: FanOutDependencies) {
    this.status = new DeliveryStatus(dependencies.logs, dependencies.random.fork('sns.delivery-status'));
  }

  /** Delivers a message to the subscriptions that want it. */
  public send(notification: Notification): void {
    for (const subscription of notification.topic.subscriptions.values()) {
      if (subscription.pending) continue;
      const reason = subscription.settings.filter?.refuses(notification);
      if (reason === undefined) this.inOrder(notification, subscription);
      else {
        notification.topic.metrics.filteredOut(reason);
        this.record('sns.filtered', notification, subscription, { reason });
      }
    }
  }

  public stop(): void {
    this.stopped = true;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }

  /** A message of a FIFO topic waits while an earlier one of its group is being retried. */
  private inOrder(notification: Notification, subscription: Subscription): void {
    const { groupId } = notification;
    if (groupId === undefined || !notification.topic.fifo) return this.attempt(notification, subscription, 0);
    const waiting = subscription.waiting.get(groupId);
    if (waiting === undefined) this.attempt(notification, subscription, 0);
    else waiting.push(notification);
  }

  private attempt(notification: Notification, subscription: Subscription, failures: number): void {
    if (subscription.ended || this.stopped) return;
    const { protocol } = subscription.identity;
    if (protocol === 'http' || protocol === 'https') {
      return this.follow(this.post(notification, subscription), notification, subscription, failures);
    }
    let result: unknown;
    try {
      result = this.handOver(notification, subscription);
    } catch (error) {
      return this.failed(notification, subscription, failures + 1, error);
    }
    if (isPromise(result)) this.follow(result, notification, subscription, failures);
    else this.delivered(notification, subscription, failures + 1);
  }

  /** Goes on when an attempt has ended. Later messages of its group wait until then. */
  private follow(
    attempt: Promise<unknown>,
    notification: Notification,
    subscription: Subscription,
    failures: number,
  ): void {
    this.holdGroup(notification, subscription);
    attempt
      .then(
        () => this.delivered(notification, subscription, failures + 1),
        (error: unknown) => this.failed(notification, subscription, failures + 1, error),
      )
      .catch((error: unknown) => surface(this.dependencies.clock, error));
  }

  private holdGroup({ topic, groupId }: Notification, { waiting }: Subscription): void {
    if (topic.fifo && groupId !== undefined && !waiting.has(groupId)) waiting.set(groupId, []);
  }

  /** Delivers to a queue or a function. Returns a promise if that takes time. */
  private handOver(notification: Notification, subscription: Subscription): unknown {
    const { deliver } = this.dependencies;
    const { endpoint, protocol } = subscription.identity;
    if (protocol !== 'sqs' && protocol !== 'lambda') return undefined;
    const delivery =
      protocol === 'sqs'
        ? queueDelivery(notification, subscription)
        : { payload: JSON.stringify(notification.eventFor(subscription.arn)) };
    return deliver(endpoint, delivery, callerOf(notification.topic, subscription.target?.region));
  }

  private async post(notification: Notification, subscription: Subscription): Promise<void> {
    const { http } = this.dependencies;
    const { endpoint, protocol } = subscription.identity;
    const { raw, http: policy } = subscription.settings;
    if (notification.message.size > LARGE_MESSAGE) throw new ClientError('the message is too large for HTTP');
    const status = await http.post({
      url: endpoint,
      headers: {
        'Content-Type': policy?.defaultRequestPolicy.headerContentType ?? 'text/plain; charset=UTF-8',
        'x-amz-sns-message-type': 'Notification',
        'x-amz-sns-message-id': notification.messageId,
        'x-amz-sns-topic-arn': notification.topic.arn,
        'x-amz-sns-subscription-arn': subscription.arn,
        ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
      },
      body: raw ? notification.textFor(protocol) : notification.envelopeFor(protocol, subscription.arn),
    });
    if (Math.floor(status / 100) === GOOD_STATUS) return;
    const error = `the endpoint answered ${status}`;
    const fromClient = status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS;
    throw fromClient ? new ClientError(error) : new Error(error);
  }

  private delivered(notification: Notification, subscription: Subscription, attempts: number): void {
    this.status.log(notification, subscription, { at: this.dependencies.clock.now(), attempts });
    notification.topic.metrics.count('NumberOfNotificationsDelivered');
    this.record('sns.delivered', notification, subscription);
    this.next(notification, subscription);
  }

  private failed(notification: Notification, subscription: Subscription, failures: number, error: unknown): void {
    if (!(error instanceof Error)) throw error;
    const { clock, limits } = this.dependencies;
    const { http } = subscription.settings;
    const wait = isRetried(error)
      ? waitAfter(failures, http === undefined ? limits.retries : scheduleOf(http))
      : undefined;
    const reason = error instanceof AwsError ? `${error.shape}: ${error.message}` : error.message;
    if (wait === undefined) {
      notification.topic.metrics.count('NumberOfNotificationsFailed');
      this.status.log(notification, subscription, { at: clock.now(), attempts: failures, error });
      this.record('sns.failed', notification, subscription, { attempts: failures, reason });
      this.redrive(notification, subscription, reason);
      return this.next(notification, subscription);
    }
    this.record('sns.retrying', notification, subscription, { attempts: failures, wait, reason });
    this.holdGroup(notification, subscription);
    const again = () => {
      this.timers.delete(timer);
      this.attempt(notification, subscription, failures);
    };
    const timer = clock.schedule(clock.now() + wait, again, 'a topic delivers again');
    this.timers.add(timer);
  }

  /** Sends what could not be delivered to the subscription's dead-letter queue. */
  private redrive(notification: Notification, subscription: Subscription, reason: string): void {
    const { deadLetterTargetArn: target } = subscription.settings;
    if (target === undefined) return;
    const { topic } = notification;
    const { protocol } = subscription.identity;
    const fifo = target.endsWith('.fifo');
    const { groupId = subscription.arn, deduplicationId = notification.messageId } = notification;
    const ids = fifo ? { messageGroupId: groupId, messageDeduplicationId: deduplicationId } : {};
    const redriven = () => {
      topic.metrics.count('NumberOfNotificationsRedrivenToDlq');
      this.record('sns.redriven', notification, subscription, { queue: target, reason });
    };
    const lost = (error: unknown) => {
      if (!(error instanceof Error)) throw error;
      topic.metrics.count('NumberOfNotificationsFailedToRedriveToDlq');
      this.record('sns.lost', notification, subscription, { queue: target, reason: error.message });
    };
    try {
      const delivery =
        protocol === 'lambda'
          ? { payload: notification.envelopeFor(protocol, subscription.arn) }
          : queueDelivery(notification, subscription);
      const result = this.dependencies.deliver(target, { ...delivery, ...ids }, callerOf(topic, topic.region));
      if (isPromise(result)) {
        result.then(redriven, lost).catch((error: unknown) => surface(this.dependencies.clock, error));
      } else redriven();
    } catch (error) {
      lost(error);
    }
  }

  /** Continues with the next message of a group. */
  private next({ topic, groupId }: Notification, subscription: Subscription): void {
    if (!topic.fifo || groupId === undefined) return;
    const waiting = subscription.waiting.get(groupId);
    if (waiting === undefined) return;
    subscription.waiting.delete(groupId);
    for (const [index, notification] of waiting.entries()) {
      this.inOrder(notification, subscription);
      const held = subscription.waiting.get(groupId);
      if (held === undefined) continue;
      held.push(...waiting.slice(index + 1).filter((each) => !held.includes(each)));
      return;
    }
  }

  private record(
    kind: string,
    { topic, messageId }: Notification,
    { identity: { protocol, endpoint } }: Subscription,
    more: Readonly<Record<string, string | number>> = {},
  ): void {
    const { timeline } = this.dependencies;
    if (timeline.observed) timeline.record(kind, topic.name, { message: messageId, protocol, endpoint, ...more });
  }
}

/** A message as a queue gets it: in its envelope, or raw with its attributes. */
function queueDelivery(notification: Notification, subscription: Subscription): Delivery {
  const { topic, groupId, deduplicationId, attributes } = notification;
  const { endpoint } = subscription.identity;
  // A FIFO topic's groups are for FIFO queues; a standard topic's are for fair queues.
  const forFifo = topic.fifo && endpoint.endsWith('.fifo');
  const ids = {
    ...(groupId !== undefined && (forFifo || !topic.fifo) && { messageGroupId: groupId }),
    ...(deduplicationId !== undefined && forFifo && { messageDeduplicationId: deduplicationId }),
  };
  if (!subscription.settings.raw) return { payload: notification.envelopeFor('sqs', subscription.arn), ...ids };
  const names = Object.keys(attributes);
  if (names.length > MOST_RAW_ATTRIBUTES) {
    throw new ClientError(
      `a raw message has at most ${MOST_RAW_ATTRIBUTES} attributes, but this one has ${names.length}`,
    );
  }
  const withAttributes = names.length === 0 ? {} : { attributes: attributes as Delivery['attributes'] };
  return { payload: notification.textFor('sqs'), ...withAttributes, ...ids };
}

function callerOf({ arn, account, region }: Topic, targetRegion = region): RequestContext {
  const principal = servicePrincipal(region, targetRegion);
  return { account, region, principal, sourceArn: arn, sourceAccount: account, endpoint: '' };
}

/** SNS retries what fails on the receiving side: errors of the server, and throttling. */
function isRetried(error: Error): boolean {
  if (error instanceof ClientError) return false;
  if (!(error instanceof AwsError)) return true; // no answer
  return error.fault === 'Receiver' || error.status >= 500 || THROTTLED.test(error.shape);
}
