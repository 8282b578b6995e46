import type { FunctionSpec } from './runner';

/** What other services need to know of a function that calls them. */
export type Actor = Pick<FunctionSpec, 'functionName' | 'roleArn'>;

/** The ARN of a function's execution role, or a generated one if none was given. */
export function executionRole({ functionName, roleArn }: Actor): string {
  return roleArn ?? functionName;
}
