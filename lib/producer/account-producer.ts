import {
  AccountPrincipal,
  AnyPrincipal,
  type IPrincipal,
  OrganizationPrincipal,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Stack, Token } from 'aws-cdk-lib/core';
import { ENCRYPT_ACTIONS } from '../queue/delivering-service';
import { type MessageQueue } from '../queue/message-queue';
import { factsOf } from '../queue/queue-facts';
import { enforce, type Rule } from '../rules';
import { type IQueueProducer } from '../queue/queue-producer';
import { TEXTS } from '../rules/texts';

const SEND = ['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'];

interface Sender {
  readonly kind: 'accountId' | 'organizationId' | 'organizationPath';
  readonly value: string;
}

const FORMATS: Record<Sender['kind'], { readonly pattern: RegExp; readonly wanted: string }> = {
  accountId: { pattern: /^\d{12}$/, wanted: '12 digits' },
  organizationId: { pattern: /^o-[a-z0-9]{10,32}$/, wanted: "'o-' and 10 to 32 lower-case letters and digits" },
  organizationPath: {
    pattern: /^o-[a-z0-9]{10,32}\/r-[a-z0-9]{4,32}\/([a-z0-9*-]+\/)*(\*)?$/,
    wanted: "paths such as 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*', from the organization down",
  },
};

const VALUE_RULES: readonly Rule<Sender>[] = [
  {
    id: 'Spillway-AccountProducer-SenderInvalid',
    broken: ({ kind, value }) => !Token.isUnresolved(value) && !FORMATS[kind].pattern.test(value),
    message: ({ kind, value }) =>
      `${kind} must be ${FORMATS[kind].wanted}, but was '${value}'; the policy would admit nobody`,
  },
];

interface BindFacts extends Sender {
  readonly path: string;
  readonly kmsManaged?: boolean;
  readonly policiesChanged?: boolean;
}

const BIND_RULES: readonly Rule<BindFacts>[] = [
  {
    id: 'Spillway-Delivery-ManagedKey',
    broken: ({ kmsManaged }) => kmsManaged === true,
    message: ({ path, value }) => `queue ${TEXTS['Spillway-Delivery-ManagedKey']({ queue: path, sender: value })}`,
  },
  {
    id: 'Spillway-AccountProducer-PoliciesNotOurs',
    broken: ({ policiesChanged }) => policiesChanged === false,
    message: ({ path, value }) =>
      `queue and its key must be of this app, but ${path} is imported or has an imported key; that policy can't be changed, so admitting ${value} would do nothing`,
  },
];

/**
 * Principals of another account, or of all accounts of an organization, may send to a queue. On their side a policy must
 * allow it as well. They may use the queue's key through SQS only.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
 * @example
 * jobs.addProducer(AccountProducer.organization('o-a1b2c3d4e5'));
 */
export class AccountProducer implements IQueueProducer {
  /**
   * Principals of an account that the account's administrators allow it.
   *
   * @param accountId 12 digits
   */
  public static account(accountId: string): AccountProducer {
    return new AccountProducer({ kind: 'accountId', value: accountId });
  }

  /**
   * Principals of all accounts of an organization, now and later.
   *
   * @param organizationId such as `o-a1b2c3d4e5`
   */
  public static organization(organizationId: string): AccountProducer {
    return new AccountProducer({ kind: 'organizationId', value: organizationId });
  }

  /**
   * Principals of all accounts of an organizational unit.
   *
   * @param organizationPath such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`, or with `*` at the end for the units below
   */
  public static organizationPath(organizationPath: string): AccountProducer {
    return new AccountProducer({ kind: 'organizationPath', value: organizationPath });
  }

  private constructor(private readonly sender: Sender) {}

  /** Admits the senders in the policies of queue and key. */
  public bind(target: MessageQueue): void {
    const { sender } = this;
    const { queue, encryptionKey } = target;
    const { path } = target.node;
    enforce(target, sender, VALUE_RULES);
    enforce(target, { ...sender, path, kmsManaged: factsOf(queue).kmsManaged }, BIND_RULES);
    const principal = principalOf(sender);
    const onQueue = queue.addToResourcePolicy(
      new PolicyStatement({ principals: [principal], actions: SEND, resources: [queue.queueArn] }),
    );
    const onKey = encryptionKey?.addToResourcePolicy(
      new PolicyStatement({
        principals: [principal],
        actions: [...ENCRYPT_ACTIONS],
        resources: ['*'], // of a key's policy: the key
        conditions: { StringEquals: { 'kms:ViaService': `sqs.${Stack.of(queue).region}.amazonaws.com` } },
      }),
    );
    const policiesChanged = onQueue.statementAdded && onKey?.statementAdded !== false;
    enforce(target, { ...sender, path, policiesChanged }, BIND_RULES);
  }
}

function principalOf({ kind, value }: Sender): IPrincipal {
  switch (kind) {
    case 'accountId':
      return new AccountPrincipal(value);
    case 'organizationId':
      return new OrganizationPrincipal(value);
    case 'organizationPath':
      return new AnyPrincipal().withConditions({ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': value } });
  }
}
