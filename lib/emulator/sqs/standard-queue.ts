import { TIRED_AFTER } from './ages';
import { type Particulars, QueuedMessage } from './message';
import { type Draft, Queue, type Sent } from './queue';
import { Ring } from './ring';

/**
 * A standard queue. AWS promises no order; ours is the one that its documentation hints at: messages that come back go
 * first, as the older ones that they are, until their third receive in vain sends them to the back.
 */
export class StandardQueue extends Queue {
  private fresh = new Ring<QueuedMessage>();
  private returned = new Ring<QueuedMessage>();

  public override send(draft: Draft): Sent {
    const { body, md5, size, senderId, delay, particulars } = draft;
    const now = this.context.clock.now();
    const message = new QueuedMessage(this.nextId(), body, md5, size, senderId, now, this.nextSerial(), particulars);
    this.metrics.addSent(size);
    this.record('sqs.sent', message);
    this.admit(message, delay ?? this.settings.delay);
    return message;
  }

  protected override adopt({ id, body, md5, size, senderId, sentAt }: QueuedMessage, particulars: Particulars) {
    return new QueuedMessage(id, body, md5, size, senderId, sentAt, this.nextSerial(), particulars);
  }

  protected override takeVisible(): QueuedMessage | undefined {
    return this.returned.shift() ?? this.fresh.shift();
  }

  protected override listVisible(message: QueuedMessage): void {
    message.position = this.listOf(message).push(message);
  }

  protected override unlistVisible(message: QueuedMessage): void {
    this.listOf(message).remove(message.position);
  }

  protected override delivered(message: QueuedMessage): void {
    if (message.receivesHere === TIRED_AFTER) this.tire(message);
  }

  protected override forgetAll(): void {
    this.fresh = new Ring();
    this.returned = new Ring();
  }

  protected override get inFlightLimit(): number {
    return this.context.limits.inFlightStandard;
  }

  private listOf(message: QueuedMessage): Ring<QueuedMessage> {
    const { receivesHere } = message;
    return receivesHere > 0 && receivesHere < TIRED_AFTER ? this.returned : this.fresh;
  }
}
