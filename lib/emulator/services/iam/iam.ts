import type * as sdk from '@aws-sdk/client-iam';
import { ModelConstraints, type RequestContext } from '../../core';
import { type IamAccount } from './account/account';
import { awsManagedDocument, isAwsManaged } from './account/aws-managed-policies';
import {
  describeAwsManaged,
  describeGroup,
  describePolicy,
  describeProfile,
  describeRole,
  describeUser,
  encoded,
  knownAwsManaged,
  tagList,
} from './account/descriptions';
import { type PolicyDocument, readIdentityPolicy, readTrustPolicy } from './account/documents';
import type { Group, ManagedPolicy, Role, User } from './account/entities';
import {
  attach,
  checkBare,
  checkPolicyName,
  deleteInline,
  detach,
  getInline,
  listAttached,
  putInline,
  sizeOf,
} from './account/policies-of-entities';
import { RolePermissions } from './account/role-permissions';
import { alreadyExists, deleteConflict, invalidInput, limitExceeded, noSuchEntity, unmodifiable } from './errors';
import { LIMITS } from './limits';
import { page, under } from './page';
import { addTags, removeTags } from './tags';

/** A role, for views. */
export interface RoleView {
  readonly name: string;
  readonly policies: number;
}

/**
 * AWS Identity and Access Management: the objects of an account, the same in all Regions. The policies of roles decide
 * what AWS services may do that assume them; nothing else is allowed or denied by identity policies.
 */
export class Iam {
  /** @param isFirst whether this is the account's first Region, which shows the account's objects in views */
  constructor(
    public readonly account: IamAccount,
    private readonly isFirst = true,
  ) {}

  public createRole(input: sdk.CreateRoleRequest, _context: RequestContext): sdk.CreateRoleResponse {
    const { RoleName: name = '', Path: path = '/', AssumeRolePolicyDocument: text = '', Description } = input;
    const { account } = this;
    account.roles.check(name, input.Path);
    checkSession(input.MaxSessionDuration, Description);
    const trust = readTrustPolicy(text);
    const tags = new Map<string, string>();
    addTags(tags, input.Tags);
    if (input.PermissionsBoundary !== undefined) account.checkPolicy(input.PermissionsBoundary);
    const role: Role = {
      ...account.entity('role', name, path),
      tags,
      trust,
      description: Description,
      maxSessionDuration: input.MaxSessionDuration ?? 3_600,
      boundary: input.PermissionsBoundary,
    };
    return { Role: describeRole(account.roles.add(role)) };
  }

  public getRole(input: sdk.GetRoleRequest, _context: RequestContext): sdk.GetRoleResponse {
    return { Role: describeRole(this.account.roles.find(input.RoleName)) };
  }

  public listRoles(input: sdk.ListRolesRequest, _context: RequestContext): sdk.ListRolesResponse {
    const { items, paging } = page(this.account.roles.all.filter(under(input.PathPrefix)), input);
    return { Roles: items.map((role) => describeRole(role, false)), ...paging };
  }

  public updateRole(input: sdk.UpdateRoleRequest, _context: RequestContext): sdk.UpdateRoleResponse {
    const { Description, MaxSessionDuration } = input;
    checkSession(MaxSessionDuration, Description);
    const role = this.changeableRole(input.RoleName);
    if (Description !== undefined) role.description = Description;
    if (MaxSessionDuration !== undefined) role.maxSessionDuration = MaxSessionDuration;
    return {};
  }

  public updateRoleDescription(
    input: sdk.UpdateRoleDescriptionRequest,
    _context: RequestContext,
  ): sdk.UpdateRoleDescriptionResponse {
    checkSession(undefined, input.Description);
    const role = this.changeableRole(input.RoleName);
    role.description = input.Description;
    return { Role: describeRole(role) };
  }

  public updateAssumeRolePolicy(input: sdk.UpdateAssumeRolePolicyRequest, _context: RequestContext): void {
    const role = this.changeableRole(input.RoleName);
    role.trust = readTrustPolicy(input.PolicyDocument ?? '');
  }

  public deleteRole(input: sdk.DeleteRoleRequest, _context: RequestContext): void {
    const role = this.changeableRole(input.RoleName);
    if (this.account.profiles.all.some((profile) => profile.role === role.name)) {
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    }
    checkBare(role);
    this.account.roles.remove(role);
  }

