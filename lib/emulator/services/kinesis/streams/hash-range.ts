import { createHash } from 'node:crypto';

/** One more than the largest hash key. */
const HASH_KEYS = 2n ** 128n;

/** The hash keys of a shard, both ends included. */
export interface HashRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The hash key of a partition key: its MD5 as an unsigned number. */
export function hashKeyOf(partitionKey: string): bigint {
  return BigInt(`0x${createHash('md5').update(partitionKey, 'utf8').digest('hex')}`);
}

/** The hash key that `text` shows; undefined if it shows none. */
export function parseHashKey(text: string): bigint | undefined {
  if (!/^(?:0|[1-9]\d{0,38})$/.test(text)) return undefined;
  const key = BigInt(text);
  return key < HASH_KEYS ? key : undefined;
}

/** Divides all hash keys into ranges of equal size; the last one has the rest. */
export function evenRanges(count: number): HashRange[] {
  const size = HASH_KEYS / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    start: size * BigInt(index),
    end: index === count - 1 ? HASH_KEYS - 1n : size * BigInt(index + 1) - 1n,
  }));
}
