import type { Clock } from '../clock';

/** One thing that happened in the emulated cloud. */
export interface TimelineEvent {
  /** When, in emulated milliseconds since the epoch. */
  readonly at: number;
  /** What, as `service.event`: `sqs.sent`, `cloudwatch.alarm`, `autoscaling.launched`. */
  readonly kind: string;
  /** To whom: a queue, alarm, group or function name. */
  readonly subject: string;
  /** The particulars, in a stable order. */
  readonly detail: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Told of each event, as it happens. */
export type TimelineListener = (event: TimelineEvent) => void;

/**
 * What happens, told to whoever listens: a live view, a test's recorder, a message spy. It keeps nothing itself, and
 * costs nothing while nobody listens: ask {@link observed} before you put an event together on a hot path.
 */
export class Timeline {
  private readonly listeners = new Set<TimelineListener>();

  constructor(private readonly clock: Clock) {}

  /** Whether anybody listens. */
  public get observed(): boolean {
    return this.listeners.size > 0;
  }

  public record(kind: string, subject: string, detail: TimelineEvent['detail'] = {}): void {
    if (this.listeners.size === 0) return;
    const event: TimelineEvent = { at: this.clock.now(), kind, subject, detail };
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
