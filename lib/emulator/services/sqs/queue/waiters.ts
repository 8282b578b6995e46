import type { Clock, Timer } from '../../../clock';
import { LinkedList, Link } from './linked-list';
import { AbortListeners } from './abort-listeners';
import type { QueuedMessage } from './message';

/** A receive that waits for messages. */
export interface Poll {
  /** Receives the messages that are available now. */
  readonly receive: () => readonly QueuedMessage[];
  /** Ends the wait, with or without messages. */
  readonly end: (messages: readonly QueuedMessage[]) => void;
  /** Ends the wait because the queue was deleted. */
  readonly fail: (error: Error) => void;
}

class Waiter extends Link {
  public timer?: Timer;
  public hangUp?: Link;

  constructor(public readonly poll: Poll) {
    super();
  }

  public leave(): void {
    this.unlink();
    this.timer?.cancel();
    this.hangUp?.unlink();
  }
}

/** The waiting long polls of a queue, first come, first served. */
export class Waiters {
  private readonly parked = new LinkedList<Waiter>();
  private readonly hangUps = new AbortListeners();
  private readonly what: string;

  /** @param queueName part of its timers' names */
  constructor(
    private readonly clock: Clock,
    queueName: string,
  ) {
    this.what = `a long poll of ${queueName} ends`;
  }

  /** The number of waiting polls. Takes linear time. */
  public get count(): number {
    return this.parked.length;
  }

  public get any(): boolean {
    return this.parked.first() !== undefined;
  }

  /**
   * Lets `poll` wait until it is served, `until` is reached (`timedOut` is then called and it ends empty), or `signal`
   * aborts.
   * @param repeats whether the same poll is repeated after it ends empty
   */
  public park(
    poll: Poll,
    until: number,
    signal: AbortSignal | undefined,
    repeats: boolean,
    timedOut: () => void,
  ): void {
    const waiter = new Waiter(poll);
    const timeOut = () => {
      waiter.leave();
      timedOut();
      poll.end([]);
    };
    waiter.timer = repeats
      ? this.clock.schedulePeriodic(until, timeOut, this.what)
      : this.clock.schedule(until, timeOut, this.what);
    if (signal !== undefined) {
      waiter.hangUp = this.hangUps.add(signal, () => {
        waiter.leave();
        poll.end([]);
      });
    }
    this.parked.append(waiter);
  }

  /** Lets the longest-waiting poll receive. Returns false if nobody waits, or there was nothing to receive. */
  public serveNext(): boolean {
    const waiter = this.parked.first();
    if (waiter === undefined) return false;
    const messages = waiter.poll.receive();
    if (messages.length === 0) return false;
    waiter.leave();
    waiter.poll.end(messages);
    return true;
  }

  public failAll(error: Error): void {
    for (let waiter = this.parked.first(); waiter !== undefined; waiter = this.parked.first()) {
      waiter.leave();
      waiter.poll.fail(error);
    }
  }
}
