import type { HttpRequest } from './http-request';

/** The scope in a Signature Version 4 credential: `<access key>/<date>/<region>/<service>/aws4_request`. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  /** The service's signing name: `sqs`, `monitoring`. */
  readonly service: string;
}

// A client sends the same credential over and over.
const seen = new Map<string, CredentialScope>();
const MOST_SEEN = 1_000;

/** The credential in a signed header or a presigned URL; undefined if the request is not signed. */
export function credentialScope(request: Pick<HttpRequest, 'headers' | 'query'>): CredentialScope | undefined {
  const credential = fromHeader(request.headers.authorization) ?? fromQuery(request.query);
  return credential === undefined ? undefined : read(credential);
}

/** The session token that accompanies temporary credentials. */
export function sessionToken({ headers, query }: HttpRequest): string | undefined {
  return headers['x-amz-security-token'] ?? parameter(query, 'X-Amz-Security-Token');
}

/** When a request was signed and, for a presigned request, for how many milliseconds it is valid. */
export function signedAt({ headers, query }: HttpRequest): { at: number; lifetime?: number } | undefined {
  const date = headers['x-amz-date'];
  if (date !== undefined) return dated(date);
  const signed = dated(parameter(query, 'X-Amz-Date') ?? '');
  const seconds = parameter(query, 'X-Amz-Expires');
  if (signed === undefined || seconds === undefined || !/^\d{1,6}$/.test(seconds)) return signed;
  return { ...signed, lifetime: Number(seconds) * 1_000 };
}

function dated(date: string): { at: number } | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return { at: Date.UTC(year, month - 1, day, hour, minute, second) };
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
  return parameter(query, 'X-Amz-Credential');
}

function parameter(query: string, name: string): string | undefined {
  if (!query.includes(`${name}=`)) return undefined;
  return new URLSearchParams(query).get(name) ?? undefined;
}
