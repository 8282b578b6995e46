import { gunzipSync } from 'node:zlib';
import { MalformedInput } from './malformed-input';
import type { HttpRequest } from './http-request';

/** What a body may come to: some bytes of gzip can stand for very many. */
const LARGEST_BODY = 64 * 1024 * 1024;

/**
 * The request with the body that was compressed: SDKs compress what CloudWatch is given much of.
 * @throws MalformedInput where it cannot be had
 */
export function decompressed(request: HttpRequest): HttpRequest {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  let body: Uint8Array;
  try {
    body = gunzipSync(request.body, { maxOutputLength: LARGEST_BODY });
  } catch {
    throw new MalformedInput(`the body is not valid gzip, or of more than ${LARGEST_BODY} bytes`);
  }
  // Not a copy: what a transport makes on first use is to be made on first use still.
  return Object.create(request, { body: { value: body } }) as HttpRequest;
}
