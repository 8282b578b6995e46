import { isAscii, isUtf8 } from 'node:buffer';
import { MalformedInput } from '../malformed-input';

/** Parses a JSON body. As on AWS, an empty body is an empty structure. */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  // Nearly all bodies are pure ASCII, and decode to the same text as Latin-1, faster.
  const encoding = isAscii(body) ? 'latin1' : 'utf8';
  if (encoding === 'utf8' && !isUtf8(body)) throw new MalformedInput('the body is not valid UTF-8');
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(encoding));
  } catch {
    throw new MalformedInput('the body is not valid JSON');
  }
}
