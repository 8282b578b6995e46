import { type RecordStart, resourceKind, type ServiceTesting } from '../../../testing';
import type { AutoScaling } from '../autoscaling';
import { GroupRecord } from './group-record';
import { takeInstanceEvent } from './instance-events';
import { LocalGroup } from './local-group';
import { matchers } from './matchers';

const kinds = {
  /**
   * Returns an Auto Scaling group.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  group: resourceKind({
    name: 'Auto Scaling group',
    types: ['AWS::AutoScaling::AutoScalingGroup'],
    held: ['autoScalingGroup'],
    exists: (service: AutoScaling, name) => service.groups().some((each) => each.name === name),
    handle: LocalGroup,
    record: (start: RecordStart) => new GroupRecord(start),
    peak: { of: 'instances in service', from: ({ peak }) => peak },
  }),
};

/** What tests get of EC2 Auto Scaling. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = {
  kinds,
  matchers,
  take(event, recording) {
    takeInstanceEvent(event, recording.of(kinds.group, event.place, event.subject), recording);
    return undefined;
  },
};
