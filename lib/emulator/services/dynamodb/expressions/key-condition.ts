import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validation } from '../errors';
import type { Comparator, Condition, Operand } from './condition';

/** How a key condition tests one attribute. */
export type KeyTest =
  | { readonly by: Exclude<Comparator, '<>'> | 'begins_with'; readonly value: AttributeValue }
  | { readonly by: 'between'; readonly value: AttributeValue; readonly high: AttributeValue };

/** A key condition's tests, by attribute. */
export type KeyTests = ReadonlyMap<string, KeyTest>;

/** The same comparison with its sides exchanged. */
const REVERSED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/**
 * Returns the tests of a key condition: one an attribute, all of them to be met.
 * @throws AwsError ValidationException if the condition is not one that an index can answer
 */
export function keyTests(condition: Condition): KeyTests {
  const tests = new Map<string, KeyTest>();
  collect(condition, tests);
  if (tests.size > 2) throw validation('Conditions can be of length 1 or 2 only');
  return tests;
}

function collect(condition: Condition, tests: Map<string, KeyTest>): void {
  switch (condition.kind) {
    case 'and':
      collect(condition.left, tests);
      collect(condition.right, tests);
      return;
    case 'or':
    case 'not':
    case 'in':
      throw invalidOperator(condition.kind.toUpperCase());
    case 'attribute_exists':
    case 'attribute_not_exists':
    case 'attribute_type':
    case 'contains':
      throw invalidOperator(condition.kind);
    case 'compare':
      if (condition.by === '<>') throw invalidOperator('<>');
      return collectComparison(condition.by, condition.left, condition.right, tests);
    case 'begins_with': {
      const { operand, argument } = condition;
      if (operand.kind !== 'path') throw notFirst('begins_with');
      return add(tests, [operand, argument], { by: 'begins_with', value: literal(argument) });
    }
    case 'between': {
      const { operand, low, high } = condition;
      if (operand.kind !== 'path') throw notFirst('BETWEEN');
      return add(tests, [operand, low, high], { by: 'between', value: literal(low), high: literal(high) });
    }
  }
}

function collectComparison(
  by: Exclude<Comparator, '<>'>,
  left: Operand,
  right: Operand,
  tests: Map<string, KeyTest>,
): void {
  if (left.kind !== 'path' && right.kind === 'path') {
    return add(tests, [right, left], { by: REVERSED[by], value: literal(left) });
  }
  return add(tests, [left, right], { by, value: literal(right) });
}

function add(tests: Map<string, KeyTest>, operands: readonly Operand[], test: KeyTest): void {
  if (operands.some(({ kind }) => kind === 'size')) {
    throw validation('KeyConditionExpressions cannot contain nested operations');
  }
  const paths = operands.flatMap((operand) => (operand.kind === 'path' ? [operand.path] : []));
  if (paths.length > 1) {
    throw validation('Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition');
  }
  if (paths.length === 0) {
    throw validation('Invalid condition in KeyConditionExpression: No key attribute specified');
  }
  const [[name, ...nested]] = paths;
  if (nested.length > 0) throw validation('KeyConditionExpressions cannot have conditions on nested attributes');
  if (tests.has(name)) throw validation('KeyConditionExpressions must only contain one condition per key');
  tests.set(name, test);
}

/** A value of the request. What stands in its place otherwise is refused by {@link add}. */
function literal(operand: Operand): AttributeValue {
  return operand.kind === 'value' ? operand.value : { NULL: true };
}

function invalidOperator(name: string) {
  return validation(`Invalid operator used in KeyConditionExpression: ${name}`);
}

function notFirst(name: string) {
  return validation(
    `Invalid condition in KeyConditionExpression: ${name} operator must have the key attribute as its first operand`,
  );
}
