import type { Timeline } from '../../../timeline';
import type { AlarmHistory } from './alarm-history';
import type { AnyAlarm, StateRecord } from './any-alarm';
import type { AlarmState } from './evaluation';

/** Sets an alarm's state. Returns whether it is a different one. */
export type Transition = (
  alarm: AnyAlarm,
  state: AlarmState,
  reason: string,
  reasonData: string | undefined,
  now: number,
) => boolean;

/** Maximum length of a history entry's data. */
const MOST_DATA = 4_095;

/** Creates the function that changes alarm states and records the changes in history and timeline. */
export function transitions(timeline: Timeline, history: AlarmHistory): Transition {
  return (alarm, state, reason, reasonData, now) => {
    const before = alarm.current;
    const from = before.state;
    const changes = from !== state;
    const transitionedAt = changes ? now : before.transitionedAt;
    alarm.current = { state, reason, reasonData, updatedAt: now, transitionedAt };
    if (!changes) return false;
    alarm.previous = before;
    timeline.record('cloudwatch.alarm', alarm.name, { from, to: state, reason });
    const summary = `Alarm updated from ${from} to ${state}`;
    history.add(now, alarm, 'StateUpdate', summary, historyData(before, alarm.current));
    return true;
  };
}

function historyData(before: StateRecord, after: StateRecord): string {
  const whole = stateChange(inHistory(before, before.reasonData), inHistory(after, after.reasonData));
  return whole.length <= MOST_DATA ? whole : stateChange(inHistory(before), inHistory(after));
}

function stateChange(oldState: string, newState: string): string {
  return `{"version":"1.0","oldState":${oldState},"newState":${newState}}`;
}

/** @param reasonData JSON, which is included as it is */
function inHistory({ state, reason }: StateRecord, reasonData?: string): string {
  const told = JSON.stringify({ stateValue: state, stateReason: reason });
  return reasonData === undefined ? told : `${told.slice(0, -1)},"stateReasonData":${reasonData}}`;
}
