import type * as sdk from '@aws-sdk/client-iam';
import type { IamAccount } from './account';
import { AWS_MANAGED, isAwsManaged, nameOfAwsManaged } from './aws-managed-policies';
import type { Group, InstanceProfile, ManagedPolicy, Role, User } from './entities';

/** A document as IAM's answers have it: percent-encoded. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function tagList(tags: ReadonlyMap<string, string>): sdk.Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

/** @param whole whether to tell what lists leave out: tags and the permissions boundary */
export function describeRole(role: Role, whole = true): sdk.Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encoded(role.trust.text),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionDuration,
    ...(whole && role.tags.size > 0 && { Tags: tagList(role.tags) }),
    ...(whole && { RoleLastUsed: {} }),
    ...(whole && boundaryOf(role)),
  };
}

export function describeUser(user: User, whole = true): sdk.User {
  const { path, name, id, arn, createdAt, tags } = user;
  return {
    Path: path,
    UserName: name,
    UserId: id,
    Arn: arn,
    CreateDate: new Date(createdAt),
    ...(whole && tags.size > 0 && { Tags: tagList(tags) }),
    ...(whole && boundaryOf(user)),
  };
}

export function describeGroup({ path, name, id, arn, createdAt }: Group): sdk.Group {
  return { Path: path, GroupName: name, GroupId: id, Arn: arn, CreateDate: new Date(createdAt) };
}

export function describeProfile(account: IamAccount, profile: InstanceProfile): sdk.InstanceProfile {
  const { path, name, id, arn, createdAt, role, tags } = profile;
  return {
    Path: path,
    InstanceProfileName: name,
    InstanceProfileId: id,
    Arn: arn,
    CreateDate: new Date(createdAt),
    Roles: role === undefined || !account.roles.has(role) ? [] : [describeRole(account.roles.find(role), false)],
    ...(tags.size > 0 && { Tags: tagList(tags) }),
  };
}

export function describePolicy(account: IamAccount, policy: ManagedPolicy, whole = true): sdk.Policy {
  const { name, id, arn, path, defaultVersion, description, createdAt, updatedAt, tags } = policy;
  return {
    PolicyName: name,
    PolicyId: id,
    Arn: arn,
    Path: path,
    DefaultVersionId: defaultVersion,
    AttachmentCount: account.attachments(arn).length,
    PermissionsBoundaryUsageCount: account.entities.filter(({ boundary }) => boundary === arn).length,
    IsAttachable: true,
    ...(whole && description !== undefined && { Description: description }),
    CreateDate: new Date(createdAt),
    UpdateDate: new Date(updatedAt),
    ...(whole && { Tags: tagList(tags) }),
  };
}

/** A policy that AWS manages. Its id and dates are not AWS's. */
export function describeAwsManaged(account: IamAccount, arn: string): sdk.Policy {
  const { name, path } = nameOfAwsManaged(arn);
  return {
    PolicyName: name,
    Arn: arn,
    Path: path,
    DefaultVersionId: 'v1',
    AttachmentCount: account.attachments(arn).length,
    IsAttachable: true,
  };
}

/** The policies that AWS manages and that are known here: by their documents, or as they are attached. */
export function knownAwsManaged(account: IamAccount): string[] {
  const attached = account.entities.flatMap((entity) => [...entity.attached].filter(isAwsManaged));
  return [...new Set([...AWS_MANAGED, ...attached])].sort();
}

function boundaryOf({ boundary }: { readonly boundary?: string }): Pick<sdk.Role, 'PermissionsBoundary'> {
  if (boundary === undefined) return {};
  return {
    PermissionsBoundary: { PermissionsBoundaryType: 'PermissionsBoundaryPolicy', PermissionsBoundaryArn: boundary },
  };
}
