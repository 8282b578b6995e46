import type { Random } from '../clock';

const PATTERN = 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx';
const DIGIT_PLACES = [...PATTERN].flatMap((sign, place) => (sign === '-' ? [] : [place]));
const VERSION_PLACE = PATTERN.indexOf('4');
const VARIANT_PLACE = PATTERN.indexOf('y');
const DIGITS = Buffer.from('0123456789abcdef');
const DIGITS_OF_A_DRAW = 8;

/**
 * Message ids: version 4 UUIDs, written into one buffer. Put together of pieces, an id would take five times the memory
 * for as long as its message is queued.
 */
export class MessageIds {
  private readonly buffer = Buffer.from(PATTERN);

  constructor(private readonly random: Random) {}

  public next(): string {
    const { buffer } = this;
    let bits = 0;
    for (let digit = 0; digit < DIGIT_PLACES.length; digit++) {
      bits = digit % DIGITS_OF_A_DRAW === 0 ? this.random.uint32() : bits >>> 4;
      buffer[DIGIT_PLACES[digit]] = DIGITS[bits & 15];
    }
    const variant = this.random.uint32() & 3;
    buffer[VERSION_PLACE] = DIGITS[4];
    buffer[VARIANT_PLACE] = DIGITS[8 + variant];
    return buffer.toString('latin1');
  }
}
