import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Resource, Stack } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { enforce, type Rule, warn } from '../rules';
import { ENCRYPT_ACTIONS } from './delivering-service';
import { differs } from './queue-rules';

const FIND = ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'];
const SEND = ['sqs:SendMessage', ...FIND];
const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', ...FIND];
const MOVE = [
  'sqs:StartMessageMoveTask',
  'sqs:CancelMessageMoveTask',
  'sqs:ListMessageMoveTasks',
  'sqs:ListDeadLetterSourceQueues',
  // SQS acts with the rights of who started the task.
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
];
const DECRYPT = ['kms:Decrypt'];

interface GrantFacts {
  readonly queue: IQueue;
  readonly grantee: IGrantable;
  readonly grant?: Grant;
  readonly resource?: IConstruct;
  /** What the grantee's own policy allows, where the resource's could not be changed. */
  readonly onPrincipal?: Grant;
  readonly deadLetterQueue?: IQueue;
}

const GRANT_RULES: readonly Rule<GrantFacts>[] = [
  {
    id: 'Spillway-Queue-GrantDoesNothing',
    broken: ({ grant, resource, onPrincipal }) =>
      grant !== undefined && (!grant.success || (isDropped(grant, resource) && onPrincipal?.success !== true)),
    message: ({ queue, grantee }) =>
      `grantee on ${queue.node.path} must be a principal of this app, or the queue and its key be of this app, but was ${JSON.stringify(Stack.of(queue).resolve(grantee.grantPrincipal.policyFragment.principalJson))}; the policy of an imported queue or key can't be changed, so this grant would do nothing`,
  },
];

const GRANT_CAUTIONS: readonly Rule<GrantFacts>[] = [
  {
    id: 'Spillway-Queue-GrantNeedsPolicy',
    broken: ({ grant, resource, onPrincipal }) =>
      grant !== undefined && isDropped(grant, resource) && onPrincipal?.success === true,
    message: ({ queue, resource }) =>
      `grants should be on a queue and a key of this app, but the policy of the imported ${resource?.node.path} can't be changed for ${queue.node.path}; the grantee's own policy allows it, but across accounts both policies must`,
  },
];

/** CDK counts a statement as granted that it had no policy to put it in. */
function isDropped({ resourceStatements }: Grant, resource: IConstruct | undefined): boolean {
  return resource !== undefined && resourceStatements.length > 0 && !Resource.isOwnedResource(resource);
}

const REDRIVE_RULES: readonly Rule<GrantFacts>[] = [
  {
    id: 'Spillway-Queue-RedriveWithoutDeadLetterQueue',
    broken: ({ deadLetterQueue }) => deadLetterQueue === undefined,
    message: () =>
      'deadLetterQueue must be given to redrive messages from it; give it where the queue is adopted or granted on',
  },
  {
    id: 'Spillway-Queue-RedriveAcrossAccounts',
    broken: ({ queue, grantee: { grantPrincipal } }) =>
      grantPrincipal.principalAccount !== undefined && differs(grantPrincipal.principalAccount, queue.env.account),
    message: ({ queue, grantee: { grantPrincipal } }) =>
      `grantee must be of the queue's account (${queue.env.account}), but was of account ${grantPrincipal.principalAccount}; SQS lets no other account move messages`,
  },
];

/**
 * Grants on a queue, each with the permission to use the keys that it needs, and nothing more. Principals of other
 * accounts and organizations are let in by the policies of queue and key, which is their side of it.
 *
 * @example
 * jobs.grants.sendMessages(api);
 * jobs.grants.consumeMessages(new AccountPrincipal('111122223333'));
 * jobs.grants.redriveMessages(operators);
 */
export class MessageQueueGrants {
  /**
   * Grants on any queue.
   *
   * @param queue the queue
   * @param deadLetterQueue where its failed messages go, to grant redrive and the use of dead letters
   */
  public static fromQueue(queue: IQueue, deadLetterQueue?: IQueue): MessageQueueGrants {
    return new MessageQueueGrants(queue, deadLetterQueue);
  }

