import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../../core';
import { validation } from '../errors';
import { type Item, storedValue } from '../values/attribute-value';

const NAME_KEY = /^#[0-9a-zA-Z_]+$/;
const VALUE_KEY = /^:[0-9a-zA-Z_]+$/;

/** The placeholders of a request's expressions, and which of them the expressions use. */
export class Placeholders {
  private readonly values: Item = {};
  private readonly unusedNames = new Set<string>();
  private readonly unusedValues = new Set<string>();

  /** @throws AwsError ValidationException for a malformed key or value */
  constructor(
    private readonly names: Readonly<Record<string, string>> | undefined,
    values: Item | undefined,
  ) {
    if (names !== undefined) this.checkNames(names);
    if (values !== undefined) this.values = this.checkedValues(values);
  }

  /** The attribute that `#name` stands for; undefined if it is not defined. */
  public nameOf(key: string): string | undefined {
    this.unusedNames.delete(key);
    return this.names !== undefined && Object.hasOwn(this.names, key) ? this.names[key] : undefined;
  }

  /** The value that `:value` stands for; undefined if it is not defined. */
  public valueOf(key: string): AttributeValue | undefined {
    this.unusedValues.delete(key);
    return Object.hasOwn(this.values, key) ? this.values[key] : undefined;
  }

  /** @throws AwsError ValidationException if a placeholder is in no expression */
  public checkAllUsed(): void {
    this.checkUsed('ExpressionAttributeNames', this.unusedNames);
    this.checkUsed('ExpressionAttributeValues', this.unusedValues);
  }

  private checkUsed(parameter: string, unused: ReadonlySet<string>): void {
    if (unused.size === 0) return;
    throw validation(`Value provided in ${parameter} unused in expressions: keys: {${[...unused].join(', ')}}`);
  }

  private checkNames(names: Readonly<Record<string, string>>): void {
    const keys = Object.keys(names);
    if (keys.length === 0) throw validation('ExpressionAttributeNames must not be empty');
    for (const key of keys) {
      if (!NAME_KEY.test(key)) {
        throw validation(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${key}"`);
      }
      this.unusedNames.add(key);
    }
  }

  private checkedValues(values: Item): Item {
    const keys = Object.keys(values);
    if (keys.length === 0) throw validation('ExpressionAttributeValues must not be empty');
    for (const key of keys) {
      if (!VALUE_KEY.test(key)) {
        throw validation(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${key}"`);
      }
      this.unusedValues.add(key);
    }
    return Object.fromEntries(keys.map((key) => [key, checkedValue(key, values[key])]));
  }
}

function checkedValue(key: string, value: AttributeValue): AttributeValue {
  try {
    return storedValue(value);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw validation(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`);
  }
}
