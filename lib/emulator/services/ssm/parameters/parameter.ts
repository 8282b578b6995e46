import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm';

/** A policy of an advanced parameter. */
export interface ParameterPolicy {
  readonly text: string;
  readonly type: string;
  /** When the parameter is deleted, in milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** A version of a parameter. */
export interface ParameterVersion {
  readonly version: number;
  /** The plain text, or of a secure string the ciphertext in base64. */
  readonly value: string;
  readonly type: ParameterType;
  readonly keyId?: string;
  readonly description?: string;
  readonly allowedPattern?: string;
  readonly tier: Exclude<ParameterTier, 'Intelligent-Tiering'>;
  readonly dataType: string;
  readonly policies: readonly ParameterPolicy[];
  readonly lastModified: number;
  readonly lastModifiedUser: string;
  readonly labels: Set<string>;
}

/** A parameter and the versions of it that are kept, oldest first. */
export interface Parameter {
  readonly name: string;
  readonly arn: string;
  readonly versions: ParameterVersion[];
  readonly tags: Map<string, string>;
}

/** The current version. */
export function latest({ versions }: Parameter): ParameterVersion {
  return versions[versions.length - 1];
}
