import type { RequestContext } from '../../core';
import { type IdentityPolicies, refusalOf } from '../../core/policy';
import type { Clock } from '../../clock';
import type { QueueSettings } from './attributes';
import { accessDenied, sessionDenied } from './errors';
import type { Queue } from './queue/queue';

/** A queue's policy, parsed once and evaluated for each request. */
export interface QueuePolicy {
  /** Whether it has any Deny statement. */
  readonly denies: boolean;
  /** An explicit Deny overrides any Allow; undefined if no statement applies. */
  verdict(request: QueueAccess): 'Allow' | 'Deny' | undefined;
}

/** A request for access to a queue. */
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

/** Parses a queue policy. Throws SQS's AwsError if it is malformed. */
export type ReadPolicy = (policy: string) => QueuePolicy;

/** The actions that SQS permits only within the queue's account, whatever the policy says. */
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

/**
 * Authorizes access to the queues of an account. Callers in the account may do whatever the queue policy does not deny;
 * all others, AWS services included, only what it allows. Identity-based policies are evaluated for the roles with which
 * AWS services act.
 */
export class Authorization {
  private readonly policies = new WeakMap<QueueSettings, QueuePolicy>();

  constructor(
    private readonly account: string,
    private readonly clock: Clock,
    /** If absent, queue policies have no effect. */
    private readonly read?: ReadPolicy,
  ) {}

  /** @throws AwsError AccessDenied */
  public check(queue: Queue, action: string, context: RequestContext): void {
    const { read } = this;
    const { settings } = queue;
    if (context.identity !== undefined) return this.checkSession(queue, action, context, context.identity);
    const own = context.account === this.account && context.principal.startsWith('arn:');
    if (own && (read === undefined || settings.policy === undefined)) return;
    if (context.account !== this.account && OWNERS_ALONE.has(action))
      throw accessDenied(context.principal, action, queue.arn, 'owner only');
    if (read === undefined) return;
    const policy = settings.policy === undefined ? undefined : this.policyOf(settings, settings.policy, read);
    if (own && policy?.denies === false) return;
    const verdict = policy?.verdict(this.accessOf(queue, action, context));
    if (verdict === 'Deny') throw accessDenied(context.principal, action, queue.arn, 'denied');
    if (own || verdict === 'Allow') return;
    throw accessDenied(context.principal, action, queue.arn, 'not allowed');
  }

  private checkSession(queue: Queue, action: string, context: RequestContext, identity: IdentityPolicies): void {
    const { read } = this;
    const { policy } = queue.settings;
    const request = this.accessOf(queue, action, context);
    const refusal = refusalOf({
      identity,
      request,
      owner: this.account,
      verdict: read && policy ? this.policyOf(queue.settings, policy, read).verdict(request) : undefined,
      shownAction: `sqs:${action.toLowerCase()}`,
    });
    if (refusal !== undefined) throw sessionDenied(context.principal, action, queue.arn, refusal);
  }

  /** Throws if a policy is malformed. */
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
    const { arn: resource } = queue;
    const at = this.clock.now();
    // One literal: copies of objects took most of the time of a delivery by SNS.
    return { account, principal, sourceIp, sourceArn, sourceAccount, action: `sqs:${action}`, resource, at };
  }
}
