export { type BackoffOptions, exponentialBackoff } from './backoff';
export { type EntryFailure } from './batch-request';
export * from './embedded-metrics';
export { type Failure, logFailure } from './failure-log';
export * from './health-server';
export * from './in-batches';
export * from './instance-metadata';
export * from './instance-worker';
export { type LifecycleHook, lifecycleHookFromEnvironment } from './lifecycle-action';
export { MAX_BATCH_BYTES } from './outgoing-buffer';
export * from './process-batch';
export {
  MessageNotSentError,
  type OutgoingMessage,
  ProducerBufferFullError,
  QueueProducer,
  type QueueProducerOptions,
  type SentMessage,
} from './queue-producer';
export { QueueGoneError } from './queue-requests';
export * from './queue-worker';
export * from './send-all';
export * from './worker-events';
export * from './dynamodb-store';
export {
  AlreadyInProgressError,
  type IdempotencyStore,
  idempotent,
  type IdempotentOptions,
  type IdentifiedMessage,
} from './idempotent';
export * from './memory-store';
export { type PostgresClient, type PostgresPool } from './postgres';
export * from './postgres-store';
export * from './validated';
export { Outbox, type OutboxMessage, type OutboxOptions } from './outbox';
export * from './outbox-relay';
export * from './task-protection';
