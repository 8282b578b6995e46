import type { Lambda } from '../lambda';
import { createHash } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isZip, unzip } from '../functions/unzip';
import { UnsupportedResource, type ResourceContext } from '../../../cloudformation/provider/contract';

/** `Code` of `AWS::Lambda::Function`. */
export interface FunctionCode {
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly ZipFile?: string;
}

/** A function's code on this machine. */
export interface LocalCode {
  /** The folder with the unpacked code. */
  readonly codeDirectory: string;
  /** The hash of the archive or, for an asset, the one in its name; in base64. */
  readonly codeSha256: string;
  /** The size of the archive, in bytes; undefined for a folder. */
  readonly codeSize?: number;
}

/** Unpacks a function's code to a local folder. */
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
  const { S3Bucket = '', S3Key = '' } = code;
  const asset = context.asset(S3Bucket, S3Key);
  if (asset === undefined) {
    throw new UnsupportedResource(`its code s3://${S3Bucket}/${S3Key} is no asset of the assembly`);
  }
  const codeSha256 = sha256(S3Key);
  const stats = statSync(asset);
  if (stats.isDirectory()) return { codeDirectory: asset, codeSha256 };
  if (!isZip(asset)) throw new UnsupportedResource(`its code ${asset} is neither a folder nor a zip archive`);
  const folder = context.scratchDirectory(functionName);
  try {
    unzip(asset, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { codeDirectory: folder, codeSha256, codeSize: stats.size };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
