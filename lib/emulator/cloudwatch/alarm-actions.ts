import { AwsError } from '../api';
import type { Timeline } from '../timeline';
import type { AlarmNotice } from './alarm-evaluator';
import type { AlarmHistory, AlarmKind } from './alarm-history';

/** Runs actions and puts what became of them into the alarm's history. */
export type ActionRunner = (actions: readonly string[], notice: AlarmNotice, kind?: AlarmKind) => void;

/** Makes what runs the actions of alarms; an action that is refused leaves the alarm as it is. */
export function actionRunner(ports: {
  readonly timeline: Timeline;
  readonly history: AlarmHistory;
  readonly invokeAction: (actionArn: string, notice: AlarmNotice) => void;
}): ActionRunner {
  const { timeline, history, invokeAction } = ports;
  return (actions, notice, kind) => {
    for (const action of actions) {
      const error = refusalOf(() => invokeAction(action, notice));
      timeline.record('cloudwatch.action', notice.alarmName, { action, state: notice.state, error });
      const summary =
        error === undefined ? `Successfully executed action ${action}` : `Failed to execute action ${action}`;
      const data = { actionState: error === undefined ? 'Succeeded' : 'Failed', error };
      history.add(notice.at, notice.alarmName, 'Action', summary, data, kind);
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
