import type { AttributeValue, Item } from './attribute-value';
import { numberSize } from './number';

/** What DynamoDB adds for a list or a map; each of its elements adds one more byte. */
const DOCUMENT_OVERHEAD = 3;

/** The size of an item in bytes, as DynamoDB counts it: attribute names and values. */
export function itemSize(item: Item): number {
  let size = 0;
  for (const name of Object.keys(item)) size += Buffer.byteLength(name) + valueSize(item[name]);
  return size;
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.SS !== undefined) return total(value.SS, (text) => Buffer.byteLength(text));
  if (value.NS !== undefined) return total(value.NS, numberSize);
  if (value.BS !== undefined) return total(value.BS, ({ length }) => length);
  if (value.L !== undefined) return DOCUMENT_OVERHEAD + total(value.L, (element) => 1 + valueSize(element));
  if (value.M !== undefined) return DOCUMENT_OVERHEAD + Object.keys(value.M).length + itemSize(value.M);
  return 1;
}

function total<T>(elements: readonly T[], sizeOf: (element: T) => number): number {
  let size = 0;
  for (const element of elements) size += sizeOf(element);
  return size;
}
