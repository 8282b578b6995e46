import { gunzipSync } from 'node:zlib';
import { MalformedInput } from './malformed-input';
import type { HttpRequest } from './http-request';

/** The limit of a decompressed body, in bytes: a few bytes of gzip can expand to very many. */
const LARGEST_BODY = 64 * 1024 * 1024;

/**
 * Decompresses a request's body: SDKs compress large CloudWatch requests.
 * @throws MalformedInput if the body is not valid gzip or too large
 */
export function decompressed(request: HttpRequest): HttpRequest {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  let body: Uint8Array;
  try {
    body = gunzipSync(request.body, { maxOutputLength: LARGEST_BODY });
  } catch {
    throw new MalformedInput(`the body is not valid gzip, or decompresses to more than ${LARGEST_BODY} bytes`);
  }
  // Not a copy, so that what a transport creates on first use stays lazy.
  return Object.create(request, { body: { value: body } }) as HttpRequest;
}
