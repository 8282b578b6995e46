import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, posix, relative, sep } from 'node:path';
import { AwsError } from '../../../core';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import type { S3 } from '../s3';
import type { Deployment } from './cdk-buckets';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.ico': 'image/vnd.microsoft.icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.xml': 'text/xml',
};

/** Puts the files of assets into a bucket, and removes what the bucket has beside them. */
export async function deployAssets(given: Deployment, { service, asset, call }: ResourceContext<S3>): Promise<void> {
  const { DestinationBucketName: Bucket, DestinationBucketKeyPrefix: prefix = '', Extract, Prune } = given;
  const keys = new Set<string>();
  for (const [index, sourceBucket] of given.SourceBucketNames.entries()) {
    const objectKey = given.SourceObjectKeys[index] ?? '';
    const source = asset(sourceBucket, objectKey);
    if (source === undefined) {
      throw new AwsError('CustomResourceFailure', `there is no asset ${objectKey} in ${sourceBucket}`);
    }
    const markers = given.SourceMarkers?.[index] ?? {};
    const files =
      Extract === false || !statSync(source).isDirectory() ? { [posix.basename(objectKey)]: source } : filesIn(source);
    for (const [name, file] of Object.entries(files)) {
      if (!isIncluded(name, given)) continue;
      const Key = posix.join(prefix, name);
      keys.add(Key);
      const bytes = withMarkers(readFileSync(file), markers);
      const ContentType: string | undefined =
        given.SystemMetadata?.['content-type'] ?? TYPES[extname(name).toLowerCase()];
      await service.putBytes({ Bucket, Key, ContentType, Metadata: given.UserMetadata }, bytes, call);
    }
  }
  if (Prune === false) return;
  for (const key of service.keys(Bucket) ?? []) {
    if (key.startsWith(prefix) && !keys.has(key) && isIncluded(key.slice(prefix.length), given)) {
      service.deleteObject({ Bucket, Key: key }, call);
    }
  }
}

function filesIn(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [relative(folder, file).split(sep).join('/'), file];
    }),
  );
}

/** As the AWS CLI filters: what is excluded may be included again. */
function isIncluded(name: string, { Exclude = [], Include = [] }: Deployment): boolean {
  const matches = (patterns: readonly string[]) => patterns.some((pattern) => globOf(pattern).test(name));
  return !matches(Exclude) || matches(Include);
}

function globOf(pattern: string): RegExp {
  const expression = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  return new RegExp(`^${expression}$`, 's');
}

/** Values that are known at deployment only stand in the files as marks. */
function withMarkers(bytes: Buffer, markers: Readonly<Record<string, string>>): Buffer {
  const marks = Object.entries(markers);
  if (marks.length === 0) return bytes;
  return Buffer.from(marks.reduce((text, [mark, value]) => text.replaceAll(mark, value), bytes.toString()));
}
