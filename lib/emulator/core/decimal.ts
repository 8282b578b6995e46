/**
 * Formats a floating-point number as AWS does: a whole number gets a decimal point or an exponent, so that no reader
 * takes it for an integer.
 */
export function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
