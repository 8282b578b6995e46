import type { StandardUnit } from '@aws-sdk/client-cloudwatch';

/** CloudWatch's units, in the order in which it looks for data if a query names none. */
const UNITS: readonly string[] = [
  'Megabits',
  'Terabits',
  'Gigabits',
  'Count',
  'Bytes',
  'Gigabytes',
  'Gigabytes/Second',
  'Kilobytes',
  'Kilobits/Second',
  'Terabytes',
  'Terabits/Second',
  'Bytes/Second',
  'Percent',
  'Megabytes',
  'Megabits/Second',
  'Milliseconds',
  'Microseconds',
  'Kilobytes/Second',
  'Gigabits/Second',
  'Megabytes/Second',
  'Bits',
  'Bits/Second',
  'Count/Second',
  'Seconds',
  'Kilobits',
  'Terabytes/Second',
  'None',
] satisfies StandardUnit[];

/** A unit's position in CloudWatch's order. */
export function rankOf(unit: string): number {
  const rank = UNITS.indexOf(unit);
  return rank < 0 ? UNITS.length : rank;
}

/** The constraint that an unknown unit violates; undefined if CloudWatch knows it. */
export function unknownUnit(unit: string): string | undefined {
  return UNITS.includes(unit) ? undefined : `Member must satisfy enum value set: [${UNITS.join(', ')}]`;
}
