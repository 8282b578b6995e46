import type { Message } from '@aws-sdk/client-sqs';
import { type Random, RunningTimes } from '../../clock';
import type { WorkerModel } from '../../services/autoscaling';

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
