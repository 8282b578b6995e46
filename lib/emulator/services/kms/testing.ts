import { AwsError } from '../../core';
import { LocalResource, resourceKind, type ServiceTesting } from '../../testing';
import type { Kms } from './kms';

/** A KMS key of a local cloud. Its name is its id. */
export class LocalKey extends LocalResource<Kms, undefined> {
  /** Whether it can be used. */
  public get enabled(): boolean {
    const { KeyMetadata } = this.service.describeKey({ KeyId: this.name }, this.context.caller);
    return KeyMetadata?.Enabled === true;
  }

  /** Enables it. */
  public enable(): void {
    this.service.enableKey({ KeyId: this.name }, this.context.caller);
  }

  /** Disables it. Queues keep using their data keys for the reuse period. */
  public disable(): void {
    this.service.disableKey({ KeyId: this.name }, this.context.caller);
  }
}

const kinds = {
  /**
   * Returns a KMS key.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  key: resourceKind({
    name: 'KMS key',
    types: ['AWS::KMS::Key'],
    held: ['encryptionKey', 'key'],
    importedBy: 'keyArn',
    exists(service: Kms, name, caller) {
      try {
        service.describeKey({ KeyId: name }, caller);
        return true;
      } catch (error) {
        if (error instanceof AwsError) return false;
        throw error;
      }
    },
    handle: LocalKey,
  }),
};

/** What tests get of KMS. */
export const testing: ServiceTesting<typeof kinds> = { kinds, matchers: {} };
