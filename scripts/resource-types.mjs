// node scripts/resource-types.mjs writes lib/emulator/cloudformation/known-types/table.ts: of each resource type of
// CloudFormation, what Ref and Fn::GetAtt return. It comes from AWS's resource specification, as the CDK publishes it.
// With `check`, it fails if the file is not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './tool.mjs';

const { loadAwsServiceSpecSync } = createRequire(import.meta.url)('@aws-cdk/aws-service-spec');
const FILE = join(root, 'lib/emulator/cloudformation/known-types/table.ts');

/** Which shape an attribute has, in one character: `*` an ARN, `#` a number, `?` a boolean, `+` a list; else a text. */
function shapeOf({ type, documentation = '' }, name) {
  if (type.type === 'array') return '+';
  if (type.type === 'integer' || type.type === 'number') return '#';
  if (type.type === 'boolean') return '?';
  const says = /^[^.]{0,60}(?:\bARN\b|Amazon Resource Name)/.test(documentation);
  return type.type === 'string' && (/arn$/i.test(name) || says) ? '*' : '';
}

/** The property that names the resource: part of its identifier, or what its type and AWS's habits call it. */
function namingProperty({ name, properties }, identifiers) {
  const usual = [`${name}Name`, 'Name', `${name}Identifier`];
  const own = identifiers.filter((identifier) => identifier in properties);
  const only = identifiers.length === 1 ? own : []; // of several, some are the resource's parents
  return (
    [...own.filter((each) => usual.includes(each)), ...usual.filter((each) => each in properties), ...only][0] ?? ''
  );
}

/** `type|name|identifiers|ARN|attributes`; an identifier that AWS assigns has a `-` before it. */
function line(resource) {
  const { cloudFormationType, properties, attributes = {}, arnTemplate = '' } = resource;
  const reference = resource.cfnRefIdentifier ?? resource.primaryIdentifier ?? [];
  const identifiers = reference.map((name) => (name in properties ? name : `-${name}`));
  const known = Object.entries(attributes).filter(([, { type }]) => type.type !== 'ref' && type.type !== 'json');
  const arn = arnTemplate.replace(/^arn:\$\{Partition\}:/, '').replaceAll('${', '{');
  return [
    cloudFormationType,
    namingProperty(resource, reference),
    identifiers.join(','),
    arn,
    known.map(([name, attribute]) => `${name}${shapeOf(attribute, name)}`).join(','),
  ].join('|');
}

const lines = loadAwsServiceSpecSync().all('resource').map(line).sort();
const text = `\
/*
 * Written by \`node scripts/resource-types.mjs\` from @aws-cdk/aws-service-spec (Apache-2.0).
 *
 * A line is a resource type: its name, the property that names a resource, the parts of \`Ref\` (with a \`-\` before what
 * AWS assigns), its ARN after the partition, and its attributes (\`*\` an ARN, \`#\` a number, \`?\` a boolean, \`+\` a list).
 */

/** The resource types that CloudFormation has. */
export const TABLE = \`\\
${lines.join('\n')}
\`;
`;

if (process.argv[2] === 'check') {
  if (readFileSync(FILE, 'utf8') !== text) throw new Error(`${FILE} is not current: node scripts/resource-types.mjs`);
} else writeFileSync(FILE, text);
