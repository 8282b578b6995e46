import type { Item } from '../values/attribute-value';
import type { Position } from './keys';

/** An entry of a table or an index. */
export interface Entry extends Position {
  readonly stored: StoredItem;
}

/** An item in a table. A change replaces `item`; whoever holds the former one keeps it as it was. */
export class StoredItem implements Entry {
  public readonly hash: number;
  public readonly partition: string;
  public readonly sort: string;
  /** Its entry among the items that expire; undefined if it does not. */
  public expiry: Entry | undefined = undefined;

  constructor(
    { hash, partition, sort }: Position,
    public item: Item,
    /** In bytes, as DynamoDB counts it. */
    public size: number,
  ) {
    this.hash = hash;
    this.partition = partition;
    this.sort = sort;
  }

  public get stored(): StoredItem {
    return this;
  }
}
