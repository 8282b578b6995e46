import type { Clock } from '../clock';

/** One event in the emulated cloud. */
export interface TimelineEvent {
  /** When it happened, in emulated milliseconds since the epoch. */
  readonly at: number;
  /** What happened, as `service.event`: `sqs.sent`, `cloudwatch.alarm`, `autoscaling.launched`. */
  readonly kind: string;
  /** The queue, alarm, group or function that it happened to. */
  readonly subject: string;
  /** Where it happened, as `account/region`; empty if it belongs to no place. */
  readonly place: string;
  /** The details, in a stable order. */
  readonly detail: Readonly<Record<string, string | number | boolean | undefined>>;
  /**
   * The body of a sent message, or the stack trace of a failed invocation. May be long, and is not part of the event's
   * text line.
   */
  readonly body?: string;
}

/** Called with each event as it happens. */
export type TimelineListener = (event: TimelineEvent) => void;

/**
 * The receivers of events. Observers are called immediately, in the middle of the change; listeners in a microtask,
 * when the change is complete. An error thrown by a listener fails the clock's next task, not the change.
 */
class Audience {
  public readonly observers = new Set<TimelineListener>();
  /** Each listener, with the number of the first event that it receives. */
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
      this.clock.schedule(this.clock.now(), fail, 'a timeline listener fails');
    }
  }
}

/**
 * Passes events on to listeners: a live view, a test's recorder, a message spy. Stores nothing, and costs nothing
 * without listeners: check {@link observed} before building an event on a hot path.
 */
export class Timeline {
  /**
   * @param place where the events happen, as `account/region`
   * @param audience the audience of another place's timeline, to share its listeners
   */
  constructor(
    private readonly clock: Clock,
    private readonly place = '',
    private readonly audience = new Audience(clock),
  ) {}

  /** The same timeline, for events in `place`. */
  public in(place: string): Timeline {
    return new Timeline(this.clock, place, this.audience);
  }

  /** Whether there are any listeners. */
  public get observed(): boolean {
    return this.audience.size > 0;
  }

  public record(kind: string, subject: string, detail: TimelineEvent['detail'] = {}, body?: string): void {
    if (this.audience.size === 0) return;
    this.tell({ at: this.clock.now(), kind, subject, place: this.place, detail, body });
  }

  /** Passes on an event that is already built. */
  public tell(event: TimelineEvent): void {
    this.audience.tell(event);
  }

  /**
   * Calls `listener` with every later event, in a microtask: never in the middle of a change. An error that it throws
   * fails the next wait in virtual time, and is an uncaught exception in real time. Returns a function that
   * unsubscribes.
   */
  public subscribe(listener: TimelineListener): () => void {
    return this.audience.add(listener);
  }

  /**
   * Calls `observer` with every later event immediately, in the middle of the change. The observer may only record: it
   * must not throw or call a service. Returns a function that unsubscribes.
   */
  public observe(observer: TimelineListener): () => void {
    const { observers } = this.audience;
    observers.add(observer);
    return () => void observers.delete(observer);
  }
}

/** Formats an event as one line of text: the same events give the same bytes. */
export function formatEvent(event: TimelineEvent): string {
  const detail = Object.entries(event.detail)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${String(value)}`);
  return `${new Date(event.at).toISOString()} ${event.kind} ${event.subject}${detail.join('')}`;
}
