import { md5 } from './digest';

/** The SenderId that SQS shows for a caller: `AIDA…` for a user, `AROA…:session` for a role, else the account. */
export function senderId(principal: string): string {
  const [, , , , account = '', resource = ''] = principal.split(':');
  const [kind, name, session] = resource.split('/');
  if (kind === 'user') return uniqueId('AIDA', `${account}/${resource}`);
  if (kind === 'assumed-role') return `${uniqueId('AROA', `${account}/${name}`)}:${session ?? ''}`;
  return account === '' ? principal : account;
}

// IAM's unique ids are random; ours come of the name, so that the same caller has the same id in every run.
function uniqueId(prefix: string, name: string): string {
  const digits = BigInt(`0x${md5(name)}`)
    .toString(32)
    .toUpperCase()
    .padStart(17, 'A');
  return prefix + digits.slice(-17);
}
