/** Something worth a line in a report. */
export interface NotableSubject {
  /** Where it happened. */
  readonly place: string;
  /** To whom: the name of a queue, alarm, group or function; empty where it is to nobody in particular. */
  readonly subject: string;
  readonly what: string;
  /** The name of another that was part of it: what the line ends with. */
  readonly other?: string;
}

/** The same, once for all the like of it that happened soon after one another. */
export interface Notable extends NotableSubject {
  readonly at: number;
  /** How often. */
  times: number;
  /** When the last of them was. */
  until: number;
}

const MOST = 1_000;
/** The like of it within this time is one with it. */
const TOGETHER = 5 * 60_000;

/** What is worth a line in a report, in bounded number. */
export class Notables {
  /** In the order in which they began. */
  public readonly all: Notable[] = [];
  /** How many there was no room for. */
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
