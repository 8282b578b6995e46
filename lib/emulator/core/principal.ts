import { createHash } from 'node:crypto';

/**
 * The unique id of whom an ARN names, as AWS tells it (`aws:userid`, SQS's SenderId, STS's UserId): `AIDA…` of a user,
 * `AROA…:session` of a session of a role, the account's number of its root user. An AWS service is its own name.
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

/** The ARN of whoever uses a session of a role. `role` is the role's ARN, or its name in `account`. */
export function assumedRole(account: string, role: string, sessionName: string): string {
  const [, partition = 'aws', , , owner = account] = role.split(':');
  return `arn:${partition}:sts::${owner}:assumed-role/${role.slice(role.lastIndexOf('/') + 1)}/${sessionName}`;
}

// IAM's unique ids are random; ours come of the name, so that the same caller has the same id in every run.
function uniqueId(prefix: string, account: string, name: string): string {
  const digest = createHash('md5').update(`${account}/${name}`).digest('hex');
  const digits = BigInt(`0x${digest}`).toString(32).toUpperCase().padStart(17, 'A');
  return prefix + digits.slice(-17);
}
