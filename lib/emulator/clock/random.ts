const DIGITS = Buffer.from('0123456789abcdef');
const HYPHEN = 0x2d;
const VERSION_PLACE = 14;
const VARIANT_PLACE = 19;
// UUIDs are written into this buffer in place: every request has one, and joining strings would take four times as
// long.
const uuid = Buffer.from('00000000-0000-0000-0000-000000000000');

/**
 * Seeded randomness: the same seed gives the same sequence on every machine. Not for secrets.
 *
 * The generator is sfc32: 128 bits of state, no multiplication, passes PractRand.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(public readonly seed: number) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 2 ** 32) | 0;
    this.c = 0x9e3779b9 | 0;
    for (let i = 0; i < 15; i++) this.uint32();
  }

  /** A whole number from 0 to 2^32 - 1. */
  public uint32(): number {
    const result = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + result;
    this.c |= 0;
    return result >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  public next(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number from `from` to `to`, inclusive. */
  public integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** A string of `digits` lower-case hexadecimal digits. */
  public hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  /** A version 4 UUID. */
  public uuid(): string {
    let place = 0;
    for (let draw = 0; draw < 4; draw++) {
      const bits = this.uint32();
      for (let shift = 28; shift >= 0; shift -= 4) {
        if (uuid[place] === HYPHEN) place++;
        uuid[place++] = DIGITS[(bits >>> shift) & 15];
      }
    }
    uuid[VERSION_PLACE] = DIGITS[4];
    uuid[VARIANT_PLACE] = DIGITS[8 + (this.uint32() & 3)];
    return uuid.toString('latin1');
  }

  /** A separate generator for `purpose`, so that one consumer's draws do not shift another's. */
  public fork(purpose: string): Random {
    // Two 32-bit hashes, each of the purpose and one half of the seed: 53 bits of them are used, the most a number
    // holds.
    let low = 0x811c9dc5 ^ this.seed;
    let high = 0x9e3779b9 ^ Math.floor(this.seed / 2 ** 32);
    for (let i = 0; i < purpose.length; i++) {
      const code = purpose.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code ^ (low >>> 15), 0x85ebca6b);
    }
    return new Random((low >>> 0) + ((high >>> 11) % 2 ** 21) * 2 ** 32);
  }
}
