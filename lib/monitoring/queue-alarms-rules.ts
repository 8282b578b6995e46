import { type Rule } from '../rules';
import { actionCount, MOST_ACTIONS, type WrongNumber } from './alarm-factory';
import { type QueueAlarm, type QueueAlarmsProps } from './queue-alarms-props';

/** What the alarms of a queue follow from. */
export interface QueueAlarmsFacts extends QueueAlarmsProps {
  /** In seconds, when it is known. */
  readonly sourceRetention?: number;
  /** In seconds, when it is known. */
  readonly deadLetterRetention?: number;
  /** Whether the expiry alarm is wanted, and its threshold isn't given. */
  readonly derivesExpiry: boolean;
  /** Alarms that are changed and don't exist for such a queue, with the reason. */
  readonly absent: readonly { readonly property: string; readonly alarm: QueueAlarm; readonly needs: string }[];
  /** A changed alarm with a bad number. */
  readonly wrong?: WrongNumber;
}

/** What must hold for a queue's alarms to mean something. */
export const ALARM_RULES: readonly Rule<QueueAlarmsFacts>[] = [
  {
    id: 'Spillway-QueueAlarms-AlarmAbsent',
    broken: ({ absent }) => absent.length > 0,
    message: ({ absent: [{ property, alarm, needs }] }) =>
      `${property} must not be given here; the alarm ${alarm} needs ${needs}`,
  },
  {
    id: 'Spillway-QueueAlarms-RetentionUnknown',
    broken: ({ derivesExpiry, sourceRetention, queue }) =>
      derivesExpiry && sourceRetention === undefined && !queue.fifo,
    message: ({ queue }) =>
      `retentionPeriod is required for ${queue.node.path}, which is defined elsewhere; the default threshold of DeadLetterQueueExpiry depends on it`,
  },
  {
    id: 'Spillway-QueueAlarms-DeadLetterRetentionUnknown',
    broken: ({ derivesExpiry, deadLetterRetention }) => derivesExpiry && deadLetterRetention === undefined,
    message: ({ deadLetterQueue }) =>
      `deadLetterRetentionPeriod is required for ${deadLetterQueue?.node.path}, which is defined elsewhere; the default threshold of DeadLetterQueueExpiry depends on it`,
  },
  {
    id: 'Spillway-QueueAlarms-ExpiryUnforeseeable',
    broken: ({ derivesExpiry, sourceRetention, deadLetterRetention, queue }) =>
      derivesExpiry &&
      !queue.fifo &&
      sourceRetention !== undefined &&
      deadLetterRetention !== undefined &&
      deadLetterRetention <= sourceRetention,
    message: ({ sourceRetention, deadLetterRetention }) =>
      `deadLetterRetentionPeriod must be longer than the queue's retentionPeriod (${sourceRetention} seconds), but was ${deadLetterRetention} seconds; time spent in the queue counts, so a message may expire as soon as it is moved, before any alarm`,
  },
  {
    id: 'Spillway-QueueAlarms-BacklogThreshold',
    broken: ({ backlog }) => backlog !== undefined && backlog.threshold === undefined,
    message: () =>
      'backlog.threshold is required; how many messages are too many depends on how fast they are processed',
  },
  {
    id: 'Spillway-QueueAlarms-TooManyActions',
    broken: (facts) => actionCount(facts) > MOST_ACTIONS,
    message: (facts) =>
      `actions must have at most ${MOST_ACTIONS} items, topic included, but had ${actionCount(facts)}; CloudWatch rejects more`,
  },
  {
    id: 'Spillway-QueueAlarms-NumberInvalid',
    broken: ({ wrong }) => wrong !== undefined,
    message: ({ wrong }) =>
      `${wrong?.property} must be ${wrong?.allowed}, but was ${wrong?.got}; CloudWatch rejects other values, or the alarm would never change state`,
  },
];
