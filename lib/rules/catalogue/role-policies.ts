import { type Deployment } from '../template/deployment';
import { at, list } from '../template/json';
import { type Resource } from '../template/resource';
import { statements } from './policy-statement';

/** A statement of a role's identity policies, and where it is written. */
export interface RoleStatement {
  /** The policy, or the role that has it inline. */
  readonly resource: Resource;
  /** The property of the resource that is the statement. */
  readonly property: string;
  /** The statement, unresolved. */
  readonly statement: unknown;
}

/** What a role may do, as far as these templates tell. */
export interface RolePolicies {
  /** The role. */
  readonly role: Resource;
  /** All its statements in these templates. */
  readonly statements: readonly RoleStatement[];
  /** Whether it also has policies that these templates don't show. */
  readonly hasUnknown: boolean;
}

/** Managed policies of AWS that functions and instances usually have, none of which lets anyone use a key. */
const WITHOUT_KEYS =
  /:aws:policy\/(service-role\/(AWSLambda(Basic|VPCAccess|SQSQueue)ExecutionRole|AmazonECSTaskExecutionRolePolicy)|AWSXRayDaemonWriteAccess|AmazonSSMManagedInstanceCore|CloudWatchAgentServerPolicy)$/;

/** The identity policies of all roles. */
export function* rolePolicies(app: Deployment): Iterable<RolePolicies> {
  const attached = new Map<Resource, RoleStatement[]>();
  for (const policy of [...app.ofType('AWS::IAM::Policy'), ...app.ofType('AWS::IAM::ManagedPolicy')]) {
    const own = statementsIn(policy, 'PolicyDocument');
    for (const one of list(policy.get('Roles'))) {
      const role = app.target(one, policy.stack)?.resource;
      if (role !== undefined) attached.set(role, [...(attached.get(role) ?? []), ...own]);
    }
  }
  for (const role of app.ofType('AWS::IAM::Role')) {
    const managed = list(role.get('ManagedPolicyArns')).map((arn) => ({
      policy: app.target(arn, role.stack)?.resource,
      isHarmless: WITHOUT_KEYS.test(app.text(arn, role.stack) ?? ''),
    }));
    yield {
      role,
      hasUnknown: managed.some(({ policy, isHarmless }) => policy === undefined && !isHarmless),
      statements: [
        ...(attached.get(role) ?? []),
        ...list(role.get('Policies')).flatMap((_, index) => statementsIn(role, `Policies.${index}.PolicyDocument`)),
        ...managed.flatMap(({ policy }) => (policy === undefined ? [] : statementsIn(policy, 'PolicyDocument'))),
      ],
    };
  }
}

function statementsIn(resource: Resource, path: string): RoleStatement[] {
  const property = path.replace(/\.(\d+)/g, '[$1]');
  const document = path.split('.').reduce<unknown>((value, key) => at(value, key), resource.properties);
  return statements(document).map((statement, index) => ({
    resource,
    property: `${property}.Statement[${index}]`,
    statement,
  }));
}
