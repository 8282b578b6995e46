/** A stored event. */
export interface StoredEvent {
  /** In milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
  /** Grows with each event of the account and Region: tells events of the same instant apart. */
  readonly sequence: number;
  /** What the event counts towards the stored bytes. */
  readonly bytes: number;
}

/** A place between events, in their order: before all events that are not before it. */
export interface Position {
  readonly timestamp: number;
  readonly sequence: number;
}

/** A log stream: its events by timestamp, those of the same instant in the order of their arrival. */
export class LogStream {
  public lastIngestionTime?: number;
  public bytes = 0;
  /** How many events were ever added, and how many have been removed. */
  public added = 0;
  public removed = 0;
  /** Those before the first are removed: holes, which are dropped when they are half of the list. */
  private events: (StoredEvent | undefined)[] = [];
  /** Index of the first event. */
  private first = 0;

  constructor(
    public readonly name: string,
    public readonly arn: string,
    public readonly creationTime: number,
  ) {}

  public get firstEvent(): StoredEvent | undefined {
    return this.events[this.first];
  }

  public get lastEvent(): StoredEvent | undefined {
    return this.events.length > this.first ? this.events[this.events.length - 1] : undefined;
  }

  /** The number of events. */
  public get length(): number {
    return this.events.length - this.first;
  }

  public at(index: number): StoredEvent {
    return this.events[this.first + index] as StoredEvent; // behind the first, there are no holes
  }

  /** Adds events, which are in chronological order. */
  public add(batch: readonly StoredEvent[]): void {
    const last = this.lastEvent;
    if (last === undefined || batch[0].timestamp >= last.timestamp) for (const event of batch) this.events.push(event);
    else this.merge(batch);
    for (const { bytes } of batch) this.bytes += bytes;
    this.added += batch.length;
    this.lastIngestionTime = batch[batch.length - 1].ingestionTime;
  }

  /** The index of the first event that is not before a position. */
  public indexOf({ timestamp, sequence }: Position): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.at(middle);
      if (event.timestamp < timestamp || (event.timestamp === timestamp && event.sequence < sequence)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Removes the first `count` events. Returns how many bytes that frees. */
  public removeFirst(count: number): number {
    let freed = 0;
    const end = Math.min(this.first + count, this.events.length);
    for (let index = this.first; index < end; index++) {
      freed += this.events[index]?.bytes ?? 0;
      this.events[index] = undefined;
    }
    this.removed += end - this.first;
    this.first = end;
    this.bytes -= freed;
    if (this.first * 2 > this.events.length) {
      this.events = this.events.slice(this.first);
      this.first = 0;
    }
    return freed;
  }

  /** Puts a batch that begins before the last event where it belongs. */
  private merge(batch: readonly StoredEvent[]): void {
    const from = this.first + this.indexOf({ timestamp: batch[0].timestamp + 1, sequence: 0 });
    const later = this.events.splice(from) as StoredEvent[];
    let index = 0;
    for (const event of batch) {
      while (index < later.length && later[index].timestamp <= event.timestamp) this.events.push(later[index++]);
      this.events.push(event);
    }
    for (; index < later.length; index++) this.events.push(later[index]);
  }
}
