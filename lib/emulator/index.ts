export { Emulator, type EmulatorOptions, type ClientConfig, type SynthesizableStack } from './emulator';
export type { AlarmStatus, CloudStatus, GroupStatus, QueueStatus } from './status';
export { type Clock, SystemClock, type SystemClockOptions, type Timer, VirtualClock } from './clock';
export type { VirtualClockOptions } from './clock';
export { formatEvent, type Timeline, type TimelineEvent, type TimelineListener } from './timeline';
export type { KeyAccessRequest } from './kms';
export type { LogLine } from './compute';
export { AssemblyError, DeploymentError, formatReport } from './template';
export type { PropertyReport, ResourceReport, StackReport, Status } from './template';
