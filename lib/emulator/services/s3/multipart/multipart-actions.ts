import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type {
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
  ListMultipartUploadsCommandInput,
  ListPartsCommandInput,
  UploadPartCommandInput,
  UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import type { RequestContext } from '../../../core';
import type { Bucket } from '../buckets/bucket';
import {
  badDigest,
  entityTooSmall,
  invalidArgument,
  invalidPart,
  invalidPartOrder,
  invalidRequest,
  malformedXml,
  noSuchUpload,
} from '../errors';
import { checkWrite } from '../objects/conditions';
import { type Body, type Content, FileContent, MemoryContent, type ObjectFiles } from '../objects/content';
import { type ChecksumAlgorithm, hashOf, memberOf, readAlgorithm } from '../objects/hashes';
import {
  checkKey,
  checksumMembers,
  encryptionMembers,
  kmsKeyOf,
  type ObjectActions,
  versionMember,
} from '../objects/object-actions';
import { objectHeaders } from '../objects/object-headers';
import type { ObjectPart, StoredChecksum } from '../objects/object-version';
import { rangeOf } from '../objects/ranges';
import { tagsOfHeader } from '../objects/tags';
import { receive, type Upload } from '../objects/upload';
import type { S3Context } from '../s3-context';
import type { MultipartUpload, UploadedPart } from './multipart-upload';

const MOST_PARTS = 10_000;
const SMALLEST_PART = 5 * 1_024 ** 2;
/** What is joined in memory; larger objects are files. */
const LARGEST_IN_MEMORY = 1_024 ** 2;
const PAGE = 1_000;

/** The actions on uploads in parts. */
export class MultipartActions {
  constructor(
    private readonly context: S3Context,
    private readonly objects: ObjectActions,
  ) {}

  public create(input: CreateMultipartUploadCommandInput, call: RequestContext): Record<string, unknown> {
    const { Bucket: name, Key = '' } = input;
    const bucket = this.context.bucket(name, 'PutObject', call, Key);
    checkKey(Key);
    const upload: MultipartUpload = {
      id: Buffer.from(this.context.random.hex(96), 'hex').toString('base64url'),
      key: Key,
      initiated: this.context.clock.now(),
      headers: objectHeaders(input),
      tags: tagsOfHeader(input.Tagging),
      kmsKeyId: kmsKeyOf(input, bucket),
      checksum: checksumOf(input),
      parts: new Map(),
    };
    bucket.uploads.set(upload.id, upload);
    const { algorithm, type, named } = upload.checksum;
    return {
      Bucket: bucket.name,
      Key,
      UploadId: upload.id,
      ...encryptionMembers(upload),
      ...(named && { ChecksumAlgorithm: algorithm, ChecksumType: type }),
    };
  }

  public async uploadPart(input: UploadPartCommandInput, call: RequestContext): Promise<Record<string, unknown>> {
    const { bucket, upload, number } = this.part(input, call);
    const sent = input.Body as unknown as Upload;
    const { content, md5, checksum } = await receive(
      named(sent, upload.checksum.algorithm),
      this.context.files(),
      this.context.clock,
    );
    const part = this.keep(bucket, upload, {
      number,
      content,
      etag: md5,
      checksum: { ...checksum, type: 'FULL_OBJECT' },
    });
    const { algorithm, value } = part.checksum;
    return { ETag: `"${part.etag}"`, ...encryptionMembers(upload), [memberOf(algorithm)]: value };
  }

  public async uploadPartCopy(
    input: UploadPartCopyCommandInput,
    call: RequestContext,
  ): Promise<Record<string, unknown>> {
    const { bucket, upload, number } = this.part(input, call);
    const { version } = this.objects.source(input.CopySource, call);
    const { size } = version.content;
    const { start, length } = rangeOf(input.CopySourceRange, size) ?? { start: 0, length: size };
    const { content, md5, checksum } = await join(
      [version.content.slice(start, length)],
      upload.checksum.algorithm,
      this.context.files(),
    );
    const part = this.keep(bucket, upload, { number, content, etag: md5, checksum });
    return {
      CopyPartResult: {
        ETag: `"${part.etag}"`,
        LastModified: new Date(part.lastModified),
        [memberOf(checksum.algorithm)]: checksum.value,
      },
      ...encryptionMembers(upload),
    };
  }

  public async complete(
    input: CompleteMultipartUploadCommandInput,
    call: RequestContext,
  ): Promise<Record<string, unknown>> {
    const { bucket, upload } = this.upload(input, 'PutObject', call);
    const parts = partsOf(upload, input.MultipartUpload?.Parts ?? []);
    checkWrite(input, upload.key, bucket.objects.newest(upload.key));
    const { algorithm, type } = upload.checksum;
    const bodies = parts.map(({ content }) => content.slice(0, content.size));
    const { content, checksum: whole } = await join(bodies, algorithm, this.context.files());
    const checksum = type === 'FULL_OBJECT' ? whole : await compositeOf(algorithm, parts);
    const promised = input[memberOf(algorithm)];
    if (promised !== undefined && promised.replace(/-\d+$/, '') !== checksum.value.replace(/-\d+$/, '')) {
      content.dispose();
      throw badDigest(`The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`);
    }
    bucket.uploads.delete(upload.id);
    for (const part of upload.parts.values()) part.content.dispose();
    const digests = parts.map(({ etag }) => Buffer.from(etag, 'hex'));
    const etag = `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}`;
    const version = this.objects.store(
      bucket,
      {
        key: upload.key,
        etag,
        content,
        headers: upload.headers,
        checksum,
        parts: positions(parts),
        tags: upload.tags,
        kmsKeyId: upload.kmsKeyId,
      },
      'ObjectCreated:CompleteMultipartUpload',
      call,
    );
    return {
      Location: `${call.endpoint}/${bucket.name}/${upload.key.split('/').map(encodeURIComponent).join('/')}`,
      Bucket: bucket.name,
      Key: upload.key,
      ETag: `"${etag}"`,
      ...checksumMembers(checksum),
      ...versionMember(bucket, version),
      ...encryptionMembers(version),
    };
  }

  public abort(input: UploadPlace, call: RequestContext): void {
    const { bucket, upload } = this.upload(input, 'AbortMultipartUpload', call);
    this.discard(bucket, upload);
  }

  public discard(bucket: Bucket, upload: MultipartUpload): void {
    bucket.uploads.delete(upload.id);
    for (const { content } of upload.parts.values()) content.dispose();
  }

  public listParts(input: ListPartsCommandInput, call: RequestContext): Record<string, unknown> {
    const { bucket, upload } = this.upload(input, 'ListMultipartUploadParts', call);
    const marker = Number(input.PartNumberMarker ?? 0);
    const max = Math.min(input.MaxParts ?? PAGE, PAGE);
    const after = [...upload.parts.values()]
      .filter(({ number }) => number > marker)
      .sort((a, b) => a.number - b.number);
    const page = after.slice(0, max);
    return {
      Bucket: bucket.name,
      Key: upload.key,
      UploadId: upload.id,
      PartNumberMarker: String(marker),
      NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
      MaxParts: max,
      IsTruncated: page.length < after.length,
      StorageClass: upload.headers.storageClass ?? 'STANDARD',
      Parts: page.map(({ number, etag, content, checksum, lastModified }) => ({
        PartNumber: number,
        LastModified: new Date(lastModified),
        ETag: `"${etag}"`,
        Size: content.size,
        ...(upload.checksum.named && { [memberOf(checksum.algorithm)]: checksum.value }),
      })),
    };
  }

  public list(input: ListMultipartUploadsCommandInput, call: RequestContext): Record<string, unknown> {
    const bucket = this.context.bucket(input.Bucket, 'ListBucketMultipartUploads', call);
    const { Prefix = '', KeyMarker = '', UploadIdMarker = '' } = input;
    const max = Math.min(input.MaxUploads ?? PAGE, PAGE);
    const after = [...bucket.uploads.values()]
      .filter(({ key }) => key.startsWith(Prefix))
      .sort((a, b) => (a.key === b.key ? a.initiated - b.initiated : a.key < b.key ? -1 : 1));
    const from = after.findIndex(({ key, id }) => key > KeyMarker || (key === KeyMarker && id === UploadIdMarker));
    const rest =
      KeyMarker === '' ? after : from < 0 ? [] : after.slice(after[from].id === UploadIdMarker ? from + 1 : from);
    const page = rest.slice(0, max);
    const last = page.at(-1);
    return {
      Bucket: bucket.name,
      Prefix,
      KeyMarker,
      UploadIdMarker,
      MaxUploads: max,
      IsTruncated: page.length < rest.length,
      ...(page.length < rest.length && { NextKeyMarker: last?.key, NextUploadIdMarker: last?.id }),
      Uploads: page.map(({ id, key, initiated, headers }) => ({
        UploadId: id,
        Key: key,
        Initiated: new Date(initiated),
        StorageClass: headers.storageClass ?? 'STANDARD',
      })),
    };
  }

  private part(input: UploadPlace & { PartNumber?: number }, call: RequestContext) {
    const found = this.upload(input, 'PutObject', call);
    const { PartNumber: number = 0 } = input;
    if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS) {
      throw invalidArgument(
        'Part number must be an integer between 1 and 10000, inclusive',
        'partNumber',
        String(number),
      );
    }
    return { ...found, number };
  }

  private upload(input: UploadPlace, action: string, call: RequestContext) {
    const { Bucket: name, Key = '', UploadId = '' } = input;
    const bucket = this.context.bucket(name, action, call, Key);
    const upload = bucket.uploads.get(UploadId);
    if (upload?.key !== Key) throw noSuchUpload(UploadId);
    return { bucket, upload };
  }

  private keep(bucket: Bucket, upload: MultipartUpload, part: Omit<UploadedPart, 'lastModified'>): UploadedPart {
    if (!bucket.uploads.has(upload.id)) {
      part.content.dispose(); // it was aborted meanwhile
      throw noSuchUpload(upload.id);
    }
    upload.parts.get(part.number)?.content.dispose();
    const kept = { ...part, lastModified: this.context.clock.now() };
    upload.parts.set(part.number, kept);
    return kept;
  }
}

