import type { Recording } from '../../../testing';
import type { TimelineEvent } from '../../../timeline';
import type { GroupRecord } from './group-record';

/** Records an event of EC2 Auto Scaling. */
export function takeInstanceEvent(event: TimelineEvent, group: GroupRecord, recording: Recording): void {
  const { at, kind, detail } = event;
  const instanceId = String(detail.instance);
  switch (kind) {
    case 'autoscaling.launched':
      group.launched++;
      recording.note(event, 'launches an instance');
      return;
    case 'autoscaling.inService':
      group.entered(at, instanceId);
      return;
    case 'autoscaling.terminating':
      group.left(at, instanceId);
      recording.note(event, 'takes an instance out of service');
      return;
    case 'autoscaling.terminated':
      group.left(at, instanceId);
      group.terminated++;
  }
}
