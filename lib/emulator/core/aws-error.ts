/** The policy that refused a request. */
export interface Denial {
  /** The ARN of the resource that the policy belongs to. */
  readonly policyOf: string;
  /** The resource that the request is about, if the policy belongs to a role. */
  readonly resource?: string;
  /** The refused actions: `sqs:SendMessage`. */
  readonly actions: readonly string[];
  /** Whether a Deny statement matched; otherwise no Allow statement did. */
  readonly explicit: boolean;
  /** Whether nobody can change the policy, as with an AWS managed key. */
  readonly fixed?: boolean;
}

/** Details of an {@link AwsError} besides its message. */
export interface AwsErrorDetails {
  /** The HTTP status that AWS answers with. */
  readonly status?: number;
  /** The code on the Query protocol, if it differs from the shape's name. */
  readonly queryCode?: string;
  /** The message on the Query protocol, if it differs. */
  readonly queryMessage?: string;
  /** Whether the caller or the service is at fault. */
  readonly fault?: 'Sender' | 'Receiver';
  /** The shape's members besides its message. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** The policy that refused the request, if one did. Not part of the response. */
  readonly denial?: Denial;
}

/** The error that services throw, with AWS's own code, status and message. */
export class AwsError extends Error {
  /** The name of the error's shape in the service's model: `QueueDoesNotExist`. */
  public readonly shape: string;
  public readonly status: number;
  public readonly queryCode: string;
  public readonly queryMessage: string;
  public readonly fault: 'Sender' | 'Receiver';
  public readonly members: Readonly<Record<string, unknown>>;
  public readonly denial?: Denial;

  constructor(shape: string, message: string, details: AwsErrorDetails = {}) {
    super(message);
    this.name = shape;
    this.shape = shape;
    this.status = details.status ?? 400;
    this.queryCode = details.queryCode ?? shape;
    this.queryMessage = details.queryMessage ?? message;
    this.fault = details.fault ?? 'Sender';
    this.members = details.members ?? {};
    if (details.denial !== undefined) this.denial = details.denial;
  }
}
