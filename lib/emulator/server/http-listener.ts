import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { inMemoryConnection } from '../compute';
import { type ExchangeOptions, HttpExchange } from './http-exchange';
import { afterPreface } from './http2-preface';
import { PortInUse } from './port-in-use';
import type { RequestGuard } from '../core/policy';

export type { Answer, ReceivedRequest } from './http-exchange';

/** Options of an {@link HttpListener}. */
export interface HttpListenerOptions extends ExchangeOptions {
  /** The address to listen on. */
  readonly host: string;
  /** Decides which requests are served. */
  readonly guard: RequestGuard;
}

/** The addresses that stand for all of this machine's, which nobody can call, with one of them. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * An HTTP server on a port, on in-memory connections, or both. On its port it also speaks HTTP/2 with prior knowledge,
 * as some SDK clients do.
 */
export class HttpListener {
  private readonly server: Server;
  private readonly http2: Http2Server;
  private readonly connections = new Set<Duplex>();

  constructor(private readonly options: HttpListenerOptions) {
    // The client decides when to close a connection: a server that closed an idle one would race with the client's next
    // request.
    this.server = createServer({ keepAliveTimeout: 0, noDelay: true }, (message, response) =>
      this.begin(message, response),
    );
    // Node would request the body before the guard has seen the headers.
    this.server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
      this.begin(message, response, () => response.writeContinue());
    });
    this.http2 = createHttp2Server((message, response) => {
      // The names by which HTTP/1 knows them.
      message.headers.host ??= message.headers[':authority'];
      // Node's own compatibility layer: both have what is used of a message and a response of HTTP/1.
      this.begin(message as unknown as IncomingMessage, response as unknown as ServerResponse);
    });
    const [serveHttp1] = this.server.listeners('connection') as ((connection: Duplex) => void)[];
    this.server.off('connection', serveHttp1);
    this.server.on('connection', (connection: Duplex) => {
      this.connections.add(connection);
      connection.once('close', () => this.connections.delete(connection));
      if (!(connection instanceof Socket)) return void serveHttp1.call(this.server, connection);
      afterPreface(connection, (speaksHttp2) => {
        if (speaksHttp2) this.http2.emit('connection', connection);
        else serveHttp1.call(this.server, connection);
      });
      connection.on('error', () => connection.destroy());
    });
  }

  /**
   * Listens on `port`; 0 takes any free one. Returns the listener's URL, as a client on this machine calls it.
   * @throws PortInUse
   */
  public async listen(port: number, host = this.options.host): Promise<string> {
    this.server.listen(port, host);
    try {
      await once(this.server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortInUse(host, port);
      throw error;
    }
    const { port: actual } = this.server.address() as AddressInfo;
    const callable = EVERY_ADDRESS[host] ?? host;
    return `http://${callable.includes(':') ? `[${callable}]` : callable}:${actual}`;
  }

  /** Serves a connection that did not arrive on a port. */
  public serve(connection: Duplex): void {
    this.server.emit('connection', connection);
  }

  /** Opens an in-memory connection to this listener. Returns the client's end. */
  public connect(): Duplex {
    const { client, server } = inMemoryConnection(this.options.clock);
    this.serve(server);
    return client;
  }

  /** Closes all connections, even with responses due, and stops listening. */
  public async close(): Promise<void> {
    const closed = this.server.listening ? once(this.server, 'close') : undefined;
    this.server.close();
    for (const connection of this.connections) connection.destroy();
    await closed;
  }

  private begin(message: IncomingMessage, response: ServerResponse, askForBody?: () => void): void {
    const { answer, headers } = this.options.guard.admit(message.method ?? 'GET', message.headers);
    for (const name in headers) response.setHeader(name, headers[name]);
    if (answer === undefined) {
      askForBody?.();
      new HttpExchange(message, response, this.options);
      return;
    }
    // Node drops what has arrived of the body; the rest is never requested.
    response.sendDate = false;
    response.shouldKeepAlive = askForBody === undefined;
    response.writeHead(answer.status, { 'Content-Length': Buffer.byteLength(answer.body) });
    response.end(answer.body);
  }
}
