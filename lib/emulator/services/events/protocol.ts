import * as sdk from '@aws-sdk/client-eventbridge';
import type { ProtocolBinding } from '../../protocol/protocol-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** The protocol of EventBridge: AWS JSON 1.1. */
export const protocol: ProtocolBinding = {
  signingName: 'events',
  targetPrefix: 'AWSEvents',
  apiVersion: '2015-10-07',
  protocols: ['awsJson'],
  operations: [
    sdk.CancelReplay$,
    sdk.CreateArchive$,
    sdk.CreateEventBus$,
    sdk.DeleteArchive$,
    sdk.DeleteEventBus$,
    sdk.DeleteRule$,
    sdk.DescribeArchive$,
    sdk.DescribeEventBus$,
    sdk.DescribeReplay$,
    sdk.DescribeRule$,
    sdk.DisableRule$,
    sdk.EnableRule$,
    sdk.ListArchives$,
    sdk.ListEventBuses$,
    sdk.ListReplays$,
    sdk.ListRuleNamesByTarget$,
    sdk.ListRules$,
    sdk.ListTagsForResource$,
    sdk.ListTargetsByRule$,
    sdk.PutEvents$,
    sdk.PutPermission$,
    sdk.PutRule$,
    sdk.PutTargets$,
    sdk.RemovePermission$,
    sdk.RemoveTargets$,
    sdk.StartReplay$,
    sdk.TagResource$,
    sdk.TestEventPattern$,
    sdk.UntagResource$,
    sdk.UpdateArchive$,
    sdk.UpdateEventBus$,
  ],
  // An entry without a Source, a DetailType or a Detail fails alone.
  missingMembers: (_action, paths) => constraintViolations('ValidationException', paths),
};
