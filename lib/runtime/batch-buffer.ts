import { MAX_BATCH_ENTRIES, requestBatch, type SendBatch } from './batch-request';

interface Waiting<Entry> {
  readonly entry: Entry;
  readonly settle: (error?: Error) => void;
}

/** Gathers entries that come one by one into batch requests of up to ten. */
export class BatchBuffer<Entry> {
  private waiting: Waiting<Entry>[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param linger milliseconds for which the first entry waits for others; 0: every entry goes at once */
  constructor(
    private readonly linger: number,
    private readonly send: SendBatch<Entry>,
  ) {}

  /** Resolves when SQS has accepted the entry; rejects when it has refused it for good. */
  public add(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ entry, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      if (this.linger === 0 || this.waiting.length === MAX_BATCH_ENTRIES) this.flush();
      else this.timer ??= setTimeout(() => this.flush(), this.linger);
    });
  }

  /** Sends what waits, now. */
  public flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length > 0) void this.deliver(batch);
  }

  private async deliver(batch: readonly Waiting<Entry>[]): Promise<void> {
    const failures = await requestBatch(
      batch.map(({ entry }) => entry),
      this.send,
    );
    for (const [index, { settle }] of batch.entries()) {
      const failure = failures[index];
      settle(failure && new Error(`${failure.code}: ${failure.reason}`, { cause: failure.cause }));
    }
  }
}
