import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { constraint, invalidParameterValue, missingParameter } from '../errors';

const MOST_DIMENSIONS = 30;

/** Converts a metric's dimensions to a record. `member` is the list's name in error messages. */
export function readDimensions(list: readonly Dimension[] | undefined, member: string): Record<string, string> {
  if (list === undefined) return {};
  if (list.length > MOST_DIMENSIONS) {
    throw constraint(undefined, member, `Member must have length less than or equal to ${MOST_DIMENSIONS}`);
  }
  // Without a prototype, so that `__proto__` can be a name.
  const dimensions = Object.create(null) as Record<string, string>;
  for (const [index, { Name, Value }] of list.entries()) {
    const at = `${member}.member.${index + 1}`;
    if (Name === undefined || Name === '') throw missingParameter(`${at}.Name`);
    if (Value === undefined || Value === '') throw missingParameter(`${at}.Value`);
    if (Object.hasOwn(dimensions, Name))
      throw invalidParameterValue(`The value ${Name} for parameter ${at}.Name is invalid: it is given twice.`);
    dimensions[Name] = Value;
  }
  return dimensions;
}

export function writeDimensions(dimensions: Readonly<Record<string, string>>): Dimension[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
