import type {
  AliasListEntry,
  CancelKeyDeletionRequest,
  CancelKeyDeletionResponse,
  CreateAliasRequest,
  CreateKeyRequest,
  CreateKeyResponse,
  DecryptRequest,
  DecryptResponse,
  DeleteAliasRequest,
  DescribeKeyRequest,
  DescribeKeyResponse,
  DisableKeyRequest,
  DisableKeyRotationRequest,
  EnableKeyRequest,
  EnableKeyRotationRequest,
  EncryptRequest,
  EncryptResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
  GetKeyPolicyRequest,
  GetKeyPolicyResponse,
  GetKeyRotationStatusRequest,
  GetKeyRotationStatusResponse,
  ListAliasesRequest,
  ListAliasesResponse,
  ListKeyPoliciesRequest,
  ListKeyPoliciesResponse,
  ListKeysRequest,
  ListKeysResponse,
  ListResourceTagsRequest,
  ListResourceTagsResponse,
  PutKeyPolicyRequest,
  ReEncryptRequest,
  ReEncryptResponse,
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateAliasRequest,
  UpdateKeyDescriptionRequest,
} from '@aws-sdk/client-kms';
import { AwsError, type RequestContext, page, parseArn, Throttle } from '../../core';
import { accessOf, byIdentity } from '../../core/policy';
import type { Clock, Random } from '../../clock';
import type { Timeline } from '../../timeline';
import { checkAliasName, checkNotReserved } from './alias-name';
import { type EncryptionContext, headerOf, NONCE_BYTES, open, seal } from './ciphertext';
import { dataKeyLength } from './data-key';
import {
  customKeyStoreNotFound,
  dryRun,
  incorrectKey,
  invalidKeyUsage,
  invalidMarker,
  noSuchPolicy,
  notAuthorized,
  refused,
  throttled,
  unknownCiphertextKey,
  unsupportedOperation,
} from './errors';
import type { Key, Material } from './key';
import { KeyRing } from './key-ring';
import { keyKind } from './key-spec';
import { compilePolicy, defaultPolicy } from './policy';
import { awsLimits, type KmsLimits } from './limits';
import { addTags } from './tags';
import { checkLength, checkOneOf, checkRange } from './validation';

/** A request for access to a key. */
export interface KeyAccessRequest {
  /** The KMS action, without the service prefix: `GenerateDataKey`. */
  readonly action: string;
  readonly keyArn: string;
  /** The caller's ARN. */
  readonly principal: string;
}

/** The collaborators and settings of {@link Kms}. */
export interface KmsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** The account that owns the keys, 12 digits. */
  readonly account: string;
  readonly region: string;
  /**
   * Authorizes access to a key, besides its policy.
   * @default - all access is allowed
   */
  readonly authorize?: (request: KeyAccessRequest) => boolean;
  /**
   * The KMS of another account in the same Region, whose keys an ARN may name.
   * @default - there is none
   */
  readonly elsewhere?: (account: string) => Kms | undefined;
  /**
   * Limits that differ from AWS's.
   * @default - AWS's limits in the Region
   */
  readonly limits?: Partial<KmsLimits>;
}

const MOST_PLAINTEXT = 4_096;
const MOST_CIPHERTEXT = 6_144;
const ALGORITHM = 'SYMMETRIC_DEFAULT';

/**
 * AWS KMS in one account and Region. Each action takes and returns the types of the SDK command of that name, and
 * throws an AwsError if AWS returns an error. Ciphertexts are really encrypted (AES-256-GCM) and name their key, but
 * the key material comes from seeded randomness, so it protects nothing.
 */
export class Kms {
  private readonly ring: KeyRing;
  private readonly limits: KmsLimits;
  private readonly requests = new Throttle();

