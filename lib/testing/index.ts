import './register';

export type { GroupModel, ModelledWork } from '../emulator/services/autoscaling/testing/group-model';
export type { LocalGroup, LocalInstance } from '../emulator/services/autoscaling/testing/local-group';
export type { AlarmTransition } from '../emulator/services/cloudwatch/testing/alarm-record';
export type { LocalAlarm } from '../emulator/services/cloudwatch/testing/local-alarm';
export type { LocalTable, PlainItem } from '../emulator/services/dynamodb/testing/local-table';
export type { TableWrite } from '../emulator/services/dynamodb/testing/table-record';
export type { LocalBus, OutgoingEvent, RecordedEvent } from '../emulator/services/events/testing/local-bus';
export type { LocalRule } from '../emulator/services/events/testing/local-rule';
export type { LocalRole } from '../emulator/services/iam/testing';
export type { AlarmState } from '../emulator/services/cloudwatch/alarms/evaluation';
export type { LocalKey } from '../emulator/services/kms/testing';
export type { FunctionModel, ModelledHandler } from '../emulator/services/lambda/testing/function-model';
export type { FunctionFailure } from '../emulator/services/lambda/testing/function-record';
export type { LocalFunction } from '../emulator/services/lambda/testing/local-function';
export type { LocalLogEvent, LocalLogGroup } from '../emulator/services/logs/testing';
export type { LocalBucket } from '../emulator/services/s3/testing';
export type { LocalSecret, LocalSecretVersion } from '../emulator/services/secretsmanager/testing';
export type { LocalTopic, PublishOptions, TopicSubscription } from '../emulator/services/sns/testing/local-topic';
export type { LocalSchedule } from '../emulator/services/scheduler/testing/local-schedule';
export type { LocalQueue } from '../emulator/services/sqs/testing/local-queue';
export type { SendManyOptions, SendOptions } from '../emulator/services/sqs/testing/outgoing-message';
export type { MessageStatus, QueueMessage } from '../emulator/services/sqs/testing/queue-message';
export type { QueueTotals } from '../emulator/services/sqs/testing/queue-record';
export type { LocalParameter, LocalParameterVersion } from '../emulator/services/ssm/testing';
export type { HandleOf, KindName, ResourceMethods } from '../emulator/services/testing';
export {
  type AttributeValues,
  type Dispatch,
  type DispatchingResource,
  type DispatchOutcome,
  type DispatchTarget,
  FunctionError,
  type LocalResource,
  type Matchable,
  type MessagePattern,
  type MessagePredicate,
  type RecordingMode,
  type ResourceReference,
  RunningTime,
  type RunningTimeLike,
  type TimeSpan,
  type Verdict,
  type WaitOptions,
} from '../emulator/testing';
export * from './assertions';
export type { CloudMatchers } from './cloud-matchers';
export type { CloudTimeline } from './cloud-timeline';
export type {
  DeliveryAttempt,
  Forward,
  ForwardCredentials,
  Forwards,
  MissingPermission,
  StubHandler,
} from '../emulator';
export type { Fault } from './faults/fault';
export type { FaultMoments, FaultWindow } from './faults/fault-times';
export type { InterruptionFaultOptions, LocalFaults, QueueFaultOptions } from './faults/local-faults';
export type { FaultService, RequestFaultOptions } from './faults/request-selection';
export { LocalCloud, type LocalCloudOptions, type SynthesizableApp } from './local-cloud';
export { matchers } from './matchers';
/** @internal */
export { endAbandonedWaits } from './time-driver';
export { NotReachedError } from './wait-until';
