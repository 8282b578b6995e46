import {
  checkPattern,
  describePattern,
  LocalResource,
  matches,
  type MessagePattern,
  milliseconds,
  type WaitOptions,
} from '../../../testing';
import type { Sqs } from '../sqs';
import { type SendManyOptions, type SendOptions, sendMessageInput, sendOptionsFor } from './outgoing-message';
import { checkStatus, type MessageStatus, type QueueMessage } from './queue-message';
import type { QueueRecord, QueueTotals } from './queue-record';

/** A queue of a local cloud. What it tells is of the moment at which it is asked. */
export class LocalQueue extends LocalResource<Sqs, QueueRecord> {
  /** How many spread-out sends are still to come. */
  private sending = 0;

  /** The queue's URL, for SDK clients made with `cloud.clientConfig()`. */
  public get url(): string {
    return `${this.context.endpointUrl}/${this.place.account}/${this.name}`;
  }

  /** Messages that a consumer could receive now. */
  public get visible(): number {
    return this.counts.visible;
  }

  /** Messages that consumers have received, and are hidden from others meanwhile. */
  public get inFlight(): number {
    return this.counts.inFlight;
  }

  /** Messages that become visible for the first time later. */
  public get delayed(): number {
    return this.counts.delayed;
  }

  /** All messages in the queue, of any state. */
  public get size(): number {
    const { visible, inFlight, delayed } = this.counts;
    return visible + inFlight + delayed;
  }

  /** Whether it holds no message: none visible, in flight or delayed. */
  public get isEmpty(): boolean {
    return this.size === 0;
  }

  /** Whether it is empty, and none of the test's sends to it is still under way. */
  public get isDrained(): boolean {
    return this.isEmpty && this.sending === 0;
  }

  /** How many messages have come how far since the cloud began. */
  public get totals(): Readonly<QueueTotals> {
    return this.record.totals;
  }

  /** The most messages that it held at a time. */
  public get peak(): number {
    return this.record.depth.peak;
  }

  /** The messages in the queue now, in the order in which they came. */
  public get messages(): readonly QueueMessage[] {
    return [...this.record.present.values()];
  }

  /**
   * The messages that were lost: they have left the queue, or the dead-letter queue that they were moved to, without
   * anybody having deleted them, because they expired, were purged, or the queue was deleted. A message in a queue, in
   * flight or delayed is not lost, nor is one in the dead-letter queue; and who deletes a message answers for it.
   */
  public get lost(): readonly QueueMessage[] {
    const { lost, deadLettered } = this.record;
    return [...lost, ...deadLettered.filter((message) => message.lost)];
  }

  /** The messages that were received more than once: at-least-once delivery, a consumer that failed or was too slow. */
  public get redelivered(): readonly QueueMessage[] {
    return this.record.redelivered;
  }

  /** The messages that were moved to the dead-letter queue. */
  public get deadLettered(): readonly QueueMessage[] {
    return this.record.deadLettered;
  }

  /**
   * Sends a message.
   *
   * @param body text, or what becomes JSON; a number alone is refused, it would look like a count
   * @returns its message id
   * @throws AWS's error, where SQS refuses the message
   */
  public send(body: unknown, options?: SendOptions): Promise<string>;
  /**
   * Sends many messages, at once or evenly spread over a time; resolves when the last of them has been sent. Several
   * sends may be under way at once.
   *
   * @param count how many
   * @param body gives the body of each, by its number from 0: text, or what becomes JSON
   * @throws AWS's error, where SQS refuses one of the messages
   */
  public send(count: number, body: (index: number) => unknown, options?: SendManyOptions): Promise<void>;
  public async send(
    first: unknown,
    second: SendOptions | ((index: number) => unknown) = {},
    options: SendManyOptions = {},
  ): Promise<string | void> {
    if (typeof second === 'function') return this.sendMany(first, second, options);
    if (typeof first === 'number') {
      throw new TypeError(
        `send(${first}) is not clear: many messages need a function, send(${first}, (i) => …); a number as a body is a text`,
      );
    }
    const id = this.sendNow(first, second);
    await this.context.advance(0);
    return id;
  }

