import { parseArn, userId } from '..';

/** Somebody wants to do something to a resource. */
export interface AccessRequest {
  /** Who: an ARN, or the name of an AWS service, such as `sns.amazonaws.com`. */
  readonly principal: string;
  /** The caller's account, 12 digits. */
  readonly account: string;
  /** What, with its service: `sqs:SendMessage`. */
  readonly action: string;
  /** To what: an ARN. */
  readonly resource: string;
  /** When, in emulated milliseconds since the epoch. */
  readonly at: number;
  /** From which address. */
  readonly sourceIp?: string;
  /** What a service calls on behalf of: the ARN of a topic, a bucket, a rule. */
  readonly sourceArn?: string;
  /** Whose that is. */
  readonly sourceAccount?: string;
}

/** Returns the value that a condition key has in a request; undefined if the request has none. */
export type KeyReader = (request: AccessRequest) => string | undefined;

const ofCaller =
  (read: KeyReader): KeyReader =>
  (request) =>
    isService(request) ? undefined : read(request);

/** What is the same in all requests. By lower-case name, as below: condition keys know no case. */
const CONSTANTS: Readonly<Record<string, string>> = {
  // The emulator's endpoint speaks HTTP, on this machine: what AWS asks of the network is given here.
  'aws:securetransport': 'true',
  'aws:viaawsservice': 'false',
};

const KEYS: Readonly<Record<string, KeyReader>> = {
  'aws:currenttime': ({ at }) => new Date(at).toISOString(),
  'aws:epochtime': ({ at }) => String(Math.floor(at / 1_000)),
  'aws:principalaccount': ofCaller(({ account }) => account),
  'aws:principalarn': ofCaller(({ principal }) => identityArn(principal)),
  'aws:principalisawsservice': (request) => String(isService(request)),
  'aws:principalservicename': (request) => (isService(request) ? request.principal : undefined),
  'aws:principaltype': ofCaller(({ principal }) => principalType(principal)),
  'aws:requestedregion': ({ resource }) => parseArn(resource)?.region,
  'aws:sourceaccount': ({ sourceAccount }) => sourceAccount,
  'aws:sourcearn': ({ sourceArn }) => sourceArn,
  'aws:sourceip': (request) => (isService(request) ? undefined : request.sourceIp),
  'aws:userid': ofCaller(({ principal }) => userId(principal)),
  'aws:username': ofCaller(({ principal }) => userName(principal)),
};

/** The value that a condition key has in every request; undefined if that depends, or is none. */
export function constantOf(key: string): string | undefined {
  const name = key.toLowerCase();
  return Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined;
}

/** What gives a condition key's value. */
export function readerOf(key: string): KeyReader {
  const constant = constantOf(key);
  if (constant !== undefined) return () => constant;
  const name = key.toLowerCase();
  return Object.hasOwn(KEYS, name) ? KEYS[name] : () => undefined;
}

/** Whether an AWS service calls, in its own name. */
export function isService({ principal }: Pick<AccessRequest, 'principal'>): boolean {
  return !principal.startsWith('arn:');
}

/** The ARN of the identity behind a caller: a session is that of its role. */
export function identityArn(principal: string): string {
  const session = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(principal);
  return session === null ? principal : `arn:${session[1]}:iam::${session[2]}:role/${session[3]}`;
}

function principalType(principal: string): string {
  if (principal.includes(':assumed-role/')) return 'AssumedRole';
  return principal.includes(':user/') ? 'User' : 'Account';
}

function userName(principal: string): string | undefined {
  return principal.includes(':user/') ? principal.slice(principal.lastIndexOf('/') + 1) : undefined;
}
