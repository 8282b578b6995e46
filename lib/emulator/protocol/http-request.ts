/** A request to an AWS API, whichever transport it came by. */
export interface HttpRequest {
  readonly method: string;
  /** The path as sent, percent-encoding and all. */
  readonly path: string;
  /** What follows the question mark, as sent; empty where there is none. */
  readonly query: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The scheme, host and port that the caller addressed. */
  readonly endpoint: string;
  readonly sourceIp?: string;
  /** Aborted when the caller hangs up. A transport may make it on first use. */
  readonly signal?: AbortSignal;
}

/** The answer to a {@link HttpRequest}, but for the headers that the transport owns (Content-Length, Connection). */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string;
  /** Whether the caller is never to get it: the transport ends the connection instead. */
  readonly lost?: boolean;
}
