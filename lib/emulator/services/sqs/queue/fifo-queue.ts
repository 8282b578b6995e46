import { Throttle } from '../../../core';
import type { AttributeValues, DeduplicationScope, QueueSettings } from '../attributes';
import { fifoThrottled, receiptHandleExpired } from '../errors';
import type { Receipt } from './handles';
import { Heap } from './heap';
import { MessageState, type MessageExtras, QueuedMessage } from './message';
import type { QueueGauges } from './metrics';
import { type NewMessage, Queue, type QueueContext, type RequestKind, type Sent } from './queue';
import { ExpiringMap } from './expiring-map';
import { Ring } from './ring';

/** The messages of one group that are not delayed, in order: visible or in flight. */
class Group {
  public readonly messages = new Ring<FifoMessage>();
  public inFlight = 0;
  /** Position among the groups that can be received from; absent if the first message is in flight. */
  public ready?: number;
  /** The position at which a receive in progress continues. */
  public cursor = 0;

  constructor(public readonly id: string) {}
}

class FifoMessage extends QueuedMessage {
  public group?: Group = undefined;
  /** Position in its group. */
  public place = -1;
}

/** The messages that a receive request attempt returned, and until when it hid them. */
interface Attempt {
  readonly messages: readonly QueuedMessage[];
  readonly nonces: readonly number[];
  readonly until: number;
}

// AWS's sequence numbers have 20 digits and grow with gaps.
const SEQUENCE_PREFIX = '18849';
const SEQUENCE_DIGITS = 15;
const SEQUENCE_STEP = 256;

/**
 * A FIFO queue. A group can be received from while its first message is visible: an in-flight message blocks those
 * after it, but not those before it that have returned. So locks need no state of their own: groups whose first message
 * is visible are in a ring, in the order in which they became available.
 */
export class FifoQueue extends Queue {
  private groups = new Map<string, Group>();
  private ready = new Ring<Group>();
  private groupsInFlight = 0;
  private readonly sentBefore: ExpiringMap<Sent>;
  private readonly attempts: ExpiringMap<Attempt>;
  private sequence = 0;
  private readonly requests = new Throttle();
  /** The previous scope and throughput limit, which apply until a change takes effect. */
  private before: { readonly scope: DeduplicationScope; readonly highThroughput: boolean; readonly until: number };

  constructor(context: QueueContext, name: string, arn: string, attributes: AttributeValues) {
    super(context, name, arn, attributes, true);
    this.sentBefore = new ExpiringMap(context.limits.deduplicationWindow);
    this.attempts = new ExpiringMap(context.limits.deduplicationWindow);
    const { deduplicationScope: scope, highThroughput } = this.settings;
    this.before = { scope, highThroughput, until: -Infinity };
  }

  /**
   * Limits requests of each kind per second: per queue or, with high throughput, per partition. A group belongs to one
   * partition; a receive or a delete does not know its groups in advance.
   */
  public override use(kind: RequestKind, groups?: readonly string[]): void {
    const { fifoTransactions, fifoPartitions } = this.context.limits;
    if (fifoTransactions === Infinity) return;
    const now = this.context.clock.now();
    const partitioned = now < this.before.until ? this.before.highThroughput : this.settings.highThroughput;
    const names = partitioned && groups ? groups.map((id) => `${kind} ${partitionOf(id, fifoPartitions)}`) : [kind];
    const rate = partitioned && !groups ? fifoTransactions * fifoPartitions : fifoTransactions;
    if (!this.requests.take(names, rate, now)) throw fifoThrottled();
  }

  public override send(newMessage: NewMessage): Sent {
    const now = this.context.clock.now();
    const key = this.deduplicationKey(newMessage.extras, now);
    const original = this.sentBefore.get(key, now);
    if (original !== undefined) {
      this.metrics.deduplicated++;
      return original;
    }
    const { body, md5, size, senderId } = newMessage;
    const sequenceNumber = this.nextSequenceNumber();
    const message = new FifoMessage(this.nextId(), body, md5, size, senderId, now, this.nextSerial(), {
      ...newMessage.extras,
      sequenceNumber,
    });
    this.sentBefore.put(key, { id: message.id, extras: { sequenceNumber } }, now);
    this.metrics.addSent(size);
    this.record('sqs.sent', message, newMessage.text);
    this.admit(message, this.settings.delay);
    return message;
  }

  /**
   * Receives like {@link receive}, and remembers the result as `attempt`: a repeated attempt returns the same messages
   * and handles and hides them anew, unless one of them was deleted, changed or returned in the meantime.
   */
  public receiveAttempt(attempt: string, max: number, visibility: number): readonly QueuedMessage[] {
    const now = this.context.clock.now();
    const until = now + visibility;
    const earlier = this.attempts.get(attempt, now);
    const repeats = earlier !== undefined && this.isUntouched(earlier);
    const messages = repeats ? earlier.messages : this.receive(max, visibility);
    if (repeats) {
      for (const message of messages) {
        if (visibility <= 0) this.release(message);
        else this.timed.move(message, until);
      }
      this.arm();
    }
    if (messages.length > 0) {
      const nonces = messages.map(({ delivery }) => delivery?.nonce ?? -1);
      this.attempts.put(attempt, { messages, nonces, until }, now);
    }
    return messages;
  }

