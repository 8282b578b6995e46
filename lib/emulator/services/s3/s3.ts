import { readFileSync } from 'node:fs';
import type * as sdk from '@aws-sdk/client-s3';
import type { Clock, Random } from '../../clock';
import type { Deliver, RequestContext } from '../../core';
import type { Timeline } from '../../timeline';
import type { ServiceInstance } from '../service-definition';
import { authorize } from './buckets/authorization';
import { Bucket } from './buckets/bucket';
import { BucketSettings } from './buckets/bucket-settings';
import { checkName } from './buckets/names';
import {
  bucketExists,
  bucketNotEmpty,
  bucketOwnedByYou,
  illegalLocation,
  invalidLocation,
  noSuchBucket,
  permanentRedirect,
} from './errors';
import { Lifecycle } from './lifecycle/lifecycle';
import { MultipartActions } from './multipart/multipart-actions';
import { Notifications } from './notifications/notifications';
import { ListActions, ownerOf } from './objects/list-actions';
import type { Body } from './objects/content';
import { ObjectActions } from './objects/object-actions';
import { uploadOf } from './objects/upload';
import type { NotifiedFunctions, ObjectFiles } from './ports';
import type { S3Context } from './s3-context';

/** Finds the local file or folder of an asset; undefined if it does not belong to the assembly. */
export type AssetSource = (bucket: string, key: string) => string | undefined;

/** What S3 is made of. */
export interface S3Dependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly deliver: Deliver;
  /** S3 in all accounts and Regions that have begun: names of buckets are the same everywhere. */
  readonly everywhere: () => readonly S3[];
  readonly files: () => ObjectFiles;
  readonly functions: () => NotifiedFunctions;
}

/** A bucket, as views show it. */
export interface BucketView {
  readonly name: string;
  readonly objects: number;
}

const HOME = 'us-east-1';
const SEQUENCES = 4_096;

/** Amazon S3 in one account and Region, with the assets of the assemblies deployed there. */
export class S3 implements ServiceInstance {
  private readonly buckets = new Map<string, Bucket>();
  private readonly assets: AssetSource[] = [];
  private readonly objects: ObjectActions;
  private readonly lists: ListActions;
  private readonly uploads: MultipartActions;
  private readonly settings: BucketSettings;
  private readonly notifications: Notifications;
  private readonly lifecycle: Lifecycle;
  private lastSequence = 0;

  constructor(private readonly dependencies: S3Dependencies) {
    const { clock, random, files } = dependencies;
    const context: S3Context = {
      clock,
      random,
      files,
      bucket: (...asked) => this.bucket(...asked),
      sequencer: () => this.sequencer(),
    };
    this.objects = new ObjectActions(context);
    this.lists = new ListActions(context);
    this.uploads = new MultipartActions(context, this.objects);
    this.settings = new BucketSettings(context);
    this.notifications = new Notifications(dependencies);
    this.lifecycle = new Lifecycle(clock, this.objects, this.uploads, () => this.buckets.values());
  }

  /** Adds an assembly's assets. Those of earlier assemblies stay, since functions may still use them. */
  public addAssets(assets: AssetSource): void {
    if (!this.assets.includes(assets)) this.assets.unshift(assets); // several stacks of an assembly may deploy here
  }

