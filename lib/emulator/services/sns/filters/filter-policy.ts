import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { invalidParameter } from '../errors';
import { type Condition, isLeaf, type Leaf, readCondition, type ReadCondition } from './conditions';

/** What a filter policy is applied to. */
export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** Why a filter policy does not accept a message: the suffixes of AWS's metrics. */
export type FilterReason =
  | 'InvalidAttributes'
  | 'InvalidMessageBody'
  | 'MessageAttributes'
  | 'MessageBody'
  | 'NoMessageAttributes';

/** A message, as filter policies see it. */
export interface Filterable {
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** The parsed body; undefined if it is not JSON. */
  readonly body: unknown;
  /** The parsed attributes that filters see. */
  readonly leaves: AttributeLeaves;
}

/** The values of each attribute, and whether any attribute's value cannot be read. */
export interface AttributeLeaves {
  readonly values: ReadonlyMap<string, readonly Leaf[]>;
  readonly invalid: boolean;
}

/** A compiled filter policy. */
export interface FilterPolicy {
  readonly scope: FilterScope;
  /** Returns why a message is not accepted; undefined if it is. */
  refuses(message: Filterable): FilterReason | undefined;
}

type Refuse = (reason: string) => Error;

const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
const LARGEST = 262_144;
const MOST_WILDCARD_POINTS = 100;
const OR = '$or';
const OPERATORS: ReadonlySet<string> = new Set([
  'anything-but',
  'cidr',
  'equals-ignore-case',
  'exists',
  'numeric',
  'prefix',
  'suffix',
  'wildcard',
]);

/** All must hold: each key's node, and each list of alternatives. */
interface ObjectNode {
  readonly keys: readonly (readonly [name: string, node: ObjectNode | LeafNode])[];
  readonly alternatives: readonly (readonly ObjectNode[])[];
}

/** One must hold. */
interface LeafNode {
  readonly conditions: readonly Condition[];
  /** Whether the key may be absent, and whether any value will do. */
  readonly absent: boolean;
  readonly present: boolean;
}

interface Size {
  keys: number;
  /** Whether a key has an object. */
  nested: boolean;
  wildcardFields: number;
}

/**
 * Compiles a filter policy.
 * @param refuse makes the error for a reason
 * @throws AwsError InvalidParameter
 */
export function readFilterPolicy(text: string, scope: FilterScope, reject: Refuse): FilterPolicy {
  const refuse = (reason: string) => reject(`FilterPolicy: ${reason}`);
  if (Buffer.byteLength(text) > LARGEST) throw refuse('Filter policy is too large');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw refuse(`failed to parse JSON. ${(error as Error).message}`);
  }
  if (!isObject(parsed)) throw refuse('Filter policy must be a JSON object');
  const size: Size = { keys: 0, nested: false, wildcardFields: 0 };
  const node = readObject(parsed, size, refuse);
  if (scope === 'MessageAttributes' && size.nested) {
    throw invalidParameter('Filter policy scope MessageAttributes does not support nested filter policy');
  }
  if (size.keys > MOST_KEYS) throw refuse(`Filter policy can not have more than ${MOST_KEYS} keys`);
  if (combinations(node, 1) > MOST_COMBINATIONS || size.wildcardFields > MOST_WILDCARD_POINTS) {
    throw refuse('Filter policy is too complex');
  }
  return scope === 'MessageBody' ? ofBody(node) : ofAttributes(node);
}

function ofBody(node: ObjectNode): FilterPolicy {
  return {
    scope: 'MessageBody',
    refuses({ body }) {
      if (!isObject(body)) return 'InvalidMessageBody';
      return meetsObject(node, body) ? undefined : 'MessageBody';
    },
  };
}

function ofAttributes(node: ObjectNode): FilterPolicy {
  return {
    scope: 'MessageAttributes',
    refuses({ leaves: { values, invalid }, attributes }) {
      if (meetsAttributes(node, values)) return undefined;
      if (Object.keys(attributes).length === 0) return 'NoMessageAttributes';
      return invalid ? 'InvalidAttributes' : 'MessageAttributes';
    },
  };
}

/** Reads the attributes that filters see. They ignore binary ones. */
export function leavesOf(attributes: Readonly<Record<string, MessageAttributeValue>>): AttributeLeaves {
  const values = new Map<string, readonly Leaf[]>();
  let invalid = false;
  for (const [name, { DataType = '', StringValue: text = '' }] of Object.entries(attributes)) {
    if (DataType.startsWith('Binary')) continue;
    if (DataType === 'String.Array') {
      const list = parsedArray(text);
      if (list === undefined) invalid = true;
      else values.set(name, list);
    } else values.set(name, [DataType.startsWith('Number') ? Number(text) : text]);
  }
  return { values, invalid };
}

