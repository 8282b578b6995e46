import { formatArn, type Call } from '../api';
import { constraintViolation } from './errors';

/** What a caller names a function by. */
export interface FunctionReference {
  readonly name: string;
  /** A version or alias, if one was named. */
  readonly qualifier?: string;
  /** The ARN it comes to, with the qualifier. */
  readonly arn: string;
}

const REFERENCE =
  /^(?:(?:arn:(?:aws[a-zA-Z-]*):lambda:(?<region>[a-z0-9-]+):)?(?<account>\d{12}):function:)?(?<name>[a-zA-Z0-9-_]{1,64})(?::(?<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?$/;

/** Reads a name, a partial ARN (`account:function:name`) or an ARN, each with or without `:qualifier`. */
export function parseFunctionReference(text: string | undefined, call: Call, qualifier?: string): FunctionReference {
  const groups = REFERENCE.exec(text ?? '')?.groups;
  if (groups === undefined) {
    throw constraintViolation(
      'functionName',
      text ?? '',
      'Member must be a function name, a function ARN, or a partial function ARN',
    );
  }
  const named = groups.qualifier ?? qualifier;
  const resource = `function:${groups.name}${named === undefined ? '' : `:${named}`}`;
  const arn = formatArn('lambda', groups.region ?? call.region, groups.account ?? call.account, resource);
  return { name: groups.name, arn, ...(named !== undefined && { qualifier: named }) };
}
