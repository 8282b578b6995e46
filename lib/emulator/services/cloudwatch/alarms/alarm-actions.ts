import { AwsError } from '../../../core';
import type { Timeline } from '../../../timeline';
import { type AlarmEvent, alarmEvent } from './alarm-event';
import { type AlarmMessage, alarmMessage } from './alarm-message';
import type { AlarmHistory } from './alarm-history';
import type { AnyAlarm } from './any-alarm';
import type { AlarmState } from './evaluation';

/** The information that an alarm passes to its actions. */
export interface AlarmNotice {
  readonly alarmName: string;
  readonly alarmArn: string;
  readonly state: AlarmState;
  /** The newest evaluated data point; undefined if there was none. */
  readonly value?: number;
  /** The evaluated data points, oldest first. */
  readonly values: readonly number[];
  /** NaN for a composite alarm. */
  readonly threshold: number;
  /** When the action runs, in milliseconds since the epoch. */
  readonly at: number;
  /** The event that CloudWatch sends to a Lambda function. */
  event(): AlarmEvent;
  /** The message that CloudWatch publishes to a topic. */
  message(): AlarmMessage;
}

/** What the evaluation of data points adds to a notice. */
export interface Judgement {
  readonly values: readonly number[];
  readonly threshold: number;
}

const NOTHING_JUDGED: Judgement = { values: [], threshold: NaN };

/** Runs actions, and records their outcomes in the alarm's history. */
export type ActionRunner = (alarm: AnyAlarm, actions: readonly string[], now: number, judgement?: Judgement) => void;

/** Creates the runner of alarm actions. A rejected action does not affect the alarm. */
export function actionRunner(dependencies: {
  readonly timeline: Timeline;
  readonly history: AlarmHistory;
  readonly account: string;
  readonly region: string;
  readonly invokeAction: (actionArn: string, notice: AlarmNotice) => void;
}): ActionRunner {
  const { timeline, history, account, region, invokeAction } = dependencies;
  return (alarm, actions, now, { values, threshold } = NOTHING_JUDGED) => {
    const { name, arn, state } = alarm;
    for (const action of actions) {
      const notice: AlarmNotice = {
        alarmName: name,
        alarmArn: arn,
        state,
        value: values.at(-1),
        values,
        threshold,
        at: now,
        event: () => alarmEvent(alarm, account, region, now),
        message: () => alarmMessage(alarm, account, region),
      };
      const error = refusalOf(() => invokeAction(action, notice));
      timeline.record('cloudwatch.action', name, { action, state, error });
      const summary =
        error === undefined ? `Successfully executed action ${action}` : `Failed to execute action ${action}`;
      const data = { actionState: error === undefined ? 'Succeeded' : 'Failed', notificationResource: action, error };
      history.add(now, alarm, 'Action', summary, JSON.stringify(data));
    }
  };
}

function refusalOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}