  public createServiceLinkedRole(
    input: sdk.CreateServiceLinkedRoleRequest,
    _context: RequestContext,
  ): sdk.CreateServiceLinkedRoleResponse {
    const { AWSServiceName: service = '', CustomSuffix: suffix, Description } = input;
    const { account } = this;
    const name = `AWSServiceRoleFor${linkedName(service)}${suffix === undefined ? '' : `_${suffix}`}`;
    if (account.roles.has(name)) {
      throw invalidInput(`Service role name ${name} has been taken in this account, please try a different suffix.`);
    }
    const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
    const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const role: Role = {
      ...account.entity('role', name, `/aws-service-role/${service}/`),
      trust: readTrustPolicy(text),
      description: Description,
      maxSessionDuration: 3_600,
      linkedTo: service,
    };
    return { Role: describeRole(account.roles.add(role)) };
  }

  public deleteServiceLinkedRole(
    input: sdk.DeleteServiceLinkedRoleRequest,
    _context: RequestContext,
  ): sdk.DeleteServiceLinkedRoleResponse {
    const role = this.account.roles.find(input.RoleName);
    if (role.linkedTo === undefined) throw invalidInput(`${role.name} is not a service-linked role.`);
    this.account.roles.remove(role);
    return { DeletionTaskId: `task/aws-service-role/${role.linkedTo}/${role.name}/${this.account.newId('')}` };
  }

  public createUser(input: sdk.CreateUserRequest, _context: RequestContext): sdk.CreateUserResponse {
    const { UserName: name = '', Path: path = '/', PermissionsBoundary: boundary } = input;
    const { account } = this;
    account.users.check(name, input.Path);
    if (boundary !== undefined) account.checkPolicy(boundary);
    const tags = new Map<string, string>();
    addTags(tags, input.Tags);
    const user: User = { ...account.entity('user', name, path), tags, boundary, accessKeys: new Map() };
    return { User: describeUser(account.users.add(user)) };
  }

  /** Without a name, the user who asks. */
  public getUser(input: sdk.GetUserRequest, context: RequestContext): sdk.GetUserResponse {
    const name = input.UserName ?? /:user\/(?:.+\/)?([^/]+)$/.exec(context.principal)?.[1];
    if (name !== undefined) return { User: describeUser(this.account.users.find(name)) };
    const { account: UserId, principal: Arn } = context;
    return { User: { Path: '/', UserName: 'root', UserId, Arn, CreateDate: new Date(0) } };
  }

  public listUsers(input: sdk.ListUsersRequest, _context: RequestContext): sdk.ListUsersResponse {
    const { items, paging } = page(this.account.users.all.filter(under(input.PathPrefix)), input);
    return { Users: items.map((user) => describeUser(user, false)), ...paging };
  }

  public updateUser(input: sdk.UpdateUserRequest, _context: RequestContext): void {
    const { users, groups } = this.account;
    const user = users.find(input.UserName);
    const { NewUserName: name = user.name, NewPath: path = user.path } = input;
    const joined = groups.all.filter(({ members }) => members.has(user.name));
    users.remove(user);
    try {
      users.check(name, path);
      for (const { members } of joined) {
        members.delete(user.name);
        members.add(name);
      }
      Object.assign(user, { name, path, arn: this.account.arn(`user${path}${name}`) });
    } finally {
      users.add(user);
    }
  }

  public deleteUser(input: sdk.DeleteUserRequest, _context: RequestContext): void {
    const user = this.account.users.find(input.UserName);
    if (user.accessKeys.size > 0) throw deleteConflict('Cannot delete entity, must delete access keys first.');
    if (this.groupsOf(user).length > 0) {
      throw deleteConflict('Cannot delete entity, must remove users from group first.');
    }
    checkBare(user);
    this.account.users.remove(user);
  }

