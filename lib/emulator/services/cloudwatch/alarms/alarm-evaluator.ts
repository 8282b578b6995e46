import { type Clock, DAY, HOUR, MINUTE, SECOND, type Timer } from '../../../clock';
import { isScalingPolicy } from './action-targets';
import type { Alarm } from './alarm';
import type { ActionRunner } from './alarm-actions';
import { isFull, readAlarm } from './alarm-reading';
import { explain, explainData, type JudgedPoint, judgedPoints } from './alarm-reason';
import type { Transition } from './alarm-transitions';
import { type AlarmState, evaluate, evaluationRange } from './evaluation';
import type { MetricStore } from '../metrics/metric-store';

/** The collaborators of {@link AlarmEvaluator}. */
export interface AlarmEvaluatorDependencies {
  readonly clock: Clock;
  readonly store: MetricStore;
  readonly alarms: ReadonlyMap<string, Alarm>;
  readonly transition: Transition;
  readonly runActions: ActionRunner;
  /** Called after an alarm has changed its state, and its actions have run. */
  readonly changed: (alarm: Alarm) => void;
  /** Called after the due alarms were evaluated. */
  readonly evaluated: () => void;
  /** In milliseconds. */
  readonly metricDelay: number;
}

/** The evaluation interval of alarms with a period of less than a minute. */
const HIGH_RESOLUTION_CADENCE = 10 * SECOND;

/**
 * Evaluates alarms every minute, or every ten seconds, with one timer for all. The timer stops while no alarm can
 * change: all data has left the evaluation ranges, and no action is to be repeated.
 */
export class AlarmEvaluator {
  private timer?: Timer;
  private wakesAt = Infinity;

  constructor(private readonly dependencies: AlarmEvaluatorDependencies) {}

  /** Schedules the next evaluation: data arrived, or an alarm changed. */
  public wake(): void {
    const { clock } = this.dependencies;
    const { at, cadence } = this.nextEvaluation();
    if (at >= this.wakesAt) return;
    this.timer?.cancel();
    this.wakesAt = at;
    // The instant that was due: a real timer fires slightly late, and intervals count from whole minutes.
    const evaluate = () => this.evaluateDue(this.wakesAt);
    const what = 'the alarms are evaluated';
    this.timer = cadence > MINUTE ? clock.schedule(at, evaluate, what) : clock.schedulePeriodic(at, evaluate, what);
  }

  /**
   * Whether each alarm keeps its state every minute if all metrics continue unchanged: its evaluation range contains
   * only repeated values.
   */
  public get isSteady(): boolean {
    const now = this.dependencies.clock.now();
    return [...this.dependencies.alarms.values()].every((alarm) => this.sawOneLevel(alarm, now));
  }

  /** Repeats the history of the evaluations since `since` for the skipped milliseconds. */
  public skip(milliseconds: number, since: number): void {
    this.wakesAt += milliseconds;
    for (const alarm of this.dependencies.alarms.values()) {
      if (alarm.evaluatedAt !== undefined && alarm.evaluatedAt >= since) alarm.evaluatedAt += milliseconds;
      if (alarm.actedAt !== undefined && alarm.actedAt >= since) alarm.actedAt += milliseconds;
    }
  }

  /** Sets an alarm's state, and runs the actions of that state if it is a new one. */
  public enter(
    alarm: Alarm,
    state: AlarmState,
    reason: string,
    reasonData: string | undefined,
    judged: readonly JudgedPoint[],
    now = this.dependencies.clock.now(),
  ): void {
    if (!this.dependencies.transition(alarm, state, reason, reasonData, now)) return;
    this.act(alarm, alarm.actions, judged, now);
    this.dependencies.changed(alarm);
  }

  private nextEvaluation(): { readonly at: number; readonly cadence: number } {
    let cadence = Infinity;
    for (const alarm of this.dependencies.alarms.values()) cadence = Math.min(cadence, timerCadence(alarm));
    const at = cadence === Infinity ? Infinity : (Math.floor(this.dependencies.clock.now() / cadence) + 1) * cadence;
    return { at, cadence };
  }

