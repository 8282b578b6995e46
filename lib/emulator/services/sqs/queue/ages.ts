import { LinkedList } from './linked-list';
import { Heap } from './heap';
import { Expiry, type QueuedMessage } from './message';

/** After this number of receives, a standard queue moves a message to the back and excludes it from the age metric. */
export const TIRED_AFTER = 3;

/**
 * The ages of a queue's messages: which one expires next, and which is the oldest that the age metric includes.
 *
 * Nearly all messages expire in the order of arrival, so a linked list answers both in constant time. Two kinds do not,
 * and are kept in a heap: dead-lettered messages of a standard queue (they keep their original timestamp for retention,
 * while the metric counts from the move), and messages that were received so often that the metric excludes them.
 */
export class Ages {
  private readonly arrivals = new LinkedList<QueuedMessage>();
  private readonly moved = new LinkedList<QueuedMessage>();
  private readonly others = new Heap<Expiry>();

  /** `restartOnMove`: whether the retention period of a dead-lettered message restarts, as in FIFO queues. */
  constructor(private readonly restartOnMove: boolean) {}

  public add(message: QueuedMessage): void {
    if (this.restartOnMove || message.delivery === undefined || message.extras?.movedAt === undefined) {
      this.arrivals.append(message);
      return;
    }
    this.moved.append(message);
    this.expireApart(message);
  }

  /** Excludes `message` from the age metric from now on. */
  public tire(message: QueuedMessage): void {
    message.unlink();
    if (message.delivery?.expiry === undefined) this.expireApart(message);
  }

  public remove(message: QueuedMessage): void {
    message.unlink();
    const { delivery } = message;
    if (delivery?.expiry === undefined) return;
    this.others.remove(delivery.expiry);
    delivery.expiry = undefined;
  }

  /** The timestamp from which retention counts for the message that expires next; Infinity if there is none. */
  public get retainedSince(): number {
    const arrival = this.arrivals.first();
    return Math.min(arrival === undefined ? Infinity : arrival.arrivedAt, this.others.earliest);
  }

  /** The message that expires next. */
  public nextToExpire(): QueuedMessage | undefined {
    const arrival = this.arrivals.first();
    if (arrival === undefined || this.others.earliest < arrival.arrivedAt) return this.others.first()?.message;
    return arrival;
  }

  /** The arrival time of the oldest message that the age metric includes. */
  public get oldestArrival(): number | undefined {
    const arrival = this.arrivals.first();
    const moved = this.moved.first();
    if (arrival === undefined || moved === undefined) return (arrival ?? moved)?.arrivedAt;
    return Math.min(arrival.arrivedAt, moved.arrivedAt);
  }

  /**
   * The arrival time of the oldest message that the age metric includes and `counts` accepts. Takes time in proportion
   * to the number of older ones.
   */
  public oldestArrivalOf(counts: (message: QueuedMessage) => boolean): number | undefined {
    const [arrival, moved] = [this.arrivals.find(counts), this.moved.find(counts)];
    if (arrival === undefined || moved === undefined) return (arrival ?? moved)?.arrivedAt;
    return Math.min(arrival.arrivedAt, moved.arrivedAt);
  }

  /** Some of the messages, at most `max`: the oldest first, then those that were received too often. */
  public some(max: number): QueuedMessage[] {
    const found = new Set<QueuedMessage>();
    for (const messages of [this.arrivals, this.moved, this.others.all().map(({ message }) => message)]) {
      for (const message of messages) {
        if (found.size >= max) break;
        found.add(message);
      }
    }
    return [...found].sort((a, b) => a.arrivedAt - b.arrivedAt || a.serial - b.serial);
  }

  private expireApart(message: QueuedMessage): void {
    if (message.delivery === undefined) return;
    message.delivery.expiry = new Expiry(message);
    this.others.add(message.delivery.expiry, message.sentAt);
  }
}
