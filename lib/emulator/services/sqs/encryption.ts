import { createCipheriv, createDecipheriv } from 'node:crypto';
import { AwsError } from '../../core';
import { type Clock, type Random, SECOND } from '../../clock';
import { kmsError } from './errors';

/** What SQS needs of KMS. Both throw the AwsError that KMS answers with; SQS turns it into its own. */
export interface KeyService {
  /** A new data key of 256 bits under the key that an id, ARN, alias or alias ARN names. KMS's GenerateDataKey. */
  generateDataKey(request: { keyId: string; context: EncryptionContext; principal: string }): {
    readonly plaintext: Uint8Array;
    readonly ciphertext: Uint8Array;
  };
  /** The data key in `ciphertext`. KMS's Decrypt; `context` must be the one that the key was generated with. */
  decrypt(request: { ciphertext: Uint8Array; context: EncryptionContext; principal: string }): Uint8Array;
}

/** SQS binds each data key to its queue: `{'aws:sqs:arn': …}`. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** A data key as messages keep it: encrypted, and bound to the queue that first used it. */
export interface SealedKey {
  readonly ciphertext: Uint8Array;
  readonly queueArn: string;
}

/** A data key that may be used. */
export interface OpenKey {
  readonly plaintext: Uint8Array;
  readonly sealed: SealedKey;
}

/** What is encrypted, and with which key. */
export interface QueueKey {
  readonly keyId: string;
  /** How long a data key serves before KMS is asked again, in milliseconds. */
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
 * The encryption of message bodies under KMS. SQS asks KMS once per principal, direction and reuse period, so that the
 * cost and the load depend on who calls, not on how many messages there are; and a key that KMS refuses from now on
 * still serves until the period ends.
 */
export class BodyEncryption {
  private readonly sealing = new Map<string, Cached<OpenKey>>();
  private readonly opening = new Map<string, Cached<Uint8Array>>();

  constructor(
    private readonly keys: KeyService,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** The data key by which `principal` encrypts what it sends to a queue. */
  public keyFor(queueArn: string, { keyId, reuse }: QueueKey, principal: string): OpenKey {
    const caller = identityOf(principal);
    const name = `${caller}\n${queueArn}\n${keyId}`;
    return this.cached(this.sealing, name, reuse, () => {
      const { plaintext, ciphertext } = this.keys.generateDataKey({ keyId, context: contextOf(queueArn), principal });
      return { plaintext, sealed: { ciphertext, queueArn } };
    });
  }

  /** `body`, encrypted: bytes as a string of as many characters. */
  public seal(body: string, key: OpenKey): string {
    const nonce = Buffer.from(this.random.hex(NONCE_BYTES * 2), 'hex');
    const cipher = createCipheriv('aes-256-gcm', key.plaintext, nonce);
    const bytes = Buffer.concat([nonce, cipher.update(body, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return bytes.toString('latin1');
  }

  /** What {@link seal} encrypted, for `principal` to read. */
  public open(text: string, sealed: SealedKey, reuse: number, principal: string): string {
    const name = `${identityOf(principal)}\n${Buffer.from(sealed.ciphertext).toString('base64')}`;
    const key = this.cached(this.opening, name, reuse, () =>
      this.keys.decrypt({ ciphertext: sealed.ciphertext, context: contextOf(sealed.queueArn), principal }),
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
    // The oldest goes first: the insertion order is nearly that of the ends of the periods.
    cache.delete(name);
    if (cache.size >= MOST_CACHED)
      for (const oldest of [...cache.keys()].slice(0, MOST_CACHED / 10)) cache.delete(oldest);
    cache.set(name, { value, until: now + reuse });
    return value;
  }
}

/** How long a data key serves where a queue says nothing: SQS's default. */
export const DEFAULT_REUSE = 300 * SECOND;

function contextOf(queueArn: string): EncryptionContext {
  return { 'aws:sqs:arn': queueArn };
}

/** Sessions of one role share data keys, whatever their names. */
function identityOf(principal: string): string {
  return principal.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1');
}

function inSqsTerms<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw error instanceof AwsError ? (kmsError(error) ?? error) : error;
  }
}
