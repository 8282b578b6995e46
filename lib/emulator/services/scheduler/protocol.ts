import * as sdk from '@aws-sdk/client-scheduler';
import type { ProtocolBinding } from '../../protocol/protocol-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** The protocol of EventBridge Scheduler: REST JSON. */
export const protocol: ProtocolBinding = {
  signingName: 'scheduler',
  targetPrefix: 'AWSChronosService',
  apiVersion: '2021-06-30',
  protocols: ['restJson'],
  operations: [
    sdk.CreateSchedule$,
    sdk.CreateScheduleGroup$,
    sdk.DeleteSchedule$,
    sdk.DeleteScheduleGroup$,
    sdk.GetSchedule$,
    sdk.GetScheduleGroup$,
    sdk.ListScheduleGroups$,
    sdk.ListSchedules$,
    sdk.ListTagsForResource$,
    sdk.TagResource$,
    sdk.UntagResource$,
    sdk.UpdateSchedule$,
  ],
  missingMembers: (_action, paths) => constraintViolations('ValidationException', paths),
};
