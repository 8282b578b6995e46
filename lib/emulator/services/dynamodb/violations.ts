import { ModelConstraints } from '../../core';
import { validation } from './errors';

/** The violations of a request's members, which DynamoDB reports together. */
export class Violations extends ModelConstraints {
  /** @throws AwsError ValidationException if there is any violation */
  public throwAny(): void {
    this.check('ValidationException');
  }
}

const TABLE_NAME = '[a-zA-Z0-9_.-]+';
const LONGEST_NAME = 255;

/** Checks a table's name or ARN in an action on items: on its own, before anything else. */
export function checkTableName(name: string | undefined, least = 1): asserts name is string {
  if (name?.startsWith('arn:') === true) return;
  const violations = new Violations();
  if (violations.required('tableName', name)) {
    violations.length('tableName', name, least, LONGEST_NAME);
    if (name.length >= least) violations.pattern('tableName', name, TABLE_NAME);
  }
  violations.throwAny();
}

/** Checks a table's name in an action on tables. */
export function checkManagedTableName(name: string | undefined): asserts name is string {
  if (name === undefined) {
    throw validation("The parameter 'TableName' is required but was not present in the request");
  }
  checkTableName(name, 3);
}

/** Notes what is wrong with an index's name. */
export function checkIndexName(violations: Violations, where: string, name: string | undefined): void {
  if (!violations.required(where, name)) return;
  violations.pattern(where, name, TABLE_NAME);
  violations.length(where, name, 3, LONGEST_NAME);
}
