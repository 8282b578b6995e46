import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type {
  DeleteLayerVersionRequest,
  GetLayerVersionByArnRequest,
  GetLayerVersionRequest,
  GetLayerVersionResponse,
  LayerVersionsListItem,
  ListLayersRequest,
  ListLayersResponse,
  ListLayerVersionsRequest,
  ListLayerVersionsResponse,
  PublishLayerVersionRequest,
  PublishLayerVersionResponse,
} from '@aws-sdk/client-lambda';
import type { Clock } from '../../../clock';
import { formatArn, ModelConstraints } from '../../../core';
import { invalidParameter, resourceNotFound } from '../errors';
import { page } from '../page';

const LARGEST_PAGE = 50;
const MOST_RUNTIMES = 15;

/** A version of a layer. */
export interface LayerVersion {
  readonly layerArn: string;
  readonly version: number;
  /** The local folder with its unpacked content: what is merged into `/opt`. */
  readonly directory: string;
  readonly codeSha256: string;
  readonly codeSize: number;
  readonly description: string;
  /** In milliseconds since the epoch. */
  readonly createdAt: number;
  readonly runtimes?: PublishLayerVersionRequest['CompatibleRuntimes'];
  readonly architectures?: PublishLayerVersionRequest['CompatibleArchitectures'];
  readonly license?: string;
}

/** What {@link Layers} needs. */
export interface LayersDependencies {
  readonly clock: Pick<Clock, 'now'>;
  readonly account: string;
  readonly region: string;
  /** Unpacks a zip archive into a folder. */
  readonly unpack: (name: string, archive: Uint8Array) => string;
  /** Removes a folder that is not used any more. */
  readonly discard?: (directory: string) => void;
}

/** The layers of an account and Region: their versions, by number. The number of a deleted version is not given again. */
export class Layers {
  private readonly byName = new Map<string, { readonly versions: Map<number, LayerVersion>; next: number }>();

  constructor(private readonly dependencies: LayersDependencies) {}

  public publish(input: PublishLayerVersionRequest): PublishLayerVersionResponse {
    const {
      Content: content,
      Description: description = '',
      CompatibleRuntimes: runtimes,
      LicenseInfo: license,
    } = input;
    const name = this.nameOf(input.LayerName);
    new ModelConstraints()
      .length('description', description, 0, 256)
      .length('licenseInfo', license, 0, 512)
      .length('compatibleRuntimes', runtimes, 0, MOST_RUNTIMES)
      .length('compatibleArchitectures', input.CompatibleArchitectures, 0, 2)
      .check('ValidationException');
    for (const member of ['S3Bucket', 'S3Key', 'S3ObjectVersion'] as const) {
      if (content?.[member] !== undefined) {
        throw invalidParameter(
          `${member} is not emulated for PublishLayerVersion: give the archive itself as ZipFile.`,
        );
      }
    }
    if (content?.ZipFile === undefined) throw invalidParameter('Please provide a source for layer code.');
    const { clock, unpack } = this.dependencies;
    const directory = unpack(name, content.ZipFile);
    const layer = this.byName.get(name) ?? { versions: new Map<number, LayerVersion>(), next: 1 };
    this.byName.set(name, layer);
    const version: LayerVersion = {
      layerArn: this.arnOf(name),
      version: layer.next++,
      directory,
      codeSha256: createHash('sha256').update(content.ZipFile).digest('base64'),
      codeSize: content.ZipFile.length,
      description,
      createdAt: clock.now(),
      ...(runtimes !== undefined && { runtimes }),
      ...(input.CompatibleArchitectures !== undefined && { architectures: input.CompatibleArchitectures }),
      ...(license !== undefined && { license }),
    };
    layer.versions.set(version.version, version);
    return describe(version);
  }

  public get(input: GetLayerVersionRequest): GetLayerVersionResponse {
    return describe(this.find(this.nameOf(input.LayerName), input.VersionNumber ?? 0));
  }

