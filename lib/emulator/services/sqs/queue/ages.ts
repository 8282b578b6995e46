import { LinkedList } from './linked-list';
import { Heap } from './heap';
import { Expiry, type QueuedMessage } from './message';

/** From how many receives on a standard queue sends a message to its back and leaves it out of the age metric. */
export const TIRED_AFTER = 3;

/**
 * How old the messages of a queue are: which expires next, and which is the oldest of those that the age metric counts.
 *
 * Nearly all messages expire in the order in which they came, so a chain says both at no cost. Two kinds don't, and
 * have their expiry in a heap: those that a standard queue gave up on (they keep the clock of their first sending, but
 * the metric counts from the move) and those that were received in vain so often that the metric leaves them out.
 */
export class Ages {
  private readonly arrivals = new LinkedList<QueuedMessage>();
  private readonly moved = new LinkedList<QueuedMessage>();
  private readonly others = new Heap<Expiry>();

  /** `restartOnMove`: whether a dead-lettered message's retention begins anew, as in FIFO queues. */
  constructor(private readonly restartOnMove: boolean) {}

  public add(message: QueuedMessage): void {
    if (this.restartOnMove || message.delivery === undefined || message.extras?.movedAt === undefined) {
      this.arrivals.append(message);
      return;
    }
    this.moved.append(message);
    this.expireApart(message);
  }

  /** Leaves `message` out of the age metric from now on. */
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

  /** The instant from which the retention of the message to expire next counts; Infinity where there is none. */
  public get retainedSince(): number {
    const arrival = this.arrivals.first();
    return Math.min(arrival === undefined ? Infinity : arrival.arrivedAt, this.others.earliest);
  }

  /** The message to expire next. */
  public nextToExpire(): QueuedMessage | undefined {
    const arrival = this.arrivals.first();
    if (arrival === undefined || this.others.earliest < arrival.arrivedAt) return this.others.first()?.message;
    return arrival;
  }

  /** When the oldest message that the age metric counts came here. */
  public get oldestArrival(): number | undefined {
    const arrival = this.arrivals.first();
    const moved = this.moved.first();
    if (arrival === undefined || moved === undefined) return (arrival ?? moved)?.arrivedAt;
    return Math.min(arrival.arrivedAt, moved.arrivedAt);
  }

  /** When the oldest message that the age metric and `counts` count came here. Looks at each that is older. */
  public oldestArrivalOf(counts: (message: QueuedMessage) => boolean): number | undefined {
    const [arrival, moved] = [this.arrivals.find(counts), this.moved.find(counts)];
    if (arrival === undefined || moved === undefined) return (arrival ?? moved)?.arrivedAt;
    return Math.min(arrival.arrivedAt, moved.arrivedAt);
  }

  private expireApart(message: QueuedMessage): void {
    if (message.delivery === undefined) return;
    message.delivery.expiry = new Expiry(message);
    this.others.add(message.delivery.expiry, message.sentAt);
  }
}
