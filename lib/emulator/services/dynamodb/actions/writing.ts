import type {
  AttributeValue,
  DeleteItemInput,
  DeleteItemOutput,
  ItemCollectionMetrics,
  PutItemInput,
  PutItemOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from '@aws-sdk/client-dynamodb';
import { describeConsumption, writeConsumption } from '../capacity';
import { conditionalCheckFailed, validation } from '../errors';
import { COMPARISON_OPERATORS } from '../expressions/legacy';
import type { Update } from '../expressions/update';
import { Projection } from '../expressions/projection';
import type { Table, Write } from '../table/table';
import { checkTableName, Violations } from '../violations';
import type { Item } from '../values/attribute-value';
import type { Database } from './database';
import {
  deleteRequest,
  type ItemWrite,
  meetsCondition,
  putRequest,
  updateRequest,
  type WriteRequest,
} from './item-writes';

const RETURN_VALUES = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'];

type WriteInput = PutItemInput | UpdateItemInput | DeleteItemInput;

export function putItem(database: Database, input: PutItemInput): PutItemOutput {
  checkWrite(input, 'Item');
  checkReturnsOld(input.ReturnValues);
  return perform(database, 'PutItem', input, putRequest(input));
}

export function deleteItem(database: Database, input: DeleteItemInput): DeleteItemOutput {
  checkWrite(input, 'Key');
  checkReturnsOld(input.ReturnValues);
  return perform(database, 'DeleteItem', input, deleteRequest(input));
}

export function updateItem(database: Database, input: UpdateItemInput): UpdateItemOutput {
  checkWrite(input, 'Key');
  return perform(database, 'UpdateItem', input, updateRequest(input));
}

function checkWrite(input: WriteInput, required: 'Item' | 'Key'): void {
  checkTableName(input.TableName);
  const violations = new Violations();
  violations.required(required.toLowerCase(), (input as { readonly Item?: Item; readonly Key?: Item })[required]);
  violations.oneOf('returnConsumedCapacity', input.ReturnConsumedCapacity, ['INDEXES', 'TOTAL', 'NONE']);
  violations.oneOf('returnItemCollectionMetrics', input.ReturnItemCollectionMetrics, ['SIZE', 'NONE']);
  violations.oneOf('returnValues', input.ReturnValues, RETURN_VALUES);
  violations.oneOf('returnValuesOnConditionCheckFailure', input.ReturnValuesOnConditionCheckFailure, [
    'ALL_OLD',
    'NONE',
  ]);
  violations.oneOf('conditionalOperator', input.ConditionalOperator, ['OR', 'AND']);
  for (const [name, { ComparisonOperator }] of Object.entries(input.Expected ?? {})) {
    violations.oneOf(`expected.${name}.member.comparisonOperator`, ComparisonOperator, COMPARISON_OPERATORS);
  }
  violations.throwAny();
}

function checkReturnsOld(returnValues: string | undefined): void {
  if (returnValues === undefined || returnValues === 'ALL_OLD' || returnValues === 'NONE') return;
  throw validation('ReturnValues can only be ALL_OLD or NONE');
}

function perform(database: Database, operation: string, input: WriteInput, request: WriteRequest): UpdateItemOutput {
  const { tables, capacity } = database;
  const write = request.on(tables.of(input.TableName));
  const { table } = write;
  const before = table.get(write.position);
  if (!meetsCondition(write, before)) {
    failCondition(database, write);
    throw conditionalCheckFailed(write.returnsItem ? before : undefined);
  }
  const after = write.after(before);
  capacity.admitWrite(table, operation, before, after);
  const made = make(database, write, after);
  const consumption = writeConsumption(made);
  capacity.consumed(table, consumption);
  const Attributes = returned(input.ReturnValues, made, write.update);
  return {
    ...(Attributes !== undefined && { Attributes }),
    ConsumedCapacity: describeConsumption(table, consumption, input.ReturnConsumedCapacity),
    ItemCollectionMetrics: collectionMetrics(table, made, input.ReturnItemCollectionMetrics),
  };
}

/** Makes a write, and tells of it. */
export function make({ timeline }: Database, { table, position }: ItemWrite, after: Item | undefined): Write {
  const made = table.write(position, after);
  if (timeline.observed) {
    const { before } = made;
    const item = after ?? before;
    const kind = after === undefined ? 'deleted' : before === undefined ? 'put' : 'updated';
    if (item !== undefined) {
      timeline.record(`dynamodb.${kind}`, table.name, { key: showKey(table, item) }, JSON.stringify(after ?? {}));
    }
  }
  return made;
}

/** Counts and tells of a condition that an item does not meet. */
export function failCondition({ timeline }: Database, { table }: ItemWrite): void {
  table.metrics.add('ConditionalCheckFailedRequests', 1);
  timeline.record('dynamodb.conditionFailed', table.name);
}

/** A key on one line: `pk=a,sk=1`. */
export function showKey(table: Table, item: Item): string {
  return Object.entries(table.keysOf(item))
    .map(([name, value]) => `${name}=${value.S ?? value.N ?? showBytes(value)}`)
    .join(',');
}

function showBytes({ B }: AttributeValue): string {
  return Buffer.from(B ?? []).toString('base64');
}

function returned(returnValues: string | undefined, { before, after }: Write, update: Update | undefined) {
  switch (returnValues) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return updatedParts(before, update);
    case 'UPDATED_NEW':
      return updatedParts(after, update);
    default:
      return undefined;
  }
}

function updatedParts(item: Item | undefined, update: Update | undefined): Item | undefined {
  if (item === undefined || update === undefined) return undefined;
  const parts = new Projection(update.actions.map(({ path }) => path)).of(item);
  return Object.keys(parts).length === 0 ? undefined : parts;
}

/** Only tables with local secondary indexes have item collections. All are far below the limit of 10 GB. */
export function collectionMetrics(
  table: Table,
  { before, after }: Write,
  asked: string | undefined,
): ItemCollectionMetrics | undefined {
  const item = after ?? before;
  if (asked !== 'SIZE' || item === undefined) return undefined;
  if (!table.indexes.some(({ definition }) => definition.kind === 'local')) return undefined;
  const { name } = table.schema.partition;
  return { ItemCollectionKey: { [name]: item[name] }, SizeEstimateRangeGB: [0, 1] };
}
