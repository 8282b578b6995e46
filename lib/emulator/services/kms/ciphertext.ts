import { createCipheriv, createDecipheriv } from 'node:crypto';
import { invalidCiphertext } from './errors';

/** The names and values that a ciphertext is bound to: decrypting it takes the same ones. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** What a ciphertext says of itself, in the open. */
export interface CiphertextHeader {
  /** The ARN of the key that it was encrypted under. */
  readonly keyArn: string;
  /** Which of the key's materials: a rotated key still decrypts what it encrypted before. */
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

/** Encrypts with AES-256-GCM; header and context are authenticated. `nonce` is of {@link NONCE_BYTES}. */
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
 * Reads what a ciphertext says of its key.
 * @throws AwsError InvalidCiphertextException if it is none of ours
 */
export function headerOf(ciphertext: Uint8Array): CiphertextHeader {
  return parse(ciphertext);
}

/**
 * Decrypts what {@link seal} made.
 * @throws AwsError InvalidCiphertextException if it was tampered with, or the context is another
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

// The order in which a context's pairs were given does not matter.
function authenticated(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}
