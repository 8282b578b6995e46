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

/** A kind of IAM's that is referred to by its name, and has an ARN. */
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

/** A kind of IAM's that is told by a made-up id only. */
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

/** A profile's role is whose name the workers on its instances call in. */
function rememberRole(
  name: string,
  { properties }: NewResource,
  { service }: ResourceContext<Iam>,
): Record<string, string> {
  const [role] = Array.isArray(properties.Roles) ? properties.Roles : [];
  if (typeof role === 'string') service.addInstanceProfile(name, role);
  return {};
}

/** Identities and permissions: accepted, and nothing is forbidden. */
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
