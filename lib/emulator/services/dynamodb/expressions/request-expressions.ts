import { AwsError } from '../../../core';
import { validation } from '../errors';
import type { Item } from '../values/attribute-value';
import type { ParsedCondition } from './condition';
import { checkExpressionSize, parseCondition } from './condition-parser';
import { Placeholders } from './names';
import type { Path } from './path';
import { parseProjection } from './projection';
import type { Update } from './update';
import { parseUpdate } from './update-parser';

/** The expressions of a request, and their placeholders. */
export interface ExpressionInput {
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
}

export type ExpressionName = Exclude<keyof ExpressionInput, `ExpressionAttribute${string}`>;

/** A request's expressions, parsed. */
export interface Expressions {
  readonly update?: Update;
  readonly condition?: ParsedCondition;
  readonly keyCondition?: ParsedCondition;
  readonly filter?: ParsedCondition;
  readonly projection?: readonly Path[];
}

/** Parameters from before there were expressions, by the expression that took their place. */
const LEGACY: Readonly<Record<ExpressionName, readonly string[]>> = {
  UpdateExpression: ['AttributeUpdates'],
  ConditionExpression: ['Expected'],
  KeyConditionExpression: ['KeyConditions'],
  FilterExpression: ['QueryFilter', 'ScanFilter', 'ConditionalOperator'],
  ProjectionExpression: ['AttributesToGet'],
};
/** The order in which an error names them. */
const LEGACY_ORDER = [
  'AttributesToGet',
  'QueryFilter',
  'ScanFilter',
  'ConditionalOperator',
  'AttributeUpdates',
  'Expected',
  'KeyConditions',
];

/**
 * Checks which parameters a request combines.
 * @param names the expressions that the action has, in AWS's order
 * @throws AwsError ValidationException
 */
export function checkExpressionParameters(input: object, names: readonly ExpressionName[]): void {
  const given = input as ExpressionInput & Readonly<Record<string, unknown>>;
  const expressions = names.filter((name) => given[name] !== undefined);
  const own = names.flatMap((name) => LEGACY[name]);
  const legacy = LEGACY_ORDER.filter(
    (name) =>
      own.includes(name) &&
      given[name] !== undefined &&
      // Alone of all, key conditions go with the other expressions of a query.
      (name !== 'KeyConditions' || given.KeyConditionExpression !== undefined),
  );
  if (expressions.length > 0 && legacy.length > 0) {
    throw validation(
      `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${legacy.join(', ')}} Expression parameters: {${expressions.join(', ')}}`,
    );
  }
  if (given.ExpressionAttributeNames !== undefined && expressions.length === 0) {
    throw validation('ExpressionAttributeNames can only be specified when using expressions');
  }
  const withValues = names.filter((name) => name !== 'ProjectionExpression');
  if (given.ExpressionAttributeValues === undefined || withValues.length === 0) return;
  if (withValues.some((name) => given[name] !== undefined)) return;
  throw validation(
    `ExpressionAttributeValues can only be specified when using expressions: ${withValues.join(' and ')} ${withValues.length > 1 ? 'are' : 'is'} null`,
  );
}

/**
 * Parses a request's expressions, after {@link checkExpressionParameters}.
 * @throws AwsError ValidationException
 */
export function parseExpressions(input: ExpressionInput): Expressions {
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const parse = <T>(name: ExpressionName, parser: (source: string, placeholders: Placeholders) => T) => {
    const source = input[name];
    return source === undefined ? undefined : parsed(name, source, () => parser(source, placeholders));
  };
  const expressions: Expressions = {
    update: parse('UpdateExpression', parseUpdate),
    condition: parse('ConditionExpression', parseCondition),
    keyCondition: parse('KeyConditionExpression', parseCondition),
    filter: parse('FilterExpression', parseCondition),
    projection: parse('ProjectionExpression', parseProjection),
  };
  placeholders.checkAllUsed();
  return expressions;
}

function parsed<T>(name: ExpressionName, source: string, parse: () => T): T {
  try {
    checkExpressionSize(source);
    return parse();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw validation(`Invalid ${name}: ${error.message}`);
  }
}
