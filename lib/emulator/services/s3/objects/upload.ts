import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { once } from 'node:events';
import type { Clock } from '../../../clock';
import type { FileBody, HttpRequest } from '../../../protocol/http-request';
import { badDigest, contentSha256Mismatch, incompleteBody, invalidDigest, invalidRequest } from '../errors';
import { ChunkedBody } from './aws-chunked';
import { type Content, FileContent, MemoryContent, type ObjectFiles } from './content';
import { CHECKSUMS, type ChecksumAlgorithm, type Hash, hashOf, headerOf, isChecksum, readAlgorithm } from './hashes';

/** A body as it was sent, with the headers that say how to read and check it. */
export interface Upload {
  readonly bytes: Uint8Array;
  readonly fileBody?: FileBody;
  readonly headers: HttpRequest['headers'];
}

/** A body whose bytes are all there is to it. */
export function uploadOf(bytes: Uint8Array): Upload {
  return { bytes, headers: {} };
}

/** A body that has been read and checked. */
export interface Received {
  readonly content: Content;
  /** In hexadecimal. */
  readonly md5: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/** Everything that S3 knows of a body before it has read it. */
interface Expected {
  readonly chunked: boolean;
  readonly length?: number;
  readonly md5?: Buffer;
  readonly sha256?: string;
  readonly algorithm: ChecksumAlgorithm;
  readonly value?: string;
  /** Whether the value comes after the data. */
  readonly trails: boolean;
}

/**
 * Reads a body, decodes it and checks it against what its headers promise. Time stands still meanwhile.
 * @throws AwsError if they differ
 */
export async function receive(upload: Upload, files: ObjectFiles, clock: Clock): Promise<Received> {
  const release = clock.hold();
  try {
    return await read(upload, files);
  } finally {
    release();
  }
}

async function read(upload: Upload, files: ObjectFiles): Promise<Received> {
  const expected = expectedOf(upload.headers);
  const hashes = new Hashes(expected);
  const { fileBody } = upload;
  try {
    const { content, trailers } =
      fileBody === undefined
        ? fromMemory(upload.bytes, expected, hashes)
        : await fromFile(fileBody, expected, hashes, files);
    try {
      return await checked(content, expected, hashes, trailers);
    } catch (error) {
      content.dispose();
      throw error;
    }
  } catch (error) {
    if (fileBody !== undefined) rmSync(fileBody.file, { force: true });
    throw error;
  }
}

function expectedOf(headers: HttpRequest['headers']): Expected {
  const sha256 = headers['x-amz-content-sha256'];
  const decoded = headers['x-amz-decoded-content-length'];
  const md5 = headers['content-md5'];
  const given = CHECKSUMS.filter((algorithm) => headers[headerOf(algorithm)] !== undefined);
  if (given.length > 1) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  const [named] = given;
  const trailer = CHECKSUMS.find((algorithm) => headers['x-amz-trailer']?.toLowerCase() === headerOf(algorithm));
  const value = named === undefined ? undefined : headers[headerOf(named)];
  if (named !== undefined && !isChecksum(named, value ?? '')) {
    throw invalidRequest(`Value for ${headerOf(named)} header is invalid.`);
  }
  const digest = md5 === undefined ? undefined : Buffer.from(md5, 'base64');
  if (md5 !== undefined && (digest?.length !== 16 || digest.toString('base64') !== md5)) throw invalidDigest(md5);
  return {
    chunked: sha256?.startsWith('STREAMING-') === true || headers['content-encoding']?.includes('aws-chunked') === true,
    length: decoded === undefined ? undefined : Number(decoded),
    md5: digest,
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
    // Without any, S3 computes one of its own.
    algorithm: named ?? trailer ?? readAlgorithm(headers['x-amz-sdk-checksum-algorithm']) ?? 'CRC64NVME',
    value,
    trails: trailer !== undefined && named === undefined,
  };
}

/** The hashes of a body that are needed, each computed once. */
class Hashes {
  public readonly md5 = hashOf('MD5');
  public readonly checksum: Hash;
  public readonly sha256?: Hash;

  constructor({ algorithm, sha256 }: Expected) {
    this.checksum = hashOf(algorithm);
    if (sha256 !== undefined) this.sha256 = hashOf('SHA256');
  }

  public update(bytes: Uint8Array): void {
    this.md5.update(bytes);
    this.checksum.update(bytes);
    this.sha256?.update(bytes);
  }
}

type Trailers = ReadonlyMap<string, string>;
const NONE: Trailers = new Map();

function fromMemory(
  bytes: Uint8Array,
  { chunked }: Expected,
  hashes: Hashes,
): { readonly content: Content; readonly trailers: Trailers } {
  if (!chunked) {
    hashes.update(bytes);
    // A copy: the bytes may be a view of a larger buffer.
    return { content: new MemoryContent(Uint8Array.from(bytes)), trailers: NONE };
  }
  const parts: Uint8Array[] = [];
  const body = new ChunkedBody((part) => parts.push(part));
  body.push(bytes);
  body.end();
  const data = Buffer.concat(parts);
  hashes.update(data);
  return { content: new MemoryContent(data), trailers: body.trailers };
}

async function fromFile(
  { file, length }: FileBody,
  { chunked }: Expected,
  hashes: Hashes,
  files: ObjectFiles,
): Promise<{ readonly content: Content; readonly trailers: Trailers }> {
  const source = createReadStream(file);
  if (!chunked) {
    for await (const bytes of source) hashes.update(bytes as Buffer);
    return { content: new FileContent(file, length), trailers: NONE };
  }
  const path = files.create();
  const target = createWriteStream(path);
  let size = 0;
  let full = false;
  const body = new ChunkedBody((bytes) => {
    hashes.update(bytes);
    size += bytes.length;
    full = !target.write(Uint8Array.from(bytes)) || full;
  });
  try {
    for await (const bytes of source) {
      body.push(bytes as Buffer);
      if (full) await once(target, 'drain');
      full = false;
    }
    body.end();
    target.end();
    await once(target, 'finish');
  } catch (error) {
    target.destroy();
    rmSync(path, { force: true });
    throw error;
  }
  rmSync(file, { force: true });
  return { content: new FileContent(path, size), trailers: body.trailers };
}

async function checked(content: Content, expected: Expected, hashes: Hashes, trailers: Trailers): Promise<Received> {
  const { length, algorithm, md5: expectedMd5, sha256, trails } = expected;
  if (length !== undefined && length !== content.size) throw incompleteBody();
  const md5 = await hashes.md5.digest();
  if (expectedMd5?.equals(md5) === false) {
    throw badDigest('The Content-MD5 you specified did not match what we received.', {
      ExpectedDigest: expectedMd5.toString('base64'),
      CalculatedDigest: md5.toString('base64'),
    });
  }
  const computed = (await hashes.sha256?.digest())?.toString('hex');
  if (sha256 !== undefined && computed !== undefined && sha256 !== computed) {
    throw contentSha256Mismatch(sha256, computed);
  }
  const value = (await hashes.checksum.digest()).toString('base64');
  const promised = trails ? trailers.get(headerOf(algorithm)) : expected.value;
  if (trails && (promised === undefined || !isChecksum(algorithm, promised))) {
    throw invalidRequest(`Value for ${headerOf(algorithm)} trailing header is invalid.`);
  }
  if (promised !== undefined && promised !== value) {
    throw badDigest(`The ${algorithm} you specified did not match the calculated checksum.`);
  }
  return { content, md5: md5.toString('hex'), checksum: { algorithm, value } };
}
