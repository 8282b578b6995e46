import { type CronField, MONTHS, readCronField, type TimeZone, WEEKDAYS } from '../../../clock';

/** The schedule of a recurring scheduled action: five crontab fields. */
export interface CronSchedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Whether it runs on a day of the month that is this day of the week (0 is Sunday). */
  readonly runsOn: (dayOfMonth: number, dayOfWeek: number) => boolean;
}

const MINUTE: CronField = { least: 0, most: 59 };
const HOUR: CronField = { least: 0, most: 23 };
const DAY_OF_MONTH: CronField = { least: 1, most: 31 };
const MONTH: CronField = { least: 1, most: 12, names: MONTHS };
/** Both 0 and 7 are Sunday. */
const DAY_OF_WEEK: CronField = { least: 0, most: 7, names: WEEKDAYS };

/**
 * Parses minute, hour, day of the month, month and day of the week: numbers, names, `*`, lists, ranges and steps.
 * Undefined if the text is invalid; `?`, `L` and `cron(...)` are EventBridge's syntax.
 */
export function parseCron(text: string): CronSchedule | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const minutes = readCronField(fields[0], MINUTE);
  const hours = readCronField(fields[1], HOUR);
  const daysOfMonth = readCronField(fields[2], DAY_OF_MONTH);
  const months = readCronField(fields[3], MONTH);
  const daysOfWeek = readCronField(fields[4], DAY_OF_WEEK);
  if (!minutes || !hours || !daysOfMonth || !months || !daysOfWeek) return undefined;
  if (daysOfWeek.has(7)) daysOfWeek.add(0);
  // As in crontab: if both days are restricted, either may match.
  const either = !fields[2].startsWith('*') && !fields[4].startsWith('*');
  return {
    minutes,
    hours,
    months,
    runsOn: (dayOfMonth, dayOfWeek) => {
      const inMonth = daysOfMonth.has(dayOfMonth);
      const inWeek = daysOfWeek.has(dayOfWeek);
      return either ? inMonth || inWeek : inMonth && inWeek;
    },
  };
}

/** The number of days after which a schedule that has not occurred, such as 30 February, never will. */
const DAYS_TO_LOOK = 366 * 8;

/**
 * The first occurrence of a schedule after `after`, in a time zone; undefined if there is none. A time that a clock
 * change skips does not occur that day, and one that it repeats occurs once.
 */
export function nextOccurrence(
  schedule: CronSchedule,
  after: number,
  zone: Pick<TimeZone, 'toLocal' | 'toInstant'>,
): number | undefined {
  const { year, month, day } = zone.toLocal(after);
  const times = [...schedule.hours]
    .sort(ascending)
    .flatMap((hour) => [...schedule.minutes].sort(ascending).map((minute) => ({ hour, minute })));
  for (let offset = 0; offset < DAYS_TO_LOOK; offset++) {
    const date = new Date(Date.UTC(year, month - 1, day + offset));
    const local = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    if (!schedule.months.has(local.month) || !schedule.runsOn(local.day, date.getUTCDay())) continue;
    for (const time of times) {
      const instant = zone.toInstant({ ...local, ...time });
      if (instant !== undefined && instant > after) return instant;
    }
  }
  return undefined;
}

function ascending(a: number, b: number): number {
  return a - b;
}
