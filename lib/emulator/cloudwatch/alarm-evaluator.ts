import { type Clock, DAY, HOUR, MINUTE, SECOND, type Timer } from '../clock';
import { isScalingPolicy } from './action-targets';
import type { Alarm } from './alarm';
import type { ActionRunner } from './alarm-actions';
import { isFull, readAlarm } from './alarm-reading';
import { explain, explainData, type JudgedPoint, judgedPoints } from './alarm-reason';
import type { Transition } from './alarm-transitions';
import { type AlarmState, evaluate, evaluationRange } from './evaluation';
import type { MetricStore } from './metric-store';

/** What the evaluation of alarms needs of its surroundings. */
export interface AlarmEvaluatorPorts {
  readonly clock: Clock;
  readonly store: MetricStore;
  readonly alarms: ReadonlyMap<string, Alarm>;
  readonly transition: Transition;
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
    if (this.ports.transition(alarm, state, reason, reasonData, now)) this.act(alarm, alarm.actions, judged, now);
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
    const reading = readAlarm(definition, this.ports.store, now - this.ports.metricDelay);
    if (!alarm.warmedUp) {
      const enough = definition.warmUp?.endsWithData === true && isFull(definition, reading, this.ports.store);
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
      // Other actions run when the state changes; those of scaling policies each minute for as long as it lasts.
      this.act(alarm, alarm.actions.filter(isScalingPolicy), judged, now);
    }
  }

  private act(alarm: Alarm, actions: readonly string[], judged: readonly JudgedPoint[], now: number): void {
    alarm.actedAt = now;
    if (!alarm.actionsEnabled || !alarm.warmedUp) return;
    const values = judged.map(({ value }) => value);
    this.ports.runActions(alarm, actions, now, { values, threshold: alarm.definition.threshold });
  }

  /** Whether nothing but new data or a call can change the alarm. */
  private rests(alarm: Alarm, now: number): boolean {
    if (alarm.evaluatedAt !== now || !alarm.warmedUp || (alarm.actionsEnabled && alarm.actions.some(isScalingPolicy)))
      return false;
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
