import type {
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  ItemCollectionMetrics,
  KeysAndAttributes,
  WriteRequest as BatchWriteRequest,
} from '@aws-sdk/client-dynamodb';
import {
  type Consumption,
  describeConsumption,
  readConsumption,
  readUnits,
  totalConsumption,
  writeConsumption,
} from '../capacity';
import { AwsError } from '../../../core';
import { validation } from '../errors';
import { LIMITS } from '../limits';
import { schemaMismatch } from '../table/key-checks';
import { attributesOf, type Position } from '../table/keys';
import type { Table } from '../table/table';
import { type Item, storedItem } from '../values/attribute-value';
import { itemSize } from '../values/size';
import { Violations } from '../violations';
import type { Database } from './database';
import { deleteRequest, type ItemWrite, putRequest } from './item-writes';
import { checkAttributesToGet, find, projected, wantedPaths } from './reading';
import { collectionMetrics, make } from './writing';

const DUPLICATES = 'Provided list of item keys contains duplicates';

export function batchGetItem(database: Database, input: BatchGetItemInput): BatchGetItemOutput {
  const requests = requestItems<KeysAndAttributes>('BatchGetItem', input);
  checkKeys(requests);
  const reads = requests.map(([name, request]) => {
    const paths = wantedPaths(request);
    const keys = (request.Keys ?? []).map((key) => storedItem(key));
    checkDistinct(keys);
    return { name, request, paths, keys };
  });
  const found = reads.map(({ name, request, paths, keys }) => {
    const table = database.tables.of(name);
    return { name, table, request, paths, items: keys.map((key) => ({ key, item: find(table, key, paths) })) };
  });
  const batch = new BatchGet(database);
  for (const { name, table, request, paths, items } of found) {
    const consistent = request.ConsistentRead === true;
    for (const { key, item } of items) {
      if (!batch.read(name, table, item, consistent, item && projected(item, paths)))
        batch.postpone(name, request, key);
    }
  }
  return batch.output(input.ReturnConsumedCapacity);
}

/** The responses of a batch of reads, and what is left unprocessed of it. */
class BatchGet {
  private readonly responses: [string, Item[]][] = [];
  private readonly unprocessed = new Map<string, KeysAndAttributes>();
  private readonly consumed = new Map<Table, Consumption[]>();
  private size = 0;
  private refusal?: AwsError;
  private processed = 0;

  constructor(private readonly database: Database) {}

  /** Returns false if the item has to be asked for again: it is throttled, or the response is full. */
  public read(
    name: string,
    table: Table,
    item: Item | undefined,
    consistent: boolean,
    response: Item | undefined,
  ): boolean {
    const items = this.itemsOf(name);
    const size = item === undefined ? 0 : itemSize(item);
    if (this.size + size > LIMITS.batchGetSize && this.processed > 0) return false;
    try {
      this.database.capacity.admitRead(table, 'BatchGetItem');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.refusal = error;
      return false;
    }
    this.size += size;
    this.processed++;
    const consumption = readConsumption(readUnits(size, consistent));
    this.database.capacity.consumed(table, consumption);
    this.consumed.set(table, [...(this.consumed.get(table) ?? []), consumption]);
    if (response !== undefined) items.push(response);
    return true;
  }

  public postpone(name: string, { Keys: _keys, ...request }: KeysAndAttributes, key: Item): void {
    const postponed = this.unprocessed.get(name) ?? { ...request, Keys: [] };
    postponed.Keys?.push(key);
    this.unprocessed.set(name, postponed);
  }

  /** @throws AwsError if nothing could be read */
  public output(asked: string | undefined): BatchGetItemOutput {
    if (this.refusal !== undefined && this.processed === 0) throw this.refusal;
    return {
      Responses: Object.fromEntries(this.responses),
      UnprocessedKeys: Object.fromEntries(this.unprocessed),
      ConsumedCapacity: describeAll('read', this.consumed, asked),
    };
  }

  private itemsOf(name: string): Item[] {
    const last = this.responses[this.responses.length - 1];
    if (last?.[0] === name) return last[1];
    const items: Item[] = [];
    this.responses.push([name, items]);
    return items;
  }
}

export function batchWriteItem(database: Database, input: BatchWriteItemInput): BatchWriteItemOutput {
  const requests = requestItems<BatchWriteRequest[]>('BatchWriteItem', input);
  checkWrites(requests, input);
  const prepared = requests.flatMap(([name, list]) =>
    list.map((request) => ({ name, request, write: writeRequest(name, request) })),
  );
  const seen = new Set<string>();
  const writes = prepared.map(({ name, request, write: prepare }) => {
    const table = database.tables.of(name);
    if (request.PutRequest !== undefined) checkKeyTypes(request.PutRequest.Item ?? {}, table);
    const write = prepare.on(table);
    const text = itemText(table, write.position);
    if (seen.has(text)) throw validation(DUPLICATES);
    seen.add(text);
    return { name, request, write };
  });
  return performAll(database, input, writes);
}

interface BatchWrite {
  readonly name: string;
  readonly request: BatchWriteRequest;
  readonly write: ItemWrite;
}

