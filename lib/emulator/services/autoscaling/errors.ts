import { AwsError } from '../../core';

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/** AWS's error for a missing required member. */
export function missing(member: string): AwsError {
  const path = member.charAt(0).toLowerCase() + member.slice(1);
  return validationError(
    `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  );
}

export function groupNotFound(name: string): AwsError {
  return validationError(`AutoScalingGroup name not found - AutoScalingGroup: ${name} not found`);
}

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The token is invalid.');
}

/** Throws unless `value` is undefined or a whole number from `least` to `most`. */
export function checkInteger(member: string, value: number | undefined, least: number, most = Infinity): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  const allowed = most === Infinity ? `${least} or more` : `${least} to ${most}`;
  throw validationError(`The value ${value} for ${member} is invalid: a whole number of ${allowed} is allowed.`);
}

/** Throws unless `value` is undefined or one of `allowed`. */
export function checkOneOf(member: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw validationError(`The value ${value} for ${member} is invalid: ${allowed.join(', ')} are allowed.`);
}

/** Throws if MaxRecords is out of range. */
export function checkRecords(count: number, most = 100): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  throw validationError(`The value ${count} for MaxRecords is invalid: a whole number of 1 to ${most} is allowed.`);
}
