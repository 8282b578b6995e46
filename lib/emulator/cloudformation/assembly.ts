import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { AssemblyError } from './assembly-error';
import { AssetCatalogue } from './asset-catalogue';
import { ConstructPaths, type ConstructPath } from './construct-paths';
import { inDependencyOrder } from './dependency-order';
import { isObject, NestedTooDeeply, parseJson, show, type Json, type JsonObject } from './provider/json';
import { readTemplates } from './bare-templates';
import { legacyAssets } from './legacy-assets';
import { parseTemplate, type Template } from './template';
import { TEMPLATE_FILE } from './template-file';

/** One stack of a cloud assembly. */
export interface AssemblyStack {
  /** The id that the CDK's command line shows: `Prod/Videos`, or the artifact's id. */
  readonly id: string;
  readonly stackName: string;
  /** The template's file, relative to the assembly. */
  readonly templateFile: string;
  readonly template: Template;
  /** Why its template cannot be read, if it was read leniently. */
  readonly problem?: AssemblyError;
  /** The ids of the stacks that it is deployed after. */
  readonly dependencies: readonly string[];
  /** Where it is deployed; undefined if the CDK app leaves that open. */
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** The assembly's values for the template's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly paths: ConstructPaths;
}

/** What `cdk synth` wrote. */
export interface Assembly {
  readonly directory: string;
  /** The stacks in deployment order, including those of nested stages. */
  readonly stacks: readonly AssemblyStack[];
  /** The local file of an asset, or its folder if it is published as a zip archive. */
  readonly asset: (bucket: string, key: string) => string | undefined;
}

/** Options of {@link readAssembly}. */
export interface ReadOptions {
  /**
   * Whether a template that cannot be read is the problem of its stack alone.
   * @default false
   */
  readonly lenient?: boolean;
}

/**
 * Reads the cloud assembly in `directory`, all of it: manifests, templates, asset manifests, stages. Instead of one, it
 * may be a template, or a folder of templates.
 *
 * @throws {AssemblyError} where a file is missing, is no JSON, or has the wrong shape: one line that names the file
 */
export function readAssembly(directory: string, options: ReadOptions = {}): Assembly {
  const root = resolve(directory);
  const isFolder = statSync(root, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === undefined) throw new AssemblyError(directory, 'there is no such folder');
  if (!isFolder && !TEMPLATE_FILE.test(root)) throw new AssemblyError(directory, 'it is not a folder');
  if (!isFolder || !existsSync(join(root, 'manifest.json'))) return readTemplates(directory, options);
  const reader = new AssemblyReader(root, options);
  reader.read(root);
  return {
    directory: root,
    stacks: reader.stacks,
    asset: (bucket, key) => reader.assets.find(bucket, key),
  };
}

interface Artifact {
  readonly id: string;
  readonly type: string;
  readonly dependencies: readonly string[];
  readonly properties: JsonObject;
  readonly body: JsonObject;
}

class AssemblyReader {
  public readonly stacks: AssemblyStack[] = [];
  public readonly assets = new AssetCatalogue();

  constructor(
    private readonly root: string,
    private readonly options: ReadOptions,
  ) {}

  public read(directory: string): void {
    const file = this.name(join(directory, 'manifest.json'));
    const artifacts = this.artifacts(file);
    const stackIds = new Map(artifacts.filter(isStack).map((artifact) => [artifact.id, displayName(artifact)]));
    for (const artifact of artifacts) {
      const text = (property: string): string => this.text(file, artifact, property);
      switch (artifact.type) {
        case 'aws:cloudformation:stack':
          this.stacks.push(this.stack(directory, artifact, text('templateFile'), stackIds));
          break;
        case 'cdk:asset-manifest':
          this.assetManifest(directory, text('file'));
          break;
        case 'cdk:cloud-assembly':
          this.read(join(directory, text('directoryName')));
          break;
        default: // the construct tree and what else describes the app rather than what to deploy
      }
    }
  }

  private artifacts(file: string): Artifact[] {
    const manifest = this.json(file);
    if (!isObject(manifest) || !isObject(manifest.artifacts)) {
      throw new AssemblyError(file, 'artifacts must be an object: it is no manifest of a cloud assembly');
    }
    const artifacts = Object.entries(manifest.artifacts).map(([id, body]): Artifact => {
      if (!isObject(body) || typeof body.type !== 'string') {
        throw new AssemblyError(
          file,
          `artifacts.${id}.type must be a string, but was ${show(isObject(body) ? body.type : body)}`,
        );
      }
      const dependencies = Array.isArray(body.dependencies) ? body.dependencies.map(String) : [];
      return { id, type: body.type, dependencies, properties: isObject(body.properties) ? body.properties : {}, body };
    });
    const byId = new Map(artifacts.map((artifact) => [artifact.id, artifact]));
    for (const { id, dependencies } of artifacts) {
      const missing = dependencies.find((dependency) => !byId.has(dependency));
      if (missing !== undefined)
        throw new AssemblyError(file, `artifacts.${id} depends on ${missing}, which is missing`);
    }
    const order = inDependencyOrder([...byId.keys()], (id) => byId.get(id)?.dependencies ?? []);
    if ('cycle' in order) throw new AssemblyError(file, `artifacts depend on each other: ${order.cycle.join(' -> ')}`);
    return order.order.flatMap((id) => byId.get(id) ?? []);
  }

