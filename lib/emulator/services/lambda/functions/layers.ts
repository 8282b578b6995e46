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
import { type AwsError, formatArn, ModelConstraints } from '../../../core';
import { invalidParameter, resourceNotFound } from '../errors';
import { page } from '../page';
import { LazyFolder } from './lazy-folder';
import type { FunctionLayers } from '../runner';

const LARGEST_PAGE = 50;
const MOST_RUNTIMES = 15;
const MOST_LAYERS = 5;
const LAYER_VERSION_ARN = 'arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+';
/** The ARN of a version: that of its layer, and its number. */
const VERSION = /^(.+):(\d+)$/;

/** A version of a layer. */
export interface LayerVersion {
  readonly layerArn: string;
  readonly version: number;
  /** The local folder with its unpacked content: what is merged into `/opt`. */
  readonly folder: LazyFolder;
  readonly codeSha256: string;
  /** The size of its archive, in bytes; undefined if it is a folder of an assembly. */
  readonly codeSize?: number;
  readonly description: string;
  /** In milliseconds since the epoch. */
  readonly createdAt: number;
  readonly runtimes?: PublishLayerVersionRequest['CompatibleRuntimes'];
  readonly architectures?: PublishLayerVersionRequest['CompatibleArchitectures'];
  readonly license?: string;
}

/** The content of a layer's version on this machine, and what its author says of it. */
export type LayerContent = Omit<LayerVersion, 'layerArn' | 'version' | 'createdAt'>;

/** What {@link Layers} needs. */
export interface LayersDependencies {
  readonly clock: Pick<Clock, 'now'>;
  readonly account: string;
  readonly region: string;
  /** Unpacks a zip archive into a folder. */
  readonly unpack: (name: string, archive: Uint8Array) => string;
  /** Merges folders, in their order. */
  readonly merge: (folders: readonly string[]) => string;
  /** Removes a folder that is not used any more. */
  readonly discard?: (directory: string) => void;
  /** Whether a function has this version of a layer. */
  readonly isUsed: (arn: string) => boolean;
}

/** The layers of an account and Region: their versions, by number. The number of a deleted version is not given again. */
export class Layers {
  private readonly byName = new Map<string, { readonly versions: Map<number, LayerVersion>; next: number }>();

  /** The folders of merged layers, by the ARNs of their versions. */
  private readonly merged = new Map<string, LazyFolder>();

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
    const { CompatibleArchitectures: architectures } = input;
    // Unpacked at once, as AWS refuses what is no archive.
    const directory = this.dependencies.unpack(name, content.ZipFile);
    const version = this.add(name, {
      folder: new LazyFolder(() => directory),
      codeSha256: createHash('sha256').update(content.ZipFile).digest('base64'),
      codeSize: content.ZipFile.length,
      ...{ description, runtimes, architectures, license },
    });
    return describe(version);
  }

  /** Adds a version whose content is on this machine already. */
  public add(reference: string, content: LayerContent): LayerVersion {
    const name = this.nameOf(reference);
    const layer = this.byName.get(name) ?? { versions: new Map<number, LayerVersion>(), next: 1 };
    this.byName.set(name, layer);
    const createdAt = this.dependencies.clock.now();
    const version = { ...content, layerArn: this.arnOf(name), version: layer.next++, createdAt };
    layer.versions.set(version.version, version);
    return version;
  }

  /**
   * What a function with these versions finds at `/opt`, merged in their order; undefined if there are none. Versions
   * that do not exist here are {@link LayerReference.missing}.
   * @throws AwsError if AWS would refuse their number, or two versions of a layer
   */
  public merge(arns: readonly string[] = []): FunctionLayers | undefined {
    if (arns.length === 0) return undefined;
    if (arns.length > MOST_LAYERS) throw invalidParameter(`Cannot reference more than ${MOST_LAYERS} layers.`);
    if (new Set(arns.map((arn) => arn.replace(/:\d+$/, ''))).size < arns.length) throw twoVersions();
    const found = arns.map((arn) => ({ arn, version: this.lookUp(arn) }));
    const versions = found.map(({ arn, version }) => ({
      arn,
      ...(version === undefined ? { missing: true } : { codeSize: version.codeSize }),
    }));
    const folders = found.flatMap(({ version }) => version?.folder ?? []);
    if (folders.length === 0) return { versions };
    const key = arns.join();
    const folder = this.merged.get(key) ?? this.mergedFolder(folders);
    this.merged.set(key, folder);
    return {
      versions,
      get directory() {
        return folder.path;
      },
    };
  }

  private mergedFolder(folders: readonly LazyFolder[]): LazyFolder {
    if (folders.length === 1) return folders[0];
    return new LazyFolder(() => this.dependencies.merge(folders.map(({ path }) => path)));
  }

  /**
   * Checks the layers of a function that is made by the API.
   * @throws AwsError if one of them is not here
   */
  public check(arns: readonly string[] = []): void {
    const own = this.arnOf('');
    for (const arn of arns) {
      new ModelConstraints().pattern('layers', arn, LAYER_VERSION_ARN).check('ValidationException');
      if (!arn.startsWith(own)) {
        throw invalidParameter(
          `Layers of other accounts and Regions are not emulated, such as ${arn}: publish it here.`,
        );
      }
      if (this.lookUp(arn) === undefined) throw invalidParameter(`Layer version ${arn} does not exist.`);
    }
  }

  public get(input: GetLayerVersionRequest): GetLayerVersionResponse {
    return describe(this.find(this.nameOf(input.LayerName), input.VersionNumber ?? 0));
  }

  public getByArn({ Arn: arn = '' }: GetLayerVersionByArnRequest): GetLayerVersionResponse {
    const [, layerArn = arn, version] = VERSION.exec(arn) ?? [];
    return describe(this.find(this.nameOf(layerArn), Number(version)));
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

  /** Deletes a version; succeeds if it does not exist. As on AWS, functions that have it keep its content. */
  public delete({ LayerName, VersionNumber = 0 }: DeleteLayerVersionRequest): void {
    const layer = this.byName.get(this.nameOf(LayerName));
    const version = layer?.versions.get(VersionNumber);
    if (version === undefined) return;
    layer?.versions.delete(VersionNumber);
    const { pathIfMade } = version.folder;
    if (pathIfMade === undefined || this.dependencies.isUsed(`${version.layerArn}:${VersionNumber}`)) return;
    this.dependencies.discard?.(pathIfMade);
  }

  /** A version by its ARN, if it is here. */
  private lookUp(arn: string): LayerVersion | undefined {
    const own = this.arnOf('');
    const [, layerArn = '', version] = VERSION.exec(arn) ?? [];
    return layerArn.startsWith(own)
      ? this.byName.get(layerArn.slice(own.length))?.versions.get(Number(version))
      : undefined;
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

function twoVersions(): AwsError {
  return invalidParameter(
    'Two different versions of the same layer are not allowed to be referenced in the same function.',
  );
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
  const { layerArn, codeSha256, codeSize, folder } = layer;
  return {
    ...listItem(layer),
    LayerArn: layerArn,
    Content: { Location: pathToFileURL(folder.path).href, CodeSha256: codeSha256, CodeSize: codeSize },
  };
}
