import { HOUR, MINUTE, SECOND } from '../../clock';

/** Lambda's quotas and timings. */
export interface LambdaLimits {
  /** Invocations that may run at once in the account and region. */
  readonly concurrentExecutions: number;
  /** How many of them cannot be reserved. */
  readonly unreservedMinimum: number;
  /** Bytes of a synchronous invocation's payload or response, and of an event source mapping's batch. */
  readonly synchronousPayload: number;
  /** Bytes of an asynchronous invocation's payload. */
  readonly asynchronousPayload: number;
  /** Bytes of a function's code, unpacked. */
  readonly unzippedCode: number;
  /** How often an asynchronous invocation is tried again after an error of the function. */
  readonly asynchronousRetries: number;
  /** How long an asynchronous invocation may wait for its turn, in milliseconds. */
  readonly asynchronousEventAge: number;
  /** How long a mapping is Creating, Updating, Enabling, Disabling or Deleting, in milliseconds; AWS names no figure. */
  readonly mappingTransition: number;
  /**
   * How many long polls wait at an idle queue, 1–1,000: by users' reports five, for FIFO queues too. In provisioned mode
   * it is the minimum of pollers instead.
   */
  readonly idlePollers: number;
  /** Batches that a mapping runs at once to begin with. */
  readonly pollerStart: number;
  /** Batches that a mapping runs at once at most. */
  readonly pollerMaximum: number;
  /** By how many a minute a mapping's batches grow while its queue has a backlog. */
  readonly pollerRamp: number;
  /** In provisioned mode: batches that each poller runs at once. */
  readonly provisionedInvocations: number;
  /** In provisioned mode: how many times a second each poller asks for messages. */
  readonly provisionedPolls: number;
  /** In provisioned mode: bytes of messages that each poller takes in a second. */
  readonly provisionedThroughput: number;
  /** In provisioned mode: by how many a minute a mapping's batches grow while its queue has a backlog. */
  readonly provisionedRamp: number;
}

/** What AWS enforces. */
export const AWS_LIMITS: LambdaLimits = {
  concurrentExecutions: 1_000,
  unreservedMinimum: 100,
  synchronousPayload: 6 * 1024 * 1024,
  asynchronousPayload: 1024 * 1024,
  unzippedCode: 262_144_000,
  asynchronousRetries: 2,
  asynchronousEventAge: 6 * HOUR,
  mappingTransition: SECOND,
  idlePollers: 5,
  pollerStart: 5,
  pollerMaximum: 1_250,
  pollerRamp: 300,
  provisionedInvocations: 10,
  provisionedPolls: 10,
  provisionedThroughput: 1024 * 1024,
  provisionedRamp: 1_000,
};

const MOST_IDLE_POLLERS = 1_000;

/** Fills in AWS's limits. Throws a RangeError if `idlePollers` makes no sense. */
export function readLimits(given: Partial<LambdaLimits> = {}): LambdaLimits {
  const idlePollers = given.idlePollers ?? AWS_LIMITS.idlePollers;
  if (!(Number.isInteger(idlePollers) && idlePollers >= 1 && idlePollers <= MOST_IDLE_POLLERS)) {
    throw new RangeError(`idlePollers must be a whole number from 1 to 1,000, but was ${String(idlePollers)}`);
  }
  return { ...AWS_LIMITS, ...given, idlePollers };
}

/** Waits between an asynchronous invocation's tries, by how many have failed. */
export const ASYNCHRONOUS_RETRY_WAITS: readonly number[] = [MINUTE, 2 * MINUTE];
