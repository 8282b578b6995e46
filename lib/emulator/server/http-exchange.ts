import type { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { Clock } from '../clock';
import { collectBody } from './body';

/** A request whose body has been read. */
export interface ReceivedRequest {
  readonly message: IncomingMessage;
  /** Undefined if the body was longer than the listener accepts. */
  readonly body: Uint8Array | undefined;
  /** Created on first use. Aborted if the caller hangs up before the response. */
  readonly signal: AbortSignal;
}

/** The response to a {@link ReceivedRequest}. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** Whether to close the connection instead of responding. */
  readonly lost?: boolean;
}

/** How to answer requests. */
export interface ExchangeOptions {
  readonly clock: Clock;
  /** The longest accepted body, in bytes. */
  readonly maximumBodyBytes: number;
  readonly answer: (request: ReceivedRequest) => Answer | Promise<Answer>;
}

/**
 * A request and its response. Holds the clock while it makes progress and releases it while it waits for the response,
 * which may need time to pass.
 */
export class HttpExchange implements ReceivedRequest {
  public body: Uint8Array | undefined;
  private controller?: AbortController;
  private gone = false;
  private release: () => void;

  constructor(
    public readonly message: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly terms: ExchangeOptions,
  ) {
    this.release = terms.clock.hold();
    response.on('close', () => this.closed());
    collectBody(message, terms.maximumBodyBytes, (body) => {
      this.body = body;
      this.answer();
    });
  }

  // Few requests wait, so few need a signal.
  public get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.gone) this.controller.abort();
    return this.controller.signal;
  }

  private answer(): void {
    try {
      const answer = this.terms.answer(this);
      if (answer instanceof Promise) this.await(answer);
      else send(this.response, answer);
    } catch (error) {
      this.failed(error);
    }
  }

  private await(answer: Promise<Answer>): void {
    this.release();
    answer
      .then((result) => {
        if (this.response.destroyed) return;
        this.release = this.terms.clock.hold();
        send(this.response, result);
      })
      .catch((error: unknown) => this.failed(error));
  }

  // The answer's own errors are handled there; an error here would leave the caller waiting.
  private failed(error: unknown): void {
    console.error(`${this.message.method} ${this.message.url} failed:`, error);
    if (!this.response.headersSent) send(this.response, { status: 500, headers: {}, body: '' });
  }

  private closed(): void {
    this.gone = !this.response.writableFinished;
    if (this.gone) this.controller?.abort();
    this.release();
  }
}

function send(response: ServerResponse, { status, headers, body, lost }: Answer): void {
  if (lost === true) return void response.destroy();
  // Node would send the machine's date, and clients would correct their clocks by it.
  response.sendDate = false;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // A 204 has no body, not even an empty one.
  if (response instanceof Http2ServerResponse) {
    response.writeHead(status, status === 204 ? headers : { ...headers, 'Content-Length': length });
  } else {
    const head: string[] = status === 204 ? [] : ['Content-Length', String(length)];
    for (const name in headers) head.push(name, headers[name]);
    response.writeHead(status, head);
  }
  // A string is written together with the head. Pure ASCII is the same in either encoding, and faster in Latin-1.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}
