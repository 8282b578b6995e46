import type { RequestContext } from '../../core';
import type { Clock } from '../../clock';
import type { QueueSettings } from './attributes';
import { accessDenied } from './errors';
import type { Queue } from './queue/queue';

/** A queue's policy, read once to be asked at each call. */
export interface QueuePolicy {
  /** Whether any of its statements denies anything. */
  readonly denies: boolean;
  /** An explicit Deny goes before any Allow; undefined if the policy says nothing. */
  verdict(request: QueueAccess): 'Allow' | 'Deny' | undefined;
}

/** Somebody wants to do something to a queue. */
export interface QueueAccess extends Pick<
  RequestContext,
  'account' | 'principal' | 'sourceIp' | 'sourceArn' | 'sourceAccount'
> {
  /** `sqs:SendMessage`. */
  readonly action: string;
  /** The queue's ARN. */
  readonly resource: string;
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
}

/** Reads a queue's policy. Throws the AwsError that SQS has for one that it cannot read. */
export type ReadPolicy = (policy: string) => QueuePolicy;

/** What SQS lets nobody outside the queue's account do, whatever the policy says. */
const OWNERS_ALONE: ReadonlySet<string> = new Set([
  'AddPermission',
  'DeleteQueue',
  'ListMessageMoveTasks',
  'ListQueueTags',
  'RemovePermission',
  'SetQueueAttributes',
  'StartMessageMoveTask',
  'TagQueue',
  'UntagQueue',
]);

const ALLOWED_BY_NOBODY = 'because no resource-based policy allows the';

/**
 * Who may do what to the queues of an account: callers of the account whatever the queue's policy does not deny them,
 * all others, AWS services among them, only what it allows them. Policies of identities are not evaluated.
 */
export class Authorization {
  private readonly policies = new WeakMap<QueueSettings, QueuePolicy>();

  constructor(
    private readonly account: string,
    private readonly clock: Clock,
    /** Absent where policies decide nothing. */
    private readonly read?: ReadPolicy,
  ) {}

  /** @throws AwsError AccessDenied */
  public check(queue: Queue, action: string, context: RequestContext): void {
    const { read } = this;
    const { settings } = queue;
    const own = context.account === this.account && context.principal.startsWith('arn:');
    if (own && (read === undefined || settings.policy === undefined)) return;
    if (context.account !== this.account && OWNERS_ALONE.has(action))
      throw accessDenied(context.principal, action, queue.arn);
    if (read === undefined) return;
    const policy = settings.policy === undefined ? undefined : this.policyOf(settings, settings.policy, read);
    if (own && policy?.denies === false) return;
    const verdict = policy?.verdict(this.accessOf(queue, action, context));
    if (verdict === 'Deny') {
      throw accessDenied(context.principal, action, queue.arn, 'with an explicit deny in a resource-based policy');
    }
    if (own || verdict === 'Allow') return;
    const reason = `${ALLOWED_BY_NOBODY} sqs:${action.toLowerCase()} action`;
    throw accessDenied(context.principal, action, queue.arn, reason);
  }

  /** Refuses a policy that cannot be read. */
  public checkPolicy(policy: string): void {
    this.read?.(policy);
  }

  private policyOf(settings: QueueSettings, text: string, read: ReadPolicy): QueuePolicy {
    let policy = this.policies.get(settings);
    if (policy === undefined) this.policies.set(settings, (policy = read(text)));
    return policy;
  }

  private accessOf(queue: Queue, action: string, context: RequestContext): QueueAccess {
    const { account, principal, sourceIp, sourceArn, sourceAccount } = context;
    const access = { account, principal, sourceIp, sourceArn, sourceAccount };
    return { ...access, action: `sqs:${action}`, resource: queue.arn, at: this.clock.now() };
  }
}
