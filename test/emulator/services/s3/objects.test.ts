import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:http';
import * as sdk from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { S3InTest, TRANSPORTS } from './s3-in-test';

// Contract §13.3.

const Bucket = 'videos';
const MEBIBYTE = 1_024 ** 2;
let cloud: S3InTest;
let s3: sdk.S3Client;

/** The error of a request: its code, status, message and other elements. */
async function refusalOf(run: () => Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await run();
  } catch (error) {
    const { name, message, $metadata, ...rest } = error as sdk.S3ServiceException & Record<string, unknown>;
    return { ...rest, code: name, status: $metadata.httpStatusCode, message };
  }
  throw new Error('it was not refused');
}

const put = (Key: string, Body: string | Uint8Array = 'hello', more: Partial<sdk.PutObjectCommandInput> = {}) =>
  s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: Partial<sdk.GetObjectCommandInput> = {}) =>
  s3.send(new sdk.GetObjectCommand({ Bucket, Key, ...more }));
const textOf = async ({ Body }: sdk.GetObjectCommandOutput) => Body?.transformToString();
const md5 = (text: string | Uint8Array) => createHash('md5').update(text).digest('hex');

describe.each(TRANSPORTS)('objects, %s', (transport) => {
  beforeEach(async () => {
    cloud = await S3InTest.open(transport);
    s3 = cloud.s3;
    await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  });
  afterEach(() => cloud.close());

  test('come back as they were put, with their headers', async () => {
    const Key = "a//b c@ü?&=+%'().txt";
    const { ETag } = await put(Key, 'hello', {
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      ContentEncoding: 'gzip',
      Metadata: { colour: 'red' },
      Tagging: 'kind=goods&size=1',
    });
    expect(ETag).toBe(`"${md5('hello')}"`);
    const found = await get(Key, { ChecksumMode: 'ENABLED' });
    expect(await textOf(found)).toBe('hello');
    expect(found).toMatchObject({
      AcceptRanges: 'bytes',
      CacheControl: 'no-store',
      ChecksumCRC32: 'NhCmhg==',
      ContentEncoding: 'gzip',
      ContentLength: 5,
      ContentType: 'text/plain',
      ETag,
      Metadata: { colour: 'red' },
      ServerSideEncryption: 'AES256',
      TagCount: 2,
    });
    expect(found.VersionId).toBeUndefined();
    const head = await s3.send(new sdk.HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ContentLength: 5, ETag });
    expect(head.ChecksumCRC32).toBeUndefined();
    const { TagSet } = await s3.send(new sdk.GetObjectTaggingCommand({ Bucket, Key }));
    expect(TagSet).toEqual([
      { Key: 'kind', Value: 'goods' },
      { Key: 'size', Value: '1' },
    ]);
  });

  test.each<[string, string | undefined, string, Partial<sdk.GetObjectCommandOutput>]>([
    ['the first bytes', 'bytes=0-1', '01', { ContentRange: 'bytes 0-1/10', ContentLength: 2 }],
    ['from a byte on', 'bytes=7-', '789', { ContentRange: 'bytes 7-9/10' }],
    ['the last bytes', 'bytes=-4', '6789', { ContentRange: 'bytes 6-9/10' }],
    ['more than there is', 'bytes=8-99', '89', { ContentRange: 'bytes 8-9/10' }],
    ['more of the end than there is', 'bytes=-99', '0123456789', { ContentRange: 'bytes 0-9/10' }],
    ['an end before its start', 'bytes=5-4', '0123456789', { ContentLength: 10 }],
    ['several ranges', 'bytes=0-1,3-4', '0123456789', {}],
    ['another unit', 'lines=0-1', '0123456789', {}],
  ])('a range: %s', async (_, Range, body, members) => {
    await put('digits', '0123456789');
    const found = await get('digits', { Range });
    expect(await textOf(found)).toBe(body);
    expect(found).toMatchObject(members);
    expect(found.$metadata.httpStatusCode).toBe(members.ContentRange === undefined ? 200 : 206);
  });

  test.each(['bytes=10-', 'bytes=-0'])('a range of nothing is refused: %s', async (Range) => {
    await put('digits', '0123456789');
    expect(await refusalOf(() => get('digits', { Range }))).toMatchObject({
      code: 'InvalidRange',
      status: 416,
      ActualObjectSize: '10',
      RangeRequested: Range,
    });
  });

  test.each<[string, Partial<sdk.GetObjectCommandInput>, number]>([
    ['If-Match of the tag', { IfMatch: `"${md5('hello')}"` }, 200],
    ['If-Match of another', { IfMatch: '"x"' }, 412],
    ['If-None-Match of the tag', { IfNoneMatch: `"${md5('hello')}"` }, 304],
    ['If-None-Match of another', { IfNoneMatch: '"x"' }, 200],
    ['If-Modified-Since the future', { IfModifiedSince: new Date(Date.UTC(2100, 0)) }, 304],
    ['If-Modified-Since the past', { IfModifiedSince: new Date(0) }, 200],
    ['If-Unmodified-Since the past', { IfUnmodifiedSince: new Date(0) }, 412],
    ['If-Match before If-Unmodified-Since', { IfMatch: md5('hello'), IfUnmodifiedSince: new Date(0) }, 200],
  ])('a condition of reading: %s', async (_, conditions, status) => {
    await put('a');
    if (status === 200) expect(await textOf(await get('a', conditions))).toBe('hello');
    else expect((await refusalOf(() => get('a', conditions))).status).toBe(status);
  });

  test.each<[string, Partial<sdk.PutObjectCommandInput>, string, number]>([
    ['only if there is none', { Key: 'new', IfNoneMatch: '*' }, '', 200],
    ['only if there is none, but there is', { IfNoneMatch: '*' }, 'PreconditionFailed', 412],
    ['only if there is another', { IfNoneMatch: '"x"' }, 'NotImplemented', 501],
    ['only over the one that is there', { IfMatch: md5('hello') }, '', 200],
    ['only over another', { IfMatch: 'x' }, 'PreconditionFailed', 412],
    ['only over one that is not there', { Key: 'new', IfMatch: 'x' }, 'NoSuchKey', 404],
  ])('a condition of writing: %s', async (_, conditions, code, status) => {
    await put('a');
    const write = () => put('a', 'new', conditions);
    if (code === '') await write();
    else expect(await refusalOf(write)).toMatchObject({ code, status });
  });

  test.each<[string, () => Promise<unknown>, Record<string, unknown>]>([
    [
      'an object that is not there',
      () => get('none'),
      { code: 'NoSuchKey', status: 404, message: 'The specified key does not exist.', Key: 'none' },
    ],
    ['a head of nothing', () => s3.send(new sdk.HeadObjectCommand({ Bucket, Key: 'none' })), { code: 'NotFound' }],
    [
      'a bucket that is not there',
      () => s3.send(new sdk.ListObjectsV2Command({ Bucket: 'none' })),
      { code: 'NoSuchBucket', status: 404, message: 'The specified bucket does not exist', BucketName: 'none' },
    ],
    ['a key of 1,025 bytes', () => put('ü'.repeat(512) + 'x'), { code: 'KeyTooLongError', Size: '1025' }],
    [
      'a checksum of other bytes',
      () => put('a', 'hello', { ChecksumCRC32: 'AAAAAA==' }),
      { code: 'BadDigest', message: 'The CRC32 you specified did not match the calculated checksum.' },
    ],
    [
      'a checksum that is none',
      () => put('a', 'hello', { ChecksumSHA256: 'AAAA' }),
      { code: 'InvalidRequest', message: 'Value for x-amz-checksum-sha256 header is invalid.' },
    ],
    [
      'an MD5 of other bytes',
      () => put('a', 'hello', { ContentMD5: Buffer.alloc(16).toString('base64') }),
      { code: 'BadDigest', message: 'The Content-MD5 you specified did not match what we received.' },
    ],
    ['an MD5 that is none', () => put('a', 'hello', { ContentMD5: 'x' }), { code: 'InvalidDigest' }],
    [
      'too many tags',
      () => put('a', 'hello', { Tagging: Array.from({ length: 11 }, (_, n) => `k${n}=v`).join('&') }),
      { code: 'InvalidTag' },
    ],
    [
      'metadata of more than 2 KB',
      () => put('a', 'hello', { Metadata: { a: 'x'.repeat(2_048) } }),
      { code: 'MetadataTooLarge' },
    ],
    [
      'a copy onto itself',
      async () => {
        await put('a');
        await s3.send(new sdk.CopyObjectCommand({ Bucket, Key: 'a', CopySource: `${Bucket}/a` }));
      },
      { code: 'InvalidRequest', message: /^This copy request is illegal/ },
    ],
    [
      'a copy of nothing',
      () => s3.send(new sdk.CopyObjectCommand({ Bucket, Key: 'a', CopySource: `${Bucket}/none` })),
      { code: 'NoSuchKey' },
    ],
    [
      'a part that is not emulated',
      () => s3.send(new sdk.GetBucketWebsiteCommand({ Bucket })),
      { code: 'NotImplemented', status: 501 },
    ],
    [
      'the deletion of a bucket with objects',
      async () => {
        await put('a');
        await s3.send(new sdk.DeleteBucketCommand({ Bucket }));
      },
      { code: 'BucketNotEmpty', status: 409, message: 'The bucket you tried to delete is not empty' },
    ],
    ...['Videos', 'a', 'a..b', '1.2.3.4', 'x'.repeat(64), 'xn--a', '-ab'].map(
      (name): [string, () => Promise<unknown>, Record<string, unknown>] => [
        `the name ${name}`,
        () => s3.send(new sdk.CreateBucketCommand({ Bucket: name })),
        { code: 'InvalidBucketName', status: 400, message: 'The specified bucket is not valid.' },
      ],
    ),
  ])('are refused as on AWS: %s', async (_, run, refusal) => {
    const { message, ...rest } = refusal;
    const found = await refusalOf(run);
    expect(found).toMatchObject(rest);
    if (message instanceof RegExp) expect(found.message).toMatch(message);
    else if (message !== undefined) expect(found.message).toBe(message);
  });

  test('are copied with their headers and tags, or with new ones', async () => {
    await put('a', 'hello', { ContentType: 'text/plain', Metadata: { x: '1' }, Tagging: 't=1' });
    const source = { Bucket, CopySource: encodeURI(`/${Bucket}/a`) };
    const { CopyObjectResult } = await s3.send(new sdk.CopyObjectCommand({ ...source, Key: 'b' }));
    expect(CopyObjectResult?.ETag).toBe(`"${md5('hello')}"`);
    const replaced = { MetadataDirective: 'REPLACE', Metadata: { y: '2' }, TaggingDirective: 'REPLACE' } as const;
    await s3.send(new sdk.CopyObjectCommand({ ...source, Key: 'c', ...replaced }));
    expect(await get('b')).toMatchObject({ ContentType: 'text/plain', Metadata: { x: '1' }, TagCount: 1 });
    const other = await get('c');
    expect(other).toMatchObject({ ContentType: 'binary/octet-stream', Metadata: { y: '2' } });
    expect(other.TagCount).toBeUndefined();
  });

  test('keep their versions, and hide behind delete markers', async () => {
    await put('a', 'none');
    const Status = 'Enabled' as const;
    await s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    const { VersionId: first = '' } = await put('a', 'first');
    const { VersionId: second = '' } = await put('a', 'second');
    expect(first).not.toBe(second);
    expect(await textOf(await get('a'))).toBe('second');
    expect(await textOf(await get('a', { VersionId: first }))).toBe('first');
    expect(await textOf(await get('a', { VersionId: 'null' }))).toBe('none');
    const deleted = await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'a' }));
    expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) as string });
    expect(await refusalOf(() => get('a'))).toMatchObject({ code: 'NoSuchKey' });
    const marker = { VersionId: deleted.VersionId };
    expect(await refusalOf(() => get('a', marker))).toMatchObject({ code: 'MethodNotAllowed', status: 405 });
    expect(await refusalOf(() => get('a', { VersionId: 'x'.repeat(32) }))).toMatchObject({ code: 'NoSuchVersion' });
    expect(await refusalOf(() => get('a', { VersionId: '?' }))).toMatchObject({
      code: 'InvalidArgument',
      message: 'Invalid version id specified',
    });
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new sdk.ListObjectVersionsCommand({ Bucket }));
    expect(Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second, false],
      [first, false],
      ['null', false],
    ]);
    expect(DeleteMarkers).toMatchObject([{ Key: 'a', VersionId: deleted.VersionId, IsLatest: true }]);
    await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'a', ...marker }));
    expect(await textOf(await get('a'))).toBe('second');
    expect((await s3.send(new sdk.ListObjectsV2Command({ Bucket }))).KeyCount).toBe(1);
  });

  test('are deleted many at a time', async () => {
    for (const key of ['a', 'b', 'c<&>']) await put(key);
    const Objects = ['a', 'c<&>', 'none'].map((Key) => ({ Key }));
    const deleted = await s3.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(deleted.Deleted).toEqual(Objects);
    const quiet = await s3.send(
      new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'b' }], Quiet: true } }),
    );
    expect(quiet.Deleted).toBeUndefined();
    expect((await s3.send(new sdk.ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
  });

  test('are listed in the order of their bytes, by prefix, in groups and pages', async () => {
    const keys = ['a/1', 'a/2', 'a/b/3', 'ab', 'b/1', 'c', '\u{ff61}', '\u{10000}'];
    for (const key of [...keys].reverse()) await put(key);
    const pages = async (input: Partial<sdk.ListObjectsV2CommandInput>) => {
      const found: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page: sdk.ListObjectsV2CommandOutput = await s3.send(
          new sdk.ListObjectsV2Command({ Bucket, ...input, ContinuationToken }),
        );
        const { Contents = [], CommonPrefixes = [] } = page;
        const names = [...Contents.map(({ Key = '' }) => Key), ...CommonPrefixes.map(({ Prefix = '' }) => Prefix)];
        expect(names.length).toBe(page.KeyCount);
        expect(names.length).toBeLessThanOrEqual(input.MaxKeys ?? 1_000);
        found.push(...names);
        ContinuationToken = page.NextContinuationToken;
        expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
      } while (ContinuationToken !== undefined);
      return found;
    };
    expect(await pages({})).toEqual(keys);
    expect(await pages({ MaxKeys: 1 })).toEqual(keys);
    expect(await pages({ Prefix: 'a/', MaxKeys: 2 })).toEqual(['a/1', 'a/2', 'a/b/3']);
    expect((await pages({ Delimiter: '/', MaxKeys: 1 })).sort()).toEqual(
      ['a/', 'ab', 'b/', 'c', '\u{ff61}', '\u{10000}'].sort(),
    );
    expect(await pages({ Prefix: 'a/', Delimiter: '/' })).toEqual(['a/1', 'a/2', 'a/b/']);
    expect(await pages({ StartAfter: 'ab' })).toEqual(keys.slice(4));
    const v1 = await s3.send(new sdk.ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 1 }));
    expect(v1).toMatchObject({ IsTruncated: true, NextMarker: 'a/', CommonPrefixes: [{ Prefix: 'a/' }] });
    const ContinuationToken = 'nonsense';
    expect(await refusalOf(() => s3.send(new sdk.ListObjectsV2Command({ Bucket, ContinuationToken })))).toMatchObject({
      code: 'InvalidArgument',
      message: 'The continuation token provided is incorrect',
    });
  });

  test('are uploaded in parts', async () => {
    const { UploadId } = await s3.send(
      new sdk.CreateMultipartUploadCommand({ Bucket, Key: 'big', Metadata: { a: 'b' } }),
    );
    const bodies = [randomBytes(5 * MEBIBYTE), randomBytes(100)];
    const Parts: sdk.CompletedPart[] = [];
    for (const [index, Body] of bodies.entries()) {
      const part = { Bucket, Key: 'big', UploadId, PartNumber: index + 1, Body };
      const { ETag } = await s3.send(new sdk.UploadPartCommand(part));
      expect(ETag).toBe(`"${md5(Body)}"`);
      Parts.push({ PartNumber: index + 1, ETag });
    }
    const complete = (parts: sdk.CompletedPart[]) =>
      s3.send(
        new sdk.CompleteMultipartUploadCommand({ Bucket, Key: 'big', UploadId, MultipartUpload: { Parts: parts } }),
      );
    expect(await refusalOf(() => complete([...Parts].reverse()))).toMatchObject({ code: 'InvalidPartOrder' });
    expect(await refusalOf(() => complete([{ PartNumber: 3, ETag: 'x' }]))).toMatchObject({
      code: 'InvalidPart',
      PartNumber: '3',
    });
    const listed = await s3.send(new sdk.ListPartsCommand({ Bucket, Key: 'big', UploadId }));
    expect(listed.Parts?.map(({ Size }) => Size)).toEqual([5 * MEBIBYTE, 100]);
    const { ETag } = await complete(Parts);
    const digests = bodies.map((body) => createHash('md5').update(body).digest());
    expect(ETag).toBe(`"${md5(Buffer.concat(digests))}-2"`);
    const found = await get('big');
    expect(Buffer.from((await found.Body?.transformToByteArray()) ?? []).equals(Buffer.concat(bodies))).toBe(true);
    expect(found).toMatchObject({ Metadata: { a: 'b' }, ContentLength: 5 * MEBIBYTE + 100 });
    const part = await get('big', { PartNumber: 2 });
    expect(part).toMatchObject({ ContentLength: 100, PartsCount: 2 });
    expect(await refusalOf(() => get('big', { PartNumber: 3 }))).toMatchObject({
      code: 'InvalidPartNumber',
      status: 416,
    });
    expect(await refusalOf(() => complete(Parts))).toMatchObject({ code: 'NoSuchUpload', status: 404 });
  });

  test('of parts that are too small are refused, and an upload that is aborted is gone', async () => {
    const { UploadId } = await s3.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    const Parts: sdk.CompletedPart[] = [];
    for (const PartNumber of [1, 2]) {
      const part = { Bucket, Key: 'k', UploadId, PartNumber, Body: 'x' };
      Parts.push({ PartNumber, ETag: (await s3.send(new sdk.UploadPartCommand(part))).ETag });
    }
    const completion = { Bucket, Key: 'k', UploadId, MultipartUpload: { Parts } };
    expect(await refusalOf(() => s3.send(new sdk.CompleteMultipartUploadCommand(completion)))).toMatchObject({
      code: 'EntityTooSmall',
      MinSizeAllowed: '5242880',
      ProposedSize: '1',
    });
    const { Uploads = [] } = await s3.send(new sdk.ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads).toMatchObject([{ Key: 'k', UploadId }]);
    await s3.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key: 'k', UploadId }));
    expect(await refusalOf(() => s3.send(new sdk.ListPartsCommand({ Bucket, Key: 'k', UploadId })))).toMatchObject({
      code: 'NoSuchUpload',
    });
  });

  test('of a composite checksum require one of each part', async () => {
    const { UploadId } = await s3.send(
      new sdk.CreateMultipartUploadCommand({ Bucket, Key: 'k', ChecksumAlgorithm: 'CRC32' }),
    );
    const part = { Bucket, Key: 'k', UploadId, PartNumber: 1, Body: 'hello', ChecksumAlgorithm: 'CRC32' as const };
    const { ETag, ChecksumCRC32 } = await s3.send(new sdk.UploadPartCommand(part));
    const complete = (one: sdk.CompletedPart) =>
      s3.send(
        new sdk.CompleteMultipartUploadCommand({ Bucket, Key: 'k', UploadId, MultipartUpload: { Parts: [one] } }),
      );
    expect(await refusalOf(() => complete({ PartNumber: 1, ETag }))).toMatchObject({
      message: expect.stringContaining('It was missing for part 1 in the request.') as string,
    });
    const { ChecksumCRC32: whole, ChecksumType } = await complete({ PartNumber: 1, ETag, ChecksumCRC32 });
    expect([whole, ChecksumType]).toEqual([expect.stringMatching(/-1$/), 'COMPOSITE']);
  });
});

