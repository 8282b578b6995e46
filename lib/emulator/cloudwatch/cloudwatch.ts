import type {
  DeleteAlarmsInput,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
  PutMetricDataInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError, type Call, formatArn, type MetricDatum, page } from '../api';
import { type Clock, MINUTE } from '../clock';
import type { Timeline } from '../timeline';
import { Alarm } from './alarm';
import { defineAlarm } from './alarm-definition';
import { AlarmEvaluator, type AlarmNotice } from './alarm-evaluator';
import { actionRunner } from './alarm-actions';
import { AlarmHistory } from './alarm-history';
import { CompositeAlarm } from './composite-alarm';
import { CompositeAlarms } from './composite-alarms';
import { readDimensions } from './dimensions';
import { constraint, invalidNextToken, invalidParameterCombination, missingParameter, validationError } from './errors';
import type { AlarmState } from './evaluation';
import { getMetricData } from './get-metric-data';
import { getMetricStatistics } from './get-metric-statistics';
import { listMetrics } from './list-metrics';
import { MetricStore } from './metric-store';
import { checkMetricData } from './put-metric-data';

/** What {@link CloudWatch} needs of its surroundings. */
export interface CloudWatchPorts {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  /** Runs an alarm's action. An AwsError that it throws goes into the alarm's history. */
  readonly invokeAction: (actionArn: string, notice: AlarmNotice) => void;
  /**
   * How long after its period's end a data point becomes visible to alarms, in milliseconds.
   * @default 60_000
   */
  readonly metricDelay?: number;
}

const KINDS = ['MetricAlarm', 'CompositeAlarm'];
const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] satisfies AlarmState[];

/** CloudWatch's metrics and alarms, of an account in a Region. */
export class CloudWatch {
  private readonly store: MetricStore;
  private readonly history = new AlarmHistory();
  private readonly alarmsByName = new Map<string, Alarm>();
  private readonly composites: CompositeAlarms;
  private readonly evaluator: AlarmEvaluator;

  constructor(private readonly ports: CloudWatchPorts) {
    const { clock, timeline, account, region, invokeAction, metricDelay = MINUTE } = ports;
    if (!(metricDelay >= 0 && Number.isFinite(metricDelay))) {
      throw new RangeError(`metricDelay must be 0 or more milliseconds, got ${metricDelay}`);
    }
    this.store = new MetricStore(clock);
    const { history } = this;
    const runActions = actionRunner({ timeline, history, invokeAction });
    this.composites = new CompositeAlarms({
      clock,
      timeline,
      account,
      region,
      history,
      metricAlarms: this.alarmsByName,
      runActions,
    });
    this.evaluator = new AlarmEvaluator({
      clock,
      timeline,
      store: this.store,
      history,
      alarms: this.alarmsByName,
      runActions,
      evaluated: () => this.composites.evaluate(),
      metricDelay,
    });
  }

  /** Takes in what the other services publish about themselves. */
  public ingest(data: readonly MetricDatum[]): void {
    if (data.length === 0) return;
    for (const datum of data) this.store.add(datum);
    this.evaluator.wake();
  }

  /** The alarms in the order in which they were created, for views. */
  public alarms(): { readonly name: string; readonly state: AlarmState; readonly reason: string }[] {
    const alarms = [...this.alarmsByName.values(), ...this.composites.all()];
    return alarms.map(({ definition: { name }, state, reason }) => ({ name, state, reason }));
  }

  public putMetricData(input: PutMetricDataInput, _call: Call): void {
    for (const { datum, highResolution, values } of checkMetricData(input, this.ports.clock.now())) {
      this.store.add(datum, highResolution, values);
    }
    this.evaluator.wake();
  }

  public getMetricData(input: GetMetricDataInput, _call: Call): GetMetricDataOutput {
    return getMetricData(input, this.store, this.ports.clock.now());
  }

  public getMetricStatistics(input: GetMetricStatisticsInput, _call: Call): GetMetricStatisticsOutput {
    return getMetricStatistics(input, this.store, this.ports.clock.now());
  }

  public listMetrics(input: ListMetricsInput, _call: Call): ListMetricsOutput {
    return listMetrics(input, this.store, this.ports.clock.now());
  }

