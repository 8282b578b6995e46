/*
 * What AWS's documentation says of event patterns, in the plainest form: every field of an event is listed, and a pattern
 * matches if a choice of one value for each of its fields satisfies it. Written from these pages, and from nothing else:
 *
 *   https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 *   https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
 *   https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 *   https://github.com/aws/event-ruler#readme (arrays of objects)
 */

export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

/** A value of an event, the path to it, and the element of each array on the way. */
interface Leaf {
  readonly path: string;
  readonly value: string | number | boolean | null;
  readonly elements: { readonly [arrayPath: string]: number };
}

/** A field of a pattern and the conditions of which one must hold. */
interface Field {
  readonly path: string;
  readonly conditions: readonly Json[];
}

/** Whether a pattern matches an event. */
export function patternMatches(pattern: JsonObject, event: JsonObject): boolean {
  const leaves = leavesOf(event, '', {});
  return alternatives(pattern, '').some((fields) => choose(fields, leaves, {}));
}

function leavesOf(value: Json, path: string, elements: Leaf['elements']): Leaf[] {
  if (Array.isArray(value)) {
    // An array in an array is another array of the same path.
    let arrayPath = `${path}[]`;
    while (arrayPath in elements) arrayPath += '[]';
    return value.flatMap((each, index) => leavesOf(each, path, { ...elements, [arrayPath]: index }));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, each]) => leavesOf(each, `${path}/${name}`, elements));
  }
  return [{ path, value, elements }];
}

/** The ways to satisfy a pattern: each is a list of fields that must all match. `$or` adds ways. */
function alternatives(pattern: JsonObject, path: string): Field[][] {
  let ways: Field[][] = [[]];
  for (const [name, part] of Object.entries(pattern)) {
    let more: Field[][];
    if (name === '$or') more = (part as JsonObject[]).flatMap((each) => alternatives(each, path));
    else if (Array.isArray(part)) more = [[{ path: `${path}/${name}`, conditions: part }]];
    else more = alternatives(part as JsonObject, `${path}/${name}`);
    ways = ways.flatMap((way) => more.map((fields) => [...way, ...fields]));
  }
  return ways;
}

/** Whether there is a value for each field, such that all are of the same elements of the arrays that they share. */
function choose([field, ...rest]: readonly Field[], leaves: readonly Leaf[], elements: Leaf['elements']): boolean {
  if (field === undefined) return true;
  const present = leaves.filter(({ path }) => path === field.path);
  for (const condition of field.conditions) {
    if (isObject(condition) && condition.exists === false) {
      if (present.length === 0 && choose(rest, leaves, elements)) return true;
      continue;
    }
    for (const leaf of present) {
      if (!holds(condition, leaf.value)) continue;
      if (
        Object.keys(leaf.elements).some((array) => (elements[array] ?? leaf.elements[array]) !== leaf.elements[array])
      )
        continue;
      if (choose(rest, leaves, { ...elements, ...leaf.elements })) return true;
    }
  }
  return false;
}

function holds(condition: Json, value: Leaf['value']): boolean {
  if (!isObject(condition)) return condition === value;
  const [operator] = Object.keys(condition);
  const operand = condition[operator];
  switch (operator) {
    case 'exists':
      return true;
    case 'anything-but': {
      const excluded = Array.isArray(operand) ? operand : [operand];
      return !excluded.some((each) => (isObject(each) ? anyHolds(each, value) : each === value));
    }
    case 'numeric':
      return typeof value === 'number' && inRange(operand as Json[], value);
    case 'cidr':
      return typeof value === 'string' && inNetwork(operand as string, value);
    default:
      return typeof value === 'string' && textHolds(operator, operand, value);
  }
}

/** Under `anything-but`, an operator may have a list of texts. */
function anyHolds(condition: JsonObject, value: Leaf['value']): boolean {
  const [[operator, operand]] = Object.entries(condition);
  return (Array.isArray(operand) ? operand : [operand]).some((each) => holds({ [operator]: each }, value));
}

function textHolds(operator: string, operand: Json, value: string): boolean {
  if (isObject(operand)) {
    const other = operand['equals-ignore-case'] as string;
    return textHolds(operator, other.toLowerCase(), value.toLowerCase());
  }
  const other = operand as string;
  switch (operator) {
    case 'prefix':
      return value.slice(0, other.length) === other;
    case 'suffix':
      return other.length <= value.length && value.slice(value.length - other.length) === other;
    case 'equals-ignore-case':
      return value.toLowerCase() === other.toLowerCase();
    case 'wildcard':
      return isLike([...other], [...value]);
    default:
      throw new Error(`there is no operator ${operator}`);
  }
}

/** `*` is any sequence of characters; a backslash makes the next character literal. */
function isLike([first, ...rest]: string[], value: string[]): boolean {
  if (first === undefined) return value.length === 0;
  if (first === '*') return value.some((_, skipped) => isLike(rest, value.slice(skipped))) || isLike(rest, []);
  if (first === '\\') return value[0] === rest[0] && isLike(rest.slice(1), value.slice(1));
  return value[0] === first && isLike(rest, value.slice(1));
}

function inRange([operator, limit, ...rest]: Json[], value: number): boolean {
  if (operator === undefined) return true;
  const bound = limit as number;
  const holdsHere =
    (operator === '=' && value === bound) ||
    (operator === '<' && value < bound) ||
    (operator === '<=' && value <= bound) ||
    (operator === '>' && value > bound) ||
    (operator === '>=' && value >= bound);
  return holdsHere && inRange(rest, value);
}

/** An address is in a network if their first bits are the same. */
function inNetwork(cidr: string, address: string): boolean {
  const [base, length] = cidr.split('/');
  const [one, other] = [bitsOf(base), bitsOf(address)];
  if (one === undefined || other === undefined || one.length !== other.length) return false;
  return one.slice(0, Number(length)) === other.slice(0, Number(length));
}

function bitsOf(address: string): string | undefined {
  if (address.includes(':')) {
    const [head, tail = ''] = address.split('::');
    const [before, after] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
    const missing = address.includes('::') ? 8 - before.length - after.length : 0;
    const groups = [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after];
    if (groups.length !== 8 || groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
    return groups.map((group) => parseInt(group, 16).toString(2).padStart(16, '0')).join('');
  }
  const bytes = address.split('.');
  if (bytes.length !== 4 || bytes.some((byte) => !/^(0|[1-9]\d{0,2})$/.test(byte) || Number(byte) > 255))
    return undefined;
  return bytes.map((byte) => Number(byte).toString(2).padStart(8, '0')).join('');
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
