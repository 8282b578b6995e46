import { createHash, createHmac } from 'node:crypto';
import { isAwsHost } from '../core';
import type { CredentialScope, HttpRequest, HttpResponse } from '../protocol';

/** Credentials that forwarded requests are signed with. */
export interface ForwardCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where the requests to a service go instead of the emulator. */
export interface Forward {
  /** The URL of a server on this machine or in a private network, such as `http://127.0.0.1:8000`. */
  readonly endpoint: string;
  /**
   * The credentials that requests are signed with.
   * @default - those of the emulator: the account as access key id, and the secret `local`
   */
  readonly credentials?: ForwardCredentials;
}

// Names that resolve in a private network only: of one label, or below a suffix that is not for the internet.
const PRIVATE_NAME = /^[a-z0-9_-]{1,63}$|\.(?:localhost|local|internal|lan|home|test|home\.arpa|svc)$/;
const PRIVATE_ADDRESS =
  /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+$|^\[(?:::1|f[cd][0-9a-f]{2}:[0-9a-f:]+)\]$/;

/** Says what is wrong with an endpoint to forward to; undefined if it is valid. */
export function forwardProblem(endpoint: unknown): string | undefined {
  const shown = typeof endpoint === 'string' ? `'${endpoint}'` : String(endpoint);
  if (typeof endpoint !== 'string' || !/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    return `must be a URL such as http://127.0.0.1:8000, but was ${shown}`;
  }
  const { hostname } = new URL(endpoint);
  if (isAwsHost(hostname)) return `must not be AWS itself, but was ${shown}`;
  if (PRIVATE_ADDRESS.test(hostname) || PRIVATE_NAME.test(hostname)) return undefined;
  return `must be a server on this machine or in a private network, but was ${shown}`;
}

/** Headers of one connection, and those that are signed anew. */
const DROPPED = new Set([
  ...['authorization', 'connection', 'content-length', 'expect', 'host', 'keep-alive', 'transfer-encoding'],
  ...['x-amz-security-token', 'x-amz-date'],
]);
const DROPPED_OF_RESPONSE = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'transfer-encoding',
]);

/**
 * Sends a request to another server, signed anew, and returns its response.
 * @throws Error if the server does not answer
 */
export async function forwardRequest(
  request: HttpRequest,
  scope: CredentialScope,
  { endpoint, credentials }: Required<Forward>,
): Promise<HttpResponse> {
  const base = new URL(endpoint);
  const target = new URL(base.origin + (base.pathname === '/' ? '' : base.pathname) + request.path);
  target.search = request.query;
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !DROPPED.has(entry[0]),
    ),
  );
  const signed = sign({ method: request.method, target, headers, body: request.body, scope, credentials });
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  const response = await fetch(target, {
    method: request.method,
    headers: signed,
    redirect: 'manual',
    ...(hasBody && { body: request.body }),
    signal: request.signal,
  });
  return {
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => !DROPPED_OF_RESPONSE.has(name))),
    body: new Uint8Array(await response.arrayBuffer()),
  };
}

interface Unsigned {
  readonly method: string;
  readonly target: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly scope: CredentialScope;
  readonly credentials: ForwardCredentials;
}

/** The headers of a request with its Signature Version 4. The date is the real one: the server knows no other. */
function sign({ method, target, headers, body, scope, credentials }: Unsigned): Record<string, string> {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const hash = sha256(body);
  const all: Record<string, string> = {
    ...headers,
    host: target.host,
    'x-amz-date': date,
    // A hash of chunks that were signed for the emulator would not match.
    'x-amz-content-sha256': hash,
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const names = Object.keys(all).filter(
    (name) => name === 'host' || name === 'content-type' || name.startsWith('x-amz-'),
  );
  const signedHeaders = names.sort().join(';');
  const query = [...target.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  // All services except S3 encode the path twice.
  const path = scope.service === 's3' ? target.pathname : target.pathname.split('/').map(encode).join('/');
  const canonical = [
    method,
    path,
    query,
    ...names.map((name) => `${name}:${all[name].trim()}`),
    '',
    signedHeaders,
    hash,
  ].join('\n');
  const place = `${date.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, place, sha256(canonical)].join('\n');
  const key = place.split('/').reduce<Buffer | string>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, text).toString('hex');
  const { host: _, ...sent } = all;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${place}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** As RFC 3986 encodes: all but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
