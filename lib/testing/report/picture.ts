import type { AlarmTransition } from '../../emulator/services/cloudwatch/testing/alarm-record';
import { inWords, type Series, stopwatch } from '../../emulator/testing';
import type { Notable } from '../recording/notables';
import type { Recorder } from '../recording/recorder';

const MOST_COLUMNS = 60;
const COLUMNS_A_TICK = 10;
const MOST_NOTABLES = 24;
const SECOND = 1_000;
/** How long a column may be, in seconds: what people count in. */
const COLUMN_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200];
const DAY_SECONDS = 86_400;
const BARS = '▁▂▃▄▅▆▇█';
const NOTHING = '·';

/** A line of the picture: what it is about, the greatest value where there are values, and a character a column. */
interface Row {
  readonly label: string;
  readonly peak: string;
  readonly columns: string;
}

/** The columns of time. */
interface Axis {
  readonly from: number;
  readonly width: number;
  readonly count: number;
}

type LabelOf = (place: string, name: string) => string;

/** A picture of all that was recorded, in text. It depends on nothing but that. */
export function drawPicture(
  recorder: Recorder,
  labelOf: LabelOf,
  { now, seed }: { readonly now: number; readonly seed: number },
): string {
  const { startedAt } = recorder;
  const axis = axisOf(startedAt, now);
  const rows = [...queueRows(recorder, labelOf, axis), ...groupRows(recorder, labelOf, axis)];
  rows.push(...functionRows(recorder, labelOf, axis), ...alarmRows(recorder, labelOf, axis, now));
  const label = Math.max(4, ...rows.map((row) => row.label.length));
  const peak = Math.max(4, ...rows.map((row) => row.peak.length));
  const line = (row: Row) => `${row.label.padEnd(label)}  ${row.peak.padStart(peak)}  ${row.columns}`.trimEnd();
  const lines = [
    `${inWords(now - startedAt)} from ${new Date(startedAt).toISOString()}, seed ${seed}; a column is ${inWords(axis.width)}`,
    '',
    line({ label: '', peak: 'peak', columns: ticks(axis) }),
    ...rows.map(line),
  ];
  const { all, dropped } = recorder.notables;
  if (all.length > 0) lines.push('', ...notableLines(all, dropped, labelOf, startedAt));
  return `${lines.join('\n')}\n`;
}

function axisOf(from: number, to: number): Axis {
  const span = Math.max(to - from, SECOND);
  const fits = (seconds: number) => span / (seconds * SECOND) <= MOST_COLUMNS;
  let seconds = COLUMN_SECONDS.find(fits);
  if (seconds === undefined) {
    const days = Math.ceil(span / (DAY_SECONDS * SECOND * MOST_COLUMNS));
    seconds = days * DAY_SECONDS;
  }
  const width = seconds * SECOND;
  return { from, width, count: Math.ceil(span / width) };
}

function ticks({ width, count }: Axis): string {
  let text = '';
  for (let column = 0; column < count; column += COLUMNS_A_TICK) {
    text += tick(column * width).padEnd(COLUMNS_A_TICK);
  }
  return text;
}

/** Shorter than its columns, so that it does not run into the next: with days, no seconds, and no time at midnight. */
function tick(elapsed: number): string {
  const text = stopwatch(elapsed);
  return text.includes('d') ? text.replace(/ 00:00:00$|:00$/, '') : text;
}

function queueRows(recorder: Recorder, labelOf: LabelOf, axis: Axis): Row[] {
  return recorder
    .all('queue')
    .filter(({ depth }) => depth.peak > 0)
    .map(({ place, name, depth }) => ({
      label: labelOf(place, name),
      peak: String(depth.peak),
      columns: bars(depth, axis),
    }));
}

function groupRows(recorder: Recorder, labelOf: LabelOf, axis: Axis): Row[] {
  return recorder.all('group').map(({ place, name, inService }) => ({
    label: `${labelOf(place, name)}, in service`,
    peak: String(inService.peak),
    columns: inService.peak < 10 ? digits(inService, axis) : bars(inService, axis),
  }));
}

function functionRows(recorder: Recorder, labelOf: LabelOf, axis: Axis): Row[] {
  return recorder
    .all('function')
    .filter(({ running }) => running.peak > 0)
    .map(({ place, name, running }) => ({
      label: `${labelOf(place, name)}, running`,
      peak: String(running.peak),
      columns: running.peak < 10 ? digits(running, axis) : bars(running, axis),
    }));
}

function alarmRows(recorder: Recorder, labelOf: LabelOf, axis: Axis, now: number): Row[] {
  return recorder.all('alarm').map(({ place, name, history }) => ({
    label: labelOf(place, name),
    peak: '',
    columns: band(history, axis, now),
  }));
}

function bars(series: Series, axis: Axis): string {
  return columnsOf(axis, (from, to) => {
    const value = series.greatestBetween(from, to);
    return value === 0 ? NOTHING : BARS[Math.ceil((value / series.peak) * BARS.length) - 1];
  });
}

function digits(series: Series, axis: Axis): string {
  return columnsOf(axis, (from, to) => {
    const value = series.greatestBetween(from, to);
    return value === 0 ? NOTHING : String(value);
  });
}

/** A block where it was in ALARM at any time in the column. */
function band(history: readonly AlarmTransition[], axis: Axis, now: number): string {
  return columnsOf(axis, (from, to) => {
    const states = new Set<string>();
    let since = -Infinity;
    let state = history[0]?.from ?? 'INSUFFICIENT_DATA';
    for (const transition of history) {
      if (since < to && transition.at > from) states.add(state);
      [since, state] = [transition.at, transition.to];
    }
    if (since < to && now >= from) states.add(state);
    if (states.has('ALARM')) return '█';
    return states.has('OK') ? NOTHING : '?';
  });
}

function columnsOf({ from, width, count }: Axis, draw: (from: number, to: number) => string): string {
  let text = '';
  for (let column = 0; column < count; column++) text += draw(from + column * width, from + (column + 1) * width);
  return text;
}

/** The first and the last of what was worth a line, where all would be too many. */
function notableLines(all: readonly Notable[], dropped: number, labelOf: LabelOf, startedAt: number): string[] {
  const half = MOST_NOTABLES / 2;
  const shown = all.length <= MOST_NOTABLES ? all : [...all.slice(0, half), ...all.slice(-half)];
  const left = all.length - shown.length + dropped;
  const width = Math.max(...shown.map(({ at }) => stopwatch(at - startedAt).length));
  const lines = shown.map(({ at, place, subject, what, other, times, until }) => {
    const who = subject === '' ? '' : `${labelOf(place, subject)}: `;
    const whom = other === undefined ? '' : ` ${labelOf(place, other)}`;
    const more = times > 1 ? `, ${times} times until ${stopwatch(until - startedAt)}` : '';
    return `${stopwatch(at - startedAt).padStart(width)}  ${who}${what}${whom}${more}`;
  });
  if (left > 0) lines.splice(half, 0, `${' '.repeat(width)}  … ${left} more …`);
  return lines;
}
