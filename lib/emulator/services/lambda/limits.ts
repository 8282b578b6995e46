import { HOUR, MINUTE, SECOND } from '../../clock';

/** Lambda's quotas and timings. */
export interface LambdaLimits {
  /** Maximum number of concurrent invocations in the account and Region. */
  readonly concurrentExecutions: number;
  /** The part of it that cannot be reserved. */
  readonly unreservedMinimum: number;
  /**
   * Maximum size of a synchronous invocation's payload or response, and of an event source mapping's batch, in bytes.
   */
  readonly synchronousPayload: number;
  /** Maximum size of an asynchronous invocation's payload, in bytes. */
  readonly asynchronousPayload: number;
  /** Maximum size of a function's unpacked code, in bytes. */
  readonly unzippedCode: number;
  /** Number of retries of an asynchronous invocation after a function error. */
  readonly asynchronousRetries: number;
  /** Maximum age of an asynchronous event, in milliseconds. */
  readonly asynchronousEventAge: number;
  /**
   * Duration of the states Creating, Updating, Enabling, Disabling and Deleting of a mapping, in milliseconds; AWS
   * documents no figure.
   */
  readonly mappingTransition: number;
  /**
   * Number of long polls on an idle queue, 1–1,000: five by users' reports, for FIFO queues too. In provisioned mode it
   * is the minimum number of pollers.
   */
  readonly idlePollers: number;
  /** Number of concurrent batches with which a mapping starts. */
  readonly pollerStart: number;
  /** Maximum number of concurrent batches of a mapping. */
  readonly pollerMaximum: number;
  /** Number of concurrent batches added per minute while the queue has a backlog. */
  readonly pollerRamp: number;
  /** Provisioned mode: number of concurrent batches per poller. */
  readonly provisionedInvocations: number;
  /** Provisioned mode: number of polls per second and poller. */
  readonly provisionedPolls: number;
  /** Provisioned mode: bytes of messages per second and poller. */
  readonly provisionedThroughput: number;
  /** Provisioned mode: number of concurrent batches added per minute while the queue has a backlog. */
  readonly provisionedRamp: number;
}

/** AWS's quotas and timings. */
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

/** Merges limits with AWS's. Throws a RangeError if `idlePollers` is out of range. */
export function readLimits(given: Partial<LambdaLimits> = {}): LambdaLimits {
  const idlePollers = given.idlePollers ?? AWS_LIMITS.idlePollers;
  if (!(Number.isInteger(idlePollers) && idlePollers >= 1 && idlePollers <= MOST_IDLE_POLLERS)) {
    throw new RangeError(`idlePollers must be a whole number from 1 to 1,000, but was ${String(idlePollers)}`);
  }
  return { ...AWS_LIMITS, ...given, idlePollers };
}

/** The wait before each retry of an asynchronous invocation. */
export const ASYNCHRONOUS_RETRY_WAITS: readonly number[] = [MINUTE, 2 * MINUTE];
