import type { ServiceStatus } from './services';

/** The state of the emulated cloud at one moment, for views and conditions. */
export type CloudStatus = {
  /** Emulated milliseconds since the epoch. */
  readonly at: number;
} & {
  readonly [Section in keyof ServiceStatus]: readonly Labelled<ServiceStatus[Section][number]>[];
};

type Labelled<Status> = Status & {
  /** The path of its construct if a template made it, else its name. */
  readonly label: string;
};

/** One queue's messages. */
export type QueueStatus = CloudStatus['queues'][number];
/** One alarm's state. */
export type AlarmStatus = CloudStatus['alarms'][number];
/** One Auto Scaling group's capacity. */
export type GroupStatus = CloudStatus['groups'][number];
