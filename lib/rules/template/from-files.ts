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
      const [account, region] = environmentOf(file);
      return withNested({ file, account, region });
    }),
  );
}

function withNested(place: Pick<StackTemplate, 'file' | 'account' | 'region' | 'nestedAs'> & { file: string }) {
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
  const all: StackTemplate[] = [template];
  for (const [logicalId, resource] of Object.entries(template.resources)) {
    const path = at(resource, 'Metadata', 'aws:asset:path');
    if (at(resource, 'Type') !== 'AWS::CloudFormation::Stack' || typeof path !== 'string') continue;
    const file = join(dirname(place.file), path);
    all.push(...withNested({ ...place, file, nestedAs: { parent: template, logicalId } }));
  }
  return all;
}

/** The account and region of the stack whose template it is, by the assembly's manifest. */
function environmentOf(file: string): readonly (string | undefined)[] {
  const manifest = join(dirname(file), 'manifest.json');
  if (!existsSync(manifest)) return [];
  const artifacts = at(parsed(manifest), 'artifacts');
  const artifact = Object.values(isObject(artifacts) ? artifacts : {}).find(
    (one) => at(one, 'properties', 'templateFile') === basename(file),
  );
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(String(at(artifact, 'environment'))) ?? [];
  return [account, region].map((part) => (part?.startsWith('unknown-') ? undefined : part));
}

function parsed(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8')) as unknown;
}
