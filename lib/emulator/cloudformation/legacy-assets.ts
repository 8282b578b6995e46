import { join } from 'node:path';
import { isObject, type Json } from './provider/json';

/** The assets of a stack of CDK version 1, which its template finds by parameters. */
export interface LegacyAssets {
  readonly parameters: Readonly<Record<string, string>>;
  readonly files: readonly { readonly bucket: string; readonly key: string; readonly path: string }[];
}

const BUCKET = 'cdk-assets';

/** Reads the assets in the metadata of a stack's artifact. */
export function legacyAssets(directory: string, metadata: Json | undefined): LegacyAssets {
  const parameters: Record<string, string> = {};
  const files: { bucket: string; key: string; path: string }[] = [];
  const entries = isObject(metadata)
    ? Object.values(metadata).flatMap((list) => (Array.isArray(list) ? list : []))
    : [];
  for (const entry of entries) {
    if (!isObject(entry) || entry.type !== 'aws:cdk:asset' || !isObject(entry.data)) continue;
    const text = (name: string): string | undefined => {
      const value = isObject(entry.data) ? entry.data[name] : undefined;
      return typeof value === 'string' ? value : undefined;
    };
    const [path, hash = text('id') ?? ''] = [text('path'), text('sourceHash')];
    const give = (parameter: string, value: string): void => {
      const name = text(parameter);
      if (name !== undefined) parameters[name] = value;
    };
    // A template splits the key in two at the bars.
    const [prefix, name] = [`assets/${hash}/`, `${hash}${text('packaging') === 'zip' ? '.zip' : ''}`];
    give('s3BucketParameter', BUCKET);
    give('s3KeyParameter', `${prefix}||${name}`);
    give('artifactHashParameter', hash);
    give('imageNameParameter', `${BUCKET}:${hash}`);
    if (path !== undefined && text('s3KeyParameter') !== undefined) {
      files.push({ bucket: BUCKET, key: prefix + name, path: join(directory, path) });
    }
  }
  return { parameters, files };
}
