import type { KeySchemaElement, OnDemandThroughput, Projection as ProjectionInput } from '@aws-sdk/client-dynamodb';
import { Projection } from '../expressions/projection';
import type { Item } from '../values/attribute-value';
import { itemSize } from '../values/size';
import { ItemIndex } from './item-index';
import { attributesOf, comparePositions, type KeySchema, positionOf } from './keys';
import type { Entry, StoredItem } from './stored-item';
import type { Throughput } from './throughput';

/** What a secondary index is made of. */
export interface IndexDefinition {
  readonly name: string;
  readonly kind: 'local' | 'global';
  readonly elements: readonly KeySchemaElement[];
  readonly schema: KeySchema;
  readonly projection: ProjectionInput;
}

/** A local or global secondary index. It has the table's items that have its key attributes, and no others. */
export class SecondaryIndex {
  public readonly entries = new ItemIndex();
  /** The bytes of what it projects. */
  public size = 0;
  /** What a global index has for itself in provisioned mode. */
  public throughput?: Throughput;
  public onDemandThroughput?: OnDemandThroughput;
  private readonly picked?: Projection;

  constructor(
    public readonly definition: IndexDefinition,
    table: KeySchema,
  ) {
    const { projection, schema } = definition;
    if (projection.ProjectionType === 'ALL') return;
    const keys = [...attributesOf(table), ...attributesOf(schema)].map(({ name }) => name);
    const names = new Set([...keys, ...(projection.NonKeyAttributes ?? [])]);
    this.picked = new Projection([...names].map((name) => [name] as const));
  }

  /** The attributes of an item that the index has. */
  public project(item: Item): Item {
    return this.picked === undefined ? item : this.picked.of(item);
  }

  /** Whether it has all attributes of every item. */
  public get projectsAll(): boolean {
    return this.picked === undefined;
  }

  /** Whether it has an attribute of every item that it contains. */
  public projects(name: string): boolean {
    const { projection, schema } = this.definition;
    return (
      this.projectsAll ||
      attributesOf(schema).some((key) => key.name === name) ||
      (projection.NonKeyAttributes ?? []).includes(name)
    );
  }

  /** Takes note of a change of `stored`. Returns the index's part of what the change consumes, in bytes. */
  public update(stored: StoredItem, before: Item | undefined, after: Item | undefined): IndexChange {
    const { schema } = this.definition;
    const old = before && positionOf(before, schema);
    const now = after && positionOf(after, schema);
    if (old === undefined && now === undefined) return NO_CHANGE;
    const oldSize = before === undefined || old === undefined ? 0 : itemSize(this.project(before));
    const newSize = after === undefined || now === undefined ? 0 : itemSize(this.project(after));
    this.size += newSize - oldSize;
    const moved = old === undefined || now === undefined || comparePositions(old, now) !== 0;
    if (moved && old !== undefined) this.entries.remove({ ...old, stored });
    if (moved && now !== undefined) this.entries.add({ ...now, stored });
    return moved ? { removed: oldSize, written: newSize } : { removed: 0, written: Math.max(oldSize, newSize) };
  }

  public entryOf(stored: StoredItem): Entry | undefined {
    const position = positionOf(stored.item, this.definition.schema);
    return position && this.entries.get({ ...position, stored });
  }
}

/** The bytes that a write removes from an index, and those that it writes to it. */
export interface IndexChange {
  readonly removed: number;
  readonly written: number;
}

const NO_CHANGE: IndexChange = { removed: 0, written: 0 };
