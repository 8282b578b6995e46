import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import {
  anything,
  emulated,
  inert,
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

/** A user. */
export const iamUser = define({
  type: 'AWS::IAM::User',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: {
    Groups: emulated(list(text)),
    LoginProfile: inert(anything, 'there is no console to sign in to'),
    ManagedPolicyArns: emulated(list(text)),
    Path: emulated(text),
    PermissionsBoundary: emulated(text),
    Policies: emulated(inlinePolicies),
    Tags: emulated(tagList),
    UserName: naming(emulated(text)),
  },
  unique: {
    within: 'account',
    name: ({ properties, name }) => properties.UserName ?? name({ longest: 64 }),
    exists: ({ properties, name }, { service }: Context) =>
      service.account.users.has(properties.UserName ?? name({ longest: 64 })),
  },
  create({ properties: given, name }, { service, call }: Context) {
    const UserName = given.UserName ?? name({ longest: 64 });
    const { Path, PermissionsBoundary, Tags } = given;
    const input = { UserName, Path, PermissionsBoundary, Tags: Tags?.map((tag) => ({ ...tag })) };
    const { User: user } = service.createUser(input, call);
    changePolicies(policiesOfUser(UserName, service, call), given);
    for (const GroupName of given.Groups ?? []) service.addUserToGroup({ GroupName, UserName }, call);
    return { ref: UserName, attributes: { Arn: user?.Arn ?? '' } };
  },
  update({ ref: UserName, properties: given, previous }, { service, call }: Context) {
    service.updateUser({ UserName, NewPath: given.Path ?? '/' }, call);
    const { PermissionsBoundary } = given;
    if (PermissionsBoundary === undefined) service.deleteUserPermissionsBoundary({ UserName }, call);
    else service.putUserPermissionsBoundary({ UserName, PermissionsBoundary }, call);
    changePolicies(policiesOfUser(UserName, service, call), given, previous);
    for (const GroupName of previous.Groups ?? [])
      gone(() => service.removeUserFromGroup({ GroupName, UserName }, call));
    for (const GroupName of given.Groups ?? []) service.addUserToGroup({ GroupName, UserName }, call);
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    service.untagUser({ UserName, TagKeys: removed }, call);
    service.tagUser({ UserName, Tags: Object.entries(added).map(([Key, Value]) => ({ Key, Value })) }, call);
    return { ref: UserName, attributes: { Arn: service.account.users.find(UserName).arn } };
  },
  delete({ ref: UserName, properties: given }, { service, call }: Context) {
    gone(() => {
      changePolicies(policiesOfUser(UserName, service, call), {}, given);
      for (const GroupName of given.Groups ?? []) service.removeUserFromGroup({ GroupName, UserName }, call);
      service.deleteUser({ UserName }, call);
    });
  },
});

/** A group of users. */
export const iamGroup = define({
  type: 'AWS::IAM::Group',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: {
    GroupName: naming(emulated(text)),
    ManagedPolicyArns: emulated(list(text)),
    Path: emulated(text),
    Policies: emulated(inlinePolicies),
  },
  unique: {
    within: 'account',
    name: ({ properties, name }) => properties.GroupName ?? name({ longest: 128 }),
    exists: ({ properties, name }, { service }: Context) =>
      service.account.groups.has(properties.GroupName ?? name({ longest: 128 })),
  },
  create({ properties: given, name }, { service, call }: Context) {
    const GroupName = given.GroupName ?? name({ longest: 128 });
    const { Group: group } = service.createGroup({ GroupName, Path: given.Path }, call);
    changePolicies(policiesOfGroup(GroupName, service, call), given);
    return { ref: GroupName, attributes: { Arn: group?.Arn ?? '' } };
  },
  update({ ref: GroupName, properties: given, previous }, { service, call }: Context) {
    service.updateGroup({ GroupName, NewPath: given.Path ?? '/' }, call);
    changePolicies(policiesOfGroup(GroupName, service, call), given, previous);
    return { ref: GroupName, attributes: { Arn: service.account.groups.find(GroupName).arn } };
  },
  delete({ ref: GroupName, properties: given }, { service, call }: Context) {
    gone(() => {
      changePolicies(policiesOfGroup(GroupName, service, call), {}, given);
      service.deleteGroup({ GroupName }, call);
    });
  },
});

/** Adds users to a group. */
export const userToGroupAddition = define({
  type: 'AWS::IAM::UserToGroupAddition',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: { GroupName: replacing(required(emulated(text))), Users: required(emulated(list(text))) },
  create({ properties: { GroupName, Users }, name }, { service, call }: Context) {
    for (const UserName of Users) service.addUserToGroup({ GroupName, UserName }, call);
    const id = name({ longest: 128 });
    return { ref: id, attributes: { Id: id } };
  },
  update({ ref, attributes, properties: { GroupName, Users }, previous }, { service, call }: Context) {
    for (const UserName of previous.Users) gone(() => service.removeUserFromGroup({ GroupName, UserName }, call));
    for (const UserName of Users) service.addUserToGroup({ GroupName, UserName }, call);
    return { ref, attributes };
  },
  delete({ properties: { GroupName, Users } }, { service, call }: Context) {
    for (const UserName of Users) gone(() => service.removeUserFromGroup({ GroupName, UserName }, call));
  },
});

/** An access key of a user. */
export const accessKey = define({
  type: 'AWS::IAM::AccessKey',
  note: 'signatures are not verified',
  status: 'inert',
  properties: {
    Serial: replacing(inert(integer, 'a change makes a new key')),
    Status: emulated(text),
    UserName: replacing(required(emulated(text))),
  },
  create({ properties: { Status, UserName } }, { service, call }: Context) {
    const { AccessKey: key } = service.createAccessKey({ UserName }, call);
    const { AccessKeyId: id = '', SecretAccessKey = '' } = key ?? {};
    if (Status === 'Inactive') service.updateAccessKey({ UserName, AccessKeyId: id, Status }, call);
    return { ref: id, attributes: { Id: id, SecretAccessKey } };
  },
  update({ ref, attributes, properties: { Status, UserName } }, { service, call }: Context) {
    const wanted = Status === 'Inactive' ? 'Inactive' : 'Active';
    service.updateAccessKey({ UserName, AccessKeyId: ref, Status: wanted }, call);
    return { ref, attributes };
  },
  delete({ ref, properties: { UserName } }, { service, call }: Context) {
    gone(() => service.deleteAccessKey({ UserName, AccessKeyId: ref }, call));
  },
});

function policiesOfUser(UserName: string, service: Iam, call: Context['call']): PolicyCalls {
  return {
    put: (PolicyName, PolicyDocument) => service.putUserPolicy({ UserName, PolicyName, PolicyDocument }, call),
    remove: (PolicyName) => service.deleteUserPolicy({ UserName, PolicyName }, call),
    attach: (PolicyArn) => service.attachUserPolicy({ UserName, PolicyArn }, call),
    detach: (PolicyArn) => service.detachUserPolicy({ UserName, PolicyArn }, call),
  };
}

function policiesOfGroup(GroupName: string, service: Iam, call: Context['call']): PolicyCalls {
  return {
    put: (PolicyName, PolicyDocument) => service.putGroupPolicy({ GroupName, PolicyName, PolicyDocument }, call),
    remove: (PolicyName) => service.deleteGroupPolicy({ GroupName, PolicyName }, call),
    attach: (PolicyArn) => service.attachGroupPolicy({ GroupName, PolicyArn }, call),
    detach: (PolicyArn) => service.detachGroupPolicy({ GroupName, PolicyArn }, call),
  };
}
