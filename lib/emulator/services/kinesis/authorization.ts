import type { Clock } from '../../clock';
import type { RequestContext } from '../../core';
import { accessOf, MalformedPolicy, readPolicy, refusalOf } from '../../core/policy';
import { accessDenied, invalidArgument } from './errors';
import type { AttachedPolicy } from './streams/stream';

/** What has a resource policy: a stream or a consumer. */
export interface Guarded {
  readonly arn: string;
  policy?: AttachedPolicy;
}

/**
 * Checks that a caller may act on a stream or consumer. Callers of its own account may do what its policy does not deny;
 * others only what it allows, and AWS services need a role. Identity policies are evaluated for assumed roles.
 *
 * @throws AwsError AccessDeniedException
 */
export function authorize({ arn, policy }: Guarded, action: string, context: RequestContext, clock: Clock): void {
  const { identity, principal } = context;
  const owner = arn.split(':')[4];
  const own = context.account === owner && principal.startsWith('arn:');
  if (own && identity === undefined && policy?.compiled.denies !== true) return;
  const full = `kinesis:${action}`;
  const request = accessOf(context, full, arn, clock.now());
  const verdict = policy?.compiled.verdict(request);
  if (identity !== undefined) {
    const refusal = refusalOf({ identity, request, verdict, owner });
    if (refusal !== undefined) throw accessDenied(principal, full, arn, refusal);
    return;
  }
  if (verdict === 'Allow' || (own && verdict === undefined)) return;
  const explicit = verdict === 'Deny';
  throw accessDenied(principal, full, arn, {
    reason: explicit
      ? 'with an explicit deny in a resource-based policy'
      : `because no resource-based policy allows the ${full} action`,
    denial: { policyOf: arn, actions: [full], explicit },
  });
}

/** Compiles a resource policy. @throws AwsError InvalidArgumentException */
export function compilePolicy(text: string): AttachedPolicy {
  try {
    return { text, compiled: readPolicy(text) };
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw invalidArgument(`Policy is not valid. Reason: ${error.message}.`);
  }
}
