import { DAY, MINUTE } from './clock';

/** A calendar date and a time of day in a time zone. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** A time zone of the IANA database, as the JavaScript engine knows it. */
export class TimeZone {
  private readonly format: Intl.DateTimeFormat;

  /**
   * @param name a name of the IANA database such as `America/New_York`
   * @throws RangeError if there is no such time zone
   */
  constructor(name: string) {
    // Some engines also accept offsets such as +01:00, which are not names.
    if (!/^[A-Za-z]/.test(name)) throw new RangeError(`no time zone ${name}`);
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    });
  }

  /** How far local time is ahead of UTC, in milliseconds; negative west of it. */
  public offsetAt(instant: number): number {
    const minute = Math.floor(instant / MINUTE) * MINUTE;
    return asUtc(this.toLocal(minute)) - minute;
  }

  public toLocal(instant: number): LocalTime {
    const parts = new Map(this.format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) as number;
    return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') };
  }

  /** The first instant with that local time; undefined if a clock change skips it. */
  public toInstant(local: LocalTime): number | undefined {
    const shown = asUtc(local);
    // No zone changes its offset twice in two days: the offset of a day earlier or of a day later applies.
    const instants = [shown - DAY, shown + DAY]
      .map((instant) => shown - this.offsetAt(instant))
      .filter((instant) => asUtc(this.toLocal(instant)) === shown);
    return instants.length === 0 ? undefined : Math.min(...instants);
  }
}

/** Coordinated Universal Time: as a {@link TimeZone}, without the cost of one. */
export const UTC: Pick<TimeZone, 'toLocal' | 'toInstant'> = {
  toLocal(instant) {
    const date = new Date(instant);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
    };
  },
  toInstant: asUtc,
};

function asUtc({ year, month, day, hour, minute }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}
