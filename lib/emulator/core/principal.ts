import { createHash } from 'node:crypto';

/**
 * The unique id of the principal with this ARN (`aws:userid`, SQS's SenderId, STS's UserId): `AIDA…` for a user,
 * `AROA…:session` for a role session, the account id for the root user. The id of an AWS service is its name.
 */
export function userId(principal: string): string {
  const [, , , , account = '', ...rest] = principal.split(':');
  const resource = rest.join(':');
  const [kind, name, ...session] = resource.split('/');
  if (kind === 'user') return uniqueId('AIDA', account, `user/${resource.slice(resource.lastIndexOf('/') + 1)}`);
  if (kind === 'assumed-role') return `${roleId(account, name)}:${session.join('/')}`;
  return account === '' ? principal : account;
}

/** The unique id of a role: `AROA…`. */
export function roleId(account: string, roleName: string): string {
  return uniqueId('AROA', account, `role/${roleName}`);
}

/** The ARN of a role session. `role` is the role's ARN, or its name in `account`. */
export function assumedRole(account: string, role: string, sessionName: string): string {
  const [, partition = 'aws', , , owner = account] = role.split(':');
  return `arn:${partition}:sts::${owner}:assumed-role/${role.slice(role.lastIndexOf('/') + 1)}/${sessionName}`;
}

// IAM's unique ids are random. Ours are derived from the name, so that a caller has the same id in every run.
function uniqueId(prefix: string, account: string, name: string): string {
  const digest = createHash('md5').update(`${account}/${name}`).digest('hex');
  const digits = BigInt(`0x${digest}`).toString(32).toUpperCase().padStart(17, 'A');
  return prefix + digits.slice(-17);
}
