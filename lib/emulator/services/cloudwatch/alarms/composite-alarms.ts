import type { ActionsSuppressedBy, PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../../clock';
import type { ActionRunner } from './alarm-actions';
import type { AlarmStore } from './alarm-store';
import { timestamp } from './alarm-event';
import type { Transition } from './alarm-transitions';
import type { AnyAlarm } from './any-alarm';
import type { CompositeAlarm } from './composite-alarm';
import { type CompositeDefinition, defineCompositeAlarm } from './composite-definition';
import { validationError } from '../errors';
import type { AlarmState } from './evaluation';

/** The collaborators of {@link CompositeAlarms}. */
export interface CompositeAlarmsDependencies {
  readonly clock: Clock;
  readonly alarms: AlarmStore;
  readonly transition: Transition;
  readonly runActions: ActionRunner;
  /** Called after an alarm has changed its state, and its actions have run or are suppressed. */
  readonly changed: (alarm: AnyAlarm) => void;
}

/** The composite alarms of an account in a Region. */
export class CompositeAlarms {
  constructor(private readonly dependencies: CompositeAlarmsDependencies) {}

  /** Creates a composite alarm, or replaces its configuration and keeps its state until the next evaluation. */
  public put(input: PutCompositeAlarmInput): void {
    const definition = defineCompositeAlarm(input);
    this.checkChildren(definition);
    this.dependencies.alarms.putComposite(definition);
    this.evaluate();
  }

  /** The composite alarms whose rule or suppressor refers to an alarm. */
  public dependingOn(name: string): CompositeAlarm[] {
    return [...this.dependencies.alarms.composite.values()].filter((alarm) => alarm.dependsOn.includes(name));
  }

  /** Evaluates all rules after other alarms have changed, until no state changes any more. */
  public evaluate(): void {
    const all = [...this.dependencies.alarms.composite.values()];
    // Alarms may refer to one another in a cycle. CloudWatch accepts that, and does not evaluate them.
    const evaluable = all.filter(({ name }) => !this.reaches(name, name, new Set()));
    let changed: boolean;
    do {
      changed = false;
      for (const alarm of evaluable) {
        const verdict = alarm.definition.rule.holds((name) => this.find(name)?.state ?? 'INSUFFICIENT_DATA');
        // Only a changed result counts: a state from SetAlarmState lasts until then.
        if (verdict === alarm.verdict) continue;
        const isNew = alarm.verdict === undefined;
        alarm.verdict = verdict;
        changed = true;
        const state = verdict ? 'ALARM' : 'OK';
        const children = alarm.definition.rule.children.flatMap((name) => this.find(name) ?? []);
        const causes = isNew ? children : [newestOf(children)];
        const reason = isNew ? `${alarm.arn} ${alarm.change} evaluates to ${state}` : toldOf(causes[0]);
        this.enter(alarm, state, reason, JSON.stringify({ triggeringAlarms: causes.map(inReasonData) }));
      }
    } while (changed);
    for (const alarm of all) this.followSuppressor(alarm);
  }

  /** Sets an alarm's state, and runs the state's actions unless they are suppressed. */
  public enter(alarm: CompositeAlarm, state: AlarmState, reason: string, reasonData: string | undefined): void {
    if (!this.dependencies.transition(alarm, state, reason, reasonData, this.dependencies.clock.now())) return;
    this.actOrHold(alarm, state);
    this.dependencies.changed(alarm);
  }

  /** Ends what an alarm waits for. */
  public forget(alarm: CompositeAlarm): void {
    alarm.suppression?.timer?.cancel();
    alarm.suppression = undefined;
  }

  /** Runs the actions of an alarm's new state, unless they are suppressed. */
  private actOrHold(alarm: CompositeAlarm, state: AlarmState): void {
    const held = alarm.suppression !== undefined;
    this.forget(alarm);
    // It has returned to its earlier state before any action ran.
    if (held && state === alarm.told) return;
    const { suppressor } = alarm.definition;
    if (suppressor === undefined) this.act(alarm);
    else if (this.suppresses(suppressor.alarmName)) this.hold(alarm, 'Alarm');
    else if (state === 'ALARM') this.hold(alarm, 'WaitPeriod', suppressor.wait);
    else this.act(alarm);
  }

  private checkChildren({ name, rule, suppressor }: CompositeDefinition): void {
    const exists = (child: string) => this.dependencies.alarms.get(child) !== undefined;
    const unknown = rule.children.filter((child) => !exists(child));
    if (unknown.length > 0) {
      const list = unknown.join(', ');
      throw validationError(`Could not save the composite alarm as alarms [${list}] in the alarm rule do not exist`);
    }
    if (suppressor !== undefined && (suppressor.alarmName === name || !exists(suppressor.alarmName))) {
      throw validationError(
        `Could not save the composite alarm as the suppressor alarm ${suppressor.alarmName} does not exist or is the alarm itself`,
      );
    }
  }

  /** Checks whether the suppressor of an alarm with suppressed actions has changed its state. */
  private followSuppressor(alarm: CompositeAlarm): void {
    const { suppression, definition } = alarm;
    if (suppression === undefined) return;
    // The alarm has no suppressor any more, so its actions need not wait.
    if (definition.suppressor === undefined) return this.release(alarm);
    const suppressed = this.suppresses(definition.suppressor.alarmName);
    if (suppressed && suppression.by !== 'Alarm') this.hold(alarm, 'Alarm');
    else if (!suppressed && suppression.by === 'Alarm') {
      this.hold(alarm, 'ExtensionPeriod', definition.suppressor.extension);
    }
  }

  /** @param atMost in milliseconds; if absent, actions are suppressed while the suppressor is in ALARM */
  private hold(alarm: CompositeAlarm, by: ActionsSuppressedBy, atMost?: number): void {
    this.forget(alarm);
    if (atMost === undefined) alarm.suppression = { by };
    else if (atMost === 0) this.release(alarm);
    else {
      const { clock } = this.dependencies;
      const what = `the actions of the alarm ${alarm.name} are suppressed no longer`;
      alarm.suppression = { by, timer: clock.schedule(clock.now() + atMost, () => this.release(alarm), what) };
    }
  }

  private release(alarm: CompositeAlarm): void {
    this.forget(alarm);
    this.act(alarm);
  }

  private act(alarm: CompositeAlarm): void {
    alarm.told = alarm.state;
    if (alarm.actionsEnabled) this.dependencies.runActions(alarm, alarm.actions, this.dependencies.clock.now());
  }

  private suppresses(name: string): boolean {
    return this.find(name)?.state === 'ALARM';
  }

  private find(name: string): AnyAlarm | undefined {
    return this.dependencies.alarms.get(name);
  }

  /** Whether a composite alarm's rule refers to `name`, directly or through other alarms. */
  private reaches(from: string, name: string, seen: Set<string>): boolean {
    const alarm = this.dependencies.alarms.composite.get(from);
    if (alarm === undefined || seen.has(from)) return false;
    seen.add(from);
    return alarm.definition.rule.children.some((child) => child === name || this.reaches(child, name, seen));
  }
}

/** The alarm that changed last; the first of several. */
function newestOf(alarms: readonly AnyAlarm[]): AnyAlarm {
  return alarms.reduce((one, other) => (other.current.transitionedAt > one.current.transitionedAt ? other : one));
}

function toldOf({ arn, current: { state, transitionedAt } }: AnyAlarm): string {
  return `${arn} transitioned to ${state} at ${spokenTime(transitionedAt)}`;
}

function inReasonData({ arn, current: { state, transitionedAt } }: AnyAlarm): object {
  return { arn, state: { value: state, timestamp: timestamp(transitionedAt) } };
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** `Friday 22 November, 2019 15:04:00 UTC`: CloudWatch's format. */
function spokenTime(instant: number): string {
  const at = new Date(instant);
  const day = String(at.getUTCDate()).padStart(2, '0');
  const time = at.toISOString().slice(11, 19);
  return `${DAYS[at.getUTCDay()]} ${day} ${MONTHS[at.getUTCMonth()]}, ${at.getUTCFullYear()} ${time} UTC`;
}
