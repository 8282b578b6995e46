import type { MetricDatum } from '../../../core';
import type { Clock, Random, Timer } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { Ages } from './ages';
import { type AttributeValues, type QueueSettings, settingsOf } from '../attributes';
import {
  handleOfAnotherQueue,
  invalidValue,
  messageNotAvailable,
  queueDoesNotExist,
  receiptHandleIsInvalid,
} from '../errors';
import { Handles, isHandle, type Receipt } from './handles';
import { Heap } from './heap';
import type { DeliveryAnomalies } from '../anomalies';
import type { BodyEncryption } from '../encryption';
import type { SqsLimits } from '../limits';
import { Delivery, MessageState, type MessageExtras, type QueuedMessage } from './message';
import { type QueueGauges, QueueMetrics } from './metrics';
import { allowsRedrive } from './redrive';
import type { SenderIds } from '../sender-ids';
import { type Poll, Waiters } from './waiters';

/** The collaborators of a queue. */
export interface QueueContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly limits: SqsLimits;
  /** Finds a queue by its ARN. */
  readonly find: (arn: string) => Queue | undefined;
  readonly encryption?: BodyEncryption;
  readonly anomalies: DeliveryAnomalies;
  readonly senders: SenderIds;
}

/** The kinds of requests that FIFO queues limit separately. */
export type RequestKind = 'send' | 'receive' | 'delete' | 'changeVisibility';

/** A message to be sent. */
export interface NewMessage {
  /** As it is stored: encrypted, if the queue is. */
  readonly body: string;
  /** As it was sent. */
  readonly text: string;
  readonly md5: string;
  /** In bytes, attributes included. */
  readonly size: number;
  readonly senderId: string;
  /** In milliseconds; absent if the queue's own delay applies. */
  readonly delay?: number;
  readonly extras?: MessageExtras;
}

/** The result of a send. */
export interface Sent {
  readonly id: string;
  readonly extras?: Pick<MessageExtras, 'sequenceNumber'>;
}

/**
 * A queue's messages and their states: delayed → visible ⇄ in flight → gone. The two types of queues decide which
 * visible message is received next.
 *
 * No cost depends on the number of messages: each state is a ring or a heap in which a message knows its position, and
 * one timer waits for the next due instant.
 */
export abstract class Queue {
  public readonly createdAt: number;
  public modifiedAt: number;
  public purgedAt = -Infinity;
  public readonly tags = new Map<string, string>();
  public readonly metrics: QueueMetrics;
  public settings: QueueSettings;
  protected visible = 0;
  protected inFlight = 0;
  protected delayed = 0;
  /** Delayed and in-flight messages, by the instant at which they become visible. */
  protected timed = new Heap<QueuedMessage>();
  protected ages: Ages;
  private readonly handles: Handles;
  private readonly waiters: Waiters;
  /** Received messages, by the slot in their handles. */
  private received: (QueuedMessage | undefined)[] = [];
  private freeSlots: number[] = [];
  private serials = 0;
  private serving = false;
  private timer?: Timer;
  private wakesAt = Infinity;
  private readonly what: string;
  /** Timers of attribute changes that have not yet taken effect. */
  private readonly pending = new Set<Timer>();

  constructor(
    public readonly context: QueueContext,
    public readonly name: string,
    public readonly arn: string,
    public attributes: AttributeValues,
    public readonly fifo: boolean,
  ) {
    this.settings = settingsOf(attributes, context.limits);
    this.createdAt = this.modifiedAt = context.clock.now();
    this.what = `a message of ${name} becomes visible, or expires`;
    this.metrics = new QueueMetrics(name, this.createdAt);
    this.ages = new Ages(fifo);
    this.handles = new Handles(context.random);
    this.waiters = new Waiters(context.clock, name);
  }

  /** The number of waiting receives, and when the next in-flight or delayed message becomes visible. */
  public get waitingState(): { waitingReceives: number; nextVisibleAt: number | undefined } {
    const { earliest } = this.timed;
    return { waitingReceives: this.waiters.count, nextVisibleAt: earliest === Infinity ? undefined : earliest };
  }

