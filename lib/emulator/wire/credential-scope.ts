import type { WireRequest } from './wire-request';

/** What a Signature Version 4 credential says of its request: `<access key>/<date>/<region>/<service>/aws4_request`. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  /** The service's signing name: `sqs`, `monitoring`. */
  readonly service: string;
}

// A client sends the same credential all day.
const seen = new Map<string, CredentialScope>();
const MOST_SEEN = 1_000;

/** The credential of a signed header or a presigned URL; undefined where the request is not signed. */
export function credentialScope(request: WireRequest): CredentialScope | undefined {
  const credential = fromHeader(request.headers.authorization) ?? fromQuery(request.query);
  return credential === undefined ? undefined : read(credential);
}

function read(credential: string): CredentialScope | undefined {
  const known = seen.get(credential);
  if (known !== undefined) return known;
  const scope = parse(credential);
  if (scope === undefined) return undefined;
  if (seen.size >= MOST_SEEN) seen.clear();
  seen.set(credential, scope);
  return scope;
}

function parse(credential: string): CredentialScope | undefined {
  const parts = credential.split('/');
  if (parts.length < 5 || parts[parts.length - 1] !== 'aws4_request') return undefined;
  const [, region, service] = parts.slice(-4);
  return { accessKeyId: parts.slice(0, -4).join('/'), region, service };
}

function fromHeader(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const at = authorization.indexOf('Credential=');
  if (at < 0) return undefined;
  const start = at + 'Credential='.length;
  const end = authorization.indexOf(',', start);
  return authorization.slice(start, end < 0 ? undefined : end).trim();
}

function fromQuery(query: string): string | undefined {
  if (!query.includes('X-Amz-Credential=')) return undefined;
  return new URLSearchParams(query).get('X-Amz-Credential') ?? undefined;
}
