import { parseArn, userId } from '../api';

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

/** The values of a condition key in a request; undefined where the request has none. */
export type ContextLookup = (key: string) => string | undefined;

type Reader = (request: AccessRequest) => string | undefined;

const ofCaller =
  (read: (request: AccessRequest) => string | undefined): Reader =>
  (request) =>
    isService(request) ? undefined : read(request);

// By lower-case name: condition keys know no case.
const KEYS: Readonly<Record<string, Reader>> = {
  'aws:currenttime': ({ at }) => new Date(at).toISOString(),
  'aws:epochtime': ({ at }) => String(Math.floor(at / 1_000)),
  'aws:principalaccount': ofCaller(({ account }) => account),
  'aws:principalarn': ofCaller(({ principal }) => identityArn(principal)),
  'aws:principalisawsservice': (request) => String(isService(request)),
  'aws:principalservicename': (request) => (isService(request) ? request.principal : undefined),
  'aws:principaltype': ofCaller(({ principal }) => principalType(principal)),
  'aws:requestedregion': ({ resource }) => parseArn(resource)?.region,
  // The emulator's endpoint speaks HTTP, on this machine: what AWS asks of the network is given here.
  'aws:securetransport': () => 'true',
  'aws:sourceaccount': ({ sourceAccount }) => sourceAccount,
  'aws:sourcearn': ({ sourceArn }) => sourceArn,
  'aws:sourceip': (request) => (isService(request) ? undefined : request.sourceIp),
  'aws:userid': ofCaller(({ principal }) => userId(principal)),
  'aws:username': ofCaller(({ principal }) => userName(principal)),
  'aws:viaawsservice': () => 'false',
};

/** The condition keys of a request. */
export function contextOf(request: AccessRequest): ContextLookup {
  return (key) => {
    const name = key.toLowerCase();
    return Object.hasOwn(KEYS, name) ? KEYS[name](request) : undefined;
  };
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
