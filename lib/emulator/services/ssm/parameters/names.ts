import { AwsError, ModelConstraints, parseArn } from '../../../core';
import { validation } from '../errors';
import { LIMITS } from '../limits';

const RULES =
  'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of ' +
  'letters, numbers and the following 3 symbols .-_';

/** Throws if AWS would refuse a parameter of this name. */
export function checkName(name: string): void {
  new ModelConstraints().length('name', name, 1, 2_048).check('ValidationException');
  const isPath = name.startsWith('/');
  const levels = name.split('/').length - 1;
  if (!isPath && levels > 0) throw validation('Parameter name must be a fully qualified name.');
  if (/^\/?aws/i.test(name) && isPath)
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validation(
      isPath
        ? `Parameter name: can't be prefixed with "ssm" (case-insensitive). ${RULES}`
        : `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). ${RULES}`,
    );
  }
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || /\/\/|\/$/.test(name)) {
    throw validation(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ${RULES}`);
  }
  if (levels > LIMITS.levels) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${LIMITS.levels} levels. For more information, see Requirements and ` +
        'constraints for parameter names in the AWS Systems Manager User Guide.',
    );
  }
}

/** A parameter as a request refers to it. */
export interface ParameterReference {
  readonly name: string;
  /** `:` and a version or a label. */
  readonly selector?: string;
}

/** Reads a name or an ARN, each with or without `:version` or `:label`. */
export function parseReference(text: string): ParameterReference {
  const resource = parseArn(text)?.resource;
  const path = resource === undefined ? text : resource.replace(/^parameter\/?/, '');
  const at = path.indexOf(':');
  const named = at < 0 ? path : path.slice(0, at);
  // The ARN of a parameter in a hierarchy has one slash where the name begins with one.
  const name = resource !== undefined && named.includes('/') ? `/${named.replace(/^\//, '')}` : named;
  return { name, ...(at >= 0 && { selector: path.slice(at) }) };
}

/** The part of a parameter's ARN that names it. */
export function resourceOf(name: string): string {
  return name.startsWith('/') ? `parameter${name}` : `parameter/${name}`;
}
