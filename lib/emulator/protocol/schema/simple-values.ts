import { MalformedInput } from '../malformed-input';

/** The numbers of the timestamp types in the SDK's schemas. */
export const TIMESTAMP = { byProtocol: 4, dateTime: 5, httpDate: 6, epochSeconds: 7 } as const;

export function decodeBase64(text: string): Uint8Array {
  // Buffer.from skips characters that are not base64; AWS rejects them.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new MalformedInput('the value is not valid Base64');
  }
  return Buffer.from(text, 'base64');
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
