import { ArnFormat, Resource, type ResourceEnvironment, Stack, Token } from 'aws-cdk-lib/core';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type IConstruct, type IDependable } from 'constructs';
import { type DeliveringService } from '../queue/delivering-service';
import { factsOf } from '../queue/queue-facts';
import { enforce, type Rule } from '../rules';
import { TEXTS } from '../rules/texts';

/** What a service sends for: a topic, a bucket, a rule. */
export interface DeliverySource {
  /** The construct, whose stack and environment matter. */
  readonly resource: IConstruct & { readonly env: ResourceEnvironment };
  /** A reference to it. */
  readonly arn: string;
  /** Its ARN without a reference, when its name is known at synthesis. */
  readonly knownArn?: string;
  /** The service that sends for it. */
  readonly service: DeliveringService;
}

/** Where it sends to, and on which terms. */
export interface DeliveryTarget {
  /** The queue. */
  readonly queue: IQueue;
  /** Whether the queue's policy may refer to the source: not where that would be a cycle. */
  readonly mayRefer: boolean;
}

interface Facts {
  readonly source: DeliverySource;
  readonly queue: IQueue;
  readonly kmsManaged?: boolean;
  readonly queuePolicyChanged?: boolean;
  readonly keyPolicyChanged?: boolean;
}

const senderOf = ({ source: { service, resource }, queue }: Facts) =>
  service._principal(resource.env.region, queue.env.region).service;

const RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-Delivery-ManagedKey',
    broken: ({ kmsManaged }) => kmsManaged === true,
    message: (facts) =>
      `queue ${TEXTS['Spillway-Delivery-ManagedKey']({ queue: facts.queue.node.path, sender: senderOf(facts) })}`,
  },
  {
    id: 'Spillway-Delivery-QueueElsewhere',
    broken: ({ queuePolicyChanged }) => queuePolicyChanged === false,
    message: (facts) =>
      `queue ${TEXTS['Spillway-Delivery-QueueElsewhere']({ queue: facts.queue.node.path, sender: senderOf(facts) })}`,
  },
  {
    id: 'Spillway-Delivery-KeyElsewhere',
    broken: ({ keyPolicyChanged }) => keyPolicyChanged === false,
    message: (facts) =>
      `queue ${TEXTS['Spillway-Delivery-KeyElsewhere']({ queue: facts.queue.node.path, sender: senderOf(facts), key: facts.queue.encryptionMasterKey?.node.path })}`,
  },
];

/**
 * Lets a service send to a queue on behalf of one source, through the policies of the queue and its key.
 *
 * @param scope where rules are acknowledged that are broken on purpose
 * @returns what must be in place before the service sends
 */
export function admit(scope: IConstruct, source: DeliverySource, target: DeliveryTarget): IDependable | undefined {
  const { queue, mayRefer } = target;
  const { service, resource } = source;
  enforce(scope, { source, queue, kmsManaged: factsOf(queue).kmsManaged }, RULES);

  const principal = service._principal(resource.env.region, queue.env.region);
  const onQueue = queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [principal],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ...sourceCondition(source, mayRefer),
        StringEquals: { 'aws:SourceAccount': resource.env.account },
      },
    }),
  );
  const onKey = queue.encryptionMasterKey?.addToResourcePolicy(
    service._keyStatement(resource, resource.env, source.knownArn, principal),
  );
  enforce(
    scope,
    {
      source,
      queue,
      queuePolicyChanged: onQueue.statementAdded,
      keyPolicyChanged: onKey?.statementAdded,
    },
    RULES,
  );
  return onQueue.policyDependable;
}

function sourceCondition({ arn, knownArn, resource, service }: DeliverySource, mayRefer: boolean) {
  if (mayRefer) return { ArnEquals: { 'aws:SourceArn': arn } };
  if (knownArn !== undefined) return { ArnEquals: { 'aws:SourceArn': knownArn } };
  return { ArnLike: { 'aws:SourceArn': service._sources(resource, resource.env.account) } };
}

/** Whether two constructs are in different stacks and the second is made here: to refer to it is to depend on its stack. */
export function acrossStacks(one: IConstruct, other: IConstruct): boolean {
  return Stack.of(one) !== Stack.of(other) && isOwned(other);
}

/** Whether a construct's stack is deployed after another's, as far as that is known yet. */
export function dependsOn(one: IConstruct, other: IConstruct | undefined): boolean {
  if (other === undefined) return false;
  const [stack, needed] = [Stack.of(one), Stack.of(other)];
  return stack === needed || stack.dependencies.includes(needed);
}

function isOwned(construct: IConstruct): boolean {
  return Resource.isResource(construct) && Resource.isOwnedResource(construct);
}

/** The ARN of a resource whose name is known at synthesis: one that no reference is in. */
export function knownArn(
  { resource, service }: { readonly resource: IConstruct; readonly service: string },
  name: string | undefined,
  prefix = '',
): string | undefined {
  if (name === undefined || Token.isUnresolved(name)) return undefined;
  return Stack.of(resource).formatArn({
    service,
    resource: `${prefix}${name}`,
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });
}
