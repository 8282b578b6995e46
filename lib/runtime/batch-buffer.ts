import { MAX_BATCH_ENTRIES, requestBatch, type SendBatch } from './batch-request';

interface Waiting<Entry> {
  readonly entry: Entry;
  readonly settle: (error?: Error) => void;
}

/** Collects single entries into batch requests of up to ten. */
export class BatchBuffer<Entry> {
  private waiting: Waiting<Entry>[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param linger how many milliseconds the first entry waits for others; 0 sends every entry immediately */
  constructor(
    private readonly linger: number,
    private readonly send: SendBatch<Entry>,
  ) {}

  /** Resolves when SQS has accepted the entry; rejects when SQS has finally rejected it. */
  public add(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ entry, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      if (this.linger === 0 || this.waiting.length === MAX_BATCH_ENTRIES) this.flush();
      else this.timer ??= setTimeout(() => this.flush(), this.linger);
    });
  }

  /** Sends pending entries now. */
  public flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length > 0) void this.deliver(batch);
  }

  private async deliver(batch: readonly Waiting<Entry>[]): Promise<void> {
    const outcomes = await requestBatch(
      batch.map(({ entry }) => entry),
      this.send,
    );
    for (const [index, { settle }] of batch.entries()) {
      const { failure } = outcomes[index];
      settle(failure && new Error(`${failure.code}: ${failure.reason}`, { cause: failure.cause }));
    }
  }
}