  /** Creates an alarm in INSUFFICIENT_DATA, or replaces the whole configuration of one, which keeps its state. */
  public putMetricAlarm(input: PutMetricAlarmInput, _call: Call): void {
    const definition = defineAlarm(input);
    const now = this.ports.clock.now();
    const { name } = definition;
    if (this.composites.get(name) !== undefined)
      throw validationError(`An alarm of a different type with the name ${name} already exists.`);
    const existing = this.alarmsByName.get(name);
    if (existing === undefined) {
      const arn = formatArn('cloudwatch', this.ports.region, this.ports.account, `alarm:${name}`);
      this.alarmsByName.set(name, new Alarm(arn, definition, now));
    } else {
      existing.configure(definition, now);
    }
    const type = existing === undefined ? 'Create' : 'Update';
    const summary = `Alarm "${name}" ${existing === undefined ? 'created' : 'updated'}`;
    this.history.add(now, name, 'ConfigurationUpdate', summary, { version: '1.0', type });
    this.evaluator.wake();
  }

  /** Creates a composite alarm, or replaces the whole configuration of one. */
  public putCompositeAlarm(input: PutCompositeAlarmInput, _call: Call): void {
    this.composites.put(input);
  }

  public describeAlarms(input: DescribeAlarmsInput, _call: Call): DescribeAlarmsOutput {
    const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, ActionPrefix, MaxRecords = 50 } = input;
    if (AlarmNames !== undefined && AlarmNamePrefix !== undefined) {
      throw invalidParameterCombination('AlarmNames and AlarmNamePrefix cannot both be specified.');
    }
    checkRecords(MaxRecords);
    if (StateValue !== undefined) checkState(StateValue);
    const family = this.family(input);
    // Without AlarmTypes only metric alarms are given, as AWS does, unless it is asked for children or parents.
    const types: readonly string[] = AlarmTypes ?? (family === undefined ? ['MetricAlarm'] : KINDS);
    const metricAlarms = types.includes('MetricAlarm') ? [...this.alarmsByName.values()] : [];
    const compositeAlarms = types.includes('CompositeAlarm') ? this.composites.all() : [];
    const matching = [...compositeAlarms, ...metricAlarms]
      .filter(({ definition: { name } }) => (AlarmNames?.includes(name) ?? true) && (family?.has(name) ?? true))
      .filter(({ definition: { name } }) => name.startsWith(AlarmNamePrefix ?? ''))
      .filter(({ state }) => StateValue === undefined || state === StateValue)
      .filter(
        ({ definition: { input: put } }) =>
          ActionPrefix === undefined || allActions(put).some((action) => action.startsWith(ActionPrefix)),
      )
      .sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1))
      .sort((a, b) => Number(b instanceof CompositeAlarm) - Number(a instanceof CompositeAlarm));
    const { items, nextToken } = page(matching, MaxRecords, input.NextToken, invalidNextToken);
    return {
      CompositeAlarms: items.flatMap((alarm) => (alarm instanceof CompositeAlarm ? alarm.describe() : [])),
      MetricAlarms: items.flatMap((alarm) => (alarm instanceof CompositeAlarm ? [] : alarm.describe())),
      NextToken: nextToken,
    };
  }

  public describeAlarmsForMetric(input: DescribeAlarmsForMetricInput, _call: Call): DescribeAlarmsForMetricOutput {
    if (!input.MetricName) throw missingParameter('MetricName');
    if (!input.Namespace) throw missingParameter('Namespace');
    const wanted = JSON.stringify(Object.entries(readDimensions(input.Dimensions, 'Dimensions')).sort());
    const matching = [...this.alarmsByName.values()].filter(({ definition: { input: put } }) => {
      if (put.MetricName !== input.MetricName || put.Namespace !== input.Namespace) return false;
      if (JSON.stringify(Object.entries(readDimensions(put.Dimensions, 'Dimensions')).sort()) !== wanted) return false;
      return (['Statistic', 'ExtendedStatistic', 'Period', 'Unit'] as const).every(
        (member) => input[member] === undefined || input[member] === put[member],
      );
    });
    return { MetricAlarms: matching.map((alarm) => alarm.describe()) };
  }

  public describeAlarmHistory(input: DescribeAlarmHistoryInput, _call: Call): DescribeAlarmHistoryOutput {
    const { AlarmName, AlarmTypes, HistoryItemType, StartDate, EndDate, ScanBy, MaxRecords = 100 } = input;
    checkRecords(MaxRecords);
    const matching = this.history
      .all()
      .filter((item) => AlarmName === undefined || item.AlarmName === AlarmName)
      .filter((item) => AlarmTypes === undefined || AlarmTypes.some((type) => type === item.AlarmType))
      .filter((item) => HistoryItemType === undefined || item.HistoryItemType === HistoryItemType)
      .filter(
        (item) => item.Timestamp >= (StartDate ?? item.Timestamp) && item.Timestamp <= (EndDate ?? item.Timestamp),
      );
    if (ScanBy !== 'TimestampAscending') matching.reverse();
    const { items, nextToken } = page(matching, MaxRecords, input.NextToken, invalidNextToken);
    return { AlarmHistoryItems: items, NextToken: nextToken };
  }

  /** Deletes alarms; names that there are no alarms of are passed over, as AWS does. */
  public deleteAlarms(input: DeleteAlarmsInput, _call: Call): void {
    const names = input.AlarmNames ?? [];
    if (names.length > 100)
      throw constraint(`${names.length} names`, 'alarmNames', 'Member must have length less than or equal to 100');
    for (const name of names) {
      const depends = this.composites.dependingOn(name).some(({ definition }) => !names.includes(definition.name));
      if (depends) throw validationError(`Cannot delete ${name} as there are composite alarm(s) depending on it.`);
    }
    for (const name of names) {
      const kind = this.composites.delete(name) ? 'CompositeAlarm' : 'MetricAlarm';
      if (kind === 'MetricAlarm' && !this.alarmsByName.delete(name)) continue;
      const summary = `Alarm "${name}" deleted`;
      this.history.add(this.ports.clock.now(), name, 'ConfigurationUpdate', summary, { type: 'Delete' }, kind);
    }
  }

  /** Puts an alarm in a state and runs its actions; the next evaluation puts it back to what its data says. */
  public setAlarmState(input: SetAlarmStateInput, _call: Call): void {
    const { AlarmName, StateValue, StateReason, StateReasonData } = input;
    if (AlarmName === undefined) throw missingParameter('AlarmName');
    if (StateValue === undefined) throw missingParameter('StateValue');
    if (StateReason === undefined) throw missingParameter('StateReason');
    checkState(StateValue);
    if (StateReasonData !== undefined) checkJson(StateReasonData);
    const alarm = this.alarmsByName.get(AlarmName);
    const composite = this.composites.get(AlarmName);
    if (composite !== undefined) {
      this.composites.enter(composite, StateValue, StateReason, StateReasonData);
      return this.composites.evaluate();
    }
    if (alarm === undefined) {
      throw new AwsError('ResourceNotFound', `The alarm ${AlarmName} does not exist.`, { status: 404 });
    }
    this.evaluator.enter(alarm, StateValue, StateReason, StateReasonData, []);
    this.composites.evaluate();
    this.evaluator.wake();
  }

  public enableAlarmActions(input: EnableAlarmActionsInput, _call: Call): void {
    this.switchActions(input.AlarmNames, true);
  }

  public disableAlarmActions(input: DisableAlarmActionsInput, _call: Call): void {
    this.switchActions(input.AlarmNames, false);
  }

  /** The names of the children or the parents of a composite alarm that are asked for; undefined where none are. */
  private family({ ChildrenOfAlarmName, ParentsOfAlarmName, ...others }: DescribeAlarmsInput): Set<string> | undefined {
    if (ChildrenOfAlarmName === undefined && ParentsOfAlarmName === undefined) return undefined;
    const given = Object.entries(others).filter(([, value]) => value !== undefined);
    const extra = given.find(([member]) => !['MaxRecords', 'NextToken'].includes(member))?.[0];
    if (extra !== undefined || (ChildrenOfAlarmName !== undefined && ParentsOfAlarmName !== undefined)) {
      throw invalidParameterCombination(
        `${extra ?? 'ParentsOfAlarmName'} cannot be specified together with ChildrenOfAlarmName or ParentsOfAlarmName.`,
      );
    }
    if (ChildrenOfAlarmName !== undefined)
      return new Set(this.composites.get(ChildrenOfAlarmName)?.definition.rule.children);
    const parents = this.composites.all().filter(({ definition: { rule } }) => {
      return rule.children.includes(ParentsOfAlarmName as string);
    });
    return new Set(parents.map(({ definition: { name } }) => name));
  }

  private switchActions(names: readonly string[] | undefined, enabled: boolean): void {
    if (names === undefined) throw missingParameter('AlarmNames');
    for (const name of names) {
      const alarm = this.alarmsByName.get(name) ?? this.composites.get(name);
      if (alarm !== undefined) alarm.actionsEnabled = enabled;
    }
    this.evaluator.wake();
  }
}

function allActions({
  AlarmActions,
  OKActions,
  InsufficientDataActions,
}: Pick<PutMetricAlarmInput, 'AlarmActions' | 'OKActions' | 'InsufficientDataActions'>): string[] {
  return [...(AlarmActions ?? []), ...(OKActions ?? []), ...(InsufficientDataActions ?? [])];
}

function checkState(state: string): void {
  if (STATES.includes(state)) return;
  throw constraint(state, 'stateValue', 'Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]');
}

function checkRecords(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= 100) return;
  throw constraint(count, 'maxRecords', 'Member must have value between 1 and 100');
}

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError('InvalidFormatFault', 'StateReasonData must be valid JSON.', { queryCode: 'InvalidFormat' });
  }
}
