import type { RequestContext } from '../../../core';
import type { Clock } from '../../../clock';
import { accessOf, refusalOf } from '../../../core/policy';
import { notAuthorized, ownerOnly, sessionDenied } from '../errors';
import type { Topic } from './topic';
import { compilePolicy, policyOf } from './topic-attributes';

/** What other accounts can be permitted; the rest only the owner may do. */
const SHARED: ReadonlySet<string> = new Set([
  'AddPermission',
  'DeleteTopic',
  'GetTopicAttributes',
  'ListSubscriptionsByTopic',
  'Publish',
  'RemovePermission',
  'SetTopicAttributes',
  'Subscribe',
]);

/** Services that publish to topics of their own account by the policy with which all topics begin. */
const TRUSTED_SERVICES: ReadonlySet<string> = new Set(['cloudwatch.amazonaws.com']);

/**
 * Checks that a caller may act on a topic. Callers in the topic's account may do what its policy does not deny; all
 * others, AWS services included, only what it allows. Identity-based policies are evaluated for the roles with which AWS
 * services act.
 *
 * @param keys SNS's own condition keys, in lower case
 * @throws AwsError AuthorizationError
 */
export function authorize(
  topic: Topic,
  action: string,
  context: RequestContext,
  clock: Clock,
  keys: Readonly<Record<string, string>> = {},
): void {
  const { account, principal, sourceIp, sourceArn, sourceAccount } = context;
  const service = !principal.startsWith('arn:');
  const own = account === topic.account && !service;
  if (!own && !SHARED.has(action)) throw ownerOnly(principal, action, topic.arn);
  topic.policy ??= compilePolicy(policyOf(topic));
  const { identity } = context;
  if (identity !== undefined) {
    const request = { ...accessOf(context, `sns:${action}`, topic.arn, clock.now()), keys };
    const decision = { identity, request, owner: topic.account, verdict: topic.policy.verdict(request) };
    const refusal = refusalOf({ ...decision, shownAction: `SNS:${action}` });
    if (refusal !== undefined) throw sessionDenied(principal, action, topic.arn, refusal);
    return;
  }
  if (own && !topic.policy.denies) return;
  const owner = service ? (TRUSTED_SERVICES.has(principal) ? sourceAccount : undefined) : account;
  const verdict = topic.policy.verdict({
    ...{ account, principal, sourceIp, sourceArn, sourceAccount },
    ...{ action: `SNS:${action}`, resource: topic.arn, at: clock.now() },
    keys: owner === undefined ? keys : { ...keys, 'aws:sourceowner': owner },
  });
  if (verdict === 'Allow' || (own && verdict === undefined)) return;
  throw notAuthorized(principal, action, topic.arn, verdict === 'Deny');
}
