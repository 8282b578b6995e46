/** A field of a cron expression. */
export interface CronField {
  readonly least: number;
  readonly most: number;
  /** Names for numbers; the first stands for `least`. */
  readonly names?: readonly string[];
  /**
   * Whether the field may have a step, such as `0/15`.
   * @default true
   */
  readonly steps?: boolean;
  /**
   * Whether a range may go over the end, such as `FRI-MON`.
   * @default false
   */
  readonly wraps?: boolean;
}

export const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
export const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** The values of a field: numbers, names, `*`, lists, ranges and steps. Undefined if it is invalid. */
export function readCronField(text: string, field: CronField): Set<number> | undefined {
  const { least, most, steps = true, wraps = false } = field;
  const values = new Set<number>();
  for (const part of text.toUpperCase().split(',')) {
    const match = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, from, to, by] = match;
    const isOpen = from === '*';
    if ((isOpen && to !== undefined) || (by !== undefined && !steps)) return undefined;
    const first = isOpen ? least : cronValue(from, field);
    const only = by === undefined && !isOpen ? first : most;
    const last = to === undefined ? only : cronValue(to, field);
    const step = by === undefined ? 1 : Number(by);
    if (first === undefined || last === undefined || step < 1) return undefined;
    if (first > last && !wraps) return undefined;
    const size = most - least + 1;
    const end = first > last ? last + size : last;
    for (let value = first; value <= end; value += step) values.add(value > most ? value - size : value);
  }
  return values;
}

/** The value that a number or name stands for; undefined if the field has no such value. */
export function cronValue(text: string, { least, most, names }: CronField): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  if (named >= 0) return least + named;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}
