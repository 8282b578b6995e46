import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isAwsHost, regionOfEndpoint } from '../core';
import type { Clock } from '../clock';
import type { FileBody, HttpRequest, RequestRouter } from '../protocol';
import { HttpListener, type Answer, type ReceivedRequest } from './http-listener';
import { BrowserGuard, type RequestGuard } from '../core/policy';

/** Options of an {@link HttpEndpoint}. */
export interface HttpEndpointOptions {
  readonly router: RequestRouter;
  readonly clock: Clock;
  /**
   * The address to listen on.
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * The longest accepted body, in bytes. As on AWS, a longer one is answered with status 413 and a text.
   * @default 8 MiB: Lambda accepts payloads of 6 MiB, SQS messages of 1 MiB, plus escaping and signatures
   */
  readonly maximumBodyBytes?: number;
  /**
   * Returns the path of a new file for a body that is too long for memory.
   * @default - such bodies are refused
   */
  readonly createFile?: () => string;
  /**
   * Decides which requests are served.
   * @default - only those of local programs: a {@link BrowserGuard} without exceptions
   */
  readonly guard?: RequestGuard;
  /**
   * Drops all state; called for `POST /_spillway/reset`.
   * @default - there is no such path
   */
  readonly onReset?: () => Promise<void>;
  /**
   * Returns the cloud's state, which `GET /_spillway/status` serves as JSON with the number of refused requests.
   * @default - only that number is served
   */
  readonly status?: () => object;
  /**
   * Returns some of a queue's messages, which `GET /_spillway/messages` serves as JSON; undefined if there is no such
   * queue.
   * @default - there is no such path
   */
  readonly messages?: (query: MessagesQuery) => readonly object[] | undefined;
}

/** The query of `GET /_spillway/messages`. */
export interface MessagesQuery {
  readonly account: string;
  readonly region: string;
  /** The queue's name. */
  readonly queue: string;
  /** How many messages at most, from 1 to 1000. */
  readonly max: number;
}

const MEBIBYTE = 1024 * 1024;
const DEFAULT_HOST = '127.0.0.1';
/** The port in the URL of an endpoint that only has in-memory connections. */
const NOMINAL_PORT = 4566;

/** The cloud's one endpoint, for every service, account and Region; the router tells requests apart. */
export class HttpEndpoint {
  private readonly listener: HttpListener;
  private readonly maximumBodyBytes: number;
  private readonly guard: RequestGuard;
  private url: string;

  constructor(private readonly options: HttpEndpointOptions) {
    const { clock, host = DEFAULT_HOST } = options;
    this.maximumBodyBytes = options.maximumBodyBytes ?? 8 * MEBIBYTE;
    this.url = `http://${host}:${NOMINAL_PORT}`;
    this.guard = options.guard ?? new BrowserGuard();
    this.listener = new HttpListener({
      clock,
      host,
      guard: this.guard,
      maximumBodyBytes: this.maximumBodyBytes,
      fileFor: (message) => this.fileFor(message),
      answer: (request) => this.answer(request),
    });
  }

  /**
   * Listens on `port`; 0 takes any free one. Returns the endpoint's URL: `http://127.0.0.1:4566`.
   * @param host the address to listen on, instead of that of the options
   * @throws PortInUse
   */
  public async listen(port: number, host?: string): Promise<string> {
    return (this.url = await this.listener.listen(port, host));
  }

  /** Serves a connection that did not arrive on a port. */
  public serve(connection: Duplex): void {
    this.listener.serve(connection);
  }

  /** Opens an in-memory connection to this endpoint. Returns the client's end. */
  public connect(): Duplex {
    return this.listener.connect();
  }

  /** Closes all connections, even with responses due, and stops listening. */
  public close(): Promise<void> {
    return this.listener.close();
  }

  private fileFor(message: IncomingMessage): (() => string) | undefined {
    const { createFile, router } = this.options;
    if (createFile === undefined) return undefined;
    const { query } = splitTarget(message);
    const headers = message.headers as HttpRequest['headers'];
    return router.takesFiles({ headers, query }) ? createFile : undefined;
  }

