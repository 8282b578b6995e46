import type {
  AddPermissionInput,
  CheckIfPhoneNumberIsOptedOutInput,
  CheckIfPhoneNumberIsOptedOutResponse,
  ConfirmSubscriptionInput,
  ConfirmSubscriptionResponse,
  CreatePlatformApplicationInput,
  CreatePlatformEndpointInput,
  CreateSMSSandboxPhoneNumberInput,
  CreateTopicInput,
  CreateTopicResponse,
  DeleteEndpointInput,
  DeletePlatformApplicationInput,
  DeleteSMSSandboxPhoneNumberInput,
  DeleteTopicInput,
  GetDataProtectionPolicyInput,
  GetDataProtectionPolicyResponse,
  GetEndpointAttributesInput,
  GetPlatformApplicationAttributesInput,
  GetSMSAttributesInput,
  GetSMSAttributesResponse,
  GetSMSSandboxAccountStatusResult,
  GetSubscriptionAttributesInput,
  GetSubscriptionAttributesResponse,
  GetTopicAttributesInput,
  GetTopicAttributesResponse,
  ListEndpointsByPlatformApplicationInput,
  ListOriginationNumbersResult,
  ListPhoneNumbersOptedOutResponse,
  ListPlatformApplicationsResponse,
  ListSMSSandboxPhoneNumbersResult,
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse,
  ListSubscriptionsInput,
  ListSubscriptionsResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTopicsInput,
  ListTopicsResponse,
  OptInPhoneNumberInput,
  PublishBatchInput,
  PublishBatchResponse,
  PublishInput,
  PublishResponse,
  PutDataProtectionPolicyInput,
  RemovePermissionInput,
  SetEndpointAttributesInput,
  SetPlatformApplicationAttributesInput,
  SetSMSAttributesInput,
  SetSubscriptionAttributesInput,
  SetTopicAttributesInput,
  SubscribeInput,
  SubscribeResponse,
  TagResourceRequest,
  UnsubscribeInput,
  UntagResourceRequest,
  VerifySMSSandboxPhoneNumberInput,
} from '@aws-sdk/client-sns';
import { type Deliver, type MetricDatum, page, type RequestContext } from '../../core';
import type { Clock, Random } from '../../clock';
import type { Timeline } from '../../timeline';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { requiredArn } from './arns';
import { Confirmations } from './delivery/confirmations';
import { FanOut } from './delivery/fan-out';
import { invalidParameter, notFound } from './errors';
import { AWS_LIMITS, type SnsLimits } from './limits';
import { Mobile } from './mobile';
import type { DeliveryLogs, HttpSender, TopicKeys } from './ports';
import { Publishing } from './publishing/publishing';
import type { Subscription } from './subscriptions/subscription';
import { describeSubscription } from './subscriptions/subscription-attributes';
import { Subscriptions } from './subscriptions/subscriptions';
import { authorize } from './topics/authorization';
import { withoutPermission, withPermission } from './topics/permissions';
import type { Topic } from './topics/topic';
import { describeTopic, policyOf } from './topics/topic-attributes';
import { Topics } from './topics/topics';

/** The collaborators and settings of {@link Sns}. */
export interface SnsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** @default - AWS's limits */
  readonly limits?: Partial<SnsLimits>;
  readonly keys: TopicKeys;
  readonly http: HttpSender;
  readonly logs: DeliveryLogs;
  readonly deliver: Deliver;
  /** The SNS of another account or Region, if that has begun. */
  readonly elsewhere: (account: string, region: string) => Sns | undefined;
}

/** A topic, for live views. */
export interface TopicView {
  readonly name: string;
  readonly fifo: boolean;
  /** The number of confirmed subscriptions. */
  readonly subscriptions: number;
}

const PAGE = 100;
const invalidToken = () => invalidParameter('NextToken');

/**
 * Amazon SNS in one account and Region. Each action takes and returns the types of the SDK command of that name, and
 * throws an AwsError if AWS returns an error.
 */
export class Sns implements ServiceInstance {
  private readonly topics: Topics;
  private readonly subscriptions: Subscriptions;
  private readonly publishing: Publishing;
  private readonly fanOut: FanOut;
  private readonly confirmations: Confirmations;
  private readonly mobile = new Mobile();
  private eventsBefore = 0;

  constructor(private readonly dependencies: SnsDependencies) {
    const limits = { ...AWS_LIMITS, ...dependencies.limits };
    const parts = { ...dependencies, limits };
    this.topics = new Topics(parts);
    this.fanOut = new FanOut(parts);
    this.confirmations = new Confirmations(parts);
    this.subscriptions = new Subscriptions({ ...parts, confirmations: this.confirmations, topics: this.topics });
    this.publishing = new Publishing({ ...parts, fanOut: this.fanOut });
  }

