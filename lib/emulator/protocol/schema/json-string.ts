// What JSON.stringify escapes: quotes, backslashes, control characters and lone surrogates. Pairs go its slower way too.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const SPECIAL = /["\\\x00-\x1f\ud800-\udfff]/;
const SHORT = 64;
const BLOCK = 4_096;
// Its own memory, not a slice of Node's shared pool, so that it starts at a whole word.
const bytes = Buffer.from(new ArrayBuffer(BLOCK));
const words = new Int32Array(bytes.buffer);

/** Writes a string as JSON. Same result as JSON.stringify, in a tenth of the time if nothing needs escaping. */
export function jsonString(text: string): string {
  const plain = text.length < SHORT ? !SPECIAL.test(text) : isPlain(text);
  return plain ? `"${text}"` : JSON.stringify(text);
}

/** Whether a string is ASCII without characters to escape. Checks four characters at a time. */
function isPlain(text: string): boolean {
  const { length } = text;
  if (length > BLOCK || Buffer.byteLength(text) !== length || text.includes('"') || text.includes('\\')) return false;
  bytes.write(text, 0, 'latin1');
  bytes.fill(0x20, length, (length + 3) & ~3);
  for (let i = 0; i < length; i += 4) {
    const word = words[i >> 2];
    // Sets the highest bit of each byte below 0x20.
    if (((word - 0x20202020) & ~word & 0x80808080) !== 0) return false;
  }
  return true;
}
