import { isUtf8 } from 'node:buffer';
import { MalformedInput } from '../malformed-input';

/** Parses a JSON body; an empty one is an empty structure, as AWS has it. */
export function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw new MalformedInput('the body is not valid UTF-8');
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch {
    throw new MalformedInput('the body is not valid JSON');
  }
}
