import type { Cloud } from '../cloud';
import type { CreatedResource, NewResource, Provider } from './contract';
import { globalArn, inertProvider, textOr } from './inert';

const notEnforced = 'permissions are not enforced';

/** A kind of IAM's that is referred to by its name, and has an ARN. */
function named(type: string, nameProperty: string, path: string, idAttribute?: [string, string]): Provider {
  return inertProvider({
    type,
    note: notEnforced,
    create(resource: NewResource, cloud: Cloud): CreatedResource {
      const name = textOr(resource.properties[nameProperty], resource.name({ longest: 64 }));
      const attributes: Record<string, string> = { Arn: globalArn('iam', cloud, `${path}/${name}`) };
      if (idAttribute !== undefined) {
        attributes[idAttribute[0]] = `${idAttribute[1]}${resource.random.hex(17).toUpperCase()}`;
      }
      return { ref: name, attributes };
    },
  });
}

/** A kind of IAM's that is told by a made-up id only. */
function anonymous(type: string): Provider {
  return inertProvider({
    type,
    note: notEnforced,
    create(resource) {
      const id = resource.name({ longest: 128 });
      return { ref: id, attributes: { Id: id } };
    },
  });
}

const managedPolicy = inertProvider({
  type: 'AWS::IAM::ManagedPolicy',
  note: notEnforced,
  create(resource, cloud) {
    const name = textOr(resource.properties.ManagedPolicyName, resource.name({ longest: 128 }));
    const arn = globalArn('iam', cloud, `policy/${name}`);
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

const lambdaPermission = inertProvider({
  type: 'AWS::Lambda::Permission',
  note: notEnforced,
  create(resource) {
    const id = resource.name({ longest: 100 });
    return { ref: id, attributes: { Id: id } };
  },
});

/** Identities and permissions: accepted, and nothing is forbidden. */
export const securityProviders: readonly Provider[] = [
  named('AWS::IAM::Role', 'RoleName', 'role', ['RoleId', 'AROA']),
  named('AWS::IAM::User', 'UserName', 'user'),
  named('AWS::IAM::Group', 'GroupName', 'group'),
  named('AWS::IAM::InstanceProfile', 'InstanceProfileName', 'instance-profile'),
  anonymous('AWS::IAM::Policy'),
  anonymous('AWS::IAM::RolePolicy'),
  anonymous('AWS::IAM::UserPolicy'),
  anonymous('AWS::IAM::GroupPolicy'),
  anonymous('AWS::IAM::UserToGroupAddition'),
  managedPolicy,
  serviceLinkedRole,
  lambdaPermission,
];
