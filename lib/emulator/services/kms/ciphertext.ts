import { createCipheriv, createDecipheriv } from 'node:crypto';
import { invalidCiphertext } from './errors';

/** The encryption context: decryption requires the same names and values. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** The unencrypted header of a ciphertext. */
export interface CiphertextHeader {
  /** The ARN of the key that encrypted it. */
  readonly keyArn: string;
  /** The index of the key material: a rotated key still decrypts what earlier materials encrypted. */
  readonly material: number;
}

interface ParsedCiphertext extends CiphertextHeader {
  readonly header: Buffer;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
  readonly tag: Buffer;
}

const FORMAT = 1;
const FIXED = 4; // format, material (2), length of the ARN
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts with AES-256-GCM, and authenticates header and context. `nonce` has {@link NONCE_BYTES} bytes. */
export function seal(
  plaintext: Uint8Array,
  material: Uint8Array,
  nonce: Uint8Array,
  named: CiphertextHeader,
  context: EncryptionContext,
): Uint8Array {
  const arn = Buffer.from(named.keyArn);
  const header = Buffer.concat([Buffer.from([FORMAT, named.material >> 8, named.material & 0xff, arn.length]), arn]);
  const cipher = createCipheriv('aes-256-gcm', material, nonce).setAAD(authenticated(header, context));
  return Buffer.concat([header, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Parses the header of a ciphertext.
 * @throws AwsError InvalidCiphertextException if it is not one of ours
 */
export function headerOf(ciphertext: Uint8Array): CiphertextHeader {
  return parse(ciphertext);
}

/**
 * Decrypts what {@link seal} encrypted.
 * @throws AwsError InvalidCiphertextException if it was tampered with, or the context differs
 */
export function open(ciphertext: Uint8Array, material: Uint8Array, context: EncryptionContext): Uint8Array {
  const { header, nonce, sealed, tag } = parse(ciphertext);
  const decipher = createDecipheriv('aes-256-gcm', material, nonce)
    .setAAD(authenticated(header, context))
    .setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

function parse(ciphertext: Uint8Array): ParsedCiphertext {
  const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.byteLength);
  const nonceAt = FIXED + (bytes[3] ?? 0);
  const tagAt = bytes.length - TAG_BYTES;
  if (bytes[0] !== FORMAT || nonceAt + NONCE_BYTES > tagAt) throw invalidCiphertext();
  return {
    keyArn: bytes.toString('utf8', FIXED, nonceAt),
    material: bytes.readUInt16BE(1),
    header: bytes.subarray(0, nonceAt),
    nonce: bytes.subarray(nonceAt, nonceAt + NONCE_BYTES),
    sealed: bytes.subarray(nonceAt + NONCE_BYTES, tagAt),
    tag: bytes.subarray(tagAt),
  };
}

// Sorted, since the order of an encryption context's pairs does not matter.
function authenticated(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}
