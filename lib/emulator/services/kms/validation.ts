import { constraint } from './errors';

/** Throws unless `value` is undefined or one of `allowed`. `where` is the member's name in lowerCamelCase. */
export function checkOneOf(where: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw constraint(where, `satisfy enum value set: [${allowed.join(', ')}]`, value);
}

/** Throws unless `value` is undefined or a number from `least` to `most`. */
export function checkRange(where: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw constraint(
    where,
    value < least ? `have value greater than or equal to ${least}` : `have value less than or equal to ${most}`,
    value,
  );
}

/** Throws unless `value` is undefined or its length is from `least` to `most`. */
export function checkLength(
  where: string,
  value: { readonly length: number } | undefined,
  least: number,
  most: number,
): void {
  if (value === undefined || (value.length >= least && value.length <= most)) return;
  throw constraint(
    where,
    value.length < least
      ? `have length greater than or equal to ${least}`
      : `have length less than or equal to ${most}`,
    typeof value === 'string' ? value : undefined,
  );
}
