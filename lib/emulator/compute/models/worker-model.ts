import type { Message } from '@aws-sdk/client-sqs';
import type { Random } from '../../clock';
import { type RunningTime, RunningTimes } from './running-time';

/** A worker that every instance of a group runs instead of its user data. */
export interface WorkerModel {
  /** The name of the queue that it polls. */
  readonly queue: string;
  /**
   * How many messages an instance has in work at once: a whole number, at least 1.
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * How long a message is in work.
   * @default 0
   */
  readonly runningTime?: RunningTime;
  /**
   * Called with each message when its running time has passed. Returning means done, and the message is deleted;
   * throwing means failed, and it comes back after its visibility timeout.
   * @default - all work is done
   */
  readonly handler?: (message: Message) => unknown;
}

/** A {@link WorkerModel} that was found to be one. */
export interface CheckedWorkerModel {
  readonly queue: string;
  readonly concurrency: number;
  readonly runningTimes: RunningTimes;
  readonly handler?: (message: Message) => unknown;
}

/** @throws RangeError, TypeError where the model is none */
export function checkWorkerModel(model: WorkerModel, random: Random): CheckedWorkerModel {
  const { queue, concurrency = 1, runningTime = 0, handler } = model;
  if (!(Number.isInteger(concurrency) && concurrency >= 1))
    throw new RangeError(`concurrency must be a whole number of at least 1, got ${String(concurrency)}`);
  if (handler !== undefined && typeof handler !== 'function')
    throw new TypeError(`handler must be a function, got ${typeof handler}`);
  return { queue, concurrency, runningTimes: new RunningTimes(runningTime, random), handler };
}
