// The control characters, surrogates and non-characters that XML 1.0 can't carry. A pair of surrogates is a character
// that it can, and only the slower expression knows pairs.
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const SUSPICIOUS = /[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;
const FORBIDDEN = new RegExp(SUSPICIOUS, 'u');

const BLOCK = 4_096;
// Of its own memory, not of the pool that small buffers share: it begins at a whole word.
const bytes = Buffer.from(new ArrayBuffer(BLOCK));
const words = new Int32Array(bytes.buffer);

/** Whether `text` has a character that SQS doesn't take. `size`: its bytes in UTF-8. */
export function isForbidden(text: string, size = Buffer.byteLength(text)): boolean {
  return !isPlain(text, size) && SUSPICIOUS.test(text) && FORBIDDEN.test(text);
}

/**
 * Whether a text is ASCII without control characters. Most are, and to look at four characters at a time takes a
 * quarter of what a regular expression takes: that is a tenth of all the work of sending a message.
 */
function isPlain(text: string, size: number): boolean {
  if (size !== text.length || size > BLOCK) return false;
  bytes.write(text, 0, 'latin1');
  bytes.fill(0x20, size, (size + 3) & ~3);
  for (let i = 0; i < size; i += 4) {
    const word = words[i >> 2];
    // The highest bit of each byte that is below 0x20.
    if (((word - 0x20202020) & ~word & 0x80808080) !== 0) return false;
  }
  return true;
}