  /**
   * How many messages are done and, with `recording: 'summary'`, not kept.
   * @internal
   */
  public get forgotten(): number {
    return this.record.forgotten;
  }

  /** The message with that id, if it is in the queue. */
  public message(id: string): QueueMessage | undefined {
    return this.record.present.get(id);
  }

  /**
   * The messages that match and have ever come to `status` in this queue, in the order in which they left it, then in
   * that in which they came. With `recording: 'summary'`, of those that are still in the queue, were lost
   * or dead-lettered.
   *
   * @throws RangeError where there is no such status
   * @throws TypeError if no JSON could match the pattern, or its function does not return true or false
   */
  public find(matching: MessagePattern<QueueMessage>, status: MessageStatus = 'sent'): QueueMessage[] {
    checkStatus(status);
    checkPattern(matching);
    const found: QueueMessage[] = [];
    for (const message of this.record.messages()) {
      if (message.hasBeen(status) && matches(matching, message)) found.push(message);
    }
    return found;
  }

  /**
   * Lets time pass until a message that matches has come to `status` in this queue: at once, where one already has.
   * With `recording: 'summary'`, messages that are done already do not count.
   *
   * @throws NotReachedError
   * @throws RangeError where there is no such status
   */
  public async waitFor(
    matching: MessagePattern<QueueMessage>,
    status: MessageStatus = 'sent',
    options: WaitOptions = {},
  ): Promise<QueueMessage> {
    const [already] = this.find(matching, status);
    if (already !== undefined) return already;
    const candidates: QueueMessage[] = [];
    // Asked later, as part of the wait: a pattern may throw, and must not in the middle of a send.
    const unwatch = this.record.watch((message, reached) => {
      if (reached === status) candidates.push(message);
    });
    let found: QueueMessage | undefined;
    const isFound = () => {
      for (const candidate of candidates.splice(0)) {
        if (found === undefined && matches(matching, candidate)) found = candidate;
      }
      return found !== undefined;
    };
    try {
      const what = `a message of ${this.label} that matches ${describePattern(matching)} is ${status}`;
      await this.context.waitUntil(isFound, what, options);
    } finally {
      unwatch();
    }
    return found as unknown as QueueMessage;
  }

  /**
   * Lets time pass until the queue is drained.
   * @throws NotReachedError
   */
  public async waitUntilDrained(options: WaitOptions = {}): Promise<void> {
    await this.context.waitUntil(() => this.isDrained, `${this.label} is drained`, options);
  }

  private get counts() {
    const counts = this.service.counts(this.name);
    if (counts === undefined) throw new Error(`the queue ${this.label} is gone: it was deleted`);
    return counts;
  }

  private async sendMany(
    count: unknown,
    body: (index: number) => unknown,
    { over = 0, ...options }: SendManyOptions,
  ): Promise<void> {
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) {
      throw new RangeError(`count must be a whole number of 0 or more, but was ${String(count)}`);
    }
    const { clock } = this.context;
    const start = clock.now();
    const span = milliseconds(over, 'over');
    let sent = 0;
    let failure: { readonly error: unknown } | undefined;
    const dueAt = (index: number) => start + Math.floor((index * span) / count);
    const sendDue = () => {
      try {
        // All of an instant at once: a day of a million messages needs no million timers.
        for (; sent < count && dueAt(sent) <= clock.now(); sent++) {
          this.sendNow(body(sent), sendOptionsFor(sent, options));
        }
      } catch (error) {
        failure = { error };
      }
      if (sent < count && failure === undefined) clock.schedule(dueAt(sent), sendDue, `a test sends to ${this.label}`);
      else this.sending--;
    };
    this.sending++;
    sendDue();
    await this.context.until(() => failure !== undefined || sent >= count, span);
    if (failure !== undefined) throw failure.error;
    await this.context.advance(Math.max(0, start + span - clock.now()));
  }

  private sendNow(body: unknown, options: SendOptions): string {
    const { MessageId = '' } = this.service.sendMessage(
      { QueueUrl: this.name, ...sendMessageInput(body, options) },
      this.context.caller,
    );
    return MessageId;
  }
}
