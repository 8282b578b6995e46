import type {
  BucketLifecycleConfiguration,
  CORSConfiguration,
  OwnershipControls,
  PublicAccessBlockConfiguration,
  PutBucketVersioningCommandInput,
  ServerSideEncryptionConfiguration,
  Tag,
} from '@aws-sdk/client-s3';
import type { RequestContext } from '../../../core';
import { MalformedPolicy, readPolicy } from '../../../core/policy';
import { invalidTag, malformedPolicy, malformedXml, noSuchConfiguration } from '../errors';
import { ownerOf } from '../objects/list-actions';
import { checkTags } from '../objects/tags';
import type { S3Context } from '../s3-context';
import type { Bucket } from './bucket';

interface BucketInput {
  readonly Bucket?: string;
}

const LARGEST_POLICY = 20_480;
const MOST_TAGS = 50;

const ENCRYPTION: ServerSideEncryptionConfiguration = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
};

/** The actions on the settings of a bucket. */
export class BucketSettings {
  constructor(private readonly context: S3Context) {}

  public versioning({ Bucket: name }: BucketInput, call: RequestContext) {
    const { versioning } = this.context.bucket(name, 'GetBucketVersioning', call);
    return versioning === undefined ? {} : { Status: versioning };
  }

  public setVersioning(
    { Bucket: name, VersioningConfiguration }: PutBucketVersioningCommandInput,
    call: RequestContext,
  ): void {
    const bucket = this.context.bucket(name, 'PutBucketVersioning', call);
    const status = VersioningConfiguration?.Status;
    if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
    bucket.versioning = status;
  }

  public policy({ Bucket: name }: BucketInput, call: RequestContext) {
    const { policy } = this.context.bucket(name, 'GetBucketPolicy', call);
    if (policy === undefined) {
      throw noSuchConfiguration('NoSuchBucketPolicy', 'The bucket policy does not exist', name ?? '');
    }
    return { Policy: policy.text };
  }

  public setPolicy(input: BucketInput & { readonly Policy?: unknown }, call: RequestContext): void {
    const bucket = this.context.bucket(input.Bucket, 'PutBucketPolicy', call);
    const text = typeof input.Policy === 'string' ? input.Policy : Buffer.from(input.Policy as Uint8Array).toString();
    if (Buffer.byteLength(text) > LARGEST_POLICY) {
      throw malformedPolicy('Normalized policy document exceeds the maximum allowed size of 20480 bytes.');
    }
    if (!text.trimStart().startsWith('{')) {
      throw malformedPolicy('This policy contains invalid Json');
    }
    try {
      bucket.policy = { text, compiled: readPolicy(text) };
    } catch (error) {
      if (error instanceof MalformedPolicy) throw malformedPolicy(error.message);
      throw error;
    }
  }

  public deletePolicy({ Bucket: name }: BucketInput, call: RequestContext): void {
    this.context.bucket(name, 'DeleteBucketPolicy', call).policy = undefined;
  }

  public tags({ Bucket: name }: BucketInput, call: RequestContext) {
    const { tags } = this.context.bucket(name, 'GetBucketTagging', call);
    if (tags === undefined) throw noSuchConfiguration('NoSuchTagSet', 'The TagSet does not exist', name ?? '');
    return { TagSet: [...tags] };
  }

  public setTags({ Bucket: name }: BucketInput, tags: readonly Tag[] | undefined, call: RequestContext): void {
    const bucket = this.context.bucket(name, 'PutBucketTagging', call);
    if (tags === undefined) throw malformedXml();
    if (tags.length > MOST_TAGS) throw invalidTag(`Bucket tag count cannot be greater than ${MOST_TAGS}`);
    checkTags(tags, MOST_TAGS);
    bucket.tags = tags;
  }

  public deleteTags({ Bucket: name }: BucketInput, call: RequestContext): void {
    this.context.bucket(name, 'PutBucketTagging', call).tags = undefined;
  }

  public cors({ Bucket: name }: BucketInput, call: RequestContext): CORSConfiguration {
    const { cors } = this.context.bucket(name, 'GetBucketCORS', call);
    if (cors !== undefined) return cors;
    throw noSuchConfiguration('NoSuchCORSConfiguration', 'The CORS configuration does not exist', name ?? '');
  }

  public setCors({ Bucket: name }: BucketInput, cors: CORSConfiguration | undefined, call: RequestContext): void {
    const bucket = this.context.bucket(name, 'PutBucketCORS', call);
    if (cors?.CORSRules === undefined || cors.CORSRules.length === 0) throw malformedXml();
    bucket.cors = cors;
  }

  public deleteCors({ Bucket: name }: BucketInput, call: RequestContext): void {
    this.context.bucket(name, 'PutBucketCORS', call).cors = undefined;
  }

