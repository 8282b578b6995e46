/** The state of the emulated cloud at one moment, for views and conditions. */
export interface CloudStatus {
  /** Emulated milliseconds since the epoch. */
  readonly at: number;
  readonly queues: readonly QueueStatus[];
  readonly alarms: readonly AlarmStatus[];
  readonly groups: readonly GroupStatus[];
}

/** One queue's messages. */
export interface QueueStatus {
  readonly name: string;
  /** The path of its construct where a template made it, else its name. */
  readonly label: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Whether another queue's redrive policy names it. */
  readonly deadLetterQueue: boolean;
}

/** One alarm's state. */
export interface AlarmStatus {
  readonly name: string;
  readonly label: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
}

/** One Auto Scaling group's capacity. */
export interface GroupStatus {
  readonly name: string;
  readonly label: string;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly instances: readonly { readonly id: string; readonly state: string }[];
  /** The instances of its warm pool. */
  readonly warmPool: readonly { readonly id: string; readonly state: string }[];
}
