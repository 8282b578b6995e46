import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalidParameters, validation } from '../errors';
import { LIMITS } from '../limits';
import { canonicalNumber } from './number';

export type { AttributeValue };

/** An item's attributes by name. Never changed once it is stored: an update makes another one. */
export type Item = Record<string, AttributeValue>;

/** DynamoDB's names of its data types. */
export type ValueType = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'NULL' | 'BOOL';

export const VALUE_TYPES: readonly ValueType[] = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'NULL', 'BOOL'];

/** The type of a value that has been checked. */
export function typeOf(value: AttributeValue): ValueType {
  for (const type of VALUE_TYPES) if (value[type] !== undefined) return type;
  throw new Error('an attribute value without a type');
}

/**
 * Returns a copy of `value` as DynamoDB stores it, with numbers in their canonical form.
 * @throws AwsError ValidationException if it has no type, several types, or a value that its type does not allow
 */
export function storedValue(value: AttributeValue, depth = 0): AttributeValue {
  const types = VALUE_TYPES.filter((type) => value[type] !== undefined);
  if (types.length === 0) {
    throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  const stored = storedAs(types[0], value, depth);
  if (types.length > 1) {
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  return stored;
}

/** Returns a copy of `item` as DynamoDB stores it; see {@link storedValue}. */
export function storedItem(item: Item, depth = 0): Item {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      if (name === '') throw invalidParameters('Empty attribute name');
      if (name.length > LIMITS.attributeNameSize) {
        throw invalidParameters('Attribute name is too large, must be less than 65536 bytes');
      }
      return [name, storedValue(value, depth)];
    }),
  );
}

function storedAs(type: ValueType, value: AttributeValue, depth: number): AttributeValue {
  switch (type) {
    case 'S':
      return { S: value.S ?? '' };
    case 'N':
      return { N: canonicalNumber(value.N ?? '') };
    case 'B':
      return { B: ownBytes(value.B ?? new Uint8Array()) };
    case 'BOOL':
      return { BOOL: value.BOOL === true };
    case 'NULL':
      if (value.NULL !== true) throw invalidParameters('Null attribute value types must have the value of true');
      return { NULL: true };
    case 'SS':
      return { SS: stringSet(value.SS ?? []) };
    case 'NS':
      return { NS: numberSet(value.NS ?? []) };
    case 'BS':
      return { BS: binarySet(value.BS ?? []) };
    case 'L':
      checkDepth(depth);
      return { L: (value.L ?? []).map((element) => storedValue(element, depth + 1)) };
    case 'M':
      checkDepth(depth);
      return { M: storedItem(value.M ?? {}, depth + 1) };
  }
}

/** @throws AwsError ValidationException if an item's documents are nested too deeply, as updates can make them */
export function checkNesting(item: Item, depth = 0): void {
  for (const value of Object.values(item)) checkNestingOf(value, depth);
}

function checkNestingOf(value: AttributeValue, depth: number): void {
  if (value.M === undefined && value.L === undefined) return;
  checkDepth(depth);
  if (value.M !== undefined) checkNesting(value.M, depth + 1);
  for (const element of value.L ?? []) checkNestingOf(element, depth + 1);
}

function checkDepth(depth: number): void {
  if (depth < LIMITS.nesting) return;
  throw validation(
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  );
}

// A decoded body is often a slice of a larger buffer, which would be kept with it.
function ownBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}

function stringSet(texts: readonly string[]): string[] {
  if (texts.length === 0) throw invalidParameters('An string set  may not be empty');
  if (new Set(texts).size < texts.length) {
    throw invalidParameters(`Input collection [${texts.join(', ')}] contains duplicates.`);
  }
  return [...texts];
}

function numberSet(texts: readonly string[]): string[] {
  if (texts.length === 0) throw invalidParameters('An number set  may not be empty');
  const numbers = texts.map(canonicalNumber);
  if (new Set(numbers).size < numbers.length) throw validation('Input collection contains duplicates');
  return numbers;
}

function binarySet(elements: readonly Uint8Array[]): Uint8Array[] {
  if (elements.length === 0) throw invalidParameters('Binary sets should not be empty');
  const texts = elements.map((bytes) => Buffer.from(bytes).toString('base64'));
  if (new Set(texts).size < texts.length) {
    throw invalidParameters(`Input collection [${texts.join(', ')}]of type BS contains duplicates.`);
  }
  return elements.map(ownBytes);
}
