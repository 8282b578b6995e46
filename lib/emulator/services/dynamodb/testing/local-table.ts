import { isDeepStrictEqual } from 'node:util';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { LocalResource, type WaitOptions } from '../../../testing';
import type { DynamoDb } from '../dynamodb';
import type { TableRecord, TableWrite } from './table-record';

/** An item or a key as plain values: strings, numbers, booleans, bytes, sets, arrays and objects. */
export type PlainItem = Readonly<Record<string, unknown>>;

/** A DynamoDB table of a local cloud. Its reads and writes bypass faults, and are not throttled. */
export class LocalTable extends LocalResource<DynamoDb, TableRecord> {
  /** How many items it has, expired ones that are not deleted yet included. */
  public get size(): number {
    return this.service.tableInfo().find(({ name }) => name === this.name)?.items ?? 0;
  }

  /** Its items, in the order of a scan. Takes time in the number of items. */
  public get items(): readonly PlainItem[] {
    return [...this.service.items(this.name)].map((item) => unmarshall(item));
  }

  /** The writes of its items, oldest first. */
  public get writes(): readonly TableWrite[] {
    return this.record.writes;
  }

  /** How many writes there were of each kind. */
  public get writeCounts(): Readonly<Record<TableWrite['kind'], number>> {
    return this.record.counts;
  }

  /**
   * Puts items.
   * @throws AwsError AWS's error if DynamoDB would refuse one
   */
  public put(...items: readonly PlainItem[]): void {
    for (const item of items) {
      const Item = marshall(item, { removeUndefinedValues: true });
      this.service.putItem({ TableName: this.name, Item }, this.context.caller);
    }
  }

  /** Returns the item with this key; undefined if there is none. */
  public get(key: PlainItem): PlainItem | undefined {
    const { Item } = this.service.getItem({ TableName: this.name, Key: marshall(key) }, this.context.caller);
    return Item && unmarshall(Item);
  }

  /** Deletes the item with this key; does nothing if there is none. */
  public delete(key: PlainItem): void {
    this.service.deleteItem({ TableName: this.name, Key: marshall(key) }, this.context.caller);
  }

  /** The items that have all of these attributes, with equal values. */
  public matching(pattern: PlainItem): readonly PlainItem[] {
    const wanted = Object.entries(pattern);
    return this.items.filter((item) => wanted.every(([name, value]) => isDeepStrictEqual(item[name], value)));
  }

  /**
   * Lets time pass until an item has all of these attributes, and returns it.
   * @throws NotReachedError
   */
  public async waitForItem(pattern: PlainItem, options: WaitOptions = {}): Promise<PlainItem> {
    const what = `${this.label} has an item with ${JSON.stringify(pattern)}`;
    await this.context.waitUntil(() => this.matching(pattern).length > 0, what, options);
    return this.matching(pattern)[0];
  }
}
