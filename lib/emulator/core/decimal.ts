/** A floating-point number as AWS writes it: a whole one has a point or an exponent, so that no reader takes it for an integer. */
export function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
