/** Who calls, and from where. Every API action takes it besides its input. */
export interface RequestContext {
  /** The caller's account, 12 digits. */
  readonly account: string;
  readonly region: string;
  /** The caller's ARN. */
  readonly principal: string;
  /** The scheme, host and port that the caller used: the base of the queue URLs in responses. */
  readonly endpoint: string;
  /** The caller's IP address, if the request came over a network. */
  readonly sourceIp?: string;
  /** The resource that a calling AWS service acts for: the ARN of a topic, bucket or rule. */
  readonly sourceArn?: string;
  /** The account that owns {@link sourceArn}. */
  readonly sourceAccount?: string;
  /** The `X-Amzn-Trace-Id` header, if the request had one. */
  readonly traceHeader?: string;
  /** Whether the caller repeats a long poll immediately after it returns empty, and does nothing else. */
  readonly repeatsPolls?: boolean;
  /** Aborted if the caller hangs up before the response. */
  readonly signal?: AbortSignal;
}
