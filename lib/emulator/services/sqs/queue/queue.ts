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
  /** The queue with that ARN, if there is one. */
  readonly find: (arn: string) => Queue | undefined;
  readonly encryption?: BodyEncryption;
  readonly anomalies: DeliveryAnomalies;
  readonly senders: SenderIds;
}

/** Requests whose rate FIFO queues limit, each kind on its own. */
export type RequestKind = 'send' | 'receive' | 'delete' | 'changeVisibility';

/** A message about to be sent. */
export interface NewMessage {
  /** As the queue keeps it: encrypted where that is wanted. */
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

/** What a sender learns. */
export interface Sent {
  readonly id: string;
  readonly extras?: Pick<MessageExtras, 'sequenceNumber'>;
}

/**
 * The states of a queue's messages, and what moves them on: delayed → visible ⇄ in flight → gone. Which visible message
 * goes next is for the two types of queue to say.
 *
 * Nothing here depends on how many messages there are: each state is a ring or a heap in which a message knows its
 * place, and one timer waits for the next instant at which anything is due.
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
  /** Delayed messages and those in flight, by the instant at which they become visible. */
  protected timed = new Heap<QueuedMessage>();
  protected ages: Ages;
  private readonly handles: Handles;
  private readonly waiters: Waiters;
  /** Messages that have been received, by the slot that their handles name. */
  private received: (QueuedMessage | undefined)[] = [];
  private freeSlots: number[] = [];
  private serials = 0;
  private serving = false;
  private timer?: Timer;
  private wakesAt = Infinity;
  private readonly what: string;
  /** Timers of changes that are under way. */
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

  /** How many receives wait for a message, and when the next message in flight or delayed becomes visible. */
  public get waitingState(): { waitingReceives: number; nextVisibleAt: number | undefined } {
    const { earliest } = this.timed;
    return { waitingReceives: this.waiters.count, nextVisibleAt: earliest === Infinity ? undefined : earliest };
  }

  public get counts(): { visible: number; inFlight: number; delayed: number } {
    return { visible: this.visible, inFlight: this.inFlight, delayed: this.delayed };
  }

  /** Whether no more messages may be in flight. */
  public get full(): boolean {
    return this.inFlight >= this.inFlightLimit;
  }

  /** Puts a message into the queue. Waiting receives get it when {@link serve} is called. */
  public abstract send(newMessage: NewMessage): Sent;

  /** Takes a message that another queue has given up on. */
  protected abstract adopt(message: QueuedMessage, extras: MessageExtras): QueuedMessage;

  /** Takes the next message to be received off the visible ones. */
  protected abstract takeVisible(): QueuedMessage | undefined;

  /** Lists a message, already in state visible, for the next receive. */
  protected abstract listVisible(message: QueuedMessage): void;

  /** Takes a visible message off the list. */
  protected abstract unlistVisible(message: QueuedMessage): void;

  protected abstract get inFlightLimit(): number;

  /** Uses the queue's rate of requests of a kind; refuses where it is used up. Only FIFO queues have one. */
  public use(_kind: RequestKind, _groups?: readonly string[]): void {}

  /** Brings the queue to the present: what is due by now becomes visible or expires. Call it before any action. */
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

  /** Undoes a receive: the messages are visible as if it had never been. */
  public takeBack(messages: readonly QueuedMessage[]): void {
    for (const message of messages) {
      const { delivery, state } = message;
      if (delivery === undefined) continue;
      // Where a visible message is listed depends on its receives.
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
   * Gives up to `max` visible messages, in the order in which they would be received, to `move`, and lets go of them.
   * Where `move` throws, that message stays, and so do those behind it.
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

  /** Parks a receive until `until`. */
  public park(poll: Poll, until: number, signal: AbortSignal | undefined, repeats = false): void {
    this.waiters.park(poll, until, signal, repeats, () => this.metrics.emptyReceives++);
  }

  /** Hands visible messages to the receives that wait for them. */
  public serve(): void {
    // Two queues may be each other's dead-letter queue: then serving one can come back to it, in the middle of a receive.
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

  /** Deletes a message. Waiting receives get what that sets free when {@link serve} is called. */
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
    // A second delete counts, and succeeds, like the first.
    this.metrics.deleted++;
  }

  /**
   * Hides the message for `visibility` milliseconds from now; 0 shows it at once, to waiting receives when {@link serve}
   * is called.
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
      // A standard queue honours the handle of a receive whose time is over.
      this.unlistVisible(message);
      this.visible--;
      this.hide(message, until);
    }
    this.arm();
  }

  /** Removes all messages: at once, or when the time that a purge takes is over. */
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

  /** Stops the queue's timer and ends the receives that wait. */
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
    // Others may follow before these act, so what acts are the attributes of that moment.
    if (settingsPropagation === retentionPropagation) {
      // As one change: a receive that waits gets all that it makes visible.
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

  /** Lets a new message in: visible, or delayed by so many milliseconds. */
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

  /** Puts a message in flight until the given instant. */
  protected hide(message: QueuedMessage, until: number): void {
    message.state = MessageState.InFlight;
    this.inFlight++;
    this.timed.add(message, until);
  }

  /** Ends a message's flight before its time, or because that has come. */
  protected release(message: QueuedMessage): void {
    this.timed.remove(message);
    this.inFlight--;
    this.landed(message);
    this.show(message);
    this.record('sqs.released', message);
  }

  /** Takes a message out, whatever its state. */
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

  /** Ends all that the queue knows of a message that is in none of its lists any more. */
  protected forget(message: QueuedMessage): void {
    message.state = MessageState.Gone;
    this.ages.remove(message);
    const { delivery } = message;
    if (delivery === undefined) return;
    if (delivery.slot >= 0) {
      this.received[delivery.slot] = undefined;
      this.freeSlots.push(delivery.slot);
    }
    // An old object that is gone keeps a young one from being collected with the young: it would grow old with it.
    message.delivery = undefined;
  }

  /** Leaves a message out of the age metric. */
  protected tire(message: QueuedMessage): void {
    this.ages.tire(message);
  }

  /** Called for each message that was received. */
  protected delivered(_message: QueuedMessage): void {}

  /** Called when a receive has taken what it could. */
  protected receiveEnded(): void {}

  /** Called for each message whose flight has ended, before its state changes. */
  protected landed(_message: QueuedMessage): void {}

  /** Whether, against all odds, a message that was received stays visible. */
  protected staysVisible(_message: QueuedMessage): boolean {
    return false;
  }

  /** Whether, against all odds, a message outlives its deletion. */
  protected survivesDeletion(_message: QueuedMessage): boolean {
    return false;
  }

  /** Called when the queue has been purged. */
  protected forgetAll(): void {}

  /** Called when attributes have changed. */
  protected settingsChanged(_before: QueueSettings): void {}

  /** Refuses a handle that is not the latest receive's, where the type of queue does. */
  protected checkCurrent(_message: QueuedMessage, _receipt: Receipt, _handle: string): void {}

  protected moreGauges(): Partial<QueueGauges> {
    return {};
  }

  /** Makes sure that the timer fires when something is due. It may fire early: then it is set anew. */
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

  /** @param text the body, where the event tells it */
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

  // Without a dead-letter queue that exists and lets this one in, a message is delivered on: none may get lost.
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
