import { createHash, hash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

// The one-shot function takes half the time for a small digest; Node has it since 20.12.
const oneShot = typeof hash === 'function';

/** The MD5 of `text` in UTF-8, in hexadecimal. */
export const md5: (text: string | Uint8Array) => string = oneShot
  ? (text) => hash('md5', text, 'hex')
  : (text) => createHash('md5').update(text).digest('hex');

/** The SHA-256 of `text` in UTF-8, in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const TEXT = Uint8Array.of(1);
const BINARY = Uint8Array.of(2);

/** MD5OfMessageAttributes: the digest of names, types and values, sorted by name, each preceded by its length. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttributeValue>>): string {
  const digest = createHash('md5');
  const add = (part: string | Uint8Array) => {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name];
    add(name);
    add(DataType ?? '');
    digest.update(BinaryValue === undefined ? TEXT : BINARY);
    add(BinaryValue ?? StringValue ?? '');
  }
  return digest.digest('hex');
}
