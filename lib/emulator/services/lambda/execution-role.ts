import type { FunctionSpec } from './runner';

/** A function, as far as it is known who it is to other services. */
export type Actor = Pick<FunctionSpec, 'functionName' | 'roleArn'>;

/** The ARN of the role that a function acts in; where none was given, the name of one of its own. */
export function executionRole({ functionName, roleArn }: Actor): string {
  return roleArn ?? functionName;
}
