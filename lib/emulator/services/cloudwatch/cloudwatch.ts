import type {
  DeleteAlarmsInput,
  DeleteDashboardsInput,
  DeleteDashboardsOutput,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  GetDashboardInput,
  GetDashboardOutput,
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListDashboardsInput,
  ListDashboardsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  PutCompositeAlarmInput,
  PutDashboardInput,
  PutDashboardOutput,
  PutMetricAlarmInput,
  PutMetricDataInput,
  SetAlarmStateInput,
  TagResourceInput,
  TagResourceOutput,
  UntagResourceInput,
  UntagResourceOutput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError, type RequestContext, type MetricDatum, type ServiceEvents } from '../../core';
import { type Clock, MINUTE } from '../../clock';
import type { Timeline } from '../../timeline';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { type AlarmNotice, actionRunner } from './alarms/alarm-actions';
import { emitStateChange } from './alarms/alarm-event';
import type { AnyAlarm } from './alarms/any-alarm';
import { AlarmStore } from './alarms/alarm-store';
import { defineAlarm } from './alarms/alarm-definition';
import { AlarmEvaluator } from './alarms/alarm-evaluator';
import { AlarmHistory } from './alarms/alarm-history';
import { transitions } from './alarms/alarm-transitions';
import { CompositeAlarms } from './alarms/composite-alarms';
import { Dashboards } from './dashboards/dashboards';
import { describeAlarms, describeAlarmsForMetric } from './alarms/describe-alarms';
import { checkLength, checkState, constraint, missingParameter, validationError } from './errors';
import type { AlarmState } from './alarms/evaluation';
import { getMetricData } from './metrics/get-metric-data';
import { getMetricStatistics } from './metrics/get-metric-statistics';
import { listMetrics } from './metrics/list-metrics';
import { refuseOtherAccounts } from './metrics/metric-query';
import { MetricStore } from './metrics/metric-store';
import { checkMetricData } from './metrics/put-metric-data';
import { Tags } from './tags';

/** The collaborators and settings of {@link CloudWatch}. */
export interface CloudWatchDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  /** Runs an alarm action. An AwsError that it throws is recorded in the alarm's history. */
  readonly invokeAction: (actionArn: string, notice: AlarmNotice) => void;
  /**
   * Takes the events of alarms.
   * @default - they go nowhere
   */
  readonly events?: ServiceEvents;
  /**
   * The time from the end of a period until alarms see its data point, in milliseconds.
   * @default 60_000
   */
  readonly metricDelay?: number;
  /**
   * The account's dashboards, which all Regions share.
   * @default - dashboards of this Region only
   */
  readonly dashboards?: Dashboards;
}

const MOST_NAMES = 100;

/** CloudWatch metrics and alarms of an account in a Region. */
export class CloudWatch implements ServiceInstance {
  /** The account's dashboards. */
  public readonly dashboards: Dashboards;
  private readonly store: MetricStore;
  private readonly history = new AlarmHistory();
  private readonly tags: Tags;
  private readonly alarmStore: AlarmStore;
  private readonly composites: CompositeAlarms;
  private readonly evaluator: AlarmEvaluator;
  private historyMark = 0;
  private probedAt = 0;
  /** The metrics of the last minute. */
  private ingested: readonly MetricDatum[] = [];

  constructor(private readonly dependencies: CloudWatchDependencies) {
    const { clock, timeline, metricDelay = MINUTE } = dependencies;
    if (!(metricDelay >= 0 && Number.isFinite(metricDelay))) {
      throw new RangeError(`metricDelay must be 0 or more milliseconds, but was ${metricDelay}`);
    }
    const { history } = this;
    const tags = (this.tags = new Tags(clock));
    this.store = new MetricStore(clock);
    this.dashboards = dependencies.dashboards ?? new Dashboards(clock, dependencies.account);
    this.alarmStore = new AlarmStore({ ...dependencies, history, tags });
    const changing = {
      clock,
      transition: transitions(timeline, history),
      runActions: actionRunner({ ...dependencies, history }),
      changed: (alarm: AnyAlarm) => dependencies.events && emitStateChange(alarm, dependencies.events),
    };
    this.composites = new CompositeAlarms({ ...changing, alarms: this.alarmStore });
    this.evaluator = new AlarmEvaluator({
      ...changing,
      store: this.store,
      alarms: this.alarmStore.metric,
      evaluated: () => this.composites.evaluate(),
      metricDelay,
    });
  }

