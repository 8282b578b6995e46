import type { Iam } from '../iam';
import { roleId } from '../../../core';
import type {
  CreatedResource,
  NewResource,
  Provider,
  ResourceContext,
} from '../../../cloudformation/provider/contract';
import { globalArn, inertProvider, nameBy, textOr } from '../../../cloudformation/resources/inert';

const notEnforced = 'permissions are not enforced';

/** An IAM resource type whose Ref is its name, and which has an ARN. */
function named(
  type: string,
  nameProperty: string,
  path: string,
  more: (name: string, resource: NewResource, context: ResourceContext<Iam>) => Record<string, string> = () => ({}),
): Provider<ResourceContext<Iam>> {
  const naming = { by: nameProperty, longest: 64, within: 'account' } as const;
  return inertProvider({
    type,
    note: notEnforced,
    named: naming,
    create(resource: NewResource, context: ResourceContext<Iam>): CreatedResource {
      const name = nameBy(naming, resource);
      const Arn = globalArn('iam', context, `${path}/${name}`);
      return { ref: name, attributes: { Arn, ...more(name, resource, context) } };
    },
  });
}

/** An IAM resource type that only has a generated id. */
function anonymous(type: string): Provider<ResourceContext<Iam>> {
  return inertProvider({
    type,
    note: notEnforced,
    create(resource) {
      const id = resource.name({ longest: 128 });
      return { ref: id, attributes: { Id: id } };
    },
  });
}

const policyName = { by: 'ManagedPolicyName', longest: 128, within: 'account' } as const;

const managedPolicy = inertProvider({
  type: 'AWS::IAM::ManagedPolicy',
  note: notEnforced,
  named: policyName,
  create(resource, context) {
    const name = nameBy(policyName, resource);
    const arn = globalArn('iam', context, `policy/${name}`);
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
});

const serviceLinkedRole = inertProvider({
  type: 'AWS::IAM::ServiceLinkedRole',
  note: notEnforced,
  create(resource) {
    const service = textOr(resource.properties.AWSServiceName, 'service');
    const name = `AWSServiceRoleFor${service.split('.')[0]}`;
    return { ref: name, attributes: { RoleName: name } };
  },
});

/** The workers on an instance call AWS with the role of its instance profile. */
function rememberRole(
  name: string,
  { properties }: NewResource,
  { service }: ResourceContext<Iam>,
): Record<string, string> {
  const [role] = Array.isArray(properties.Roles) ? properties.Roles : [];
  if (typeof role === 'string') service.addInstanceProfile(name, role);
  return {};
}

/** The resource types of IAM. They are created, and their policies are not evaluated. */
export const securityProviders: readonly Provider<ResourceContext<Iam>>[] = [
  named('AWS::IAM::Role', 'RoleName', 'role', (name, _resource, { account }) => ({ RoleId: roleId(account, name) })),
  named('AWS::IAM::User', 'UserName', 'user'),
  named('AWS::IAM::Group', 'GroupName', 'group'),
  named('AWS::IAM::InstanceProfile', 'InstanceProfileName', 'instance-profile', rememberRole),
  anonymous('AWS::IAM::Policy'),
  anonymous('AWS::IAM::RolePolicy'),
  anonymous('AWS::IAM::UserPolicy'),
  anonymous('AWS::IAM::GroupPolicy'),
  anonymous('AWS::IAM::UserToGroupAddition'),
  managedPolicy,
  serviceLinkedRole,
];