  private answer(received: ReceivedRequest): Answer | Promise<Answer> {
    if (received.body === undefined) return tooLong(this.maximumBodyBytes);
    const request = new EndpointRequest(received, this.url);
    const { onReset, status, messages } = this.options;
    switch (request.path) {
      case '/_spillway/health':
        return page(request.method, ['GET', 'HEAD'], { status: 'ok' });
      case '/_spillway/status':
        return page(request.method, ['GET', 'HEAD'], { ...status?.(), refusedRequests: this.guard.refusedCount });
      case '/_spillway/reset':
        if (onReset !== undefined) return reset(request.method, onReset);
        break;
      case '/_spillway/messages':
        if (messages !== undefined) return peek(request, messages);
    }
    return this.options.router.handle(request);
  }
}

class EndpointRequest implements HttpRequest {
  public readonly method: string;
  public readonly path: string;
  public readonly query: string;
  public readonly headers: Readonly<Record<string, string | undefined>>;
  public readonly body: Uint8Array;
  public readonly endpoint: string;

  constructor(
    private readonly received: ReceivedRequest,
    ownUrl: string,
  ) {
    const { message, body } = received;
    const { path, query } = splitTarget(message);
    this.method = message.method ?? 'GET';
    this.path = path;
    this.query = query;
    // Only Set-Cookie arrives as a list, and requests do not have it.
    this.headers = message.headers as Readonly<Record<string, string | undefined>>;
    this.body = body ?? new Uint8Array();
    const { host } = message.headers;
    this.endpoint = host === undefined ? ownUrl : endpointAt(host, ownUrl);
  }

  public get fileBody(): FileBody | undefined {
    return this.received.fileBody;
  }

  public get sourceIp(): string | undefined {
    return this.received.message.socket.remoteAddress;
  }

  public get signal(): AbortSignal {
    return this.received.signal;
  }
}

/**
 * The URL by which the caller reached the endpoint. A request redirected from an AWS host name gets our URL, with its
 * Region.
 */
function endpointAt(host: string, ownUrl: string): string {
  const url = `http://${host}`;
  if (!isAwsHost(hostnameOf(host))) return url;
  const region = regionOfEndpoint(url);
  return region === undefined ? ownUrl : `${ownUrl}/queue/${region}`;
}

const hostnameOf = (host: string): string => host.replace(/:\d+$/, '');

function splitTarget({ url = '/' }: IncomingMessage): { path: string; query: string } {
  // Clients of a proxy send the whole URL.
  const target = url.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

// AWS's front end returns this before the service sees the request, in no service's protocol.
function tooLong(maximum: number): Answer {
  const body = `HTTP content length exceeded ${maximum} bytes.\n`;
  return { status: 413, headers: { 'Content-Type': 'text/plain' }, body };
}

function page(method: string, allowed: readonly string[], content: object): Answer {
  if (!allowed.includes(method)) return { status: 405, headers: { Allow: allowed.join(', ') }, body: '' };
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(content) };
}

const MOST_MESSAGES = 1_000;

function peek({ method, query }: HttpRequest, messages: NonNullable<HttpEndpointOptions['messages']>): Answer {
  const given = new URLSearchParams(query);
  const [account = '', region = '', queue = ''] = ['account', 'region', 'queue'].map((name) => given.get(name) ?? '');
  const max = given.get('max') ?? '10';
  if (!/^[1-9]\d{0,3}$/.test(max) || Number(max) > MOST_MESSAGES) {
    return refusal(400, `max must be a whole number from 1 to ${MOST_MESSAGES}, but was ${JSON.stringify(max)}`);
  }
  const found = messages({ account, region, queue, max: Number(max) });
  if (found === undefined) return refusal(404, `there is no queue ${queue} in account ${account} and region ${region}`);
  return page(method, ['GET', 'HEAD'], found);
}

function refusal(status: number, sentence: string): Answer {
  return { status, headers: { 'Content-Type': 'text/plain' }, body: `${sentence}\n` };
}

async function reset(method: string, onReset: () => Promise<void>): Promise<Answer> {
  const answer = page(method, ['POST'], { status: 'ok' });
  if (answer.status === 200) await onReset();
  return answer;
}