  public getByArn({ Arn: arn = '' }: GetLayerVersionByArnRequest): GetLayerVersionResponse {
    return describe(this.byArn(arn));
  }

  /** Finds a version by its ARN. Throws AWS's error if it does not exist. */
  public byArn(arn: string): LayerVersion {
    const parts = /^(.+):(\d+)$/.exec(arn);
    return this.find(this.nameOf(parts?.[1] ?? arn), Number(parts?.[2]));
  }

  public list(input: ListLayersRequest): ListLayersResponse {
    const { CompatibleRuntime: runtime } = input;
    const all = [...this.byName].flatMap(([LayerName, { versions }]) => {
      const matching = [...versions.values()].filter((version) => fits(version, runtime));
      const latest = matching.at(-1);
      return latest === undefined
        ? []
        : [{ LayerName, LayerArn: latest.layerArn, LatestMatchingVersion: listItem(latest) }];
    });
    const { items, nextMarker } = page(all, input, LARGEST_PAGE);
    return { Layers: [...items], ...(nextMarker !== undefined && { NextMarker: nextMarker }) };
  }

  public listVersions(input: ListLayerVersionsRequest): ListLayerVersionsResponse {
    const versions = [...(this.byName.get(this.nameOf(input.LayerName))?.versions.values() ?? [])].reverse();
    const all = versions.filter((version) => fits(version, input.CompatibleRuntime)).map(listItem);
    const { items, nextMarker } = page(all, input, LARGEST_PAGE);
    return { LayerVersions: [...items], ...(nextMarker !== undefined && { NextMarker: nextMarker }) };
  }

  /** Deletes a version; succeeds if it does not exist. */
  public delete({ LayerName, VersionNumber = 0 }: DeleteLayerVersionRequest): void {
    const layer = this.byName.get(this.nameOf(LayerName));
    const version = layer?.versions.get(VersionNumber);
    if (version === undefined) return;
    layer?.versions.delete(VersionNumber);
    this.dependencies.discard?.(version.directory);
  }

  private find(name: string, version: number): LayerVersion {
    const found = this.byName.get(name)?.versions.get(version);
    if (found === undefined) throw resourceNotFound('The resource you requested does not exist.');
    return found;
  }

  /** The name of a layer, from its name or ARN. */
  private nameOf(reference = ''): string {
    const own = this.arnOf('');
    const name = reference.startsWith(own) ? reference.slice(own.length) : reference;
    new ModelConstraints()
      .length('layerName', name, 1, 140)
      .pattern('layerName', name, '[a-zA-Z0-9-_]+')
      .check('ValidationException');
    return name;
  }

  private arnOf(name: string): string {
    const { region, account } = this.dependencies;
    return formatArn('lambda', region, account, `layer:${name}`);
  }
}

function fits({ runtimes }: LayerVersion, runtime: string | undefined): boolean {
  return runtime === undefined || runtimes === undefined || runtimes.some((each) => each === runtime);
}

function listItem(layer: LayerVersion): LayerVersionsListItem {
  const { layerArn, version, description, createdAt, runtimes, architectures, license } = layer;
  return {
    LayerVersionArn: `${layerArn}:${version}`,
    Version: version,
    Description: description,
    CreatedDate: new Date(createdAt).toISOString().replace('Z', '+0000'),
    ...(runtimes !== undefined && { CompatibleRuntimes: runtimes }),
    ...(architectures !== undefined && { CompatibleArchitectures: architectures }),
    ...(license !== undefined && { LicenseInfo: license }),
  };
}

function describe(layer: LayerVersion): PublishLayerVersionResponse {
  const { layerArn, codeSha256, codeSize, directory } = layer;
  return {
    ...listItem(layer),
    LayerArn: layerArn,
    Content: { Location: pathToFileURL(directory).href, CodeSha256: codeSha256, CodeSize: codeSize },
  };
}
