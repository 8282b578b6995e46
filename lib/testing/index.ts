import './register';

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
export type { FunctionModel, GroupModel, ModelledHandler, ModelledWork } from './consumer-models';
export type { Fault } from './faults/fault';
export type { FaultMoments, FaultWindow } from './faults/fault-times';
export type { InterruptionFaultOptions, LocalFaults, QueueFaultOptions } from './faults/local-faults';
export type { FaultService, RequestFaultOptions } from './faults/request-selection';
export type { LocalAlarm } from './local-alarm';
export { LocalCloud, type LocalCloudOptions, type SynthesizableApp } from './local-cloud';
export { FunctionError, type LocalFunction } from './local-function';
export type { LocalGroup, LocalInstance } from './local-group';
export type { LocalQueue } from './local-queue';
export { matchers, type Verdict } from './matchers';
export type { MessagePattern, MessagePredicate } from './message-pattern';
export type { SendManyOptions, SendOptions } from './outgoing-message';
export type { AlarmState, AlarmTransition } from './recording/alarm-record';
export type { FunctionFailure } from './recording/function-record';
export type { MessageStatus, QueueMessage } from './recording/queue-message';
export type { QueueTotals } from './recording/queue-record';
export type { RecordingMode } from './recording/recorder';
export type { ResourceReference } from './resource-reference';
export { RunningTime, type RunningTimeLike } from './running-time';
export type { TimeSpan } from './time-span';
/** @internal */
export { endAbandonedWaits } from './time-driver';
export { NotReachedError, type WaitOptions } from './wait-until';