  private stack(
    directory: string,
    artifact: Artifact,
    templateName: string,
    stackIds: ReadonlyMap<string, string>,
  ): AssemblyStack {
    const templateFile = this.name(join(directory, templateName));
    const { stackName, parameters } = artifact.properties;
    const environment = typeof artifact.body.environment === 'string' ? artifact.body.environment : '';
    const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
    const legacy = legacyAssets(directory, artifact.body.metadata);
    for (const { bucket, key, path } of legacy.files) this.assets.add(bucket, key, path);
    return {
      id: displayName(artifact),
      stackName: typeof stackName === 'string' ? stackName : artifact.id,
      templateFile,
      ...this.template(templateFile),
      dependencies: artifact.dependencies.flatMap((id) => stackIds.get(id) ?? []),
      account: account === 'unknown-account' ? undefined : account,
      region: region === 'unknown-region' ? undefined : region,
      parameters: {
        ...legacy.parameters,
        ...(isObject(parameters) &&
          Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value as string)]))),
      },
      paths: new ConstructPaths(this.paths(directory, artifact)),
    };
  }

  private template(file: string): Pick<AssemblyStack, 'template' | 'problem'> {
    try {
      return { template: parseTemplate(file, this.json(file)) };
    } catch (error) {
      if (this.options.lenient !== true || !(error instanceof AssemblyError)) throw error;
      return { template: parseTemplate(file, { Resources: {} }), problem: error };
    }
  }

  /** The metadata is in the manifest, or in a file beside it. */
  private paths(directory: string, artifact: Artifact): ConstructPath[] {
    const beside = artifact.body.additionalMetadataFile;
    const sources = [artifact.body.metadata];
    if (typeof beside === 'string') sources.push(this.json(this.name(join(directory, beside))));
    return sources.flatMap((metadata) =>
      Object.entries(isObject(metadata) ? metadata : {}).flatMap(([path, entries]) =>
        (Array.isArray(entries) ? entries : []).flatMap((entry) =>
          isObject(entry) && entry.type === 'aws:cdk:logicalId' && typeof entry.data === 'string'
            ? [{ path: path.replace(/^\//, ''), logicalId: entry.data }]
            : [],
        ),
      ),
    );
  }

  private assetManifest(directory: string, manifestName: string): void {
    const file = this.name(join(directory, manifestName));
    const manifest = this.json(file);
    if (!isObject(manifest)) throw new AssemblyError(file, `it must be an object, but was ${show(manifest)}`);
    for (const [id, asset] of Object.entries(isObject(manifest.files) ? manifest.files : {})) {
      if (!isObject(asset) || !isObject(asset.source) || !isObject(asset.destinations)) {
        throw new AssemblyError(file, `files.${id} must have a source and destinations, but was ${show(asset)}`);
      }
      const { path } = asset.source;
      if (path === undefined && asset.source.executable !== undefined) continue; // built when published: never a file here
      if (typeof path !== 'string') {
        throw new AssemblyError(file, `files.${id}.source.path must be a string, but was ${show(path)}`);
      }
      const local = resolve(directory, path);
      if (!existsSync(local)) throw new AssemblyError(file, `the asset ${path} is missing: run \`cdk synth\` again`);
      for (const [name, destination] of Object.entries(asset.destinations)) {
        const { bucketName, objectKey } = isObject(destination) ? destination : {};
        if (typeof bucketName !== 'string' || typeof objectKey !== 'string') {
          throw new AssemblyError(file, `files.${id}.destinations.${name} must have a bucketName and an objectKey`);
        }
        this.assets.add(bucketName, objectKey, local);
      }
    }
  }

  private text(file: string, artifact: Artifact, property: string): string {
    const value = artifact.properties[property];
    if (typeof value === 'string') return value;
    throw new AssemblyError(
      file,
      `artifacts.${artifact.id}.properties.${property} must be a string, but was ${show(value)}`,
    );
  }

  private json(file: string): Json {
    const path = resolve(this.root, file);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new AssemblyError(
        file,
        existsSync(path) ? `it cannot be read: ${messageOf(error)}` : 'the file is missing',
      );
    }
    try {
      return parseJson(text);
    } catch (error) {
      if (error instanceof NestedTooDeeply) throw new AssemblyError(file, error.message);
      throw new AssemblyError(file, `it is no JSON: ${messageOf(error).replaceAll('\n', ' ')}`);
    }
  }

  /** A file's name in error messages. */
  private name(path: string): string {
    return relative(this.root, path);
  }
}

const isStack = ({ type }: Artifact): boolean => type === 'aws:cloudformation:stack';

function displayName({ id, body }: Artifact): string {
  return typeof body.displayName === 'string' ? body.displayName : id;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
