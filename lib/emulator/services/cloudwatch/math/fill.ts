import type { MathScope } from './evaluate';
import { MathError } from './expression';
import { nameOf } from './operands';
import { finite, type Points, type Series, type Value } from './value';

/**
 * Returns `points` with a point in every period: a number, another series' points, the point before (REPEAT) or an
 * interpolation (LINEAR). REPEAT does not fill before the first point, and LINEAR does not extrapolate.
 */
export function fill(points: Points, filler: Value, scope: MathScope): Series {
  const at = fillerOf(points, filler, scope);
  return finite(scope.grid.map((instant, index) => [instant, points.get(instant) ?? at(instant, index)]));
}

function fillerOf(points: Points, filler: Value, scope: MathScope): (instant: number, index: number) => number {
  if (filler.kind === 'scalar') return () => filler.value;
  if (filler.kind === 'series') return (instant) => filler.points.get(instant) ?? NaN;
  if (filler.kind === 'text' && filler.value === 'REPEAT') return repeated(points, scope.grid);
  if (filler.kind === 'text' && filler.value === 'LINEAR') return interpolated(points, scope.grid);
  const got = filler.kind === 'text' ? `'${filler.value}'` : nameOf(filler);
  throw new MathError(`FILL takes a number, a time series, REPEAT or LINEAR, got ${got}`);
}

function repeated(points: Points, grid: readonly number[]): (instant: number, index: number) => number {
  return (_, index) => {
    for (let before = index - 1; before >= 0; before--) {
      const value = points.get(grid[before]);
      if (value !== undefined) return value;
    }
    return NaN;
  };
}

function interpolated(points: Points, grid: readonly number[]): (instant: number, index: number) => number {
  return (_, index) => {
    let before = index - 1;
    let after = index + 1;
    while (before >= 0 && !points.has(grid[before])) before--;
    while (after < grid.length && !points.has(grid[after])) after++;
    const from = points.get(grid[before]);
    const to = points.get(grid[after]);
    if (from === undefined || to === undefined) return NaN;
    return from + ((to - from) * (index - before)) / (after - before);
  };
}
