import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { AwsError } from '../api';
import type { Clock } from '../clock';
import type { Wire, WireRequest } from '../wire';
import { HttpListener, type Answer, type ReceivedRequest } from './http-listener';

/** What a {@link HttpEndpoint} is made of. */
export interface HttpEndpointOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  /**
   * The address to listen on.
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * The longest body that a request may have, in bytes; a longer one is answered with 413.
   * @default 8 MiB: Lambda takes payloads of 6 MiB, SQS messages of 1 MiB, escaped and signed
   */
  readonly maximumBodyBytes?: number;
}

const MEBIBYTE = 1024 * 1024;
const DEFAULT_HOST = '127.0.0.1';

/** The emulated cloud's one endpoint: every service of every account and region, told apart by the wire. */
export class HttpEndpoint {
  private readonly listener: HttpListener;
  private readonly maximumBodyBytes: number;
  private url: string;

  constructor(private readonly options: HttpEndpointOptions) {
    const { clock, host = DEFAULT_HOST } = options;
    this.maximumBodyBytes = options.maximumBodyBytes ?? 8 * MEBIBYTE;
    this.url = `http://${host}`;
    this.listener = new HttpListener({
      clock,
      host,
      maximumBodyBytes: this.maximumBodyBytes,
      answer: (request) => this.answer(request),
    });
  }

  /**
   * Listens on `port`, 0 for any free one. Gives the endpoint's URL: `http://127.0.0.1:4566`.
   * @throws PortInUse
   */
  public async listen(port: number): Promise<string> {
    return (this.url = await this.listener.listen(port));
  }

  /** Serves a connection that did not come by a port. */
  public serve(connection: Duplex): void {
    this.listener.serve(connection);
  }

  /** A connection in memory to this endpoint: the client's end. */
  public connect(): Duplex {
    return this.listener.connect();
  }

  /** Ends all connections, whether or not an answer is due on them, and stops listening. */
  public close(): Promise<void> {
    return this.listener.close();
  }

  private answer(received: ReceivedRequest): Answer | Promise<Answer> {
    const request = new EndpointRequest(received, this.url);
    if (received.body === undefined) {
      const message = `Request size exceeded ${this.maximumBodyBytes} bytes`;
      return this.options.wire.reject(request, new AwsError('RequestEntityTooLarge', message, { status: 413 }));
    }
    if (request.path === '/_spillway/health') return health(request.method);
    return this.options.wire.handle(request);
  }
}

class EndpointRequest implements WireRequest {
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
    // Only Set-Cookie, which no request has, comes as a list.
    this.headers = message.headers as Readonly<Record<string, string | undefined>>;
    this.body = body ?? new Uint8Array();
    const { host } = message.headers;
    this.endpoint = host === undefined ? ownUrl : `http://${host}`;
  }

  public get sourceIp(): string | undefined {
    return this.received.message.socket.remoteAddress;
  }

  public get signal(): AbortSignal {
    return this.received.signal;
  }
}

function splitTarget({ url = '/' }: IncomingMessage): { path: string; query: string } {
  // A proxy's client sends the whole URL.
  const target = url.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function health(method: string): Answer {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { Allow: 'GET, HEAD' }, body: '' };
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"status":"ok"}' };
}