describe('objects over HTTP', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spillway-objects-'));
    cloud = await S3InTest.open('over HTTP');
    s3 = cloud.s3;
    await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  });
  afterEach(async () => {
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('that are long go through a file, in chunks with their checksum behind them', async () => {
    const bytes = randomBytes(9 * MEBIBYTE + 7); // longer than any other request may be
    writeFileSync(join(folder, 'big'), bytes);
    const { ETag } = await s3.send(
      new sdk.PutObjectCommand({
        Bucket,
        Key: 'big',
        Body: createReadStream(join(folder, 'big')),
        ContentLength: bytes.length,
        ChecksumAlgorithm: 'CRC32C',
      }),
    );
    expect(ETag).toBe(`"${md5(bytes)}"`);
    const found = await get('big', { ChecksumMode: 'ENABLED' });
    expect(found.ChecksumCRC32C).toEqual(expect.any(String));
    expect(md5((await found.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(md5(bytes));
    const part = await get('big', { Range: `bytes=${8 * MEBIBYTE}-` });
    expect(md5((await part.Body?.transformToByteArray()) ?? '')).toBe(md5(bytes.subarray(8 * MEBIBYTE)));
  });

  test('take a bounded amount of memory', async () => {
    const mebibytes = process.env.LONG === '1' ? 1_024 : 96;
    const chunk = randomBytes(MEBIBYTE);
    const before = process.memoryUsage.rss();
    let most = before;
    async function* body(): AsyncIterable<Uint8Array> {
      for (let sent = 0; sent < mebibytes; sent++) {
        most = Math.max(most, process.memoryUsage.rss());
        yield await Promise.resolve(chunk);
      }
    }
    const { Readable } = await import('node:stream');
    const Body = Readable.from(body(), { objectMode: false });
    await s3.send(new sdk.PutObjectCommand({ Bucket, Key: 'big', Body, ContentLength: mebibytes * MEBIBYTE }));
    const { ContentLength } = await s3.send(new sdk.HeadObjectCommand({ Bucket, Key: 'big' }));
    expect(ContentLength).toBe(mebibytes * MEBIBYTE);
    expect((most - before) / MEBIBYTE).toBeLessThan(mebibytes === 1_024 ? 64 : 80);
  });

  test('are fetched and put by signed URLs', async () => {
    await put('a b', 'hello');
    const url = await getSignedUrl(s3, new sdk.GetObjectCommand({ Bucket, Key: 'a b', ResponseContentType: 'text/x' }));
    const response = await fetch(url);
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([
      200,
      'hello',
      'text/x',
    ]);
    const upload = await getSignedUrl(s3, new sdk.PutObjectCommand({ Bucket, Key: 'new' }));
    expect((await fetch(upload, { method: 'PUT', body: 'sent' })).status).toBe(200);
    expect(await textOf(await get('new'))).toBe('sent');
  });

  test('are found by the bucket in the host name', async () => {
    await put('a/b', 'hello');
    const { port } = new URL(cloud.emulator.endpointUrl);
    const ask = (host: string, path: string) =>
      new Promise<string>((done, failed) => {
        const headers = {
          host,
          authorization:
            'AWS4-HMAC-SHA256 Credential=000000000000/20300101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
        };
        request({ host: '127.0.0.1', port, path, headers }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => done(text));
        })
          .on('error', failed)
          .end();
      });
    expect(await ask(`${Bucket}.localhost:${port}`, '/a/b')).toBe('hello');
    expect(await ask(`${Bucket}.s3.localhost:${port}`, '/a/b')).toBe('hello');
    expect(await ask(`localhost:${port}`, `/${Bucket}/a/b`)).toBe('hello');
  });
});