  public createAccessKey(input: sdk.CreateAccessKeyRequest, context: RequestContext): sdk.CreateAccessKeyResponse {
    const { account } = this;
    const user = account.users.find(input.UserName ?? context.principal.split('/').at(-1));
    if (user.accessKeys.size >= LIMITS.accessKeysPerUser) {
      throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${LIMITS.accessKeysPerUser}`);
    }
    const [id, secret, createdAt] = [account.newId('AKIA').slice(0, 20), account.newSecret(), account.clock.now()];
    user.accessKeys.set(id, { id, secret, status: 'Active', createdAt });
    return {
      AccessKey: {
        UserName: user.name,
        AccessKeyId: id,
        Status: 'Active',
        SecretAccessKey: secret,
        CreateDate: new Date(createdAt),
      },
    };
  }

  public listAccessKeys(input: sdk.ListAccessKeysRequest, _context: RequestContext): sdk.ListAccessKeysResponse {
    const user = this.account.users.find(input.UserName);
    const { items, paging } = page([...user.accessKeys.values()], input);
    return {
      AccessKeyMetadata: items.map(({ id, status, createdAt }) => ({
        UserName: user.name,
        AccessKeyId: id,
        Status: status,
        CreateDate: new Date(createdAt),
      })),
      ...paging,
    };
  }

  public updateAccessKey(input: sdk.UpdateAccessKeyRequest, _context: RequestContext): void {
    new ModelConstraints().oneOf('status', input.Status, ['Active', 'Inactive']).check('ValidationError');
    this.accessKey(input).status = input.Status === 'Inactive' ? 'Inactive' : 'Active';
  }

  public deleteAccessKey(input: sdk.DeleteAccessKeyRequest, _context: RequestContext): void {
    const { id } = this.accessKey(input);
    this.account.users.find(input.UserName).accessKeys.delete(id);
  }

  public createGroup(input: sdk.CreateGroupRequest, _context: RequestContext): sdk.CreateGroupResponse {
    const { GroupName: name = '', Path: path = '/' } = input;
    const { account } = this;
    account.groups.check(name, input.Path);
    const group: Group = { ...account.entity('group', name, path), members: new Set() };
    return { Group: describeGroup(account.groups.add(group)) };
  }

  public getGroup(input: sdk.GetGroupRequest, _context: RequestContext): sdk.GetGroupResponse {
    const { users, groups } = this.account;
    const group = groups.find(input.GroupName);
    const { items, paging } = page([...group.members], input);
    return {
      Group: describeGroup(group),
      Users: items.map((name) => describeUser(users.find(name), false)),
      ...paging,
    };
  }

  public listGroups(input: sdk.ListGroupsRequest, _context: RequestContext): sdk.ListGroupsResponse {
    const { items, paging } = page(this.account.groups.all.filter(under(input.PathPrefix)), input);
    return { Groups: items.map(describeGroup), ...paging };
  }

  public updateGroup(input: sdk.UpdateGroupRequest, _context: RequestContext): void {
    const { groups } = this.account;
    const group = groups.find(input.GroupName);
    const { NewGroupName: name = group.name, NewPath: path = group.path } = input;
    groups.remove(group);
    try {
      groups.check(name, path);
      Object.assign(group, { name, path, arn: this.account.arn(`group${path}${name}`) });
    } finally {
      groups.add(group);
    }
  }

  public deleteGroup(input: sdk.DeleteGroupRequest, _context: RequestContext): void {
    const group = this.account.groups.find(input.GroupName);
    if (group.members.size > 0) throw deleteConflict('Cannot delete entity, must remove users from group first.');
    checkBare(group);
    this.account.groups.remove(group);
  }

  public addUserToGroup(input: sdk.AddUserToGroupRequest, _context: RequestContext): void {
    const { users, groups } = this.account;
    const group = groups.find(input.GroupName);
    const user = users.find(input.UserName);
    if (!group.members.has(user.name) && this.groupsOf(user).length >= LIMITS.groupsPerUser) {
      throw limitExceeded(`Cannot exceed quota for GroupsPerUser: ${LIMITS.groupsPerUser}`);
    }
    group.members.add(user.name);
  }

  public removeUserFromGroup(input: sdk.RemoveUserFromGroupRequest, _context: RequestContext): void {
    const { users, groups } = this.account;
    groups.find(input.GroupName).members.delete(users.find(input.UserName).name);
  }

  public listGroupsForUser(
    input: sdk.ListGroupsForUserRequest,
    _context: RequestContext,
  ): sdk.ListGroupsForUserResponse {
    const { items, paging } = page(this.groupsOf(this.account.users.find(input.UserName)), input);
    return { Groups: items.map(describeGroup), ...paging };
  }

  public putRolePolicy(input: sdk.PutRolePolicyRequest, _context: RequestContext): void {
    putInline(this.changeableRole(input.RoleName), input.PolicyName, input.PolicyDocument);
  }

  public getRolePolicy(input: sdk.GetRolePolicyRequest, _context: RequestContext): sdk.GetRolePolicyResponse {
    const { PolicyName: name = '' } = input;
    const role = this.account.roles.find(input.RoleName);
    return { RoleName: role.name, PolicyName: name, PolicyDocument: encoded(getInline(role, name)) };
  }

  public listRolePolicies(input: sdk.ListRolePoliciesRequest, _context: RequestContext): sdk.ListRolePoliciesResponse {
    const { items, paging } = page([...this.account.roles.find(input.RoleName).inline.keys()].sort(), input);
    return { PolicyNames: items, ...paging };
  }

  public deleteRolePolicy(input: sdk.DeleteRolePolicyRequest, _context: RequestContext): void {
    deleteInline(this.changeableRole(input.RoleName), input.PolicyName);
  }

  public attachRolePolicy(input: sdk.AttachRolePolicyRequest, _context: RequestContext): void {
    attach(this.account, this.changeableRole(input.RoleName), input.PolicyArn);
  }

  public detachRolePolicy(input: sdk.DetachRolePolicyRequest, _context: RequestContext): void {
    detach(this.changeableRole(input.RoleName), input.PolicyArn);
  }

  public listAttachedRolePolicies(
    input: sdk.ListAttachedRolePoliciesRequest,
    _context: RequestContext,
  ): sdk.ListAttachedRolePoliciesResponse {
    const { items, paging } = page(listAttached(this.account, this.account.roles.find(input.RoleName)), input);
    return { AttachedPolicies: items, ...paging };
  }

  public putRolePermissionsBoundary(input: sdk.PutRolePermissionsBoundaryRequest, _context: RequestContext): void {
    const { PermissionsBoundary: boundary = '' } = input;
    const role = this.account.roles.find(input.RoleName);
    this.account.checkPolicy(boundary);
    role.boundary = boundary;
  }

  public deleteRolePermissionsBoundary(
    input: sdk.DeleteRolePermissionsBoundaryRequest,
    _context: RequestContext,
  ): void {
    this.account.roles.find(input.RoleName).boundary = undefined;
  }

  public tagRole(input: sdk.TagRoleRequest, _context: RequestContext): void {
    addTags(this.account.roles.find(input.RoleName).tags, input.Tags);
  }

  public untagRole(input: sdk.UntagRoleRequest, _context: RequestContext): void {
    removeTags(this.account.roles.find(input.RoleName).tags, input.TagKeys);
  }

  public listRoleTags(input: sdk.ListRoleTagsRequest, _context: RequestContext): sdk.ListRoleTagsResponse {
    const { items, paging } = page(tagList(this.account.roles.find(input.RoleName).tags), input);
    return { Tags: items, ...paging };
  }

  public putUserPolicy(input: sdk.PutUserPolicyRequest, _context: RequestContext): void {
    putInline(this.account.users.find(input.UserName), input.PolicyName, input.PolicyDocument);
  }

  public getUserPolicy(input: sdk.GetUserPolicyRequest, _context: RequestContext): sdk.GetUserPolicyResponse {
    const { PolicyName: name = '' } = input;
    const user = this.account.users.find(input.UserName);
    return { UserName: user.name, PolicyName: name, PolicyDocument: encoded(getInline(user, name)) };
  }

  public listUserPolicies(input: sdk.ListUserPoliciesRequest, _context: RequestContext): sdk.ListUserPoliciesResponse {
    const { items, paging } = page([...this.account.users.find(input.UserName).inline.keys()].sort(), input);
    return { PolicyNames: items, ...paging };
  }

  public deleteUserPolicy(input: sdk.DeleteUserPolicyRequest, _context: RequestContext): void {
    deleteInline(this.account.users.find(input.UserName), input.PolicyName);
  }

  public attachUserPolicy(input: sdk.AttachUserPolicyRequest, _context: RequestContext): void {
    attach(this.account, this.account.users.find(input.UserName), input.PolicyArn);
  }

  public detachUserPolicy(input: sdk.DetachUserPolicyRequest, _context: RequestContext): void {
    detach(this.account.users.find(input.UserName), input.PolicyArn);
  }

  public listAttachedUserPolicies(
    input: sdk.ListAttachedUserPoliciesRequest,
    _context: RequestContext,
  ): sdk.ListAttachedUserPoliciesResponse {
    const { items, paging } = page(listAttached(this.account, this.account.users.find(input.UserName)), input);
    return { AttachedPolicies: items, ...paging };
  }

  public putUserPermissionsBoundary(input: sdk.PutUserPermissionsBoundaryRequest, _context: RequestContext): void {
    const { PermissionsBoundary: boundary = '' } = input;
    const user = this.account.users.find(input.UserName);
    this.account.checkPolicy(boundary);
    user.boundary = boundary;
  }

  public deleteUserPermissionsBoundary(
    input: sdk.DeleteUserPermissionsBoundaryRequest,
    _context: RequestContext,
  ): void {
    this.account.users.find(input.UserName).boundary = undefined;
  }

  public tagUser(input: sdk.TagUserRequest, _context: RequestContext): void {
    addTags(this.account.users.find(input.UserName).tags, input.Tags);
  }

  public untagUser(input: sdk.UntagUserRequest, _context: RequestContext): void {
    removeTags(this.account.users.find(input.UserName).tags, input.TagKeys);
  }

  public listUserTags(input: sdk.ListUserTagsRequest, _context: RequestContext): sdk.ListUserTagsResponse {
    const { items, paging } = page(tagList(this.account.users.find(input.UserName).tags), input);
    return { Tags: items, ...paging };
  }

  public putGroupPolicy(input: sdk.PutGroupPolicyRequest, _context: RequestContext): void {
    putInline(this.account.groups.find(input.GroupName), input.PolicyName, input.PolicyDocument);
  }

  public getGroupPolicy(input: sdk.GetGroupPolicyRequest, _context: RequestContext): sdk.GetGroupPolicyResponse {
    const { PolicyName: name = '' } = input;
    const group = this.account.groups.find(input.GroupName);
    return { GroupName: group.name, PolicyName: name, PolicyDocument: encoded(getInline(group, name)) };
  }

  public listGroupPolicies(
    input: sdk.ListGroupPoliciesRequest,
    _context: RequestContext,
  ): sdk.ListGroupPoliciesResponse {
    const { items, paging } = page([...this.account.groups.find(input.GroupName).inline.keys()].sort(), input);
    return { PolicyNames: items, ...paging };
  }

  public deleteGroupPolicy(input: sdk.DeleteGroupPolicyRequest, _context: RequestContext): void {
    deleteInline(this.account.groups.find(input.GroupName), input.PolicyName);
  }

  public attachGroupPolicy(input: sdk.AttachGroupPolicyRequest, _context: RequestContext): void {
    attach(this.account, this.account.groups.find(input.GroupName), input.PolicyArn);
  }

  public detachGroupPolicy(input: sdk.DetachGroupPolicyRequest, _context: RequestContext): void {
    detach(this.account.groups.find(input.GroupName), input.PolicyArn);
  }

  public listAttachedGroupPolicies(
    input: sdk.ListAttachedGroupPoliciesRequest,
    _context: RequestContext,
  ): sdk.ListAttachedGroupPoliciesResponse {
    const { items, paging } = page(listAttached(this.account, this.account.groups.find(input.GroupName)), input);
    return { AttachedPolicies: items, ...paging };
  }

  public createPolicy(input: sdk.CreatePolicyRequest, _context: RequestContext): sdk.CreatePolicyResponse {
    const { PolicyName: name = '', Path: path = '/', PolicyDocument: text = '', Description: description } = input;
    checkPolicyName(name);
    const { account } = this;
    const document = readManaged(text);
    const tags = new Map<string, string>();
    addTags(tags, input.Tags);
    if ([...account.policies.values()].some((policy) => policy.name.toLowerCase() === name.toLowerCase())) {
      throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
    }
    const now = account.clock.now();
    const policy: ManagedPolicy = {
      name,
      path,
      id: account.newId('ANPA'),
      arn: account.arn(`policy${path}${name}`),
      createdAt: now,
      updatedAt: now,
      description,
      versions: new Map([['v1', { document, createdAt: now }]]),
      defaultVersion: 'v1',
      nextVersion: 2,
      tags,
    };
    account.policies.set(policy.arn, policy);
    return { Policy: describePolicy(account, policy) };
  }

  public getPolicy(input: sdk.GetPolicyRequest, _context: RequestContext): sdk.GetPolicyResponse {
    const { PolicyArn: arn = '' } = input;
    if (isAwsManaged(arn)) return { Policy: describeAwsManaged(this.account, arn) };
    return { Policy: describePolicy(this.account, this.policy(arn)) };
  }

  public listPolicies(input: sdk.ListPoliciesRequest, _context: RequestContext): sdk.ListPoliciesResponse {
    const { Scope: scope = 'All', OnlyAttached: onlyAttached = false, PathPrefix: prefix } = input;
    const { account } = this;
    const own =
      scope === 'AWS' ? [] : [...account.policies.values()].map((policy) => describePolicy(account, policy, false));
    const managed = scope === 'Local' ? [] : knownAwsManaged(account).map((arn) => describeAwsManaged(account, arn));
    const all = [...own, ...managed].filter(
      ({ Path = '/', AttachmentCount = 0 }) => under(prefix)({ path: Path }) && (!onlyAttached || AttachmentCount > 0),
    );
    const { items, paging } = page(all, input);
    return { Policies: items, ...paging };
  }

  public deletePolicy(input: sdk.DeletePolicyRequest, _context: RequestContext): void {
    const policy = this.policy(input.PolicyArn);
    if (this.account.attachments(policy.arn).length > 0) {
      throw deleteConflict('Cannot delete a policy attached to entities.');
    }
    if (policy.versions.size > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The " +
          'default version is deleted with the policy.',
      );
    }
    this.account.policies.delete(policy.arn);
  }

  public createPolicyVersion(
    input: sdk.CreatePolicyVersionRequest,
    _context: RequestContext,
  ): sdk.CreatePolicyVersionResponse {
    const { PolicyDocument: text = '', SetAsDefault: isDefault = false } = input;
    const policy = this.policy(input.PolicyArn);
    const document = readManaged(text);
    if (policy.versions.size >= LIMITS.policyVersions) {
      throw limitExceeded(
        `A managed policy can have up to ${LIMITS.policyVersions} versions. Before you create a new version, you must ` +
          'delete an existing version.',
      );
    }
    const id = `v${policy.nextVersion++}`;
    const createdAt = this.account.clock.now();
    policy.versions.set(id, { document, createdAt });
    if (isDefault) this.setDefault(policy, id);
    return { PolicyVersion: { VersionId: id, IsDefaultVersion: isDefault, CreateDate: new Date(createdAt) } };
  }

  public getPolicyVersion(input: sdk.GetPolicyVersionRequest, _context: RequestContext): sdk.GetPolicyVersionResponse {
    const { PolicyArn: arn = '', VersionId: id = '' } = input;
    const { document, createdAt, isDefault } = this.versionOf(arn, id);
    return {
      PolicyVersion: {
        Document: encoded(document.text),
        VersionId: id,
        IsDefaultVersion: isDefault,
        CreateDate: new Date(createdAt),
      },
    };
  }

  public listPolicyVersions(
    input: sdk.ListPolicyVersionsRequest,
    _context: RequestContext,
  ): sdk.ListPolicyVersionsResponse {
    const policy = this.policy(input.PolicyArn);
    const { items, paging } = page([...policy.versions].reverse(), input);
    return {
      Versions: items.map(([id, { createdAt }]) => ({
        VersionId: id,
        IsDefaultVersion: id === policy.defaultVersion,
        CreateDate: new Date(createdAt),
      })),
      ...paging,
    };
  }

  public deletePolicyVersion(input: sdk.DeletePolicyVersionRequest, _context: RequestContext): void {
    const { PolicyArn: arn = '', VersionId: id = '' } = input;
    const policy = this.policy(arn);
    this.versionOf(arn, id);
    if (policy.defaultVersion === id) throw deleteConflict('Cannot delete the default version of a policy.');
    policy.versions.delete(id);
  }

  public setDefaultPolicyVersion(input: sdk.SetDefaultPolicyVersionRequest, _context: RequestContext): void {
    const { PolicyArn: arn = '', VersionId: id = '' } = input;
    const policy = this.policy(arn);
    this.versionOf(arn, id);
    this.setDefault(policy, id);
  }

  public listEntitiesForPolicy(
    input: sdk.ListEntitiesForPolicyRequest,
    _context: RequestContext,
  ): sdk.ListEntitiesForPolicyResponse {
    const { PolicyArn: arn = '' } = input;
    if (!isAwsManaged(arn)) this.policy(arn);
    const { items, paging } = page(this.account.attachments(arn), input);
    const of = (kind: string) => items.filter((entity) => entity.kind === kind);
    return {
      PolicyRoles: of('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      PolicyUsers: of('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyGroups: of('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      ...paging,
    };
  }

  public tagPolicy(input: sdk.TagPolicyRequest, _context: RequestContext): void {
    addTags(this.policy(input.PolicyArn).tags, input.Tags);
  }

  public untagPolicy(input: sdk.UntagPolicyRequest, _context: RequestContext): void {
    removeTags(this.policy(input.PolicyArn).tags, input.TagKeys);
  }

  public listPolicyTags(input: sdk.ListPolicyTagsRequest, _context: RequestContext): sdk.ListPolicyTagsResponse {
    const { items, paging } = page(tagList(this.policy(input.PolicyArn).tags), input);
    return { Tags: items, ...paging };
  }

  public createInstanceProfile(
    input: sdk.CreateInstanceProfileRequest,
    _context: RequestContext,
  ): sdk.CreateInstanceProfileResponse {
    const { InstanceProfileName: name = '', Path: path = '/' } = input;
    const { account } = this;
    account.profiles.check(name, input.Path);
    const tags = new Map<string, string>();
    addTags(tags, input.Tags);
    const arn = account.arn(`instance-profile${path}${name}`);
    const profile = { name, path, id: account.newId('AIPA'), arn, createdAt: account.clock.now(), tags };
    return { InstanceProfile: describeProfile(account, account.profiles.add(profile)) };
  }

  public getInstanceProfile(
    input: sdk.GetInstanceProfileRequest,
    _context: RequestContext,
  ): sdk.GetInstanceProfileResponse {
    return { InstanceProfile: describeProfile(this.account, this.account.profiles.find(input.InstanceProfileName)) };
  }

  public listInstanceProfiles(
    input: sdk.ListInstanceProfilesRequest,
    _context: RequestContext,
  ): sdk.ListInstanceProfilesResponse {
    const { account } = this;
    const { items, paging } = page(account.profiles.all.filter(under(input.PathPrefix)), input);
    return { InstanceProfiles: items.map((profile) => describeProfile(account, profile)), ...paging };
  }

  public listInstanceProfilesForRole(
    input: sdk.ListInstanceProfilesForRoleRequest,
    _context: RequestContext,
  ): sdk.ListInstanceProfilesForRoleResponse {
    const { account } = this;
    const role = account.roles.find(input.RoleName);
    const { items, paging } = page(
      account.profiles.all.filter((profile) => profile.role === role.name),
      input,
    );
    return { InstanceProfiles: items.map((profile) => describeProfile(account, profile)), ...paging };
  }

  public deleteInstanceProfile(input: sdk.DeleteInstanceProfileRequest, _context: RequestContext): void {
    const profile = this.account.profiles.find(input.InstanceProfileName);
    if (profile.role !== undefined) {
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    }
    this.account.profiles.remove(profile);
  }

  public addRoleToInstanceProfile(input: sdk.AddRoleToInstanceProfileRequest, _context: RequestContext): void {
    const profile = this.account.profiles.find(input.InstanceProfileName);
    const role = this.account.roles.find(input.RoleName);
    if (profile.role !== undefined) {
      throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    }
    profile.role = role.name;
  }

  public removeRoleFromInstanceProfile(
    input: sdk.RemoveRoleFromInstanceProfileRequest,
    _context: RequestContext,
  ): void {
    const profile = this.account.profiles.find(input.InstanceProfileName);
    const role = this.account.roles.find(input.RoleName);
    if (profile.role !== role.name) throw noSuchEntity(`The role with name ${role.name} cannot be found.`);
    profile.role = undefined;
  }

  public tagInstanceProfile(input: sdk.TagInstanceProfileRequest, _context: RequestContext): void {
    addTags(this.account.profiles.find(input.InstanceProfileName).tags, input.Tags);
  }

  public untagInstanceProfile(input: sdk.UntagInstanceProfileRequest, _context: RequestContext): void {
    removeTags(this.account.profiles.find(input.InstanceProfileName).tags, input.TagKeys);
  }

  public listInstanceProfileTags(
    input: sdk.ListInstanceProfileTagsRequest,
    _context: RequestContext,
  ): sdk.ListInstanceProfileTagsResponse {
    const { items, paging } = page(tagList(this.account.profiles.find(input.InstanceProfileName).tags), input);
    return { Tags: items, ...paging };
  }

  /** The name of an instance profile's role; undefined if there is no such profile, or it has no role. */
  public roleOf(instanceProfile: string): string | undefined {
    const { profiles } = this.account;
    return profiles.has(instanceProfile) ? profiles.find(instanceProfile).role : undefined;
  }

  /** What the policies of the role with this ARN say; undefined if there is no such role in the account. */
  public roleWith(roleArn: string): RolePermissions | undefined {
    const name = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const role = this.account.roles.has(name) ? this.account.roles.find(name) : undefined;
    return role?.arn === roleArn ? new RolePermissions(this.account, role) : undefined;
  }

  /** The documents of a role's policies: inline ones, and those attached that are known. For evaluation and tests. */
  public policiesOf(roleName: string): PolicyDocument[] {
    const { inline, attached } = this.account.roles.find(roleName);
    const managed = [...attached].flatMap((arn) => {
      const policy = this.account.policies.get(arn);
      return policy?.versions.get(policy.defaultVersion)?.document ?? awsManagedDocument(arn) ?? [];
    });
    return [...inline.values(), ...managed];
  }

  /** The roles, for views. */
  public roles(): RoleView[] {
    if (!this.isFirst) return [];
    return this.account.roles.all.map(({ name, inline, attached }) => ({
      name,
      policies: inline.size + attached.size,
    }));
  }

  private changeableRole(name: string | undefined): Role {
    const role = this.account.roles.find(name);
    if (role.linkedTo === undefined) return role;
    throw unmodifiable(
      `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
    );
  }

