import { ModelConstraints, type RequestContext } from '../../../core';
import type { Clock } from '../../../clock';
import { exists, invalidParameter, invalidRequest, stageNotFound, versionNotFound } from '../errors';
import { LIMITS } from '../limits';
import type { SecretEncryption } from '../ports';
import { CURRENT, moveStage, type Secret, type SecretVersion, versionAt } from './secret';

const DEFAULT_KEY = 'alias/aws/secretsmanager';
const SHORTEST_ID = 32;
const LONGEST_ID = 64;

/** A value of a secret: text or bytes. */
export interface SecretValue {
  readonly SecretString?: string;
  readonly SecretBinary?: Uint8Array;
}

/** The values of secrets: encrypted, in versions with staging labels. */
export class SecretValues {
  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly encryption: () => SecretEncryption,
  ) {}

  /**
   * Puts a value as the version with this id, and moves staging labels to it. A repeated request changes nothing.
   * @param stages by default AWSCURRENT
   */
  public put(
    secret: Secret,
    id: string,
    value: SecretValue,
    caller: RequestContext,
    stages: readonly string[] = [CURRENT],
  ): SecretVersion {
    const existing = secret.versions.get(id);
    if (existing?.value !== undefined) {
      const held = this.open(secret, existing, caller);
      if (held.SecretString !== value.SecretString || !sameBytes(held.SecretBinary, value.SecretBinary)) {
        throw exists(
          `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
        );
      }
      return existing;
    }
    const now = this.clock.now();
    const version = existing ?? { id, createdAt: now, stages: new Set<string>() };
    version.value = this.seal(secret, id, value, caller);
    if (existing === undefined) this.makeRoom(secret);
    secret.versions.set(id, version);
    for (const stage of stages) moveStage(secret, stage, version);
    secret.changedAt = now;
    return version;
  }

  /** Finds a version by its id, its staging label, or both; by default the current one. */
  public find(secret: Secret, id: string | undefined, stage: string | undefined): SecretVersion {
    if (id === undefined) {
      const version = versionAt(secret, stage ?? CURRENT);
      if (version?.value === undefined) throw stageNotFound(stage ?? CURRENT);
      return version;
    }
    const version = secret.versions.get(id);
    if (version?.value === undefined) throw versionNotFound(id);
    if (stage !== undefined && !version.stages.has(stage)) {
      throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
    }
    return version;
  }

  public open(secret: Secret, { id, value }: SecretVersion, caller: RequestContext): SecretValue {
    if (value === undefined) throw versionNotFound(id);
    const text = this.encryption().decrypt(value.ciphertext, contextOf(secret, id), caller);
    return value.binary ? { SecretBinary: Buffer.from(text, 'base64') } : { SecretString: text };
  }

  private seal(secret: Secret, id: string, value: SecretValue, caller: RequestContext): SecretVersion['value'] {
    const { SecretString, SecretBinary } = value;
    const keyId = secret.keyId ?? DEFAULT_KEY;
    const text = SecretString ?? Buffer.from(SecretBinary ?? []).toString('base64');
    const ciphertext = this.encryption().encrypt(keyId, text, contextOf(secret, id), caller);
    return { ciphertext, binary: SecretString === undefined, keyId };
  }

  /** Versions without a staging label are dropped where there are too many. */
  private makeRoom({ versions }: Secret): void {
    for (const [id, { stages }] of versions) {
      if (versions.size < LIMITS.versions) return;
      if (stages.size === 0) versions.delete(id);
    }
  }
}

/** Throws unless a value is text or bytes, of a length that AWS takes. Returns whether there is one. */
export function checkValue({ SecretString, SecretBinary }: SecretValue): boolean {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter("You can't specify both SecretString and SecretBinary.");
  }
  new ModelConstraints()
    .length('secretString', SecretString === undefined ? undefined : Buffer.from(SecretString), 1, LIMITS.value, true)
    .length('secretBinary', SecretBinary, 1, LIMITS.value, true)
    .check('ValidationException');
  return (SecretString ?? SecretBinary) !== undefined;
}

export function checkRequestToken(token: string | undefined): void {
  if (token === undefined || (token.length >= SHORTEST_ID && token.length <= LONGEST_ID)) return;
  throw invalidParameter(`ClientRequestToken must be ${SHORTEST_ID}-${LONGEST_ID} characters long.`);
}

function contextOf({ arn }: Secret, versionId: string): Record<string, string> {
  return { SecretARN: arn, SecretVersionId: versionId };
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}
