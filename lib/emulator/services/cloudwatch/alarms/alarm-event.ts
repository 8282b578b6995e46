import { createHash } from 'node:crypto';
import type { ServiceEvents } from '../../../core';
import { Alarm } from './alarm';
import type { AnyAlarm, StateRecord } from './any-alarm';
import { CompositeAlarm } from './composite-alarm';
import type { MetricSource, ParsedQuery } from '../metrics/metric-query';

/** The event of a Lambda function that is an alarm action. */
export interface AlarmEvent {
  readonly source: 'aws.cloudwatch';
  readonly alarmArn: string;
  readonly accountId: string;
  readonly time: string;
  readonly region: string;
  readonly alarmData: object;
}

/** Creates the event for an alarm's current state. */
export function alarmEvent(alarm: AnyAlarm, account: string, region: string, now: number): AlarmEvent {
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: account,
    time: timestamp(now),
    region,
    alarmData: alarmData(alarm),
  };
}

/** Emits the event of an alarm that has changed its state. */
export function emitStateChange(alarm: AnyAlarm, events: ServiceEvents): void {
  const event = () => ({ resources: [alarm.arn], detail: alarmData(alarm) });
  events.emit('aws.cloudwatch', 'CloudWatch Alarm State Change', event);
}

function alarmData(alarm: AnyAlarm): object {
  const { current, previous } = alarm;
  const by = alarm instanceof CompositeAlarm ? alarm.suppression?.by : undefined;
  const suppressed = by && { actionsSuppressedBy: by, actionsSuppressedReason: `Actions suppressed by ${by}` };
  return {
    alarmName: alarm.name,
    state: { ...suppressed, ...stateOf(current) },
    previousState: previous && stateOf(previous),
    configuration: configurationOf(alarm),
  };
}

/** `2030-01-01T00:00:00.000+0000`: CloudWatch's format. */
export function timestamp(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '+0000');
}

function stateOf({ state, reason, reasonData, transitionedAt }: StateRecord): object {
  return { value: state, reason, reasonData, timestamp: timestamp(transitionedAt) };
}

function configurationOf(alarm: AnyAlarm): object {
  if (alarm instanceof CompositeAlarm) {
    const { input } = alarm.definition;
    return {
      description: input.AlarmDescription,
      alarmRule: input.AlarmRule,
      actionsSuppressor: input.ActionsSuppressor,
      actionsSuppressorWaitPeriod: input.ActionsSuppressorWaitPeriod,
      actionsSuppressorExtensionPeriod: input.ActionsSuppressorExtensionPeriod,
    };
  }
  if (!(alarm instanceof Alarm)) return {};
  const { input, queries } = alarm.definition;
  // The query of a single-metric alarm has no id: CloudWatch generates one.
  const idOf = ({ id }: ParsedQuery) => (input.Metrics === undefined ? uuidOf(alarm.arn) : id);
  return {
    description: input.AlarmDescription,
    metrics: queries.map((query) => ({
      id: idOf(query),
      ...(query.source === undefined ? { expression: query.text } : { metricStat: metricStat(query.source) }),
      ...(query.label !== undefined && { label: query.label }),
      returnData: query.returnData,
    })),
  };
}

function metricStat({ metric: { namespace, name, dimensions }, period, stat, unit }: MetricSource): object {
  return { metric: { namespace, name, dimensions }, period: period / 1_000, stat, unit };
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