  private groupsOf({ name }: User): Group[] {
    return this.account.groups.all.filter(({ members }) => members.has(name));
  }

  private accessKey({ UserName, AccessKeyId: id = '' }: { readonly UserName?: string; readonly AccessKeyId?: string }) {
    const key = this.account.users.find(UserName).accessKeys.get(id);
    if (key === undefined) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
    return key;
  }

  private policy(arn = ''): ManagedPolicy {
    const policy = this.account.policies.get(arn);
    if (policy === undefined) throw noSuchEntity(`Policy ${arn} was not found.`);
    return policy;
  }

  private versionOf(arn: string, id: string) {
    if (isAwsManaged(arn)) {
      const document = awsManagedDocument(arn);
      if (document !== undefined && id === 'v1') return { document, createdAt: 0, isDefault: true };
      throw noSuchEntity(`The document of ${arn} is not known to the emulator.`);
    }
    const policy = this.policy(arn);
    const version = policy.versions.get(id);
    if (version === undefined) throw noSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`);
    return { ...version, isDefault: policy.defaultVersion === id };
  }

  private setDefault(policy: ManagedPolicy, id: string): void {
    policy.defaultVersion = id;
    policy.updatedAt = this.account.clock.now();
  }
}

function readManaged(text: string): PolicyDocument {
  const document = readIdentityPolicy(text);
  if (sizeOf(text) > LIMITS.managedPolicy)
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${LIMITS.managedPolicy}`);
  return document;
}

function checkSession(seconds: number | undefined, description: string | undefined): void {
  new ModelConstraints()
    .range('maxSessionDuration', seconds, 3_600, 43_200)
    .length('description', description, 0, 1_000)
    .check('ValidationError');
}

/** The part of a service-linked role's name that stands for the service. AWS's own names are not derived by a rule. */
function linkedName(service: string): string {
  const [name] = service.split('.');
  return NAMES[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

const NAMES: Readonly<Record<string, string | undefined>> = {
  autoscaling: 'AutoScaling',
  ecs: 'ECS',
  elasticloadbalancing: 'ElasticLoadBalancing',
  events: 'CloudWatchEvents',
  lambda: 'Lambda',
  spot: 'EC2Spot',
};
