import type { GetItemInput, GetItemOutput } from '@aws-sdk/client-dynamodb';
import { describeConsumption, readConsumption, readUnits } from '../capacity';
import { invalidParameters } from '../errors';
import type { Path } from '../expressions/path';
import { Projection } from '../expressions/projection';
import { checkExpressionParameters, parseExpressions } from '../expressions/request-expressions';
import { checkKeyPaths, keyOf } from '../table/key-checks';
import type { Table } from '../table/table';
import { type Item, storedItem } from '../values/attribute-value';
import { itemSize } from '../values/size';
import { checkTableName, Violations } from '../violations';
import type { Database } from './database';

/** What reads of single items have in common. */
export interface ReadInput {
  readonly AttributesToGet?: string[];
  readonly ProjectionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
}

export function getItem({ tables, capacity }: Database, input: GetItemInput): GetItemOutput {
  checkTableName(input.TableName);
  const violations = new Violations();
  violations.required('key', input.Key);
  violations.oneOf('returnConsumedCapacity', input.ReturnConsumedCapacity, ['INDEXES', 'TOTAL', 'NONE']);
  checkAttributesToGet(violations, input.AttributesToGet);
  violations.throwAny();
  const paths = wantedPaths(input);
  const stored = storedItem(input.Key ?? {});
  const table = tables.of(input.TableName);
  const item = find(table, stored, paths);
  capacity.admitRead(table, 'GetItem');
  const units = readUnits(item === undefined ? 0 : itemSize(item), input.ConsistentRead === true);
  const consumption = readConsumption(units);
  capacity.consumed(table, consumption);
  const Item = item && projected(item, paths);
  return {
    ...(Item !== undefined && { Item }),
    ConsumedCapacity: describeConsumption(table, consumption, input.ReturnConsumedCapacity),
  };
}

/** The item with a key; undefined if there is none. */
export function find(table: Table, key: Item, paths: readonly Path[] | undefined): Item | undefined {
  const { position } = keyOf(key, table.schema);
  if (paths !== undefined) checkKeyPaths(paths, table);
  return table.get(position);
}

/** The paths that a request wants of an item; undefined for all of it. */
export function wantedPaths(input: ReadInput): readonly Path[] | undefined {
  checkExpressionParameters(input, ['ProjectionExpression']);
  const { AttributesToGet, ProjectionExpression, ExpressionAttributeNames } = input;
  checkDistinctNames(AttributesToGet);
  const { projection } = parseExpressions({ ProjectionExpression, ExpressionAttributeNames });
  return projection ?? AttributesToGet?.map((name): Path => [name]);
}

export function checkAttributesToGet(violations: Violations, names: readonly string[] | undefined): void {
  violations.length('attributesToGet', names, 1, 255);
}

/** @throws AwsError ValidationException if a name is there twice */
export function checkDistinctNames(names: readonly string[] = []): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalidParameters(`Duplicate value in attribute name: ${twice}`);
}

export function projected(item: Item, paths: readonly Path[] | undefined): Item {
  return paths === undefined ? item : new Projection(paths).of(item);
}
