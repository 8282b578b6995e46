import type {
  CancelReplayRequest,
  CancelReplayResponse,
  CreateArchiveRequest,
  CreateArchiveResponse,
  CreateEventBusRequest,
  CreateEventBusResponse,
  DeleteArchiveRequest,
  DeleteEventBusRequest,
  DeleteRuleRequest,
  DescribeArchiveRequest,
  DescribeArchiveResponse,
  DescribeEventBusRequest,
  DescribeEventBusResponse,
  DescribeReplayRequest,
  DescribeReplayResponse,
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListArchivesRequest,
  ListArchivesResponse,
  ListEventBusesRequest,
  ListEventBusesResponse,
  ListReplaysRequest,
  ListReplaysResponse,
  ListRuleNamesByTargetRequest,
  ListRuleNamesByTargetResponse,
  ListRulesRequest,
  ListRulesResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
  PutPermissionRequest,
  PutRuleRequest,
  PutRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemovePermissionRequest,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  StartReplayRequest,
  StartReplayResponse,
  TagResourceRequest,
  TestEventPatternRequest,
  TestEventPatternResponse,
  UntagResourceRequest,
  UpdateArchiveRequest,
  UpdateArchiveResponse,
  UpdateEventBusRequest,
  UpdateEventBusResponse,
} from '@aws-sdk/client-eventbridge';
import type { Clock, Random } from '../../clock';
import {
  AwsError,
  type BusEntry,
  type Deliver,
  type MetricDatum,
  parseArn,
  type RequestContext,
  type RetryBackoff,
  type ServiceEvent,
  type ServiceEvents,
} from '../../core';
import type { Timeline } from '../../timeline';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { Archives } from './archives/archives';
import { Replays } from './archives/replays';
import { BusEvent, type NewEvent } from './bus-event';
import { Buses } from './buses/buses';
import type { EventBus } from './buses/event-bus';
import { type Failure, failure, failureOf } from './delivery/failure';
import { Invocations } from './delivery/invocations';
import { busNotFound, notEmulated, validation } from './errors';
import { EventMetrics } from './metrics';
import { normalized } from './patterns/normalized';
import { checkEntries, refusalOf } from './put-events';
import { DEFAULT_BUS, type Rule } from './rules/rule';
import { compilePattern } from './rules/rule-settings';
import { Rules } from './rules/rules';
import { addTags, listTags } from './tags';

/** The collaborators and settings of {@link Events}. */
export interface EventBridgeDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly backoff?: RetryBackoff;
  /** The same service of another account or Region, if that has begun. */
  readonly elsewhere: (account: string, region: string) => Events | undefined;
  readonly deliver: Deliver;
  /** Whether the service of an ARN takes deliveries. */
  readonly takesDeliveries: (targetArn: string) => boolean;
}

const EVENT_FIELDS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

/**
 * Amazon EventBridge in one account and Region: event buses, rules and archives. Events go to the targets of the rules
 * that match while they are put, so that a virtual clock need not move.
 */
export class Events implements ServiceInstance, ServiceEvents {
  private readonly buses: Buses;
  private readonly rules: Rules;
  private readonly archives: Archives;
  private readonly replays: Replays;
  private readonly invocations: Invocations;
  private readonly metrics = new EventMetrics();

  constructor(private readonly dependencies: EventBridgeDependencies) {
    const { clock, account, region, backoff = {} } = dependencies;
    const place = { clock, account, region };
    this.buses = new Buses({ ...place, deleted: () => undefined });
    this.rules = new Rules({ ...place, buses: this.buses, fire: (rule) => this.fire(rule) });
    this.archives = new Archives({ ...place, bus: (nameOrArn) => this.buses.named(nameOrArn) });
    this.replays = new Replays({
      ...place,
      archive: (arn) => this.archives.byArn(arn),
      replay: (busName, event, ruleArns) => this.replay(busName, event, ruleArns),
    });
    this.invocations = new Invocations({
      ...dependencies,
      backoff,
      metrics: this.metrics,
      forward: (busArn, event, rule, caller) => this.forward(busArn, event, rule, caller),
    });
  }