  /** The local file or folder of an asset, from the newest assembly that has it; undefined if there is none. */
  public asset(bucket: string, key: string): string | undefined {
    for (const find of this.assets) {
      const found = find(bucket, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The buckets of this account and Region. */
  public views(): BucketView[] {
    return [...this.buckets.values()].map(({ name, objects }) => ({
      name,
      objects: [...objects.keysFrom('')].filter((key) => objects.newest(key)?.isDeleteMarker === false).length,
    }));
  }

  /** A bucket's keys in order, without those that are deleted; undefined if there is no such bucket. */
  public keys(name: string): string[] | undefined {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) return undefined;
    return [...bucket.objects.keysFrom('')].filter((key) => bucket.objects.newest(key)?.isDeleteMarker === false);
  }

  /** Puts an object whose bytes are at hand. */
  public putBytes(input: Omit<sdk.PutObjectCommandInput, 'Body'>, bytes: Uint8Array, call: RequestContext) {
    return this.objects.put({ ...input, Body: uploadOf(bytes) as never }, call);
  }

  /** The content of an object as text. */
  public text(name: string, key: string, call: RequestContext): string {
    const { Body: body } = this.objects.get({ Bucket: name, Key: key }, call) as { Body: Body };
    if (body instanceof Uint8Array) return Buffer.from(body).toString();
    return readFileSync(body.file)
      .subarray(body.start, body.start + body.length)
      .toString();
  }

  /** Removes all versions of all objects of a bucket below a prefix, and its uploads. */
  public emptyBucket(name: string, prefix = ''): void {
    const bucket = this.find(name);
    if (bucket === undefined) throw noSuchBucket(name);
    const { account, region } = bucket;
    const call = { account, region, principal: `arn:aws:iam::${account}:root`, endpoint: '' };
    for (const { key, versionId } of [...bucket.objects.all()]) {
      if (key.startsWith(prefix)) this.objects.remove(bucket, key, versionId, call);
    }
    for (const upload of [...bucket.uploads.values()]) {
      if (upload.key.startsWith(prefix)) this.uploads.discard(bucket, upload);
    }
  }

  public stop(): void {
    this.lifecycle.stop();
    for (const bucket of this.buckets.values()) this.forget(bucket);
  }

  public createBucket(input: sdk.CreateBucketCommandInput, call: RequestContext) {
    const { Bucket: name = '', CreateBucketConfiguration } = input;
    const { account, region, clock } = this.dependencies;
    checkName(name);
    const location: string | undefined = CreateBucketConfiguration?.LocationConstraint;
    if (location === HOME) throw invalidLocation(location);
    const wanted = location === 'EU' ? 'eu-west-1' : location;
    if ((wanted ?? HOME) !== region) throw illegalLocation(wanted ?? 'unspecified');
    const known = this.find(name);
    if (known !== undefined) {
      if (known.account !== account) throw bucketExists(name);
      // In its first Region S3 goes on as it did before there were others.
      if (region !== HOME || known.region !== region) throw bucketOwnedByYou(name);
      return { Location: `/${name}`, BucketArn: known.arn };
    }
    const bucket = new Bucket(name, account, region, clock.now(), (event, cause) =>
      this.notifications.tell(bucket, event, cause),
    );
    bucket.ownership = { Rules: [{ ObjectOwnership: input.ObjectOwnership ?? 'BucketOwnerEnforced' }] };
    bucket.publicAccessBlock = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    if (CreateBucketConfiguration?.Tags !== undefined) bucket.tags = CreateBucketConfiguration.Tags;
    this.buckets.set(name, bucket);
    void call;
    return {
      Location: region === HOME ? `/${name}` : `http://${name}.s3.amazonaws.com/`,
      BucketArn: bucket.arn,
    };
  }

  public headBucket({ Bucket: name }: sdk.HeadBucketCommandInput, call: RequestContext) {
    const { arn, region } = this.bucket(name, 'ListBucket', call);
    return { BucketArn: arn, BucketRegion: region, AccessPointAlias: false };
  }

  public deleteBucket({ Bucket: name }: sdk.DeleteBucketCommandInput, call: RequestContext): void {
    const bucket = this.bucket(name, 'DeleteBucket', call);
    if (!bucket.objects.isEmpty || bucket.uploads.size > 0) {
      throw bucketNotEmpty(bucket.name, bucket.versioning !== undefined);
    }
    for (const service of this.dependencies.everywhere()) service.buckets.delete(bucket.name);
  }

  public listBuckets(input: sdk.ListBucketsCommandInput, call: RequestContext) {
    const { Prefix = '', BucketRegion, MaxBuckets, ContinuationToken = '' } = input;
    const own = this.dependencies
      .everywhere()
      .filter(({ dependencies }) => dependencies.account === this.dependencies.account)
      .flatMap(({ buckets }) => [...buckets.values()])
      .filter(({ name, region }) => name.startsWith(Prefix) && (BucketRegion === undefined || region === BucketRegion))
      .filter(({ name }) => name > ContinuationToken)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = own.slice(0, MaxBuckets ?? own.length);
    return {
      Owner: ownerOf(call.account),
      Buckets: page.map(({ name, createdAt, region }) => ({
        Name: name,
        CreationDate: new Date(createdAt),
        BucketRegion: region,
      })),
      ...(input.Prefix !== undefined && { Prefix }),
      ...(page.length < own.length && { ContinuationToken: page.at(-1)?.name }),
    };
  }

  public getBucketLocation({ Bucket: name }: sdk.GetBucketLocationCommandInput, call: RequestContext) {
    const { region } = this.bucket(name, 'GetBucketLocation', call);
    return region === HOME ? {} : { LocationConstraint: region };
  }

  public putObject(input: sdk.PutObjectCommandInput, call: RequestContext) {
    return this.objects.put(input, call);
  }

  public getObject(input: sdk.GetObjectCommandInput, call: RequestContext) {
    return this.objects.get(input, call);
  }

  public headObject(input: sdk.HeadObjectCommandInput, call: RequestContext) {
    return this.objects.head(input, call);
  }

  public getObjectAttributes(input: sdk.GetObjectAttributesCommandInput, call: RequestContext) {
    return this.objects.attributes(input, call);
  }

  public deleteObject(input: sdk.DeleteObjectCommandInput, call: RequestContext) {
    return this.objects.delete(input, call);
  }

  public deleteObjects(input: sdk.DeleteObjectsCommandInput, call: RequestContext) {
    return this.objects.deleteAll(input, call);
  }

  public copyObject(input: sdk.CopyObjectCommandInput, call: RequestContext) {
    return this.objects.copy(input, call);
  }

  public getObjectTagging(input: sdk.GetObjectTaggingCommandInput, call: RequestContext) {
    return this.objects.tags(input, call);
  }

  public putObjectTagging(input: sdk.PutObjectTaggingCommandInput, call: RequestContext) {
    return this.objects.setTags(input, input.Tagging?.TagSet ?? [], call);
  }

  public deleteObjectTagging(input: sdk.DeleteObjectTaggingCommandInput, call: RequestContext) {
    return this.objects.setTags(input, [], call);
  }

  public getObjectAcl(input: sdk.GetObjectAclCommandInput, call: RequestContext) {
    this.objects.tags(input, call); // there must be such an object
    return this.settings.acl(input, call);
  }

  public listObjects(input: sdk.ListObjectsCommandInput, call: RequestContext) {
    return this.lists.list(input, call);
  }

  public listObjectsV2(input: sdk.ListObjectsV2CommandInput, call: RequestContext) {
    return this.lists.listV2(input, call);
  }

  public listObjectVersions(input: sdk.ListObjectVersionsCommandInput, call: RequestContext) {
    return this.lists.versions(input, call);
  }

  public createMultipartUpload(input: sdk.CreateMultipartUploadCommandInput, call: RequestContext) {
    return this.uploads.create(input, call);
  }

  public uploadPart(input: sdk.UploadPartCommandInput, call: RequestContext) {
    return this.uploads.uploadPart(input, call);
  }

  public uploadPartCopy(input: sdk.UploadPartCopyCommandInput, call: RequestContext) {
    return this.uploads.uploadPartCopy(input, call);
  }

  public completeMultipartUpload(input: sdk.CompleteMultipartUploadCommandInput, call: RequestContext) {
    return this.uploads.complete(input, call);
  }

  public abortMultipartUpload(input: sdk.AbortMultipartUploadCommandInput, call: RequestContext): void {
    this.uploads.abort(input, call);
  }

  public listParts(input: sdk.ListPartsCommandInput, call: RequestContext) {
    return this.uploads.listParts(input, call);
  }

  public listMultipartUploads(input: sdk.ListMultipartUploadsCommandInput, call: RequestContext) {
    return this.uploads.list(input, call);
  }

  public getBucketVersioning(input: sdk.GetBucketVersioningCommandInput, call: RequestContext) {
    return this.settings.versioning(input, call);
  }

  public putBucketVersioning(input: sdk.PutBucketVersioningCommandInput, call: RequestContext): void {
    this.settings.setVersioning(input, call);
  }

  public getBucketPolicy(input: sdk.GetBucketPolicyCommandInput, call: RequestContext) {
    return this.settings.policy(input, call);
  }

  public putBucketPolicy(input: sdk.PutBucketPolicyCommandInput, call: RequestContext): void {
    this.settings.setPolicy(input, call);
  }

  public deleteBucketPolicy(input: sdk.DeleteBucketPolicyCommandInput, call: RequestContext): void {
    this.settings.deletePolicy(input, call);
  }

  public getBucketTagging(input: sdk.GetBucketTaggingCommandInput, call: RequestContext) {
    return this.settings.tags(input, call);
  }

  public putBucketTagging(input: sdk.PutBucketTaggingCommandInput, call: RequestContext): void {
    this.settings.setTags(input, input.Tagging?.TagSet, call);
  }

  public deleteBucketTagging(input: sdk.DeleteBucketTaggingCommandInput, call: RequestContext): void {
    this.settings.deleteTags(input, call);
  }

  public getBucketCors(input: sdk.GetBucketCorsCommandInput, call: RequestContext) {
    return this.settings.cors(input, call);
  }

  public putBucketCors(input: sdk.PutBucketCorsCommandInput, call: RequestContext): void {
    this.settings.setCors(input, input.CORSConfiguration, call);
  }

  public deleteBucketCors(input: sdk.DeleteBucketCorsCommandInput, call: RequestContext): void {
    this.settings.deleteCors(input, call);
  }

  public getBucketLifecycleConfiguration(input: sdk.GetBucketLifecycleConfigurationCommandInput, call: RequestContext) {
    return this.settings.lifecycle(input, call);
  }

  public putBucketLifecycleConfiguration(
    input: sdk.PutBucketLifecycleConfigurationCommandInput,
    call: RequestContext,
  ): void {
    this.settings.setLifecycle(input, input.LifecycleConfiguration, call);
    this.lifecycle.start();
  }

  public deleteBucketLifecycle(input: sdk.DeleteBucketLifecycleCommandInput, call: RequestContext): void {
    this.settings.deleteLifecycle(input, call);
  }

  public getPublicAccessBlock(input: sdk.GetPublicAccessBlockCommandInput, call: RequestContext) {
    return this.settings.publicAccessBlock(input, call);
  }

  public putPublicAccessBlock(input: sdk.PutPublicAccessBlockCommandInput, call: RequestContext): void {
    this.settings.setPublicAccessBlock(input, input.PublicAccessBlockConfiguration, call);
  }

  public deletePublicAccessBlock(input: sdk.DeletePublicAccessBlockCommandInput, call: RequestContext): void {
    this.settings.deletePublicAccessBlock(input, call);
  }

  public getBucketOwnershipControls(input: sdk.GetBucketOwnershipControlsCommandInput, call: RequestContext) {
    return this.settings.ownership(input, call);
  }

  public putBucketOwnershipControls(input: sdk.PutBucketOwnershipControlsCommandInput, call: RequestContext): void {
    this.settings.setOwnership(input, input.OwnershipControls, call);
  }

  public deleteBucketOwnershipControls(
    input: sdk.DeleteBucketOwnershipControlsCommandInput,
    call: RequestContext,
  ): void {
    this.settings.deleteOwnership(input, call);
  }

  public getBucketEncryption(input: sdk.GetBucketEncryptionCommandInput, call: RequestContext) {
    return this.settings.encryption(input, call);
  }

  public putBucketEncryption(input: sdk.PutBucketEncryptionCommandInput, call: RequestContext): void {
    this.settings.setEncryption(input, input.ServerSideEncryptionConfiguration, call);
  }

  public deleteBucketEncryption(input: sdk.DeleteBucketEncryptionCommandInput, call: RequestContext): void {
    this.settings.deleteEncryption(input, call);
  }

  public getBucketAcl(input: sdk.GetBucketAclCommandInput, call: RequestContext) {
    return this.settings.acl(input, call);
  }

  public getBucketNotificationConfiguration(
    { Bucket: name }: sdk.GetBucketNotificationConfigurationCommandInput,
    call: RequestContext,
  ) {
    return this.bucket(name, 'GetBucketNotification', call).notifications;
  }

  public putBucketNotificationConfiguration(
    input: sdk.PutBucketNotificationConfigurationCommandInput,
    call: RequestContext,
  ): Promise<void> {
    const { Bucket: name, NotificationConfiguration = {}, SkipDestinationValidation = false } = input;
    const bucket = this.bucket(name, 'PutBucketNotification', call);
    return this.notifications.configure(bucket, NotificationConfiguration, call, SkipDestinationValidation);
  }

  private bucket(name = '', action: string, call: RequestContext, key?: string): Bucket {
    const bucket = this.find(name);
    if (bucket === undefined) throw noSuchBucket(name);
    if (bucket.region !== this.dependencies.region) throw permanentRedirect(name, bucket.region);
    authorize(bucket, `s3:${action}`, key, call, this.dependencies.clock.now());
    return bucket;
  }

  private find(name: string): Bucket | undefined {
    const own = this.buckets.get(name);
    if (own !== undefined) return own;
    for (const { buckets } of this.dependencies.everywhere()) {
      const found = buckets.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private forget({ objects, uploads }: Bucket): void {
    for (const { content } of objects.all()) content.dispose();
    for (const { parts } of uploads.values()) for (const { content } of parts.values()) content.dispose();
  }

  private sequencer(): string {
    this.lastSequence = Math.max(this.lastSequence + 1, this.dependencies.clock.now() * SEQUENCES);
    return this.lastSequence.toString(16).padStart(18, '0');
  }
}
