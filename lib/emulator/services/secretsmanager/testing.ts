import { AwsError } from '../../core';
import { LocalResource, resourceKind, type ServiceTesting, type WaitOptions } from '../../testing';
import type { SecretsManager } from './secrets-manager';

/** A version of a secret. */
export interface LocalSecretVersion {
  readonly id: string;
  /** `AWSCURRENT`, `AWSPREVIOUS`, `AWSPENDING` and labels of one's own. */
  readonly stages: readonly string[];
}

/** A secret of a local cloud. Its name is its ARN. */
export class LocalSecret extends LocalResource<SecretsManager, undefined> {
  /** Its current value, decrypted; of bytes, their base64 text. */
  public get value(): string {
    return this.valueAt('AWSCURRENT');
  }

  /** The versions that have a staging label, oldest first. */
  public get versions(): readonly LocalSecretVersion[] {
    const { Versions = [] } = this.service.listSecretVersionIds({ SecretId: this.name }, this.context.caller);
    return Versions.map(({ VersionId: id = '', VersionStages: stages = [] }) => ({ id, stages }));
  }

  /**
   * The value of the version with a staging label.
   * @throws AwsError ResourceNotFoundException if no version has it
   */
  public valueAt(stage: string): string {
    const input = { SecretId: this.name, VersionStage: stage };
    const { SecretString, SecretBinary } = this.service.getSecretValue(input, this.context.caller);
    return SecretString ?? Buffer.from(SecretBinary ?? []).toString('base64');
  }

  /**
   * Sets its value, as the account's root user: text, or what becomes JSON. Returns the id of the new version.
   * @throws AwsError AWS's error if Secrets Manager refuses the value
   */
  public put(value: unknown): string {
    const SecretString = typeof value === 'string' ? value : JSON.stringify(value);
    return this.service.putSecretValue({ SecretId: this.name, SecretString }, this.context.caller).VersionId ?? '';
  }

  /**
   * Rotates it now by its rotation function, and lets time pass until the new version is current.
   *
   * @returns the id of the new version
   * @throws AwsError AWS's error if Secrets Manager refuses to rotate it; NotReachedError if the function fails
   */
  public async rotate(options: WaitOptions = {}): Promise<string> {
    const { VersionId: rotated = '' } = this.service.rotateSecret({ SecretId: this.name }, this.context.caller);
    const isCurrent = () => this.versions.some(({ id, stages }) => id === rotated && stages.includes('AWSCURRENT'));
    await this.context.waitUntil(isCurrent, `${this.label} is rotated`, options);
    return rotated;
  }
}

const kinds = {
  /**
   * Returns a secret of Secrets Manager.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  secret: resourceKind({
    name: 'secret',
    types: ['AWS::SecretsManager::Secret'],
    held: ['secret'],
    importedBy: 'secretArn',
    nameIn: (text) => text, // its name or ARN; a name may have slashes
    exists(service: SecretsManager, SecretId, caller) {
      try {
        service.describeSecret({ SecretId }, caller);
        return true;
      } catch (error) {
        if (error instanceof AwsError) return false;
        throw error;
      }
    },
    handle: LocalSecret,
  }),
};

/** What tests get of Secrets Manager. */
export const testing: ServiceTesting<typeof kinds> = { kinds, matchers: {} };
