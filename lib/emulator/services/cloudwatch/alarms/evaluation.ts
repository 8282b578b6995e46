export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** How missing data points are treated. */
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** How an alarm evaluates its data points. */
export interface EvaluationRule {
  /** N: the number of data points that are evaluated. */
  readonly evaluationPeriods: number;
  /** M: the number of them that must breach. */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingData;
  readonly breaches: (value: number) => boolean;
}

/** The result of an evaluation. */
export interface Verdict {
  /** `unchanged` keeps the alarm's current state. */
  readonly state: AlarmState | 'unchanged';
  /** The indexes in the evaluation range of the real data points that were evaluated, oldest first. */
  readonly judged: readonly number[];
  /** The number of missing data points that were filled in as the rule says. */
  readonly filled: number;
}

/**
 * The number of periods beyond N that an alarm reads, so that late or missing points need not be filled in: 5 for N =
 * 3.
 */
const PERIODS_BEYOND = 2;

/** The number of data points that an alarm with N evaluation periods reads. */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + PERIODS_BEYOND;
}

/**
 * Evaluates a range: one element per period, oldest first, undefined if there is no data.
 *
 * Two things surprise. With N real points anywhere in the range, the newest N decide, and the treatment of missing data
 * does not matter. With fewer, only the difference is filled in: a filler never displaces a real point.
 */
export function evaluate(range: readonly (number | undefined)[], rule: EvaluationRule): Verdict {
  const real = range.flatMap((value, index) => (value === undefined ? [] : [index]));
  const judged = real.slice(-rule.evaluationPeriods);
  const breaching = judged.filter((index) => rule.breaches(range[index] as number)).length;
  const shortfall = rule.evaluationPeriods - judged.length;
  if (shortfall === 0) return { state: verdictOn(breaching, rule), judged, filled: 0 };
  switch (rule.treatMissingData) {
    case 'breaching':
      return { state: verdictOn(breaching + shortfall, rule), judged, filled: shortfall };
    case 'notBreaching':
      return { state: verdictOn(breaching, rule), judged, filled: shortfall };
    case 'ignore':
      return {
        state: undecidable(breaching, judged, rule) ? 'unchanged' : verdictOn(breaching, rule),
        judged,
        filled: 0,
      };
    case 'missing':
      if (judged.length === 0) return { state: 'INSUFFICIENT_DATA', judged, filled: 0 };
      if (breachesLongEnough(range, judged, rule)) return { state: 'ALARM', judged, filled: 0 };
      return {
        state: undecidable(breaching, judged, rule) ? 'unchanged' : verdictOn(breaching, rule),
        judged,
        filled: 0,
      };
  }
}

function verdictOn(breaching: number, rule: EvaluationRule): AlarmState {
  return breaching >= rule.datapointsToAlarm ? 'ALARM' : 'OK';
}

/** Whether all existing points breach but are too few: the next ones decide. */
function undecidable(breaching: number, judged: readonly number[], rule: EvaluationRule): boolean {
  return breaching === judged.length && breaching < rule.datapointsToAlarm;
}

/**
 * With fewer than M points, an alarm still goes off once the oldest breaching point is at least M periods old and every
 * later one breaches or is missing. With a younger one that would be premature.
 */
function breachesLongEnough(
  range: readonly (number | undefined)[],
  judged: readonly number[],
  rule: EvaluationRule,
): boolean {
  if (judged.length >= rule.datapointsToAlarm) return false;
  const oldest = judged.find((index) => rule.breaches(range[index] as number));
  if (oldest === undefined || range.length - oldest < rule.datapointsToAlarm) return false;
  return judged.every((index) => index < oldest || rule.breaches(range[index] as number));
}
