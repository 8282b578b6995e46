/** An event worth a line in a report. */
export interface NotableSubject {
  /** Where it happened. */
  readonly place: string;
  /** The queue, alarm, group or function that it happened to; empty if there is none in particular. */
  readonly subject: string;
  readonly what: string;
  /** The other resource that was involved, which ends the line. */
  readonly other?: string;
}

/** A notable event, merged with similar ones that happened soon after one another. */
export interface Notable extends NotableSubject {
  readonly at: number;
  /** How often it happened. */
  times: number;
  /** When it last happened. */
  until: number;
}

const MOST = 1_000;
/** Similar events within this time are merged. */
const TOGETHER = 5 * 60_000;

/** A bounded list of notable events. */
export class Notables {
  /** In the order in which they began. */
  public readonly all: Notable[] = [];
  /** How many did not fit. */
  public dropped = 0;
  private readonly latest = new Map<string, Notable>();

  public add(at: number, notable: NotableSubject): void {
    const { place, subject, what, other = '' } = notable;
    const key = [place, subject, what, other].join('\n');
    const before = this.latest.get(key);
    if (before !== undefined && at - before.until <= TOGETHER) {
      before.times++;
      before.until = at;
    } else if (this.all.length < MOST) {
      const added = { ...notable, at, times: 1, until: at };
      this.all.push(added);
      this.latest.set(key, added);
    } else {
      this.dropped++;
    }
  }
}
