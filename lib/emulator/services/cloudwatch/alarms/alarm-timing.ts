import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { DAY, HOUR, MINUTE, SECOND } from '../../../clock';
import { checkRange, missingParameter, validationError } from '../errors';
import type { ParsedQuery } from '../metrics/metric-query';
import { parseWallClock, type WallClock, WALL_CLOCK_PERIODS } from './wall-clock';

/** The time after its creation during which an alarm is not evaluated. */
export interface WarmUp {
  /** In milliseconds. */
  readonly longest: number;
  /** Whether it ends as soon as there is enough data. */
  readonly endsWithData: boolean;
}

const LONGEST_WARM_UP = 2_880;

/** Validates an alarm's period, in seconds. */
export function checkPeriod(seconds: number): void {
  if (![10, 20, 30].includes(seconds) && !(seconds > 0 && seconds % 60 === 0)) {
    throw validationError(`Period must be 10, 20, 30 or a multiple of 60, got ${seconds}.`);
  }
}

/** Validates an alarm's evaluation span. @param period in milliseconds */
export function checkSpan(evaluationPeriods: number, period: number): void {
  const span = evaluationPeriods * period;
  if (period < HOUR && span > DAY) {
    throw validationError(
      'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).',
    );
  }
  if (span > 7 * DAY) {
    throw validationError(
      'Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).',
    );
  }
}

/** The time zone to which an alarm's periods align; undefined for a sliding window. */
export function zoneOf(
  { EvaluationWindow: window }: PutMetricAlarmInput,
  queries: readonly ParsedQuery[],
): WallClock | undefined {
  if (window === undefined) return undefined;
  if ((window.SlidingWindow === undefined) === (window.WallClockWindow === undefined)) {
    throw validationError('EvaluationWindow must have exactly one of SlidingWindow and WallClockWindow.');
  }
  if (window.WallClockWindow === undefined) return undefined;
  const wrong = queries.find(({ period }) => !WALL_CLOCK_PERIODS.includes(period))?.period;
  if (wrong !== undefined) {
    const allowed = WALL_CLOCK_PERIODS.map((period) => period / SECOND).join(', ');
    throw validationError(`A wall clock window needs a Period of ${allowed} seconds, got ${wrong / SECOND}.`);
  }
  const { Timezone = 'UTC' } = window.WallClockWindow;
  const zone = parseWallClock(Timezone);
  if (zone === undefined) {
    throw validationError(
      `The value ${Timezone} for parameter EvaluationWindow.WallClockWindow.Timezone is invalid: an IANA time zone or an offset in multiples of 5 minutes is required.`,
    );
  }
  return zone;
}

/** An alarm's warm-up; undefined if it has none. */
export function warmUpOf({ WarmUpConfiguration: warmUp }: PutMetricAlarmInput): WarmUp | undefined {
  if (warmUp === undefined) return undefined;
  const { WarmUpPeriodDurationInMinutes: minutes, OnlyStartEvaluatingAfterWarmUpPeriodEnds: whole = false } = warmUp;
  if (minutes === undefined) throw missingParameter('WarmUpConfiguration.WarmUpPeriodDurationInMinutes');
  checkRange(minutes, 'warmUpConfiguration.warmUpPeriodDurationInMinutes', 1, LONGEST_WARM_UP);
  return { longest: minutes * MINUTE, endsWithData: !whole };
}
