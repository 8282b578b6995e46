import type { IdentityPolicies } from './policy';

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
  /**
   * The identity policies that must allow the call: of a role that an AWS service has assumed.
   * @default - the caller's own account lets it do everything that resource policies do not deny
   */
  readonly identity?: IdentityPolicies;
  /** The service through which the caller makes the request, as `kms:ViaService` names it: `sqs.us-east-1.amazonaws.com`. */
  readonly viaService?: string;
  /** The `X-Amzn-Trace-Id` header, if the request had one. */
  readonly traceHeader?: string;
  /** Whether the caller repeats a long poll immediately after it returns empty, and does nothing else. */
  readonly repeatsPolls?: boolean;
  /** Aborted if the caller hangs up before the response. */
  readonly signal?: AbortSignal;
}
