import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import {
  document,
  emulated,
  integer,
  list,
  naming,
  replacing,
  required,
  text,
} from '../../../cloudformation/provider/shapes';
import { tagChanges, tagList } from '../../../cloudformation/provider/tags';
import type { Iam } from '../iam';
import { changePolicies, gone, inlinePolicies, NOT_ENFORCED, type PolicyCalls } from './shared';

type Context = ResourceContext<Iam>;

/** A role. */
export const iamRole = define({
  type: 'AWS::IAM::Role',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: {
    AssumeRolePolicyDocument: required(emulated(document)),
    Description: emulated(text),
    ManagedPolicyArns: emulated(list(text)),
    MaxSessionDuration: emulated(integer),
    Path: replacing(emulated(text)),
    PermissionsBoundary: emulated(text),
    Policies: emulated(inlinePolicies),
    RoleName: naming(emulated(text)),
    Tags: emulated(tagList),
  },
  unique: {
    within: 'account',
    name: ({ properties, name }) => properties.RoleName ?? name({ longest: 64 }),
    exists: ({ properties, name }, { service }: Context) =>
      service.account.roles.has(properties.RoleName ?? name({ longest: 64 })),
  },
  create({ properties: given, name }, { service, call }: Context) {
    const RoleName = given.RoleName ?? name({ longest: 64 });
    const { Role: role } = service.createRole(
      {
        RoleName,
        AssumeRolePolicyDocument: JSON.stringify(given.AssumeRolePolicyDocument),
        Description: given.Description,
        MaxSessionDuration: given.MaxSessionDuration,
        Path: given.Path,
        PermissionsBoundary: given.PermissionsBoundary,
        Tags: given.Tags?.map((tag) => ({ ...tag })),
      },
      call,
    );
    changePolicies(policiesOf(RoleName, service, call), given);
    return { ref: RoleName, attributes: { Arn: role?.Arn ?? '', RoleId: role?.RoleId ?? '' } };
  },
  update({ ref: RoleName, attributes, properties: given, previous }, { service, call }: Context) {
    const PolicyDocument = JSON.stringify(given.AssumeRolePolicyDocument);
    service.updateAssumeRolePolicy({ RoleName, PolicyDocument }, call);
    const { Description = '', MaxSessionDuration = 3_600, PermissionsBoundary } = given;
    service.updateRole({ RoleName, Description, MaxSessionDuration }, call);
    if (PermissionsBoundary === undefined) service.deleteRolePermissionsBoundary({ RoleName }, call);
    else service.putRolePermissionsBoundary({ RoleName, PermissionsBoundary }, call);
    changePolicies(policiesOf(RoleName, service, call), given, previous);
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    service.untagRole({ RoleName, TagKeys: removed }, call);
    service.tagRole({ RoleName, Tags: Object.entries(added).map(([Key, Value]) => ({ Key, Value })) }, call);
    return { ref: RoleName, attributes };
  },
  delete({ ref: RoleName, properties: given }, { service, call }: Context) {
    gone(() => {
      changePolicies(policiesOf(RoleName, service, call), {}, given);
      service.deleteRole({ RoleName }, call);
    });
  },
});

/** A role that only a service of AWS assumes. */
export const serviceLinkedRole = define({
  type: 'AWS::IAM::ServiceLinkedRole',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: {
    AWSServiceName: replacing(required(emulated(text))),
    CustomSuffix: replacing(emulated(text)),
    Description: emulated(text),
  },
  create({ properties: { AWSServiceName, CustomSuffix, Description } }, { service, call }: Context) {
    const { Role: role } = service.createServiceLinkedRole({ AWSServiceName, CustomSuffix, Description }, call);
    const { RoleName = '' } = role ?? {};
    return { ref: RoleName, attributes: { RoleName } };
  },
  update: ({ ref, attributes }) => ({ ref, attributes }),
  delete({ ref }, { service, call }: Context) {
    gone(() => void service.deleteServiceLinkedRole({ RoleName: ref }, call));
  },
});

function policiesOf(RoleName: string, service: Iam, call: Context['call']): PolicyCalls {
  return {
    put: (PolicyName, PolicyDocument) => service.putRolePolicy({ RoleName, PolicyName, PolicyDocument }, call),
    remove: (PolicyName) => service.deleteRolePolicy({ RoleName, PolicyName }, call),
    attach: (PolicyArn) => service.attachRolePolicy({ RoleName, PolicyArn }, call),
    detach: (PolicyArn) => service.detachRolePolicy({ RoleName, PolicyArn }, call),
  };
}
