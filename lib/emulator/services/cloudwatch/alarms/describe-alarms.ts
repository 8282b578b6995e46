import type {
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
} from '@aws-sdk/client-cloudwatch';
import { page } from '../../../core';
import type { Alarm } from './alarm';
import type { AlarmStore } from './alarm-store';
import { ALARM_KINDS } from './any-alarm';
import type { CompositeAlarm } from './composite-alarm';
import { readDimensions } from '../metrics/dimensions';
import {
  checkLength,
  checkRange,
  checkState,
  constraint,
  invalidNextToken,
  invalidParameterCombination,
  missingParameter,
  validationError,
} from '../errors';

type AnAlarm = Alarm | CompositeAlarm;

const LARGEST_PAGE = 100;
const DEFAULT_PAGE = 50;
const MOST_NAMES = 100;

/** Implements DescribeAlarms. Without AlarmTypes it returns metric alarms only, as AWS does. */
export function describeAlarms(input: DescribeAlarmsInput, alarms: AlarmStore): DescribeAlarmsOutput {
  const { MaxRecords = DEFAULT_PAGE, NextToken } = input;
  checkRange(MaxRecords, 'maxRecords', 1, LARGEST_PAGE);
  const family = familyOf(input, alarms);
  const matching = family?.members ?? filtered(input, alarms);
  matching.sort((a, b) => (a.kind === b.kind ? order(a.name, b.name) : order(a.kind, b.kind)));
  const { items, nextToken } = page(matching, MaxRecords, NextToken, invalidNextToken);
  // Parents and children are returned with a few members only, as on AWS.
  const shown = <T extends object>(description: T): T =>
    family === undefined
      ? description
      : (Object.fromEntries(family.told.map((key) => [key, description[key as keyof T]])) as T);
  return {
    CompositeAlarms: items.flatMap((alarm) => (alarm.kind === 'CompositeAlarm' ? shown(alarm.describe()) : [])),
    MetricAlarms: items.flatMap((alarm) => (alarm.kind === 'MetricAlarm' ? shown(alarm.describe()) : [])),
    NextToken: nextToken,
  };
}

function filtered(input: DescribeAlarmsInput, alarms: AlarmStore): AnAlarm[] {
  const { AlarmNames, AlarmNamePrefix = '', AlarmTypes = ['MetricAlarm'], StateValue, ActionPrefix } = input;
  if (AlarmNames !== undefined && input.AlarmNamePrefix !== undefined) {
    throw invalidParameterCombination('AlarmNames and AlarmNamePrefix cannot both be specified.');
  }
  if (AlarmNames !== undefined && AlarmNames.length > MOST_NAMES) {
    const rule = `Member must have length less than or equal to ${MOST_NAMES}`;
    throw constraint(`[${AlarmNames.join(', ')}]`, 'alarmNames', rule);
  }
  if (input.AlarmNamePrefix !== undefined) checkLength(AlarmNamePrefix, 'alarmNamePrefix', 1, 255);
  if (ActionPrefix !== undefined) checkLength(ActionPrefix, 'actionPrefix', 1, 1_024);
  if (StateValue !== undefined) checkState(StateValue);
  const types: readonly string[] = AlarmTypes;
  const known: readonly string[] = [...ALARM_KINDS, 'LogAlarm'];
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined)
    throw constraint(unknown, 'alarmTypes', `Member must satisfy enum value set: [${known.join(', ')}]`);
  return alarms
    .all()
    .filter(
      ({ kind, name, state, allActions }) =>
        types.includes(kind) &&
        (AlarmNames?.includes(name) ?? true) &&
        name.startsWith(AlarmNamePrefix) &&
        (StateValue ?? state) === state &&
        (ActionPrefix === undefined || allActions.some((action) => action.startsWith(ActionPrefix))),
    );
}

/** An alarm's parents or children, and the members that are returned of them. */
interface Family {
  readonly members: AnAlarm[];
  readonly told: readonly string[];
}

function familyOf(
  { MaxRecords: _1, NextToken: _2, ...input }: DescribeAlarmsInput,
  alarms: AlarmStore,
): Family | undefined {
  const { ChildrenOfAlarmName: parent, ParentsOfAlarmName: child } = input;
  if (parent === undefined && child === undefined) return undefined;
  const given = Object.entries(input).flatMap(([member, value]) => (value === undefined ? [] : [member]));
  if (given.length > 1) {
    const other = given.find(
      (member) => member !== (parent === undefined ? 'ParentsOfAlarmName' : 'ChildrenOfAlarmName'),
    );
    throw validationError(
      `${String(other)} cannot be specified together with ChildrenOfAlarmName or ParentsOfAlarmName.`,
    );
  }
  if (parent !== undefined) {
    checkLength(parent, 'childrenOfAlarmName', 1, 255);
    const names = alarms.composite.get(parent)?.definition.rule.children ?? [];
    const members = names.flatMap((name) => alarms.get(name) ?? []);
    return { members, told: ['AlarmName', 'AlarmArn', 'StateValue', 'StateUpdatedTimestamp'] };
  }
  checkLength(child as string, 'parentsOfAlarmName', 1, 255);
  const members = [...alarms.composite.values()].filter(({ definition }) =>
    definition.rule.children.includes(child as string),
  );
  return { members, told: ['AlarmName', 'AlarmArn'] };
}

/** Implements DescribeAlarmsForMetric, which omits alarms on expressions. */
export function describeAlarmsForMetric(
  input: DescribeAlarmsForMetricInput,
  alarms: AlarmStore,
): DescribeAlarmsForMetricOutput {
  if (!input.MetricName) throw missingParameter('MetricName');
  if (!input.Namespace) throw missingParameter('Namespace');
  const wanted = signature(input);
  const matching = [...alarms.metric.values()].filter(({ definition: { input: put } }) => {
    if (put.MetricName !== input.MetricName || put.Namespace !== input.Namespace) return false;
    return (
      signature(put) === wanted &&
      (['Statistic', 'ExtendedStatistic', 'Period', 'Unit'] as const).every(
        (member) => input[member] === undefined || input[member] === put[member],
      )
    );
  });
  return { MetricAlarms: matching.map((alarm) => alarm.describe()) };
}

function signature({ Dimensions }: Pick<DescribeAlarmsForMetricInput, 'Dimensions'>): string {
  return JSON.stringify(Object.entries(readDimensions(Dimensions, 'Dimensions')).sort(([a], [b]) => order(a, b)));
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
