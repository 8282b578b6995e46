import { type Dispatch, MatchableLog, type RecordStart, resourceKind, type ServiceTesting } from '../../../testing';
import type { Scheduler } from '../scheduler';
import { LocalSchedule } from './local-schedule';
import { takeScheduleEvent } from './schedule-events';

const kinds = {
  /**
   * Returns a schedule of EventBridge Scheduler.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  schedule: resourceKind({
    name: 'schedule',
    types: ['AWS::Scheduler::Schedule'],
    held: ['schedule'],
    importedBy: 'scheduleArn',
    exists: (service: Scheduler, name) => service.schedules().some((schedule) => schedule.name === name),
    handle: LocalSchedule,
    record: (start: RecordStart) => new MatchableLog<Dispatch>(start),
    fires: true,
  }),
};

/** What tests get of EventBridge Scheduler. */
export const testing: ServiceTesting<typeof kinds> = {
  kinds,
  matchers: {},
  take(event, recording) {
    takeScheduleEvent(event, recording.of(kinds.schedule, event.place, event.subject), recording);
    return undefined;
  },
};
