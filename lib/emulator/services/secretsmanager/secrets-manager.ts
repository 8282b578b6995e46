import type {
  BatchGetSecretValueRequest,
  BatchGetSecretValueResponse,
  CancelRotateSecretRequest,
  CancelRotateSecretResponse,
  CreateSecretRequest,
  CreateSecretResponse,
  DeleteResourcePolicyRequest,
  DeleteResourcePolicyResponse,
  DeleteSecretRequest,
  DeleteSecretResponse,
  DescribeSecretRequest,
  DescribeSecretResponse,
  GetRandomPasswordRequest,
  GetRandomPasswordResponse,
  GetResourcePolicyRequest,
  GetResourcePolicyResponse,
  GetSecretValueRequest,
  GetSecretValueResponse,
  ListSecretsRequest,
  ListSecretsResponse,
  ListSecretVersionIdsRequest,
  ListSecretVersionIdsResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  PutSecretValueRequest,
  PutSecretValueResponse,
  RestoreSecretRequest,
  RestoreSecretResponse,
  RotateSecretRequest,
  RotateSecretResponse,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateSecretRequest,
  UpdateSecretResponse,
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse,
  ValidateResourcePolicyRequest,
  ValidateResourcePolicyResponse,
} from '@aws-sdk/client-secrets-manager';
import { DAY, type Random } from '../../clock';
import { AwsError, formatArn, ModelConstraints, page, type RequestContext } from '../../core';
import { MalformedPolicy, readPolicy } from '../../core/policy';
import { exists, invalidParameter, invalidRequest, invalidToken, validation } from './errors';
import { LIMITS } from './limits';
import type { SecretEncryption } from './ports';
import { Rotations, type RotationsDependencies } from './rotation/rotations';
import { describeSecret, filterBy, orderBy, stagesOf } from './secrets/listing';
import { randomPassword } from './secrets/password';
import { CURRENT, moveStage, PREVIOUS, type Secret, versionAt } from './secrets/secret';
import { SecretStore } from './secrets/secret-store';
import { checkRequestToken, checkValue, SecretValues } from './secrets/secret-values';
import { parseSecretReference } from './secrets/secret-reference';

const LARGEST_PAGE = 100;
const LARGEST_BATCH = 20;

/** What {@link SecretsManager} needs. */
export interface SecretsManagerDependencies extends RotationsDependencies {
  readonly encryption: () => SecretEncryption;
}

/** A secret, for views. */
export interface SecretView {
  readonly name: string;
  readonly rotates: boolean;
  readonly deleted: boolean;
}

/** AWS Secrets Manager of one account and Region. */
export class SecretsManager {
  private readonly store: SecretStore;
  private readonly values: SecretValues;
  private readonly rotations: Rotations;
  private readonly ids: Random;
  private readonly passwords: Random;

  constructor(private readonly dependencies: SecretsManagerDependencies) {
    const { clock, random, encryption } = dependencies;
    this.store = new SecretStore(dependencies);
    this.values = new SecretValues(clock, encryption);
    this.rotations = new Rotations(dependencies);
    this.ids = random.fork('versions');
    this.passwords = random.fork('passwords');
  }

  public createSecret(input: CreateSecretRequest, context: RequestContext): CreateSecretResponse {
    const { Name: name = '', ClientRequestToken: id = this.ids.uuid(), Description, KmsKeyId, Tags = [], Type } = input;
    if (input.AddReplicaRegions !== undefined)
      throw invalidParameter('AddReplicaRegions is not emulated: leave it out.');
    checkName(name);
    checkRequestToken(id);
    checkDescription(Description);
    const tags = new Map<string, string>();
    addTags(tags, Tags);
    const hasValue = checkValue(input);
    const existing = this.store.named(name);
    if (existing?.deletion !== undefined) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (existing !== undefined) {
      // A repeated request gets the secret that it has created.
      if (!existing.versions.has(id)) {
        throw exists(`The operation failed because the secret ${name} already exists.`);
      }
      this.values.put(existing, id, input, context);
      return { ARN: existing.arn, Name: name, VersionId: id };
    }
    const secret = this.store.create(name);
    secret.description = Description;
    secret.keyId = KmsKeyId === '' ? undefined : KmsKeyId;
    secret.type = Type;
    for (const [key, value] of tags) secret.tags.set(key, value);
    try {
      if (hasValue) this.values.put(secret, id, input, context);
    } catch (error) {
      this.store.remove(secret);
      throw error;
    }
    return { ARN: secret.arn, Name: name, ...(hasValue && { VersionId: id }) };
  }