  /** Adds the metrics that the other services publish. */
  public ingest(data: readonly MetricDatum[]): void {
    this.ingested = data;
    if (data.length === 0) return;
    for (const datum of data) this.store.add(datum);
    this.evaluator.wake();
  }

  /** If the same metrics arrive each minute, minutes are alike while no alarm has changed or is about to. */
  public readonly idle: IdleParticipant = {
    probe: () => {
      this.probedAt = this.dependencies.clock.now();
      this.historyMark = this.history.added;
    },
    steadyUntil: () => {
      const onlyActions = this.probedItems.every(({ HistoryItemType: type }) => type === 'Action');
      return onlyActions && this.evaluator.isSteady ? Infinity : -Infinity;
    },
    skip: (minutes) => {
      const publishedAt = Math.floor(this.dependencies.clock.now() / MINUTE) * MINUTE;
      const skipped = minutes * MINUTE;
      this.store.repeat(this.ingested, minutes, publishedAt + skipped);
      this.ingested = this.ingested.map((datum) => ({ ...datum, timestamp: datum.timestamp + skipped }));
      this.history.repeat(this.probedItems, minutes);
      this.evaluator.skip(skipped, this.probedAt);
    },
  };

  private get probedItems(): ReturnType<AlarmHistory['latest']> {
    return this.history.latest(this.history.added - this.historyMark);
  }

  /** The alarms in order of creation, for views. */
  public alarms(): { readonly name: string; readonly state: AlarmState; readonly reason: string }[] {
    return this.alarmStore.all().map(({ name, current: { state, reason } }) => ({ name, state, reason }));
  }

  public putMetricData(input: PutMetricDataInput, _context: RequestContext): void {
    for (const { datum, highResolution, values } of checkMetricData(input, this.dependencies.clock.now())) {
      this.store.add(datum, highResolution, values);
    }
    this.evaluator.wake();
  }

  public getMetricData(input: GetMetricDataInput, _context: RequestContext): GetMetricDataOutput {
    refuseOtherAccounts(input.MetricDataQueries, this.dependencies.account);
    return getMetricData(input, this.store, this.dependencies.clock.now());
  }

  public getMetricStatistics(input: GetMetricStatisticsInput, _context: RequestContext): GetMetricStatisticsOutput {
    return getMetricStatistics(input, this.store, this.dependencies.clock.now());
  }

  public listMetrics(input: ListMetricsInput, _context: RequestContext): ListMetricsOutput {
    return listMetrics(input, this.store, this.dependencies.clock.now());
  }

  /** Creates an alarm in INSUFFICIENT_DATA, or replaces an alarm's configuration and keeps its state and tags. */
  public putMetricAlarm(input: PutMetricAlarmInput, _context: RequestContext): void {
    refuseOtherAccounts(input.Metrics, this.dependencies.account);
    this.alarmStore.putMetric(defineAlarm(input));
    this.evaluator.wake();
  }

  /** Creates a composite alarm, or replaces its configuration. */
  public putCompositeAlarm(input: PutCompositeAlarmInput, _context: RequestContext): void {
    this.composites.put(input);
  }

  public describeAlarms(input: DescribeAlarmsInput, _context: RequestContext): DescribeAlarmsOutput {
    return describeAlarms(input, this.alarmStore);
  }

  public describeAlarmsForMetric(
    input: DescribeAlarmsForMetricInput,
    _context: RequestContext,
  ): DescribeAlarmsForMetricOutput {
    return describeAlarmsForMetric(input, this.alarmStore);
  }

  public describeAlarmHistory(input: DescribeAlarmHistoryInput, _context: RequestContext): DescribeAlarmHistoryOutput {
    return this.history.describe(input, this.dependencies.clock.now());
  }

  /** Deletes alarms, at most one of them composite. Names without an alarm are ignored, as on AWS. */
  public deleteAlarms(input: DeleteAlarmsInput, _context: RequestContext): void {
    const names = checkNames(input.AlarmNames);
    const composites = names.filter((name) => this.alarmStore.composite.has(name));
    if (composites.length > 1)
      throw validationError(`At most one composite alarm can be deleted at a time, got ${composites.join(', ')}.`);
    for (const name of names) {
      if (this.composites.dependingOn(name).some((alarm) => !names.includes(alarm.name) || alarm.name === name))
        throw validationError(`Cannot delete ${name} as there are composite alarm(s) depending on it.`);
    }
    for (const name of names) {
      const composite = this.alarmStore.composite.get(name);
      if (composite !== undefined) this.composites.forget(composite);
      this.alarmStore.delete(name);
    }
  }

