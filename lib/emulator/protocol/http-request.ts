/** A body that is in a file, as it is too long to keep in memory. */
export interface FileBody {
  readonly file: string;
  /** Where in the file it begins, and how long it is. */
  readonly start: number;
  readonly length: number;
}

/** A request to an AWS API, over any transport. */
export interface HttpRequest {
  readonly method: string;
  /** The path as sent, with percent-encoding. */
  readonly path: string;
  /** The query string as sent, without the question mark; may be empty. */
  readonly query: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The body, if it is in a file; {@link body} is empty then. Whoever takes it removes the file. */
  readonly fileBody?: FileBody;
  /** The scheme, host and port that the caller used. */
  readonly endpoint: string;
  readonly sourceIp?: string;
  /** Aborted when the caller hangs up. A transport may create it on first use. */
  readonly signal?: AbortSignal;
}

/** The response to a {@link HttpRequest}, without the headers that the transport sets (Content-Length, Connection). */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string;
  /** The body, if it is in a file; {@link body} is empty then. */
  readonly fileBody?: FileBody;
  /** Whether the model calls the body a stream: an SDK client without a socket wants one, too. */
  readonly streams?: boolean;
  /** Whether to close the connection instead of sending the response. */
  readonly lost?: boolean;
}
