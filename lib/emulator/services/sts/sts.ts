import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  Credentials,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { assumedRole, type RequestContext, parseArn, roleId, userId } from '../../core';
import { type Clock, HOUR, SECOND } from '../../clock';
import { accessDenied, constraint, malformedPolicy, validation } from './errors';
import type { SessionHolder, SessionIssuer } from './session-credentials';

/** The collaborators and settings of {@link Sts}. */
export interface StsDependencies {
  readonly clock: Clock;
  readonly sessions: SessionIssuer;
}

const SHORTEST_SESSION = 900;
const LONGEST_ROLE_SESSION = 43_200;
const USUAL_SESSION = 43_200;
const LONGEST_SESSION = 129_600;
const LARGEST_POLICY = 2_048;
const CHAINED_SESSION = HOUR / SECOND;
const WORD = String.raw`[\w+=,.@-]*`;
const ROLE = /^role\/(?:[\u0021-\u007e]+\/)?([\w+=,.@-]{1,64})$/;

/**
 * AWS Security Token Service: the caller's identity, and session credentials. Anybody can assume any role of any
 * account, since trust policies are not evaluated. What restricts a session (Policy, PolicyArns, Tags, MFA) is
 * validated and has no effect.
 */
export class Sts {
  constructor(private readonly dependencies: StsDependencies) {}

  /** The caller's identity, from its credentials. A root user's id is its account's. */
  public getCallerIdentity(_input: GetCallerIdentityRequest, context: RequestContext): GetCallerIdentityResponse {
    return { UserId: userId(context.principal), Account: context.account, Arn: context.principal };
  }

  public assumeRole(input: AssumeRoleRequest, context: RequestContext): AssumeRoleResponse {
    const { RoleArn: roleArn = '', RoleSessionName: name = '', DurationSeconds, SourceIdentity, Policy } = input;
    checkLength('roleArn', roleArn, 20, 2_048);
    checkWord('roleSessionName', name);
    if (SourceIdentity !== undefined) checkWord('sourceIdentity', SourceIdentity);
    const duration = checkDuration(DurationSeconds ?? HOUR / SECOND, LONGEST_ROLE_SESSION);
    if (Policy !== undefined) checkPolicy(Policy);
    const { account, role } = readRole(roleArn);
    if (isSession(context) && duration > CHAINED_SESSION) {
      throw validation(
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      );
    }
    const principal = assumedRole(account, roleArn, name);
    return {
      Credentials: this.credentials({ account, principal }, duration),
      AssumedRoleUser: { AssumedRoleId: `${roleId(account, role)}:${name}`, Arn: principal },
      ...(SourceIdentity !== undefined && { SourceIdentity }),
    };
  }

  public getSessionToken(input: GetSessionTokenRequest, context: RequestContext): GetSessionTokenResponse {
    if (isSession(context)) throw accessDenied('Cannot call GetSessionToken with session credentials');
    // A root user's session lasts an hour, whatever duration it requests.
    const root = context.principal.endsWith(':root');
    const wanted = checkDuration(input.DurationSeconds ?? USUAL_SESSION, LONGEST_SESSION);
    const duration = root ? Math.min(wanted, HOUR / SECOND) : wanted;
    return { Credentials: this.credentials(context, duration) };
  }

  private credentials({ account, principal }: SessionHolder, seconds: number): Credentials {
    const { clock, sessions } = this.dependencies;
    const expiresAt = clock.now() + seconds * SECOND;
    const { accessKeyId, secretAccessKey, sessionToken } = sessions.issue({ account, principal }, expiresAt);
    return {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(expiresAt),
    };
  }
}

function isSession({ principal }: RequestContext): boolean {
  return principal.includes(':assumed-role/');
}

function readRole(roleArn: string): { account: string; role: string } {
  const arn = parseArn(roleArn);
  const role = arn?.service === 'iam' && arn.region === '' ? ROLE.exec(arn.resource)?.[1] : undefined;
  if (arn === undefined || role === undefined || !/^\d{12}$/.test(arn.account))
    throw validation(`${roleArn} is invalid`);
  return { account: arn.account, role };
}

function checkLength(where: string, value: string, least: number, most: number): void {
  if (value.length < least) throw constraint(where, value, `have length greater than or equal to ${least}`);
  if (value.length > most) throw constraint(where, value, `have length less than or equal to ${most}`);
}

function checkWord(where: string, value: string): void {
  if (!new RegExp(`^${WORD}$`).test(value)) {
    throw constraint(where, value, `satisfy regular expression pattern: ${WORD}`);
  }
  checkLength(where, value, 2, 64);
}

function checkDuration(seconds: number, most: number): number {
  if (!(seconds >= SHORTEST_SESSION)) {
    throw constraint('durationSeconds', seconds, `have value greater than or equal to ${SHORTEST_SESSION}`);
  }
  if (seconds > most) throw constraint('durationSeconds', seconds, `have value less than or equal to ${most}`);
  return seconds;
}

function checkPolicy(policy: string): void {
  checkLength('policy', policy, 1, LARGEST_POLICY);
  try {
    const parsed: unknown = JSON.parse(policy);
    if (typeof parsed === 'object' && parsed !== null && 'Statement' in parsed) return;
  } catch {
    // Reported below, like any other text that is not a policy.
  }
  throw malformedPolicy('The policy is not in the valid JSON format.');
}
