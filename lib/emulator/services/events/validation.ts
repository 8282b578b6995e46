import { page, type Page } from '../../core';
import { constraint, validation } from './errors';

const NAME = String.raw`[\.\-_A-Za-z0-9]+`;
const BUS_NAME = String.raw`[/\.\-_A-Za-z0-9]+`;
const LARGEST_PAGE = 100;

/** Throws unless a string has a length in a range. `where` is the member's name in lowerCamelCase. */
export function checkLength(where: string, value: string | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (value.length < least) throw constraint(where, value, `have length greater than or equal to ${least}`);
  if (value.length > most) throw constraint(where, value, `have length less than or equal to ${most}`);
}

/** Throws unless a number is in a range. */
export function checkRange(where: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (value < least) throw constraint(where, value, `have value greater than or equal to ${least}`);
  if (value > most) throw constraint(where, value, `have value less than or equal to ${most}`);
}

/** Throws unless a string matches a pattern as a whole. */
export function checkPattern(where: string, value: string | undefined, pattern: string): void {
  if (value === undefined || new RegExp(`^(?:${pattern})$`).test(value)) return;
  throw constraint(where, value, `satisfy regular expression pattern: ${pattern}`);
}

/** Throws unless a string is one of those allowed. */
export function checkOneOf(where: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw constraint(where, value, `satisfy enum value set: [${allowed.join(', ')}]`);
}

/** Checks the name of a rule, a target, an archive or a replay. */
export function checkName(where: string, value: string, most = 64): void {
  checkLength(where, value, 1, most);
  checkPattern(where, value, NAME);
}

/** Checks the name of a new event bus. Only the buses of partners have slashes. */
export function checkBusName(value: string): void {
  checkLength('name', value, 1, 256);
  checkPattern('name', value, BUS_NAME);
  if (value.includes('/')) throw validation('Event bus name must not contain "/".');
}

/** One page of a listing. */
export function listed<T>(
  all: readonly T[],
  { Limit: limit = LARGEST_PAGE, NextToken: token }: { Limit?: number; NextToken?: string },
): Page<T> {
  checkRange('limit', limit, 1, LARGEST_PAGE);
  return page(all, limit, token, () => validation('Parameter NextToken is not valid.'));
}
