import type { TimeZone } from '../../../clock';

/** The schedule of a recurring scheduled action: five crontab fields. */
export interface CronSchedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Whether it runs on a day of the month that is this day of the week (0 is Sunday). */
  readonly runsOn: (dayOfMonth: number, dayOfWeek: number) => boolean;
}

interface Field {
  readonly least: number;
  readonly most: number;
  /** Names for numbers; the first stands for `least`. */
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const MINUTE: Field = { least: 0, most: 59 };
const HOUR: Field = { least: 0, most: 23 };
const DAY_OF_MONTH: Field = { least: 1, most: 31 };
const MONTH: Field = { least: 1, most: 12, names: MONTHS };
/** Both 0 and 7 are Sunday. */
const DAY_OF_WEEK: Field = { least: 0, most: 7, names: DAYS };

/**
 * Parses minute, hour, day of the month, month and day of the week: numbers, names, `*`, lists, ranges and steps.
 * Undefined if the text is invalid; `?`, `L` and `cron(...)` are EventBridge's syntax.
 */
export function parseCron(text: string): CronSchedule | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const minutes = read(fields[0], MINUTE);
  const hours = read(fields[1], HOUR);
  const daysOfMonth = read(fields[2], DAY_OF_MONTH);
  const months = read(fields[3], MONTH);
  const daysOfWeek = read(fields[4], DAY_OF_WEEK);
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

/** The values of a field; undefined if it is invalid. */
function read(text: string, field: Field): Set<number> | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, from, to, by] = match;
    const isOpen = from === '*';
    if (isOpen && to !== undefined) return undefined;
    const first = isOpen ? field.least : valueOf(from, field);
    const closed = to === undefined ? (by === undefined ? first : field.most) : valueOf(to, field);
    const last = isOpen ? field.most : closed;
    const step = by === undefined ? 1 : Number(by);
    if (first === undefined || last === undefined || first > last || step < 1) return undefined;
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

function valueOf(text: string, { least, most, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return least + named;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

function ascending(a: number, b: number): number {
  return a - b;
}
