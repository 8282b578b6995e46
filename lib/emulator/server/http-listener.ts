import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { inMemoryConnection } from '../compute';
import { type ExchangeOptions, HttpExchange } from './http-exchange';
import { PortInUse } from './port-in-use';
import type { RequestGuard } from '../core/policy';

export type { Answer, ReceivedRequest } from './http-exchange';

/** What a {@link HttpListener} is made of. */
export interface HttpListenerOptions extends ExchangeOptions {
  /** The address to listen on. */
  readonly host: string;
  /** Decides which requests are answered. */
  readonly guard: RequestGuard;
}

/** HTTP on a port, on connections in memory, or on both. */
export class HttpListener {
  private readonly server: Server;
  private readonly connections = new Set<Duplex>();

  constructor(private readonly options: HttpListenerOptions) {
    // A connection is kept until its client lets go of it: a server that closed an idle one first would race with the
    // client's next request.
    this.server = createServer({ keepAliveTimeout: 0, noDelay: true }, (message, response) =>
      this.begin(message, response),
    );
    // Node would ask for the body before the guard has seen the head.
    this.server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
      this.begin(message, response, () => response.writeContinue());
    });
    this.server.on('connection', (connection: Duplex) => {
      this.connections.add(connection);
      connection.once('close', () => this.connections.delete(connection));
    });
  }

  /**
   * Listens on `port`, 0 for any free one. Gives the URL that reaches it.
   * @throws PortInUse
   */
  public async listen(port: number): Promise<string> {
    const { host } = this.options;
    this.server.listen(port, host);
    try {
      await once(this.server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortInUse(host, port);
      throw error;
    }
    const { port: actual } = this.server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
  }

  /** Serves a connection that did not come by a port. */
  public serve(connection: Duplex): void {
    this.server.emit('connection', connection);
  }

  /** A connection in memory to this listener: the client's end. */
  public connect(): Duplex {
    const { client, server } = inMemoryConnection(this.options.clock);
    this.serve(server);
    return client;
  }

  /** Ends all connections, whether or not an answer is due on them, and stops listening. */
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
    // What has come of a body is dropped by Node; what was not asked for never comes.
    response.sendDate = false;
    response.shouldKeepAlive = askForBody === undefined;
    response.writeHead(answer.status, { 'Content-Length': Buffer.byteLength(answer.body) }).end(answer.body);
  }
}
