import { createHash } from 'node:crypto';
import type {
  ItemCollectionMetrics,
  TransactGetItemsInput,
  TransactGetItemsOutput,
  TransactWriteItem,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
} from '@aws-sdk/client-dynamodb';
import { MINUTE } from '../../../clock';
import { AwsError } from '../../../core';
import { type Consumption, readConsumption, readUnits, writeConsumption } from '../capacity';
import { type Cancellation, idempotentParameterMismatch, transactionCancelled, validation } from '../errors';
import { LIMITS } from '../limits';
import type { Table } from '../table/table';
import { type Item, storedItem } from '../values/attribute-value';
import { itemSize } from '../values/size';
import { Violations } from '../violations';
import { describeAll, itemText } from './batches';
import type { Database } from './database';
import {
  conditionCheckRequest,
  deleteRequest,
  type ItemWrite,
  meetsCondition,
  putRequest,
  updateRequest,
  type WriteRequest,
} from './item-writes';
import { find, projected, wantedPaths } from './reading';
import { collectionMetrics, failCondition, make } from './writing';

/** A transaction takes twice the capacity: it is prepared, and then made. */
const FACTOR = 2;
const TOKEN_LIFETIME = 10 * MINUTE;
const NONE: Cancellation = { code: 'None' };

/** Makes transactions, and remembers those with a token, so that a repeated one is made once. */
export class Transactions {
  private readonly tokens = new Map<string, { readonly digest: string; readonly at: number }>();

  constructor(private readonly database: Database) {}

  public write(input: TransactWriteItemsInput): TransactWriteItemsOutput {
    checkTransaction(input);
    const { ClientRequestToken: token, ReturnConsumedCapacity: asked } = input;
    const requests = (input.TransactItems ?? []).map(requestOf);
    if (requests.reduce((sum, { size }) => sum + size, 0) > LIMITS.transactionSize) {
      throw validation(`Transaction payload size cannot exceed ${LIMITS.transactionSize} bytes`);
    }
    const tables = requests.map(({ tableName }) => this.database.tables.of(tableName));
    const writes = resolved(requests.map((request, index) => () => request.on(tables[index])));
    checkDistinct(writes);
    if (token !== undefined && this.isRepeated(token, input)) {
      const consumed = this.consume(writes, (before) => readConsumption(readUnits(sizeOf(before), true) * FACTOR));
      return { ConsumedCapacity: describeAll('read', consumed, asked, true) };
    }
    const output = this.perform(writes, input);
    if (token !== undefined) this.tokens.set(token, { digest: digestOf(input), at: this.database.clock.now() });
    return output;
  }

  public get({
    TransactItems = [],
    ReturnConsumedCapacity: asked,
    ...input
  }: TransactGetItemsInput): TransactGetItemsOutput {
    checkTransaction({ TransactItems, ReturnConsumedCapacity: asked, ...input });
    const gets = TransactItems.map(({ Get = { TableName: undefined, Key: undefined } }) => {
      const paths = wantedPaths(Get);
      return { key: storedItem(Get.Key ?? {}), paths, tableName: Get.TableName };
    });
    const tables = gets.map(({ tableName }) => this.database.tables.of(tableName));
    const items = resolved(
      gets.map(
        ({ key, paths }, index) =>
          () =>
            find(tables[index], key, paths),
      ),
    );
    for (const table of tables) this.database.capacity.admitRead(table, 'TransactGetItems');
    const consumed = new Map<Table, Consumption[]>();
    items.forEach((item, index) => {
      const consumption = readConsumption(readUnits(sizeOf(item), true) * FACTOR);
      this.database.capacity.consumed(tables[index], consumption);
      consumed.set(tables[index], [...(consumed.get(tables[index]) ?? []), consumption]);
    });
    return {
      Responses: items.map((item, index) => (item === undefined ? {} : { Item: projected(item, gets[index].paths) })),
      ConsumedCapacity: describeAll('read', consumed, asked, true),
    };
  }

  private perform(writes: readonly ItemWrite[], input: TransactWriteItemsInput): TransactWriteItemsOutput {
    const { database } = this;
    const before = writes.map(({ table, position }) => table.get(position));
    this.throwIfCancelled(writes.map((write, index) => this.conditionOf(write, before[index])));
    const after: (Item | undefined)[] = [];
    this.throwIfCancelled(
      writes.map((write, index) =>
        attempt(() => {
          after[index] = write.after(before[index]);
          if (write.writes)
            database.capacity.admitWrite(write.table, 'TransactWriteItems', before[index], after[index]);
        }),
      ),
    );
    const collections = new Map<string, ItemCollectionMetrics[]>();
    const consumed = this.consume(writes, (_item, write, index) => {
      const unchanged = { before: before[index], after: before[index], indexes: new Map<never, never>() };
      const made = write.writes ? make(database, write, after[index]) : unchanged;
      const collection = write.writes && collectionMetrics(write.table, made, input.ReturnItemCollectionMetrics);
      if (collection) collections.set(write.table.name, [...(collections.get(write.table.name) ?? []), collection]);
      return writeConsumption(made, FACTOR);
    });
    return {
      ConsumedCapacity: describeAll('write', consumed, input.ReturnConsumedCapacity, true),
      ...(collections.size > 0 && { ItemCollectionMetrics: Object.fromEntries(collections) }),
    };
  }

