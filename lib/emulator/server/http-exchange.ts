import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { Clock } from '../clock';
import type { FileBody } from '../protocol';
import { collectBody } from './body';

/** A request whose body has been read. */
export interface ReceivedRequest {
  readonly message: IncomingMessage;
  /** Undefined if the body was longer than the listener accepts. */
  readonly body: Uint8Array | undefined;
  /** The body, if it went to a file; {@link body} is empty then. */
  readonly fileBody?: FileBody;
  /** Created on first use. Aborted if the caller hangs up before the response. */
  readonly signal: AbortSignal;
}

/** The response to a {@link ReceivedRequest}. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** The body, if it is in a file. */
  readonly fileBody?: FileBody;
  /** Whether to close the connection instead of responding. */
  readonly lost?: boolean;
}

/** How to answer requests. */
export interface ExchangeOptions {
  readonly clock: Clock;
  /** The longest accepted body, in bytes. */
  readonly maximumBodyBytes: number;
  /**
   * Returns the path of a new file for the body of a request, should it be long; undefined if it stays in memory.
   * @default - all bodies stay in memory
   */
  readonly fileFor?: (message: IncomingMessage) => (() => string) | undefined;
  readonly answer: (request: ReceivedRequest) => Answer | Promise<Answer>;
}

/**
 * A request and its response. Holds the clock while it makes progress and releases it while it waits for the response,
 * which may need time to pass.
 */
export class HttpExchange implements ReceivedRequest {
  public body: Uint8Array | undefined;
  public fileBody?: FileBody;
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
    const bodyTerms = { maximum: terms.maximumBodyBytes, file: terms.fileFor?.(message) };
    collectBody(message, bodyTerms, (body) => {
      if (body === undefined || body instanceof Uint8Array) {
        this.body = body;
      } else {
        this.body = NOTHING;
        this.fileBody = body;
      }
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

const NOTHING = new Uint8Array();

function send(response: ServerResponse, answer: Answer): void {
  const { status, headers, body, fileBody, lost } = answer;
  if (lost === true) return void response.destroy();
  if (fileBody !== undefined) return sendFile(response, answer, fileBody);
  // Node would send the machine's date, and clients would correct their clocks by it.
  response.sendDate = false;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // A 204 has no body, not even an empty one.
  // The answer to a HEAD says the length of the body that it does not have.
  const hasLength = status === 204 || 'Content-Length' in headers;
  if (response instanceof Http2ServerResponse) {
    response.writeHead(status, hasLength ? headers : { ...headers, 'Content-Length': length });
  } else {
    const head: string[] = hasLength ? [] : ['Content-Length', String(length)];
    for (const name in headers) head.push(name, headers[name]);
    response.writeHead(status, head);
  }
  // A string is written together with the head. Pure ASCII is the same in either encoding, and faster in Latin-1.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}

function sendFile(response: ServerResponse, { status, headers }: Answer, { file, start, length }: FileBody): void {
  response.sendDate = false;
  response.writeHead(status, { ...headers, 'Content-Length': length });
  const stream = createReadStream(file, { start, end: start + length - 1 });
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}
