import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import { inMemoryConnection } from '../compute';
import { collectBody } from './body';
import { PortInUse } from './port-in-use';

/** A request with its body read. */
export interface ReceivedRequest {
  readonly message: IncomingMessage;
  /** Undefined where the body was longer than the listener takes. */
  readonly body: Uint8Array | undefined;
  /** Made on first use; aborted when the caller hangs up before it is answered. */
  readonly signal: AbortSignal;
}

/** The answer to a {@link ReceivedRequest}. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** What a {@link HttpListener} is made of. */
export interface HttpListenerOptions {
  readonly clock: Clock;
  /** The address to listen on. */
  readonly host: string;
  /** The longest body that a request may have, in bytes. */
  readonly maximumBodyBytes: number;
  readonly answer: (request: ReceivedRequest) => Answer | Promise<Answer>;
}

/**
 * HTTP on a port, on connections in memory, or on both. It holds the clock while an exchange makes progress, and lets
 * go of it while an answer is awaited: whoever keeps the caller waiting for time to pass needs time to pass.
 */
export class HttpListener {
  private readonly server: Server;
  private readonly connections = new Set<Duplex>();

  constructor(private readonly options: HttpListenerOptions) {
    // A connection is kept until its client lets go of it: a server that closed an idle one first would race with the
    // client's next request.
    this.server = createServer({ keepAliveTimeout: 0, noDelay: true }, (message, response) => {
      void this.exchange(message, response);
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

  private async exchange(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let release = this.options.clock.hold();
    const received = new Received(message, response);
    response.once('close', () => {
      received.closed();
      release();
    });
    try {
      const body = await collectBody(message, this.options.maximumBodyBytes);
      if (body === 'aborted') return;
      received.body = body === 'too long' ? undefined : body;
      let answer = this.options.answer(received);
      if (answer instanceof Promise) {
        release();
        answer = await answer;
        release = this.options.clock.hold();
        if (response.destroyed) return release();
      }
      send(response, answer);
    } catch (error) {
      // Whoever answers catches its own errors; what comes here would otherwise leave the caller waiting.
      console.error(`${message.method} ${message.url} failed:`, error);
      if (!response.headersSent) send(response, { status: 500, headers: {}, body: '' });
    }
  }
}

class Received implements ReceivedRequest {
  public body: Uint8Array | undefined;
  private controller?: AbortController;
  private gone = false;

  constructor(
    public readonly message: IncomingMessage,
    private readonly response: ServerResponse,
  ) {}

  // Few requests wait, so few need a signal.
  public get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.gone) this.controller.abort();
    return this.controller.signal;
  }

  public closed(): void {
    this.gone = !this.response.writableFinished;
    if (this.gone) this.controller?.abort();
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  // The machine's date is not the emulated one, and a client would correct its clock by it.
  response.sendDate = false;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // A 204 has no body, not even an empty one.
  const head: string[] = status === 204 ? [] : ['Content-Length', String(length)];
  for (const name in headers) head.push(name, headers[name]);
  response.writeHead(status, head);
  // A string leaves in one write with the head.
  response.end(body);
}