  public createTopic(input: CreateTopicInput, _context: RequestContext): CreateTopicResponse {
    return { TopicArn: this.topics.create(input).arn };
  }

  /** Deletes a topic and its subscriptions; succeeds if it is already gone. */
  public deleteTopic({ TopicArn }: DeleteTopicInput, context: RequestContext): void {
    const { name, account, place } = this.locate('TopicArn', TopicArn);
    const topic = place?.topics.named(name);
    if (place === undefined || topic === undefined) {
      if (account !== this.dependencies.account) throw notFound('Topic');
      return;
    }
    authorize(topic, 'DeleteTopic', context, this.dependencies.clock);
    place.topics.delete(topic);
  }

  public getTopicAttributes(
    { TopicArn }: GetTopicAttributesInput,
    context: RequestContext,
  ): GetTopicAttributesResponse {
    return { Attributes: describeTopic(this.topic('GetTopicAttributes', TopicArn, context)) };
  }

  public setTopicAttributes(input: SetTopicAttributesInput, context: RequestContext): void {
    const { AttributeName: name = '', AttributeValue: value = '' } = input;
    this.topics.setAttribute(this.topic('SetTopicAttributes', input.TopicArn, context), name, value);
  }

  public listTopics({ NextToken: token }: ListTopicsInput, _context: RequestContext): ListTopicsResponse {
    const { items, nextToken } = page(this.topics.all(), PAGE, token, invalidToken);
    return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: nextToken };
  }

  public addPermission(input: AddPermissionInput, context: RequestContext): void {
    const topic = this.topic('AddPermission', input.TopicArn, context);
    this.topics.setAttribute(topic, 'Policy', withPermission(policyOf(topic), topic.arn, input));
  }

  public removePermission(input: RemovePermissionInput, context: RequestContext): void {
    const topic = this.topic('RemovePermission', input.TopicArn, context);
    this.topics.setAttribute(topic, 'Policy', withoutPermission(policyOf(topic), input.Label));
  }

  public subscribe(input: SubscribeInput, context: RequestContext): SubscribeResponse {
    const { Protocol: protocol = '', Endpoint: endpoint = '' } = input;
    const keys = { 'sns:protocol': protocol, 'sns:endpoint': endpoint };
    const topic = this.topic('Subscribe', input.TopicArn, context, keys);
    const subscription = this.subscriptions.subscribe(topic, input, context);
    const shown = !subscription.pending || input.ReturnSubscriptionArn === true;
    return { SubscriptionArn: shown ? subscription.arn : 'pending confirmation' };
  }

  public confirmSubscription(input: ConfirmSubscriptionInput, context: RequestContext): ConfirmSubscriptionResponse {
    const { name, place } = this.locate('Topic', input.TopicArn);
    return { SubscriptionArn: this.subscriptions.confirm(place?.topics.named(name), input, context).arn };
  }

  /** Ends a subscription; succeeds if it has already ended. */
  public unsubscribe({ SubscriptionArn }: UnsubscribeInput, context: RequestContext): void {
    const found = this.find(SubscriptionArn);
    if (found !== undefined) this.subscriptions.unsubscribe(found.topic, found.subscription, context);
  }

  public getSubscriptionAttributes(
    { SubscriptionArn }: GetSubscriptionAttributesInput,
    context: RequestContext,
  ): GetSubscriptionAttributesResponse {
    const { topic, subscription } = this.subscription('GetSubscriptionAttributes', SubscriptionArn, context);
    return { Attributes: describeSubscription(subscription, topic) };
  }

  public setSubscriptionAttributes(input: SetSubscriptionAttributesInput, context: RequestContext): void {
    const { AttributeName: name = '', AttributeValue: value = '' } = input;
    const { topic, subscription } = this.subscription('SetSubscriptionAttributes', input.SubscriptionArn, context);
    this.subscriptions.setAttribute(topic, subscription, name, value);
  }

  public listSubscriptions(
    { NextToken: token }: ListSubscriptionsInput,
    context: RequestContext,
  ): ListSubscriptionsResponse {
    const own = this.topics.all().flatMap(({ subscriptions }) => [...subscriptions.values()]);
    const { items, nextToken } = page(
      own.filter(({ identity }) => identity.owner === context.account),
      PAGE,
      token,
      invalidToken,
    );
    return { Subscriptions: items.map(listed), NextToken: nextToken };
  }

  public listSubscriptionsByTopic(
    { TopicArn, NextToken: token }: ListSubscriptionsByTopicInput,
    context: RequestContext,
  ): ListSubscriptionsByTopicResponse {
    const { subscriptions } = this.topic('ListSubscriptionsByTopic', TopicArn, context);
    const { items, nextToken } = page([...subscriptions.values()], PAGE, token, invalidToken);
    return { Subscriptions: items.map(listed), NextToken: nextToken };
  }

  public publish(input: PublishInput, context: RequestContext): PublishResponse {
    const { TopicArn, TargetArn, PhoneNumber } = input;
    if (PhoneNumber !== undefined) return this.mobile.publishTo(PhoneNumber);
    const arn = TopicArn ?? TargetArn;
    const member = TopicArn === undefined ? 'TargetArn' : 'TopicArn';
    if (arn === undefined || arn === '') {
      throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
    }
    if (requiredArn(member, arn).resource.startsWith('endpoint/')) {
      throw invalidParameter('TargetArn Reason: No endpoint found for the target arn specified');
    }
    return this.publishing.publish(this.topic('Publish', arn, context, {}, member), input, context);
  }

  public publishBatch(input: PublishBatchInput, context: RequestContext): PublishBatchResponse {
    return this.publishing.publishBatch(this.topic('Publish', input.TopicArn, context), input, context);
  }

  public tagResource({ ResourceArn, Tags = [] }: TagResourceRequest, context: RequestContext): object {
    this.topics.tag(this.tagged(ResourceArn, context), Tags);
    return {};
  }

  public untagResource({ ResourceArn, TagKeys = [] }: UntagResourceRequest, context: RequestContext): object {
    const { tags } = this.tagged(ResourceArn, context);
    for (const key of TagKeys) tags.delete(key);
    return {};
  }

  public listTagsForResource(
    { ResourceArn }: ListTagsForResourceRequest,
    context: RequestContext,
  ): ListTagsForResourceResponse {
    return { Tags: [...this.tagged(ResourceArn, context).tags].map(([Key, Value]) => ({ Key, Value })) };
  }

  public getDataProtectionPolicy(
    { ResourceArn }: GetDataProtectionPolicyInput,
    context: RequestContext,
  ): GetDataProtectionPolicyResponse {
    this.topic('GetDataProtectionPolicy', ResourceArn, context, {}, 'ResourceArn');
    return { DataProtectionPolicy: '' };
  }

  public putDataProtectionPolicy({ ResourceArn }: PutDataProtectionPolicyInput, context: RequestContext): void {
    this.topic('PutDataProtectionPolicy', ResourceArn, context, {}, 'ResourceArn');
    throw invalidParameter('DataProtectionPolicy Reason: the emulator does not audit or redact messages');
  }

  public createPlatformApplication(input: CreatePlatformApplicationInput, _context: RequestContext): never {
    return this.mobile.createPlatformApplication(input);
  }

  public getPlatformApplicationAttributes(
    input: GetPlatformApplicationAttributesInput,
    _context: RequestContext,
  ): never {
    return this.mobile.onPlatformApplication(input.PlatformApplicationArn);
  }

  public setPlatformApplicationAttributes(
    input: SetPlatformApplicationAttributesInput,
    _context: RequestContext,
  ): never {
    return this.mobile.onPlatformApplication(input.PlatformApplicationArn);
  }

  public listEndpointsByPlatformApplication(
    input: ListEndpointsByPlatformApplicationInput,
    _context: RequestContext,
  ): never {
    return this.mobile.onPlatformApplication(input.PlatformApplicationArn);
  }

  public listPlatformApplications(_input: object, _context: RequestContext): ListPlatformApplicationsResponse {
    return { PlatformApplications: [] };
  }

  public deletePlatformApplication(input: DeletePlatformApplicationInput, _context: RequestContext): void {
    this.mobile.deletePlatformApplication(input);
  }

  public createPlatformEndpoint(input: CreatePlatformEndpointInput, _context: RequestContext): never {
    return this.mobile.createPlatformEndpoint(input);
  }

  public getEndpointAttributes({ EndpointArn }: GetEndpointAttributesInput, _context: RequestContext): never {
    return this.mobile.onEndpoint(EndpointArn);
  }

  public setEndpointAttributes({ EndpointArn }: SetEndpointAttributesInput, _context: RequestContext): never {
    return this.mobile.onEndpoint(EndpointArn);
  }

  public deleteEndpoint(input: DeleteEndpointInput, _context: RequestContext): void {
    this.mobile.deleteEndpoint(input);
  }

  public setSMSAttributes(input: SetSMSAttributesInput, _context: RequestContext): object {
    this.mobile.setSmsAttributes(input);
    return {};
  }

  public getSMSAttributes(input: GetSMSAttributesInput, _context: RequestContext): GetSMSAttributesResponse {
    return { attributes: this.mobile.getSmsAttributes(input) };
  }

  public checkIfPhoneNumberIsOptedOut(
    input: CheckIfPhoneNumberIsOptedOutInput,
    _context: RequestContext,
  ): CheckIfPhoneNumberIsOptedOutResponse {
    return { isOptedOut: this.mobile.isOptedOut(input) };
  }

  public listPhoneNumbersOptedOut(_input: object, _context: RequestContext): ListPhoneNumbersOptedOutResponse {
    return { phoneNumbers: [] };
  }

  public optInPhoneNumber({ phoneNumber = '' }: OptInPhoneNumberInput, _context: RequestContext): object {
    this.mobile.checkNumber(phoneNumber);
    return {};
  }

  public listOriginationNumbers(_input: object, _context: RequestContext): ListOriginationNumbersResult {
    return { PhoneNumbers: [] };
  }

  public getSMSSandboxAccountStatus(_input: object, _context: RequestContext): GetSMSSandboxAccountStatusResult {
    return { IsInSandbox: true };
  }

  public listSMSSandboxPhoneNumbers(_input: object, _context: RequestContext): ListSMSSandboxPhoneNumbersResult {
    return { PhoneNumbers: [] };
  }

  public createSMSSandboxPhoneNumber(input: CreateSMSSandboxPhoneNumberInput, _context: RequestContext): never {
    return this.mobile.publishTo(input.PhoneNumber ?? '');
  }

  public verifySMSSandboxPhoneNumber(input: VerifySMSSandboxPhoneNumberInput, _context: RequestContext): never {
    return this.mobile.onSandboxNumber(input.PhoneNumber ?? '');
  }

  public deleteSMSSandboxPhoneNumber(input: DeleteSMSSandboxPhoneNumberInput, _context: RequestContext): never {
    return this.mobile.onSandboxNumber(input.PhoneNumber ?? '');
  }

  /** The topics, for live views. */
  public topicViews(): TopicView[] {
    return this.topics.all().map(({ name, fifo, confirmed }) => ({ name, fifo, subscriptions: confirmed.length }));
  }

  /** The ARN of a subscription; undefined if there is no such one. */
  public subscriptionArn(topicName: string, protocol: string, endpoint: string): string | undefined {
    const subscriptions = [...(this.topics.named(topicName)?.subscriptions.values() ?? [])];
    return subscriptions.find(({ identity }) => identity.protocol === protocol && identity.endpoint === endpoint)?.arn;
  }

  /** The endpoints of a topic's confirmed subscriptions; undefined if there is no such topic. */
  public endpointsOf(topicName: string): string[] | undefined {
    return this.topics.named(topicName)?.confirmed.map(({ identity }) => identity.endpoint);
  }

  /** The `AWS/SNS` metrics of the minute that began at `periodStart`. Call it once a minute, at its end. */
  public collectMetrics(periodStart: number): MetricDatum[] {
    return this.topics.all().flatMap((topic) => topic.metrics.collect(topic.name, periodStart));
  }

  /** Minutes are alike while nothing is published or delivered. */
  public readonly idle: IdleParticipant = {
    probe: () => (this.eventsBefore = this.topics.events),
    steadyUntil: () => (this.topics.events === this.eventsBefore ? Infinity : -Infinity),
    skip: () => undefined,
  };

  public stop(): void {
    this.fanOut.stop();
    this.confirmations.stop();
    this.subscriptions.stop();
  }

  /** Finds the request's topic, in any account of this Region, and checks that the caller may act on it. */
  private topic(
    action: string,
    text: string | undefined,
    context: RequestContext,
    keys: Readonly<Record<string, string>> = {},
    member = 'TopicArn',
  ): Topic {
    const { name, place } = this.locate(member, text);
    const topic = place?.topics.named(name);
    if (topic === undefined) throw notFound('Topic');
    authorize(topic, action, context, this.dependencies.clock, keys);
    return topic;
  }

  private locate(member: string, text: string | undefined) {
    const { account, region, resource: name } = requiredArn(member, text);
    if (region !== this.dependencies.region) throw invalidParameter(member);
    return { name, account, place: this.placeOf(account) };
  }

  private placeOf(account: string): Sns | undefined {
    const { account: own, region, elsewhere } = this.dependencies;
    return account === own ? this : elsewhere(account, region);
  }

  private tagged(arn: string | undefined, context: RequestContext): Topic {
    return this.topics.forTags(arn, context);
  }

  /** Finds a subscription; undefined if there is no such one. */
  private find(text: string | undefined): { topic: Topic; subscription: Subscription } | undefined {
    return this.subscriptions.find(text, (account) => this.placeOf(account)?.topics);
  }

  /** Finds a subscription that the caller, who must own it or its topic, may act on. */
  private subscription(action: string, text: string | undefined, context: RequestContext) {
    const found = this.find(text);
    if (found === undefined) throw notFound('Subscription');
    this.subscriptions.checkOwner(action, found.topic, found.subscription, context);
    return found;
  }
}

function listed({ arn, pending, identity }: Subscription) {
  const { owner, protocol, endpoint, topicArn } = identity;
  return {
    SubscriptionArn: pending ? 'PendingConfirmation' : arn,
    Owner: owner,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn,
  };
}
