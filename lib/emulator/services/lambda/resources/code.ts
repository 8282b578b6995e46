import type { Lambda } from '../lambda';
import { createHash } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LazyFolder } from '../functions/lazy-folder';
import type { LayerContent } from '../functions/layers';
import { checkArchive, isZip, unzip } from '../functions/unzip';
import { UnsupportedResource, type ResourceContext } from '../../../cloudformation/provider/contract';

/** `Code` of `AWS::Lambda::Function`. */
export interface FunctionCode {
  readonly ImageUri?: string;
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly ZipFile?: string;
}

/** A function's code on this machine. */
export interface LocalCode {
  /** The folder with the unpacked code; empty if it is absent. */
  readonly codeDirectory: string;
  /** Why the code is not on this machine: a clause. */
  readonly absentCode?: string;
  readonly imageUri?: string;
  /** The hash of the archive or, for an asset, the one in its name; in base64. */
  readonly codeSha256?: string;
  /** The size of the archive, in bytes; undefined for a folder. */
  readonly codeSize?: number;
}

/** Unpacks a function's code to a local folder. Code that is not on this machine is absent, which is no error. */
export function localCode(
  { functionName, runtime }: { readonly functionName: string; readonly runtime: string },
  code: FunctionCode,
  context: ResourceContext<Lambda>,
): LocalCode {
  if (code.ZipFile !== undefined) {
    const folder = context.scratchDirectory(functionName);
    // Lambda's file name for inline code.
    writeFileSync(join(folder, runtime.startsWith('python') ? 'index.py' : 'index.js'), code.ZipFile);
    return { codeDirectory: folder, codeSha256: sha256(code.ZipFile), codeSize: Buffer.byteLength(code.ZipFile) };
  }
  const { ImageUri: imageUri } = code;
  if (imageUri !== undefined) {
    return { ...absent('its code is a container image', functionName, context), imageUri };
  }
  const asset = findAsset(code, context);
  if ('problem' in asset) return absent(asset.problem, functionName, context);
  if (asset.isFolder) return { codeDirectory: asset.path, codeSha256: asset.codeSha256 };
  return { codeDirectory: unpack(asset, functionName, context), codeSha256: asset.codeSha256, codeSize: asset.size };
}

function absent(absentCode: string, functionName: string, context: ResourceContext<Lambda>): LocalCode {
  return { codeDirectory: context.scratchDirectory(functionName), absentCode };
}

/** A layer's content on this machine; an archive is unpacked when it is first used. */
export function layerContent(
  content: Pick<FunctionCode, 'S3Bucket' | 'S3Key'>,
  context: ResourceContext<Lambda>,
): Pick<LayerContent, 'folder' | 'codeSha256' | 'codeSize'> {
  const asset = findAsset(content, context);
  if ('problem' in asset) throw new UnsupportedResource(asset.problem);
  const { path, isFolder, codeSha256, size } = asset;
  if (isFolder) return { folder: new LazyFolder(() => path), codeSha256 };
  checkArchive(path);
  return { folder: new LazyFolder(() => unpack(asset, 'layer', context)), codeSha256, codeSize: size };
}

/** An asset of the assembly: a folder or a zip archive. */
interface Asset {
  readonly path: string;
  readonly isFolder: boolean;
  /** In bytes, if it is an archive. */
  readonly size: number;
  readonly codeSha256: string;
}

function findAsset(
  { S3Bucket = '', S3Key = '' }: Pick<FunctionCode, 'S3Bucket' | 'S3Key'>,
  context: ResourceContext<Lambda>,
): Asset | { readonly problem: string } {
  const path = context.asset(S3Bucket, S3Key);
  if (path === undefined) return { problem: `its code s3://${S3Bucket}/${S3Key} is no asset of the assembly` };
  const stats = statSync(path);
  const isFolder = stats.isDirectory();
  if (!isFolder && !isZip(path)) return { problem: `its code ${path} is neither a folder nor a zip archive` };
  return { path, isFolder, size: stats.size, codeSha256: sha256(S3Key) };
}

function unpack({ path }: Asset, purpose: string, context: ResourceContext<Lambda>): string {
  const folder = context.scratchDirectory(purpose);
  try {
    unzip(path, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
