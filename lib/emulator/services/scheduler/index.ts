import { AwsError, type RetryBackoff, retryBackoff } from '../../core';
import { defineService } from '../service-definition';
import { ROLE_TRUST, UNIVERSAL_TARGETS } from './ports';
import { protocol } from './protocol';
import { schedulerSchedule } from './resources/schedule';
import { schedulerScheduleGroup } from './resources/schedule-group';
import { Scheduler } from './scheduler';
import { type ScheduleStatus, scheduleStatus } from './status';
import { testing } from './testing';

export * from './ports';
export { Scheduler } from './scheduler';

/** The options of EventBridge Scheduler. */
export interface SchedulerOptions {
  /**
   * The waits between attempts to invoke a target that is throttled or fails.
   * @default - 1 second, twice as long each time up to 8 minutes, up to a fifth shorter at random
   */
  readonly scheduleRetryBackoff?: RetryBackoff;
}

/** Amazon EventBridge Scheduler. */
export const scheduler = defineService<
  'scheduler',
  Scheduler,
  SchedulerOptions,
  { readonly schedules: readonly ScheduleStatus[] },
  typeof testing
>({
  name: 'scheduler',
  protocol,
  errors: {
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded', { status: 429 }),
    internal: { shape: 'InternalServerException' },
  },
  options: { scheduleRetryBackoff: retryBackoff },
  resourceTypes: [schedulerSchedule, schedulerScheduleGroup],
  resourcesOf: ({ Name, GroupName }) => [Name, GroupName].filter((name): name is string => typeof name === 'string'),
  // The ARN of a universal target: its action is called in the account and Region of the schedule.
  deliver: (service, targetArn, { payload }, caller) => service.callAction(targetArn, payload, caller),
  status: { sections: ['schedules'], of: (service) => ({ schedules: scheduleStatus(service) }) },
  testing,
  create: ({ options: { scheduleRetryBackoff: backoff }, use, ...dependencies }) =>
    new Scheduler({
      ...dependencies,
      backoff,
      universalTargets: {
        has: (...action) => use(UNIVERSAL_TARGETS).has(...action),
        call: (...call) => use(UNIVERSAL_TARGETS).call(...call),
      },
      roleTrust: (...asked) => use(ROLE_TRUST)(...asked),
    }),
});
