import type { Message } from '@aws-sdk/client-sqs';
import type { RunningTime } from '../../clock';

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

/** What tests do to the workers that run on instances. */
export interface WorkerControl {
  /**
   * Makes the instances that a group launches from now on run a modelled worker.
   * @throws RangeError, TypeError if its queue is not in this account and Region, or the model is invalid
   */
  model(groupName: string, model: WorkerModel): void;
  /** Kills an instance's processes without warning. Returns whether the instance is here. */
  crash(instanceId: string): boolean;
}