  /** Sets an alarm's state and runs its actions. The next evaluation resets it to what its data says. */
  public setAlarmState(input: SetAlarmStateInput, _context: RequestContext): void {
    const { AlarmName, StateValue, StateReason, StateReasonData } = input;
    if (AlarmName === undefined) throw missingParameter('AlarmName');
    if (StateValue === undefined) throw missingParameter('StateValue');
    if (StateReason === undefined) throw missingParameter('StateReason');
    checkState(StateValue);
    checkLength(StateReason, 'stateReason', 0, 1_023);
    if (StateReasonData !== undefined) checkJson(StateReasonData);
    const alarm = this.alarmStore.get(AlarmName);
    if (alarm === undefined) throw new AwsError('ResourceNotFound', '', { status: 404 }); // AWS's message is empty
    if (alarm.kind === 'CompositeAlarm') this.composites.enter(alarm, StateValue, StateReason, StateReasonData);
    else this.evaluator.enter(alarm, StateValue, StateReason, StateReasonData, []);
    this.composites.evaluate();
    this.evaluator.wake();
  }

  public enableAlarmActions(input: EnableAlarmActionsInput, _context: RequestContext): void {
    this.switchActions(input.AlarmNames, true);
  }

  public disableAlarmActions(input: DisableAlarmActionsInput, _context: RequestContext): void {
    this.switchActions(input.AlarmNames, false);
  }

  public putDashboard(input: PutDashboardInput, _context: RequestContext): PutDashboardOutput {
    return this.dashboards.put(input);
  }

  public getDashboard(input: GetDashboardInput, _context: RequestContext): GetDashboardOutput {
    return this.dashboards.get(input);
  }

  public listDashboards(input: ListDashboardsInput, _context: RequestContext): ListDashboardsOutput {
    return this.dashboards.list(input);
  }

  public deleteDashboards(input: DeleteDashboardsInput, _context: RequestContext): DeleteDashboardsOutput {
    this.dashboards.delete(input);
    return {};
  }

  public tagResource(input: TagResourceInput, _context: RequestContext): TagResourceOutput {
    this.tagsOf(input.ResourceARN).tag(input.ResourceARN, input.Tags);
    return {};
  }

  public untagResource(input: UntagResourceInput, _context: RequestContext): UntagResourceOutput {
    this.tagsOf(input.ResourceARN).untag(input.ResourceARN, input.TagKeys);
    return {};
  }

  public listTagsForResource(input: ListTagsForResourceInput, _context: RequestContext): ListTagsForResourceOutput {
    return { Tags: this.tagsOf(input.ResourceARN).list(input.ResourceARN) };
  }

  /** Sets AWS's own tags on an alarm or dashboard, such as CloudFormation's. */
  public setSystemTags(arn: string, tags: Readonly<Record<string, string>>): void {
    this.tagsOf(arn).setSystem(arn, tags);
  }

  private tagsOf(arn = ''): Tags {
    return arn.includes(':dashboard/') ? this.dashboards.tags : this.tags;
  }

  private switchActions(given: readonly string[] | undefined, enabled: boolean): void {
    for (const name of checkNames(given)) {
      const alarm = this.alarmStore.get(name);
      if (alarm !== undefined) alarm.actionsEnabled = enabled;
    }
    this.evaluator.wake();
  }
}

function checkNames(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined) throw missingParameter('AlarmNames');
  if (names.length > MOST_NAMES) {
    const rule = `Member must have length less than or equal to ${MOST_NAMES}`;
    throw constraint(`[${names.join(', ')}]`, 'alarmNames', rule);
  }
  for (const name of names) checkLength(name, 'alarmNames', 1, 255);
  return names;
}

function checkJson(text: string): void {
  checkLength(text, 'stateReasonData', 0, 4_000);
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError('InvalidFormatFault', 'StateReasonData must be valid JSON.', { queryCode: 'InvalidFormat' });
  }
}