  public putEvents(input: PutEventsRequest, context: RequestContext): PutEventsResponse {
    const { metrics } = this;
    metrics.countInAccount('PutEventsApproximateCallCount');
    try {
      const { Entries: entries = [] } = input;
      if (input.EndpointId !== undefined) throw notEmulated('Global endpoints');
      metrics.requestSize(checkEntries(entries));
      // Access is checked for all buses before any entry is put.
      for (const { EventBusName } of entries) this.checkAccess(EventBusName, context);
      const results = entries.map((entry) => this.putEntry(entry, context));
      const failed = results.filter(({ ErrorCode }) => ErrorCode !== undefined).length;
      metrics.countInAccount('PutEventsApproximateSuccessCount');
      metrics.countInAccount('PutEventsEntriesCount', entries.length);
      metrics.countInAccount('PutEventsFailedEntriesCount', failed);
      return { FailedEntryCount: failed, Entries: results };
    } catch (error) {
      metrics.countInAccount('PutEventsApproximateFailedCount');
      throw error;
    }
  }

  /** Takes an event that an AWS service emits of itself, unless the default bus has neither a rule nor an archive. */
  public emit(source: string, detailType: string, event: () => ServiceEvent): void {
    const bus = this.buses.named(DEFAULT_BUS);
    if (bus.ruleCount === 0 && !this.archives.keeps(bus.name)) return;
    const { resources, detail } = event();
    const { account } = this.dependencies;
    this.publish(bus, { source, detailType, resources, detail: JSON.stringify(detail), time: this.now, account });
  }

  /** Takes an event that an AWS service delivers to one of the buses here. */
  public takeFromService(busArn: string, entry: BusEntry, context: RequestContext): void {
    const bus = this.buses.find(busArn);
    if (bus === undefined) throw busNotFound(busArn);
    bus.policy.check(context, this.dependencies.account, this.now);
    this.publish(bus, {
      source: entry.source,
      detailType: entry.detailType,
      resources: entry.resources ?? [],
      detail: entry.detail,
      time: entry.time ?? this.now,
      account: context.account,
      traceHeader: context.traceHeader,
    });
  }

  public createEventBus(input: CreateEventBusRequest, _context: RequestContext): CreateEventBusResponse {
    return this.buses.create(input);
  }

  public updateEventBus(input: UpdateEventBusRequest, _context: RequestContext): UpdateEventBusResponse {
    return this.buses.update(input);
  }

  public deleteEventBus(input: DeleteEventBusRequest, _context: RequestContext): void {
    this.buses.delete(input);
  }

  public describeEventBus(input: DescribeEventBusRequest, _context: RequestContext): DescribeEventBusResponse {
    return this.buses.describe(input);
  }

  public listEventBuses(input: ListEventBusesRequest, _context: RequestContext): ListEventBusesResponse {
    return this.buses.list(input);
  }

  public putPermission(input: PutPermissionRequest, _context: RequestContext): void {
    this.buses.putPermission(input);
  }

  public removePermission(input: RemovePermissionRequest, _context: RequestContext): void {
    this.buses.removePermission(input);
  }

  /** Sets a statement of a bus's policy; CloudFormation's resource type takes one as JSON. */
  public putPolicyStatement(busName: string | undefined, sid: string, statement: object): void {
    this.buses.named(busName).policy.putStatement(sid, statement);
  }

  public putRule(input: PutRuleRequest, _context: RequestContext): PutRuleResponse {
    return this.rules.put(input);
  }

  public deleteRule(input: DeleteRuleRequest, _context: RequestContext): void {
    this.rules.delete(input);
  }

  public describeRule(input: DescribeRuleRequest, _context: RequestContext): DescribeRuleResponse {
    return this.rules.describe(input);
  }

  public enableRule(input: EnableRuleRequest, _context: RequestContext): void {
    this.rules.enable(input, 'ENABLED');
  }

  public disableRule(input: DisableRuleRequest, _context: RequestContext): void {
    this.rules.enable(input, 'DISABLED');
  }

  public listRules(input: ListRulesRequest, _context: RequestContext): ListRulesResponse {
    return this.rules.list(input);
  }

  public listRuleNamesByTarget(
    input: ListRuleNamesByTargetRequest,
    _context: RequestContext,
  ): ListRuleNamesByTargetResponse {
    return this.rules.namesByTarget(input);
  }

  public putTargets(input: PutTargetsRequest, _context: RequestContext): PutTargetsResponse {
    return this.rules.putTargets(input);
  }

  public removeTargets(input: RemoveTargetsRequest, _context: RequestContext): RemoveTargetsResponse {
    return this.rules.removeTargets(input);
  }

  public listTargetsByRule(input: ListTargetsByRuleRequest, _context: RequestContext): ListTargetsByRuleResponse {
    return this.rules.listTargets(input);
  }

