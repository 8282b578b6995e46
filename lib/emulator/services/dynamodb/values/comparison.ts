import { type AttributeValue, type Item, typeOf } from './attribute-value';
import { compareNumbers } from './number';

/** Whether two values have the same type and the same content. Sets are equal in any order. */
export function equal(a: AttributeValue, b: AttributeValue): boolean {
  if (a.S !== undefined) return a.S === b.S;
  if (a.N !== undefined) return a.N === b.N;
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL;
  if (a.NULL !== undefined) return b.NULL !== undefined;
  if (a.B !== undefined) return b.B !== undefined && Buffer.compare(a.B, b.B) === 0;
  if (a.M !== undefined) return b.M !== undefined && equalItems(a.M, b.M);
  if (a.L !== undefined) {
    const { L: other } = b;
    return other?.length === a.L.length && a.L.every((element, index) => equal(element, other[index]));
  }
  return typeOf(a) === typeOf(b) && equalSets(elementsOf(a), elementsOf(b));
}

/** Whether two items have the same attributes with equal values. */
export function equalItems(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]))
  );
}

function equalSets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const element of a) if (!b.has(element)) return false;
  return true;
}

/** A set's elements as texts, which are equal if the elements are. */
export function elementsOf(set: AttributeValue): ReadonlySet<string> {
  return new Set(set.SS ?? set.NS ?? set.BS?.map(bytesAsText));
}

/** One byte a character, so that texts sort and compare as the bytes do. */
export function bytesAsText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/**
 * Compares two strings, numbers or binaries of the same type, strings by their UTF-8 bytes. Returns undefined for other
 * types, and for values of different types.
 */
export function compare(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.N !== undefined) return b.N === undefined ? undefined : compareNumbers(a.N, b.N);
  if (a.S !== undefined) return b.S === undefined ? undefined : compareTexts(a.S, b.S);
  if (a.B !== undefined) return b.B === undefined ? undefined : Buffer.compare(a.B, b.B);
  return undefined;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [bytewise(a), bytewise(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A text whose characters are the UTF-8 bytes of `text`, so that it sorts as DynamoDB does: by bytes. */
export function bytewise(text: string): string {
  // A text of ASCII is its own bytes.
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}
