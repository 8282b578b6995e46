import { TIRED_AFTER } from './ages';
import { FairGroups, FairMessage, rankOf } from './fair-groups';
import { type MessageExtras, QueuedMessage } from './message';
import type { QueueGauges } from './metrics';
import { type NewMessage, Queue, type Sent } from './queue';
import { Ring } from './ring';

/**
 * A standard queue. AWS guarantees no order; this one follows hints in its documentation: returned messages come first,
 * as they are older, until their third unsuccessful receive moves them to the back. Messages with a group id make it a
 * fair queue; each message without one is a tenant of its own, and never noisy.
 */
export class StandardQueue extends Queue {
  private fresh = new Ring<QueuedMessage>();
  private returned = new Ring<QueuedMessage>();
  private fair?: FairGroups;

  public override send(newMessage: NewMessage): Sent {
    const { body, md5, size, senderId, delay, extras } = newMessage;
    const now = this.context.clock.now();
    const message = this.make(this.nextId(), body, md5, size, senderId, now, extras);
    this.metrics.addSent(size);
    this.record('sqs.sent', message, newMessage.text);
    this.admit(message, delay ?? this.settings.delay);
    return message;
  }

  protected override adopt({ id, body, md5, size, senderId, sentAt }: QueuedMessage, extras: MessageExtras) {
    return this.make(id, body, md5, size, senderId, sentAt, extras);
  }

  protected override admit(message: QueuedMessage, delay: number): void {
    if (delay > 0 && message instanceof FairMessage) this.fair?.delay(message, this.context.clock.now());
    super.admit(message, delay);
  }

  protected override takeVisible(): QueuedMessage | undefined {
    const message = this.takeNext();
    if (message === undefined || !this.context.anomalies.reorders(this.name)) return message;
    const overtaking = this.takeNext();
    if (overtaking === undefined) return message;
    this.putBack(message);
    return overtaking;
  }

  protected override listVisible(message: QueuedMessage): void {
    if (message instanceof FairMessage) this.fair?.list(message, this.inFlight, this.context.clock.now());
    else message.position = this.listOf(message).push(message);
  }

  protected override unlistVisible(message: QueuedMessage): void {
    if (message instanceof FairMessage) this.fair?.unlist(message);
    else this.listOf(message).remove(message.position);
  }

  protected override hide(message: QueuedMessage, until: number): void {
    super.hide(message, until);
    if (message instanceof FairMessage) this.fair?.hide(message, this.inFlight, this.context.clock.now());
  }

  protected override landed(message: QueuedMessage): void {
    if (this.fair === undefined || message.delivery === undefined) return;
    const now = this.context.clock.now();
    this.fair.spent(message, now - message.delivery.receivedAt, now);
  }

  protected override forget(message: QueuedMessage): void {
    super.forget(message);
    if (message instanceof FairMessage) this.fair?.forget(message, this.context.clock.now());
  }

  protected override delivered(message: QueuedMessage): void {
    if (message.receivesHere === TIRED_AFTER) this.tire(message);
  }

  protected override staysVisible(): boolean {
    return this.context.anomalies.duplicates(this.name);
  }

  protected override survivesDeletion(): boolean {
    return this.context.anomalies.duplicates(this.name);
  }

  protected override forgetAll(): void {
    this.fresh = new Ring();
    this.returned = new Ring();
    if (this.fair !== undefined) this.fair = new FairGroups(this.context.limits);
  }

  protected override get inFlightLimit(): number {
    return this.context.limits.inFlightStandard;
  }

  protected override moreGauges(): Partial<QueueGauges> {
    const { fair } = this;
    if (fair === undefined) return {};
    const { groups, ...noisy } = fair.noisyShare(this.context.clock.now());
    const oldest = this.ages.oldestArrivalOf((message) => !fair.isNoisy(message));
    return {
      fair: {
        noisyGroups: groups,
        visible: this.visible - noisy.visible,
        inFlight: this.inFlight - noisy.inFlight,
        delayed: this.delayed - noisy.delayed,
        oldestAge: oldest === undefined ? undefined : this.context.clock.now() - oldest,
      },
    };
  }

  private make(
    id: string,
    body: string,
    md5: string,
    size: number,
    senderId: string,
    sentAt: number,
    extras: MessageExtras | undefined,
  ): QueuedMessage {
    const serial = this.nextSerial();
    if (extras?.groupId === undefined) {
      return new QueuedMessage(id, body, md5, size, senderId, sentAt, serial, extras);
    }
    this.fair ??= new FairGroups(this.context.limits);
    return new FairMessage(id, body, md5, size, senderId, sentAt, serial, extras);
  }

  private takeNext(): QueuedMessage | undefined {
    const { fair, returned, fresh } = this;
    if (fair === undefined) return returned.shift() ?? fresh.shift();
    fair.calm(this.context.clock.now());
    const first = returned.first() ?? fresh.first();
    if (fair.firstRank < (first === undefined ? Infinity : rankOf(first))) return fair.takeQuiet();
    return returned.shift() ?? fresh.shift() ?? fair.takeNoisy();
  }

  /** Makes a message that was taken the next one again. */
  private putBack(message: QueuedMessage): void {
    if (message instanceof FairMessage) this.fair?.putBack(message);
    else message.position = this.listOf(message).unshift(message);
  }

  private listOf(message: QueuedMessage): Ring<QueuedMessage> {
    const { receivesHere } = message;
    return receivesHere > 0 && receivesHere < TIRED_AFTER ? this.returned : this.fresh;
  }
}
