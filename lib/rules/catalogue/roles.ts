import { type Deployment } from '../template/deployment';
import { at, list } from '../template/json';
import { queueEnd } from '../template/queue-end';
import { type Resource } from '../template/resource';
import { allows, isForEveryone, statements } from './policy-statement';
import { keyOf } from './queue-access';
import { type RolePolicies, rolePolicies } from './role-policies';
import { check, type Subject, type TemplateRule } from './template-rule';

interface QueueGrant extends Subject {
  readonly property: string;
  readonly role: Resource;
  readonly queue: Resource;
  readonly key: Resource;
  readonly missing: readonly string[];
}

/** What SQS does with the key of a queue on the caller's behalf. */
const KEY_ACTIONS = {
  'sqs:SendMessage': ['kms:GenerateDataKey', 'kms:Decrypt'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
};

/** Each statement that lets a role use a queue with a key of the app. */
function* queueGrants(app: Deployment): Iterable<QueueGrant> {
  for (const policies of rolePolicies(app)) {
    if (policies.hasUnknown) continue;
    for (const { resource, property, statement } of policies.statements) {
      const needed = Object.entries(KEY_ACTIONS).flatMap(([action, actions]) =>
        allows(statement, action) ? actions : [],
      );
      if (needed.length === 0) continue;
      for (const arn of list(at(statement, 'Resource'))) {
        const queue = queueEnd(app, arn, resource.stack)?.queue;
        const key = queue && keyOf(app, queue)?.key;
        if (queue === undefined || key === undefined) continue;
        const missing = [...new Set(needed)].filter((action) => !mayUse(app, policies, key, action));
        yield { resource, property, role: policies.role, queue, key, missing };
      }
    }
  }
}

/** Whether a role may use a key, by its own policies or the key's. What their conditions say is not judged. */
function mayUse(app: Deployment, { role, statements: own }: RolePolicies, key: Resource, action: string): boolean {
  const isAboutKey = (arn: unknown, policy: Resource) => {
    const target = app.target(arn, policy.stack)?.resource;
    return target === undefined || target === key; // a text, or what is known at deployment only, may mean the key
  };
  return (
    own.some(
      ({ statement, resource }) =>
        allows(statement, action) && list(at(statement, 'Resource')).some((arn) => isAboutKey(arn, resource)),
    ) ||
    statements(key.get('KeyPolicy')).some(
      (statement) =>
        allows(statement, action) &&
        (isForEveryone(statement) ||
          list(at(statement, 'Principal', 'AWS')).some((one) => app.target(one, key.stack)?.resource === role)),
    )
  );
}

const RULES: readonly TemplateRule<QueueGrant>[] = [
  {
    id: 'Spillway-Role-KeyMissing',
    property: ({ property }) => property,
    broken: ({ missing }) => missing.length > 0,
    message: ({ role, queue, key, missing }) =>
      `must come with ${missing.join(' and ')} on ${key.path}, the key of ${queue.path}, but ${role.path} may not use them; SQS answers each call with an access error of KMS, and what a service sends as this role is lost`,
  },
];

/** What roles that use queues must be allowed to do. */
export const ROLES = check(queueGrants, RULES);