  private evaluateDue(now: number): void {
    this.wakesAt = Infinity;
    let resting = true;
    for (const alarm of [...this.dependencies.alarms.values()]) {
      if (alarm.evaluatedAt === undefined || now % cadenceOf(alarm) === 0) this.evaluate(alarm, now);
      resting &&= this.rests(alarm, now);
    }
    this.dependencies.evaluated();
    if (!resting) this.wake();
  }

  private evaluate(alarm: Alarm, now: number): void {
    const { definition } = alarm;
    alarm.evaluatedAt = now;
    const reading = readAlarm(definition, this.dependencies.store, now - this.dependencies.metricDelay);
    if (!alarm.warmedUp) {
      const enough = definition.warmUp?.endsWithData === true && isFull(definition, reading, this.dependencies.store);
      if (now < alarm.warmUpEndsAt && !enough) return;
      alarm.warmedUp = true;
    }
    const verdict = evaluate(reading.values, definition.rule);
    const judged = judgedPoints(reading, verdict);
    const tooThin = (judged.at(-1)?.sampleCount ?? Infinity) < definition.leastSamples;
    const state = verdict.state === 'unchanged' || tooThin ? alarm.state : verdict.state;
    if (state !== alarm.state) {
      const reason = explain(definition, alarm.state, state, judged, verdict);
      this.enter(alarm, state, reason, explainData(definition, reading, verdict, now), judged, now);
    } else if (alarm.actedAt !== undefined && now - alarm.actedAt >= MINUTE) {
      // Scaling actions run each minute while the state lasts; all others only when it changes.
      this.act(alarm, alarm.actions.filter(isScalingPolicy), judged, now);
    }
  }

  private act(alarm: Alarm, actions: readonly string[], judged: readonly JudgedPoint[], now: number): void {
    alarm.actedAt = now;
    if (!alarm.actionsEnabled || !alarm.warmedUp) return;
    const values = judged.map(({ value }) => value);
    this.dependencies.runActions(alarm, actions, now, { values, threshold: alarm.definition.threshold });
  }

  /** Whether only new data or an API call can change the alarm. */
  private rests(alarm: Alarm, now: number): boolean {
    if (alarm.evaluatedAt !== now || !alarm.warmedUp || (alarm.actionsEnabled && alarm.actions.some(isScalingPolicy)))
      return false;
    const remembered = this.remembered(alarm);
    return alarm.definition.queries.every(({ source }) => {
      const newest = source === undefined ? undefined : this.dependencies.store.newest(source.metric);
      return newest === undefined || newest + remembered < now;
    });
  }

  /** Whether the alarm's last evaluation saw only repeated values. */
  private sawOneLevel(alarm: Alarm, now: number): boolean {
    const { evaluatedAt = -Infinity, configuredAt, current, warmedUp, definition } = alarm;
    if (!warmedUp || evaluatedAt < configuredAt || evaluatedAt < current.updatedAt) return false;
    // The days of a time zone vary in length.
    if (definition.dependsOnTime || definition.zone !== undefined) return false;
    const start = evaluatedAt - this.remembered(alarm) - MINUTE;
    const end = Math.floor(now / MINUTE) * MINUTE;
    return definition.queries.every(
      ({ source }) => source === undefined || this.dependencies.store.isLevel(source.metric, start, end),
    );
  }

  /**
   * For how long a data point can affect an alarm: its period, plus the evaluation range, plus one period because a
   * sliding window may begin in its middle.
   */
  private remembered({ definition: { period, rule } }: Alarm): number {
    return this.dependencies.metricDelay + (evaluationRange(rule.evaluationPeriods) + 1) * period;
  }
}

function cadenceOf({ definition: { period, rule } }: Alarm): number {
  if (period < MINUTE) return HIGH_RESOLUTION_CADENCE;
  return period * rule.evaluationPeriods > DAY ? HOUR : MINUTE;
}

/** A new alarm is evaluated within a minute, whatever its interval. */
function timerCadence(alarm: Alarm): number {
  return alarm.evaluatedAt === undefined ? Math.min(cadenceOf(alarm), MINUTE) : cadenceOf(alarm);
}
