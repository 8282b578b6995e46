import type { AlarmDefinition } from './alarm-definition';
import type { AlarmState, Verdict } from './evaluation';

/** A data point that an alarm judged. */
export interface JudgedPoint {
  /** The start of its period. */
  readonly at: number;
  readonly value: number;
}

const COMPARED: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to the threshold',
  GreaterThanThreshold: 'greater than the threshold',
  LessThanThreshold: 'less than the threshold',
  LessThanOrEqualToThreshold: 'less than or equal to the threshold',
};

/** Why an alarm is in a state, in the words that CloudWatch puts it in. */
export function explain(
  definition: AlarmDefinition,
  from: AlarmState,
  to: AlarmState,
  judged: readonly JudgedPoint[],
  verdict: Verdict,
): string {
  const { rule } = definition;
  if (to === 'INSUFFICIENT_DATA') {
    const unknown = rule.evaluationPeriods;
    return `Insufficient Data: ${unknown} ${unknown === 1 ? 'datapoint was' : 'datapoints were'} unknown.`;
  }
  const fillers = fillersOf(definition, verdict);
  if (judged.length === 0) {
    const periods = `${rule.evaluationPeriods} ${rule.evaluationPeriods === 1 ? 'period' : 'periods'}`;
    return `Threshold Crossed: no datapoints were received for ${periods}${fillers}.`;
  }
  const agreeing = judged.filter(({ value }) => rule.breaches(value) === (to === 'ALARM')).reverse();
  const list = agreeing.map(({ at, value }) => `${decimal(value)} (${dayAndTime(at)})`).join(', ');
  const least = to === 'ALARM' ? rule.datapointsToAlarm : rule.evaluationPeriods - rule.datapointsToAlarm + 1;
  const verb = `${agreeing.length === 1 ? 'was' : 'were'}${to === 'ALARM' ? '' : ' not'}`;
  const compared = COMPARED[definition.input.ComparisonOperator as string];
  return (
    `Threshold Crossed: ${agreeing.length} out of the last ${judged.length} datapoints [${list}] ${verb} ${compared} ` +
    `(${decimal(definition.threshold)})${fillers} ` +
    `(minimum ${least} ${least === 1 ? 'datapoint' : 'datapoints'} for ${from} -> ${to} transition).`
  );
}

/** The StateReasonData of a state: the same in JSON. */
export function explainData(definition: AlarmDefinition, judged: readonly JudgedPoint[], now: number): string {
  const { source } = definition.watched;
  return JSON.stringify({
    version: '1.0',
    queryDate: timestamp(now),
    startDate: judged.length === 0 ? undefined : timestamp(judged[0].at),
    statistic: definition.input.Metrics === undefined ? source?.stat : undefined,
    period: definition.period / 1_000,
    recentDatapoints: judged.map(({ value }) => value),
    threshold: definition.threshold,
    evaluatedDatapoints: judged.map(({ at, value }) => ({ timestamp: timestamp(at), value })).reverse(),
  });
}

function fillersOf(definition: AlarmDefinition, { filled }: Verdict): string {
  if (filled === 0) return '';
  const treated = definition.rule.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  return ` and ${filled} missing ${filled === 1 ? 'datapoint was' : 'datapoints were'} treated as [${treated}]`;
}

function timestamp(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '+0000');
}

/** `22/11/26 15:04:00`, as CloudWatch writes it. */
function dayAndTime(instant: number): string {
  const [date, time] = new Date(instant).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
