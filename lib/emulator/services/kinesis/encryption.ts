import type { Clock } from '../../clock';
import { AwsError, type RequestContext } from '../../core';
import { kmsError } from './errors';
import { LIMITS } from './limits';
import type { StreamKeys } from './ports';
import type { StoredRecord } from './streams/shard';
import type { Stream } from './streams/stream';

interface Cached<T> {
  readonly value: T;
  readonly until: number;
}

const MOST_CACHED = 1_000;

/**
 * The data keys with which records are encrypted. Each caller's is used for five minutes. Records are kept as they came:
 * only the permission to use the key is observable.
 */
export class RecordEncryption {
  private readonly sealing = new Map<string, Cached<Uint8Array>>();
  private readonly opened = new Map<string, Cached<true>>();

  constructor(
    private readonly keys: () => StreamKeys,
    private readonly clock: Clock,
  ) {}

  /** The encrypted data key for a caller's records; undefined if the stream is not encrypted. */
  public keyFor({ arn, encryption, keyId }: Stream, caller: RequestContext): Uint8Array | undefined {
    if (encryption !== 'KMS' || keyId === undefined) return undefined;
    const name = `${identityOf(caller)}\n${arn}\n${keyId}`;
    return this.cached(this.sealing, name, () => this.keys().generate(keyId, arn, caller));
  }

  /** Checks that a caller may decrypt records. */
  public open({ arn }: Stream, records: readonly StoredRecord[], caller: RequestContext): void {
    const keys = new Set<Uint8Array>();
    for (const { sealedKey } of records) if (sealedKey !== undefined) keys.add(sealedKey);
    for (const sealedKey of keys) {
      const name = `${identityOf(caller)}\n${Buffer.from(sealedKey).toString('base64')}`;
      this.cached(this.opened, name, () => {
        this.keys().decrypt(sealedKey, arn, caller);
        return true;
      });
    }
  }

  private cached<T>(cache: Map<string, Cached<T>>, name: string, ask: () => T): T {
    const now = this.clock.now();
    const known = cache.get(name);
    if (known !== undefined && now < known.until) return known.value;
    let value: T;
    try {
      value = ask();
    } catch (error) {
      throw error instanceof AwsError ? kmsError(error) : error;
    }
    cache.delete(name);
    if (cache.size >= MOST_CACHED) {
      for (const oldest of [...cache.keys()].slice(0, MOST_CACHED / 10)) cache.delete(oldest);
    }
    cache.set(name, { value, until: now + LIMITS.dataKeyReuse });
    return value;
  }
}

/** Sessions of one role share data keys. */
function identityOf({ principal }: RequestContext): string {
  return principal.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1');
}
