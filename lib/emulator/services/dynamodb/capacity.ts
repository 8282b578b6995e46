import type { Capacity as CapacityOutput, ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../clock';
import type { Timeline } from '../../timeline';
import { indexThrottled, onDemandThrottled, tableThrottled } from './errors';
import { LIMITS } from './limits';
import { itemSize } from './values/size';
import { positionOf } from './table/keys';
import type { SecondaryIndex } from './table/secondary-index';
import type { Table, Write } from './table/table';
import { CapacityBucket } from './table/throughput';
import type { Item } from './values/attribute-value';

/** What a new on-demand table takes a second. */
const ON_DEMAND = { read: 12_000, write: 4_000 } as const;

type Kind = 'read' | 'write';

/** Capacity units that a request consumes of a table and of its indexes. */
export interface Consumption {
  readonly kind: Kind;
  readonly table: number;
  readonly indexes: ReadonlyMap<string, number>;
}

/** The read units for `bytes` bytes: an eventually consistent read costs half. */
export function readUnits(bytes: number, consistent: boolean): number {
  return (Math.max(1, Math.ceil(bytes / LIMITS.readUnit)) * (consistent ? 2 : 1)) / 2;
}

export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / LIMITS.writeUnit));
}

/** What a write consumes: the larger of the item before and after, and each index that changes. */
export function writeConsumption({ before, after, indexes }: Write, factor = 1): Consumption {
  const bytes = Math.max(before === undefined ? 0 : itemSize(before), after === undefined ? 0 : itemSize(after));
  const units = [...indexes].map(([name, { removed, written }]) => {
    const parts = [removed, written].filter((part) => part > 0).map(writeUnits);
    return [name, parts.reduce((sum, part) => sum + part, 0) * factor] as const;
  });
  return { kind: 'write', table: writeUnits(bytes) * factor, indexes: new Map(units) };
}

/** What a read consumes of the table, and of the index that it reads. */
export function readConsumption(table: number, indexes: readonly (readonly [string, number])[] = []): Consumption {
  return { kind: 'read', table, indexes: new Map(indexes) };
}

/** The sum of what several operations on one table consume. */
export function totalConsumption(kind: Kind, all: readonly Consumption[]): Consumption {
  const indexes = new Map<string, number>();
  for (const each of all) {
    for (const [name, units] of each.indexes) indexes.set(name, (indexes.get(name) ?? 0) + units);
  }
  return { kind, table: all.reduce((sum, each) => sum + each.table, 0), indexes };
}

/** A response's `ConsumedCapacity`, if the request asks for it. */
export function describeConsumption(
  table: Table,
  { kind, table: units, indexes }: Consumption,
  asked: string | undefined,
  byKind = false,
): ConsumedCapacity | undefined {
  if (asked !== 'TOTAL' && asked !== 'INDEXES') return undefined;
  const capacity = (count: number): CapacityOutput => ({
    ...(byKind && { [kind === 'read' ? 'ReadCapacityUnits' : 'WriteCapacityUnits']: count }),
    CapacityUnits: count,
  });
  const total = [...indexes.values()].reduce((sum, each) => sum + each, units);
  const described = { TableName: table.name, ...capacity(total) };
  if (asked === 'TOTAL') return described;
  const of = (wanted: 'local' | 'global') =>
    [...indexes].filter(([name]) => table.index(name)?.definition.kind === wanted);
  const section = (wanted: 'local' | 'global') =>
    Object.fromEntries(of(wanted).map(([name, count]) => [name, capacity(count)]));
  return {
    ...described,
    Table: capacity(units),
    ...(of('local').length > 0 && { LocalSecondaryIndexes: section('local') }),
    ...(of('global').length > 0 && { GlobalSecondaryIndexes: section('global') }),
  };
}

/** Counts what requests consume and, if asked to, refuses those beyond a table's throughput. */
export class Capacity {
  private readonly buckets = new WeakMap<object, { readonly rate: number; readonly bucket: CapacityBucket }>();
  /** Tables and indexes have a bucket of each kind: the key is an object of their own. */
  private readonly keys = new WeakMap<object, Record<Kind, object>>();

  constructor(
    private readonly clock: Clock,
    private readonly timeline: Timeline,
    private readonly enforced: boolean,
  ) {}

  /** @throws AwsError if a read of the table, or of one of its global indexes, is throttled */
  public admitRead(table: Table, operation: string, index?: SecondaryIndex): void {
    if (!this.enforced) return;
    const global = index?.definition.kind === 'global' ? index : undefined;
    if (this.hasAny('read', table, global)) return;
    throw this.throttled('read', table, operation, global);
  }

  /** @throws AwsError if a write of the table, or of a global index that has the item, is throttled */
  public admitWrite(table: Table, operation: string, before: Item | undefined, after: Item | undefined): void {
    if (!this.enforced) return;
    if (!this.hasAny('write', table)) throw this.throttled('write', table, operation);
    for (const index of table.indexes) {
      const { kind, schema } = index.definition;
      const has = [before, after].some((item) => item !== undefined && positionOf(item, schema) !== undefined);
      if (kind === 'global' && has && !this.hasAny('write', table, index)) {
        throw this.throttled('write', table, operation, index);
      }
    }
  }

  /** Counts what a request has consumed. */
  public consumed(table: Table, { kind, table: units, indexes }: Consumption): void {
    const metric = kind === 'read' ? 'ConsumedReadCapacityUnits' : 'ConsumedWriteCapacityUnits';
    let ofTable = units;
    for (const [name, count] of indexes) {
      const index = table.index(name);
      if (index?.definition.kind === 'global') {
        table.metrics.add(metric, count, { GlobalSecondaryIndexName: name });
        if (this.enforced) this.bucket(kind, table, index).take(count);
      } else {
        ofTable += count;
      }
    }
    if (ofTable === 0) return;
    table.metrics.add(metric, ofTable);
    if (this.enforced) this.bucket(kind, table).take(ofTable);
  }

  private throttled(kind: Kind, table: Table, Operation: string, index?: SecondaryIndex) {
    const of: Record<string, string> = index ? { GlobalSecondaryIndexName: index.definition.name } : {};
    table.metrics.add(kind === 'read' ? 'ReadThrottleEvents' : 'WriteThrottleEvents', 1, of);
    table.metrics.add('ThrottledRequests', 1, { Operation });
    this.timeline.record('dynamodb.throttled', table.name, { operation: Operation, index: index?.definition.name });
    if (table.settings.billingMode === 'PAY_PER_REQUEST') return onDemandThrottled();
    return index === undefined ? tableThrottled() : indexThrottled();
  }

  private hasAny(kind: Kind, table: Table, index?: SecondaryIndex): boolean {
    return this.bucket(kind, table, index).hasAny(this.clock.now());
  }

  private bucket(kind: Kind, table: Table, index?: SecondaryIndex): CapacityBucket {
    const { billingMode, throughput } = table.settings;
    const rate = billingMode === 'PAY_PER_REQUEST' ? ON_DEMAND[kind] : (index?.throughput ?? throughput)[kind];
    const owner = index ?? table;
    let keys = this.keys.get(owner);
    if (keys === undefined) this.keys.set(owner, (keys = { read: {}, write: {} }));
    const found = this.buckets.get(keys[kind]);
    if (found?.rate === rate) return found.bucket;
    const bucket = new CapacityBucket(rate, this.clock.now());
    this.buckets.set(keys[kind], { rate, bucket });
    return bucket;
  }
}
