import type {
  CopyObjectCommandInput,
  CopyObjectCommandOutput,
  DeleteObjectCommandInput,
  DeleteObjectsCommandInput,
  GetObjectAttributesCommandInput,
  GetObjectCommandInput,
  HeadObjectCommandInput,
  PutObjectCommandInput,
  Tag,
} from '@aws-sdk/client-s3';
import { AwsError, type RequestContext } from '../../../core';
import type { Bucket } from '../buckets/bucket';
import {
  entityTooLarge,
  invalidArgument,
  invalidPartNumber,
  invalidRequest,
  keyTooLong,
  malformedXml,
  methodNotAllowed,
  noSuchKey,
  noSuchVersion,
} from '../errors';
import type { S3Context } from '../s3-context';
import { checkRead, checkWrite } from './conditions';
import { type Content, MemoryContent } from './content';
import { memberOf } from './hashes';
import { headersOfObject, objectHeaders } from './object-headers';
import type { ObjectVersion, StoredChecksum } from './object-version';
import { type ByteRange, rangeOf } from './ranges';
import { checkTags, tagsOfHeader } from './tags';
import { receive, type Upload } from './upload';

const LONGEST_KEY = 1_024;
const LARGEST_PUT = 5 * 1_024 ** 3;
const MOST_DELETED = 1_000;
const EMPTY = new MemoryContent(new Uint8Array());

/** What a new version is made of. */
export interface NewObject {
  readonly key: string;
  readonly etag: string;
  readonly content: Content;
  readonly headers: ObjectVersion['headers'];
  readonly checksum: StoredChecksum;
  readonly parts?: ObjectVersion['parts'];
  readonly tags: ObjectVersion['tags'];
  readonly kmsKeyId?: string;
}

/** The actions on objects. */
export class ObjectActions {
  constructor(private readonly context: S3Context) {}

  public async put(input: PutObjectCommandInput, call: RequestContext): Promise<Record<string, unknown>> {
    const { Bucket: name, Key = '' } = input;
    const bucket = this.context.bucket(name, 'PutObject', call, Key);
    checkKey(Key);
    const headers = objectHeaders(input);
    const tags = tagsOfHeader(input.Tagging);
    checkWrite(input, Key, bucket.objects.newest(Key));
    const { content, md5, checksum } = await receive(
      input.Body as unknown as Upload,
      this.context.files(),
      this.context.clock,
    );
    try {
      if (content.size > LARGEST_PUT) throw entityTooLarge(content.size, LARGEST_PUT);
      checkWrite(input, Key, bucket.objects.newest(Key)); // another write may have been faster
    } catch (error) {
      content.dispose();
      throw error;
    }
    const kmsKeyId = kmsKeyOf(input, bucket);
    const version = this.store(
      bucket,
      { key: Key, etag: md5, content, headers, checksum: { ...checksum, type: 'FULL_OBJECT' }, tags, kmsKeyId },
      'ObjectCreated:Put',
      call,
    );
    return {
      ETag: `"${version.etag}"`,
      ...checksumMembers(version.checksum),
      ...versionMember(bucket, version),
      ...encryptionMembers(version),
    };
  }

  /** Adds a version to a bucket, in place of the one that it replaces, and tells of it. */
  public store(bucket: Bucket, object: NewObject, eventName: string, call: RequestContext): ObjectVersion {
    const { clock, random } = this.context;
    const version: ObjectVersion = {
      ...object,
      versionId: bucket.isVersioned ? random.hex(32) : 'null',
      lastModified: clock.now(),
      sequencer: this.context.sequencer(),
      isDeleteMarker: false,
    };
    bucket.objects.add(version)?.content.dispose();
    bucket.tell(
      {
        name: eventName,
        key: version.key,
        at: version.lastModified,
        version,
        versionId: versionMember(bucket, version).VersionId,
        sequencer: version.sequencer,
      },
      call,
    );
    return version;
  }

  public get(input: GetObjectCommandInput, call: RequestContext): Record<string, unknown> {
    const { version, members, range } = this.read(input, call);
    const { start, length } = range ?? { start: 0, length: version.content.size };
    return { ...members, ...overrides(input), Body: version.content.slice(start, length) };
  }

  public head(input: HeadObjectCommandInput, call: RequestContext): Record<string, unknown> {
    return this.read(input, call).members;
  }

