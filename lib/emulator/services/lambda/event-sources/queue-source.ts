import type { Message } from '@aws-sdk/client-sqs';
import type { Actor } from '../execution-role';

/** The queues from which event source mappings receive. */
export interface QueueSource {
  /** Registers a listener that is called with the ARN of each deleted queue. */
  onDeleted(listener: (queueArn: string) => void): void;
  /** Undefined if there is no such queue. */
  describe(queueArn: string): { readonly visibilityTimeoutSeconds: number; readonly fifo: boolean } | undefined;
  /** Whether a queue has messages that could be received now. */
  hasVisible(queueArn: string): boolean;
  /**
   * Receives at most `max` (1–10) messages with all attributes, on behalf of a function's role. Waits up to
   * `waitSeconds` (0–20) for the first message, or until `signal` aborts. Returns a promise only if it has to wait.
   */
  receive(
    queueArn: string,
    actor: Actor,
    max: number,
    waitSeconds: number,
    signal?: AbortSignal,
  ): Message[] | Promise<Message[]>;
  /** Deletes up to 10 messages on behalf of a function's role. */
  delete(queueArn: string, actor: Actor, receiptHandles: string[]): void;
}
