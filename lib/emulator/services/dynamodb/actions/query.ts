import type { QueryInput, QueryOutput } from '@aws-sdk/client-dynamodb';
import { invalidParameters, validation } from '../errors';
import type { Condition } from '../expressions/condition';
import { type KeyTest, keyTests, type KeyTests } from '../expressions/key-condition';
import { conditionOfTests } from '../expressions/legacy';
import { checkExpressionParameters, parseExpressions } from '../expressions/request-expressions';
import { type SortRange, WHOLE_PARTITION } from '../table/item-index';
import { attributesOf, hashOf, type KeySchema, sortableText } from '../table/keys';
import type { Entry } from '../table/stored-item';
import { typeOf } from '../values/attribute-value';
import { compare } from '../values/comparison';
import { checkTableName, Violations } from '../violations';
import type { Database } from './database';
import {
  checkPageMembers,
  checkTests,
  checkPaths,
  checkSelect,
  readPage,
  type Source,
  sourceOf,
  startOf,
  storedStartKey,
} from './pages';
import { checkDistinctNames } from './reading';

const EXPRESSIONS = ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'] as const;

export function query(database: Database, input: QueryInput): QueryOutput {
  checkQuery(input);
  checkExpressionParameters(input, EXPRESSIONS);
  checkDistinctNames(input.AttributesToGet);
  const startKey = storedStartKey(input.ExclusiveStartKey);
  if (input.KeyConditionExpression === undefined && input.KeyConditions === undefined) {
    throw validation('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  }
  const expressions = parseExpressions(input);
  const { filter = conditionOfTests(input.QueryFilter, input.ConditionalOperator), projection } = expressions;
  const { keyCondition = conditionOfTests(input.KeyConditions) } = expressions;
  if (keyCondition === undefined) throw validation('Conditions can be of length 1 or 2 only');
  const tests = keyTestsOf(keyCondition.condition, input);
  checkSelect(input);
  const source = sourceOf(database.tables.of(input.TableName), input);
  const { partition, range, sortTest } = conditionsOn(source.schema, tests);
  const wanted = { filter, paths: projection ?? input.AttributesToGet?.map((name) => [name] as const) };
  const start = startOf(source, startKey);
  if (start !== undefined) checkStart(start, partition, range, sortTest);
  checkPaths(source, wanted);
  checkFilter(
    source,
    filter?.paths.map(([name]) => name) ?? [],
    expressions.filter === undefined ? 'QueryFilter' : 'Filter Expression',
  );
  const entries = source.entries.query(
    { hash: hashOf(partition), partition },
    range,
    input.ScanIndexForward !== false,
    start,
  );
  return readPage(database, 'Query', input, source, wanted, entries);
}

function checkQuery(input: QueryInput): void {
  checkTableName(input.TableName);
  const violations = new Violations();
  checkPageMembers(violations, input);
  checkTests(violations, 'keyConditions', input.KeyConditions);
  checkTests(violations, 'queryFilter', input.QueryFilter);
  violations.throwAny();
  if ((input.Limit ?? 1) < 1) {
    // Unlike other actions, Query does not show the value.
    throw validation(
      "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
  }
}

/** The tests of a key condition expression, or of key conditions, which refuse other operators in their own words. */
function keyTestsOf(condition: Condition, { KeyConditionExpression, KeyConditions = {} }: QueryInput): KeyTests {
  if (KeyConditionExpression === undefined) {
    const operators = Object.values(KeyConditions).map(({ ComparisonOperator }) => ComparisonOperator ?? '');
    if (operators.length > 2) throw validation('Conditions can be of length 1 or 2 only');
    if (operators.some((operator) => NOT_INDEXABLE.includes(operator))) {
      throw validation('Attempted conditional constraint is not an indexable operation');
    }
  }
  return keyTests(condition);
}

const NOT_INDEXABLE = ['NULL', 'NOT_NULL', 'NE', 'CONTAINS', 'NOT_CONTAINS', 'IN'];

interface Conditions {
  readonly partition: string;
  readonly range: SortRange;
  readonly sortTest?: KeyTest;
}

/** What the tests of a key condition mean for an index. */
function conditionsOn(schema: KeySchema, tests: KeyTests): Conditions {
  if (schema.sort === undefined && tests.size > 1) throw validation('Query key condition not supported');
  for (const attribute of attributesOf(schema)) {
    const test = tests.get(attribute.name);
    if (test === undefined) {
      if (attribute === schema.partition || tests.size > 1) {
        throw validation(`Query condition missed key schema element: ${attribute.name}`);
      }
      continue;
    }
    checkTest(test, attribute.type);
    if (attribute === schema.partition && test.by !== '=') throw validation('Query key condition not supported');
  }
  const sortTest = schema.sort === undefined ? undefined : tests.get(schema.sort.name);
  const partition = sortableText((tests.get(schema.partition.name) as KeyTest).value);
  return { partition, range: sortTest === undefined ? WHOLE_PARTITION : rangeOf(sortTest), sortTest };
}

function checkTest(test: KeyTest, type: 'S' | 'N' | 'B'): void {
  const values = test.by === 'between' ? [test.value, test.high] : [test.value];
  if (test.by === 'between') {
    if (typeOf(test.value) !== typeOf(test.high)) {
      throw invalidParameters('AttributeValues inside AttributeValueList must be of same type');
    }
    if ((compare(test.value, test.high) ?? 0) > 0) {
      throw validation(
        'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
      );
    }
  }
  const operator = test.by === 'begins_with' ? 'BEGINS_WITH' : test.by === 'between' ? 'BETWEEN' : OPERATORS[test.by];
  for (const value of values) {
    const actual = typeOf(value);
    if (test.by === 'begins_with' && actual === 'N') {
      throw invalidParameters(`ComparisonOperator ${operator} is not valid for ${actual} AttributeValue type`);
    }
    if (value[type] === undefined) {
      throw invalidParameters('Condition parameter type does not match schema type');
    }
  }
  for (const value of values) {
    if (value.S !== '' && value.B?.length !== 0) continue;
    if (test.by === 'begins_with') continue;
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value.`,
    );
  }
}

const OPERATORS = { '=': 'EQ', '<': 'LT', '<=': 'LE', '>': 'GT', '>=': 'GE' } as const;

function rangeOf(test: KeyTest): SortRange {
  const text = sortableText(test.value);
  switch (test.by) {
    case '=':
      return { below: (sort) => sort < text, above: (sort) => sort > text };
    case '<':
      return { below: () => false, above: (sort) => sort >= text };
    case '<=':
      return { below: () => false, above: (sort) => sort > text };
    case '>':
      return { below: (sort) => sort <= text, above: () => false };
    case '>=':
      return { below: (sort) => sort < text, above: () => false };
    case 'begins_with':
      return { below: (sort) => sort < text, above: (sort) => sort > text && !sort.startsWith(text) };
    case 'between': {
      const high = sortableText(test.high);
      return { below: (sort) => sort < text, above: (sort) => sort > high };
    }
  }
}

/** A key to continue after must be one that the query could have returned. */
function checkStart(start: Entry, partition: string, range: SortRange, sortTest: KeyTest | undefined): void {
  if (sortTest !== undefined && (range.below(start.sort) || range.above(start.sort))) {
    throw validation('The provided starting key does not match the range key predicate');
  }
  if (start.partition === partition) return;
  throw validation(
    sortTest === undefined
      ? 'The provided starting key is outside query boundaries based on provided conditions'
      : 'The query can return at most one row and cannot be restarted',
  );
}

function checkFilter({ schema }: Source, names: readonly string[], parameter: string): void {
  const key = attributesOf(schema).find(({ name }) => names.includes(name));
  if (key === undefined) return;
  throw validation(`${parameter} can only contain non-primary key attributes: Primary key attribute: ${key.name}`);
}
