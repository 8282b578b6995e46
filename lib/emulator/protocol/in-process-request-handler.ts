import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { HttpResponse as SdkResponse } from '@smithy/core/protocols';
import type { HttpHandlerOptions, HttpRequest as SdkRequest } from '@smithy/types';
import type { RequestRouter } from './request-router';
import type { FileBody, HttpRequest, HttpResponse } from './http-request';

/** Told of each request and response, so that a virtual clock waits for the client's work. */
export interface ClientTraffic {
  began(): void;
  ended(): void;
}

/**
 * The `requestHandler` of an SDK client that passes its requests directly to a {@link RequestRouter}, without a port or
 * socket and without any way to reach AWS. Queue URLs use the client's own endpoint.
 */
export class InProcessRequestHandler {
  constructor(
    private readonly router: RequestRouter,
    private readonly traffic: ClientTraffic = { began: () => undefined, ended: () => undefined },
  ) {}

  public async handle(
    request: SdkRequest,
    { abortSignal }: HttpHandlerOptions = {},
  ): Promise<{ response: SdkResponse }> {
    if (abortSignal?.aborted === true) throw aborted();
    this.traffic.began();
    try {
      const body = await bytesOf(request.body);
      const answer = this.router.handle(httpRequest(request, body, abortSignal as AbortSignal | undefined));
      const response = answer instanceof Promise ? await unlessAborted(answer, abortSignal) : answer;
      if (response.lost === true) throw connectionReset();
      return { response: sdkResponse(response) };
    } finally {
      this.traffic.ended();
    }
  }

  /** Does nothing: there are no connections to close. */
  public destroy(): void {}

  /** Does nothing: there are no connection settings. */
  public updateHttpClientConfig(): void {}

  /** Returns no settings. */
  public httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

function httpRequest(request: SdkRequest, body: Uint8Array, signal: AbortSignal | undefined): HttpRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  const port = request.port === undefined ? '' : `:${request.port}`;
  return {
    method: request.method,
    path: request.path,
    query: queryString(request.query),
    headers,
    body,
    endpoint: `${request.protocol}//${request.hostname}${port}`,
    signal,
  };
}

function queryString(query: SdkRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) parameters.append(name, item ?? '');
  }
  return parameters.toString();
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (typeof body === 'object' && Symbol.asyncIterator in body) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body as AsyncIterable<Uint8Array | string>) {
      chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    }
    return Buffer.concat(chunks);
  }
  throw new TypeError('a request body must be a string, bytes or a stream');
}

function sdkResponse({ status, headers, body, fileBody, streams }: HttpResponse): SdkResponse {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const lowerCase: Record<string, string> = { 'content-length': String(fileBody?.length ?? bytes.length) };
  for (const [name, value] of Object.entries(headers)) lowerCase[name.toLowerCase()] = value;
  // Bytes, not a stream: the SDK accepts both, and bytes need no turn of the event loop.
  const content = fileBody !== undefined ? streamOf(fileBody) : streams === true ? Readable.from([bytes]) : bytes;
  return new SdkResponse({ statusCode: status, headers: lowerCase, body: content });
}

/** Opens the file when the stream is first read: many a body is not. */
function streamOf({ file, start, length }: FileBody): Readable {
  return Readable.from(
    (async function* (): AsyncIterable<Uint8Array> {
      for await (const bytes of createReadStream(file, { start, end: start + length - 1 })) yield bytes as Buffer;
    })(),
    { objectMode: false },
  );
}

function unlessAborted<T>(work: Promise<T>, signal: HttpHandlerOptions['abortSignal']): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const listener = () => reject(aborted());
    (signal as AbortSignal).addEventListener('abort', listener, { once: true });
    work.then(resolve, reject).finally(() => (signal as AbortSignal).removeEventListener('abort', listener));
  });
}

// Like Node's own error, so that the SDK retries.
function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}

// The SDK recognizes an abort by the error's name.
function aborted(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}
