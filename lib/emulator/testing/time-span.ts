/** A length of emulated time: a CDK `Duration` (or anything else that knows its milliseconds), or plain milliseconds. */
export type TimeSpan = number | { toMilliseconds(): number };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The milliseconds of a span.
 * @param name what it is called where it was given, for the error
 * @throws RangeError where it is not a finite number of 0 or more
 */
export function milliseconds(span: TimeSpan, name: string): number {
  const value = typeof span === 'number' ? span : span?.toMilliseconds?.();
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
  throw new RangeError(
    `${name} must be a Duration or a number of milliseconds, 0 or more and not infinite, but was ${String(value ?? span)}`,
  );
}

/** A span in words: `30 s`, `1 min 30 s`, `2 h 5 min`, `3 d`. */
export function inWords(span: number): string {
  if (span < SECOND) return `${Math.round(span)} ms`;
  const parts: string[] = [];
  let rest = span;
  for (const [unit, length] of [
    ['d', DAY],
    ['h', HOUR],
    ['min', MINUTE],
    ['s', SECOND],
  ] as const) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${unit}`);
    // Two units say enough: nobody needs the seconds of a day.
    if (parts.length === 2 || (parts.length === 1 && rest < length / 100)) break;
  }
  return parts.join(' ');
}

/** A time since the cloud began: `m:ss`, `h:mm:ss`, and with days `2d 03:04:05`. */
export function stopwatch(elapsed: number): string {
  const seconds = Math.floor(elapsed / SECOND);
  const two = (value: number) => String(value).padStart(2, '0');
  const [d, h, m, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  if (d > 0) return `${d}d ${two(h)}:${two(m)}:${two(s)}`;
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
