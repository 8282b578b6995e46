import { ASSUME_ROLE, assumedRole, AwsError, type DeliveryRole, type RequestContext } from '../core';
import type { Services } from '../services';
import type { RoleTrust } from '../services/scheduler';
import type { IntegratedRegion } from './index';

/**
 * Assumes a role in the name of an AWS service. Returns the context of the role's session, whose identity policies are
 * enforced.
 * @param services those of the service's account, of which the role must be
 * @throws AwsError AccessDenied if there is no such role, or its trust policy does not let the service assume it
 */
export function assumeRole(
  services: Pick<Services, 'iam'> | undefined,
  { roleArn, sessionName, sourceArn }: DeliveryRole,
  service: RequestContext,
): RequestContext {
  const role = services?.iam.roleWith(roleArn);
  const by = { ...service, sourceArn };
  const verdict = role?.trustVerdict(by);
  if (role === undefined || verdict !== 'Allow') throw notAssumable(roleArn, service.principal, verdict === 'Deny');
  const { account, region, endpoint, traceHeader } = service;
  return {
    account,
    region,
    endpoint,
    principal: assumedRole(account, roleArn, sessionName),
    identity: role,
    ...(traceHeader !== undefined && { traceHeader }),
  };
}

/** Which roles EventBridge Scheduler may assume for the groups of an account and Region. */
export function scheduleRoleTrust(place: IntegratedRegion<'iam'>): RoleTrust {
  return (roleArn, groupArn) => trusts(place, roleArn, 'scheduler.amazonaws.com', groupArn);
}

/** Which roles Lambda may assume for the functions of an account and Region. */
export function functionRoleTrust(place: IntegratedRegion<'iam'>): (roleArn: string) => boolean {
  return (roleArn) => trusts(place, roleArn, 'lambda.amazonaws.com') === true;
}

/** Whether a role's trust policy lets a service assume it; undefined if there is no such role. */
function trusts(
  { account, region, api }: IntegratedRegion<'iam'>,
  roleArn: string,
  principal: string,
  sourceArn?: string,
): boolean | undefined {
  const service = { account, region, principal, endpoint: '', sourceArn, sourceAccount: account };
  const role = api.iam.roleWith(roleArn);
  return role && role.trustVerdict(service) === 'Allow';
}

function notAssumable(roleArn: string, principal: string, explicit: boolean): AwsError {
  return new AwsError(
    'AccessDenied',
    `User: ${principal} is not authorized to perform: ${ASSUME_ROLE} on resource: ${roleArn}`,
    { status: 403, denial: { policyOf: roleArn, actions: [ASSUME_ROLE], explicit } },
  );
}
