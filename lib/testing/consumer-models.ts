import type { FunctionModel as EmulatedFunctionModel, ModelContext, WorkerModel } from '../emulator';
import { parseBody } from './recording/queue-message';
import type { ResourceReference } from './resource-reference';
import { drawnTime, type RunningTimeLike } from './running-time';

type ReceivedMessage = Parameters<NonNullable<WorkerModel['handler']>>[0];

/**
 * What a modelled function does with its event. A method, so that its parameter may have a narrower type than
 * `unknown`.
 */
export type ModelledHandler = { handle(event: unknown, context: ModelContext): unknown }['handle'];

/** What a modelled worker does with a message, by its parsed body (or its text, if it is not JSON). */
export type ModelledWork = { work(body: unknown, message: ReceivedMessage): unknown }['work'];

/** How a function behaves instead of running as deployed. */
export interface FunctionModel {
  /**
   * How long an invocation takes before its code runs. One that reaches the function's timeout fails as on AWS.
   * @default - no time
   */
  readonly runningTime?: RunningTimeLike;
  /**
   * Runs instead of the function's code: its return value is the function's response, and what it throws is the
   * function's error.
   * @default - the function's code
   */
  readonly handler?: ModelledHandler;
}

/** A worker that each instance of a group runs instead of its deployed program. */
export interface GroupModel {
  /** The queue that it polls. */
  readonly queue: ResourceReference;
  /**
   * How many messages an instance works on at once.
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * How long the worker takes for a message.
   * @default - no time
   */
  readonly runningTime?: RunningTimeLike;
  /**
   * Called with each message when its running time has passed. If it returns, the message is deleted; if it throws, the
   * message is redelivered after its visibility timeout.
   * @default - every message succeeds
   */
  readonly handler?: ModelledWork;
}

/** Converts a model to the emulator's form. */
export function functionModel({ runningTime, handler }: FunctionModel): EmulatedFunctionModel {
  return { ...(runningTime !== undefined && { runningTime: drawnTime(runningTime) }), ...(handler && { handler }) };
}

/** Converts a model to the emulator's form. */
export function workerModel({ concurrency, runningTime, handler }: GroupModel, queueName: string): WorkerModel {
  return {
    queue: queueName,
    ...(concurrency !== undefined && { concurrency }),
    ...(runningTime !== undefined && { runningTime: drawnTime(runningTime) }),
    ...(handler && { handler: (message: ReceivedMessage) => handler(parseBody(message.Body ?? ''), message) }),
  };
}
