import { formatArn, type RequestContext } from '../../../core';
import { constraintViolation, invalidParameter } from '../errors';

/** A parsed reference to a function. */
export interface FunctionReference {
  readonly name: string;
  readonly region: string;
  /** The version or alias, if one was given. */
  readonly qualifier?: string;
  /** The resulting ARN, including the qualifier. */
  readonly arn: string;
  readonly unqualifiedArn: string;
}

const REFERENCE =
  /^(?:(?:arn:(?:aws[a-zA-Z-]*):lambda:(?<region>[a-z0-9-]+):)?(?<account>\d{12}):function:)?(?<name>[a-zA-Z0-9-_]{1,64})(?::(?<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?$/;

/** Parses a name, a partial ARN (`account:function:name`) or an ARN, each with or without `:qualifier`. */
export function parseFunctionReference(
  text: string | undefined,
  context: RequestContext,
  qualifier?: string,
): FunctionReference {
  const groups = REFERENCE.exec(text ?? '')?.groups;
  if (groups === undefined) {
    throw constraintViolation(
      'functionName',
      text ?? '',
      'Member must be a function name, a function ARN, or a partial function ARN',
    );
  }
  if (qualifier !== undefined && !/^(\$LATEST|[a-zA-Z0-9-_]{1,128})$/.test(qualifier)) {
    throw constraintViolation(
      'qualifier',
      qualifier,
      'Member must satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)',
    );
  }
  if (groups.qualifier !== undefined && qualifier !== undefined && groups.qualifier !== qualifier) {
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  }
  const named = groups.qualifier ?? qualifier;
  const region = groups.region ?? context.region;
  const unqualifiedArn = formatArn('lambda', region, groups.account ?? context.account, `function:${groups.name}`);
  return {
    name: groups.name,
    region,
    unqualifiedArn,
    arn: named === undefined ? unqualifiedArn : `${unqualifiedArn}:${named}`,
    ...(named !== undefined && { qualifier: named }),
  };
}
