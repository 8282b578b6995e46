import { parseArn, userId } from '..';

/** An attempt to perform an action on a resource. */
export interface AccessRequest {
  /** The caller: an ARN, or the name of an AWS service, such as `sns.amazonaws.com`. */
  readonly principal: string;
  /** The caller's account, 12 digits. */
  readonly account: string;
  /** The action, with its service: `sqs:SendMessage`. */
  readonly action: string;
  /** The resource's ARN. */
  readonly resource: string;
  /** The time of the request, in emulated milliseconds since the epoch. */
  readonly at: number;
  /** The caller's IP address. */
  readonly sourceIp?: string;
  /** The resource that a calling AWS service acts for: the ARN of a topic, bucket or rule. */
  readonly sourceArn?: string;
  /** The account that owns {@link sourceArn}. */
  readonly sourceAccount?: string;
  /** The condition keys of the called service, in lower case: `sns:protocol`, `kms:encryptioncontext:aws:sqs:arn`. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** Returns the value that a condition key has in a request; undefined if the request has none. */
export type KeyReader = (request: AccessRequest) => string | undefined;

const ofCaller =
  (read: KeyReader): KeyReader =>
  (request) =>
    isService(request) ? undefined : read(request);

/** Keys with the same value in every request. Condition keys ignore case, so they are in lower case here and below. */
const CONSTANTS: Readonly<Record<string, string>> = {
  // The emulator's endpoint is plain HTTP on this machine, so the network keys are constants.
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

/** Returns the reader of a condition key. */
export function readerOf(key: string): KeyReader {
  const constant = constantOf(key);
  if (constant !== undefined) return () => constant;
  const name = key.toLowerCase();
  return Object.hasOwn(KEYS, name) ? KEYS[name] : ({ keys }) => keys?.[name];
}

/** Whether the caller is an AWS service, in its own name. */
export function isService({ principal }: Pick<AccessRequest, 'principal'>): boolean {
  return !principal.startsWith('arn:');
}

/** The ARN of the identity behind a caller: for a session, its role. */
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
