import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock';
import { collectBody } from './body';

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
  /** Whether to end the connection instead of answering. */
  readonly lost?: boolean;
}

/** What is to be done with requests. */
export interface ExchangeOptions {
  readonly clock: Clock;
  /** The longest body that a request may have, in bytes. */
  readonly maximumBodyBytes: number;
  readonly answer: (request: ReceivedRequest) => Answer | Promise<Answer>;
}

/**
 * One request and its answer. It holds the clock while it makes progress, and lets go of it while the answer is awaited:
 * whoever keeps the caller waiting for time to pass needs time to pass.
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

  // Whoever answers catches its own errors; what comes here would otherwise leave the caller waiting.
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
  // The machine's date is not the emulated one, and a client would correct its clock by it.
  response.sendDate = false;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // A 204 has no body, not even an empty one.
  const head: string[] = status === 204 ? [] : ['Content-Length', String(length)];
  for (const name in headers) head.push(name, headers[name]);
  response.writeHead(status, head);
  // A string leaves in one write with the head; one of ASCII only is the same bytes in either encoding, sooner in Latin-1.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}
