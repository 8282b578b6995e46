import { elapsed, subjectOf, verdict, type Verdict } from '../../../testing';
import { LocalAlarm } from './local-alarm';

/** Matchers for alarms. */
export const matchers = {
  /** Of an alarm: it is in ALARM. */
  toBeInAlarm(received: unknown): Verdict {
    const alarm = subjectOf(LocalAlarm, received, 'toBeInAlarm', 'cloud.alarm(…)');
    return verdict(
      alarm,
      alarm.state === 'ALARM',
      () => `${alarm.label} is in ${alarm.state}, expected ALARM: ${alarm.reason}`,
      () => `${alarm.label} is in ALARM, and was expected not to be: ${alarm.reason}`,
    );
  },

  /** Of an alarm: it has been in ALARM. */
  toHaveAlarmed(received: unknown): Verdict {
    const alarm = subjectOf(LocalAlarm, received, 'toHaveAlarmed', 'cloud.alarm(…)');
    const times = alarm.history.filter(({ to }) => to === 'ALARM');
    return verdict(
      alarm,
      times.length > 0,
      () => `${alarm.label} has never been in ALARM; it is in ${alarm.state}: ${alarm.reason}`,
      () => {
        const [{ at, reason }] = times;
        return `${alarm.label} went into ALARM at ${elapsed(alarm, at)}, and was expected never to: ${reason}`;
      },
    );
  },
};
