import { AwsError } from '../../core';
import type { MemberPath } from './required-members';

/** The error of AWS's common validator for missing required members. */
export function constraintViolations(shape: string, paths: readonly MemberPath[]): AwsError {
  const violations = paths.map(
    (path) => `Value null at '${location(path)}' failed to satisfy constraint: Member must not be null`,
  );
  const count = `${paths.length} validation error${paths.length === 1 ? '' : 's'} detected: `;
  return new AwsError(shape, count + violations.join('; '));
}

// `tags.1.member.key`: names in lowerCamelCase, and list positions followed by `member`.
function location(path: MemberPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `${step}.member` : step[0].toLowerCase() + step.slice(1)))
    .join('.');
}
