import { MAX_BATCH_ENTRIES } from './batch-request';

/** The maximum bytes of a message, and of all messages in a batch together: bodies and attributes. */
export const MAX_BATCH_BYTES = 1_048_576;

/** A message in the buffer. */
export interface Buffered {
  readonly bytes: number;
  /** The message group that must stay in order; undefined if order does not matter. */
  readonly group: string | undefined;
  /** Larger than that of each message that was added before. */
  readonly position: number;
}

interface Lane<Item> {
  readonly waiting: Item[];
  /** Of the waiting messages. */
  bytes: number;
  /** Whether a batch with earlier messages of the lane has been taken and not yet ended. */
  taken: boolean;
}

/**
 * Messages on their way into batches of up to ten messages and 1 MiB, in the order in which they were added. While a
 * batch with messages of a group is on its way, the group's other messages wait.
 */
export class OutgoingBuffer<Item extends Buffered> {
  private readonly lanes = new Map<string | undefined, Lane<Item>>();
  /** The lanes whose first message may be taken, sorted by its position. */
  private readonly ready: Lane<Item>[] = [];
  private readyCount = 0;
  private readyBytes = 0;

  public add(item: Item): void {
    let lane = this.lanes.get(item.group);
    if (lane === undefined) this.lanes.set(item.group, (lane = { waiting: [], bytes: 0, taken: false }));
    lane.waiting.push(item);
    lane.bytes += item.bytes;
    if (lane.taken) return;
    this.readyCount++;
    this.readyBytes += item.bytes;
    if (lane.waiting.length === 1) this.ready.push(lane);
  }

  /** The first message that may be taken. */
  public get first(): Item | undefined {
    return this.ready[0]?.waiting[0];
  }

  /** Whether the next batch cannot take another message. */
  public get full(): boolean {
    return this.readyCount >= MAX_BATCH_ENTRIES || this.readyBytes >= MAX_BATCH_BYTES;
  }

  /** Takes the next batch: one message at least, if there is one. */
  public take(): Item[] {
    const batch: Item[] = [];
    let bytes = 0;
    while (batch.length < MAX_BATCH_ENTRIES) {
      const { first } = this;
      if (first === undefined || (batch.length > 0 && bytes + first.bytes > MAX_BATCH_BYTES)) break;
      const [lane] = this.ready.splice(0, 1);
      lane.waiting.shift();
      lane.bytes -= first.bytes;
      if (lane.waiting.length > 0) this.makeReady(lane);
      batch.push(first);
      bytes += first.bytes;
    }
    this.readyCount -= batch.length;
    this.readyBytes -= bytes;
    for (const group of new Set(batch.map((item) => item.group))) {
      const lane = this.lanes.get(group);
      if (group === undefined || lane === undefined) continue;
      lane.taken = true;
      if (lane.waiting.length === 0) continue;
      this.ready.splice(this.ready.indexOf(lane), 1);
      this.readyCount -= lane.waiting.length;
      this.readyBytes -= lane.bytes;
    }
    return batch;
  }

  /** Lets a group go on whose batch has ended. */
  public free(group: string): void {
    const lane = this.lanes.get(group);
    if (lane === undefined) return;
    lane.taken = false;
    if (lane.waiting.length === 0) {
      this.lanes.delete(group);
      return;
    }
    this.readyCount += lane.waiting.length;
    this.readyBytes += lane.bytes;
    this.makeReady(lane);
  }

  /** Removes and returns the messages of a group whose batch has ended. */
  public drop(group: string): readonly Item[] {
    const { waiting = [] } = this.lanes.get(group) ?? {};
    this.lanes.delete(group);
    return waiting;
  }

  private makeReady(lane: Lane<Item>): void {
    const { position } = lane.waiting[0];
    let [from, to] = [0, this.ready.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.ready[middle].waiting[0].position < position) from = middle + 1;
      else to = middle;
    }
    this.ready.splice(from, 0, lane);
  }
}