  public lifecycle({ Bucket: name }: BucketInput, call: RequestContext): BucketLifecycleConfiguration {
    const { lifecycle } = this.context.bucket(name, 'GetLifecycleConfiguration', call);
    if (lifecycle !== undefined) return lifecycle;
    const message = 'The lifecycle configuration does not exist';
    throw noSuchConfiguration('NoSuchLifecycleConfiguration', message, name ?? '');
  }

  /** Returns the bucket, for its objects to be looked at. */
  public setLifecycle(
    { Bucket: name }: BucketInput,
    lifecycle: BucketLifecycleConfiguration | undefined,
    call: RequestContext,
  ): Bucket {
    const bucket = this.context.bucket(name, 'PutLifecycleConfiguration', call);
    if (lifecycle?.Rules === undefined || lifecycle.Rules.length === 0) throw malformedXml();
    for (const { Status } of lifecycle.Rules) if (Status !== 'Enabled' && Status !== 'Disabled') throw malformedXml();
    bucket.lifecycle = {
      Rules: lifecycle.Rules.map((rule, index) => ({ ...rule, ID: rule.ID ?? `rule-${index + 1}` })),
    };
    return bucket;
  }

  public deleteLifecycle({ Bucket: name }: BucketInput, call: RequestContext): void {
    this.context.bucket(name, 'PutLifecycleConfiguration', call).lifecycle = undefined;
  }

  public publicAccessBlock({ Bucket: name }: BucketInput, call: RequestContext) {
    const { publicAccessBlock } = this.context.bucket(name, 'GetBucketPublicAccessBlock', call);
    if (publicAccessBlock !== undefined) return { PublicAccessBlockConfiguration: publicAccessBlock };
    const message = 'The public access block configuration was not found';
    throw noSuchConfiguration('NoSuchPublicAccessBlockConfiguration', message, name ?? '');
  }

  public setPublicAccessBlock(
    { Bucket: name }: BucketInput,
    block: PublicAccessBlockConfiguration | undefined,
    call: RequestContext,
  ): void {
    const bucket = this.context.bucket(name, 'PutBucketPublicAccessBlock', call);
    bucket.publicAccessBlock = {
      BlockPublicAcls: block?.BlockPublicAcls ?? false,
      IgnorePublicAcls: block?.IgnorePublicAcls ?? false,
      BlockPublicPolicy: block?.BlockPublicPolicy ?? false,
      RestrictPublicBuckets: block?.RestrictPublicBuckets ?? false,
    };
  }

  public deletePublicAccessBlock({ Bucket: name }: BucketInput, call: RequestContext): void {
    this.context.bucket(name, 'PutBucketPublicAccessBlock', call).publicAccessBlock = undefined;
  }

  public ownership({ Bucket: name }: BucketInput, call: RequestContext) {
    const { ownership } = this.context.bucket(name, 'GetBucketOwnershipControls', call);
    if (ownership !== undefined) return { OwnershipControls: ownership };
    const message = 'The bucket ownership controls were not found';
    throw noSuchConfiguration('OwnershipControlsNotFoundError', message, name ?? '');
  }

  public setOwnership(
    { Bucket: name }: BucketInput,
    ownership: OwnershipControls | undefined,
    call: RequestContext,
  ): void {
    const bucket = this.context.bucket(name, 'PutBucketOwnershipControls', call);
    if (ownership?.Rules === undefined || ownership.Rules.length !== 1) throw malformedXml();
    bucket.ownership = ownership;
  }

  public deleteOwnership({ Bucket: name }: BucketInput, call: RequestContext): void {
    this.context.bucket(name, 'PutBucketOwnershipControls', call).ownership = undefined;
  }

  /** Every bucket is encrypted with keys of S3, unless it says otherwise. */
  public encryption({ Bucket: name }: BucketInput, call: RequestContext) {
    const { encryption = ENCRYPTION } = this.context.bucket(name, 'GetEncryptionConfiguration', call);
    return { ServerSideEncryptionConfiguration: encryption };
  }

  public setEncryption(
    { Bucket: name }: BucketInput,
    encryption: ServerSideEncryptionConfiguration | undefined,
    call: RequestContext,
  ): void {
    const bucket = this.context.bucket(name, 'PutEncryptionConfiguration', call);
    if (encryption?.Rules === undefined || encryption.Rules.length !== 1) throw malformedXml();
    bucket.encryption = encryption;
  }

  public deleteEncryption({ Bucket: name }: BucketInput, call: RequestContext): void {
    this.context.bucket(name, 'PutEncryptionConfiguration', call).encryption = undefined;
  }

  /** There is nothing but the owner's control: access control lists are off for new buckets. */
  public acl({ Bucket: name, Key }: BucketInput & { readonly Key?: string }, call: RequestContext) {
    const bucket = this.context.bucket(name, Key === undefined ? 'GetBucketAcl' : 'GetObjectAcl', call, Key);
    const Owner = ownerOf(bucket.account);
    return { Owner, Grants: [{ Grantee: { ...Owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }] };
  }
}
