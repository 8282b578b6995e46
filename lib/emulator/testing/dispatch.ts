import type { Matchable } from './message-pattern';
import { parseBody } from './message-body';

/**
 * What has become of a message or event on its way to one target: `delivered`; `filtered`, a filter policy kept it
 * back; `retrying`, an attempt failed and another follows; `deadLettered`, it is in the target's dead-letter queue;
 * `failed`, it is lost.
 */
export type DispatchOutcome = 'delivered' | 'filtered' | 'retrying' | 'deadLettered' | 'failed';

/** One target of a message or event. */
export interface DispatchTarget {
  /** The ARN of a queue, a function or another resource; the URL of an HTTP endpoint. */
  readonly target: string;
  readonly outcome: DispatchOutcome;
  /** When it came to that, in emulated milliseconds since the epoch. */
  readonly at: number;
  /** Why it was not delivered. */
  readonly error?: string;
}

/** A message that a topic sends to its subscriptions, or an event that a rule sends to its targets. */
export class Dispatch implements Matchable {
  private readonly byTarget = new Map<string, DispatchTarget>();

  constructor(
    /** The message's id, or the event's. */
    public readonly id: string,
    /** The message's body, or the event as JSON. */
    public readonly text: string,
    /** When it was published or matched, in emulated milliseconds since the epoch. */
    public readonly at: number,
  ) {}

  /** The JSON of {@link text}; the text itself if it is not JSON. */
  public get body(): unknown {
    return parseBody(this.text);
  }

  /** Where it went, and how that ended, in the order of the first attempts. */
  public get targets(): readonly DispatchTarget[] {
    return [...this.byTarget.values()];
  }

  /** Whether it was delivered to every target that wanted it, and to at least one. */
  public get isDelivered(): boolean {
    const wanted = this.targets.filter(({ outcome }) => outcome !== 'filtered');
    return wanted.length > 0 && wanted.every(({ outcome }) => outcome === 'delivered');
  }

  /** @internal */
  public came(target: DispatchTarget): void {
    this.byTarget.set(target.target, target);
  }
}
