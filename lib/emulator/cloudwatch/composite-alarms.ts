import type { ActionsSuppressedBy, PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch';
import { formatArn } from '../api';
import type { Clock } from '../clock';
import type { Timeline } from '../timeline';
import type { Alarm } from './alarm';
import type { ActionRunner } from './alarm-actions';
import type { AlarmHistory } from './alarm-history';
import { CompositeAlarm, defineCompositeAlarm } from './composite-alarm';
import { validationError } from './errors';
import type { AlarmState } from './evaluation';

/** What composite alarms need of their surroundings. */
export interface CompositeAlarmsPorts {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly history: AlarmHistory;
  readonly metricAlarms: ReadonlyMap<string, Alarm>;
  readonly runActions: ActionRunner;
}

/** The alarms that are made of other alarms. */
export class CompositeAlarms {
  private readonly byName = new Map<string, CompositeAlarm>();

  constructor(private readonly ports: CompositeAlarmsPorts) {}

  public all(): CompositeAlarm[] {
    return [...this.byName.values()];
  }

  public get(name: string): CompositeAlarm | undefined {
    return this.byName.get(name);
  }

  /** Those whose rule looks at an alarm, or whose suppressor it is. */
  public dependingOn(name: string): CompositeAlarm[] {
    return this.all().filter((alarm) => alarm.dependsOn.includes(name));
  }

  /** Creates a composite alarm, or replaces the whole configuration of one, which keeps its state until it is looked at. */
  public put(input: PutCompositeAlarmInput): void {
    const definition = defineCompositeAlarm(input);
    const { name } = definition;
    const { clock, region, account, history, metricAlarms } = this.ports;
    if (metricAlarms.has(name))
      throw validationError(`An alarm of a different type with the name ${name} already exists.`);
    const now = clock.now();
    const alarm = new CompositeAlarm(formatArn('cloudwatch', region, account, `alarm:${name}`), definition, now);
    const unknown = alarm.dependsOn.filter((child) => child !== name && this.find(child) === undefined);
    if (unknown.length > 0) {
      const list = unknown.join(', ');
      throw validationError(`Could not save the composite alarm as alarms [${list}] in the alarm rule do not exist`);
    }
    if (this.reaches(alarm, name, new Set())) {
      throw validationError(`The composite alarm ${name} cannot depend on itself, directly or through other alarms.`);
    }
    const existing = this.byName.get(name);
    if (existing === undefined) this.byName.set(name, alarm);
    else existing.configure(definition, now);
    const did = existing === undefined ? 'created' : 'updated';
    const type = existing === undefined ? 'Create' : 'Update';
    history.add(now, name, 'ConfigurationUpdate', `Alarm "${name}" ${did}`, { version: '1.0', type }, 'CompositeAlarm');
    this.evaluate();
  }

  /** Whether there was one of that name. */
  public delete(name: string): boolean {
    this.byName.get(name)?.suppression?.timer?.cancel();
    return this.byName.delete(name);
  }

  /** Looks at all rules again, after other alarms have changed: until nothing changes any more. */
  public evaluate(): void {
    let changed: boolean;
    do {
      changed = false;
      for (const alarm of this.byName.values()) {
        const verdict = alarm.definition.rule.holds((name) => this.find(name)?.state ?? 'INSUFFICIENT_DATA');
        // Only a change counts: a state that SetAlarmState has set lasts until then.
        if (verdict === alarm.verdict) continue;
        alarm.verdict = verdict;
        changed = true;
        const cause = this.newest(alarm);
        const data = cause && {
          arn: cause.arn,
          state: { value: cause.state, timestamp: isoTime(cause.transitionedAt) },
        };
        this.enter(
          alarm,
          verdict ? 'ALARM' : 'OK',
          cause === undefined
            ? `The alarm rule is ${verdict ? 'TRUE' : 'FALSE'}`
            : `${cause.arn} transitioned to ${cause.state} at ${spokenTime(cause.transitionedAt)}`,
          JSON.stringify({ triggeringAlarms: data === undefined ? [] : [data] }),
        );
      }
    } while (changed);
    for (const alarm of this.byName.values()) this.followSuppressor(alarm);
  }

  /** Puts an alarm in a state, and runs that state's actions, unless its suppressor holds them back. */
  public enter(alarm: CompositeAlarm, state: AlarmState, reason: string, reasonData: string | undefined): void {
    const { clock, timeline, history } = this.ports;
    const { name } = alarm.definition;
    const now = clock.now();
    const from = alarm.state;
    Object.assign(alarm, { reason, reasonData, stateUpdatedAt: now });
    if (from === state) return;
    alarm.state = state;
    alarm.transitionedAt = now;
    timeline.record('cloudwatch.alarm', name, { from, to: state, reason });
    const change = {
      version: '1.0',
      oldState: { stateValue: from },
      newState: { stateValue: state, stateReason: reason },
    };
    history.add(now, name, 'StateUpdate', `Alarm updated from ${from} to ${state}`, change, 'CompositeAlarm');
    const held = alarm.suppression !== undefined;
    alarm.suppression?.timer?.cancel();
    alarm.suppression = undefined;
    // It is back where it was when nobody had been told of what lay between.
    if (held && state === alarm.told) return;
    const { suppressor } = alarm.definition;
    if (suppressor === undefined) this.act(alarm);
    else if (this.suppresses(suppressor.alarmName)) this.hold(alarm, 'Alarm');
    else if (state === 'ALARM') this.hold(alarm, 'WaitPeriod', suppressor.wait);
    else this.act(alarm);
  }

  /** The suppressor of an alarm whose actions are held back may have come, or gone. */
  private followSuppressor(alarm: CompositeAlarm): void {
    const { suppression, definition } = alarm;
    if (suppression === undefined) return;
    // Without the suppressor that its actions waited for they need not wait.
    if (definition.suppressor === undefined) return this.release(alarm);
    const suppressed = this.suppresses(definition.suppressor.alarmName);
    if (suppressed && suppression.by !== 'Alarm') this.hold(alarm, 'Alarm');
    else if (!suppressed && suppression.by === 'Alarm') {
      this.hold(alarm, 'ExtensionPeriod', definition.suppressor.extension);
    }
  }

  /** @param atMost for how long, in milliseconds; without it, for as long as the suppressor is in ALARM */
  private hold(alarm: CompositeAlarm, by: ActionsSuppressedBy, atMost?: number): void {
    alarm.suppression?.timer?.cancel();
    if (atMost === undefined) alarm.suppression = { by };
    else if (atMost === 0) this.release(alarm);
    else {
      const { clock } = this.ports;
      const what = `${alarm.definition.name} is no longer suppressed`;
      alarm.suppression = { by, timer: clock.schedule(clock.now() + atMost, () => this.release(alarm), what) };
    }
  }

  private release(alarm: CompositeAlarm): void {
    alarm.suppression?.timer?.cancel();
    alarm.suppression = undefined;
    this.act(alarm);
  }

  private act(alarm: CompositeAlarm): void {
    alarm.told = alarm.state;
    if (!alarm.actionsEnabled) return;
    const { arn, state, actions, definition } = alarm;
    const notice = {
      alarmName: definition.name,
      alarmArn: arn,
      state,
      values: [],
      threshold: NaN,
      at: this.ports.clock.now(),
    };
    this.ports.runActions(actions, notice, 'CompositeAlarm');
  }

  private suppresses(alarmName: string): boolean {
    return this.find(alarmName)?.state === 'ALARM';
  }

  private find(name: string): Alarm | CompositeAlarm | undefined {
    return this.ports.metricAlarms.get(name) ?? this.byName.get(name);
  }

  /** The child that changed last. */
  private newest(alarm: CompositeAlarm): Alarm | CompositeAlarm | undefined {
    const children = alarm.definition.rule.children.flatMap((name) => this.find(name) ?? []);
    return children.reduce<Alarm | CompositeAlarm | undefined>(
      (newest, child) => (newest === undefined || child.transitionedAt > newest.transitionedAt ? child : newest),
      undefined,
    );
  }

  private reaches(alarm: CompositeAlarm, name: string, seen: Set<string>): boolean {
    return alarm.dependsOn.some((child) => {
      if (child === name) return true;
      if (seen.has(child)) return false;
      seen.add(child);
      const composite = this.byName.get(child);
      return composite !== undefined && this.reaches(composite, name, seen);
    });
  }
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** `Friday 22 November, 2019 15:04:00 UTC`, as CloudWatch writes it. */
function spokenTime(instant: number): string {
  const at = new Date(instant);
  const day = String(at.getUTCDate()).padStart(2, '0');
  const time = at.toISOString().slice(11, 19);
  return `${DAYS[at.getUTCDay()]} ${day} ${MONTHS[at.getUTCMonth()]}, ${at.getUTCFullYear()} ${time} UTC`;
}

function isoTime(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '+0000');
}
