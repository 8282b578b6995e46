/** Who calls, and from where. Each API action takes it beside its input. */
export interface RequestContext {
  /** The caller's account, 12 digits. */
  readonly account: string;
  readonly region: string;
  /** The caller's ARN. */
  readonly principal: string;
  /** The scheme, host and port by which the caller reached us: the base of the queue URLs that it is given. */
  readonly endpoint: string;
  /** The address that the caller's request came from, where it came by a network. */
  readonly sourceIp?: string;
  /** What an AWS service calls on behalf of: the ARN of a topic, a bucket, a rule. */
  readonly sourceArn?: string;
  /** The account that owns {@link sourceArn}. */
  readonly sourceAccount?: string;
  /** The `X-Amzn-Trace-Id` header, if the request had one. */
  readonly traceHeader?: string;
  /** Whether the caller, when a long poll of his ends empty, does nothing but repeat it at once. */
  readonly repeatsPolls?: boolean;
  /** Aborted when the caller hangs up before it was answered. */
  readonly signal?: AbortSignal;
}