  private constructor(
    private readonly queue: IQueue,
    private readonly deadLetterQueue?: IQueue,
  ) {}

  /** To send messages, also in batches: `sqs:SendMessage`; `kms:GenerateDataKey` and `kms:Decrypt`. */
  public sendMessages(grantee: IGrantable): Grant {
    return allow(grantee, this.queue, SEND, ENCRYPT_ACTIONS);
  }

  /**
   * To receive messages, to delete them and to keep them invisible: `sqs:ReceiveMessage`, `sqs:DeleteMessage`,
   * `sqs:ChangeMessageVisibility`; `kms:Decrypt`.
   */
  public consumeMessages(grantee: IGrantable): Grant {
    return allow(grantee, this.queue, CONSUME, DECRYPT);
  }

  /** To delete all messages of the queue at once: `sqs:PurgeQueue`. */
  public purge(grantee: IGrantable): Grant {
    return allow(grantee, this.queue, ['sqs:PurgeQueue']);
  }

  /**
   * To move messages from the dead-letter queue back to this queue, and to watch and cancel that:
   * `sqs:StartMessageMoveTask` and what SQS then does on the principal's behalf, `sqs:SendMessage` to this queue, and
   * the use of the keys of both. Principals of other accounts can't.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
   */
  public redriveMessages(grantee: IGrantable): Grant {
    return this.fromDeadLetters(grantee, MOVE).combine(
      allow(grantee, this.queue, ['sqs:SendMessage'], ENCRYPT_ACTIONS),
    );
  }

  /**
   * To receive and delete what is in the dead-letter queue. Messages that SQS moved there are encrypted with this
   * queue's key, so that both keys may be used.
   */
  public consumeDeadLetters(grantee: IGrantable): Grant {
    return this.fromDeadLetters(grantee, CONSUME);
  }

  private fromDeadLetters(grantee: IGrantable, actions: readonly string[]): Grant {
    const { queue, deadLetterQueue } = this;
    enforce(queue, { queue, grantee, deadLetterQueue }, REDRIVE_RULES);
    const grant = allow(grantee, deadLetterQueue ?? queue, actions, DECRYPT);
    const onKey = allowKey(grantee, queue, DECRYPT);
    return onKey === undefined ? grant : grant.combine(onKey);
  }
}

function allow(
  grantee: IGrantable,
  queue: IQueue,
  actions: readonly string[],
  keyActions: readonly string[] = [],
): Grant {
  const grant = Grant.addToPrincipalOrResource({
    grantee,
    actions: [...actions],
    resourceArns: [queue.queueArn],
    resource: queue,
  });
  mustDoSomething({ grant, queue, grantee, resource: queue }, actions, queue.queueArn);
  const onKey = allowKey(grantee, queue, keyActions);
  return onKey === undefined ? grant : grant.combine(onKey);
}

function allowKey(grantee: IGrantable, queue: IQueue, actions: readonly string[]): Grant | undefined {
  const key: IKey | undefined = queue.encryptionMasterKey;
  if (key === undefined || actions.length === 0) return undefined;
  const grant = key.grant(grantee, ...actions);
  mustDoSomething({ grant, queue, grantee, resource: key }, actions, key.keyArn);
  return grant;
}

function mustDoSomething(
  facts: GrantFacts & { readonly grant: Grant },
  actions: readonly string[],
  resourceArn: string,
): void {
  const { grant, grantee, queue, resource } = facts;
  // CDK tells of the resource's statement only; the same statement of a principal counts once.
  const onPrincipal = isDropped(grant, resource)
    ? Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [resourceArn] })
    : undefined;
  enforce(queue, { ...facts, onPrincipal }, GRANT_RULES);
  warn(queue, { ...facts, onPrincipal }, GRANT_CAUTIONS);
}
