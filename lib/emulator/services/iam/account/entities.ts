import type { PolicyDocument } from './documents';

/** What roles, users and groups have in common. */
export interface IamEntity {
  readonly kind: 'role' | 'user' | 'group';
  name: string;
  path: string;
  readonly id: string;
  arn: string;
  /** In milliseconds since the epoch. */
  readonly createdAt: number;
  /** Inline policies, by name. */
  readonly inline: Map<string, PolicyDocument>;
  /** The ARNs of attached managed policies. */
  readonly attached: Set<string>;
  readonly tags: Map<string, string>;
  /** The ARN of the permissions boundary. */
  boundary?: string;
}

export interface Role extends IamEntity {
  readonly kind: 'role';
  trust: PolicyDocument;
  description?: string;
  /** In seconds. */
  maxSessionDuration: number;
  /** The service of a service-linked role. */
  readonly linkedTo?: string;
}

export interface User extends IamEntity {
  readonly kind: 'user';
  readonly accessKeys: Map<string, AccessKey>;
}

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  status: 'Active' | 'Inactive';
  readonly createdAt: number;
}

export interface Group extends IamEntity {
  readonly kind: 'group';
  /** Names of users. */
  readonly members: Set<string>;
}

export interface InstanceProfile {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  /** The name of its role. */
  role?: string;
  readonly tags: Map<string, string>;
}

/** A managed policy of the account's own. */
export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  updatedAt: number;
  readonly description?: string;
  readonly versions: Map<string, { readonly document: PolicyDocument; readonly createdAt: number }>;
  defaultVersion: string;
  nextVersion: number;
  readonly tags: Map<string, string>;
}