  private consume(
    writes: readonly ItemWrite[],
    consumptionOf: (item: Item | undefined, write: ItemWrite, index: number) => Consumption,
  ): Map<Table, Consumption[]> {
    const consumed = new Map<Table, Consumption[]>();
    for (const [index, write] of writes.entries()) {
      const { table, position } = write;
      const consumption = consumptionOf(table.get(position), write, index);
      this.database.capacity.consumed(table, consumption);
      consumed.set(table, [...(consumed.get(table) ?? []), consumption]);
    }
    return consumed;
  }

  private conditionOf(write: ItemWrite, before: Item | undefined): Cancellation {
    if (meetsCondition(write, before)) return NONE;
    failCondition(this.database, write);
    const message = 'The conditional request failed';
    return { code: 'ConditionalCheckFailed', message, ...(write.returnsItem && before && { item: before }) };
  }

  private throwIfCancelled(reasons: readonly Cancellation[]): void {
    if (reasons.every(({ code }) => code === 'None')) return;
    throw transactionCancelled(reasons);
  }

  /** Whether a transaction with this token has been made in the last ten minutes. */
  private isRepeated(token: string, input: TransactWriteItemsInput): boolean {
    const now = this.database.clock.now();
    for (const [old, { at }] of this.tokens) {
      if (at > now - TOKEN_LIFETIME) break;
      this.tokens.delete(old);
    }
    const known = this.tokens.get(token);
    if (known !== undefined && known.digest !== digestOf(input)) throw idempotentParameterMismatch();
    return known !== undefined;
  }
}

/** The reason for which an action that is valid by itself cancels its transaction. */
const CANCELLATION_CODES: Readonly<Record<string, string>> = {
  ValidationException: 'ValidationError',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
  ThrottlingException: 'ThrottlingError',
};

function attempt(action: () => void): Cancellation {
  try {
    action();
    return NONE;
  } catch (error) {
    const code = error instanceof AwsError ? CANCELLATION_CODES[error.shape] : undefined;
    if (code === undefined) throw error;
    return { code, message: (error as AwsError).message };
  }
}

/** Does all that must be valid before a transaction begins. The first that is not cancels it, and the rest is not looked at. */
function resolved<T>(all: readonly (() => T)[]): T[] {
  const results: T[] = [];
  for (const [index, resolve] of all.entries()) {
    const reason = attempt(() => results.push(resolve()));
    if (reason.code !== 'None')
      throw transactionCancelled(all.map((_each, other) => (other === index ? reason : NONE)));
  }
  return results;
}

function sizeOf(item: Item | undefined): number {
  return item === undefined ? 0 : itemSize(item);
}

function digestOf({ ClientRequestToken: _token, ...input }: TransactWriteItemsInput): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('base64');
}

function checkDistinct(writes: readonly ItemWrite[]): void {
  const keys = writes.map(({ table, position }) => itemText(table, position));
  if (new Set(keys).size === keys.length) return;
  throw validation('Transaction request cannot include multiple operations on one item');
}

const ACTIONS = ['ConditionCheck', 'Put', 'Delete', 'Update'] as const;

/** The members that each action of a transaction must have. */
const REQUIRED = {
  ConditionCheck: ['Key', 'TableName', 'ConditionExpression'],
  Put: ['Item', 'TableName'],
  Delete: ['Key', 'TableName'],
  Update: ['Key', 'UpdateExpression', 'TableName'],
  Get: ['Key', 'TableName'],
} as const;

function checkTransaction(input: TransactWriteItemsInput | TransactGetItemsInput): void {
  const violations = new Violations();
  const { TransactItems } = input;
  violations.oneOf('returnConsumedCapacity', input.ReturnConsumedCapacity, ['INDEXES', 'TOTAL', 'NONE']);
  if ('ClientRequestToken' in input) violations.length('clientRequestToken', input.ClientRequestToken, 1, 36);
  if ('ReturnItemCollectionMetrics' in input) {
    violations.oneOf('returnItemCollectionMetrics', input.ReturnItemCollectionMetrics, ['SIZE', 'NONE']);
  }
  if (violations.required('transactItems', TransactItems)) {
    violations.length('transactItems', TransactItems, 1, LIMITS.transactionActions);
    if (TransactItems.length <= LIMITS.transactionActions) {
      TransactItems.forEach((item, index) => checkActions(violations, item, index));
    }
  }
  violations.throwAny();
}

function checkActions(violations: Violations, item: object, index: number): void {
  for (const [action, members] of Object.entries(REQUIRED)) {
    const given = (item as Record<string, Record<string, unknown> | undefined>)[action];
    if (given === undefined) continue;
    const where = `transactItems.${index + 1}.member.${lowerFirst(action)}`;
    for (const member of members) violations.required(`${where}.${lowerFirst(member)}`, given[member]);
    violations.oneOf(
      `${where}.returnValuesOnConditionCheckFailure`,
      given.ReturnValuesOnConditionCheckFailure as string | undefined,
      ['ALL_OLD', 'NONE'],
    );
  }
}

function lowerFirst(name: string): string {
  return name[0].toLowerCase() + name.slice(1);
}

function requestOf(item: TransactWriteItem): WriteRequest {
  if (ACTIONS.filter((action) => item[action] !== undefined).length !== 1) {
    throw validation('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  if (item.Put !== undefined) return putRequest(item.Put);
  if (item.Update !== undefined) return updateRequest(item.Update);
  if (item.Delete !== undefined) return deleteRequest(item.Delete);
  return conditionCheckRequest(item.ConditionCheck ?? {});
}
