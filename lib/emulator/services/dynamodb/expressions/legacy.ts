import type { AttributeValue, AttributeValueUpdate, ExpectedAttributeValue } from '@aws-sdk/client-dynamodb';
import { invalidParameters, validation } from '../errors';
import { storedValue, typeOf, type ValueType } from '../values/attribute-value';
import { compare } from '../values/comparison';
import type { Comparator, Condition, Operand, ParsedCondition } from './condition';
import type { Path } from './path';
import type { Update, UpdateAction } from './update';

// The parameters from before there were expressions. Older clients, such as those that keep leases, still send them.

/** A test of one attribute in `Expected`, `KeyConditions`, `QueryFilter` or `ScanFilter`. */
export type LegacyTest = Pick<ExpectedAttributeValue, 'ComparisonOperator' | 'AttributeValueList'>;

/** How many values each operator takes: a number, or at least one. */
const COUNTS: Readonly<Record<string, number | 'some'>> = {
  ...{ EQ: 1, NE: 1, LE: 1, LT: 1, GE: 1, GT: 1, CONTAINS: 1, NOT_CONTAINS: 1, BEGINS_WITH: 1 },
  ...{ NULL: 0, NOT_NULL: 0, IN: 'some', BETWEEN: 2 },
};
const SCALARS: readonly ValueType[] = ['S', 'N', 'B'];
/** The types of the values that filters and key conditions compare with; any for the other operators. */
const TYPES: Readonly<Record<string, readonly ValueType[]>> = {
  EQ: [...SCALARS, 'SS', 'NS', 'BS'],
  NE: [...SCALARS, 'SS', 'NS', 'BS'],
  ...{ LE: SCALARS, LT: SCALARS, GE: SCALARS, GT: SCALARS, CONTAINS: SCALARS, NOT_CONTAINS: SCALARS },
  ...{ BEGINS_WITH: ['S', 'B'], IN: SCALARS, BETWEEN: SCALARS },
};
const COMPARATORS: Readonly<Record<string, Comparator>> = {
  ...{ EQ: '=', NE: '<>', LE: '<=', LT: '<', GE: '>=', GT: '>' },
};

/** The names of the operators, in AWS's order. */
export const COMPARISON_OPERATORS = [
  ...['IN', 'NULL', 'BETWEEN', 'LT', 'NOT_CONTAINS', 'EQ', 'GT'],
  ...['NOT_NULL', 'NE', 'LE', 'BEGINS_WITH', 'GE', 'CONTAINS'],
];

/** The condition of a filter or of key conditions; undefined if there are none. */
export function conditionOfTests(
  tests: Readonly<Record<string, LegacyTest>> | undefined,
  conditionalOperator?: string,
): ParsedCondition | undefined {
  return combined(
    Object.entries(tests ?? {}).map(([name, { ComparisonOperator: operator = '', AttributeValueList = [] }]) => {
      const values = AttributeValueList.map((value) => storedValue(value));
      checkValues(operator, values);
      for (const value of values) {
        const type = typeOf(value);
        if (TYPES[operator]?.includes(type) === false) {
          throw invalidParameters(`ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`);
        }
      }
      checkRange(operator, values);
      return [name, conditionOf(operator, [name], values)];
    }),
    conditionalOperator,
  );
}

/** The condition that `Expected` is; undefined if there is none. */
export function conditionOfExpected(
  expected: Readonly<Record<string, ExpectedAttributeValue>> | undefined,
  conditionalOperator?: string,
): ParsedCondition | undefined {
  return combined(
    Object.entries(expected ?? {}).map(([name, test]) => [name, expectation(name, test)]),
    conditionalOperator,
  );
}

function expectation(name: string, test: ExpectedAttributeValue): Condition {
  const { Value, Exists, ComparisonOperator: operator, AttributeValueList: list } = test;
  if (Value !== undefined && list !== undefined) {
    throw invalidParameters(`Value and AttributeValueList cannot be used together for Attribute: ${name}`);
  }
  if (operator === undefined) return existence(name, test);
  if (Exists !== undefined) {
    throw invalidParameters(`Exists and ComparisonOperator cannot be used together for Attribute: ${name}`);
  }
  const values = (list ?? (Value === undefined ? [] : [Value])).map((value) => storedValue(value));
  if (operator !== 'NULL' && operator !== 'NOT_NULL' && list === undefined && Value === undefined) {
    throw invalidParameters(
      `Value or AttributeValueList must be used with ComparisonOperator: ${operator} for Attribute: ${name}`,
    );
  }
  checkValues(operator, values);
  checkRange(operator, values);
  return conditionOf(operator, [name], values);
}