interface UploadPlace {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly UploadId?: string;
}

/** A part has a checksum of the upload's algorithm, whether or not its headers name it. */
function named(upload: Upload, algorithm: ChecksumAlgorithm): Upload {
  return { ...upload, headers: { 'x-amz-sdk-checksum-algorithm': algorithm, ...upload.headers } };
}

function checksumOf(input: CreateMultipartUploadCommandInput): MultipartUpload['checksum'] {
  const algorithm = readAlgorithm(input.ChecksumAlgorithm);
  if (algorithm === undefined) return { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', named: false };
  const type = input.ChecksumType ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const isPossible = type === 'FULL_OBJECT' ? algorithm.startsWith('CRC') : algorithm !== 'CRC64NVME';
  if (!isPossible) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type, named: true };
}

/** The parts that a completion names, in their order. */
function partsOf(upload: MultipartUpload, given: readonly CompletedPart[]): readonly UploadedPart[] {
  if (given.length === 0) throw malformedXml();
  const { algorithm, type, named: isNamed } = upload.checksum;
  const parts = given.map((one, index) => {
    const { PartNumber = 0, ETag = '' } = one;
    if (index > 0 && PartNumber <= (given[index - 1].PartNumber ?? 0)) throw invalidPartOrder(upload.id);
    const part = upload.parts.get(PartNumber);
    if (part?.etag !== ETag.replaceAll('"', '')) throw invalidPart(PartNumber, ETag, upload.id);
    const value = one[memberOf(algorithm)];
    if (value === undefined && isNamed && type === 'COMPOSITE') {
      throw invalidRequest(
        `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${PartNumber} in the request.`,
      );
    }
    if (value !== undefined && value !== part.checksum.value) throw invalidPart(PartNumber, ETag, upload.id);
    return part;
  });
  for (const { number, etag, content } of parts.slice(0, -1)) {
    if (content.size < SMALLEST_PART) throw entityTooSmall(number, etag, content.size);
  }
  return parts;
}

