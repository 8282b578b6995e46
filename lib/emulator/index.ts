export {
  Emulator,
  type ClientConfig,
  type InterruptionOptions,
  type PreparationOptions,
  type SynthesizableStack,
} from './emulator';
export { ConstructLabels, resourceName, withoutOwnNames } from './construct-labels';
export type { UnloadOptions } from './deployments';
export type { EmulatorOptions } from './emulator-options';
export { isSynthesizable, type SynthesizableApp, type SynthesisOptions, synthesize } from './synthesize';
export type { AlarmStatus, CloudStatus, GroupStatus, QueueStatus } from './status';
export { type Clock, type PendingTask, Random, SystemClock, type SystemClockOptions } from './clock';
export { type Timer, VirtualClock } from './clock';
export type { VirtualClockOptions } from './clock';
export type { FaultyService } from './fault-errors';
export type { RequestFault, RequestFaults } from './request-faults';
export type { ClientRequests } from './client-requests';
export type { DirectAccess, DirectInvocation, DirectMapping, DirectMessage, DirectQueue } from './direct-access';
export type { RegionTuning } from './region';
export { PortInUse } from './server';
export { formatEvent, type Timeline, type TimelineEvent, type TimelineListener } from './timeline';
export type { KeyAccessRequest } from './kms';
export type { FunctionModel, LogLine, ModelContext, RunningTime, WorkerModel } from './compute';
export {
  AssemblyError,
  type DeployedResource,
  DeployedResources,
  DeploymentError,
  formatChanges,
  formatReport,
} from './template';
export type { Action, PropertyReport, RemovedResource, ResourceReport, StackReport, Status } from './template';