  public get counts(): { visible: number; inFlight: number; delayed: number } {
    return { visible: this.visible, inFlight: this.inFlight, delayed: this.delayed };
  }

  /** Some of the messages, at most `max`, in any state, oldest first. Changes nothing. */
  public peek(max: number): QueuedMessage[] {
    return this.ages.some(max);
  }

  /** Whether the in-flight limit is reached. */
  public get full(): boolean {
    return this.inFlight >= this.inFlightLimit;
  }

  /** Adds a message. Waiting receives get it when {@link serve} is called. */
  public abstract send(newMessage: NewMessage): Sent;

  /** Adds a message that another queue dead-lettered. */
  protected abstract adopt(message: QueuedMessage, extras: MessageExtras): QueuedMessage;

  /** Removes and returns the next visible message. */
  protected abstract takeVisible(): QueuedMessage | undefined;

  /** Adds a message, already in state visible, to those that can be received. */
  protected abstract listVisible(message: QueuedMessage): void;

  /** Removes a visible message from those that can be received. */
  protected abstract unlistVisible(message: QueuedMessage): void;

  protected abstract get inFlightLimit(): number;

  /** Counts a request. Throws if the queue's rate for that kind is exceeded. Only FIFO queues have a rate. */
  public use(_kind: RequestKind, _groups?: readonly string[]): void {}

  /** Applies what is due by now: messages become visible or expire. Call it before any action. */
  public catchUp(now = this.context.clock.now()): void {
    if (this.nextDue <= now) {
      this.runDue(now);
      this.serve();
    }
  }

  /** Receives up to `max` messages and hides them for `visibility` milliseconds. */
  public receive(max: number, visibility: number): QueuedMessage[] {
    const now = this.context.clock.now();
    const room = Math.min(max, this.inFlightLimit - this.inFlight);
    const taken: QueuedMessage[] = [];
    let exhausted: QueuedMessage[] | undefined;
    while (taken.length < room) {
      const message = this.takeVisible();
      if (message === undefined) break;
      this.visible--;
      if (this.givesUpOn(message)) {
        message.state = MessageState.Gone;
        (exhausted ??= []).push(message);
        continue;
      }
      this.deliver(message, now, now + visibility);
      taken.push(message);
    }
    this.receiveEnded();
    for (const message of taken) {
      if (visibility <= 0 || this.staysVisible(message)) this.release(message);
    }
    if (exhausted !== undefined) this.moveToDeadLetters(exhausted);
    this.arm();
    this.metrics.received += taken.length;
    return taken;
  }

  /** Undoes a receive: the messages are visible, and the receive is not counted. */
  public takeBack(messages: readonly QueuedMessage[]): void {
    for (const message of messages) {
      const { delivery, state } = message;
      if (delivery === undefined) continue;
      // The position of a visible message depends on its receive count.
      if (state === MessageState.Visible) this.unlistVisible(message);
      delivery.receives--;
      delivery.receivesHere--;
      if (state === MessageState.Visible) this.listVisible(message);
      else if (state === MessageState.InFlight) this.release(message);
    }
    this.metrics.received -= messages.length;
    this.arm();
  }

  /**
   * Passes up to `max` visible messages to `move`, in delivery order, and removes them. If `move` throws, that message
   * and those after it stay.
   */
  public moveOut(max: number, move: (message: QueuedMessage) => void): void {
    const moved: QueuedMessage[] = [];
    let kept: QueuedMessage | undefined;
    try {
      while (moved.length < max) {
        kept = this.takeVisible();
        if (kept === undefined) break;
        this.visible--;
        move(kept);
        kept.state = MessageState.Gone;
        moved.push(kept);
        kept = undefined;
      }
    } finally {
      this.receiveEnded();
      for (const message of moved) {
        this.record('sqs.moved', message);
        this.forget(message);
      }
      if (kept !== undefined) this.show(kept);
      this.metrics.received += moved.length;
      this.metrics.deleted += moved.length;
    }
  }

