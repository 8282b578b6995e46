import type { Message } from '@aws-sdk/client-sqs';
import type { Actor } from '../execution-role';

/** The queues, as event source mappings see them. */
export interface QueueSource {
  /** Registers a listener that is told the ARN of each queue that is deleted. */
  onDeleted(listener: (queueArn: string) => void): void;
  /** Undefined where there is no such queue. */
  describe(queueArn: string): { readonly visibilityTimeoutSeconds: number; readonly fifo: boolean } | undefined;
  /**
   * Receives, in the name of a function's role, at most `max` (1–10) messages with all their attributes; waits up to `waitSeconds` (0–20) for the first,
   * or until `signal` is aborted. A promise only when it has to wait.
   */
  receive(
    queueArn: string,
    actor: Actor,
    max: number,
    waitSeconds: number,
    signal?: AbortSignal,
  ): Message[] | Promise<Message[]>;
  /** Deletes up to 10 messages, in the name of a function's role. */
  delete(queueArn: string, actor: Actor, receiptHandles: string[]): void;
  /**
   * Sends a message, in the name of a function's role. Throws if it cannot be sent.
   * @default - there are no destinations
   */
  send?(queueArn: string, actor: Actor, body: string): void;
}
