import type * as http from 'node:http';
import { Readable } from 'node:stream';
import type { VirtualHttp } from './http';

const MOST_REDIRECTS = 20;
const WITHOUT_BODY = [101, 103, 204, 205, 304];

/** `fetch` on top of a sandbox's own HTTP client. */
export function virtualFetch(client: VirtualHttp): typeof fetch {
  const request = client.http.request as typeof http.request;

  const send = (wanted: Request, body: Buffer): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const url = new URL(wanted.url);
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw new TypeError(`fetch failed: the scheme of ${wanted.url} is not http: or https:`);
      }
      const headers: Record<string, string> = { accept: '*/*', 'user-agent': 'node' };
      wanted.headers.forEach((value, name) => (headers[name] = value));
      if (body.length > 0 || !['GET', 'HEAD'].includes(wanted.method)) headers['content-length'] = String(body.length);
      const sent = request(url, { method: wanted.method, headers, signal: wanted.signal }, resolve);
      sent.on('error', (error) => {
        reject(
          wanted.signal.aborted ? (wanted.signal.reason as Error) : new TypeError('fetch failed', { cause: error }),
        );
      });
      sent.end(body);
    });

  return async (input, init) => {
    let wanted = new Request(input, init);
    wanted.signal.throwIfAborted();
    let body: Buffer = Buffer.from(await wanted.arrayBuffer());
    for (let redirects = 0; ; redirects++) {
      const response = await send(wanted, body);
      const status = response.statusCode ?? 0;
      const { location } = response.headers;
      const redirected = [301, 302, 303, 307, 308].includes(status) && location !== undefined;
      if (!redirected || wanted.redirect === 'manual') return toResponse(response, status, wanted.url, redirects > 0);
      response.resume();
      if (wanted.redirect === 'error') throw new TypeError('fetch failed: the response is a redirect');
      if (redirects === MOST_REDIRECTS) throw new TypeError('fetch failed: redirect count exceeded');
      // As in browsers, a redirected POST becomes a GET, except with the two codes made to prevent it.
      const becomesGet = status === 303 || (status <= 302 && wanted.method === 'POST');
      if (becomesGet) body = Buffer.alloc(0);
      const { headers, signal, redirect } = wanted;
      if (becomesGet) for (const name of ['content-type', 'content-length']) headers.delete(name);
      const method = becomesGet ? 'GET' : wanted.method;
      wanted = new Request(new URL(location, wanted.url), { method, headers, signal, redirect });
    }
  };
}

function toResponse(response: http.IncomingMessage, status: number, url: string, redirected: boolean): Response {
  const headers = new Headers();
  for (let i = 0; i < response.rawHeaders.length; i += 2) {
    headers.append(response.rawHeaders[i], response.rawHeaders[i + 1]);
  }
  const empty = WITHOUT_BODY.includes(status);
  if (empty) response.resume();
  const body = empty ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
  const result = new Response(body, { status, statusText: response.statusMessage, headers });
  Object.defineProperties(result, { url: { value: url }, redirected: { value: redirected } });
  return result;
}
