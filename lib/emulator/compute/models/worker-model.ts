import type { Message } from '@aws-sdk/client-sqs';
import type { Random } from '../../clock';
import { type RunningTime, RunningTimes } from './running-time';

/** A worker that each instance of a group runs instead of its user data. */
export interface WorkerModel {
  /** The name of the queue that it polls. */
  readonly queue: string;
  /**
   * How many messages an instance works on at once: a whole number, at least 1.
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * How long the worker takes for a message.
   * @default 0
   */
  readonly runningTime?: RunningTime;
  /**
   * Called with each message when its running time has passed. If it returns, the message is deleted; if it throws, the
   * message is redelivered after its visibility timeout.
   * @default - every message succeeds
   */
  readonly handler?: (message: Message) => unknown;
}

/** A {@link WorkerModel} that has been checked. */
export interface CheckedWorkerModel {
  readonly queue: string;
  readonly concurrency: number;
  readonly runningTimes: RunningTimes;
  readonly handler?: (message: Message) => unknown;
}

/** @throws RangeError, TypeError if the model is invalid */
export function checkWorkerModel(model: WorkerModel, random: Random): CheckedWorkerModel {
  const { queue, concurrency = 1, runningTime = 0, handler } = model;
  if (!(Number.isInteger(concurrency) && concurrency >= 1))
    throw new RangeError(`concurrency must be a whole number of at least 1, but was ${String(concurrency)}`);
  if (handler !== undefined && typeof handler !== 'function')
    throw new TypeError(`handler must be a function, but was ${typeof handler}`);
  return { queue, concurrency, runningTimes: new RunningTimes(runningTime, random), handler };
}
