import type { ServiceStatus } from './services';

/** The emulated cloud's state at one moment, for views and conditions. */
export type CloudStatus = {
  /** Emulated milliseconds since the epoch. */
  readonly at: number;
} & {
  readonly [Section in keyof ServiceStatus]: readonly Labelled<ServiceStatus[Section][number]>[];
};

type Labelled<Status> = Status & {
  /** The path of its construct if it is in a template, otherwise its name. */
  readonly label: string;
  readonly account: string;
  readonly region: string;
};

/** A queue's message counts. */
export type QueueStatus = CloudStatus['queues'][number];
/** An alarm's state. */
export type AlarmStatus = CloudStatus['alarms'][number];
/** An Auto Scaling group's capacity. */
export type GroupStatus = CloudStatus['groups'][number];
