import { createHash } from 'node:crypto';
import type { KeyMetadata } from '@aws-sdk/client-kms';
import { formatArn } from '../../core';
import type { AccessRequest, ResourcePolicy, Verdict } from '../../core/policy';
import { type Clock, DAY, type Random, type Timer } from '../../clock';
import { disabled, invalidCiphertext, invalidKeyUsage, invalidState } from './errors';
import type { KeyKind } from './key-spec';
import { compilePolicy } from './policy';

/** A key's immutable properties. */
export interface KeyDefinition {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly kind: KeyKind;
  readonly manager: 'AWS' | 'CUSTOMER';
  /** Whether KMS generates its material, or the material is to be imported. */
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  readonly multiRegion: boolean;
  readonly description: string;
  readonly policy: string;
}

/** A key's rotation settings. */
interface Rotation {
  readonly periodInDays: number;
  readonly next: number;
}

/** One of a key's materials. */
export interface Material {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly id: string;
}

export const MATERIAL_BYTES = 32;
const ROTATION_DAYS = 365;

/** A KMS key: its state and its current and earlier materials. */
export class Key {
  public readonly id: string;
  public readonly arn: string;
  public readonly tags = new Map<string, string>();
  public description: string;
  public policy: string;

  private readonly createdAt: number;
  private readonly materials: Material[] = [];
  private state: 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport';
  private deletion?: { readonly at: number; readonly timer: Timer };
  private rotation?: Rotation;
  private compiled?: { readonly text: string; readonly policy: ResourcePolicy };

  constructor(
    private readonly definition: KeyDefinition,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    const { id, account, region, origin, manager } = definition;
    this.id = id;
    this.arn = formatArn('kms', region, account, `key/${id}`);
    this.description = definition.description;
    this.policy = definition.policy;
    this.createdAt = clock.now();
    this.state = origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled';
    this.addMaterial();
    // AWS managed keys rotate every year, which cannot be changed.
    if (manager === 'AWS') this.rotate(ROTATION_DAYS);
  }

  public get managedByAws(): boolean {
    return this.definition.manager === 'AWS';
  }

  public get symmetric(): boolean {
    return this.definition.kind.KeySpec === 'SYMMETRIC_DEFAULT';
  }

  public get rotatable(): boolean {
    return this.symmetric && this.definition.origin === 'AWS_KMS';
  }

  public get metadata(): KeyMetadata {
    const { account, region, kind, manager, origin, multiRegion } = this.definition;
    this.catchUp();
    return {
      AWSAccountId: account,
      KeyId: this.id,
      Arn: this.arn,
      CreationDate: new Date(this.createdAt),
      Enabled: this.state === 'Enabled',
      Description: this.description,
      KeyState: this.state,
      ...(this.deletion !== undefined && { DeletionDate: new Date(this.deletion.at) }),
      Origin: origin,
      KeyManager: manager,
      CustomerMasterKeySpec: kind.KeySpec as KeyMetadata['CustomerMasterKeySpec'],
      ...kind,
      MultiRegion: multiRegion,
      ...(multiRegion && {
        MultiRegionConfiguration: {
          MultiRegionKeyType: 'PRIMARY',
          PrimaryKey: { Arn: this.arn, Region: region },
          ReplicaKeys: [],
        },
      }),
      ...(this.rotatable && { CurrentKeyMaterialId: this.material.id }),
    };
  }

  /** The rotation settings; undefined while the key is pending deletion. */
  public get rotationStatus(): Rotation | undefined {
    this.catchUp();
    return this.state === 'PendingDeletion' ? undefined : this.rotation;
  }

  /** The material that encrypts at present. */
  public get material(): Material {
    this.catchUp();
    return this.materials[this.materials.length - 1];
  }

  /** What the key's policy says of a request. */
  public policyVerdict(request: AccessRequest): Verdict {
    if (this.compiled?.text !== this.policy) this.compiled = { text: this.policy, policy: compilePolicy(this.policy) };
    return this.compiled.policy.verdict(request);
  }

  /**
   * The material with that index.
   * @throws AwsError InvalidCiphertextException if the key has no material of that index
   */
  public materialAt(index: number): Material {
    if (index >= this.materials.length) throw invalidCiphertext();
    return this.materials[index];
  }

  /**
   * @param action the action that encrypts or decrypts
   * @throws AwsError DisabledException, KMSInvalidStateException or InvalidKeyUsageException if the key cannot be used
   * for it
   */
  public checkUsable(action: string): void {
    this.checkEnabled();
    const { KeyUsage } = this.definition.kind;
    if (KeyUsage !== 'ENCRYPT_DECRYPT') {
      throw invalidKeyUsage(`${this.arn} key usage is ${KeyUsage} which is not valid for ${action}.`);
    }
  }

  public checkEnabled(): void {
    this.checkChangeable();
    if (this.state === 'Disabled') throw disabled(this.arn);
  }

  /** @throws AwsError KMSInvalidStateException if the key is pending deletion or import */
  public checkChangeable(): void {
    this.checkNotPendingDeletion();
    if (this.state === 'PendingImport') throw invalidState(this.arn, 'pending import');
  }

  public checkNotPendingDeletion(): void {
    if (this.state === 'PendingDeletion') throw invalidState(this.arn, 'pending deletion');
  }

  public enable(): void {
    this.checkChangeable();
    this.state = 'Enabled';
  }

  public disable(): void {
    this.checkChangeable();
    this.catchUp();
    this.state = 'Disabled';
  }

  /** Schedules `remove` after that many days. Returns the instant. */
  public scheduleDeletion(days: number, remove: () => void): number {
    this.checkNotPendingDeletion();
    this.catchUp();
    const at = this.clock.now() + days * DAY;
    this.deletion = { at, timer: this.clock.schedule(at, remove, 'a key is deleted') };
    this.state = 'PendingDeletion';
    return at;
  }

  /** Cancels the deletion. The key is disabled afterwards. */
  public cancelDeletion(): void {
    if (this.deletion === undefined) throw invalidState(this.arn, 'not pending deletion');
    this.deletion.timer.cancel();
    this.deletion = undefined;
    this.state = this.definition.origin === 'EXTERNAL' ? 'PendingImport' : 'Disabled';
  }

  public rotate(periodInDays: number = ROTATION_DAYS): void {
    this.catchUp();
    this.rotation = { periodInDays, next: this.clock.now() + periodInDays * DAY };
  }

  public stopRotation(): void {
    this.catchUp();
    this.rotation = undefined;
  }

  /** Performs due rotations. A disabled key gets its new material when it is enabled again. */
  private catchUp(): void {
    if (this.state !== 'Enabled') return;
    while (this.rotation !== undefined && this.clock.now() >= this.rotation.next) {
      this.addMaterial();
      const { periodInDays, next } = this.rotation;
      this.rotation = { periodInDays, next: next + periodInDays * DAY };
    }
  }

  private addMaterial(): void {
    const bytes = Buffer.from(this.random.hex(MATERIAL_BYTES * 2), 'hex');
    const id = createHash('sha256').update(this.arn).update(bytes).digest('hex');
    this.materials.push({ index: this.materials.length, bytes, id });
  }
}
