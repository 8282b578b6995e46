import { createCipheriv, createDecipheriv } from 'node:crypto';
import { AwsError, type RequestContext } from '../core';
import type { SecretEncryption } from '../services/secretsmanager';
import type { ParameterEncryption } from '../services/ssm';
import type { IntegratedRegion } from './index';

/** The longest text that KMS itself encrypts, in bytes. */
const LONGEST_PLAINTEXT = 4_096;
const CIPHER = 'aes-256-gcm';
/** A data key encrypts one value only, so its nonce may be the same for all. */
const NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;
/** The first byte of what a data key has encrypted. KMS's own ciphertexts begin otherwise. */
const ENVELOPE = 0xfe;

type EncryptionContext = Readonly<Record<string, string>>;

/**
 * KMS as services use it that store values of their callers, in the caller's name: for short values KMS itself, for
 * long ones a data key.
 */
export class StoredSecrets implements ParameterEncryption, SecretEncryption {
  /** @param keyError the shape of the error for a key that cannot be used */
  constructor(
    private readonly place: IntegratedRegion<'kms'>,
    private readonly keyError: string,
  ) {}

  public encrypt(keyId: string, value: string, context: EncryptionContext, caller: RequestContext): Uint8Array {
    const plaintext = Buffer.from(value);
    const { kms } = this.place.api;
    return orKeyError(this.keyError, keyId, () => {
      if (plaintext.length <= LONGEST_PLAINTEXT) {
        const input = { KeyId: keyId, Plaintext: plaintext, EncryptionContext: { ...context } };
        return given(kms.encrypt(input, caller).CiphertextBlob);
      }
      const input = { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: { ...context } } as const;
      const { Plaintext: key, CiphertextBlob } = kms.generateDataKey(input, caller);
      const sealedKey = Buffer.from(given(CiphertextBlob));
      const cipher = createCipheriv(CIPHER, given(key), NONCE);
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      const header = Buffer.alloc(3);
      header.writeUInt8(ENVELOPE);
      header.writeUInt16BE(sealedKey.length, 1);
      return Buffer.concat([header, sealedKey, cipher.getAuthTag(), body]);
    });
  }

  public decrypt(ciphertext: Uint8Array, context: EncryptionContext, caller: RequestContext): string {
    const bytes = Buffer.from(ciphertext);
    const { kms } = this.place.api;
    const open = (sealed: Uint8Array) =>
      given(kms.decrypt({ CiphertextBlob: sealed, EncryptionContext: { ...context } }, caller).Plaintext);
    if (bytes[0] !== ENVELOPE) return Buffer.from(open(bytes)).toString();
    const end = 3 + bytes.readUInt16BE(1);
    const decipher = createDecipheriv(CIPHER, open(bytes.subarray(3, end)), NONCE);
    decipher.setAuthTag(bytes.subarray(end, end + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(end + TAG_BYTES)), decipher.final()]).toString();
  }
}

/** Answers a key that KMS does not find or use as the services do that asked for it. */
function orKeyError<T>(shape: string, keyId: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof AwsError) || !/NotFound|Disabled|InvalidState|KeyUsage/.test(error.shape)) throw error;
    throw new AwsError(shape, `Invalid keyId ${keyId}: ${error.message}`);
  }
}

/** What KMS always gives, and the SDK's types leave open. */
function given(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('KMS answered without the bytes it was asked for');
  return bytes;
}
