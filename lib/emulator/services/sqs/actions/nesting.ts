/**
 * Whether a parsed JSON value has lists and maps inside each other more than `levels` deep. What works through a value
 * by recursion, as comparing and writing do, overflows the stack at a few thousand.
 */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; depth < levels && level.length > 0; depth++) {
    level = level.flatMap((container) => Object.values(container) as unknown[]).filter(isContainer);
  }
  return level.length > 0;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
