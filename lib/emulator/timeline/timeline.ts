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
  /** Of a message that is sent: its body, as it was sent. It may be long, and is not part of the event's line of text. */
  readonly body?: string;
}

/** Told of each event, as it happens. */
export type TimelineListener = (event: TimelineEvent) => void;

/**
 * What happens, told to whoever listens: a live view, a test's recorder, a message spy. It keeps nothing itself, and
 * costs nothing while nobody listens: ask {@link observed} before you put an event together on a hot path.
 */
export class Timeline {
  /**
   * @param place where what it is told happens, as `account/region`
   * @param listeners those of another place's, where all are to be told of both
   */
  constructor(
    private readonly clock: Clock,
    private readonly place = '',
    private readonly listeners = new Set<TimelineListener>(),
  ) {}

  /** The same timeline, for what happens in `place`. */
  public in(place: string): Timeline {
    return new Timeline(this.clock, place, this.listeners);
  }

  /** Whether anybody listens. */
  public get observed(): boolean {
    return this.listeners.size > 0;
  }

  public record(kind: string, subject: string, detail: TimelineEvent['detail'] = {}, body?: string): void {
    if (this.listeners.size === 0) return;
    this.tell({ at: this.clock.now(), kind, subject, place: this.place, detail, body });
  }

  /** Tells an event that has been put together already. */
  public tell(event: TimelineEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /** Tells `listener` of every later event. Gives a function that ends it. */
  public subscribe(listener: TimelineListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

/** An event as one line of text: the same events give the same bytes. */
export function formatEvent(event: TimelineEvent): string {
  const detail = Object.entries(event.detail)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${String(value)}`);
  return `${new Date(event.at).toISOString()} ${event.kind} ${event.subject}${detail.join('')}`;
}
