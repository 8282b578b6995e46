import { DAY } from '../../../clock';

/** A date and a time of day, as clocks on the wall show them. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** A time zone of the IANA database, by the data that the JavaScript engine has of it. */
export class TimeZone {
  private readonly format: Intl.DateTimeFormat;

  /** @throws RangeError where there is no such time zone */
  constructor(name: string) {
    // An engine may take offsets such as +01:00, which are no names.
    if (!/^[A-Za-z]/.test(name)) throw new RangeError(`no time zone ${name}`);
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    });
  }

  public toLocal(instant: number): LocalTime {
    const parts = new Map(this.format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) as number;
    return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') };
  }

  /** The first instant at which clocks show `local`; undefined where a clock change leaves that time out. */
  public toInstant(local: LocalTime): number | undefined {
    const shown = asUtc(local);
    // No zone changes its clocks twice in two days: one of the offsets a day before and a day after holds.
    const offsets = [shown - DAY, shown + DAY].map((instant) => asUtc(this.toLocal(instant)) - instant);
    const instants = offsets
      .map((offset) => shown - offset)
      .filter((instant) => asUtc(this.toLocal(instant)) === shown);
    return instants.length === 0 ? undefined : Math.min(...instants);
  }
}

function asUtc({ year, month, day, hour, minute }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}