function performAll(database: Database, input: BatchWriteItemInput, writes: readonly BatchWrite[]) {
  const unprocessed = new Map<string, BatchWriteRequest[]>();
  const consumed = new Map<Table, Consumption[]>();
  const metrics = new Map<string, ItemCollectionMetrics[]>();
  let refusal: AwsError | undefined;
  for (const { name, request, write } of writes) {
    const { table, position } = write;
    const before = table.get(position);
    const after = write.after(before);
    try {
      database.capacity.admitWrite(table, 'BatchWriteItem', before, after);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      refusal = error;
      unprocessed.set(name, [...(unprocessed.get(name) ?? []), request]);
      continue;
    }
    const made = make(database, write, after);
    const consumption = writeConsumption(made);
    database.capacity.consumed(table, consumption);
    consumed.set(table, [...(consumed.get(table) ?? []), consumption]);
    const collection = collectionMetrics(table, made, input.ReturnItemCollectionMetrics);
    if (collection !== undefined) metrics.set(name, [...(metrics.get(name) ?? []), collection]);
  }
  if (refusal !== undefined && consumed.size === 0) throw refusal;
  return {
    UnprocessedItems: Object.fromEntries(unprocessed),
    ...(metrics.size > 0 && { ItemCollectionMetrics: Object.fromEntries(metrics) }),
    ConsumedCapacity: describeAll('write', consumed, input.ReturnConsumedCapacity),
  };
}

/** What each table's requests consumed, if a batch or a transaction asks for it. */
export function describeAll(
  kind: 'read' | 'write',
  consumed: ReadonlyMap<Table, readonly Consumption[]>,
  asked: string | undefined,
  byKind = false,
) {
  if (asked !== 'TOTAL' && asked !== 'INDEXES') return undefined;
  return [...consumed].flatMap(
    ([table, all]) => describeConsumption(table, totalConsumption(kind, all), asked, byKind) ?? [],
  );
}

function requestItems<T>(action: string, input: BatchGetItemInput | BatchWriteItemInput): [string, T][] {
  const violations = new Violations();
  violations.required('requestItems', input.RequestItems);
  violations.oneOf('returnConsumedCapacity', input.ReturnConsumedCapacity, ['INDEXES', 'TOTAL', 'NONE']);
  if ('ReturnItemCollectionMetrics' in input) {
    violations.oneOf('returnItemCollectionMetrics', input.ReturnItemCollectionMetrics, ['SIZE', 'NONE']);
  }
  violations.throwAny();
  const entries = Object.entries(input.RequestItems ?? {}) as [string, T][];
  if (entries.length === 0) throw validation(`The requestItems parameter is required for ${action}`);
  return entries;
}

function checkKeys(requests: readonly [string, KeysAndAttributes][]): void {
  const violations = new Violations();
  for (const [name, { Keys, AttributesToGet }] of requests) {
    if (violations.required(`requestItems.${name}.member.keys`, Keys)) {
      violations.length(`requestItems.${name}.member.keys`, Keys, 1);
    }
    checkAttributesToGet(violations, AttributesToGet);
  }
  violations.throwAny();
  for (const [name, { Keys = [] }] of requests) {
    if (Keys.length <= LIMITS.batchGetKeys) continue;
    throw validation(
      `1 validation error detected: Value at 'RequestItems.${name}.member.Keys' failed to satisfy constraint: Member must have length less than or equal to ${LIMITS.batchGetKeys}`,
    );
  }
  const count = requests.reduce((sum, [, { Keys = [] }]) => sum + Keys.length, 0);
  if (count > LIMITS.batchGetKeys) throw validation('Too many items requested for the BatchGetItem call');
}

function checkWrites(requests: readonly [string, readonly BatchWriteRequest[]][], input: BatchWriteItemInput): void {
  if (requests.some(([, { length }]) => length < 1 || length > LIMITS.batchWrites)) {
    const shown = Object.entries(input.RequestItems ?? {}).map(([name, list]) => `${name}=${JSON.stringify(list)}`);
    throw validation(
      `1 validation error detected: Value '{${shown.join(', ')}}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to ${LIMITS.batchWrites}, Member must have length greater than or equal to 1]`,
    );
  }
  const count = requests.reduce((sum, [, { length }]) => sum + length, 0);
  if (count > LIMITS.batchWrites) throw validation('Too many items requested for the BatchWriteItem call');
}

function writeRequest(name: string, { PutRequest, DeleteRequest }: BatchWriteRequest) {
  if ((PutRequest === undefined) === (DeleteRequest === undefined)) {
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  if (PutRequest !== undefined) return putRequest({ TableName: name, Item: PutRequest.Item });
  return deleteRequest({ TableName: name, Key: DeleteRequest?.Key });
}

/** Unlike PutItem, a batch does not say what is wrong with the key of an item. */
function checkKeyTypes(item: Item, table: Table): void {
  if (attributesOf(table.schema).every(({ name, type }) => item[name]?.[type] !== undefined)) return;
  throw schemaMismatch();
}

function checkDistinct(keys: readonly Item[]): void {
  const texts = keys.map((key) => JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1))));
  if (new Set(texts).size < texts.length) throw validation(DUPLICATES);
}

/** A text that is the same for the same item of a table, and only for that. */
export function itemText(table: Table, { partition, sort }: Position): string {
  return `${table.name} ${partition.length} ${partition}${sort}`;
}
