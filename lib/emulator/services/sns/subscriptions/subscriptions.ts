import type { ConfirmSubscriptionInput, SubscribeInput } from '@aws-sdk/client-sns';
import type { RequestContext } from '../../../core';
import type { Clock, Random, Timer } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { requiredArn, splitSubscriptionArn } from '../arns';
import { Confirmations } from '../delivery/confirmations';
import { filterPolicyLimitExceeded, invalid, invalidParameter, ownerOnly, subscriptionLimitExceeded } from '../errors';
import type { SnsLimits } from '../limits';
import type { Topic } from '../topics/topic';
import type { Topics } from '../topics/topics';
import { checkDestination, type Destination } from './protocols';
import { Subscription } from './subscription';
import { compileAttributes, describeSubscription } from './subscription-attributes';

/** The collaborators of {@link Subscriptions}. */
export interface SubscriptionsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly limits: SnsLimits;
  readonly confirmations: Confirmations;
  readonly topics: Topics;
}

/** The subscriptions of the topics of an account and Region. */
export class Subscriptions {
  private readonly ids: Random;
  private readonly expiries = new Map<Subscription, Timer>();

  constructor(private readonly dependencies: SubscriptionsDependencies) {
    this.ids = dependencies.random.fork('sns.subscriptions');
  }

  /** Subscribes, or returns the subscription of this endpoint if it has the same attributes. */
  public subscribe(topic: Topic, input: SubscribeInput, context: RequestContext): Subscription {
    const destination = checkDestination(input.Protocol ?? '', input.Endpoint, topic.fifo);
    const { protocol, endpoint, target } = destination;
    const attributes = new Map(Object.entries(input.Attributes ?? {}));
    const settings = compileAttributes(attributes, {
      ...{ topic, protocol, endpoint },
      prefix: 'Attributes Reason: ',
    });
    const existing = [...topic.subscriptions.values()].find(
      ({ identity }) => identity.protocol === protocol && identity.endpoint === endpoint,
    );
    if (existing !== undefined) {
      checkSame(existing, topic, attributes);
      return existing;
    }
    this.checkLimits(topic, settings.filter !== undefined);
    const { account: owner, principal } = context;
    const identity = { id: this.ids.uuid(), topicArn: topic.arn, protocol, endpoint, owner, principal };
    const subscription = new Subscription(identity, target);
    subscription.attributes = attributes;
    subscription.settings = settings;
    topic.subscriptions.set(identity.id, subscription);
    this.dependencies.timeline.record('sns.subscribed', topic.name, { protocol, endpoint });
    if (!isOwn(destination, context)) this.askForConfirmation(topic, subscription, context);
    return subscription;
  }

  public confirm(
    topic: Topic | undefined,
    { Token: token = '', AuthenticateOnUnsubscribe: authenticate }: ConfirmSubscriptionInput,
    context: RequestContext,
  ): Subscription {
    if (topic === undefined || !Confirmations.isToken(token)) throw invalidParameter('Token');
    const subscription = [...topic.subscriptions.values()].find((each) => each.token === token);
    if (subscription === undefined) throw invalid('Invalid token');
    if (subscription.pending) {
      subscription.pending = false;
      subscription.authenticated = context.account === subscription.target?.account;
      subscription.authenticateOnUnsubscribe = authenticate?.toLowerCase() === 'true';
      this.forgetExpiry(subscription);
      const { protocol, endpoint } = subscription.identity;
      this.dependencies.timeline.record('sns.confirmed', topic.name, { protocol, endpoint });
    }
    return subscription;
  }

  public unsubscribe(topic: Topic, subscription: Subscription, context: RequestContext): void {
    if (subscription.authenticateOnUnsubscribe) this.checkOwner('Unsubscribe', topic, subscription, context);
    const { protocol, endpoint } = subscription.identity;
    const reachable = !subscription.pending && (protocol === 'http' || protocol === 'https');
    this.end(topic, subscription);
    if (reachable) {
      subscription.token ??= this.dependencies.confirmations.newToken();
      this.dependencies.confirmations.send(topic, subscription, 'UnsubscribeConfirmation', baseOf(topic, context));
    }
    this.dependencies.timeline.record('sns.unsubscribed', topic.name, { protocol, endpoint });
  }

