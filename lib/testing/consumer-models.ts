import type { FunctionModel as EmulatedFunctionModel, ModelContext, WorkerModel } from '../emulator';
import { parseBody } from './recording/queue-message';
import type { ResourceReference } from './resource-reference';
import { drawnTime, type RunningTimeLike } from './running-time';

type ReceivedMessage = Parameters<NonNullable<WorkerModel['handler']>>[0];

/** What a modelled function does with its event. A method's parameter may be of a narrower type than `unknown`. */
export type ModelledHandler = { handle(event: unknown, context: ModelContext): unknown }['handle'];

/** What a modelled worker does with a message, by its parsed body (or its text, where that is no JSON). */
export type ModelledWork = { work(body: unknown, message: ReceivedMessage): unknown }['work'];

/** How a function behaves, as far as it is not to do what it was deployed to do. */
export interface FunctionModel {
  /**
   * How long an invocation takes before its code runs. One that reaches the function's timeout fails as on AWS.
   * @default - no time
   */
  readonly runningTime?: RunningTimeLike;
  /**
   * Runs instead of the function's code: what it returns is the function's answer, what it throws its error.
   * @default - the function's code
   */
  readonly handler?: ModelledHandler;
}

/** A worker that every instance of a group runs instead of the program that it was deployed with. */
export interface GroupModel {
  /** The queue that it polls. */
  readonly queue: ResourceReference;
  /**
   * How many messages an instance has in work at once.
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * How long a message is in work.
   * @default - no time
   */
  readonly runningTime?: RunningTimeLike;
  /**
   * Called with each message when its running time has passed. Returning means done, and the message is deleted;
   * throwing means failed, and it comes back after its visibility timeout.
   * @default - all work is done
   */
  readonly handler?: ModelledWork;
}

/** As the emulator wants it. */
export function functionModel({ runningTime, handler }: FunctionModel): EmulatedFunctionModel {
  return { ...(runningTime !== undefined && { runningTime: drawnTime(runningTime) }), ...(handler && { handler }) };
}

/** As the emulator wants it. */
export function workerModel({ concurrency, runningTime, handler }: GroupModel, queueName: string): WorkerModel {
  return {
    queue: queueName,
    ...(concurrency !== undefined && { concurrency }),
    ...(runningTime !== undefined && { runningTime: drawnTime(runningTime) }),
    ...(handler && { handler: (message: ReceivedMessage) => handler(parseBody(message.Body ?? ''), message) }),
  };
}