function parsedArray(text: string): readonly Leaf[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter(isLeaf) : undefined;
  } catch {
    return undefined;
  }
}

function meetsAttributes(node: ObjectNode, values: ReadonlyMap<string, readonly Leaf[]>): boolean {
  return (
    node.keys.every(([name, leaf]) => meetsLeaf(leaf as LeafNode, values.get(name))) &&
    node.alternatives.every((list) => list.some((each) => meetsAttributes(each, values)))
  );
}

function meetsObject(node: ObjectNode, value: Readonly<Record<string, unknown>>): boolean {
  return (
    node.keys.every(([name, child]) => {
      const given = Object.hasOwn(value, name) ? elements(value[name]) : undefined;
      return 'conditions' in child ? meetsLeaf(child, given?.filter(isLeaf)) : meetsNested(child, given);
    }) && node.alternatives.every((list) => list.some((each) => meetsObject(each, value)))
  );
}

function meetsNested(node: ObjectNode, given: readonly unknown[] | undefined): boolean {
  // Where there is no object, all keys beneath are absent.
  const objects = given?.filter(isObject) ?? [];
  return objects.length === 0 ? meetsObject(node, {}) : objects.some((each) => meetsObject(node, each));
}

/** Of a key without values, `exists: false` holds, and nothing else does. */
function meetsLeaf({ conditions, absent, present }: LeafNode, given: readonly Leaf[] | undefined): boolean {
  if (given === undefined) return absent;
  if (present) return true;
  return given.some((value) => conditions.some((meets) => meets(value)));
}

/** The elements of an array, those of nested arrays too; any other value by itself. */
function elements(value: unknown): unknown[] {
  if (!Array.isArray(value)) return [value];
  const found: unknown[] = [];
  const left: unknown[] = [...(value as unknown[])].reverse();
  while (left.length > 0) {
    const next = left.pop();
    if (!Array.isArray(next)) found.push(next);
    else for (let at = next.length - 1; at >= 0; at--) left.push(next[at]);
  }
  return found;
}

function readObject(value: Readonly<Record<string, unknown>>, size: Size, refuse: Refuse, depth = 1): ObjectNode {
  // Deeper, even a single value has too many combinations.
  if (depth > MOST_COMBINATIONS) throw refuse('Filter policy is too complex');
  const keys: [string, ObjectNode | LeafNode][] = [];
  const alternatives: ObjectNode[][] = [];
  for (const [name, given] of Object.entries(value)) {
    if (name === OR && isAlternatives(given)) {
      alternatives.push(given.map((each) => readObject(each, size, refuse, depth + 1)));
    } else if (Array.isArray(given)) {
      size.keys++;
      keys.push([name, readLeaf(given, size, refuse)]);
    } else if (isObject(given)) {
      size.nested = true;
      if (Object.keys(given).length === 0) throw refuse('Empty objects are not allowed');
      keys.push([name, readObject(given, size, refuse, depth + 1)]);
    } else throw refuse(`"${name}" must be an object or an array`);
  }
  return { keys, alternatives };
}

/** `$or` joins objects, two or more, that are not conditions; otherwise it is a key like any other. */
function isAlternatives(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((each) => isObject(each) && !Object.keys(each).some((name) => OPERATORS.has(name)));
}

function readLeaf(values: readonly unknown[], size: Size, refuse: Refuse): LeafNode {
  if (values.length === 0) throw refuse('Empty arrays are not allowed');
  const read = values.map((value) => readCondition(value, refuse));
  size.wildcardFields += wildcardPoints(read);
  return {
    conditions: read.flatMap(({ meets }) => (meets === undefined ? [] : [meets])),
    absent: read.some(({ exists }) => exists === false),
    present: read.some(({ exists }) => exists === true),
  };
}

function wildcardPoints(conditions: readonly ReadCondition[]): number {
  const patterns = conditions.filter(({ wildcardPoints: points }) => points !== undefined);
  return patterns.reduce((sum, { wildcardPoints: points = 0 }) => sum + points, 0) * patterns.length;
}

/** How many combinations of values a policy has: each key counts its values, times its depth. */
function combinations({ keys, alternatives }: ObjectNode, depth: number): number {
  let product = 1;
  for (const [, node] of keys) {
    product *= 'conditions' in node ? valuesOf(node) * depth : combinations(node, depth + 1);
  }
  for (const list of alternatives) product *= list.reduce((sum, node) => sum + combinations(node, depth), 0);
  return product;
}

function valuesOf({ conditions, absent, present }: LeafNode): number {
  return conditions.length + Number(absent) + Number(present);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
