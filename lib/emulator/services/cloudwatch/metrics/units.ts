import type { StandardUnit } from '@aws-sdk/client-cloudwatch';

/** The units that CloudWatch knows, in the order in which it looks for one where a query asks for none. */
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

/** Where a unit stands in CloudWatch's order. */
export function rankOf(unit: string): number {
  const rank = UNITS.indexOf(unit);
  return rank < 0 ? UNITS.length : rank;
}

/** What is wrong with a unit, in the words of a constraint; undefined if CloudWatch knows it. */
export function unknownUnit(unit: string): string | undefined {
  return UNITS.includes(unit) ? undefined : `Member must satisfy enum value set: [${UNITS.join(', ')}]`;
}
