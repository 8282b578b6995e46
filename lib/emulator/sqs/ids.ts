import type { Random } from '../clock';

const DASHES = [8, 13, 18, 23];
const LENGTH = 36;
const DASH = '-'.charCodeAt(0);
const DIGITS = Buffer.from('0123456789abcdef');

/**
 * Message ids: version 4 UUIDs, written into one buffer. Put together of pieces, an id would take five times the memory
 * for as long as its message is queued.
 */
export class MessageIds {
  private readonly buffer = Buffer.alloc(LENGTH, DASH);

  constructor(private readonly random: Random) {}

  public next(): string {
    const { buffer } = this;
    let bits = 0;
    let left = 0;
    for (let at = 0; at < LENGTH; at++) {
      if (DASHES.includes(at)) continue;
      if (left === 0) {
        bits = this.random.uint32();
        left = 8;
      }
      buffer[at] = DIGITS[bits & 15];
      bits >>>= 4;
      left--;
    }
    buffer[14] = DIGITS[4];
    buffer[19] = DIGITS[8 + ((buffer[19] * 7) & 3)];
    return buffer.toString('latin1');
  }
}
