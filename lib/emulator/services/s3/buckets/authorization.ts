import type { RequestContext } from '../../../core';
import { accessOf, refusalOf } from '../../../core/policy';
import { AwsError } from '../../../core';
import type { Bucket } from './bucket';

/**
 * Checks that a caller may act on a bucket or an object. Callers in the bucket's account may do what its policy does not
 * deny; all others, AWS services included, only what it allows.
 *
 * @param action with its service: `s3:GetObject`
 * @throws AwsError AccessDenied
 */
export function authorize(
  bucket: Bucket,
  action: string,
  key: string | undefined,
  context: RequestContext,
  now: number,
): void {
  const resource = key === undefined ? bucket.arn : `${bucket.arn}/${key}`;
  const { identity, principal, account } = context;
  const policy = bucket.policy?.compiled;
  const own = account === bucket.account && principal.startsWith('arn:');
  if (identity === undefined && own && policy?.denies !== true) return;
  const request = accessOf(context, action, resource, now);
  const verdict = policy?.verdict(request);
  if (identity !== undefined) {
    const refusal = refusalOf({ identity, request, verdict, owner: bucket.account });
    if (refusal !== undefined) throw denied(context, action, resource, refusal.reason, refusal.denial);
    return;
  }
  if (verdict === 'Allow' || (own && verdict === undefined)) return;
  const explicit = verdict === 'Deny';
  const reason = explicit
    ? 'with an explicit deny in a resource-based policy'
    : `because no resource-based policy allows the ${action} action`;
  throw denied(context, action, resource, own ? reason : undefined, {
    policyOf: bucket.arn,
    actions: [action],
    explicit,
  });
}

/** S3 says why to callers of the bucket's own account only. */
function denied(
  { principal }: RequestContext,
  action: string,
  resource: string,
  reason: string | undefined,
  denial: AwsError['denial'],
): AwsError {
  const message =
    reason === undefined
      ? 'Access Denied'
      : `User: ${principal} is not authorized to perform: ${action} on resource: "${resource}" ${reason}`;
  return new AwsError('AccessDenied', message, { status: 403, denial });
}
