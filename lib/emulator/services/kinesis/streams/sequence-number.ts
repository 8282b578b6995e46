import { SECOND } from '../../../clock';

/**
 * What a sequence number encodes. AWS does not document it; clients observed it, and rely on numbers of 56 digits that
 * ascend.
 */
export interface SequenceParts {
  /** When the shard was created, in seconds since the epoch. */
  readonly shardCreated: number;
  /** The shard's number in its stream. */
  readonly shard: number;
  /** The record's position in its shard, from 1; 0 is the start of the shard. */
  readonly position: number;
}

const VERSION = '2';
/** The position in a closed shard's ending sequence number. */
const CLOSED = '7fffffffffffffff';
const FORM = /^2([0-9a-f]{9})[0-9a-f]([0-7][0-9a-f]{15})00([0-9a-f]{9})([0-9a-f]{8})2$/;

/** @param at when the record arrived, in milliseconds since the epoch; undefined for the end of a closed shard */
export function sequenceNumber({ shardCreated, shard, position }: SequenceParts, at: number | undefined): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0').slice(-digits);
  const place = at === undefined ? CLOSED : hex(position, 16);
  const seconds = at === undefined ? shardCreated : Math.floor(at / SECOND);
  const digits =
    VERSION + hex(shardCreated, 9) + hex(shard, 1) + place + '00' + hex(seconds, 9) + hex(shard, 8) + VERSION;
  return BigInt(`0x${digits}`).toString();
}

/** Reads a sequence number; undefined if `text` is none. The end of a closed shard has the position Infinity. */
export function parseSequenceNumber(text: string): SequenceParts | undefined {
  if (!/^\d{1,129}$/.test(text)) return undefined;
  const match = FORM.exec(BigInt(text).toString(16));
  if (match === null) return undefined;
  const [, created, position, , shard] = match;
  return {
    shardCreated: parseInt(created, 16),
    shard: parseInt(shard, 16),
    position: position === CLOSED ? Infinity : Number(BigInt(`0x${position}`)),
  };
}