function existence(name: string, { Value, Exists, AttributeValueList }: ExpectedAttributeValue): Condition {
  if (AttributeValueList !== undefined) {
    throw invalidParameters(`AttributeValueList can only be used with a ComparisonOperator for Attribute: ${name}`);
  }
  if (Exists !== false && Value === undefined) {
    throw invalidParameters(`Value must be provided when Exists is ${Exists ?? 'null'} for Attribute: ${name}`);
  }
  if (Exists === false && Value !== undefined) {
    throw invalidParameters(`Value cannot be used when Exists is false for Attribute: ${name}`);
  }
  if (Value === undefined) return conditionOf('NULL', [name], []);
  return conditionOf('EQ', [name], [storedValue(Value)]);
}

function checkValues(operator: string, values: readonly AttributeValue[]): void {
  const wanted = COUNTS[operator];
  if (wanted === 'some' ? values.length === 0 : values.length !== wanted) {
    throw invalidParameters(`Invalid number of argument(s) for the ${operator} ComparisonOperator`);
  }
  if (values.some((value) => typeOf(value) !== typeOf(values[0]))) {
    throw invalidParameters('AttributeValues inside AttributeValueList must be of same type');
  }
}

function checkRange(operator: string, [low, high]: readonly AttributeValue[]): void {
  if (operator !== 'BETWEEN' || (compare(low, high) ?? 0) <= 0) return;
  throw validation('The BETWEEN condition was provided a range where the lower bound is greater than the upper bound');
}

function conditionOf(operator: string, path: Path, values: readonly AttributeValue[]): Condition {
  const operand: Operand = { kind: 'path', path };
  const [first, second] = values.map((value): Operand => ({ kind: 'value', value }));
  switch (operator) {
    case 'NULL':
      return { kind: 'attribute_not_exists', operand };
    case 'NOT_NULL':
      return { kind: 'attribute_exists', operand };
    case 'CONTAINS':
      return { kind: 'contains', operand, argument: first };
    case 'NOT_CONTAINS':
      return { kind: 'not', condition: { kind: 'contains', operand, argument: first } };
    case 'BEGINS_WITH':
      return { kind: 'begins_with', operand, argument: first };
    case 'BETWEEN':
      return { kind: 'between', operand, low: first, high: second };
    case 'IN':
      return { kind: 'in', operand, among: values.map((value) => ({ kind: 'value', value })) };
    default:
      return { kind: 'compare', by: COMPARATORS[operator], left: operand, right: first };
  }
}

function combined(
  conditions: readonly (readonly [string, Condition])[],
  conditionalOperator: string | undefined,
): ParsedCondition | undefined {
  if (conditions.length === 0) return undefined;
  const kind = conditionalOperator === 'OR' ? 'or' : 'and';
  const condition = conditions.map(([, each]) => each).reduce((left, right): Condition => ({ kind, left, right }));
  return { condition, paths: conditions.map(([name]) => [name]) };
}

/** The update that `AttributeUpdates` is; undefined if there is none. */
export function updateOf(updates: Readonly<Record<string, AttributeValueUpdate>> | undefined): Update | undefined {
  if (updates === undefined) return undefined;
  const actions = Object.entries(updates).map(([name, update]) => actionOf([name], update));
  return { actions, legacy: true };
}

function actionOf(path: Path, { Action: action = 'PUT', Value }: AttributeValueUpdate): UpdateAction {
  if (Value === undefined) {
    if (action === 'DELETE') return { kind: 'REMOVE', path };
    throw invalidParameters('Only DELETE action is allowed when no attribute value is specified');
  }
  const value = storedValue(Value);
  if (action === 'PUT') return { kind: 'SET', path, value: { kind: 'value', value } };
  const type = typeOf(value);
  const isSet = type === 'SS' || type === 'NS' || type === 'BS';
  if (action === 'DELETE' && !isSet) {
    throw invalidParameters(`DELETE action with value is not supported for the type ${type}`);
  }
  if (action === 'ADD' && !isSet && type !== 'N' && type !== 'L') {
    throw invalidParameters(`ADD action is not supported for the type ${type}`);
  }
  return { kind: action === 'ADD' ? 'ADD' : 'DELETE', path, value };
}
