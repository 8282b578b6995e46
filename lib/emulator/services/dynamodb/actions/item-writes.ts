import type {
  AttributeValueUpdate,
  ExpectedAttributeValue,
  ReturnValuesOnConditionCheckFailure,
} from '@aws-sdk/client-dynamodb';
import { invalidParameters, validation } from '../errors';
import type { ParsedCondition } from '../expressions/condition';
import { meets } from '../expressions/condition-evaluation';
import { conditionOfExpected, updateOf } from '../expressions/legacy';
import {
  checkExpressionParameters,
  type ExpressionInput,
  type ExpressionName,
  parseExpressions,
} from '../expressions/request-expressions';
import type { Update } from '../expressions/update';
import { updated } from '../expressions/update-evaluation';
import { LIMITS } from '../limits';
import { checkKeyPaths, keyOf, positionOfNew } from '../table/key-checks';
import { attributesOf, type Position } from '../table/keys';
import type { Table } from '../table/table';
import { checkNesting, type Item, storedItem, typeOf } from '../values/attribute-value';
import { itemSize } from '../values/size';

/** What all writes of one item have in common. */
export interface WriteInput extends ExpressionInput {
  readonly Expected?: Record<string, ExpectedAttributeValue>;
  readonly ConditionalOperator?: string;
  readonly AttributeUpdates?: Record<string, AttributeValueUpdate>;
  readonly TableName?: string;
  readonly ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure;
}

/** A write whose request is valid, whatever its table is. */
export interface WriteRequest {
  readonly tableName: string | undefined;
  /** The bytes of its item or key. */
  readonly size: number;
  /** @throws AwsError ValidationException if it does not fit the table */
  on(table: Table): ItemWrite;
}

/** A write of one item, ready to be made. */
export interface ItemWrite {
  readonly table: Table;
  readonly position: Position;
  readonly condition?: ParsedCondition;
  /** Whether the error of a failed condition contains the item. */
  readonly returnsItem: boolean;
  /** The update, if it is one. */
  readonly update?: Update;
  /** Whether it changes anything: a condition check does not. */
  readonly writes: boolean;
  /**
   * The item after the write; undefined if there is none then.
   * @throws AwsError ValidationException if the item does not allow the update
   */
  after(before: Item | undefined): Item | undefined;
}

/** Whether the item as it is meets the condition of a write. */
export function meetsCondition({ condition }: ItemWrite, before: Item | undefined): boolean {
  return condition === undefined || meets(before ?? {}, condition.condition);
}

export function putRequest(input: WriteInput & { readonly Item?: Item }): WriteRequest {
  const names = ['ConditionExpression'] as const;
  checkExpressionParameters(input, names);
  const item = storedItem(input.Item ?? {});
  const size = itemSize(item);
  if (size > LIMITS.itemSize) throw validation('Item size has exceeded the maximum allowed size');
  const { condition } = expressionsOf(input, names);
  return {
    tableName: input.TableName,
    size,
    on: (table) => {
      const position = positionOfNew(item, table);
      return { ...common(input, table, condition), position, writes: true, after: () => item };
    },
  };
}

export function deleteRequest(input: WriteInput & { readonly Key?: Item }): WriteRequest {
  return keyedRequest(input, true, () => undefined);
}

export function conditionCheckRequest(input: WriteInput & { readonly Key?: Item }): WriteRequest {
  return keyedRequest(input, false, (before) => before);
}

function keyedRequest(
  input: WriteInput & { readonly Key?: Item },
  writes: boolean,
  after: ItemWrite['after'],
): WriteRequest {
  const names = ['ConditionExpression'] as const;
  checkExpressionParameters(input, names);
  const stored = storedItem(input.Key ?? {});
  const { condition } = expressionsOf(input, names);
  return {
    tableName: input.TableName,
    size: itemSize(stored),
    on: (table) => {
      const { position } = keyOf(stored, table.schema);
      return { ...common(input, table, condition), position, writes, after };
    },
  };
}

