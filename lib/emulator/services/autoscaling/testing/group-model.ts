import type { Message } from '@aws-sdk/client-sqs';
import { drawnTime, parseBody, type ResourceReference, type RunningTimeLike } from '../../../testing';
import type { WorkerModel } from '../worker-model';

/** What a modelled worker does with a message, by its parsed body (or its text, if it is not JSON). */
export type ModelledWork = { work(body: unknown, message: Message): unknown }['work'];

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
export function workerModel({ concurrency, runningTime, handler }: GroupModel, queueName: string): WorkerModel {
  return {
    queue: queueName,
    ...(concurrency !== undefined && { concurrency }),
    ...(runningTime !== undefined && { runningTime: drawnTime(runningTime) }),
    ...(handler && { handler: (message: Message) => handler(parseBody(message.Body ?? ''), message) }),
  };
}