  public putSecretValue(input: PutSecretValueRequest, context: RequestContext): PutSecretValueResponse {
    const { SecretId = '', ClientRequestToken: id = this.ids.uuid(), VersionStages: stages } = input;
    checkRequestToken(id);
    new ModelConstraints().length('versionStages', stages, 1, LIMITS.stagesPerVersion).check('ValidationException');
    if (!checkValue(input)) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    const secret = this.store.findLive(SecretId);
    const version = this.values.put(secret, id, input, context, stages);
    return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: [...version.stages] };
  }

  /** Changes what the request gives, and puts a new current value if it has one. */
  public updateSecret(input: UpdateSecretRequest, context: RequestContext): UpdateSecretResponse {
    const { SecretId = '', ClientRequestToken: id = this.ids.uuid(), Description, KmsKeyId, Type } = input;
    checkRequestToken(id);
    checkDescription(Description);
    const hasValue = checkValue(input);
    const secret = this.store.findLive(SecretId);
    if (KmsKeyId !== undefined) secret.keyId = KmsKeyId === '' ? undefined : KmsKeyId;
    if (Description !== undefined) secret.description = Description;
    if (Type !== undefined) secret.type = Type;
    secret.changedAt = this.dependencies.clock.now();
    if (hasValue) this.values.put(secret, id, input, context);
    return { ARN: secret.arn, Name: secret.name, ...(hasValue && { VersionId: id }) };
  }

  public getSecretValue(input: GetSecretValueRequest, context: RequestContext): GetSecretValueResponse {
    const { SecretId = '', VersionId, VersionStage } = input;
    return this.read(this.store.findLive(SecretId), VersionId, VersionStage, context);
  }

  /** Values that cannot be read are among the errors. */
  public batchGetSecretValue(input: BatchGetSecretValueRequest, context: RequestContext): BatchGetSecretValueResponse {
    const { SecretIdList: ids, Filters: filters, MaxResults: size = LARGEST_BATCH, NextToken: token } = input;
    if ((ids === undefined) === (filters === undefined)) {
      throw invalidParameter('Either SecretIdList or Filters must be provided, but not both.');
    }
    new ModelConstraints()
      .length('secretIdList', ids, 1, LARGEST_BATCH)
      .range('maxResults', size, 1, LARGEST_BATCH)
      .check('ValidationException');
    const passes = filterBy(filters);
    const found = ids ?? this.live.filter(passes).map(({ arn }) => arn);
    const { items, nextToken } = page(found, size, token, invalidToken);
    const values: BatchGetSecretValueResponse['SecretValues'] = [];
    const errors: BatchGetSecretValueResponse['Errors'] = [];
    for (const SecretId of items) {
      try {
        values.push(this.getSecretValue({ SecretId }, context));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        errors.push({ SecretId, ErrorCode: error.shape, Message: error.message });
      }
    }
    return { SecretValues: values, Errors: errors, ...(nextToken !== undefined && { NextToken: nextToken }) };
  }

  public describeSecret({ SecretId = '' }: DescribeSecretRequest, _context: RequestContext): DescribeSecretResponse {
    const secret = this.store.find(SecretId);
    const stages = stagesOf(secret);
    return { ...describeSecret(secret), ...(Object.keys(stages).length > 0 && { VersionIdsToStages: stages }) };
  }

  public listSecrets(input: ListSecretsRequest, _context: RequestContext): ListSecretsResponse {
    const { IncludePlannedDeletion: deleted = false, MaxResults: size = LARGEST_PAGE, NextToken: token } = input;
    new ModelConstraints().range('maxResults', size, 1, LARGEST_PAGE).check('ValidationException');
    const all = (deleted ? this.store.all : this.live).filter(filterBy(input.Filters)).sort(orderBy(input));
    const { items, nextToken } = page(all, size, token, invalidToken);
    return {
      SecretList: items.map((secret) => ({ ...describeSecret(secret), SecretVersionsToStages: stagesOf(secret) })),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  }

  public listSecretVersionIds(
    input: ListSecretVersionIdsRequest,
    _context: RequestContext,
  ): ListSecretVersionIdsResponse {
    const {
      SecretId = '',
      IncludeDeprecated: deprecated = false,
      MaxResults: size = LARGEST_PAGE,
      NextToken: token,
    } = input;
    new ModelConstraints().range('maxResults', size, 1, LARGEST_PAGE).check('ValidationException');
    const secret = this.store.find(SecretId);
    const all = [...secret.versions.values()].filter(({ stages }) => deprecated || stages.size > 0);
    const { items, nextToken } = page(all, size, token, invalidToken);
    return {
      ARN: secret.arn,
      Name: secret.name,
      Versions: items.map(({ id, stages, createdAt, lastAccessedAt, value }) => ({
        VersionId: id,
        ...(stages.size > 0 && { VersionStages: [...stages] }),
        ...(lastAccessedAt !== undefined && { LastAccessedDate: new Date(lastAccessedAt) }),
        CreatedDate: new Date(createdAt),
        ...(value !== undefined && {
          KmsKeyIds: [value.keyId.startsWith('alias/aws/') ? 'DefaultEncryptionKey' : value.keyId],
        }),
      })),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  }

  public updateSecretVersionStage(
    input: UpdateSecretVersionStageRequest,
    _context: RequestContext,
  ): UpdateSecretVersionStageResponse {
    const { SecretId = '', VersionStage: stage = '', MoveToVersionId: to, RemoveFromVersionId: from } = input;
    const secret = this.store.findLive(SecretId);
    const holder = versionAt(secret, stage);
    if (holder !== undefined && from === undefined && holder.id !== to) {
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ` +
          `${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    }
    if (from !== undefined && holder?.id !== from) {
      throw invalidParameter(
        `Staging label ${stage} is not attached to version ${from}, so it can't be removed from that version.`,
      );
    }
    if (to === undefined) {
      if (stage === CURRENT)
        throw invalidParameter(`You can't remove the staging label ${CURRENT}: move it to another version.`);
      holder?.stages.delete(stage);
    } else {
      const target = secret.versions.get(to);
      if (target === undefined) throw invalidParameter(`Secrets Manager can't find the version ${to} of the secret.`);
      moveStage(secret, stage, target);
    }
    secret.changedAt = this.dependencies.clock.now();
    return { ARN: secret.arn, Name: secret.name };
  }

  /** Schedules a secret's deletion, or deletes it at once. */
  public deleteSecret(input: DeleteSecretRequest, _context: RequestContext): DeleteSecretResponse {
    const { SecretId = '', ForceDeleteWithoutRecovery: force = false, RecoveryWindowInDays: days } = input;
    const { clock, timeline, account, region } = this.dependencies;
    if (force && days !== undefined) {
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    }
    const { shortestRecovery, longestRecovery } = LIMITS;
    if (days !== undefined && (days < shortestRecovery || days > longestRecovery)) {
      throw invalidParameter(
        `The RecoveryWindowInDays value must be between ${shortestRecovery} and ${longestRecovery} days (inclusive).`,
      );
    }
    const now = clock.now();
    let secret;
    try {
      secret = this.store.find(SecretId);
    } catch (error) {
      // Forced, the deletion succeeds although there is nothing to delete.
      if (!force || !(error instanceof AwsError)) throw error;
      const arn = SecretId.startsWith('arn:')
        ? SecretId
        : formatArn('secretsmanager', region, account, `secret:${SecretId}`);
      return { ARN: arn, Name: SecretId, DeletionDate: new Date(now) };
    }
    if (secret.deletion !== undefined && !force) {
      throw invalidRequest("You tried to perform the operation on a secret that's currently marked deleted.");
    }
    timeline.record('secretsmanager.deleted', secret.name, { days: force ? 0 : (days ?? longestRecovery) });
    const goneAt = now + (force ? 0 : (days ?? longestRecovery) * DAY);
    secret.deletion = { at: now, goneAt };
    if (force) this.store.remove(secret);
    return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(goneAt) };
  }

  public restoreSecret({ SecretId = '' }: RestoreSecretRequest, _context: RequestContext): RestoreSecretResponse {
    const secret = this.store.find(SecretId);
    secret.deletion = undefined;
    return { ARN: secret.arn, Name: secret.name };
  }

  public rotateSecret(input: RotateSecretRequest, _context: RequestContext): RotateSecretResponse {
    checkRequestToken(input.ClientRequestToken);
    const secret = this.store.findLive(input.SecretId ?? '');
    const version = this.rotations.start(secret, input);
    return { ARN: secret.arn, Name: secret.name, VersionId: version };
  }

  public cancelRotateSecret(input: CancelRotateSecretRequest, _context: RequestContext): CancelRotateSecretResponse {
    const secret = this.store.findLive(input.SecretId ?? '');
    this.rotations.cancel(secret);
    return { ARN: secret.arn, Name: secret.name };
  }

  public getRandomPassword(input: GetRandomPasswordRequest, _context: RequestContext): GetRandomPasswordResponse {
    return { RandomPassword: randomPassword(this.passwords, input) };
  }

  /** Keeps a policy. It is not evaluated. */
  public putResourcePolicy(input: PutResourcePolicyRequest, _context: RequestContext): PutResourcePolicyResponse {
    const secret = this.store.findLive(input.SecretId ?? '');
    checkPolicy(input.ResourcePolicy ?? '');
    secret.policy = input.ResourcePolicy;
    return { ARN: secret.arn, Name: secret.name };
  }

  public getResourcePolicy(input: GetResourcePolicyRequest, _context: RequestContext): GetResourcePolicyResponse {
    const { arn, name, policy } = this.store.findLive(input.SecretId ?? '');
    return { ARN: arn, Name: name, ...(policy !== undefined && { ResourcePolicy: policy }) };
  }

  public deleteResourcePolicy(
    input: DeleteResourcePolicyRequest,
    _context: RequestContext,
  ): DeleteResourcePolicyResponse {
    const secret = this.store.findLive(input.SecretId ?? '');
    secret.policy = undefined;
    return { ARN: secret.arn, Name: secret.name };
  }

  public validateResourcePolicy(
    input: ValidateResourcePolicyRequest,
    _context: RequestContext,
  ): ValidateResourcePolicyResponse {
    if (input.SecretId !== undefined) this.store.findLive(input.SecretId);
    checkPolicy(input.ResourcePolicy ?? '');
    return { PolicyValidationPassed: true, ValidationErrors: [] };
  }

  public tagResource({ SecretId = '', Tags = [] }: TagResourceRequest, _context: RequestContext): void {
    addTags(this.store.findLive(SecretId).tags, Tags);
  }

  public untagResource({ SecretId = '', TagKeys = [] }: UntagResourceRequest, _context: RequestContext): void {
    const { tags } = this.store.findLive(SecretId);
    for (const key of TagKeys) tags.delete(key);
  }

  /** Sets AWS's own tags, such as CloudFormation's. */
  public setSystemTags(secretId: string, tags: Readonly<Record<string, string>>): void {
    const secret = this.store.find(secretId);
    for (const [key, value] of Object.entries(tags)) secret.tags.set(key, value);
  }

  /**
   * The value of a dynamic reference in a template: `id:SecretString:json-key:stage:version-id`, all but the id optional.
   * Undefined if there is no such secret, version or key.
   */
  public resolve(reference: string, context: RequestContext): string | undefined {
    const { id, jsonKey, stage, versionId } = parseSecretReference(reference);
    try {
      const { SecretString: text } = this.getSecretValue(
        { SecretId: id, VersionStage: stage, VersionId: versionId },
        context,
      );
      if (jsonKey === undefined || text === undefined) return text;
      const value: unknown = (JSON.parse(text) as Record<string, unknown> | null)?.[jsonKey];
      return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
    } catch (error) {
      if (error instanceof AwsError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** The secrets in order of creation, for views. */
  public secrets(): SecretView[] {
    return this.store.all.map(({ name, rotation, deletion }) => ({
      name,
      rotates: rotation?.enabled ?? false,
      deleted: deletion !== undefined,
    }));
  }

  public stop(): void {
    for (const { rotation } of this.store.all) rotation?.timer?.cancel();
  }

  private get live(): Secret[] {
    return this.store.all.filter(({ deletion }) => deletion === undefined);
  }

  private read(
    secret: Secret,
    id: string | undefined,
    stage: string | undefined,
    context: RequestContext,
  ): GetSecretValueResponse {
    const version = this.values.find(secret, id, stage);
    const value = this.values.open(secret, version, context);
    secret.accessedAt = version.lastAccessedAt = this.dependencies.clock.now();
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      ...value,
      VersionStages: [...version.stages].sort((a, b) => Number(a === PREVIOUS) - Number(b === PREVIOUS)),
      CreatedDate: new Date(version.createdAt),
    };
  }
}

function checkName(name: string): void {
  new ModelConstraints().length('name', name, 1, 512).check('ValidationException');
  if (/^[\w/+=.@!-]+$/.test(name)) return;
  throw validation(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

function checkDescription(description: string | undefined): void {
  new ModelConstraints().length('description', description, 0, 2_048).check('ValidationException');
}

function checkPolicy(policy: string): void {
  new ModelConstraints().length('resourcePolicy', policy, 1, 20_480).check('ValidationException');
  try {
    readPolicy(policy);
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw new AwsError(
      'MalformedPolicyDocumentException',
      `This resource policy contains invalid Json: ${error.message}`,
    );
  }
}

function addTags(
  tags: Map<string, string>,
  added: readonly { readonly Key?: string; readonly Value?: string }[],
): void {
  const constraints = new ModelConstraints();
  for (const { Key, Value } of added) constraints.length('key', Key, 1, 128).length('value', Value, 0, 256);
  constraints.check('ValidationException');
  if (new Set([...tags.keys(), ...added.map(({ Key }) => Key)]).size > LIMITS.tags) {
    throw invalidParameter(`A secret can have at most ${LIMITS.tags} tags.`);
  }
  for (const { Key = '', Value = '' } of added) tags.set(Key, Value);
}
