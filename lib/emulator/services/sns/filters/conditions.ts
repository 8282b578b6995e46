import { BlockList, isIP } from 'node:net';

/** A value of a message that a filter policy is applied to. */
export type Leaf = string | number | boolean | null;

/** Whether a value that is there meets a condition. */
export type Condition = (value: Leaf) => boolean;

type Refuse = (reason: string) => Error;

const LARGEST_NUMBER = 1e9;
const MOST_WILDCARDS = 3;

/** A condition of a filter policy. */
export interface ReadCondition {
  /** Undefined for `exists`. */
  readonly meets?: Condition;
  /** What `exists` demands. */
  readonly exists?: boolean;
  /** Counts toward the limit of wildcards. */
  readonly wildcardPoints?: number;
}

/**
 * Compiles one value of a key's list.
 * @throws what `refuse` makes of a reason
 */
export function readCondition(value: unknown, refuse: Refuse): ReadCondition {
  if (isLeaf(value)) {
    if (typeof value === 'number') checkNumber(value, refuse);
    return { meets: (given) => given === value };
  }
  if (Array.isArray(value)) throw refuse('Match value must be String, number, true, false, or null');
  const entries = Object.entries(value as object);
  if (entries.length > 1) throw refuse('Only one key allowed in match expression');
  if (entries.length === 0) throw refuse('Empty objects are not allowed');
  const [[operator, operand]] = entries as [[string, unknown]];
  return readOperator(operator, operand, refuse);
}

function readOperator(operator: string, operand: unknown, refuse: Refuse): ReadCondition {
  switch (operator) {
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
      return { meets: textTest(operator, operand, refuse) };
    case 'wildcard':
      return readWildcard(operand, refuse);
    case 'numeric':
      return { meets: numericTest(operand, refuse) };
    case 'cidr':
      return { meets: cidrTest(operand, refuse) };
    case 'exists':
      if (typeof operand !== 'boolean') throw refuse('exists match pattern must be either true or false.');
      return { exists: operand };
    case 'anything-but':
      return readAnythingBut(operand, refuse);
    default:
      throw refuse(`Unrecognized match type ${operator}`);
  }
}

function readAnythingBut(operand: unknown, refuse: Refuse): ReadCondition {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const entries = Object.entries(operand);
    if (entries.length !== 1) throw refuse('Only one key allowed in match expression');
    const [[operator, pattern]] = entries as [[string, unknown]];
    if (operator === 'wildcard') {
      const { meets, wildcardPoints } = readWildcard(pattern, refuse);
      return { meets: but(meets as Condition), wildcardPoints: wildcardPoints === 0 ? 0 : 1 };
    }
    if (operator !== 'prefix' && operator !== 'suffix') throw refuse(`Unsupported anything-but pattern: ${operator}`);
    return { meets: but(textTest(operator, pattern, refuse)) };
  }
  const values: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) throw refuse('Empty arrays are not allowed');
  for (const value of values) {
    if (typeof value === 'number') checkNumber(value, refuse);
    else if (typeof value !== 'string') throw refuse('Inside anything-but list, start|null|boolean is not supported.');
  }
  const excluded = new Set(values);
  return { meets: (given) => !excluded.has(given) };
}

const but =
  (test: Condition): Condition =>
  (given) =>
    !test(given);

function textTest(operator: 'prefix' | 'suffix' | 'equals-ignore-case', operand: unknown, refuse: Refuse): Condition {
  if (typeof operand !== 'string') throw refuse(`${operator} match pattern must be a string`);
  if (operator === 'prefix') return (given) => typeof given === 'string' && given.startsWith(operand);
  if (operator === 'suffix') return (given) => typeof given === 'string' && given.endsWith(operand);
  const lower = operand.toLowerCase();
  return (given) => typeof given === 'string' && given.toLowerCase() === lower;
}