function positions(parts: readonly UploadedPart[]): ObjectPart[] {
  let start = 0;
  return parts.map(({ content, checksum }) => {
    const part = { start, size: content.size, checksum };
    start += content.size;
    return part;
  });
}

/** A checksum of the checksums of the parts. */
async function compositeOf(algorithm: ChecksumAlgorithm, parts: readonly UploadedPart[]): Promise<StoredChecksum> {
  const hash = hashOf(algorithm);
  for (const { checksum } of parts) hash.update(Buffer.from(checksum.value, 'base64'));
  const value = `${(await hash.digest()).toString('base64')}-${parts.length}`;
  return { algorithm, value, type: 'COMPOSITE' };
}

/** Joins bodies into one content, in memory or, where it is large, in a file. */
async function join(
  bodies: readonly Body[],
  algorithm: ChecksumAlgorithm,
  files: ObjectFiles,
): Promise<{ readonly content: Content; readonly md5: string; readonly checksum: StoredChecksum }> {
  const [md5, hash] = [hashOf('MD5'), hashOf(algorithm)];
  const size = bodies.reduce((sum, { length }) => sum + length, 0);
  async function* pieces(): AsyncIterable<Uint8Array> {
    for (const body of bodies) {
      for await (const piece of piecesOf(body)) {
        md5.update(piece);
        hash.update(piece);
        yield piece;
      }
    }
  }
  let content: Content;
  if (size <= LARGEST_IN_MEMORY) {
    const parts: Uint8Array[] = [];
    for await (const piece of pieces()) parts.push(piece);
    content = new MemoryContent(Buffer.concat(parts));
  } else {
    const file = files.create();
    await pipeline(pieces, createWriteStream(file));
    content = new FileContent(file, size);
  }
  const value = (await hash.digest()).toString('base64');
  return {
    content,
    md5: (await md5.digest()).toString('hex'),
    checksum: { algorithm, value, type: 'FULL_OBJECT' },
  };
}

async function* piecesOf(body: Body): AsyncIterable<Uint8Array> {
  if (body instanceof Uint8Array) {
    yield body;
  } else if (body.length > 0) {
    const { file, start, length } = body;
    for await (const piece of createReadStream(file, { start, end: start + length - 1 })) yield piece as Buffer;
  }
}