  public attributes(input: GetObjectAttributesCommandInput, call: RequestContext): Record<string, unknown> {
    const bucket = this.context.bucket(input.Bucket, 'GetObjectAttributes', call, input.Key);
    const version = this.version(bucket, input.Key ?? '', input.VersionId);
    const wanted = new Set<string>(input.ObjectAttributes);
    const { etag, content, checksum, parts } = version;
    return {
      ...versionMember(bucket, version),
      LastModified: new Date(version.lastModified),
      ...(wanted.has('ETag') && { ETag: etag }),
      ...(wanted.has('ObjectSize') && { ObjectSize: content.size }),
      ...(wanted.has('StorageClass') && { StorageClass: version.headers.storageClass ?? 'STANDARD' }),
      ...(wanted.has('Checksum') && {
        Checksum: { [memberOf(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type },
      }),
      ...(wanted.has('ObjectParts') && parts && { ObjectParts: { TotalPartsCount: parts.length } }),
    };
  }

  public delete(input: DeleteObjectCommandInput, call: RequestContext): Record<string, unknown> {
    const { Key = '', VersionId, IfMatch } = input;
    const action = VersionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion';
    const bucket = this.context.bucket(input.Bucket, action, call, Key);
    if (IfMatch !== undefined && IfMatch !== '*') checkWrite({ IfMatch }, Key, bucket.objects.newest(Key));
    return this.remove(bucket, Key, VersionId, call);
  }

  public deleteAll(input: DeleteObjectsCommandInput, call: RequestContext): Record<string, unknown> {
    const { Objects = [], Quiet } = input.Delete ?? {};
    if (Objects.length === 0 || Objects.length > MOST_DELETED) throw malformedXml();
    this.context.bucket(input.Bucket, 'ListBucket', { ...call, identity: undefined });
    const Deleted: object[] = [];
    const Errors: object[] = [];
    for (const { Key = '', VersionId } of Objects) {
      try {
        const { DeleteMarker, VersionId: made } = this.delete({ Bucket: input.Bucket, Key, VersionId }, call);
        const marker = DeleteMarker === true && { DeleteMarker, DeleteMarkerVersionId: made };
        if (Quiet !== true) Deleted.push({ Key, ...(VersionId !== undefined && { VersionId }), ...marker });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Errors.push({ Key, VersionId, Code: error.shape, Message: error.message });
      }
    }
    return { ...(Deleted.length > 0 && { Deleted }), ...(Errors.length > 0 && { Errors }) };
  }

  /** Removes a version, or hides the object behind a delete marker. */
  public remove(
    bucket: Bucket,
    key: string,
    versionId: string | undefined,
    call: RequestContext,
    cause: 'ObjectRemoved' | 'LifecycleExpiration' = 'ObjectRemoved',
  ): Record<string, unknown> {
    const at = this.context.clock.now();
    const sequencer = this.context.sequencer();
    if (versionId !== undefined || bucket.versioning === undefined) {
      const removed = bucket.objects.remove(key, versionId ?? 'null');
      if (removed === undefined) {
        if (versionId !== undefined && !isVersionId(versionId)) {
          throw invalidArgument('Invalid version id specified', 'versionId', versionId);
        }
        return {};
      }
      removed.content.dispose();
      const shown = versionId === undefined ? {} : { VersionId: versionId };
      bucket.tell({ name: `${cause}:Delete`, key, at, versionId, sequencer }, call);
      return { ...shown, ...(removed.isDeleteMarker && { DeleteMarker: true }) };
    }
    const marker: ObjectVersion = {
      key,
      versionId: bucket.isVersioned ? this.context.random.hex(32) : 'null',
      lastModified: at,
      sequencer,
      isDeleteMarker: true,
      etag: 'd41d8cd98f00b204e9800998ecf8427e',
      content: EMPTY,
      headers: { contentType: '', metadata: {} },
      checksum: { algorithm: 'CRC64NVME', value: 'AAAAAAAAAAA=', type: 'FULL_OBJECT' },
      tags: [],
    };
    bucket.objects.add(marker)?.content.dispose();
    const event = { key, at, version: marker, versionId: marker.versionId, sequencer };
    bucket.tell({ name: `${cause}:DeleteMarkerCreated`, ...event }, call);
    return { DeleteMarker: true, VersionId: marker.versionId };
  }

  public async copy(input: CopyObjectCommandInput, call: RequestContext): Promise<CopyObjectCommandOutput> {
    const { Bucket: name, Key = '', MetadataDirective, TaggingDirective } = input;
    const bucket = this.context.bucket(name, 'PutObject', call, Key);
    checkKey(Key);
    const source = this.source(input.CopySource, call);
    checkRead(
      {
        IfMatch: input.CopySourceIfMatch,
        IfNoneMatch: input.CopySourceIfNoneMatch,
        IfModifiedSince: input.CopySourceIfModifiedSince,
        IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
      },
      source.version,
    );
    const replaces = MetadataDirective === 'REPLACE';
    const changes =
      replaces ||
      source.versionId !== undefined ||
      input.StorageClass !== undefined ||
      input.WebsiteRedirectLocation !== undefined ||
      input.ServerSideEncryption !== undefined;
    if (source.bucket === bucket && source.version.key === Key && !changes) {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    checkWrite(input, Key, bucket.objects.newest(Key));
    const { version } = source;
    const content = await version.content.copy(this.context.files());
    const headers = replaces
      ? objectHeaders(input)
      : { ...version.headers, storageClass: input.StorageClass ?? version.headers.storageClass };
    const made = this.store(
      bucket,
      {
        key: Key,
        etag: version.etag.replace(/-\d+$/, ''),
        content,
        headers,
        checksum: version.checksum,
        tags: TaggingDirective === 'REPLACE' ? tagsOfHeader(input.Tagging) : version.tags,
        kmsKeyId: kmsKeyOf(input, bucket),
      },
      'ObjectCreated:Copy',
      call,
    );
    return {
      CopyObjectResult: {
        ETag: `"${made.etag}"`,
        LastModified: new Date(made.lastModified),
        ...checksumMembers(made.checksum),
      },
      ...versionMember(bucket, made),
      ...(source.bucket.versioning !== undefined && { CopySourceVersionId: version.versionId }),
      ...encryptionMembers(made),
    } as CopyObjectCommandOutput;
  }

  /** The object of an `x-amz-copy-source` header: `bucket/key?versionId=…`, percent-encoded. */
  public source(
    header: string | undefined,
    call: RequestContext,
  ): { readonly bucket: Bucket; readonly version: ObjectVersion; readonly versionId?: string } {
    const [path, query = ''] = (header ?? '').split('?versionId=');
    let decoded: string;
    try {
      decoded = decodeURIComponent(path).replace(/^\//, '');
    } catch {
      throw invalidArgument('Invalid copy source encoding', 'x-amz-copy-source', header);
    }
    const slash = decoded.indexOf('/');
    if (slash <= 0 || slash === decoded.length - 1) {
      throw invalidArgument('Invalid copy source object key', 'x-amz-copy-source', header);
    }
    const [name, key] = [decoded.slice(0, slash), decoded.slice(slash + 1)];
    const bucket = this.context.bucket(name, query === '' ? 'GetObject' : 'GetObjectVersion', call, key);
    const versionId = query === '' ? undefined : query;
    const version = this.version(bucket, key, versionId);
    return { bucket, version, versionId };
  }

  public tags(input: { Bucket?: string; Key?: string; VersionId?: string }, call: RequestContext) {
    const bucket = this.context.bucket(input.Bucket, 'GetObjectTagging', call, input.Key);
    const version = this.version(bucket, input.Key ?? '', input.VersionId);
    return { TagSet: [...version.tags], ...versionMember(bucket, version) };
  }

  public setTags(
    input: { Bucket?: string; Key?: string; VersionId?: string },
    tags: readonly Tag[],
    call: RequestContext,
  ) {
    const removes = tags.length === 0;
    const bucket = this.context.bucket(input.Bucket, `${removes ? 'Delete' : 'Put'}ObjectTagging`, call, input.Key);
    const version = this.version(bucket, input.Key ?? '', input.VersionId);
    checkTags(tags);
    version.tags = tags.map(({ Key = '', Value = '' }) => ({ Key, Value }));
    const { VersionId: versionId } = versionMember(bucket, version);
    bucket.tell(
      {
        name: `ObjectTagging:${removes ? 'Delete' : 'Put'}`,
        key: version.key,
        at: this.context.clock.now(),
        version,
        versionId,
        sequencer: this.context.sequencer(),
      },
      call,
    );
    return { VersionId: versionId };
  }

  /** A version of a key: the newest, if none is named. */
  public version(bucket: Bucket, key: string, versionId: string | undefined): ObjectVersion {
    if (versionId === undefined) {
      const newest = bucket.objects.newest(key);
      if (newest === undefined) throw noSuchKey(key);
      if (newest.isDeleteMarker) throw gone(newest);
      return newest;
    }
    const found = bucket.objects.of(key).find((version) => version.versionId === versionId);
    if (found === undefined) {
      if (!isVersionId(versionId)) throw invalidArgument('Invalid version id specified', 'versionId', versionId);
      throw noSuchVersion(key, versionId);
    }
    if (found.isDeleteMarker) {
      throw methodNotAllowed({ 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId, Allow: 'DELETE' }, 'GET');
    }
    return found;
  }

  private read(input: GetObjectCommandInput & HeadObjectCommandInput, call: RequestContext) {
    const { Key = '', VersionId, PartNumber, Range } = input;
    const bucket = this.context.bucket(
      input.Bucket,
      VersionId === undefined ? 'GetObject' : 'GetObjectVersion',
      call,
      Key,
    );
    const version = this.version(bucket, Key, VersionId);
    checkRead(input, version);
    const { size } = version.content;
    const range = PartNumber === undefined ? rangeOf(Range, size) : partRange(version, PartNumber, Range);
    const shown = range ?? { start: 0, length: size };
    const isWhole = range === undefined;
    const members: Record<string, unknown> = {
      AcceptRanges: 'bytes',
      LastModified: new Date(version.lastModified),
      ContentLength: shown.length,
      ETag: `"${version.etag}"`,
      ...headersOfObject(version.headers),
      ...versionMember(bucket, version),
      ...encryptionMembers(version),
      ...(version.tags.length > 0 && { TagCount: version.tags.length }),
      // A part has the checksum of the whole only if it is the whole.
      ...(isWhole && input.ChecksumMode === 'ENABLED' && checksumMembers(version.checksum)),
      ...(!isWhole && {
        ContentRange: `bytes ${shown.start}-${shown.start + shown.length - 1}/${size}`,
        $status: 206,
      }),
      ...(PartNumber !== undefined && version.parts && { PartsCount: version.parts.length }),
    };
    return { version, members, range };
  }
}

function partRange(version: ObjectVersion, number: number, range: string | undefined): ByteRange {
  if (range !== undefined) throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  const parts = version.parts ?? [{ start: 0, size: version.content.size }];
  const part = parts[number - 1] as { readonly start: number; readonly size: number } | undefined;
  if (part === undefined) throw invalidPartNumber(parts.length, number);
  return { start: part.start, length: part.size };
}

/** The parameters of a GET that replace headers of its response. */
function overrides(input: GetObjectCommandInput): Record<string, unknown> {
  return defined({
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  });
}

export function defined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

export function checksumMembers({ algorithm, value, type }: StoredChecksum): Record<string, string> {
  return { [memberOf(algorithm)]: value, ChecksumType: type };
}

/** Only where versioning has ever been on. */
export function versionMember(bucket: Bucket, { versionId }: ObjectVersion): { readonly VersionId?: string } {
  return bucket.versioning === undefined ? {} : { VersionId: versionId };
}

export function encryptionMembers({ kmsKeyId }: Pick<ObjectVersion, 'kmsKeyId'>): Record<string, unknown> {
  return kmsKeyId === undefined
    ? { ServerSideEncryption: 'AES256' }
    : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId };
}

/** The key that an object is said to be encrypted with: its own, or the bucket's. */
export function kmsKeyOf(
  { ServerSideEncryption, SSEKMSKeyId }: { ServerSideEncryption?: string; SSEKMSKeyId?: string },
  bucket: Bucket,
): string | undefined {
  const standard = bucket.encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  const algorithm = ServerSideEncryption ?? standard?.SSEAlgorithm;
  return algorithm?.startsWith('aws:kms') === true
    ? (SSEKMSKeyId ?? standard?.KMSMasterKeyID ?? 'alias/aws/s3')
    : undefined;
}

export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > LONGEST_KEY) throw keyTooLong(size);
}

function gone({ key, versionId }: ObjectVersion): AwsError {
  const error = noSuchKey(key);
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId };
  return new AwsError(error.shape, error.message, { status: 404, members: { ...error.members, headers } });
}

function isVersionId(text: string): boolean {
  return text === 'null' || /^[0-9a-zA-Z._-]{32}$/.test(text);
}
