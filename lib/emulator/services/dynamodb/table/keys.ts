import type { AttributeDefinition, AttributeValue, KeySchemaElement } from '@aws-sdk/client-dynamodb';
import { validation } from '../errors';
import type { Item } from '../values/attribute-value';
import { bytesAsText, bytewise } from '../values/comparison';
import { sortableNumber } from '../values/number';

export type KeyType = 'S' | 'N' | 'B';

/** One attribute of a key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** The key of a table or an index: a partition key, and perhaps a sort key. */
export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

/** Where an item stands in a table or an index: partitions in the order of their hashes, and sorted within each. */
export interface Position {
  /** The partition key's hash, from 0 to 2^31 - 1. */
  readonly hash: number;
  /** The partition key as a text that sorts as the key does; also identifies it. */
  readonly partition: string;
  /** The sort key as a text that sorts as the key does; empty if there is none. */
  readonly sort: string;
}

/** How many hashes there are. */
export const HASHES = 2 ** 31;

export function keySchemaOf(
  elements: readonly KeySchemaElement[],
  definitions: readonly AttributeDefinition[],
): KeySchema {
  const [partition, sort] = elements.map(({ AttributeName: name = '' }): KeyAttribute => {
    const type = definitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
    return { name, type: type ?? 'S' };
  });
  return sort === undefined ? { partition } : { partition, sort };
}

export function attributesOf({ partition, sort }: KeySchema): readonly KeyAttribute[] {
  return sort === undefined ? [partition] : [partition, sort];
}

/** The position of an item, whose key attributes have their types; undefined if it lacks one. */
export function positionOf(item: Item, { partition, sort }: KeySchema): Position | undefined {
  const partitionText = keyText(item, partition);
  const sortText = sort === undefined ? '' : keyText(item, sort);
  if (partitionText === undefined || sortText === undefined) return undefined;
  return { hash: hashOf(partitionText), partition: partitionText, sort: sortText };
}

function keyText(item: Item, { name, type }: KeyAttribute): string | undefined {
  const value = Object.hasOwn(item, name) ? item[name] : undefined;
  return value?.[type] === undefined ? undefined : sortableText(value);
}

/** A string, number or binary as a text that sorts as the value does. */
export function sortableText(value: AttributeValue): string {
  if (value.S !== undefined) return bytewise(value.S);
  if (value.N !== undefined) return sortableNumber(value.N);
  if (value.B !== undefined) return bytesAsText(value.B);
  throw validation('The provided key element does not match the schema');
}

/** Fowler, Noll and Vo's hash (FNV-1a) with a final mix, so that similar keys are far apart. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 1;
}

export function comparePositions(a: Position, b: Position): number {
  if (a.hash !== b.hash) return a.hash - b.hash;
  if (a.partition !== b.partition) return a.partition < b.partition ? -1 : 1;
  if (a.sort !== b.sort) return a.sort < b.sort ? -1 : 1;
  return 0;
}
