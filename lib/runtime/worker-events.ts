/** What a worker tells its listener. */
export type WorkerEvent =
  | {
      readonly type: 'received';
      /** The number of messages, 0 after an empty receive. */
      readonly messages: number;
    }
  | {
      readonly type: 'handled';
      readonly messageId: string | undefined;
      /** How long the handler took. */
      readonly milliseconds: number;
      /** The message's number of receives, 1 at first. */
      readonly receives: number;
      /** Whether its handler returned, threw, or gave the message up to the dead-letter queue. */
      readonly outcome: 'succeeded' | 'failed' | 'deadLettered';
    }
  | { readonly type: 'stopped' };

/** What a worker is doing; for health checks. */
export interface WorkerHealth {
  /**
   * `starting` until the first request to SQS has succeeded; `failing` while the last three have failed, or after the
   * queue was deleted; `draining` after `stop()`, until everything in progress has ended.
   */
  readonly state: 'starting' | 'working' | 'failing' | 'draining' | 'stopped';
  /** How many messages are being handled or wait for their turn. */
  readonly messages: number;
  /** When a request to SQS last succeeded, in milliseconds since the epoch. */
  readonly lastContact?: number;
}
