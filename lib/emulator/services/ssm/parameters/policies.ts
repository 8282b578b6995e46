import { AwsError } from '../../../core';
import { LIMITS } from '../limits';
import type { ParameterPolicy } from './parameter';

const TYPES = ['Expiration', 'ExpirationNotification', 'NoChangeNotification'];

/** Reads the `Policies` of PutParameter: a list in JSON. Throws if AWS would refuse it. */
export function readPolicies(text: string | undefined): ParameterPolicy[] {
  if (text === undefined || text.trim() === '' || text.trim() === '[{}]') return [];
  const list = parse(text);
  if (list.length > LIMITS.policies) {
    throw new AwsError(
      'PoliciesLimitExceededException',
      `You specified more than the maximum number of allowed policies for the parameter. The maximum is ${LIMITS.policies}.`,
    );
  }
  return list.map((policy) => {
    const { Type: type = '', Attributes: attributes = {} } = policy;
    if (!TYPES.includes(type)) {
      throw new AwsError(
        'InvalidPolicyTypeException',
        `The policy type is not supported. Parameter Store supports the following policy types: ${TYPES.join(', ')}.`,
      );
    }
    const expiresAt = type === 'Expiration' ? Date.parse(attributes.Timestamp ?? '') : undefined;
    if (Number.isNaN(expiresAt)) {
      throw new AwsError('InvalidPolicyAttributeException', 'A policy attribute or its value is invalid: Timestamp.');
    }
    return { text: JSON.stringify(policy), type, ...(expiresAt !== undefined && { expiresAt }) };
  });
}

interface PolicyText {
  readonly Type?: string;
  readonly Attributes?: Readonly<Record<string, string | undefined>>;
}

function parse(text: string): readonly PolicyText[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list as readonly PolicyText[];
  } catch {
    // refused below
  }
  throw new AwsError('InvalidPolicyAttributeException', 'The policies are no list in JSON.');
}
