import { AwsError, type Denial } from './aws-error';
import { port } from './port';
import type { RequestContext } from './request-context';

/** What one service delivers to another service's resource: a notification, an event or a message. */
export interface Delivery {
  /** The delivered text: a message body, or an event as JSON. */
  readonly payload: string;
  /**
   * The object that the text was made from, for targets that need more than the text, such as an alarm notification.
   */
  readonly source?: unknown;
  /** The subject, for topics. */
  readonly subject?: string;
  /** The message group, for queues and FIFO topics. */
  readonly messageGroupId?: string;
  /**
   * The deduplication id, for FIFO queues and topics.
   * @default - the target's content-based deduplication
   */
  readonly messageDeduplicationId?: string;
  /** Message attributes by name, for queues. */
  readonly attributes?: Readonly<Record<string, DeliveredAttribute>>;
  /**
   * The data of a record, for streams.
   * @default - the payload in UTF-8
   */
  readonly bytes?: Uint8Array;
  /** The partition key, for streams. */
  readonly partitionKey?: string;
}

/** A message attribute, as SQS and SNS have it. */
export interface DeliveredAttribute {
  /** `String`, `Number` or `Binary`, with or without a custom label such as `Number.int`. */
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** Message attributes of the type String, by name. */
export function stringAttributes(
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, DeliveredAttribute>> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}

/** The role with which a service delivers. */
export interface DeliveryRole {
  readonly roleArn: string;
  readonly sessionName: string;
  /** The `aws:SourceArn` with which the service assumes the role. */
  readonly sourceArn: string;
}

/**
 * Hands something to a resource of any service, by its ARN. Returns a promise if that takes time. Throws AWS's error, or
 * rejects with it, if it is refused.
 * @param caller the service that delivers, and for which resource
 * @param role the role that the service assumes for it
 */
export type Deliver = (targetArn: string, delivery: Delivery, caller: RequestContext, role?: DeliveryRole) => unknown;

/** Whether anything can be delivered to an ARN: the service is emulated, and takes deliveries. */
export const TAKES_DELIVERIES = port<(targetArn: string) => boolean>('core/takes-deliveries');

/** What was to be delivered to a resource of a service that is not emulated, or takes no deliveries. */
export class NotDeliverable extends AwsError {
  constructor(targetArn: string) {
    super('NotFound', `There is nothing emulated at ${targetArn}.`, { status: 404 });
  }
}

/** What a policy lacks for a delivery to be allowed. */
export interface MissingPermission {
  /** The ARN of the queue, topic, function or key whose policy refuses. */
  readonly policyOf: string;
  /**
   * The statement to add to that policy, as JSON; absent if a statement cannot help, because another one denies or
   * because AWS does not let anyone change the policy.
   */
  readonly statement?: string;
  /** What to do, in one line. */
  readonly advice: string;
}

/**
 * The target's policy, or the policy of the key that encrypts the target, refused a delivery. Has the code and message
 * of the target's own error. AWS does not retry these.
 */
export class DeliveryDenied extends AwsError {
  public readonly missing: MissingPermission;

  constructor(error: AwsError, denial: Denial, caller: RequestContext) {
    super(error.shape, error.message, error);
    this.missing = missingPermission(denial, caller);
  }
}

/** An attempt of a service to deliver to a resource of another service. */
export interface DeliveryAttempt {
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
  /** Who delivered: `sns.amazonaws.com`, or the ARN of a role session. */
  readonly principal: string;
  /** The ARN of the topic, rule, alarm or other resource that it delivered for. */
  readonly source?: string;
  /** The ARN that it delivered to. */
  readonly target: string;
  /** `denied` if a policy refused it, `failed` if the target refused it for another reason. */
  readonly outcome: 'delivered' | 'denied' | 'failed';
  /** The target's error, as `Code: message`. */
  readonly error?: string;
  /** What would allow a denied delivery. */
  readonly missing?: MissingPermission;
}

/** Passes on delivery attempts to those who observe them. Keeps none. */
export class DeliveryLog {
  private readonly observers = new Set<(attempt: DeliveryAttempt) => void>();

  /** Whether anyone observes. */
  public get observed(): boolean {
    return this.observers.size > 0;
  }

  /** Calls `observer` with each later attempt, in the middle of it. Returns a function that ends that. */
  public observe(observer: (attempt: DeliveryAttempt) => void): () => void {
    this.observers.add(observer);
    return () => void this.observers.delete(observer);
  }

  public record(attempt: DeliveryAttempt): void {
    for (const observer of this.observers) observer(attempt);
  }
}

function missingPermission(
  { policyOf, resource, actions, explicit, fixed }: Denial,
  caller: RequestContext,
): MissingPermission {
  if (explicit) {
    return {
      policyOf,
      advice:
        resource === undefined
          ? `remove the Deny statement that matches ${caller.principal} from the policy of ${policyOf}`
          : `remove the Deny statement that matches ${resource} from the policies of the role ${policyOf}`,
    };
  }
  if (fixed === true) {
    return {
      policyOf,
      advice: `encrypt the target with a customer managed key: the policy of ${policyOf}, an AWS managed key, cannot be changed`,
    };
  }
  if (resource !== undefined) {
    const statement = { Effect: 'Allow', Action: oneOrMore(actions), Resource: resource };
    return { policyOf, statement: written(statement), advice: `add the statement to a policy of the role ${policyOf}` };
  }
  const statement = written(allowing(policyOf, actions, caller));
  const policy = actions.includes(ASSUME_ROLE) ? 'trust policy' : 'policy';
  return { policyOf, statement, advice: `add the statement to the ${policy} of ${policyOf}` };
}

/** The narrowest statement that allows a delivery. */
function allowing(policyOf: string, actions: readonly string[], caller: RequestContext): object {
  const { principal, sourceArn, sourceAccount } = caller;
  const service = !principal.startsWith('arn:');
  return {
    Effect: 'Allow',
    Principal: service ? { Service: principal } : { AWS: roleOf(principal) },
    Action: oneOrMore(actions),
    // In a key policy, the key itself. A trust policy names no resource.
    ...(!actions.includes(ASSUME_ROLE) && { Resource: policyOf.includes(':kms:') ? '*' : policyOf }),
    ...(service && {
      Condition: {
        ...(sourceArn !== undefined && { ArnEquals: { 'aws:SourceArn': sourceArn } }),
        ...(sourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': sourceAccount } }),
      },
    }),
  };
}

/** The action by which a service acts with a role: the role's trust policy allows it. */
export const ASSUME_ROLE = 'sts:AssumeRole';

function oneOrMore(actions: readonly string[]): string | readonly string[] {
  return actions.length === 1 ? actions[0] : actions;
}

function written(statement: object): string {
  return JSON.stringify(statement, undefined, 2);
}

/** The ARN of a session's role; of anyone else, the same ARN. */
function roleOf(principal: string): string {
  return principal.replace(/^(arn:[^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, '$1:iam::$2:role/$3');
}
