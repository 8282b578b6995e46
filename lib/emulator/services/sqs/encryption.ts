import { createCipheriv, createDecipheriv } from 'node:crypto';
import { AwsError, type RequestContext } from '../../core';
import { type Clock, type Random, SECOND } from '../../clock';
import { kmsError } from './errors';

/** Who sends or receives, for whom SQS uses the key. */
export type KeyUser = Pick<RequestContext, 'account' | 'principal' | 'sourceArn' | 'sourceAccount' | 'identity'>;

/** The KMS actions that SQS uses. Both throw KMS's AwsError, which SQS translates to its own. */
export interface KeyService {
  /** KMS's GenerateDataKey: a new 256-bit data key under the key with that id, ARN, alias or alias ARN. */
  generateDataKey(request: { keyId: string; context: EncryptionContext; user: KeyUser }): {
    readonly plaintext: Uint8Array;
    readonly ciphertext: Uint8Array;
  };
  /** KMS's Decrypt, for the data key in `ciphertext`; `context` must be the one that it was generated with. */
  decrypt(request: { ciphertext: Uint8Array; context: EncryptionContext; user: KeyUser }): Uint8Array;
}

/** SQS binds each data key to its queue: `{'aws:sqs:arn': …}`. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** A data key as it is stored with a message: encrypted, and bound to the queue that first used it. */
export interface SealedKey {
  readonly ciphertext: Uint8Array;
  readonly queueArn: string;
}

/** A data key in plaintext. */
export interface OpenKey {
  readonly plaintext: Uint8Array;
  readonly sealed: SealedKey;
}

/** A queue's KMS key, and how long its data keys are reused. */
export interface QueueKey {
  readonly keyId: string;
  /** The data key reuse period, in milliseconds. */
  readonly reuse: number;
}

interface Cached<T> {
  readonly value: T;
  readonly until: number;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MOST_CACHED = 1_000;

/**
 * Encrypts message bodies with KMS data keys. SQS calls KMS once per principal, direction and reuse period, so the
 * number of calls depends on who calls and not on the number of messages. A data key remains usable until its reuse
 * period ends, even if KMS meanwhile refuses it.
 */
export class BodyEncryption {
  private readonly sealing = new Map<string, Cached<OpenKey>>();
  private readonly opening = new Map<string, Cached<Uint8Array>>();

  constructor(
    private readonly keys: KeyService,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** The data key with which a caller encrypts messages that it sends to a queue. */
  public keyFor(queueArn: string, { keyId, reuse }: QueueKey, user: KeyUser): OpenKey {
    const name = `${identityOf(user)}\n${queueArn}\n${keyId}`;
    return this.cached(this.sealing, name, reuse, () => {
      const context = contextOf(queueArn);
      const { plaintext, ciphertext } = this.keys.generateDataKey({ keyId, context, user });
      return { plaintext, sealed: { ciphertext, queueArn } };
    });
  }

  /** Encrypts `body`. The result is a string with one character per byte. */
  public seal(body: string, key: OpenKey): string {
    const nonce = Buffer.from(this.random.hex(NONCE_BYTES * 2), 'hex');
    const cipher = createCipheriv('aes-256-gcm', key.plaintext, nonce);
    const bytes = Buffer.concat([nonce, cipher.update(body, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return bytes.toString('latin1');
  }

  /** Decrypts what {@link seal} encrypted, on behalf of a caller. */
  public open(text: string, sealed: SealedKey, reuse: number, user: KeyUser): string {
    const name = `${identityOf(user)}\n${Buffer.from(sealed.ciphertext).toString('base64')}`;
    const key = this.cached(this.opening, name, reuse, () =>
      this.keys.decrypt({ ciphertext: sealed.ciphertext, context: contextOf(sealed.queueArn), user }),
    );
    const bytes = Buffer.from(text, 'latin1');
    const end = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(end));
    return decipher.update(bytes.subarray(NONCE_BYTES, end), undefined, 'utf8') + decipher.final('utf8');
  }

  private cached<T>(cache: Map<string, Cached<T>>, name: string, reuse: number, ask: () => T): T {
    const now = this.clock.now();
    const known = cache.get(name);
    if (known !== undefined && now < known.until) return known.value;
    const value = inSqsTerms(ask);
    // Evicts the oldest first: insertion order is nearly the order of expiry.
    cache.delete(name);
    if (cache.size >= MOST_CACHED)
      for (const oldest of [...cache.keys()].slice(0, MOST_CACHED / 10)) cache.delete(oldest);
    cache.set(name, { value, until: now + reuse });
    return value;
  }
}

/** SQS's default data key reuse period. */
export const DEFAULT_REUSE = 300 * SECOND;

function contextOf(queueArn: string): EncryptionContext {
  return { 'aws:sqs:arn': queueArn };
}

/** Sessions of the same role share data keys, whatever their session names. A service has its own for each source. */
function identityOf({ principal, sourceArn }: KeyUser): string {
  if (!principal.startsWith('arn:')) return `${principal} ${sourceArn}`;
  return principal.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1');
}

function inSqsTerms<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw error instanceof AwsError ? (kmsError(error) ?? error) : error;
  }
}
