// The control characters, surrogates and non-characters that XML 1.0 excludes. A surrogate pair is a valid character,
// and only the slower expression recognizes pairs.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const SUSPICIOUS = /[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;
const FORBIDDEN = new RegExp(SUSPICIOUS, 'u');

const BLOCK = 4_096;
// Allocated by itself, not from the pool of small buffers, so that it is word-aligned.
const bytes = Buffer.from(new ArrayBuffer(BLOCK));
const words = new Int32Array(bytes.buffer);

/** Whether `text` contains a character that SQS rejects. `size` is its length in UTF-8, in bytes. */
export function isForbidden(text: string, size = Buffer.byteLength(text)): boolean {
  return !isPlain(text, size) && SUSPICIOUS.test(text) && FORBIDDEN.test(text);
}

/**
 * Whether a text is ASCII without control characters, as most are. Comparing four characters at a time takes a quarter
 * of the time of a regular expression, which saves a tenth of the whole cost of sending a message.
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
