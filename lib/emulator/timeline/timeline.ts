import type { Clock } from '../clock';

/** One thing that happened in the emulated cloud. */
export interface TimelineEvent {
  /** When, in emulated milliseconds since the epoch. */
  readonly at: number;
  /** What, as `service.event`: `sqs.sent`, `cloudwatch.alarm`, `autoscaling.launched`. */
  readonly kind: string;
  /** To whom: a queue, alarm, group or function name. */
  readonly subject: string;
  /** Where, as `account/region`; empty for what is nowhere in particular. */
  readonly place: string;
  /** The particulars, in a stable order. */
  readonly detail: Readonly<Record<string, string | number | boolean | undefined>>;
  /**
   * Of a message that is sent, its body; of an invocation that fails, the error's stack. It may be long, and is not part
   * of the event's line of text.
   */
  readonly body?: string;
}

/** Told of each event, as it happens. */
export type TimelineListener = (event: TimelineEvent) => void;

/**
 * Who is told of events: observers at once, in the middle of the change; listeners when the change is complete, in a
 * microtask. What a listener throws fails the clock's next task, not the change.
 */
class Audience {
  public readonly observers = new Set<TimelineListener>();
  /** Each with the number of the first event that it is told of. */
  private readonly listeners = new Map<TimelineListener, number>();
  private untold: TimelineEvent[] = [];
  private told = 0;

  constructor(private readonly clock: Clock) {}

  public get size(): number {
    return this.observers.size + this.listeners.size;
  }

  public tell(event: TimelineEvent): void {
    for (const observer of this.observers) observer(event);
    if (this.listeners.size > 0 && this.untold.push(event) === 1) queueMicrotask(() => this.tellListeners());
  }

  public add(listener: TimelineListener): () => void {
    this.listeners.set(listener, this.told + this.untold.length);
    return () => void this.listeners.delete(listener);
  }

  private tellListeners(): void {
    const events = this.untold;
    this.untold = [];
    const first = this.told;
    this.told += events.length;
    for (const [index, event] of events.entries()) {
      for (const [listener, from] of this.listeners) if (first + index >= from) this.tellOne(listener, event);
    }
  }

  private tellOne(listener: TimelineListener, event: TimelineEvent): void {
    try {
      listener(event);
    } catch (error) {
      const fail = () => {
        throw error;
      };
      this.clock.schedule(this.clock.now(), fail, 'a listener of the timeline fails');
    }
  }
}

/**
 * What happens, told to whoever listens: a live view, a test's recorder, a message spy. It keeps nothing itself, and
 * costs nothing while nobody listens: ask {@link observed} before you put an event together on a hot path.
 */
export class Timeline {
  /**
   * @param place where what it is told happens, as `account/region`
   * @param audience that of another place's timeline, where all are to be told of both
   */
  constructor(
    private readonly clock: Clock,
    private readonly place = '',
    private readonly audience = new Audience(clock),
  ) {}

  /** The same timeline, for what happens in `place`. */
  public in(place: string): Timeline {
    return new Timeline(this.clock, place, this.audience);
  }

  /** Whether anybody listens. */
  public get observed(): boolean {
    return this.audience.size > 0;
  }

  public record(kind: string, subject: string, detail: TimelineEvent['detail'] = {}, body?: string): void {
    if (this.audience.size === 0) return;
    this.tell({ at: this.clock.now(), kind, subject, place: this.place, detail, body });
  }

  /** Tells an event that has been put together already. */
  public tell(event: TimelineEvent): void {
    this.audience.tell(event);
  }

  /**
   * Calls `listener` with every later event, in a microtask: never in the middle of a change. What it throws fails the
   * next wait in virtual time, and is an uncaught exception in real time. Returns a function that ends it.
   */
  public subscribe(listener: TimelineListener): () => void {
    return this.audience.add(listener);
  }

  /**
   * Calls `observer` with every later event at once, in the middle of the change that it tells of. So the observer must
   * only take notes: it must neither throw nor call a service. Returns a function that ends it.
   */
  public observe(observer: TimelineListener): () => void {
    const { observers } = this.audience;
    observers.add(observer);
    return () => void observers.delete(observer);
  }
}

/** An event as one line of text: the same events give the same bytes. */
export function formatEvent(event: TimelineEvent): string {
  const detail = Object.entries(event.detail)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${String(value)}`);
  return `${new Date(event.at).toISOString()} ${event.kind} ${event.subject}${detail.join('')}`;
}
