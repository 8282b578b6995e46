import { decimal } from '../../../core';
import type { AlarmDefinition } from './alarm-definition';
import { timestamp } from './alarm-event';
import type { Reading } from './alarm-reading';
import type { AlarmState, Verdict } from './evaluation';

/** A data point that an alarm evaluated. */
export interface JudgedPoint {
  /** The start of its period. */
  readonly at: number;
  readonly value: number;
  /** The number of samples; undefined for an expression. */
  readonly sampleCount?: number;
}

/** If there are more data points than this, the reason lists only the newest of them. */
const MOST_LISTED = 5;
/** The number of data points in a reason's data. */
const MOST_IN_DATA = 10;

const COMPARED: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to the threshold',
  GreaterThanThreshold: 'greater than the threshold',
  LessThanThreshold: 'less than the threshold',
  LessThanOrEqualToThreshold: 'less than or equal to the threshold',
};

/** The data points on which a verdict is based, oldest first. */
export function judgedPoints({ starts, values, sampleCounts }: Reading, { judged }: Verdict): JudgedPoint[] {
  return judged.map((index) => ({
    at: starts[index],
    value: values[index] as number,
    sampleCount: sampleCounts?.[index],
  }));
}

/** The reason for a state, in CloudWatch's words. */
export function explain(
  definition: AlarmDefinition,
  from: AlarmState,
  to: AlarmState,
  judged: readonly JudgedPoint[],
  verdict: Verdict,
): string {
  const { rule, input } = definition;
  const periods = rule.evaluationPeriods;
  if (to === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${periods} ${periods === 1 ? 'datapoint was' : 'datapoints were'} unknown.`;
  }
  const fillers = fillersOf(definition, verdict);
  if (judged.length === 0) {
    const time = `${periods} ${periods === 1 ? 'period' : 'periods'}`;
    return `Threshold Crossed: no datapoints were received for ${time} and ${fillers}.`;
  }
  const agreeing = judged.filter(({ value }) => rule.breaches(value) === (to === 'ALARM')).reverse();
  // The verdict is based on missing data only.
  if (agreeing.length === 0 && fillers !== '') return `Threshold Crossed: ${fillers}.`;
  const points = (count: number) => (count === 1 ? 'datapoint' : 'datapoints');
  const mOfN = input.DatapointsToAlarm !== undefined;
  const many = agreeing.length > MOST_LISTED;
  const list = `[${agreeing
    .slice(0, MOST_LISTED)
    .map(({ at, value }) => `${decimal(value)} (${dayAndTime(at)})`)
    .join(', ')}]`;
  const count = mOfN
    ? `${agreeing.length} out of the last ${judged.length} datapoints`
    : `${agreeing.length} ${points(agreeing.length)}`;
  const verb = `${agreeing.length === 1 ? 'was' : 'were'}${to === 'ALARM' ? '' : ' not'}`;
  const compared = `${COMPARED[input.ComparisonOperator as string]} (${decimal(definition.threshold)})`;
  const least = to === 'ALARM' ? rule.datapointsToAlarm : periods - rule.datapointsToAlarm + 1;
  const minimum = mOfN ? ` (minimum ${least} ${points(least)} for ${from} -> ${to} transition)` : '';
  const made = fillers === '' ? '' : ` and ${fillers}`;
  if (!many) return `Threshold Crossed: ${count} ${list} ${verb} ${compared}${made}${minimum}.`;
  const newest = `The most recent datapoints which ${to === 'ALARM' ? 'crossed' : 'did not cross'} the threshold: ${list}`;
  return `Threshold Crossed: ${count} ${verb} ${compared}${made}. ${newest}${minimum}.`;
}

/** The StateReasonData of a state, as JSON. */
export function explainData(definition: AlarmDefinition, reading: Reading, verdict: Verdict, now: number): string {
  const { watched, input, period, threshold } = definition;
  const single = input.Metrics === undefined ? watched.source : undefined;
  const judged = judgedPoints(reading, verdict);
  const evaluated = [...judged, ...madeUp(reading, verdict)].sort((a, b) => b.at - a.at).slice(0, MOST_IN_DATA);
  const about = JSON.stringify({
    version: '1.0',
    queryDate: timestamp(now),
    startDate: judged.length === 0 ? undefined : timestamp(judged[0].at),
    unit: single?.unit,
    statistic: single?.stat,
    period: period / 1_000,
  });
  const recent = judged.slice(-MOST_IN_DATA).map(({ value }) => decimal(value));
  const numbers = `"recentDatapoints":[${recent.join()}],"threshold":${decimal(threshold)}`;
  const points = `"evaluatedDatapoints":[${evaluated.map(evaluatedPoint).join()}]`;
  return `${about.slice(0, -1)},${numbers},${points}}`;
}

// Not by JSON.stringify, which writes whole numbers without a decimal point: typed readers take them for integers.
function evaluatedPoint({ at, sampleCount, value }: Partial<JudgedPoint> & Pick<JudgedPoint, 'at'>): string {
  const count = sampleCount === undefined ? '' : `,"sampleCount":${decimal(sampleCount)}`;
  return `{"timestamp":"${timestamp(at)}"${count}${value === undefined ? '' : `,"value":${decimal(value)}`}}`;
}

/** The newest missing points, as many as the verdict filled. */
function madeUp({ starts, values }: Reading, { filled }: Verdict): { readonly at: number }[] {
  const missing = starts.flatMap((at, index) => (values[index] === undefined ? [{ at }] : []));
  return filled === 0 ? [] : missing.slice(-filled);
}

function fillersOf(definition: AlarmDefinition, { filled }: Verdict): string {
  if (filled === 0) return '';
  const treated = definition.rule.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  return `${filled} missing ${filled === 1 ? 'datapoint was' : 'datapoints were'} treated as [${treated}]`;
}

/** `22/11/26 15:04:00`: CloudWatch's format. */
function dayAndTime(instant: number): string {
  const [date, time] = new Date(instant).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
