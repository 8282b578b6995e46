import type { Denial } from '../aws-error';
import type { RequestContext } from '../request-context';
import type { Verdict } from './policy';
import type { AccessRequest } from './request';

/** The identity policies of a role that an AWS service has assumed. */
export interface IdentityPolicies {
  readonly roleArn: string;
  verdict(request: AccessRequest): Verdict;
  /** As {@link verdict}, whatever the resource: for services whose resources are not told apart. */
  verdictOnAny(request: AccessRequest): Verdict;
}

/** Why a request of a role's session is refused. */
export interface SessionRefusal {
  /** The end of AWS's message: `because no identity-based policy allows the sqs:SendMessage action`. */
  readonly reason: string;
  readonly denial: Denial;
}

/** A request that a resource's service decides about. */
export interface ResourceDecision {
  readonly identity: IdentityPolicies;
  readonly request: AccessRequest;
  /** What the resource's own policy says. */
  readonly verdict: Verdict;
  /** The account that owns the resource. */
  readonly owner: string;
  /** The action as AWS's message writes it. @default - the request's */
  readonly shownAction?: string;
}

/**
 * Decides about a request of a session whose identity policies are enforced: within an account either of the two
 * policies can allow it, across accounts both must. Returns undefined if it is allowed.
 */
export function refusalOf(decision: ResourceDecision): SessionRefusal | undefined {
  const { identity, request, verdict, owner } = decision;
  const own = identity.verdict(request);
  if (own === 'Deny') return byIdentity(decision, true);
  if (verdict === 'Deny') return byResource(decision, true);
  if (own === 'Allow' && (verdict === 'Allow' || request.account === owner)) return undefined;
  if (verdict === 'Allow' && request.account === owner) return undefined;
  return own === 'Allow' ? byResource(decision, false) : byIdentity(decision, false);
}

/** The refusal by a role's policies: a Deny statement, or no Allow statement. */
export function byIdentity(
  { identity, request: { action, resource }, shownAction = action }: Omit<ResourceDecision, 'verdict' | 'owner'>,
  explicit: boolean,
): SessionRefusal {
  return {
    reason: reasonOf('identity-based', shownAction, explicit),
    denial: { policyOf: identity.roleArn, actions: [action], explicit, resource },
  };
}

function byResource(
  { request: { action, resource }, shownAction = action }: ResourceDecision,
  explicit: boolean,
): SessionRefusal {
  return {
    reason: reasonOf('resource-based', shownAction, explicit),
    denial: { policyOf: resource, actions: [action], explicit },
  };
}

function reasonOf(kind: string, action: string, explicit: boolean): string {
  return explicit
    ? `with an explicit deny in ${kind === 'identity-based' ? 'an' : 'a'} ${kind} policy`
    : `because no ${kind} policy allows the ${action} action`;
}

/** What a request's policies look at, of its context. */
export function accessOf(
  { account, principal, sourceIp, sourceArn, sourceAccount }: RequestContext,
  action: string,
  resource: string,
  at: number,
): AccessRequest {
  return { account, principal, sourceIp, sourceArn, sourceAccount, action, resource, at };
}
