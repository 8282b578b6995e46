export type { FunctionModel, ModelContext } from './function-model';
export { ModelledFleet, type ModelledFleetOptions } from './modelled-fleet';
export type { RunningTime } from './running-time';
export type { WorkerModel } from './worker-model';
