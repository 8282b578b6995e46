import { AwsError, type Delivery, milliseconds, NotDeliverable, parseArn, SERVICE_EVENTS } from '../../core';
import { defineService } from '../service-definition';
import type { AlarmNotice } from './alarms/alarm-actions';
import { CloudWatch } from './cloudwatch';
import type { AlarmStatus } from './status';
import { protocol } from './protocol';
import { cloudWatchAlarm } from './resources/alarm';
import { cloudWatchCompositeAlarm } from './resources/composite-alarm';
import { cloudWatchDashboard } from './resources/dashboard';
import { testing } from './testing';

export * from './cloudwatch';
export { type AlarmNotice } from './alarms/alarm-actions';
export { type AlarmEvent } from './alarms/alarm-event';
export { Dashboards } from './dashboards/dashboards';
export {
  evaluate,
  evaluationRange,
  type AlarmState,
  type EvaluationRule,
  type MissingData,
  type Verdict,
} from './alarms/evaluation';

/** The options of CloudWatch. */
export interface CloudWatchOptions {
  /**
   * Emulated milliseconds from the end of a metric's period until alarms see its data point.
   * @default 60000
   */
  readonly metricDelay?: number;
}

/** Amazon CloudWatch: metrics, alarms and dashboards. */
export const cloudwatch = defineService<
  'cloudwatch',
  CloudWatch,
  CloudWatchOptions,
  { readonly alarms: readonly AlarmStatus[] },
  typeof testing
>({
  name: 'cloudwatch',
  protocol,
  errors: {
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded', { queryCode: 'Throttling' }),
    internal: { shape: 'InternalServiceFault', queryCode: 'InternalServiceError' },
  },
  options: { metricDelay: milliseconds },
  resourceTypes: [cloudWatchAlarm, cloudWatchCompositeAlarm, cloudWatchDashboard],
  resourcesOf: ({ AlarmName, AlarmNames }) =>
    [AlarmName, AlarmNames].flat().filter((name): name is string => typeof name === 'string'),
  status: {
    sections: ['alarms'],
    of: (service) => ({ alarms: service.alarms().map(({ name, state }) => ({ name, state })) }),
  },
  testing,
  create: ({ options: { metricDelay }, deliver, inAnotherRegion, account, region, use, ...dependencies }) =>
    new CloudWatch({
      ...dependencies,
      account,
      region,
      ...(metricDelay !== undefined && { metricDelay }),
      dashboards: inAnotherRegion()?.dashboards,
      events: { emit: (...event) => use(SERVICE_EVENTS).emit(...event) },
      invokeAction(targetArn, notice) {
        const target = parseArn(targetArn)?.service;
        const principal = target === 'lambda' ? FUNCTION_CALLER : SERVICE_PRINCIPAL;
        const delivery = target === 'sns' ? toTopic(notice) : toOthers(notice);
        try {
          const source = { sourceArn: notice.alarmArn, sourceAccount: account };
          deliver(targetArn, delivery, { account, region, principal, ...source, endpoint: '' });
        } catch (error) {
          // What is done by a service that is not here is only in the history and the timeline.
          if (!(error instanceof NotDeliverable)) throw error;
        }
      },
    }),
});

const SERVICE_PRINCIPAL = 'cloudwatch.amazonaws.com';
/** Functions have a principal of their own for alarms. */
const FUNCTION_CALLER = 'lambda.alarms.cloudwatch.amazonaws.com';

function toTopic(notice: AlarmNotice): Delivery {
  const { subject, text } = notice.message();
  return { payload: text, subject };
}

/** Only functions read the event; a scaling policy takes the notice itself. */
function toOthers(notice: AlarmNotice): Delivery {
  return {
    get payload() {
      return JSON.stringify(notice.event());
    },
    source: notice,
  };
}
