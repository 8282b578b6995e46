import { type Rule } from '../rules';
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
  readonly wrong?: { readonly property: string; readonly got: string; readonly allowed: string };
}

/** That CloudWatch takes for a state of an alarm. */
const MAX_ACTIONS = 5;
const actions = ({ topic, actions: others = [] }: QueueAlarmsProps) => others.length + (topic === undefined ? 0 : 1);

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
    id: 'Spillway-QueueAlarms-TooManyActions',
    broken: (facts) => actions(facts) > MAX_ACTIONS,
    message: (facts) =>
      `actions must have at most ${MAX_ACTIONS} items, topic included, but had ${actions(facts)}; CloudWatch rejects more`,
  },
  {
    id: 'Spillway-QueueAlarms-NumberInvalid',
    broken: ({ wrong }) => wrong !== undefined,
    message: ({ wrong }) =>
      `${wrong?.property} must be ${wrong?.allowed}, but was ${wrong?.got}; CloudWatch rejects other values, or the alarm would never change state`,
  },
];
