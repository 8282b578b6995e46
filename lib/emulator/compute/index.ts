export * from './functions';
export * from './in-memory-connection';
export { InProcessFleet, type InProcessFleetOptions } from './instance/in-process-fleet';
export { ProcessFleet, type ProcessFleetOptions } from './instance/process-fleet';
export type { AssetLookup, CompletedAction } from './instance/user-data';
export type { InstanceToRun, WorkerFleetOptions } from './instance/worker-fleet';
export * from './models';
export * from './sandbox';
export * from './surroundings';