/** A pattern in which `*` stands for any characters; `\*` and `\\` are the characters themselves. */
function readWildcard(operand: unknown, refuse: Refuse): ReadCondition {
  if (typeof operand !== 'string') throw refuse('wildcard match pattern must be a string');
  const parts = [''];
  for (let at = 0; at < operand.length; at++) {
    const letter = operand[at];
    if (letter === '\\') {
      const next = operand[++at] as string | undefined;
      if (next !== '*' && next !== '\\') throw refuse(`Invalid escape character at pos ${at - 1}`);
      parts[parts.length - 1] += next;
    } else if (letter === '*') {
      if (at > 0 && operand[at - 1] === '*' && parts.at(-1) === '') {
        throw refuse(`Consecutive wildcard characters at pos ${at - 1}`);
      }
      parts.push('');
    } else parts[parts.length - 1] += letter;
  }
  const wildcards = parts.length - 1;
  if (wildcards > MOST_WILDCARDS) throw refuse('Filter policy is too complex');
  return { meets: partsTest(parts), wildcardPoints: wildcards > 1 ? 3 * wildcards : wildcards };
}

/** Whether the parts occur one after the other: the first at the start and the last at the end. */
function partsTest(parts: readonly string[]): Condition {
  const [first] = parts;
  const last = parts[parts.length - 1];
  const middle = parts.slice(1, -1);
  if (parts.length === 1) return (given) => given === first;
  return (given) => {
    if (typeof given !== 'string' || !given.startsWith(first)) return false;
    let at = first.length;
    for (const part of middle) {
      const found = given.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return given.length - last.length >= at && given.endsWith(last);
  };
}

const NUMERIC = ['<', '<=', '=', '>', '>='];

function numericTest(operand: unknown, refuse: Refuse): Condition {
  if (!Array.isArray(operand)) throw refuse('Value of numeric must be an array.');
  const terms: readonly unknown[] = operand;
  const [operator, value, second, top, ...more] = terms;
  if (typeof operator !== 'string') {
    throw refuse(`Invalid member in numeric match: ${terms.length === 0 ? ']' : String(operator)}`);
  }
  if (!NUMERIC.includes(operator)) throw refuse(`Unrecognized numeric range operator: ${operator}`);
  const bottom = boundary(operator === '=' ? 'equals' : operator, value, refuse);
  if (operator === '=' || operator.startsWith('<')) {
    if (terms.length > 2) throw refuse('Too many elements in numeric expression');
    if (operator === '=') return (given) => given === bottom;
    return operator === '<' ? numberTest((given) => given < bottom) : numberTest((given) => given <= bottom);
  }
  const above = operator === '>' ? (given: number) => given > bottom : (given: number) => given >= bottom;
  if (terms.length === 2) return numberTest(above);
  if (typeof second !== 'string') throw refuse(`Bad value in numeric range: ${String(second)}`);
  if (second !== '<' && second !== '<=') throw refuse(`Bad numeric range operator: ${second}`);
  const limit = boundary(second, top, refuse);
  if (more.length > 0) throw refuse('Too many terms in numeric range expression');
  if (bottom >= limit) throw refuse('Bottom must be less than top');
  const below = second === '<' ? (given: number) => given < limit : (given: number) => given <= limit;
  return numberTest((given) => above(given) && below(given));
}

const numberTest =
  (test: (given: number) => boolean): Condition =>
  (given) =>
    typeof given === 'number' && test(given);

function boundary(operator: string, value: unknown, refuse: Refuse): number {
  if (typeof value !== 'number') throw refuse(`Value of ${operator} must be numeric`);
  checkNumber(value, refuse);
  return value;
}

function checkNumber(value: number, refuse: Refuse): void {
  if (Math.abs(value) <= LARGEST_NUMBER) return;
  throw refuse('Value must be between -1.0E9 and 1.0E9, inclusive');
}

function cidrTest(operand: unknown, refuse: Refuse): Condition {
  if (typeof operand !== 'string') throw refuse('prefix match pattern must be a string'); // in AWS's words
  const [address, bits, ...more] = operand.split('/');
  if (bits === undefined || more.length > 0) throw refuse("Malformed CIDR, one '/' required");
  if (!/^\d+$/.test(bits)) throw refuse('Malformed CIDR, mask bits must be an integer');
  const version = isIP(address);
  if (version === 0) throw refuse(`Nonstandard IP address: ${address}`);
  const longest = version === 6 ? 128 : 32;
  if (Number(bits) > longest) throw refuse(`Malformed CIDR, mask bits must not be greater than ${longest}`);
  const range = new BlockList();
  range.addSubnet(address, Number(bits), version === 6 ? 'ipv6' : 'ipv4');
  return (given) => {
    if (typeof given !== 'string' || isIP(given) !== version) return false;
    return range.check(given, version === 6 ? 'ipv6' : 'ipv4');
  };
}

export function isLeaf(value: unknown): value is Leaf {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
