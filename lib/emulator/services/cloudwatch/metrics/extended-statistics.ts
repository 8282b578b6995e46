/** A value and its count. */
type Weighed = readonly [value: number, count: number];

/** The values on which a statistic is based. */
interface Range {
  /** The values within the boundaries, in ascending order. */
  readonly inside: readonly Weighed[];
  /** The count of values below the lower boundary, and the value that winsorizing replaces them with. */
  readonly below: Weighed;
  /** The same for the values above the upper boundary. */
  readonly above: Weighed;
  readonly total: number;
}

type Kind = 'PR' | 'TC' | 'TM' | 'TS' | 'WM';

const KINDS: Readonly<Record<Kind, (range: Range) => number | undefined>> = {
  PR: ({ inside, total }) => (countOf(inside) / total) * 100,
  TC: ({ inside }) => countOf(inside),
  TM: ({ inside }) => meanOf(inside),
  TS: ({ inside }) => sumOf(inside),
  WM: ({ inside, below, above }) => meanOf([below, ...inside, above]),
};

const PERCENT = String.raw`(?:\d{1,2}(?:\.\d{0,10})?|100(?:\.0{0,10})?)`;
const VALUE = String.raw`\d+(?:\.\d{0,10})?(?:[Ee][+-]?\d+)?`;
const PERCENTILE = new RegExp(`^p(${PERCENT})$`);
/** A single percentage is the upper boundary. */
const SHORT = new RegExp(`^(tc|tm|ts|wm)(${PERCENT})$`);
const PERCENTAGES = new RegExp(`^(TC|TM|TS|WM)\\((?:(${PERCENT})%)?:(?:(${PERCENT})%)?\\)$`);
const VALUES = new RegExp(`^(PR|TC|TM|TS|WM)\\((${VALUE})?:(${VALUE})?\\)$`);
const INTERQUARTILE_MEAN = 'IQM';

/** Whether `name` is a percentile such as `p99.9`, or one of IQM, PR, TC, TM, TS and WM with its boundaries. */
export function isExtendedStatistic(name: string): boolean {
  return name === INTERQUARTILE_MEAN || PERCENTILE.test(name) || SHORT.test(name) || boundariesOf(name) !== undefined;
}

/** The percentile that `name` denotes, from 0 to 1; undefined if it is another statistic. */
export function percentileOf(name: string): number | undefined {
  const percent = PERCENTILE.exec(name)?.[1];
  return percent === undefined ? undefined : Number(percent) / 100;
}

/** The value of an extended statistic; undefined if no values remain within its boundaries. */
export function extendedStatistic(name: string, values: Weighed[], total: number): number | undefined {
  const sorted = values.sort(([a], [b]) => a - b);
  const percentile = percentileOf(name);
  if (percentile !== undefined) return nearestRank(percentile, sorted, total);
  const boundaries = boundariesOf(name);
  if (boundaries === undefined) return undefined;
  const { kind, lower, upper, percent } = boundaries;
  const range = percent ? betweenRanks(sorted, total, lower, upper) : betweenValues(sorted, total, lower, upper);
  return KINDS[kind](range);
}

interface Boundaries {
  readonly kind: Kind;
  /** Percentages, as shares from 0 to 1. */
  readonly percent: boolean;
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

function boundariesOf(name: string): Boundaries | undefined {
  if (name === INTERQUARTILE_MEAN) return { kind: 'TM', percent: true, lower: 0.25, upper: 0.75 };
  const short = SHORT.exec(name);
  if (short !== null) {
    return { kind: short[1].toUpperCase() as Kind, percent: true, lower: undefined, upper: Number(short[2]) / 100 };
  }
  const percentages = PERCENTAGES.exec(name);
  const match = percentages ?? VALUES.exec(name);
  if (match === null) return undefined;
  const [, kind, lower, upper] = match as unknown as [string, Kind, string | undefined, string | undefined];
  if (lower === undefined && upper === undefined) return undefined;
  const percent = percentages !== null;
  const read = (text: string | undefined) => (text === undefined ? undefined : Number(text) / (percent ? 100 : 1));
  return { kind, percent, lower: read(lower), upper: read(upper) };
}

function nearestRank(percentile: number, sorted: readonly Weighed[], total: number): number | undefined {
  let remaining = Math.max(exactly(percentile * total), Number.MIN_VALUE);
  for (const [value, count] of sorted) {
    remaining -= count;
    if (remaining <= 0) return value;
  }
  return sorted.at(-1)?.[0];
}

/**
 * The values whose ranks lie between two shares. Only whole values are trimmed, since percentiles are actual values:
 * the lowest 10 % of 15 values are one value.
 */
function betweenRanks(sorted: readonly Weighed[], total: number, lower = 0, upper = 1): Range {
  const from = Math.floor(exactly(lower * total));
  const to = Math.ceil(exactly(upper * total));
  const inside: Weighed[] = [];
  let rank = 0;
  for (const [value, count] of sorted) {
    const kept = Math.min(rank + count, to) - Math.max(rank, from);
    if (kept > 0) inside.push([value, kept]);
    rank += count;
  }
  const edge = (weighed: Weighed | undefined) => weighed?.[0] ?? 0;
  return { inside, below: [edge(inside[0]), from], above: [edge(inside.at(-1)), Math.max(0, total - to)], total };
}

/** The values above `lower`, up to and including `upper`. */
function betweenValues(sorted: readonly Weighed[], total: number, lower = -Infinity, upper = Infinity): Range {
  const within = (from: number, to: number) => sorted.filter(([value]) => value > from && value <= to);
  return {
    inside: within(lower, upper),
    below: [lower, countOf(within(-Infinity, lower))],
    above: [upper, countOf(within(upper, Infinity))],
    total,
  };
}

/** Rounds away floating-point noise: 0.07 * 100 is more than 7. */
function exactly(rank: number): number {
  return Math.round(rank * 1e9) / 1e9;
}

function countOf(values: readonly Weighed[]): number {
  return values.reduce((total, [, count]) => total + count, 0);
}

function sumOf(values: readonly Weighed[]): number {
  return values.reduce((total, [value, count]) => (count === 0 ? total : total + value * count), 0);
}

function meanOf(values: readonly Weighed[]): number | undefined {
  const count = countOf(values);
  return count === 0 ? undefined : sumOf(values) / count;
}
