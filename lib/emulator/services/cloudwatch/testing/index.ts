import { type RecordStart, resourceKind, type ServiceTesting } from '../../../testing';
import type { AlarmState } from '../alarms/evaluation';
import type { CloudWatch } from '../cloudwatch';
import { AlarmRecord } from './alarm-record';
import { LocalAlarm } from './local-alarm';
import { matchers } from './matchers';

const kinds = {
  /**
   * Returns an alarm, metric or composite; those of target-tracking policies by their names.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  alarm: resourceKind({
    name: 'alarm',
    types: ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'],
    held: ['alarm'],
    importedBy: 'alarmArn',
    exists: (service: CloudWatch, name) => service.alarms().some((each) => each.name === name),
    handle: LocalAlarm,
    record: (start: RecordStart) => new AlarmRecord(start),
  }),
};

/** What tests get of CloudWatch. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = {
  kinds,
  matchers,
  take(event, recording) {
    if (event.kind !== 'cloudwatch.alarm') return undefined;
    const { at, subject, place, detail } = event;
    const [from, to] = [detail.from as AlarmState, detail.to as AlarmState];
    recording.of(kinds.alarm, place, subject).changed({ at, from, to, reason: String(detail.reason) });
    recording.note(event, `${from} → ${to}`);
    return undefined;
  },
};
