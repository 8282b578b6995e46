/**
 * Whether a parsed JSON value nests lists and maps more than `levels` deep. Recursive code, such as comparing and
 * serializing, overflows the stack at a few thousand levels.
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
