import { type Duration, type Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib/core';

/** The length in seconds when it is known at synthesis. */
export function knownSeconds(duration: Duration | undefined): number | undefined {
  return duration === undefined || duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
}

/** The size in bytes when it is known at synthesis. */
export function knownBytes(size: Size | undefined): number | undefined {
  return size === undefined || size.isUnresolved()
    ? undefined
    : size.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) * 1_024;
}

/** The size in GiB when it is known at synthesis. */
export function knownGibibytes(size: Size | undefined): number | undefined {
  const bytes = knownBytes(size);
  return bytes === undefined ? undefined : bytes / 1_024 ** 3;
}

/** The number when it is known at synthesis. */
export function known(value: number | undefined): number | undefined {
  return value === undefined || Token.isUnresolved(value) ? undefined : value;
}

/** Whether a known value is not a whole number from `min` to `max`. */
export function isOutside(value: number | undefined, min: number, max: number): boolean {
  return value !== undefined && !(Number.isInteger(value) && value >= min && value <= max);
}
