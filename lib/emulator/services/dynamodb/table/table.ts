import type {
  AttributeDefinition,
  BillingMode,
  KeySchemaElement,
  OnDemandThroughput,
  SSEDescription,
  TableClass,
} from '@aws-sdk/client-dynamodb';
import type { Identity } from '@aws-sdk/client-dynamodb-streams';
import type { ItemChange } from '../streams/table-stream';
import type { Item } from '../values/attribute-value';
import { equalItems } from '../values/comparison';
import { itemSize } from '../values/size';
import { ItemIndex } from './item-index';
import { type KeyAttribute, attributesOf, type KeySchema, type Position } from './keys';
import { type IndexChange, type IndexDefinition, SecondaryIndex } from './secondary-index';
import { StoredItem } from './stored-item';
import { TableMetrics } from './table-metrics';
import type { Throughput } from './throughput';
import type { TimeToLive } from './time-to-live';

/** What does not change as long as a table exists. */
export interface TableIdentity {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
  readonly elements: readonly KeySchemaElement[];
  readonly schema: KeySchema;
}

/** What UpdateTable and its relatives change. */
export interface TableSettings {
  definitions: readonly AttributeDefinition[];
  billingMode: BillingMode;
  /** When the table became an on-demand table, if it is one. */
  onDemandSince?: number;
  throughput: Throughput;
  onDemandThroughput?: OnDemandThroughput;
  tableClass?: TableClass;
  deletionProtection: boolean;
  encryption?: SSEDescription;
  /** When point-in-time recovery was enabled; undefined if it is not. */
  recoverableSince?: number;
  recoveryPeriodInDays?: number;
}

/** A change of one item, as it was made. */
export interface Write {
  readonly before?: Item;
  readonly after?: Item;
  /** The change of each secondary index, by name. */
  readonly indexes: ReadonlyMap<string, IndexChange>;
}

/** A table's items, its secondary indexes, and what else is known of it. */
export class Table {
  private readonly items = new ItemIndex();
  private readonly secondary = new Map<string, SecondaryIndex>();
  public readonly tags = new Map<string, string>();
  public readonly metrics = new TableMetrics();
  public timeToLive?: TimeToLive;
  /** When its time to live was last enabled or disabled. */
  public timeToLiveChangedAt?: number;
  /** The bytes of its items. */
  public size = 0;

  /** @param changed is told of each change that makes a difference */
  constructor(
    public readonly identity: TableIdentity,
    public readonly settings: TableSettings,
    private readonly changed: (change: ItemChange) => void,
  ) {}

  public get name(): string {
    return this.identity.name;
  }

  public get schema(): KeySchema {
    return this.identity.schema;
  }

  public get itemCount(): number {
    return this.items.size;
  }

  public get entries(): ItemIndex {
    return this.items;
  }

  public get indexes(): readonly SecondaryIndex[] {
    return [...this.secondary.values()];
  }

  public index(name: string): SecondaryIndex | undefined {
    return this.secondary.get(name);
  }

  /** The key attributes of the table's secondary indexes, with the index of each: global ones first, as AWS checks. */
  public *indexKeys(): IterableIterator<readonly [KeyAttribute, SecondaryIndex]> {
    for (const kind of ['global', 'local']) {
      for (const index of this.secondary.values()) {
        if (index.definition.kind !== kind) continue;
        for (const attribute of attributesOf(index.definition.schema)) yield [attribute, index];
      }
    }
  }

  /** Adds a secondary index, with the items that the table has. */
  public addIndex(definition: IndexDefinition): SecondaryIndex {
    const index = new SecondaryIndex(definition, this.schema);
    // An item whose key attribute has another type than the index's is not in the index.
    for (const { stored } of this.items.scan(0, Infinity)) index.update(stored, undefined, stored.item);
    this.secondary.set(definition.name, index);
    return index;
  }

  public deleteIndex(name: string): void {
    this.secondary.delete(name);
  }

  public get(position: Position): Item | undefined {
    return this.find(position)?.item;
  }

  /** Puts an item in its place, or deletes it if `after` is undefined. */
  public write(position: Position, after: Item | undefined, identity?: Identity): Write {
    const found = this.find(position);
    const before = found?.item;
    if (after === undefined) {
      if (found === undefined) return { indexes: new Map() };
      return this.delete(found, identity);
    }
    const size = itemSize(after);
    const stored = found ?? new StoredItem(position, after, size);
    this.size += size - (found?.size ?? 0);
    stored.item = after;
    stored.size = size;
    if (found === undefined) this.items.add(stored);
    const indexes = this.updateIndexes(stored, before, after);
    this.timeToLive?.track(stored, before);
    if (before === undefined || !equalItems(before, after)) {
      this.changed({ keys: this.keysOf(after), before, after, identity });
    }
    return { before, after, indexes };
  }

  /** The key attributes of an item. */
  public keysOf(item: Item): Item {
    return Object.fromEntries(attributesOf(this.schema).map(({ name }) => [name, item[name]]));
  }

  /** Deletes items by `timeToLive` from now on; or no longer. */
  public setTimeToLive(timeToLive: TimeToLive | undefined, now: number): void {
    const { timeToLive: former } = this;
    this.timeToLive = timeToLive;
    this.timeToLiveChangedAt = now;
    for (const { stored } of this.items.scan(0, Infinity)) {
      former?.forget(stored);
      timeToLive?.track(stored, undefined);
    }
    former?.stop();
  }

  /** The table is deleted: nothing of it expires any more. */
  public close(): void {
    this.timeToLive?.stop();
    this.timeToLive = undefined;
  }

  private find(position: Position): StoredItem | undefined {
    return this.items.get(new StoredItem(position, NOTHING, 0))?.stored;
  }

  private delete(stored: StoredItem, identity: Identity | undefined): Write {
    const { item: before } = stored;
    const indexes = this.updateIndexes(stored, before, undefined);
    this.timeToLive?.forget(stored);
    this.items.remove(stored);
    this.size -= stored.size;
    // The index may keep the entry as a mark between its nodes.
    stored.item = NOTHING;
    this.changed({ keys: this.keysOf(before), before, identity });
    return { before, indexes };
  }

  private updateIndexes(stored: StoredItem, before: Item | undefined, after: Item | undefined) {
    const changes = new Map<string, IndexChange>();
    for (const [name, index] of this.secondary) {
      const change = index.update(stored, before, after);
      if (change.removed > 0 || change.written > 0) changes.set(name, change);
    }
    return changes;
  }
}

const NOTHING: Item = {};