export function updateRequest(input: WriteInput & { readonly Key?: Item }): WriteRequest {
  const names = ['UpdateExpression', 'ConditionExpression'] as const;
  checkExpressionParameters(input, names);
  const stored = storedItem(input.Key ?? {});
  const { condition, update } = expressionsOf(input, names);
  return {
    tableName: input.TableName,
    size: itemSize(stored),
    on: (table) => {
      const { key, position } = keyOf(stored, table.schema);
      if (update !== undefined) checkUpdate(update, table);
      const write = common(input, table, condition);
      const after = (before: Item | undefined) =>
        update === undefined ? (before ?? key) : afterUpdate(update, table, key, before);
      return { ...write, position, update, writes: true, after };
    },
  };
}

function common(input: WriteInput, table: Table, condition: ParsedCondition | undefined) {
  if (condition !== undefined) checkKeyPaths(condition.paths, table);
  return { table, condition, returnsItem: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' };
}

/** Checks that an update leaves the key alone, and gives indexes values of their types. */
function checkUpdate({ actions }: Update, table: Table): void {
  const keys = new Set(attributesOf(table.schema).map(({ name }) => name));
  for (const { path } of actions) {
    if (!keys.has(path[0])) continue;
    throw invalidParameters(`Cannot update attribute ${path[0]}. This attribute is part of the key`);
  }
  for (const [{ name, type }, index] of table.indexKeys()) {
    const action = actions.find(({ path }) => path.length === 1 && path[0] === name);
    if (action === undefined || action.kind === 'REMOVE') continue;
    const value = action.kind !== 'SET' ? action.value : action.value.kind === 'value' ? action.value.value : undefined;
    if (value === undefined || typeOf(value) === type) continue;
    throw invalidParameters(
      `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.definition.name}`,
    );
  }
  const paths = actions.map(({ path }) => path);
  checkKeyPaths(paths, table);
}

function afterUpdate(update: Update, table: Table, key: Item, before: Item | undefined): Item | undefined {
  // Taking away from an item that is not there does not make one.
  const adds = update.actions.some(({ kind }) => kind === 'SET' || kind === 'ADD');
  const after = updated(before ?? key, update, before !== undefined);
  if (before === undefined && !adds && update.actions.length > 0) return undefined;
  checkNesting(after);
  checkUpdatedIndexKeys(update, table, after);
  if (itemSize(after) > LIMITS.itemSize) {
    throw validation('Item size to update has exceeded the maximum allowed size');
  }
  return after;
}

function checkUpdatedIndexKeys({ actions }: Update, table: Table, after: Item): void {
  const changed = new Set(actions.map(({ path: [name] }) => name));
  for (const [{ name, type }] of table.indexKeys()) {
    const value = changed.has(name) && Object.hasOwn(after, name) ? after[name] : undefined;
    if (value === undefined) continue;
    if (value[type] === undefined) {
      throw validation('The update expression attempted to update the secondary index key to unsupported type');
    }
    if (value.S === '' || value.B?.length === 0) {
      throw validation(
        `One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value.`,
      );
    }
  }
}

/** The expressions of `input` that the action has; it may have others that belong to other actions. */
function expressionsOf(input: WriteInput, names: readonly ExpressionName[]) {
  const own = Object.fromEntries(names.map((name) => [name, input[name]]));
  const { ExpressionAttributeNames, ExpressionAttributeValues } = input;
  const parsed = parseExpressions({ ...own, ExpressionAttributeNames, ExpressionAttributeValues });
  // As on AWS, an update is checked before a condition.
  const update = parsed.update ?? updateOf(names.includes('UpdateExpression') ? input.AttributeUpdates : undefined);
  return { update, condition: parsed.condition ?? conditionOfExpected(input.Expected, input.ConditionalOperator) };
}
