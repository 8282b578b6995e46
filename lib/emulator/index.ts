export {
  Emulator,
  type ClientConfig,
  type FunctionCode,
  type InterruptionOptions,
  type ListenOptions,
  type PreparationOptions,
  type SynthesizableStack,
} from './emulator';
export { DisplayNames, resourceName, withoutOwnNames } from './apps/display-names';
export type { LoadOptions, StackFailure, UnloadOptions } from './apps/deployments';
export type { GivenValues } from './apps/given-values';
export type { EmulatorOptions } from './emulator-options';
export { isSynthesizable, type SynthesizableApp, type SynthesisOptions, synthesize } from './apps/synthesize';
export type { AlarmStatus, CloudStatus, GroupStatus, QueueStatus } from './status';
export { type Clock, type PendingTask, Random, type RunningTime, SystemClock, type SystemClockOptions } from './clock';
export { type Timer, VirtualClock } from './clock';
export type { VirtualClockOptions } from './clock';
export type { RequestFault, RequestFaults } from './faults/request-faults';
export type { ClientRequests } from './protocol/client-requests';
export type { RegionHandle, DirectInvocation, DirectMapping, DirectMessage, DirectQueue } from './region/region-handle';
/** @internal */
export { MATCHERS, RESOURCE_KINDS, SERVICE_OF_KIND, SERVICES_TESTING } from './services/testing';
export { SERVICE_NAMES, SERVICE_OPTIONS, type ServiceName, type ServiceOptions } from './services';
export { type Forward, type ForwardCredentials, type Forwards, PortInUse } from './server';
export type { StubHandler } from './protocol';
export { formatEvent, type Timeline, type TimelineEvent, type TimelineListener } from './timeline';
export type { DeliveryAttempt, DeliveryLog, MissingPermission } from './core';
export type { KeyAccessRequest } from './services/kms';
export type { FunctionCodeView } from './services/lambda';
export type { PeekedMessage } from './services/sqs';
export type { WorkerModel } from './services/autoscaling';
export type { FunctionModel, ModelContext } from './services/lambda';
export type { LogLine } from './compute';
export {
  AssemblyError,
  type DeployedResource,
  DeployedResources,
  DeploymentError,
  formatChanges,
  formatReport,
} from './cloudformation';
export type { Action, PropertyReport, RemovedResource, ResourceReport, StackReport, Status } from './cloudformation';
