import { parseArn, userId } from '..';
import { malformed, textsOf } from './malformed';
import type { AccessRequest } from './request';
import { isService } from './request';

const ACCOUNT = /^\d{12}$/;
const UNIQUE_ID = /^A(?:IDA|ROA)[A-Z0-9]{10,}$/;
const SERVICE = /^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$/;

/** Compiles a statement's Principal or NotPrincipal into a test of a request's caller. */
export function readPrincipals(value: unknown, where: string): (request: AccessRequest) => boolean {
  if (value === '*') return () => true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`${where} must be "*", or a map of AWS or Service`);
  }
  const names = new Set<string>();
  for (const [kind, given] of Object.entries(value)) {
    for (const name of textsOf(given, `${where}.${kind}`)) {
      if (name === '*' && kind === 'AWS') return () => true;
      names.add(nameOf(kind, name, where));
    }
  }
  return (request) => namesOf(request).some((name) => names.has(name));
}

// Policies name a caller in several ways. Role and user paths are dropped: the names are unique without them.
function nameOf(kind: string, text: string, where: string): string {
  if (kind === 'Service' && SERVICE.test(text)) return `service ${text}`;
  // The emulator has no callers of these kinds.
  if (kind === 'Federated' || kind === 'CanonicalUser') return `${kind} ${text}`;
  if (kind === 'AWS') {
    if (ACCOUNT.test(text)) return `account ${text}`;
    if (UNIQUE_ID.test(text)) return `id ${text}`;
    const name = nameOfArn(text);
    if (name !== undefined) return name;
  }
  throw malformed(`${where}.${kind} names ${JSON.stringify(text)}, which is not a principal`);
}

function nameOfArn(text: string): string | undefined {
  const arn = parseArn(text);
  if (arn === undefined || !ACCOUNT.test(arn.account) || /[*?]/.test(text)) return undefined;
  const { account, resource, service } = arn;
  const [kind, ...path] = resource.split('/');
  if (service === 'iam' && resource === 'root') return `account ${account}`;
  if (path.length === 0) return undefined;
  if (service === 'iam' && (kind === 'role' || kind === 'user')) return `${kind} ${account} ${path.at(-1)}`;
  if (service === 'sts' && kind === 'assumed-role' && path.length > 1) return `session ${account} ${path.join('/')}`;
  return service === 'sts' && kind === 'federated-user' ? `federated ${account} ${path.join('/')}` : undefined;
}

/** Every name by which a policy may refer to this caller: a session also by its role, and anyone by the account. */
function namesOf(request: AccessRequest): string[] {
  const { principal, account } = request;
  if (isService(request)) return [`service ${principal}`];
  const name = nameOfArn(principal);
  const names = [`account ${account}`, `id ${userId(principal).split(':')[0]}`];
  if (name !== undefined) names.push(name);
  if (name?.startsWith('session ') === true) names.push(`role ${name.slice('session '.length).split('/')[0]}`);
  return names;
}
