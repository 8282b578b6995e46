import type {
  ListObjectsCommandInput,
  ListObjectsV2CommandInput,
  ListObjectVersionsCommandInput,
} from '@aws-sdk/client-s3';
import type { RequestContext } from '../../../core';
import { invalidArgument } from '../errors';
import type { S3Context } from '../s3-context';
import { list, listObjects } from './listing';
import type { ObjectVersion } from './object-version';

const PAGE = 1_000;

/** The actions that list what is in a bucket. */
export class ListActions {
  constructor(private readonly context: S3Context) {}

  public listV2(input: ListObjectsV2CommandInput, call: RequestContext): Record<string, unknown> {
    const bucket = this.context.bucket(input.Bucket, 'ListBucket', call);
    const { Prefix = '', Delimiter, StartAfter, ContinuationToken, FetchOwner } = input;
    const shown = encoding(input.EncodingType);
    const max = pageSize(input.MaxKeys);
    const after = ContinuationToken === undefined ? StartAfter : readToken(ContinuationToken);
    const { items, commonPrefixes, next } = listObjects(bucket.objects, {
      prefix: Prefix,
      delimiter: Delimiter,
      after,
      max,
    });
    const isTruncated = next !== undefined && max > 0;
    return {
      Name: bucket.name,
      Prefix: shown(Prefix),
      ...(Delimiter !== undefined && { Delimiter: shown(Delimiter) }),
      MaxKeys: max,
      KeyCount: items.length + commonPrefixes.length,
      IsTruncated: isTruncated,
      ...(StartAfter !== undefined && { StartAfter: shown(StartAfter) }),
      ...(ContinuationToken !== undefined && { ContinuationToken }),
      ...(isTruncated && { NextContinuationToken: tokenOf(next) }),
      ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
      Contents: items.map((item) => entryOf(item, shown, FetchOwner === true ? ownerOf(bucket.account) : undefined)),
      CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: shown(prefix) })),
    };
  }

  public list(input: ListObjectsCommandInput, call: RequestContext): Record<string, unknown> {
    const bucket = this.context.bucket(input.Bucket, 'ListBucket', call);
    const { Prefix = '', Delimiter, Marker = '' } = input;
    const shown = encoding(input.EncodingType);
    const max = pageSize(input.MaxKeys);
    const { items, commonPrefixes, next } = listObjects(bucket.objects, {
      prefix: Prefix,
      delimiter: Delimiter,
      after: Marker === '' ? undefined : Marker,
      max,
    });
    const isTruncated = next !== undefined && max > 0;
    return {
      Name: bucket.name,
      Prefix: shown(Prefix),
      Marker: shown(Marker),
      ...(Delimiter !== undefined && { Delimiter: shown(Delimiter) }),
      MaxKeys: max,
      IsTruncated: isTruncated,
      // Without a delimiter, callers go on from the last key.
      ...(isTruncated && Delimiter !== undefined && { NextMarker: shown(next) }),
      ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
      Contents: items.map((item) => entryOf(item, shown, ownerOf(bucket.account))),
      CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: shown(prefix) })),
    };
  }

  public versions(input: ListObjectVersionsCommandInput, call: RequestContext): Record<string, unknown> {
    const bucket = this.context.bucket(input.Bucket, 'ListBucketVersions', call);
    const { Prefix = '', Delimiter, KeyMarker, VersionIdMarker } = input;
    const shown = encoding(input.EncodingType);
    const max = pageSize(input.MaxKeys);
    const found: ObjectVersion[] = [];
    if (KeyMarker !== undefined && VersionIdMarker !== undefined && KeyMarker.startsWith(Prefix)) {
      const versions = bucket.objects.of(KeyMarker);
      found.push(...versions.slice(versions.findIndex(({ versionId }) => versionId === VersionIdMarker) + 1));
    }
    // All versions of a key at once: the page is cut afterwards, as a key's versions may go on over several pages.
    const { commonPrefixes, next } = list(
      bucket.objects,
      { prefix: Prefix, delimiter: Delimiter, after: KeyMarker, max: Math.max(max - found.length, 0) },
      (key) => {
        found.push(...bucket.objects.of(key));
        return bucket.objects.of(key).length;
      },
    );
    const page = found.slice(0, Math.max(max - commonPrefixes.length, 0));
    const isTruncated = max > 0 && (next !== undefined || page.length < found.length);
    const last = page.at(-1);
    const versionEntry = (version: ObjectVersion) => ({
      ...entryOf(version, shown, ownerOf(bucket.account)),
      VersionId: version.versionId,
      IsLatest: bucket.objects.newest(version.key) === version,
    });
    return {
      Name: bucket.name,
      Prefix: shown(Prefix),
      KeyMarker: shown(KeyMarker ?? ''),
      VersionIdMarker: VersionIdMarker ?? '',
      ...(Delimiter !== undefined && { Delimiter: shown(Delimiter) }),
      MaxKeys: max,
      IsTruncated: isTruncated,
      ...(isTruncated && {
        NextKeyMarker: shown(last?.key ?? next ?? ''),
        ...(last !== undefined && { NextVersionIdMarker: last.versionId }),
      }),
      ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
      Versions: page.filter(({ isDeleteMarker }) => !isDeleteMarker).map(versionEntry),
      DeleteMarkers: page
        .filter(({ isDeleteMarker }) => isDeleteMarker)
        .map((marker) => {
          const { Key, LastModified, Owner, VersionId, IsLatest } = versionEntry(marker);
          return { Key, LastModified, Owner, VersionId, IsLatest };
        }),
      CommonPrefixes: commonPrefixes.map((prefix) => ({ Prefix: shown(prefix) })),
    };
  }
}

/** The owner of a bucket, as listings show it. */
export interface Owner {
  readonly ID: string;
  readonly DisplayName?: string;
}

/** The canonical id of an account: 64 hexadecimal digits. */
export function ownerOf(account: string): Owner {
  return { ID: Buffer.from(account.padEnd(32, '0')).toString('hex') };
}

function entryOf(version: ObjectVersion, shown: (text: string) => string, owner: Owner | undefined) {
  const { key, lastModified, etag, content, checksum, headers } = version;
  return {
    Key: shown(key),
    LastModified: new Date(lastModified),
    ETag: `"${etag}"`,
    ChecksumAlgorithm: [checksum.algorithm],
    ChecksumType: checksum.type,
    Size: content.size,
    StorageClass: headers.storageClass ?? 'STANDARD',
    ...(owner !== undefined && { Owner: owner }),
  };
}

/** XML cannot hold every key, so that clients ask for keys in percent-encoding. */
function encoding(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  return (text) =>
    encodeURIComponent(text)
      .replaceAll('%2F', '/')
      .replaceAll('%20', '+')
      .replaceAll(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function pageSize(given: number | undefined): number {
  if (given !== undefined && (given < 0 || given > 2_147_483_647)) {
    throw invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647', 'maxKeys', String(given));
  }
  return Math.min(given ?? PAGE, PAGE);
}

function tokenOf(key: string): string {
  return Buffer.from(`1${key}`).toString('base64');
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (text.startsWith('1') && tokenOf(text.slice(1)) === token) return text.slice(1);
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}
