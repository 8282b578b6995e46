import type { QueryInput, QueryOutput, ScanInput } from '@aws-sdk/client-dynamodb';
import { describeConsumption, readConsumption, readUnits } from '../capacity';
import { AwsError } from '../../../core';
import { invalidParameters, validation } from '../errors';
import type { ParsedCondition } from '../expressions/condition';
import { meets } from '../expressions/condition-evaluation';
import { COMPARISON_OPERATORS, type LegacyTest } from '../expressions/legacy';
import type { Path } from '../expressions/path';
import { Projection } from '../expressions/projection';
import { LIMITS } from '../limits';
import { checkKeyAttribute, checkKeyPaths, keyOf } from '../table/key-checks';
import { attributesOf, type KeySchema, positionOf } from '../table/keys';
import type { ItemIndex } from '../table/item-index';
import type { SecondaryIndex } from '../table/secondary-index';
import { type Entry, StoredItem } from '../table/stored-item';
import type { Table } from '../table/table';
import { type Item, storedItem } from '../values/attribute-value';
import { itemSize } from '../values/size';
import type { Violations } from '../violations';
import { checkIndexName } from '../violations';
import { checkAttributesToGet } from './reading';
import type { Database } from './database';

type PageInput = QueryInput & ScanInput;

/** Where a query or scan reads: a table, or one of its indexes. */
export interface Source {
  readonly table: Table;
  readonly index?: SecondaryIndex;
  readonly schema: KeySchema;
  readonly entries: ItemIndex;
  /** The attributes of a key to continue after. */
  readonly startKeyNames: readonly string[];
}

/** What a query or scan wants of what it reads. */
export interface Wanted {
  readonly filter?: ParsedCondition;
  readonly paths?: readonly Path[];
}

/** Notes what is wrong with the members that Query and Scan share. */
export function checkPageMembers(violations: Violations, input: PageInput): void {
  violations.oneOf('returnConsumedCapacity', input.ReturnConsumedCapacity, ['INDEXES', 'TOTAL', 'NONE']);
  checkAttributesToGet(violations, input.AttributesToGet);
  violations.oneOf('select', input.Select, [
    'SPECIFIC_ATTRIBUTES',
    'COUNT',
    'ALL_ATTRIBUTES',
    'ALL_PROJECTED_ATTRIBUTES',
  ]);
  if (input.IndexName !== undefined) checkIndexName(violations, 'indexName', input.IndexName);
}

/** Notes what is wrong with the operators of a legacy filter or of key conditions. */
export function checkTests(
  violations: Violations,
  where: string,
  tests: Readonly<Record<string, LegacyTest>> = {},
): void {
  for (const [name, { ComparisonOperator: operator }] of Object.entries(tests)) {
    violations.required(`${where}.${name}.member.comparisonOperator`, operator);
    violations.oneOf(`${where}.${name}.member.comparisonOperator`, operator, COMPARISON_OPERATORS);
  }
}

