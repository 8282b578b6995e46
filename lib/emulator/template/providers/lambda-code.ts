import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '../cloud';
import { isZip, unzip } from '../unzip';
import { UnsupportedResource } from './contract';

/** Where a function's code comes from: `Code` of `AWS::Lambda::Function`. */
export interface FunctionCode {
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly ZipFile?: string;
}

/** The local folder that holds a function's unpacked code. */
export function codeFolder(functionName: string, code: FunctionCode, cloud: Cloud): string {
  if (code.ZipFile !== undefined) {
    const folder = cloud.scratchDirectory(functionName);
    writeFileSync(join(folder, 'index.js'), code.ZipFile); // so Lambda calls the file of inline code
    return folder;
  }
  const { S3Bucket = '', S3Key = '' } = code;
  const asset = cloud.asset(S3Bucket, S3Key);
  if (asset === undefined) {
    throw new UnsupportedResource(`its code s3://${S3Bucket}/${S3Key} is no asset of the assembly`);
  }
  if (statSync(asset).isDirectory()) return asset;
  if (!isZip(asset)) throw new UnsupportedResource(`its code ${asset} is neither a folder nor a zip archive`);
  const folder = cloud.scratchDirectory(functionName);
  unzip(asset, folder);
  return folder;
}