  /** Lets a receive wait until `until`. */
  public park(poll: Poll, until: number, signal: AbortSignal | undefined, repeats = false): void {
    this.waiters.park(poll, until, signal, repeats, () => this.metrics.emptyReceives++);
  }

  /** Hands visible messages to the receives that wait for them. */
  public serve(): void {
    // Two queues may be each other's dead-letter queue: serving one can then re-enter it during a receive.
    if (this.serving) return;
    this.serving = true;
    while (this.visible > 0 && this.waiters.any && !this.full && this.waiters.serveNext());
    this.serving = false;
  }

  /** The handle of the latest receive of `message`. */
  public handleOf(message: QueuedMessage): string {
    const { slot, nonce } = message.delivery as Delivery; // it has been received
    return this.handles.write(slot, message.serial, nonce);
  }

  /** Deletes a message. Waiting receives get messages that it unblocks when {@link serve} is called. */
  public delete(handle: string): void {
    const receipt = this.receipt(handle);
    const message = this.messageOf(receipt);
    if (message !== undefined) {
      this.checkCurrent(message, receipt, handle);
      if (this.survivesDeletion(message)) {
        if (message.state === MessageState.InFlight) this.release(message);
      } else {
        this.record('sqs.deleted', message);
        this.remove(message);
      }
    }
    // A repeated delete counts, and succeeds, like the first.
    this.metrics.deleted++;
  }

  /**
   * Hides the message for `visibility` milliseconds from now; 0 makes it visible at once. Waiting receives get it when
   * {@link serve} is called.
   */
  public changeVisibility(handle: string, visibility: number): void {
    const receipt = this.receipt(handle);
    const message = this.messageOf(receipt);
    if (message === undefined) throw messageNotAvailable(handle);
    this.checkCurrent(message, receipt, handle);
    const { clock, limits } = this.context;
    const until = clock.now() + visibility;
    if (until > (message.delivery as Delivery).receivedAt + limits.visibility) {
      const most = limits.visibility / 1_000;
      throw invalidValue(
        'VisibilityTimeout',
        visibility / 1_000,
        `Total VisibilityTimeout for the message is beyond the limit [${most} seconds].`,
      );
    }
    if (visibility === 0) {
      if (message.state === MessageState.InFlight) this.release(message);
    } else if (message.state === MessageState.InFlight) {
      this.timed.move(message, until);
    } else {
      // A standard queue accepts the handle of a receive whose visibility timeout has expired.
      this.unlistVisible(message);
      this.visible--;
      this.hide(message, until);
    }
    this.arm();
  }

  /** Removes all messages, at once or after the time that a purge takes. */
  public purge(): void {
    const { clock, limits } = this.context;
    this.purgedAt = clock.now();
    this.after(limits.purgeTime, () => this.removeAll());
  }

  private removeAll(): void {
    const { timeline } = this.context;
    if (timeline.observed) {
      timeline.record('sqs.purged', this.name, { messages: this.visible + this.inFlight + this.delayed });
    }
    this.visible = this.inFlight = this.delayed = 0;
    this.timed = new Heap();
    this.ages = new Ages(this.fifo);
    this.received = [];
    this.freeSlots = [];
    this.forgetAll();
  }

  /** Stops the queue's timer and ends waiting receives. */
  public close(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.wakesAt = -Infinity; // never armed again
    for (const timer of this.pending) timer.cancel();
    this.waiters.failAll(queueDoesNotExist());
  }

  public setAttributes(attributes: AttributeValues): void {
    const { clock, limits } = this.context;
    this.attributes = attributes;
    this.modifiedAt = clock.now();
    const { settingsPropagation, retentionPropagation } = limits;
    // Other changes may follow before this one takes effect, so it applies the attributes of that moment.
    if (settingsPropagation === retentionPropagation) {
      // Applied as one change: a waiting receive gets all messages that it makes visible.
      this.after(settingsPropagation, () => this.apply(settingsOf(this.attributes, limits)));
      return;
    }
    this.after(settingsPropagation, () => {
      const { retention } = this.settings;
      this.apply({ ...settingsOf(this.attributes, limits), retention });
    });
    this.after(retentionPropagation, () => {
      const { retention } = settingsOf(this.attributes, limits);
      this.apply({ ...this.settings, retention });
    });
  }

