import { type Clock, DAY, HOUR, MINUTE, SECOND, type Timer } from '../clock';
import type { Timeline } from '../timeline';
import type { Alarm } from './alarm';
import type { ActionRunner } from './alarm-actions';
import type { AlarmHistory } from './alarm-history';
import { explain, explainData, type JudgedPoint } from './alarm-reason';
import { type AlarmState, evaluate, evaluationRange } from './evaluation';
import { runQueries } from './metric-query';
import type { MetricStore } from './metric-store';
import { cutsOf } from './query-range';

/** What an alarm's action is told. */
export interface AlarmNotice {
  readonly alarmName: string;
  readonly alarmArn: string;
  readonly state: AlarmState;
  /** The newest data point that was judged; undefined where there was none. */
  readonly value?: number;
  /** All data points that were judged, oldest first. */
  readonly values: number[];
  /** NaN for a composite alarm, which has none. */
  readonly threshold: number;
  /** When the action runs, in milliseconds since the epoch. */
  readonly at: number;
}

/** What the evaluation of alarms needs of its surroundings. */
export interface AlarmEvaluatorPorts {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly store: MetricStore;
  readonly history: AlarmHistory;
  readonly alarms: ReadonlyMap<string, Alarm>;
  readonly runActions: ActionRunner;
  /** Told when the alarms that were due have been evaluated. */
  readonly evaluated: () => void;
  /** In milliseconds. */
  readonly metricDelay: number;
}

/** An alarm with a period of less than a minute is evaluated this often. */
const HIGH_RESOLUTION_CADENCE = 10 * SECOND;

/**
 * Evaluates the alarms at whole minutes, or every ten seconds, by one timer for all of them. The timer rests while no
 * alarm can change: when all their data has left the evaluation ranges and no action is to be repeated.
 */
export class AlarmEvaluator {
  private timer?: Timer;
  private wakesAt = Infinity;

  constructor(private readonly ports: AlarmEvaluatorPorts) {}

  /** Sees to it that the next due evaluation happens: data came in, or an alarm changed. */
  public wake(): void {
    const next = this.nextEvaluation();
    if (next >= this.wakesAt) return;
    this.timer?.cancel();
    this.wakesAt = next;
    this.timer = this.ports.clock.schedule(next, () => this.evaluateDue(next), 'the alarms are evaluated');
  }

  /** Puts an alarm in a state, and runs that state's actions if it is another one. */
  public enter(
    alarm: Alarm,
    state: AlarmState,
    reason: string,
    reasonData: string | undefined,
    judged: readonly JudgedPoint[],
    now = this.ports.clock.now(),
  ): void {
    const from = alarm.state;
    alarm.reason = reason;
    alarm.reasonData = reasonData;
    alarm.stateUpdatedAt = now;
    if (from === state) return;
    alarm.state = state;
    alarm.transitionedAt = now;
    this.ports.timeline.record('cloudwatch.alarm', alarm.definition.name, { from, to: state, reason });
    this.ports.history.add(now, alarm.definition.name, 'StateUpdate', `Alarm updated from ${from} to ${state}`, {
      version: '1.0',
      oldState: { stateValue: from },
      newState: { stateValue: state, stateReason: reason },
    });
    this.act(alarm, alarm.actions, judged, now);
  }

  private nextEvaluation(): number {
    let cadence = Infinity;
    for (const alarm of this.ports.alarms.values()) cadence = Math.min(cadence, timerCadence(alarm));
    return cadence === Infinity ? Infinity : (Math.floor(this.ports.clock.now() / cadence) + 1) * cadence;
  }

  /** @param now the instant that was due: a machine's timer is a little late, and cadences are counted from whole minutes */
  private evaluateDue(now: number): void {
    this.wakesAt = Infinity;
    let resting = true;
    for (const alarm of [...this.ports.alarms.values()]) {
      if (alarm.evaluatedAt === undefined || now % cadenceOf(alarm) === 0) this.evaluate(alarm, now);
      resting &&= this.rests(alarm, now);
    }
    this.ports.evaluated();
    if (!resting) this.wake();
  }

  private evaluate(alarm: Alarm, now: number): void {
    const { definition } = alarm;
    alarm.evaluatedAt = now;
    const { start, values } = this.read(alarm, now);
    const verdict = evaluate(values, definition.rule);
    const judged = verdict.judged.map((index) => ({
      at: start + index * definition.period,
      value: values[index] as number,
    }));
    const state = verdict.state === 'unchanged' ? alarm.state : verdict.state;
    if (state !== alarm.state) {
      const reason = explain(definition, alarm.state, state, judged, verdict);
      this.enter(alarm, state, reason, explainData(definition, judged, now), judged, now);
    } else if (alarm.actedAt !== undefined && now - alarm.actedAt >= MINUTE) {
      // Other actions run when the state changes; those of scaling policies each minute for as long as it lasts.
      this.act(alarm, alarm.actions.filter(isScalingPolicy), judged, now);
    }
  }

  /** The watched series over the evaluation range, which ends with the newest period whose data is visible. */
  private read(alarm: Alarm, now: number): { start: number; values: (number | undefined)[] } {
    const { queries, watched, period, rule, wallClock } = alarm.definition;
    const step = wallClock ? period : Math.min(period, MINUTE);
    const end = Math.floor((now - this.ports.metricDelay) / step) * step;
    const count = wallClock ? rule.evaluationPeriods : evaluationRange(rule.evaluationPeriods);
    const start = end - count * period;
    const cuts = cutsOf(start, count, period);
    const series = runQueries(queries, this.ports.store, () => cuts).get(watched.id);
    const points = series?.kind === 'series' ? series.points : new Map<number, number>();
    return { start, values: Array.from({ length: count }, (_, index) => points.get(start + index * period)) };
  }

  private act(alarm: Alarm, actions: readonly string[], judged: readonly JudgedPoint[], now: number): void {
    alarm.actedAt = now;
    if (!alarm.actionsEnabled) return;
    const { name, threshold } = alarm.definition;
    const values = judged.map(({ value }) => value);
    const notice = {
      alarmName: name,
      alarmArn: alarm.arn,
      state: alarm.state,
      value: values.at(-1),
      values,
      threshold,
      at: now,
    };
    this.ports.runActions(actions, notice);
  }

  /** Whether nothing but new data or a call can change the alarm. */
  private rests(alarm: Alarm, now: number): boolean {
    if (alarm.evaluatedAt !== now || (alarm.actionsEnabled && alarm.actions.some(isScalingPolicy))) return false;
    const { queries, period, rule } = alarm.definition;
    // A point is in the range until its period, and as many periods as the range is long, have gone by; and one more,
    // because a sliding window may begin in the midst of it.
    const remembered = this.ports.metricDelay + (evaluationRange(rule.evaluationPeriods) + 1) * period;
    return queries.every(({ source }) => {
      const newest = source === undefined ? undefined : this.ports.store.newest(source.metric);
      return newest === undefined || newest + remembered < now;
    });
  }
}

function cadenceOf({ definition: { period, rule } }: Alarm): number {
  if (period < MINUTE) return HIGH_RESOLUTION_CADENCE;
  return period * rule.evaluationPeriods > DAY ? HOUR : MINUTE;
}

/** A new alarm is looked at within a minute, whatever its cadence. */
function timerCadence(alarm: Alarm): number {
  return alarm.evaluatedAt === undefined ? Math.min(cadenceOf(alarm), MINUTE) : cadenceOf(alarm);
}

function isScalingPolicy(actionArn: string): boolean {
  return actionArn.includes(':scalingPolicy:');
}