  public testEventPattern(input: TestEventPatternRequest, _context: RequestContext): TestEventPatternResponse {
    const event = parsedObject(input.Event ?? '');
    if (event === undefined || EVENT_FIELDS.some((field) => !Object.hasOwn(event, field))) {
      throw validation('Parameter Event is not valid.');
    }
    return { Result: compilePattern(input.EventPattern ?? '').matches(normalized(event)) };
  }

  public tagResource({ ResourceARN, Tags = [] }: TagResourceRequest, _context: RequestContext): void {
    addTags(this.tagsOf(ResourceARN), Tags);
  }

  public untagResource({ ResourceARN, TagKeys = [] }: UntagResourceRequest, _context: RequestContext): void {
    const tags = this.tagsOf(ResourceARN);
    for (const key of TagKeys) tags.delete(key);
  }

  public listTagsForResource(
    { ResourceARN }: ListTagsForResourceRequest,
    _context: RequestContext,
  ): ListTagsForResourceResponse {
    return { Tags: listTags(this.tagsOf(ResourceARN)) };
  }

  public createArchive(input: CreateArchiveRequest, _context: RequestContext): CreateArchiveResponse {
    return this.archives.create(input);
  }

  public updateArchive(input: UpdateArchiveRequest, _context: RequestContext): UpdateArchiveResponse {
    return this.archives.update(input);
  }

  public deleteArchive({ ArchiveName }: DeleteArchiveRequest, _context: RequestContext): object {
    this.archives.delete(ArchiveName);
    return {};
  }

  public describeArchive(input: DescribeArchiveRequest, _context: RequestContext): DescribeArchiveResponse {
    return this.archives.describe(input);
  }

  public listArchives(input: ListArchivesRequest, _context: RequestContext): ListArchivesResponse {
    return this.archives.list(input);
  }

  public startReplay(input: StartReplayRequest, _context: RequestContext): StartReplayResponse {
    return this.replays.start(input);
  }

  public cancelReplay(input: CancelReplayRequest, _context: RequestContext): CancelReplayResponse {
    return this.replays.cancel(input);
  }

  public describeReplay(input: DescribeReplayRequest, _context: RequestContext): DescribeReplayResponse {
    return this.replays.describe(input);
  }

  public listReplays(input: ListReplaysRequest, _context: RequestContext): ListReplaysResponse {
    return this.replays.list(input);
  }

  /** Whether a rule can send events to an ARN. */
  public takesDeliveries(targetArn: string): boolean {
    return this.dependencies.takesDeliveries(targetArn);
  }

  /** The event buses, sorted by name. */
  public eventBuses(): EventBus[] {
    return this.buses.all();
  }

  /** Sets AWS's own tags on a bus or rule, such as CloudFormation's. */
  public setSystemTags(arn: string, tags: Readonly<Record<string, string>>): void {
    const own = this.tagsOf(arn);
    for (const [key, value] of Object.entries(tags)) own.set(key, value);
  }

  public collectMetrics(periodStart: number): MetricDatum[] {
    return this.metrics.collect(periodStart);
  }

  /** A minute in which anything happened is not repeated. */
  public readonly idle: IdleParticipant = {
    probe: () => {
      this.metrics.isActive = false;
    },
    steadyUntil: () => (this.metrics.isActive ? -Infinity : Infinity),
    skip: () => undefined,
  };

  public stop(): void {
    this.rules.stop();
    this.replays.stop();
    this.invocations.stop();
  }

  private get now(): number {
    return this.dependencies.clock.now();
  }

  /** The bus of an entry, in whatever account and Region, and the service that has it; undefined if there is none. */
  private locate(nameOrArn = DEFAULT_BUS): { service: Events; bus: EventBus } | undefined {
    const { account, region, elsewhere } = this.dependencies;
    const arn = parseArn(nameOrArn);
    const isHere = arn === undefined || (arn.account === account && arn.region === region);
    const service = isHere ? this : elsewhere(arn.account, arn.region);
    const bus = service?.buses.find(nameOrArn);
    return service === undefined || bus === undefined ? undefined : { service, bus };
  }

  private checkAccess(nameOrArn: string | undefined, context: RequestContext): void {
    const found = this.locate(nameOrArn);
    found?.bus.policy.check(context, found.service.dependencies.account, this.now);
  }

