import { type CronField, cronValue, MONTHS, readCronField, WEEKDAYS } from './cron-field';
import type { LocalTime, TimeZone } from './time-zone';

/** A time zone, as cron expressions use one. */
export type Zone = Pick<TimeZone, 'toLocal' | 'toInstant'>;

/** A day of the calendar. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 1 is Sunday, 7 is Saturday. */
  readonly weekday: number;
  /** How many days the month has. */
  readonly length: number;
}

type DayTest = (day: Day) => boolean;

const MINUTES: CronField = { least: 0, most: 59, wraps: true };
const HOURS: CronField = { least: 0, most: 23, wraps: true };
const DAY_OF_MONTH: CronField = { least: 1, most: 31, wraps: true };
const MONTH: CronField = { least: 1, most: 12, names: MONTHS, wraps: true };
const DAY_OF_WEEK: CronField = { least: 1, most: 7, names: WEEKDAYS, steps: false, wraps: true };
const YEAR: CronField = { least: 1970, most: 2199 };

/**
 * A cron expression of EventBridge: minutes, hours, day of the month, month, day of the week (1 is Sunday) and year.
 * One of the two days is `?`. `L` is the last day, `3W` the weekday closest to the third, `6L` the last Friday and
 * `6#3` the third one.
 */
export class CronExpression {
  private constructor(
    /** Minutes of the day, ascending. */
    private readonly times: readonly number[],
    private readonly months: ReadonlySet<number>,
    private readonly years: ReadonlySet<number>,
    private readonly runsOn: DayTest,
  ) {}

  /** Parses the six fields, without `cron()` around them. Returns undefined if they are invalid. */
  public static parse(text: string): CronExpression | undefined {
    const fields = text.split(' ').filter((field) => field !== '');
    if (fields.length !== 6) return undefined;
    const [minutes, hours, months, years] = [
      readCronField(fields[0], MINUTES),
      readCronField(fields[1], HOURS),
      readCronField(fields[3], MONTH),
      readCronField(fields[5], YEAR),
    ];
    const runsOn = readDays(fields[2].toUpperCase(), fields[4].toUpperCase());
    if (!minutes || !hours || !months || !years || !runsOn) return undefined;
    const inOrder = [...minutes].sort(ascending);
    const times = [...hours].sort(ascending).flatMap((hour) => inOrder.map((minute) => hour * 60 + minute));
    return new CronExpression(times, months, years, runsOn);
  }

  /**
   * The first occurrence after an instant; undefined if there is none. A local time that a clock change skips does not
   * occur, and one that it repeats occurs once, the first time.
   */
  public next(after: number, zone: Zone): number | undefined {
    const now = zone.toLocal(after);
    let from = now.hour * 60 + now.minute;
    for (let { year, month, day } = now; year <= YEAR.most; month++, day = 1, from = 0) {
      if (month > 12) [year, month] = [year + 1, 1];
      if (!this.years.has(year)) month = 12;
      else if (this.months.has(month)) {
        const found = this.nextInMonth({ year, month, day }, from, after, zone);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  private nextInMonth(
    { year, month, day: first }: Pick<LocalTime, 'year' | 'month' | 'day'>,
    from: number,
    after: number,
    zone: Zone,
  ): number | undefined {
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
    for (let day = first; day <= length; day++) {
      const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
      if (!this.runsOn({ year, month, day, weekday, length })) continue;
      for (const time of this.times) {
        if (day === first && time < from) continue;
        const instant = zone.toInstant({ year, month, day, hour: Math.floor(time / 60), minute: time % 60 });
        if (instant !== undefined && instant > after) return instant;
      }
    }
    return undefined;
  }
}

/** Exactly one of the two is `?`: the other decides. */
function readDays(ofMonth: string, ofWeek: string): DayTest | undefined {
  if ((ofMonth === '?') === (ofWeek === '?')) return undefined;
  return ofWeek === '?' ? readDayOfMonth(ofMonth) : readDayOfWeek(ofWeek);
}

function readDayOfMonth(text: string): DayTest | undefined {
  if (text === 'L') return ({ day, length }) => day === length;
  if (text === 'LW') return (day) => day.day === closestWeekday(day, day.length);
  const near = /^(\d{1,2})W$/.exec(text);
  if (near !== null) {
    const wanted = cronValue(near[1], DAY_OF_MONTH);
    if (wanted === undefined) return undefined;
    return (day) => wanted <= day.length && day.day === closestWeekday(day, wanted);
  }
  const days = readCronField(text, DAY_OF_MONTH);
  return days && (({ day }) => days.has(day));
}

function readDayOfWeek(text: string): DayTest | undefined {
  if (text === 'L') return ({ weekday }) => weekday === 7;
  const last = /^(\w+)L$/.exec(text);
  if (last !== null) {
    const wanted = cronValue(last[1], DAY_OF_WEEK);
    if (wanted !== undefined) return ({ weekday, day, length }) => weekday === wanted && day + 7 > length;
  }
  const nth = /^(\w+)#([1-5])$/.exec(text);
  if (nth !== null) {
    const wanted = cronValue(nth[1], DAY_OF_WEEK);
    return wanted === undefined
      ? undefined
      : ({ weekday, day }) => weekday === wanted && Math.ceil(day / 7) === Number(nth[2]);
  }
  const days = readCronField(text, DAY_OF_WEEK);
  return days && (({ weekday }) => days.has(weekday));
}

/** The weekday closest to a day, in the same month. */
function closestWeekday({ day, weekday, length }: Day, wanted: number): number {
  const ofWanted = ((((weekday - 1 + wanted - day) % 7) + 7) % 7) + 1;
  if (ofWanted === 7) return wanted === 1 ? 3 : wanted - 1;
  if (ofWanted === 1) return wanted === length ? wanted - 2 : wanted + 1;
  return wanted;
}

function ascending(a: number, b: number): number {
  return a - b;
}
