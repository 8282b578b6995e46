import { type Clock, type IdleObserver, MINUTE } from '../clock';
import type { Timeline, TimelineEvent } from './timeline';

/** Repeats a minute's events to a timeline's listeners for every idle minute that is skipped. */
export class TimelineReplay implements IdleObserver {
  private events: TimelineEvent[] = [];
  private unsubscribe?: () => void;

  constructor(
    private readonly clock: Clock,
    private readonly timeline: Timeline,
  ) {}

  public probe(): void {
    this.end();
    if (!this.timeline.observed) return;
    const until = this.clock.now() + 2 * MINUTE;
    const events: TimelineEvent[] = (this.events = []);
    this.unsubscribe = this.timeline.observe((event) => {
      // The minute was not repeated.
      if (event.at > until) this.end();
      else events.push(event);
    });
  }

  public steadyUntil(): number {
    return Infinity;
  }

  public repeat(minutes: number): void {
    const { events } = this;
    this.end();
    for (let minute = 1; minute <= minutes && events.length > 0; minute++) {
      for (const event of events) this.timeline.tell({ ...event, at: event.at + minute * MINUTE });
    }
  }

  /** Stops listening. */
  public end(): void {
    this.unsubscribe?.();
    this.unsubscribe = undefined;
    this.events = [];
  }
}
