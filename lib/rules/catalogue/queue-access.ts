import { type Deployment } from '../template/deployment';
import { at, list } from '../template/json';
import { queueEnd } from '../template/queue-end';
import { type Resource } from '../template/resource';
import { allows, isForService, namesSource, statements } from './policy-statement';

/** A queue policy, and the queues that it is attached to. */
export interface AttachedPolicy {
  /** The policy. */
  readonly resource: Resource;
  /** The queues, by the property that names each. */
  readonly queues: readonly { readonly property: string; readonly value: unknown; readonly queue?: Resource }[];
}

/** All queue policies. */
export function* queuePolicies(app: Deployment): Iterable<AttachedPolicy> {
  const attached = (resource: Resource, values: readonly (readonly [string, unknown])[]) => ({
    resource,
    queues: values.map(([property, value]) => ({
      property,
      value,
      queue: queueEnd(app, value, resource.stack)?.queue,
    })),
  });
  for (const policy of app.ofType('AWS::SQS::QueuePolicy')) {
    const queues = list(policy.get('Queues')).entries();
    yield attached(
      policy,
      [...queues].map(([index, queue]) => [`Queues[${index}]`, queue]),
    );
  }
  for (const policy of app.ofType('AWS::SQS::QueueInlinePolicy'))
    yield attached(policy, [['Queue', policy.get('Queue')]]);
}

/** Whether the policies of a queue let a service send to it. What their conditions say is not judged. */
export function admits(app: Deployment, queue: Resource, service: string): boolean {
  for (const { resource, queues } of queuePolicies(app)) {
    // A policy for what is known at deployment only may be this queue's.
    if (
      !queues.some(
        ({ queue: one, value }) => one === queue || (one === undefined && !app.target(value, resource.stack)),
      )
    ) {
      continue;
    }
    for (const statement of statements(resource.get('PolicyDocument'))) {
      if (!allows(statement, 'sqs:SendMessage') || !isForService(statement, service)) continue;
      const isAbout = (arn: unknown) => {
        const end = queueEnd(app, arn, resource.stack);
        return end === undefined || end.queue === queue;
      };
      if (list(at(statement, 'Resource')).some(isAbout)) return true;
    }
  }
  return false;
}

/** The key that encrypts a queue. */
export interface QueueKeyFacts {
  /** Whose it is: SQS's own, AWS's `alias/aws/sqs`, a key of these templates, or another one. */
  readonly owner: 'sqs' | 'aws' | 'app' | 'elsewhere';
  /** The key, when it is in these templates. */
  readonly key?: Resource;
  /** How to call it in messages. */
  readonly name: string;
}

/** The key of a queue; undefined when it is known at deployment only. */
export function keyOf(app: Deployment, queue: Resource): QueueKeyFacts | undefined {
  const id = queue.get('KmsMasterKeyId');
  if (id === undefined || id === '') return { owner: 'sqs', name: 'a key of SQS' };
  const key = keyAt(app, id, queue);
  if (key !== undefined) return { owner: 'app', key, name: key.path };
  const name = app.text(id, queue.stack);
  if (name === undefined) return undefined;
  return { owner: /(^|:)alias\/aws\/sqs$/.test(name) ? 'aws' : 'elsewhere', name };
}

function keyAt(app: Deployment, id: unknown, holder: Resource): Resource | undefined {
  const text = app.text(id, holder.stack);
  const found =
    app.target(id, holder.stack)?.resource ??
    app.ofType('AWS::KMS::Alias').find((alias) => {
      const name = app.text(alias.get('AliasName'), alias.stack);
      return name !== undefined && (text === name || text?.endsWith(`:${name}`) === true);
    });
  if (found?.type === 'AWS::KMS::Alias') return keyAt(app, found.get('TargetKeyId'), found);
  return found?.type === 'AWS::KMS::Key' ? found : undefined;
}

const SENDERS_NEED = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** What the policy of a key does not let a service do that sends to queues. */
export function missingKeyActions(key: Resource, service: string): readonly string[] {
  const all = statements(key.get('KeyPolicy'));
  return SENDERS_NEED.filter(
    (action) => !all.some((statement) => allows(statement, action) && isForService(statement, service)),
  );
}

/** Whether all that lets a service use a key for queues is conditioned on whom it acts for. */
export function namesSourceOnly(key: Resource, service: string): boolean {
  const admitting = statements(key.get('KeyPolicy')).filter((statement) => isForService(statement, service));
  return SENDERS_NEED.some((action) => {
    const allowing = admitting.filter((statement) => allows(statement, action));
    return allowing.length > 0 && allowing.every(namesSource);
  });
}
