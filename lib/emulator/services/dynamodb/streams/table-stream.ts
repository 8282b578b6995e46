import type { KeySchemaElement, StreamViewType } from '@aws-sdk/client-dynamodb';
import type { _Record, Identity, StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import { DAY } from '../../../clock';
import type { Item } from '../values/attribute-value';
import { itemSize } from '../values/size';

/** How long a stream's records stay readable. */
export const RETENTION = DAY;

/** Sequence numbers are decimal numbers of 21 digits here; AWS's have 21 to 40. */
const SEQUENCE_DIGITS = 20;

/** A change of an item. */
export interface ItemChange {
  readonly keys: Item;
  readonly before?: Item;
  readonly after?: Item;
  /** Who made it, if it was DynamoDB itself. */
  readonly identity?: Identity;
}

interface Kept extends ItemChange {
  readonly at: number;
  readonly eventId: string;
}

/** What a stream is made of. */
export interface StreamSettings {
  readonly arn: string;
  /** The time of its creation, as its ARN shows it. */
  readonly label: string;
  readonly tableName: string;
  readonly elements: readonly KeySchemaElement[];
  readonly viewType: StreamViewType;
  readonly createdAt: number;
  readonly shardId: string;
  readonly region: string;
}

/**
 * The changes of a table's items, in order: one shard, which is open until the stream is disabled. AWS has a shard for
 * each partition of the table, and a new one every few hours.
 */
export class TableStream {
  private records: Kept[] = [];
  /** How many of {@link records} are past their time. */
  private trimmed = 0;
  /** The sequence number of the first of {@link records}. */
  private firstSequence = 1;
  /** When the stream was disabled or its table was deleted; undefined if neither. */
  public closedAt?: number;
  private readonly listeners = new Set<() => void>();

  constructor(public readonly settings: StreamSettings) {}

  /** The sequence number that the next record gets. */
  public get next(): number {
    return this.firstSequence + this.records.length;
  }

  /** The sequence number of the oldest record that can be read, or of the next one if there is none. */
  public oldest(now: number): number {
    while (this.trimmed < this.records.length && this.records[this.trimmed].at <= now - RETENTION) this.trimmed++;
    if (this.trimmed > 1_000 && this.trimmed * 2 > this.records.length) {
      this.records.splice(0, this.trimmed);
      this.firstSequence += this.trimmed;
      this.trimmed = 0;
    }
    return this.firstSequence + this.trimmed;
  }

  public add(change: ItemChange, at: number, eventId: string): void {
    this.oldest(at);
    this.records.push({ ...change, at, eventId });
    this.changed();
  }

  public close(at: number): void {
    this.closedAt = at;
    this.changed();
  }

  /** Calls `listener` after records were added, and when the stream is closed. Returns a function that ends that. */
  public watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** The records from a sequence number on: at most `limit`, and as many bytes as `size` allows, but at least one. */
  public read(from: number, limit: number, size: number): _Record[] {
    const records: _Record[] = [];
    let bytes = 0;
    for (let sequence = from; sequence < this.next && records.length < limit; sequence++) {
      const record = this.recordOf(this.records[sequence - this.firstSequence], sequence);
      bytes += record.dynamodb?.SizeBytes ?? 0;
      if (bytes > size && records.length > 0) break;
      records.push(record);
    }
    return records;
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private recordOf({ keys, before, after, identity, at, eventId }: Kept, sequence: number): _Record {
    const { viewType, region } = this.settings;
    const newImage = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? after : undefined;
    const oldImage = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? before : undefined;
    const sizeOf = (item: Item | undefined) => (item === undefined ? 0 : itemSize(item));
    const dynamodb: StreamRecord = {
      // Whole seconds, as in AWS's records.
      ApproximateCreationDateTime: new Date(Math.floor(at / 1_000) * 1_000),
      Keys: keys,
      ...(newImage !== undefined && { NewImage: newImage }),
      ...(oldImage !== undefined && { OldImage: oldImage }),
      SequenceNumber: sequenceNumber(sequence),
      SizeBytes: sizeOf(keys) + sizeOf(newImage) + sizeOf(oldImage),
      StreamViewType: viewType,
    };
    return {
      eventID: eventId,
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb,
      ...(identity !== undefined && { userIdentity: identity }),
    };
  }
}

/** A sequence number as the API shows it. All have the same length, so they sort as text, too. */
export function sequenceNumber(sequence: number): string {
  return `1${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;
}

/** The sequence number that `text` shows; undefined if it shows none. */
export function parseSequenceNumber(text: string): number | undefined {
  return /^1\d{20}$/.test(text) ? Number(text.slice(1)) : undefined;
}
