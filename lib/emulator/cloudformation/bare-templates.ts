import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Assembly, AssemblyStack, ReadOptions } from './assembly';
import { AssemblyError } from './assembly-error';
import { ConstructPaths } from './construct-paths';
import { isObject, type Json } from './provider/json';
import { parseTemplate } from './template';
import { parseTemplateText, TEMPLATE_FILE } from './template-file';

/** The bucket that local code is said to be in, as `aws cloudformation package` would have uploaded it. */
const LOCAL_BUCKET = 'local';

/** What may be a path beside the template, by type: the property, and what it is once the path is uploaded. */
const PATHS: Readonly<Record<string, readonly [property: string, uploaded: (key: string) => Json]>> = {
  'AWS::CloudFormation::Stack': ['TemplateURL', (key) => `https://${LOCAL_BUCKET}.s3.amazonaws.com/${key}`],
  'AWS::Lambda::Function': ['Code', (key) => ({ S3Bucket: LOCAL_BUCKET, S3Key: key })],
  'AWS::Lambda::LayerVersion': ['Content', (key) => ({ S3Bucket: LOCAL_BUCKET, S3Key: key })],
};

/**
 * Reads a template without an assembly: each file is a stack of its name.
 * @param path the template, or a folder of them
 * @throws {AssemblyError} if the folder has no template, or a template cannot be read
 */
export function readTemplates(path: string, options: ReadOptions): Assembly {
  const root = resolve(path);
  const isFile = statSync(root).isFile();
  const directory = isFile ? dirname(root) : root;
  const files = isFile ? [root] : templatesIn(root);
  if (files.length === 0) {
    throw new AssemblyError(
      path,
      'it has no manifest.json, so it is no cloud assembly, which `cdk synth` writes; and no CloudFormation template',
    );
  }
  return {
    directory: root,
    stacks: files.map((file) => stackOf(file, options)),
    // Code in a bucket may be beside the template, too: as its key says, or by its name.
    asset: (_bucket, key) =>
      key === ''
        ? undefined
        : [resolve(directory, key), join(directory, basename(key))].find((candidate) => existsSync(candidate)),
  };
}

function templatesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => TEMPLATE_FILE.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter(
      (file) =>
        statSync(file).isFile() && /['"]?(?:Resources|Transform|provider)['"]?\s*:/.test(readFileSync(file, 'utf8')),
    );
}

function stackOf(file: string, { lenient = false }: ReadOptions): AssemblyStack {
  const stackName = stackNameOf(file);
  const stack = {
    id: stackName,
    stackName,
    templateFile: basename(file),
    dependencies: [],
    account: undefined,
    region: undefined,
    parameters: {},
    paths: new ConstructPaths([]),
  };
  try {
    const template = withLocalCode(parseTemplateText(file, readFileSync(file, 'utf8')), dirname(file));
    return { ...stack, template: parseTemplate(file, template) };
  } catch (error) {
    if (!lenient || !(error instanceof AssemblyError)) throw error;
    return { ...stack, template: parseTemplate(file, { Resources: {} }), problem: error };
  }
}

/** A stack's name has letters, digits and hyphens, and begins with a letter. */
function stackNameOf(file: string): string {
  const name = basename(file).replace(/(?:\.template)?\.[^.]+$/, '');
  const generic = /^(?:template|stack|cloudformation|main|index|packaged)$/i.test(name);
  const words = (generic ? basename(dirname(file)) : name).split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const stackName = words.join('-').replace(/^[^A-Za-z]+/, '');
  return stackName === '' ? 'Stack' : stackName.slice(0, 128);
}

/** The template with its local paths as assets. */
function withLocalCode(template: Json, directory: string): Json {
  if (!isObject(template) || !isObject(template.Resources)) return template;
  for (const resource of Object.values(template.Resources)) {
    if (!isObject(resource) || typeof resource.Type !== 'string' || !isObject(resource.Properties)) continue;
    if (!Object.hasOwn(PATHS, resource.Type)) continue;
    const [property, uploaded] = PATHS[resource.Type];
    const path = resource.Properties[property];
    if (typeof path === 'string' && !/^\w+:\/\//.test(path)) {
      resource.Properties[property] = uploaded(resolve(directory, path));
    }
  }
  return template;
}