  private after(delay: number, change: () => void): void {
    if (delay === 0) {
      change();
      return;
    }
    const { clock } = this.context;
    const act = () => {
      this.pending.delete(timer);
      change();
    };
    const timer = clock.schedule(clock.now() + delay, act, `a change of ${this.name} takes effect`);
    this.pending.add(timer);
  }

  private apply(settings: QueueSettings): void {
    const before = this.settings;
    this.settings = settings;
    this.settingsChanged(before);
    this.catchUp();
    this.arm();
  }

  public collectMetrics(periodStart: number): MetricDatum[] {
    const now = this.context.clock.now();
    this.catchUp();
    const oldest = this.ages.oldestArrival;
    const oldestAge = oldest === undefined ? undefined : now - oldest;
    return this.metrics.collect(periodStart, now, this.context.limits, {
      ...this.counts,
      oldestAge,
      ...this.moreGauges(),
    });
  }

  protected nextId(): string {
    return this.context.random.uuid();
  }

  protected nextSerial(): number {
    return this.serials++;
  }

  /** Admits a new message: visible, or delayed by that many milliseconds. */
  protected admit(message: QueuedMessage, delay: number): void {
    this.ages.add(message);
    if (delay > 0) {
      message.state = MessageState.Delayed;
      this.delayed++;
      this.timed.add(message, message.sentAt + delay);
    } else {
      this.show(message);
    }
    this.arm();
  }

  protected show(message: QueuedMessage): void {
    message.state = MessageState.Visible;
    this.visible++;
    this.listVisible(message);
  }

  /** Puts a message in flight until that instant. */
  protected hide(message: QueuedMessage, until: number): void {
    message.state = MessageState.InFlight;
    this.inFlight++;
    this.timed.add(message, until);
  }

  /** Ends a message's time in flight, early or because it has expired. */
  protected release(message: QueuedMessage): void {
    this.timed.remove(message);
    this.inFlight--;
    this.landed(message);
    this.show(message);
    this.record('sqs.released', message);
  }

  /** Removes a message in any state. */
  protected remove(message: QueuedMessage): void {
    switch (message.state) {
      case MessageState.Visible:
        this.unlistVisible(message);
        this.visible--;
        break;
      case MessageState.InFlight:
        this.timed.remove(message);
        this.inFlight--;
        this.landed(message);
        break;
      case MessageState.Delayed:
        this.timed.remove(message);
        this.delayed--;
        break;
      case MessageState.Gone:
        return;
    }
    this.forget(message);
  }

  /** Clears the state of a message that is in none of the queue's lists any more. */
  protected forget(message: QueuedMessage): void {
    message.state = MessageState.Gone;
    this.ages.remove(message);
    const { delivery } = message;
    if (delivery === undefined) return;
    if (delivery.slot >= 0) {
      this.received[delivery.slot] = undefined;
      this.freeSlots.push(delivery.slot);
    }
    // An old object that refers to a young one keeps it from being collected early by the garbage collector.
    message.delivery = undefined;
  }

  /** Excludes a message from the age metric. */
  protected tire(message: QueuedMessage): void {
    this.ages.tire(message);
  }

  /** Called for each received message. */
  protected delivered(_message: QueuedMessage): void {}

  /** Called at the end of each receive. */
  protected receiveEnded(): void {}

  /** Called for each message that stops being in flight, before its state changes. */
  protected landed(_message: QueuedMessage): void {}

  /** Whether a received message stays visible, as a delivery anomaly. */
  protected staysVisible(_message: QueuedMessage): boolean {
    return false;
  }

  /** Whether a message survives its deletion, as a delivery anomaly. */
  protected survivesDeletion(_message: QueuedMessage): boolean {
    return false;
  }

  /** Called after a purge. */
  protected forgetAll(): void {}

  /** Called after attributes have changed. */
  protected settingsChanged(_before: QueueSettings): void {}

  /** Throws if a handle is not the latest receive's and the queue's type requires that. */
  protected checkCurrent(_message: QueuedMessage, _receipt: Receipt, _handle: string): void {}

