/** The state of an alarm. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What a missing data point counts as. */
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** How an alarm judges its data points. */
export interface EvaluationRule {
  /** N: how many data points are looked at. */
  readonly evaluationPeriods: number;
  /** M: how many of them have to breach. */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingData;
  readonly breaches: (value: number) => boolean;
}

/** What an evaluation came to. */
export interface Verdict {
  /** `unchanged` leaves the alarm in whatever state it is in. */
  readonly state: AlarmState | 'unchanged';
  /** Where, in the evaluation range, the real data points are that were judged: oldest first. */
  readonly judged: readonly number[];
  /** How many missing data points were given the value that the rule treats them as. */
  readonly filled: number;
}

/** How many periods more than N an alarm reads, so that late and missing points need not be made up: 5 for N = 3. */
const PERIODS_BEYOND = 2;

/** How many data points an alarm of N evaluation periods reads. */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + PERIODS_BEYOND;
}

/**
 * Judges an evaluation range: one element a period, oldest first, undefined if there is no data.
 *
 * Two things surprise. With N real points anywhere in the range, the newest N of them decide and the setting for
 * missing data plays no part. With fewer, only the shortfall is made up: a real point is never displaced by a filler.
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

/** All that there is breaches, and there is too little of it: the points to come may go either way. */
function undecidable(breaching: number, judged: readonly number[], rule: EvaluationRule): boolean {
  return breaching === judged.length && breaching < rule.datapointsToAlarm;
}

/**
 * With fewer than M points an alarm still goes off once the oldest breaching point is at least M periods old and all
 * that came after it breached or is missing. A younger one waits: it would be premature.
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
