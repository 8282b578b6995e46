import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';
import type { Timer } from '../../../clock';

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
export const PENDING = 'AWSPENDING';

/** A version of a secret. */
export interface SecretVersion {
  readonly id: string;
  /** Encrypted; undefined while a rotation has not put it yet. */
  value?: { readonly ciphertext: Uint8Array; readonly binary: boolean; readonly keyId: string };
  readonly createdAt: number;
  lastAccessedAt?: number;
  readonly stages: Set<string>;
}

/** How a secret is rotated. */
export interface Rotation {
  enabled: boolean;
  functionArn: string;
  rules: RotationRulesType;
  nextAt?: number;
  timer?: Timer;
  lastRotatedAt?: number;
}

/** A secret and its versions, oldest first. */
export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly versions: Map<string, SecretVersion>;
  readonly tags: Map<string, string>;
  description?: string;
  keyId?: string;
  type?: string;
  changedAt: number;
  accessedAt?: number;
  policy?: string;
  rotation?: Rotation;
  /** When it was deleted, and when it is gone. */
  deletion?: { readonly at: number; readonly goneAt: number };
}

/** The version with a staging label. */
export function versionAt({ versions }: Secret, stage: string): SecretVersion | undefined {
  for (const version of versions.values()) if (version.stages.has(stage)) return version;
  return undefined;
}

/**
 * Moves a staging label to a version. AWSPREVIOUS follows AWSCURRENT: it goes to the version that had it. Returns
 * whether anything changed.
 */
export function moveStage(secret: Secret, stage: string, version: SecretVersion): void {
  const holder = versionAt(secret, stage);
  if (holder === version) return;
  holder?.stages.delete(stage);
  version.stages.add(stage);
  if (stage !== CURRENT || holder === undefined) return;
  version.stages.delete(PREVIOUS);
  moveStage(secret, PREVIOUS, holder);
}
