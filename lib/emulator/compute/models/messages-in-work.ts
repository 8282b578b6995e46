import type { Message } from '@aws-sdk/client-sqs';
import { AwsError, isPromise, type RequestContext } from '../../core';
import { type Clock, SECOND, surface, type Timer } from '../../clock';
import type { Sqs } from '../../services/sqs';

/** Dependencies of {@link MessagesInWork}. */
export interface MessagesInWorkDependencies {
  readonly clock: Clock;
  readonly sqs: Sqs;
  readonly call: RequestContext;
  readonly queue: string;
  /** How long a receive, and each extension, hides a message, in seconds. */
  readonly visibilityTimeout: number;
  readonly handler?: (message: Message) => unknown;
  readonly report: (text: string) => void;
  /** Called with the number of messages that left work. */
  readonly left: (count: number) => void;
}

/** Up to ten messages that were received together and take the same time. */
export class MessagesInWork {
  private finish?: Timer;
  private extension?: Timer;
  /** The number of messages in work, and of those that this worker may still complete. */
  private size: number;
  private readonly held: Set<Message>;

  constructor(
    private readonly dependencies: MessagesInWorkDependencies,
    messages: readonly Message[],
  ) {
    this.size = messages.length;
    this.held = new Set(messages);
  }

  /** Whether no message is in work any more. */
  public get done(): boolean {
    return this.size === 0;
  }

  /** Works on them for this many milliseconds. */
  public begin(milliseconds: number): void {
    const { clock, visibilityTimeout } = this.dependencies;
    this.finish = clock.schedule(
      clock.now() + milliseconds,
      () => this.conclude(),
      `modelled work on ${this.dependencies.queue}`,
    );
    // A timeout of 0 hides nothing, so there is nothing to extend. A handler may take additional time.
    const mayOutlastIt = this.dependencies.handler !== undefined || milliseconds > (visibilityTimeout * SECOND) / 2;
    if (visibilityTimeout > 0 && mayOutlastIt) this.extendLater();
  }

  /** Drops them, as a killed process does: SQS redelivers them after their visibility timeout. */
  public drop(): void {
    this.finish?.cancel();
    this.extension?.cancel();
    this.held.clear();
    this.size = 0;
  }

  /** Extends when half of the time is left, so that a failed request can be repeated. */
  private extendLater(): void {
    const { clock, visibilityTimeout } = this.dependencies;
    const extend = () => {
      this.extend();
      if (this.held.size > 0) this.extendLater();
    };
    const at = clock.now() + (visibilityTimeout * SECOND) / 2;
    this.extension = clock.schedule(at, extend, `modelled work on ${this.dependencies.queue} is kept hidden`);
  }

  private extend(): void {
    const { sqs, call, queue, visibilityTimeout: VisibilityTimeout } = this.dependencies;
    const messages = [...this.held];
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle, VisibilityTimeout }));
    this.attempt('heartbeat', () => {
      const { Failed = [] } = sqs.changeMessageVisibilityBatch({ QueueUrl: queue, Entries }, call);
      for (const { Id, Message: reason } of Failed) {
        // Another consumer may receive it now, so this worker may no longer delete it.
        this.held.delete(messages[Number(Id)]);
        this.dependencies.report(`heartbeat: ${reason}`);
      }
    });
  }

  private conclude(): void {
    const { handler } = this.dependencies;
    if (handler === undefined) return this.leave([...this.held], this.size);
    const done: Message[] = [];
    let pending = 0;
    for (const message of [...this.held]) {
      try {
        const result = handler(message);
        if (isPromise(result)) {
          pending++;
          this.dependencies.clock.notifyActivity(); // user code, which may do anything
          this.whenSettled(message, result);
        } else done.push(message);
      } catch (error) {
        this.failed(message, error);
      }
    }
    this.leave(done, this.size - pending);
  }

  private whenSettled(message: Message, result: PromiseLike<unknown>): void {
    Promise.resolve(result)
      .then(
        () => this.leave(this.held.has(message) ? [message] : [], 1),
        (error: unknown) => {
          this.failed(message, error);
          this.leave([], 1);
        },
      )
      .catch((error: unknown) => surface(this.dependencies.clock, error));
  }

  private failed(message: Message, error: unknown): void {
    this.held.delete(message);
    this.dependencies.report(`handle ${message.MessageId}: ${error instanceof Error ? error.message : String(error)}`);
  }

  private leave(done: readonly Message[], count: number): void {
    const { sqs, call, queue, left } = this.dependencies;
    if (done.length > 0) {
      const Entries = done.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
      this.attempt('delete', () => {
        const { Failed = [] } = sqs.deleteMessageBatch({ QueueUrl: queue, Entries }, call);
        for (const { Message: reason } of Failed) this.dependencies.report(`delete: ${reason}`);
      });
      for (const message of done) this.held.delete(message);
    }
    this.size -= count;
    if (this.size === 0) this.extension?.cancel();
    left(count);
  }

  /** If a request fails, the messages become visible after their visibility timeout. */
  private attempt(during: string, request: () => void): void {
    try {
      request();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.dependencies.report(`${during}: ${error.message}`);
    }
  }
}