  public setAttribute(topic: Topic, subscription: Subscription, name: string, value: string): void {
    const { protocol, endpoint } = subscription.identity;
    const attributes = new Map(subscription.attributes).set(name, value);
    // A policy of {} is none.
    if (name === 'FilterPolicy' && isEmptyObject(value)) attributes.delete(name);
    const settings = compileAttributes(attributes, { topic, protocol, endpoint, prefix: '' });
    const isFirst = settings.filter !== undefined && subscription.settings.filter === undefined;
    if (isFirst) this.checkFilterLimits(topic);
    subscription.attributes = attributes;
    subscription.settings = settings;
  }

  /** Finds a subscription by its ARN; undefined if there is no such one. */
  public find(
    text: string | undefined,
    topicsOf: (account: string) => Topics | undefined,
  ): { topic: Topic; subscription: Subscription } | undefined {
    const arn = requiredArn('SubscriptionArn', text);
    const { topicName, id } = splitSubscriptionArn(arn);
    if (arn.region !== this.dependencies.region) throw invalidParameter('SubscriptionArn');
    const topic = topicsOf(arn.account)?.named(topicName);
    const subscription = topic?.subscriptions.get(id);
    return topic === undefined || subscription === undefined ? undefined : { topic, subscription };
  }

  /** Throws unless the caller's account owns the subscription or its topic. */
  public checkOwner(action: string, topic: Topic, { identity, arn }: Subscription, context: RequestContext): void {
    const { account, principal } = context;
    if (account !== topic.account && account !== identity.owner) throw ownerOnly(principal, action, arn);
  }

  public stop(): void {
    for (const timer of this.expiries.values()) timer.cancel();
    this.expiries.clear();
  }

  private askForConfirmation(topic: Topic, subscription: Subscription, context: RequestContext): void {
    const { clock, confirmations, limits } = this.dependencies;
    subscription.pending = true;
    subscription.authenticated = false;
    subscription.token = confirmations.newToken();
    const expire = () => {
      this.expiries.delete(subscription);
      if (!subscription.ended) this.end(topic, subscription);
    };
    const timer = clock.schedule(clock.now() + limits.confirmationWindow, expire, 'a subscription is not confirmed');
    this.expiries.set(subscription, timer);
    confirmations.send(topic, subscription, 'SubscriptionConfirmation', baseOf(topic, context));
  }

  private end(topic: Topic, subscription: Subscription): void {
    subscription.ended = true;
    topic.subscriptions.delete(subscription.identity.id);
    topic.deletedSubscriptions++;
    this.forgetExpiry(subscription);
  }

  private forgetExpiry(subscription: Subscription): void {
    this.expiries.get(subscription)?.cancel();
    this.expiries.delete(subscription);
  }

  private checkLimits(topic: Topic, hasFilter: boolean): void {
    const { subscriptions, fifoSubscriptions } = this.dependencies.limits;
    const most = topic.fifo ? fifoSubscriptions : subscriptions;
    if (topic.subscriptions.size >= most) throw subscriptionLimitExceeded(most);
    if (hasFilter) this.checkFilterLimits(topic);
  }

  private checkFilterLimits(topic: Topic): void {
    const { topicFilterPolicies, accountFilterPolicies } = this.dependencies.limits;
    const ofTopic = filterPolicies(topic);
    if (ofTopic >= topicFilterPolicies) throw filterPolicyLimitExceeded(topicFilterPolicies, 'A topic');
    const all = this.dependencies.topics.all().reduce((sum, each) => sum + filterPolicies(each), 0);
    if (all >= accountFilterPolicies) throw filterPolicyLimitExceeded(accountFilterPolicies, 'An account');
  }
}

function filterPolicies({ subscriptions }: Topic): number {
  let count = 0;
  for (const { settings } of subscriptions.values()) if (settings.filter !== undefined) count++;
  return count;
}

/** Whether the subscriber owns the endpoint, which needs no confirmation then. */
function isOwn({ target }: Destination, { account }: RequestContext): boolean {
  return target !== undefined && target.account === account;
}

/** The base of the links in confirmations: how the caller reached SNS. */
function baseOf({ region }: Topic, { endpoint }: RequestContext): string {
  return endpoint === '' ? `https://sns.${region}.amazonaws.com` : endpoint;
}

function checkSame(subscription: Subscription, topic: Topic, attributes: ReadonlyMap<string, string>): void {
  const current = describeSubscription(subscription, topic);
  for (const [name, value] of attributes) {
    if ((current[name] ?? '') !== value && current[name]?.toLowerCase() !== value.toLowerCase()) {
      throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
    }
  }
}

function isEmptyObject(text: string): boolean {
  return /^\s*\{\s*\}\s*$/.test(text);
}