  protected moreGauges(): Partial<QueueGauges> {
    return {};
  }

  /** Ensures that the timer fires when something is due. It may fire early, and is then set again. */
  protected arm(): void {
    const due = this.nextDue;
    if (due >= this.wakesAt) return;
    this.timer?.cancel();
    this.wakesAt = due;
    const wake = () => {
      this.wakesAt = Infinity;
      this.catchUp();
      this.arm();
    };
    this.timer = this.context.clock.schedule(due, wake, this.what);
  }

  /** @param text the body, if the event includes it */
  protected record(kind: string, message: QueuedMessage, text?: string): void {
    const { timeline } = this.context;
    if (!timeline.observed) return;
    const { receives } = message;
    timeline.record(kind, this.name, receives > 0 ? { message: message.id, receives } : { message: message.id }, text);
  }

  private get nextDue(): number {
    return Math.min(this.timed.earliest, this.ages.retainedSince + this.settings.retention);
  }

  private runDue(now: number): void {
    while (this.ages.retainedSince + this.settings.retention <= now) {
      const message = this.ages.nextToExpire() as QueuedMessage; // there is one: it says since when it is retained
      this.record('sqs.expired', message);
      this.remove(message);
    }
    while (this.timed.earliest <= now) {
      const message = this.timed.first() as QueuedMessage;
      if (message.state === MessageState.InFlight) {
        this.release(message);
      } else {
        this.timed.remove(message);
        this.delayed--;
        this.show(message);
      }
    }
  }

  private deliver(message: QueuedMessage, now: number, until: number): void {
    const delivery = (message.delivery ??= new Delivery(now));
    delivery.receives++;
    delivery.receivesHere++;
    delivery.receivedAt = now;
    delivery.nonce = this.handles.nonce();
    if (delivery.slot < 0) {
      delivery.slot = this.freeSlots.pop() ?? this.received.length;
      this.received[delivery.slot] = message;
    }
    this.hide(message, until);
    this.delivered(message);
    this.record('sqs.received', message);
  }

  private receipt(handle: string): Receipt {
    const receipt = this.handles.read(handle);
    if (receipt === undefined) throw isHandle(handle) ? handleOfAnotherQueue(handle) : receiptHandleIsInvalid(handle);
    return receipt;
  }

  private messageOf(receipt: Receipt): QueuedMessage | undefined {
    const message = this.received[receipt.slot];
    return message?.serial === receipt.serial ? message : undefined;
  }

  // Without an existing dead-letter queue that allows this one, delivery continues: no message may be lost.
  private givesUpOn(message: QueuedMessage): boolean {
    const { redrive } = this.settings;
    if (redrive === undefined || message.receivesHere < redrive.maxReceiveCount) return false;
    const target = this.context.find(redrive.deadLetterTargetArn);
    return target !== undefined && target.fifo === this.fifo && allowsRedrive(target.settings.redriveAllow, this.arn);
  }

  private moveToDeadLetters(messages: readonly QueuedMessage[]): void {
    const { redrive } = this.settings;
    const target = redrive === undefined ? undefined : this.context.find(redrive.deadLetterTargetArn);
    if (target === undefined) return; // givesUpOn found it
    const { timeline } = this.context;
    for (const message of messages) {
      if (timeline.observed) {
        const { id, receives } = message;
        timeline.record('sqs.deadLettered', this.name, { message: id, to: target.name, receives });
      }
      const { delivery } = message;
      this.forget(message);
      target.takeDeadLetter(message, delivery, this.arn);
    }
    target.catchUp();
    target.serve();
  }

  private takeDeadLetter(original: QueuedMessage, delivery: Delivery | undefined, source: string): void {
    const movedAt = this.context.clock.now();
    const message = this.adopt(original, { ...original.extras, deadLetterSource: source, movedAt });
    if (delivery !== undefined) {
      message.delivery = new Delivery(delivery.firstReceivedAt);
      message.delivery.receives = delivery.receives;
    }
    this.admit(message, 0);
  }
}
