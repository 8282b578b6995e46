type Step = { readonly name: string } | { readonly index: number } | 'all';

/** A path to a value in an event, such as `$.detail.items[0].id`. */
export type JsonPath = readonly Step[];

const STEP = /\.([^.[\]]+)|\[(\d+)\]|\[(\*)\]|\[(?:'([^']*)'|"([^"]*)")\]/y;

/** Parses a path. Returns undefined if it is malformed: EventBridge accepts it nevertheless, and it finds nothing. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith('$')) return undefined;
  const steps: Step[] = [];
  for (STEP.lastIndex = 1; STEP.lastIndex < text.length;) {
    const match = STEP.exec(text);
    if (match === null) return undefined;
    const [, name, index, all, quoted = match[5]] = match;
    if (index !== undefined) steps.push({ index: Number(index) });
    else if (all !== undefined || name === '*') steps.push('all');
    else steps.push({ name: name ?? quoted });
  }
  return steps;
}

/** The value at a path; undefined if there is none. `*` gives a list. */
export function valueAt(path: JsonPath | undefined, value: unknown): unknown {
  if (path === undefined) return undefined;
  let found: unknown = value;
  for (const [position, step] of path.entries()) {
    if (step === 'all') return allAt(path.slice(position + 1), found);
    if (typeof found !== 'object' || found === null) return undefined;
    if ('index' in step) found = Array.isArray(found) ? (found as unknown[])[step.index] : undefined;
    else found = Object.hasOwn(found, step.name) ? (found as Record<string, unknown>)[step.name] : undefined;
  }
  return found;
}

function allAt(rest: JsonPath, value: unknown): unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.values(value)
    .map((element: unknown) => valueAt(rest, element))
    .filter((element) => element !== undefined);
}