/** Checks `Select` against what else the request says. */
export function checkSelect({ Select, IndexName, AttributesToGet, ProjectionExpression }: PageInput): void {
  const chosen = AttributesToGet !== undefined || ProjectionExpression !== undefined;
  if (Select === 'SPECIFIC_ATTRIBUTES' && !chosen) {
    throw invalidParameters(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (Select !== undefined && Select !== 'SPECIFIC_ATTRIBUTES' && chosen) {
    const parameter = AttributesToGet === undefined ? 'ProjectionExpression' : 'AttributesToGet';
    const what = Select === 'COUNT' ? 'only the Count' : Select;
    throw validation(`Cannot specify the ${parameter} when choosing to get ${what}`);
  }
  if (Select === 'ALL_PROJECTED_ATTRIBUTES' && IndexName === undefined) {
    throw invalidParameters('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
}

export function sourceOf(table: Table, { IndexName, ConsistentRead, Select }: PageInput): Source {
  const keys = attributesOf(table.schema).map(({ name }) => name);
  if (IndexName === undefined) return { table, schema: table.schema, entries: table.entries, startKeyNames: keys };
  const index = table.index(IndexName);
  if (index === undefined) throw validation(`The table does not have the specified index: ${IndexName}`);
  const { schema, kind } = index.definition;
  if (kind === 'global' && ConsistentRead === true) {
    throw validation('Consistent reads are not supported on global secondary indexes');
  }
  if (kind === 'global' && Select === 'ALL_ATTRIBUTES' && !index.projectsAll) {
    throw invalidParameters(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${IndexName} because its projection type is not ALL`,
    );
  }
  const names = new Set([...keys, ...attributesOf(schema).map(({ name }) => name)]);
  return { table, index, schema, entries: index.entries, startKeyNames: [...names] };
}

/** Checks a request's paths against the keys and what a global index has. */
export function checkPaths({ table, index }: Source, { filter, paths = [] }: Wanted): void {
  checkKeyPaths(paths, table);
  if (filter !== undefined) checkKeyPaths(filter.paths, table);
  if (index?.definition.kind !== 'global') return;
  const missing = paths.map(([name]) => name).filter((name) => !index.projects(name));
  if (missing.length === 0) return;
  throw invalidParameters(`Global secondary index ${index.definition.name} does not project [${missing.join(', ')}]`);
}

/** A request's key to continue after, as it is stored. */
export function storedStartKey(key: Item | undefined): Item | undefined {
  if (key === undefined) return undefined;
  try {
    return storedItem(key);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Only some of AWS's messages get the prefix.
    if (/contains duplicates|number set|numeric value|significant digits|number with magnitude/.test(error.message)) {
      throw error;
    }
    throw validation(`The provided starting key is invalid: ${error.message}`);
  }
}

/** The entry that a page continues after. It need not exist any more. */
export function startOf({ table, index, schema, startKeyNames }: Source, key: Item | undefined): Entry | undefined {
  if (key === undefined) return undefined;
  if (Object.keys(key).length !== startKeyNames.length) {
    throw validation(
      index === undefined
        ? 'The provided starting key is invalid: The provided key element does not match the schema'
        : 'The provided starting key is invalid',
    );
  }
  if (index !== undefined) {
    for (const attribute of attributesOf(schema)) {
      if (!Object.hasOwn(key, attribute.name)) throw validation('The provided starting key is invalid');
      checkKeyAttribute(key, attribute, attribute === schema.partition);
    }
  }
  const own = Object.fromEntries(
    attributesOf(table.schema).flatMap(({ name }) => (Object.hasOwn(key, name) ? [[name, key[name]]] : [])),
  );
  const stored = new StoredItem(
    withPrefix(() => keyOf(own, table.schema).position),
    {},
    0,
  );
  const position = index === undefined ? stored : positionOf(key, schema);
  if (position === undefined) throw validation('The provided starting key is invalid');
  return { hash: position.hash, partition: position.partition, sort: position.sort, stored };
}

function withPrefix<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw validation(`The provided starting key is invalid: ${error.message}`);
  }
}

/** Reads one page: up to the request's limit, or 1 MB. */
export function readPage(
  { capacity }: Database,
  operation: 'Query' | 'Scan',
  input: PageInput,
  source: Source,
  wanted: Wanted,
  entries: Iterable<Entry>,
): QueryOutput {
  const { table, index, startKeyNames } = source;
  capacity.admitRead(table, operation, index);
  const { filter, paths } = wanted;
  const fetches = fetchesFromTable(source, input, wanted);
  const projection = paths === undefined ? undefined : new Projection(paths);
  const items: Item[] = [];
  let [read, scanned, count, fetched] = [0, 0, 0, 0];
  let last: Item | undefined;
  for (const { stored } of entries) {
    const item = index === undefined || fetches ? stored.item : index.project(stored.item);
    scanned++;
    read += index === undefined ? stored.size : itemSize(index.project(stored.item));
    if (fetches) fetched += stored.size;
    if (filter === undefined || meets(item, filter.condition)) {
      count++;
      if (input.Select !== 'COUNT') items.push(projection === undefined ? item : projection.of(item));
    }
    if (scanned === input.Limit || read >= LIMITS.pageSize) {
      last = stored.item;
      break;
    }
  }
  const consistent = input.ConsistentRead === true;
  const ofSource = readUnits(read, consistent);
  const consumption =
    index === undefined
      ? readConsumption(ofSource)
      : readConsumption(fetches && fetched > 0 ? readUnits(fetched, consistent) : 0, [
          [index.definition.name, ofSource],
        ]);
  capacity.consumed(table, consumption);
  table.metrics.add('ReturnedItemCount', count, { Operation: operation });
  return {
    ...(input.Select !== 'COUNT' && { Items: items }),
    Count: count,
    ScannedCount: scanned,
    ...(last !== undefined && { LastEvaluatedKey: pick(last, startKeyNames) }),
    ConsumedCapacity: describeConsumption(table, consumption, input.ReturnConsumedCapacity),
  };
}

/** A local index reads attributes that it does not have from the table. */
function fetchesFromTable({ index }: Source, { Select }: PageInput, { paths, filter }: Wanted): boolean {
  if (index === undefined || index.projectsAll || index.definition.kind === 'global') return false;
  const names = [...(paths ?? []), ...(filter?.paths ?? [])].map(([name]) => name);
  return Select === 'ALL_ATTRIBUTES' || (paths !== undefined && names.some((name) => !index.projects(name)));
}

function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}
