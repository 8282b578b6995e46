import type { RequestContext } from '../../../core';
import type { Clock } from '../../../clock';
import { notAuthorized, ownerOnly } from '../errors';
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
 * others, AWS services included, only what it allows. Identity-based policies are not evaluated.
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
