import { AlreadyInProgressError, FOURTEEN_DAYS, type IdempotencyStore, positiveSeconds } from './idempotent';

export interface MemoryStoreOptions {
  /** How long work is remembered, more than 0 seconds. Default: 14 days. */
  readonly expiresAfterSeconds?: number;
  /** How many keys are remembered at most, at least 1; the oldest are forgotten first. Default 100,000. */
  readonly maxKeys?: number;
}

/** Remembers in this process: enough for one worker, until it ends, and for tests. */
export class MemoryStore implements IdempotencyStore {
  /** When each key expires, oldest first. */
  private readonly done = new Map<string, number>();
  private readonly inProgress = new Set<string>();
  private readonly expiry: number;
  private readonly maxKeys: number;

  /** @throws RangeError if an option is out of range */
  constructor({ expiresAfterSeconds = FOURTEEN_DAYS, maxKeys = 100_000 }: MemoryStoreOptions = {}) {
    this.expiry = positiveSeconds('expiresAfterSeconds', expiresAfterSeconds) * 1_000;
    if (!(Number.isInteger(maxKeys) && maxKeys >= 1)) {
      throw new RangeError(`maxKeys must be a whole number of 1 or more, but was ${maxKeys}`);
    }
    this.maxKeys = maxKeys;
  }

  public async once(key: string, work: (transaction: undefined) => Promise<void>): Promise<boolean> {
    if (this.inProgress.has(key)) throw new AlreadyInProgressError(key);
    if ((this.done.get(key) ?? 0) > Date.now()) return false;
    this.inProgress.add(key);
    try {
      await work(undefined);
    } finally {
      this.inProgress.delete(key);
    }
    this.done.delete(key); // an expired one would keep its place
    this.done.set(key, Date.now() + this.expiry);
    for (const oldest of this.done.keys()) {
      if (this.done.size <= this.maxKeys) break;
      this.done.delete(oldest);
    }
    return true;
  }
}
