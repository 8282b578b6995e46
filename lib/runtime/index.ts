export { type EntryFailure } from './batch-request';
export { type Failure, logFailure } from './failure-log';
export * from './instance-metadata';
export * from './instance-worker';
export { type LifecycleHook, lifecycleHookFromEnvironment } from './lifecycle-action';
export * from './process-batch';
export * from './queue-worker';
export * from './send-all';