  private putEntry(entry: PutEventsRequestEntry, context: RequestContext): PutEventsResultEntry {
    const refusal = refusalOf(entry, !context.principal.startsWith('arn:'));
    if (refusal !== undefined) return refusal;
    const { Source = '', DetailType = '', Detail = '', Resources = [], Time, TraceHeader } = entry;
    const found = this.locate(entry.EventBusName);
    // An event for a bus that does not exist is accepted, and goes nowhere.
    if (found === undefined) return { EventId: this.dependencies.random.uuid() };
    const event = found.service.publish(found.bus, {
      source: Source,
      detailType: DetailType,
      resources: Resources,
      detail: Detail,
      time: Time === undefined ? this.now : Time.getTime(),
      account: context.account,
      traceHeader: TraceHeader ?? context.traceHeader,
    });
    return { EventId: event.fields.id };
  }

  private publish(bus: EventBus, event: Omit<NewEvent, 'id' | 'region' | 'ingestedAt'>): BusEvent {
    const { random, region } = this.dependencies;
    const published = new BusEvent({ ...event, id: random.uuid(), region, ingestedAt: this.now });
    this.arrive(bus, published);
    return published;
  }

  /** An event reaches a bus: it is archived, and goes to the rules that match. */
  private arrive(bus: EventBus, event: BusEvent): void {
    const { timeline } = this.dependencies;
    this.archives.offer(bus.name, event);
    const rules = bus.matching(event);
    if (timeline.observed) {
      const { id, source, 'detail-type': detailType } = event.fields;
      timeline.record('events.put', bus.name, { id, source, detailType, rules: rules.length }, event.text);
    }
    for (const rule of rules) {
      this.metrics.count(rule.busName, rule.name, 'MatchedEvents');
      this.invocations.start(rule, event);
    }
  }

  private fire(rule: Rule): void {
    const { random, timeline, account, region } = this.dependencies;
    timeline.record('events.fired', rule.name, { schedule: rule.settings.scheduleExpression });
    const event = new BusEvent({
      id: random.uuid(),
      source: 'aws.events',
      detailType: 'Scheduled Event',
      ...{ account, region },
      time: this.now,
      resources: [rule.arn],
      detail: '{}',
      ingestedAt: this.now,
    });
    this.invocations.start(rule, event);
  }

  private replay(busName: string, event: BusEvent, ruleArns: readonly string[]): void {
    const bus = this.buses.find(busName);
    if (bus === undefined) return;
    for (const rule of bus.matching(event)) {
      if (ruleArns.length > 0 && !ruleArns.includes(rule.arn)) continue;
      this.metrics.count(rule.busName, rule.name, 'MatchedEvents');
      this.invocations.start(rule, event);
    }
  }

  /** Hands an event on to the bus that is a rule's target. */
  private forward(busArn: string, event: BusEvent, rule: Rule, caller: RequestContext): Failure | undefined {
    const { account, region, random } = this.dependencies;
    const arn = parseArn(busArn) ?? { account, region };
    const { accounts, regions } = event.passed;
    // An event may be handed on to one other account and to one other Region.
    if (arn.account !== account && accounts.length > 0) {
      return failure('THIRD_ACCOUNT_HOP_DETECTED', 'The event has been sent to another account already.');
    }
    if (arn.region !== region && regions.length > 0) {
      return failure('THIRD_REGION_HOP_DETECTED', 'The event has been sent to another Region already.');
    }
    const found = this.locate(busArn);
    if (found === undefined) return failure('NO_RESOURCE', `Event bus ${busArn} does not exist.`);
    try {
      const principal = caller.principal.startsWith('arn:') ? caller.principal : `arn:aws:iam::${account}:root`;
      found.bus.policy.check({ ...caller, principal }, arn.account, this.now);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return failureOf(error);
    }
    found.service.arrive(
      found.bus,
      event.again({
        // Within a Region an event keeps its id.
        ...(arn.region !== region && { id: random.uuid() }),
        ingestedAt: this.now,
        passed: {
          rules: [...event.passed.rules, rule.arn],
          accounts: arn.account === account ? accounts : [...accounts, arn.account],
          regions: arn.region === region ? regions : [...regions, arn.region],
        },
      }),
    );
    return undefined;
  }

  private tagsOf(arn = ''): Map<string, string> {
    const resource = parseArn(arn)?.resource ?? '';
    const [kind, ...names] = resource.split('/');
    if (kind === 'event-bus') return this.buses.named(arn).tags;
    if (kind !== 'rule')
      throw validation(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
    const EventBusName = names.length > 1 ? names.slice(0, -1).join('/') : DEFAULT_BUS;
    return this.rules.find({ Name: names.at(-1), EventBusName }).rule.tags;
  }
}

function parsedObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