  constructor(private readonly dependencies: KmsDependencies) {
    const { clock, random, account, region, elsewhere } = dependencies;
    this.ring = new KeyRing({ clock, random, account, region, elsewhere: (other) => elsewhere?.(other)?.ring });
    this.limits = { ...awsLimits(region), ...dependencies.limits };
  }

  public createKey(input: CreateKeyRequest, _context: RequestContext): CreateKeyResponse {
    const { Description = '', Policy, Tags = [], Origin = 'AWS_KMS', MultiRegion = false } = input;
    checkLength('description', Description, 0, 8_192);
    checkOneOf('origin', Origin, ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']);
    if (input.CustomKeyStoreId !== undefined) throw customKeyStoreNotFound(input.CustomKeyStoreId);
    if (Origin !== 'AWS_KMS' && Origin !== 'EXTERNAL') {
      throw unsupportedOperation(`Origin ${Origin} is not emulated: AWS_KMS and EXTERNAL are.`);
    }
    const kind = keyKind(input.KeySpec ?? input.CustomerMasterKeySpec, input.KeyUsage);
    if (Policy !== undefined) compilePolicy(Policy);
    const tags = new Map<string, string>();
    addTags(tags, Tags);
    const key = this.ring.add({
      kind,
      manager: 'CUSTOMER',
      origin: Origin,
      multiRegion: MultiRegion,
      description: Description,
      policy: Policy ?? defaultPolicy(this.dependencies.account),
    });
    for (const [name, value] of tags) key.tags.set(name, value);
    return { KeyMetadata: key.metadata };
  }

  public describeKey({ KeyId = '' }: DescribeKeyRequest, context: RequestContext): DescribeKeyResponse {
    const key = this.ring.find(KeyId);
    this.authorize('DescribeKey', key, context);
    return { KeyMetadata: key.metadata };
  }

  public listKeys({ Limit, Marker }: ListKeysRequest, _context: RequestContext): ListKeysResponse {
    checkRange('limit', Limit, 1, 1_000);
    const { items, nextToken } = page(this.ring.all(), Limit ?? 100, Marker, invalidMarker);
    const Keys = items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn }));
    return { Keys, Truncated: nextToken !== undefined, NextMarker: nextToken };
  }

  public updateKeyDescription({ KeyId, Description = '' }: UpdateKeyDescriptionRequest, context: RequestContext): void {
    const key = this.managed('UpdateKeyDescription', KeyId, context);
    checkLength('description', Description, 0, 8_192);
    key.checkNotPendingDeletion();
    key.description = Description;
  }

  public enableKey({ KeyId }: EnableKeyRequest, context: RequestContext): void {
    const key = this.managed('EnableKey', KeyId, context);
    key.enable();
    this.recordState(key);
  }

  public disableKey({ KeyId }: DisableKeyRequest, context: RequestContext): void {
    const key = this.managed('DisableKey', KeyId, context);
    key.disable();
    this.recordState(key);
  }

  public scheduleKeyDeletion(input: ScheduleKeyDeletionRequest, context: RequestContext): ScheduleKeyDeletionResponse {
    const { PendingWindowInDays = 30 } = input;
    checkRange('pendingWindowInDays', PendingWindowInDays, 7, 30);
    const key = this.managed('ScheduleKeyDeletion', input.KeyId, context);
    const at = key.scheduleDeletion(PendingWindowInDays, () => {
      this.ring.remove(key);
      this.dependencies.timeline.record('kms.deleted', key.id);
    });
    this.recordState(key);
    return { KeyId: key.arn, DeletionDate: new Date(at), KeyState: 'PendingDeletion', PendingWindowInDays };
  }

  public cancelKeyDeletion({ KeyId }: CancelKeyDeletionRequest, context: RequestContext): CancelKeyDeletionResponse {
    const key = this.managed('CancelKeyDeletion', KeyId, context);
    key.cancelDeletion();
    this.recordState(key);
    return { KeyId: key.arn };
  }

  public enableKeyRotation({ KeyId, RotationPeriodInDays }: EnableKeyRotationRequest, context: RequestContext): void {
    checkRange('rotationPeriodInDays', RotationPeriodInDays, 90, 2_560);
    this.rotatable('EnableKeyRotation', KeyId, context).rotate(RotationPeriodInDays);
  }

  public disableKeyRotation({ KeyId }: DisableKeyRotationRequest, context: RequestContext): void {
    this.rotatable('DisableKeyRotation', KeyId, context).stopRotation();
  }

  public getKeyRotationStatus(
    { KeyId = '' }: GetKeyRotationStatusRequest,
    context: RequestContext,
  ): GetKeyRotationStatusResponse {
    const key = this.ring.own(KeyId);
    this.authorize('GetKeyRotationStatus', key, context);
    const rotation = key.rotationStatus;
    return {
      KeyId: key.arn,
      KeyRotationEnabled: rotation !== undefined,
      ...(rotation && { RotationPeriodInDays: rotation.periodInDays, NextRotationDate: new Date(rotation.next) }),
    };
  }

  public getKeyPolicy(
    { KeyId = '', PolicyName = 'default' }: GetKeyPolicyRequest,
    context: RequestContext,
  ): GetKeyPolicyResponse {
    const key = this.ring.own(KeyId);
    this.authorize('GetKeyPolicy', key, context);
    if (PolicyName !== 'default') throw noSuchPolicy();
    return { Policy: key.policy, PolicyName };
  }

  public putKeyPolicy(
    { KeyId, PolicyName = 'default', Policy = '' }: PutKeyPolicyRequest,
    context: RequestContext,
  ): void {
    const key = this.managed('PutKeyPolicy', KeyId, context);
    if (PolicyName !== 'default') throw noSuchPolicy();
    compilePolicy(Policy);
    key.checkNotPendingDeletion();
    key.policy = Policy;
  }

  public listKeyPolicies({ KeyId = '' }: ListKeyPoliciesRequest, context: RequestContext): ListKeyPoliciesResponse {
    this.authorize('ListKeyPolicies', this.ring.own(KeyId), context);
    return { PolicyNames: ['default'], Truncated: false };
  }

  public tagResource({ KeyId, Tags = [] }: TagResourceRequest, context: RequestContext): void {
    const key = this.managed('TagResource', KeyId, context);
    key.checkNotPendingDeletion();
    addTags(key.tags, Tags);
  }

  public untagResource({ KeyId, TagKeys = [] }: UntagResourceRequest, context: RequestContext): void {
    const key = this.managed('UntagResource', KeyId, context);
    key.checkNotPendingDeletion();
    for (const name of TagKeys) key.tags.delete(name);
  }

  public listResourceTags(input: ListResourceTagsRequest, context: RequestContext): ListResourceTagsResponse {
    checkRange('limit', input.Limit, 1, 50);
    const key = this.ring.own(input.KeyId ?? '');
    this.authorize('ListResourceTags', key, context);
    const { items, nextToken } = page([...key.tags], input.Limit ?? 50, input.Marker, invalidMarker);
    const Tags = items.map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    return { Tags, Truncated: nextToken !== undefined, NextMarker: nextToken };
  }

  public createAlias({ AliasName = '', TargetKeyId = '' }: CreateAliasRequest, context: RequestContext): void {
    checkAliasName(AliasName);
    checkNotReserved(AliasName);
    const key = this.managed('CreateAlias', TargetKeyId, context);
    key.checkNotPendingDeletion();
    this.ring.addAlias(AliasName, key);
  }

  public updateAlias({ AliasName = '', TargetKeyId = '' }: UpdateAliasRequest, context: RequestContext): void {
    checkAliasName(AliasName);
    checkNotReserved(AliasName);
    const { keyId } = this.ring.alias(AliasName);
    const key = this.managed('UpdateAlias', TargetKeyId, context);
    key.checkNotPendingDeletion();
    this.managed('UpdateAlias', keyId, context);
    this.ring.moveAlias(AliasName, key);
  }

  public deleteAlias({ AliasName = '' }: DeleteAliasRequest, context: RequestContext): void {
    checkAliasName(AliasName);
    checkNotReserved(AliasName);
    this.managed('DeleteAlias', this.ring.alias(AliasName).keyId, context);
    this.ring.removeAlias(AliasName);
  }

  public listAliases({ KeyId, Limit, Marker }: ListAliasesRequest, _context: RequestContext): ListAliasesResponse {
    checkRange('limit', Limit, 1, 100);
    const key = KeyId === undefined ? undefined : this.ring.own(KeyId);
    const aliases = this.ring.allAliases().filter(({ keyId }) => key === undefined || keyId === key.id);
    const { items, nextToken } = page(aliases, Limit ?? 50, Marker, invalidMarker);
    const Aliases = items.map(({ name, keyId, createdAt, updatedAt }): AliasListEntry => ({
      AliasName: name,
      AliasArn: this.ring.arnOf(name),
      TargetKeyId: keyId,
      CreationDate: new Date(createdAt),
      LastUpdatedDate: new Date(updatedAt),
    }));
    return { Aliases, Truncated: nextToken !== undefined, NextMarker: nextToken };
  }

  public generateDataKey(input: GenerateDataKeyRequest, context: RequestContext): GenerateDataKeyResponse {
    return this.newDataKey('GenerateDataKey', input, context);
  }

  public generateDataKeyWithoutPlaintext(
    input: GenerateDataKeyWithoutPlaintextRequest,
    context: RequestContext,
  ): GenerateDataKeyWithoutPlaintextResponse {
    const { Plaintext: _, ...rest } = this.newDataKey('GenerateDataKeyWithoutPlaintext', input, context);
    return rest;
  }

  public encrypt(input: EncryptRequest, context: RequestContext): EncryptResponse {
    const { KeyId = '', Plaintext = new Uint8Array(), EncryptionContext: encryptionContext = {} } = input;
    checkLength('plaintext', Plaintext, 1, MOST_PLAINTEXT);
    return this.use(
      'Encrypt',
      { name: KeyId, find: () => this.ring.find(KeyId), encryptionContext },
      context,
      (key) => {
        checkAlgorithm(input.EncryptionAlgorithm);
        if (input.DryRun === true) throw dryRun();
        const { ciphertext } = this.seal(Plaintext, key, encryptionContext);
        return { CiphertextBlob: ciphertext, KeyId: key.arn, EncryptionAlgorithm: ALGORITHM };
      },
    );
  }

  public decrypt(input: DecryptRequest, context: RequestContext): DecryptResponse {
    const { CiphertextBlob: blob = new Uint8Array(), EncryptionContext: encryptionContext = {}, KeyId } = input;
    if (input.Recipient !== undefined) throw noEnclaves();
    return this.use('Decrypt', this.sealedBy(blob, KeyId, encryptionContext), context, (key) => {
      checkAlgorithm(input.EncryptionAlgorithm);
      const { plaintext, material } = openWith(key, blob, encryptionContext);
      if (input.DryRun === true) throw dryRun();
      return {
        KeyId: key.arn,
        Plaintext: plaintext,
        EncryptionAlgorithm: ALGORITHM,
        KeyMaterialId: material.id,
      };
    });
  }

  public reEncrypt(input: ReEncryptRequest, context: RequestContext): ReEncryptResponse {
    const { CiphertextBlob: blob = new Uint8Array(), DestinationKeyId = '' } = input;
    const { SourceEncryptionContext: from = {}, DestinationEncryptionContext: to = {} } = input;
    const opened = this.use('ReEncryptFrom', this.sealedBy(blob, input.SourceKeyId, from), context, (key) => {
      checkAlgorithm(input.SourceEncryptionAlgorithm);
      return { key, ...openWith(key, blob, from) };
    });
    const destination = { name: DestinationKeyId, find: () => this.ring.find(DestinationKeyId), encryptionContext: to };
    return this.use('ReEncryptTo', destination, context, (key) => {
      checkAlgorithm(input.DestinationEncryptionAlgorithm);
      if (input.DryRun === true) throw dryRun();
      const { ciphertext, material } = this.seal(opened.plaintext, key, to);
      return {
        CiphertextBlob: ciphertext,
        SourceKeyId: opened.key.arn,
        KeyId: key.arn,
        SourceEncryptionAlgorithm: ALGORITHM,
        DestinationEncryptionAlgorithm: ALGORITHM,
        SourceKeyMaterialId: opened.material.id,
        DestinationKeyMaterialId: material.id,
      };
    });
  }

  private newDataKey(action: string, input: GenerateDataKeyRequest, context: RequestContext): GenerateDataKeyResponse {
    const { KeyId = '', EncryptionContext: encryptionContext = {} } = input;
    const length = dataKeyLength(input);
    if (input.Recipient !== undefined) throw noEnclaves();
    return this.use(action, { name: KeyId, find: () => this.ring.find(KeyId), encryptionContext }, context, (key) => {
      if (input.DryRun === true) throw dryRun();
      const plaintext = Buffer.from(this.dependencies.random.hex(length * 2), 'hex');
      const { ciphertext, material } = this.seal(plaintext, key, encryptionContext);
      return { CiphertextBlob: ciphertext, Plaintext: plaintext, KeyId: key.arn, KeyMaterialId: material.id };
    });
  }

  private seal(plaintext: Uint8Array, key: Key, encryptionContext: EncryptionContext) {
    const { material } = key;
    const nonce = Buffer.from(this.dependencies.random.hex(NONCE_BYTES * 2), 'hex');
    const header = { keyArn: key.arn, material: material.index };
    return { ciphertext: seal(plaintext, material.bytes, nonce, header, encryptionContext), material };
  }

  /** The key of a ciphertext. Throws if the caller expects a different one. */
  private sealedBy(blob: Uint8Array, expected: string | undefined, encryptionContext: EncryptionContext): NamedKey {
    checkLength('ciphertextBlob', blob, 1, MOST_CIPHERTEXT);
    const find = () => {
      const { keyArn } = headerOf(blob);
      const demanded = expected === undefined ? undefined : this.ring.find(expected);
      const key = this.known(keyArn);
      if (demanded !== undefined && demanded !== key) throw incorrectKey();
      if (key === undefined) throw unknownCiphertextKey();
      return key;
    };
    return { name: expected ?? 'unknown', find, encryptionContext };
  }

  private known(keyArn: string): Key | undefined {
    try {
      return this.ring.find(keyArn);
    } catch (error) {
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  }

  /**
   * Runs `work` with a key, after authorizing the caller and checking the key's state. Records the use in the timeline,
   * whether or not it succeeds.
   */
  private use<T>(
    action: string,
    { name, find, encryptionContext }: NamedKey,
    context: RequestContext,
    work: (key: Key) => T,
  ): T {
    let subject = name;
    try {
      const { symmetricRequestsPerSecond: perSecond } = this.limits;
      if (!this.requests.take(['symmetric'], perSecond, this.dependencies.clock.now())) throw throttled();
      const key = find();
      subject = key.id;
      this.authorize(action, key, context, encryptionContext);
      key.checkUsable(action);
      const result = work(key);
      this.recordUse(action, subject, context, encryptionContext);
      return result;
    } catch (error) {
      if (error instanceof AwsError) this.recordUse(action, subject, context, encryptionContext, error.shape);
      throw error;
    }
  }

  private recordUse(
    action: string,
    subject: string,
    context: RequestContext,
    given: EncryptionContext,
    error?: string,
  ): void {
    const { timeline } = this.dependencies;
    if (!timeline.observed) return;
    const pairs = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    timeline.record(`kms.${action[0].toLowerCase()}${action.slice(1)}`, subject, {
      principal: context.principal,
      context: pairs.length === 0 ? undefined : pairs.join(','),
      error,
    });
  }

  private recordState(key: Key): void {
    this.dependencies.timeline.record('kms.state', key.id, { state: key.metadata.KeyState });
  }

  /** Finds a customer managed key of this account. */
  private managed(action: string, keyId: string | undefined, context: RequestContext): Key {
    const key = this.ring.own(keyId ?? '');
    this.authorize(action, key, context);
    if (key.managedByAws) throw notAuthorized(context.principal, action, key.arn, 'managed by AWS');
    return key;
  }

  private rotatable(action: string, keyId: string | undefined, context: RequestContext): Key {
    const key = this.managed(action, keyId, context);
    key.checkEnabled();
    if (!key.rotatable) throw unsupportedOperation(`${key.arn} does not support automatic rotation.`);
    return key;
  }

  /**
   * Callers of the key's own account may do what they ask for, as the default key policy leaves it to their identity
   * policies, which are evaluated only for the roles with which AWS services act. AWS services, and callers of other
   * accounts, need the key policy's permission.
   */
  private authorize(action: string, key: Key, context: RequestContext, given: EncryptionContext = {}): void {
    const { arn, managedByAws } = key;
    const { principal } = context;
    const own = parseArn(principal)?.account === parseArn(arn)?.account;
    // The policy of an AWS managed key admits only its own account, through the service that it is for.
    if (managedByAws && !own) throw notAuthorized(principal, action, arn, 'managed by AWS');
    if (this.dependencies.authorize?.({ action, keyArn: arn, principal }) === false) {
      throw notAuthorized(principal, action, arn);
    }
    const { identity } = context;
    if (own && (identity === undefined || managedByAws)) return;
    const request = {
      ...accessOf(context, `kms:${action}`, arn, this.dependencies.clock.now()),
      keys: conditionKeys(given, context),
    };
    const verdict = key.policyVerdict(request);
    if (verdict !== 'Allow') throw notAuthorized(principal, action, arn, verdict === 'Deny' ? 'denied' : 'not allowed');
    const said = identity === undefined ? 'Allow' : identity.verdict(request);
    if (identity === undefined || said === 'Allow') return;
    // A policy that names the role, and not only its account, needs no permission of the role.
    const namesRole = own && said === undefined && key.policyVerdict({ ...request, account: '' }) === 'Allow';
    if (!namesRole) throw refused(principal, action, arn, byIdentity({ identity, request }, said === 'Deny'));
  }
}

function conditionKeys(given: EncryptionContext, { account, viaService }: RequestContext): Record<string, string> {
  const pairs = Object.entries(given).map(([name, value]) => [`kms:encryptioncontext:${name.toLowerCase()}`, value]);
  return {
    ...(Object.fromEntries(pairs) as Record<string, string>),
    'kms:calleraccount': account,
    ...(viaService !== undefined && { 'kms:viaservice': viaService }),
  };
}

/** The key of a request: its name, how to find it, and the encryption context. */
interface NamedKey {
  readonly name: string;
  readonly find: () => Key;
  readonly encryptionContext: EncryptionContext;
}

function openWith(
  key: Key,
  blob: Uint8Array,
  encryptionContext: EncryptionContext,
): { readonly plaintext: Uint8Array; readonly material: Material } {
  const material = key.materialAt(headerOf(blob).material);
  return { plaintext: open(blob, material.bytes, encryptionContext), material };
}

function checkAlgorithm(algorithm: string = ALGORITHM): void {
  if (algorithm !== ALGORITHM) {
    throw invalidKeyUsage(`Algorithm ${algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`);
  }
}

function noEnclaves(): AwsError {
  return unsupportedOperation('Recipient is not emulated: there are no enclaves.');
}
