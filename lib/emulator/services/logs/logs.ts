import type {
  AssociateKmsKeyRequest,
  CreateLogGroupRequest,
  CreateLogStreamRequest,
  DeleteLogGroupRequest,
  DeleteLogStreamRequest,
  DeleteMetricFilterRequest,
  DeleteResourcePolicyRequest,
  DeleteRetentionPolicyRequest,
  DeleteSubscriptionFilterRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  DescribeMetricFiltersRequest,
  DescribeMetricFiltersResponse,
  DescribeResourcePoliciesRequest,
  DescribeResourcePoliciesResponse,
  DescribeSubscriptionFiltersRequest,
  DescribeSubscriptionFiltersResponse,
  DisassociateKmsKeyRequest,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
  ListLogGroupsRequest,
  ListLogGroupsResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTagsLogGroupRequest,
  ListTagsLogGroupResponse,
  PutLogEventsRequest,
  PutLogEventsResponse,
  PutLogGroupDeletionProtectionRequest,
  PutMetricFilterRequest,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  PutRetentionPolicyRequest,
  PutSubscriptionFilterRequest,
  TagLogGroupRequest,
  TagResourceRequest,
  TestMetricFilterRequest,
  TestMetricFilterResponse,
  UntagLogGroupRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../../clock';
import { AwsError, type MetricDatum, ModelConstraints, page, type RequestContext } from '../../core';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { alreadyExists, invalidParameter, invalidToken, streamNotFound } from './errors';
import { MetricFilters } from './filters/metric-filters';
import { sumOf } from './filters/subscription-filter';
import { SubscriptionFilters, type SubscriptionFiltersDependencies } from './filters/subscription-filters';
import { searchEvents } from './groups/event-search';
import type { LogGroup } from './groups/log-group';
import type { LogStream, StoredEvent } from './groups/log-stream';
import { LogStore } from './groups/log-store';
import { checkBatch } from './groups/put-events';
import { describeGroup, describeStream } from './groups/descriptions';
import { streamPage } from './groups/stream-page';
import { LIMITS } from './limits';
import { readPattern } from './patterns/filter-pattern';
import { ResourcePolicies } from './resource-policies';
import { addTags, checkLimit, checkNames, checkRetention } from './validation';

const LARGEST_PAGE = 50;
const LARGEST_LIST = 1_000;

/** What {@link Logs} needs. */
export interface LogsDependencies extends SubscriptionFiltersDependencies {
  readonly clock: Clock;
  /** How many bytes of events are kept; beyond it, those that arrived first are dropped. */
  readonly capacity: number;
}

/** A log group, for views. */
export interface LogGroupView {
  readonly name: string;
  readonly streams: number;
  readonly storedBytes: number;
}

/** Amazon CloudWatch Logs of one account and Region. */
export class Logs implements ServiceInstance {
  private readonly store: LogStore;
  private readonly metricFilters: MetricFilters;
  private readonly subscriptions: SubscriptionFilters;
  private readonly policies: ResourcePolicies;
  /** Whether anything arrived since the last probe. */
  private arrived = false;

  constructor(private readonly dependencies: LogsDependencies) {
    const { clock, account, region, capacity } = dependencies;
    this.store = new LogStore(clock, account, region, capacity);
    this.metricFilters = new MetricFilters(this.store, clock);
    this.subscriptions = new SubscriptionFilters(this.store, dependencies);
    this.policies = new ResourcePolicies(clock);
  }

  public createLogGroup(input: CreateLogGroupRequest, _context: RequestContext): void {
    const { logGroupName = '', kmsKeyId, logGroupClass, deletionProtectionEnabled } = input;
    checkNames({ logGroupName });
    new ModelConstraints()
      .length('kmsKeyId', kmsKeyId, 0, 256)
      .oneOf('logGroupClass', logGroupClass, ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'])
      .check('InvalidParameterException');
    if (/^aws\//i.test(logGroupName)) {
      throw invalidParameter('Log groups starting with AWS/ are reserved for AWS.');
    }
    const tags = new Map<string, string>();
    addTags(tags, input.tags);
    if (this.store.groups.has(logGroupName)) throw alreadyExists('group');
    const group = this.store.createGroup(logGroupName, logGroupClass);
    group.kmsKeyId = kmsKeyId;
    group.deletionProtection = deletionProtectionEnabled ?? false;
    for (const [key, value] of tags) group.tags.set(key, value);
  }

  public deleteLogGroup({ logGroupName }: DeleteLogGroupRequest, _context: RequestContext): void {
    checkNames({ logGroupName });
    const group = this.store.find(logGroupName);
    if (group.deletionProtection) {
      throw new AwsError(
        'ValidationException',
        'The specified log group has deletion protection enabled: disable it before the log group is deleted.',
      );
    }
    for (const filter of group.subscriptionFilters.values()) filter.stop();
    this.store.deleteGroup(group);
  }

  public describeLogGroups(input: DescribeLogGroupsRequest, _context: RequestContext): DescribeLogGroupsResponse {
    const { logGroupNamePrefix, logGroupNamePattern, logGroupClass, logGroupIdentifiers, limit, nextToken } = input;
    if (logGroupNamePrefix !== undefined && logGroupNamePattern !== undefined) {
      throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
    }
    checkLimit(limit, LARGEST_PAGE);
    checkNames({ logGroupName: logGroupNamePrefix });
    const named = logGroupIdentifiers && new Set(logGroupIdentifiers.map((identifier) => this.store.find(identifier)));
    const all = [...this.store.groups.values()].filter(
      (group) =>
        group.name.startsWith(logGroupNamePrefix ?? '') &&
        group.name.includes(logGroupNamePattern ?? '') &&
        (logGroupClass === undefined || group.logClass === logGroupClass) &&
        (named === undefined || named.has(group)),
    );
    const { items, nextToken: next } = page(byName(all), limit ?? LARGEST_PAGE, nextToken, invalidToken);
    for (const group of items) this.store.expire(group);
    return {
      logGroups: items.map((group) => describeGroup(group, logGroupNamePattern !== undefined)),
      ...(next !== undefined && { nextToken: next }),
    };
  }

  public listLogGroups(input: ListLogGroupsRequest, _context: RequestContext): ListLogGroupsResponse {
    const { logGroupNamePattern = '', logGroupClass, limit, nextToken } = input;
    checkLimit(limit, LARGEST_LIST);
    for (const name of ['dataSources', 'fieldIndexNames', 'logGroupTags'] as const) {
      if (input[name] !== undefined) throw invalidParameter(`${name} is not emulated for ListLogGroups: leave it out.`);
    }
    const patterns = logGroupNamePattern.split('|');
    const matches = (name: string) =>
      patterns.some((part) => (part.startsWith('^') ? name.startsWith(part.slice(1)) : name.includes(part)));
    const all = [...this.store.groups.values()].filter(
      ({ name, logClass }) => matches(name) && (logGroupClass === undefined || logClass === logGroupClass),
    );
    const { items, nextToken: next } = page(byName(all), limit ?? LARGEST_PAGE, nextToken, invalidToken);
    return {
      logGroups: items.map(({ name, arn, logClass }) => ({
        logGroupName: name,
        logGroupArn: arn,
        logGroupClass: logClass,
      })),
      ...(next !== undefined && { nextToken: next }),
    };
  }

  public createLogStream(input: CreateLogStreamRequest, _context: RequestContext): void {
    const { logGroupName, logStreamName = '' } = input;
    checkNames({ logGroupName, logStreamName });
    const group = this.store.find(logGroupName);
    if (group.streams.has(logStreamName)) throw alreadyExists('stream');
    this.store.createStream(group, logStreamName);
  }

  public deleteLogStream(input: DeleteLogStreamRequest, _context: RequestContext): void {
    checkNames(input);
    const group = this.store.find(input.logGroupName);
    this.store.deleteStream(group, findStream(group, input.logStreamName));
  }

  public describeLogStreams(input: DescribeLogStreamsRequest, _context: RequestContext): DescribeLogStreamsResponse {
    const { logStreamNamePrefix, orderBy = 'LogStreamName', descending = false, limit, nextToken } = input;
    checkLimit(limit, LARGEST_PAGE);
    checkNames({ logGroupName: input.logGroupName, logStreamName: logStreamNamePrefix });
    new ModelConstraints()
      .oneOf('orderBy', orderBy, ['LogStreamName', 'LastEventTime'])
      .check('InvalidParameterException');
    if (orderBy === 'LastEventTime' && logStreamNamePrefix !== undefined) {
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const group = this.store.find(identifierOf(input));
    const found = [...group.streams.values()].filter(({ name }) => name.startsWith(logStreamNamePrefix ?? ''));
    const ordered = orderBy === 'LogStreamName' ? byName(found) : found.sort(byLastEvent);
    if (descending) ordered.reverse();
    const { items, nextToken: next } = page(ordered, limit ?? LARGEST_PAGE, nextToken, invalidToken);
    return { logStreams: items.map(describeStream), ...(next !== undefined && { nextToken: next }) };
  }

  public putLogEvents(input: PutLogEventsRequest, _context: RequestContext): PutLogEventsResponse {
    const { logGroupName, logStreamName, logEvents = [] } = input;
    checkNames({ logGroupName, logStreamName });
    checkBatch(logEvents);
    const group = this.store.find(logGroupName);
    const stream = findStream(group, logStreamName);
    const { accepted, rejected } = this.store.ingest(group, stream, logEvents);
    this.ingested(group, stream, accepted);
    return {
      nextSequenceToken: describeStream(stream).uploadSequenceToken,
      ...(rejected !== undefined && { rejectedLogEventsInfo: rejected }),
    };
  }

  public getLogEvents(input: GetLogEventsRequest, _context: RequestContext): GetLogEventsResponse {
    checkLimit(input.limit, LIMITS.eventsPerRequest);
    checkNames({ logGroupName: input.logGroupName, logStreamName: input.logStreamName });
    return streamPage(findStream(this.store.find(identifierOf(input)), input.logStreamName), input);
  }

  public filterLogEvents(input: FilterLogEventsRequest, _context: RequestContext): FilterLogEventsResponse {
    const { logStreamNames, logStreamNamePrefix, filterPattern = '' } = input;
    checkLimit(input.limit, LIMITS.eventsPerRequest);
    checkNames({ logGroupName: input.logGroupName });
    new ModelConstraints().length('logStreamNames', logStreamNames, 1, 100).check('InvalidParameterException');
    if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) {
      throw invalidParameter('LogStream names and LogStream prefix are mutually exclusive parameters.');
    }
    const pattern = readPattern(filterPattern);
    const group = this.store.find(identifierOf(input));
    const streams =
      logStreamNames?.map((name) => findStream(group, name)) ??
      [...group.streams.values()].filter(({ name }) => name.startsWith(logStreamNamePrefix ?? ''));
    return searchEvents([...new Set(streams)], pattern, input);
  }

  public putRetentionPolicy(input: PutRetentionPolicyRequest, _context: RequestContext): void {
    const { logGroupName, retentionInDays } = input;
    checkNames({ logGroupName });
    checkRetention(retentionInDays);
    this.store.find(logGroupName).retentionInDays = retentionInDays;
  }

  public deleteRetentionPolicy({ logGroupName }: DeleteRetentionPolicyRequest, _context: RequestContext): void {
    checkNames({ logGroupName });
    this.store.find(logGroupName).retentionInDays = undefined;
  }

  /** Stores the key. Events are not encrypted here. */
  public associateKmsKey(input: AssociateKmsKeyRequest, _context: RequestContext): void {
    const { logGroupName, resourceIdentifier, kmsKeyId } = input;
    new ModelConstraints().length('kmsKeyId', kmsKeyId, 0, 256).check('InvalidParameterException');
    this.store.find(logGroupName ?? resourceIdentifier).kmsKeyId = kmsKeyId;
  }

  public disassociateKmsKey(input: DisassociateKmsKeyRequest, _context: RequestContext): void {
    this.store.find(input.logGroupName ?? input.resourceIdentifier).kmsKeyId = undefined;
  }

  public putLogGroupDeletionProtection(input: PutLogGroupDeletionProtectionRequest, _context: RequestContext): void {
    this.store.find(input.logGroupIdentifier).deletionProtection = input.deletionProtectionEnabled ?? false;
  }

  public tagResource({ resourceArn, tags }: TagResourceRequest, _context: RequestContext): void {
    addTags(this.store.find(resourceArn).tags, tags);
  }

  public untagResource({ resourceArn, tagKeys = [] }: UntagResourceRequest, _context: RequestContext): void {
    const { tags } = this.store.find(resourceArn);
    for (const key of tagKeys) tags.delete(key);
  }

  public listTagsForResource(
    { resourceArn }: ListTagsForResourceRequest,
    _context: RequestContext,
  ): ListTagsForResourceResponse {
    return { tags: Object.fromEntries(this.store.find(resourceArn).tags) };
  }

  public tagLogGroup({ logGroupName, tags }: TagLogGroupRequest, _context: RequestContext): void {
    checkNames({ logGroupName });
    addTags(this.store.find(logGroupName).tags, tags);
  }

  public untagLogGroup({ logGroupName, tags: keys = [] }: UntagLogGroupRequest, _context: RequestContext): void {
    checkNames({ logGroupName });
    const { tags } = this.store.find(logGroupName);
    for (const key of keys) tags.delete(key);
  }

  public listTagsLogGroup(
    { logGroupName }: ListTagsLogGroupRequest,
    _context: RequestContext,
  ): ListTagsLogGroupResponse {
    checkNames({ logGroupName });
    return { tags: Object.fromEntries(this.store.find(logGroupName).tags) };
  }

  public putMetricFilter(input: PutMetricFilterRequest, _context: RequestContext): void {
    this.metricFilters.put(input);
  }

  public describeMetricFilters(
    input: DescribeMetricFiltersRequest,
    _context: RequestContext,
  ): DescribeMetricFiltersResponse {
    return this.metricFilters.describe(input);
  }

  public deleteMetricFilter(input: DeleteMetricFilterRequest, _context: RequestContext): void {
    this.metricFilters.delete(input);
  }

  public testMetricFilter(input: TestMetricFilterRequest, _context: RequestContext): TestMetricFilterResponse {
    return this.metricFilters.test(input);
  }

  public putSubscriptionFilter(input: PutSubscriptionFilterRequest, context: RequestContext): void {
    this.subscriptions.put(input, context);
  }

  public describeSubscriptionFilters(
    input: DescribeSubscriptionFiltersRequest,
    _context: RequestContext,
  ): DescribeSubscriptionFiltersResponse {
    return this.subscriptions.describe(input);
  }

  public deleteSubscriptionFilter(input: DeleteSubscriptionFilterRequest, _context: RequestContext): void {
    this.subscriptions.delete(input);
  }

  public putResourcePolicy(input: PutResourcePolicyRequest, _context: RequestContext): PutResourcePolicyResponse {
    return this.policies.put(input);
  }

  public describeResourcePolicies(
    input: DescribeResourcePoliciesRequest,
    _context: RequestContext,
  ): DescribeResourcePoliciesResponse {
    return this.policies.describe(input);
  }

  public deleteResourcePolicy(input: DeleteResourcePolicyRequest, _context: RequestContext): void {
    this.policies.delete(input);
  }

  /** Whether a log group of this name exists. */
  public hasGroup(name: string): boolean {
    return this.store.groups.has(name);
  }

  /** Sets AWS's own tags on a log group, such as CloudFormation's. */
  public setSystemTags(name: string, tags: Readonly<Record<string, string>>): void {
    const group = this.store.find(name);
    for (const [key, value] of Object.entries(tags)) group.tags.set(key, value);
  }

  /** Stores a line of a program that writes its log here. Creates the group and the stream if they are missing. */
  public write(groupName: string, streamName: string, timestamp: number, message: string): void {
    if (message === '') return;
    const group = this.store.groups.get(groupName) ?? this.store.createGroup(groupName);
    const stream = group.streams.get(streamName) ?? this.store.createStream(group, streamName);
    this.ingested(group, stream, this.store.ingest(group, stream, [{ timestamp, message }]).accepted);
  }

  /**
   * Stores what another service delivers to a log group, in a stream for the rule or other resource that it comes from.
   * A JSON object with a `timestamp` and a `message`, and nothing else, says what to store.
   */
  public writeDelivery(groupName: string, sourceArn: string | undefined, payload: string): void {
    const group = this.store.find(groupName);
    const now = this.dependencies.clock.now();
    const { timestamp = now, message = payload } = eventIn(payload) ?? {};
    this.write(group.name, (sourceArn ?? 'events').replace(/^.*[:/]/, ''), timestamp, message);
  }

  /** The log groups, by name, for views. */
  public groups(): LogGroupView[] {
    return byName([...this.store.groups.values()]).map(({ name, streams, storedBytes }) => ({
      name,
      streams: streams.size,
      storedBytes,
    }));
  }

  /** What arrived in the minute, the metrics of filters, and what subscriptions delivered. */
  public collectMetrics(periodStart: number): MetricDatum[] {
    const data: MetricDatum[] = [];
    for (const group of this.store.groups.values()) {
      const { events, bytes } = group.incoming;
      const dimensions = { LogGroupName: group.name };
      data.push(...sumOf('IncomingLogEvents', dimensions, 'Count', periodStart, events));
      data.push(...sumOf('IncomingBytes', dimensions, 'Bytes', periodStart, bytes));
      if (events > 0) group.incoming = { events: 0, bytes: 0 };
      for (const filter of group.metricFilters.values()) data.push(...filter.collect(periodStart));
      for (const filter of group.subscriptionFilters.values()) data.push(...filter.collect(periodStart));
    }
    return data;
  }

  /** Minutes without events are alike. */
  public readonly idle: IdleParticipant = {
    probe: () => {
      this.arrived = false;
    },
    steadyUntil: () => (this.arrived ? -Infinity : Infinity),
    skip: () => undefined,
  };

  public stop(): void {
    for (const group of this.store.groups.values()) {
      for (const filter of group.subscriptionFilters.values()) filter.stop();
    }
  }

  private ingested(group: LogGroup, stream: LogStream, events: readonly StoredEvent[]): void {
    if (events.length === 0) return;
    this.arrived = true;
    for (const filter of group.metricFilters.values()) filter.take(events);
    for (const filter of group.subscriptionFilters.values()) filter.take(stream, events);
  }
}

function identifierOf(input: { readonly logGroupName?: string; readonly logGroupIdentifier?: string }): string {
  const { logGroupName, logGroupIdentifier } = input;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw invalidParameter('LogGroup name and LogGroup ARN are mutually exclusive parameters.');
  }
  const identifier = logGroupName ?? logGroupIdentifier;
  if (identifier === undefined) {
    throw invalidParameter('Either LogGroup name or LogGroup ARN must be specified.');
  }
  return identifier;
}

function findStream(group: LogGroup, name = ''): LogStream {
  const stream = group.streams.get(name);
  if (stream === undefined) throw streamNotFound();
  return stream;
}

function byName<T extends { readonly name: string }>(all: T[]): T[] {
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function byLastEvent(one: LogStream, other: LogStream): number {
  return (one.lastEvent?.timestamp ?? 0) - (other.lastEvent?.timestamp ?? 0);
}

/** The log event that a delivery describes: a rule's target may have an input of that form. */
function eventIn(payload: string): { readonly timestamp: number; readonly message: string } | undefined {
  const given = parsedObject(payload);
  if (given === undefined || Object.keys(given).sort().join() !== 'message,timestamp') return undefined;
  const { timestamp, message } = given;
  const at = typeof timestamp === 'number' ? timestamp : Date.parse(String(timestamp));
  if (!Number.isFinite(at)) return undefined;
  return { timestamp: at, message: typeof message === 'string' ? message : JSON.stringify(message) };
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
