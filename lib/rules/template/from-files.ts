import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Deployment } from './deployment';
import { at, isObject, type JsonObject } from './json';
import { type StackTemplate } from './resource';

/**
 * The templates of a cloud assembly, their nested stacks included.
 * @throws Error when a template can't be read or isn't JSON
 */
export function deploymentIn(templatePaths: readonly string[]): Deployment {
  return new Deployment(
    templatePaths.flatMap((file) => {
      return withNested({ file, ...deployedAs(file), assets: assetsOf(file) });
    }),
  );
}

/**
 * The deployments of a cloud assembly: its own stacks, and those of each stage, which refer to no others.
 * @throws Error if a manifest or a template cannot be read or is not JSON
 */
export function deploymentsOf(assembly: string): Deployment[] {
  const artifacts = at(parsed(join(assembly, 'manifest.json')), 'artifacts');
  const named = (type: string, property: string) =>
    Object.values(isObject(artifacts) ? artifacts : {})
      .filter((artifact) => at(artifact, 'type') === type)
      .map((artifact) => join(assembly, String(at(artifact, 'properties', property))));
  return [
    deploymentIn(named('aws:cloudformation:stack', 'templateFile')),
    ...named('cdk:cloud-assembly', 'directoryName').flatMap(deploymentsOf),
  ];
}

type Place = Pick<StackTemplate, 'stackName' | 'account' | 'region' | 'nestedAs'> & {
  readonly file: string;
  /** The asset manifest of the stack, which lists the templates of its nested stacks as well. */
  readonly assets: unknown;
};

function withNested({ assets, ...place }: Place): StackTemplate[] {
  const body = parsed(place.file);
  const section = (name: string): JsonObject => {
    const found = at(body, name);
    return isObject(found) ? found : {};
  };
  const template: StackTemplate = {
    ...place,
    name: basename(place.file).replace(/(\.nested)?\.template\.json$/, ''),
    resources: section('Resources'),
    outputs: section('Outputs'),
  };
  const all = [template];
  for (const [logicalId, resource] of Object.entries(template.resources)) {
    const path = at(resource, 'Type') === 'AWS::CloudFormation::Stack' ? nestedTemplate(resource, assets) : undefined;
    if (path === undefined) continue;
    const file = join(dirname(place.file), path);
    all.push(...withNested({ ...place, file, assets, stackName: '', nestedAs: { parent: template, logicalId } }));
  }
  return all;
}

/** The file of a nested stack's template: its address ends in the hash that the asset manifest has it under. */
function nestedTemplate(resource: unknown, assets: unknown): string | undefined {
  const hash = /[0-9a-f]{64}/.exec(JSON.stringify(at(resource, 'Properties', 'TemplateURL') ?? ''))?.[0];
  const path = at(resource, 'Metadata', 'aws:asset:path') ?? at(assets, 'files', hash ?? '', 'source', 'path');
  return typeof path === 'string' ? path : undefined;
}

function assetsOf(file: string): unknown {
  const manifest = file.replace(/\.template\.json$/, '.assets.json');
  return manifest !== file && existsSync(manifest) ? parsed(manifest) : undefined;
}

/** The name, account and region of the stack whose template it is, by the assembly's manifest. */
function deployedAs(file: string): Pick<StackTemplate, 'stackName' | 'account' | 'region'> {
  const manifest = join(dirname(file), 'manifest.json');
  const artifacts = existsSync(manifest) ? at(parsed(manifest), 'artifacts') : undefined;
  const [id, artifact] = Object.entries(isObject(artifacts) ? artifacts : {}).find(
    ([, one]) => at(one, 'properties', 'templateFile') === basename(file),
  ) ?? ['', undefined];
  const name = at(artifact, 'properties', 'stackName');
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(String(at(artifact, 'environment'))) ?? [];
  const known = (part: string | undefined) => (part?.startsWith('unknown-') === true ? undefined : part);
  return { stackName: typeof name === 'string' ? name : id, account: known(account), region: known(region) };
}

function parsed(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8')) as unknown;
}