  protected override adopt({ id, body, md5, size, senderId, sentAt }: QueuedMessage, extras: MessageExtras) {
    return new FifoMessage(id, body, md5, size, senderId, sentAt, this.nextSerial(), extras);
  }

  protected override takeVisible(): QueuedMessage | undefined {
    for (let group = this.ready.first(); group !== undefined; group = this.ready.first()) {
      const message = group.messages.from(group.cursor);
      if (message?.state === MessageState.Visible) {
        group.cursor = message.place + 1;
        return message;
      }
      this.passOver(group);
    }
    return undefined;
  }

  protected override receiveEnded(): void {
    const group = this.ready.first();
    // Its first message has been taken: the remaining ones, for which the receive had no room, are blocked.
    if (group !== undefined && group.messages.first()?.place !== group.cursor) this.passOver(group);
  }

  protected override listVisible(message: FifoMessage): void {
    const group = message.group ?? this.join(message);
    this.updateReadiness(group);
  }

  protected override unlistVisible(): void {
    // A visible message is only in its group's order, which it leaves in `forget`.
  }

  protected override hide(message: FifoMessage, until: number): void {
    super.hide(message, until);
    const { group } = message;
    if (group !== undefined && group.inFlight++ === 0) this.groupsInFlight++;
  }

  protected override forget(message: FifoMessage): void {
    super.forget(message);
    const { group } = message;
    if (group === undefined) return;
    message.group = undefined;
    group.messages.remove(message.place);
    this.updateReadiness(group);
    if (group.messages.size === 0) this.groups.delete(group.id);
  }

  protected override forgetAll(): void {
    this.groups = new Map();
    this.ready = new Ring();
    this.groupsInFlight = 0;
    this.sentBefore.clear();
    this.attempts.clear();
  }

  protected override settingsChanged(before: QueueSettings): void {
    const { deduplicationScope: scope, highThroughput } = before;
    if (scope !== this.settings.deduplicationScope || highThroughput !== this.settings.highThroughput) {
      const until = this.context.clock.now() + this.context.limits.attributePropagation;
      this.before = { scope, highThroughput, until };
    }
    // Unlike in a standard queue, a new delay also applies to messages that are already delayed.
    if (before.delay !== this.settings.delay) this.delayAnew();
  }

  protected override checkCurrent(message: QueuedMessage, receipt: Receipt, handle: string): void {
    const current = message.state === MessageState.InFlight && message.delivery?.nonce === receipt.nonce;
    if (!current) throw receiptHandleExpired(handle);
  }

  protected override get inFlightLimit(): number {
    return this.context.limits.inFlightFifo;
  }

  protected override moreGauges(): Partial<QueueGauges> {
    return { groupsInFlight: this.groupsInFlight };
  }

  private join(message: FifoMessage): Group {
    const id = message.extras?.groupId ?? '';
    let group = this.groups.get(id);
    if (group === undefined) this.groups.set(id, (group = new Group(id)));
    message.group = group;
    message.place = group.messages.push(message);
    return group;
  }

  protected override landed({ group }: FifoMessage): void {
    if (group !== undefined && --group.inFlight === 0) this.groupsInFlight--;
  }

  private passOver(group: Group): void {
    this.ready.shift();
    group.ready = undefined;
    this.updateReadiness(group);
  }

  /** Adds the group to those that can be received from, or removes it, depending on its first message. */
  private updateReadiness(group: Group): void {
    const first = group.messages.first();
    if (first?.state === MessageState.Visible) {
      if (group.ready !== undefined) return;
      group.cursor = first.place;
      group.ready = this.ready.push(group);
    } else if (group.ready !== undefined && first === undefined) {
      this.ready.remove(group.ready);
      group.ready = undefined;
    }
  }

  private deduplicationKey(extras: MessageExtras | undefined, now: number): string {
    const { groupId = '', deduplicationId = '' } = extras ?? {};
    const { scope, until } = this.before;
    const current = now < until ? scope : this.settings.deduplicationScope;
    // Ids cannot contain line breaks.
    return current === 'queue' ? deduplicationId : `${groupId}\n${deduplicationId}`;
  }

  private nextSequenceNumber(): string {
    return SEQUENCE_PREFIX + String(++this.sequence * SEQUENCE_STEP).padStart(SEQUENCE_DIGITS, '0');
  }

  private isUntouched({ messages, nonces, until }: Attempt): boolean {
    return messages.every(
      (message, index) =>
        message.state === MessageState.InFlight &&
        message.delivery?.nonce === nonces[index] &&
        this.timed.instantOf(message) === until,
    );
  }

  private delayAnew(): void {
    const { timed } = this;
    this.timed = new Heap();
    for (const message of timed.all()) {
      const delayed = message.state === MessageState.Delayed;
      this.timed.add(message, delayed ? message.sentAt + this.settings.delay : timed.instantOf(message));
    }
  }
}

function partitionOf(groupId: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < groupId.length; i++) hash = Math.imul(hash ^ groupId.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % partitions;
}
