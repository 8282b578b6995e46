import { readFileSync, statSync } from 'node:fs';
import type { DeploymentContext } from '../provider/deployment-context';
import { parseTemplateText } from '../template-file';
import { anything, emulated, inert, integer, mapOf, required, text, type Values } from '../provider/shapes';
import { type CreatedResource, type NewResource, UnsupportedResource } from '../provider/contract';
import { define } from '../provider/define';

const properties = {
  NotificationARNs: inert(anything),
  Parameters: emulated(mapOf(text)),
  Tags: inert(anything),
  TemplateURL: required(emulated(text)),
  TimeoutInMinutes: inert(integer),
};

/** A nested stack, whose template is an asset of the assembly. Its resources are deleted with it. */
export const cloudFormationStack = define({
  type: 'AWS::CloudFormation::Stack',
  properties,
  create: deployTemplate,
  update: deployTemplate,
});

async function deployTemplate(
  resource: NewResource<Values<typeof properties>>,
  context: DeploymentContext,
): Promise<CreatedResource> {
  const { Parameters = {}, TemplateURL } = resource.properties;
  // https://s3.<region>.<suffix>/<bucket>/<key>, or https://<bucket>.s3.<region>.<suffix>/<key>
  const [, host = '', path = ''] = /^https?:\/\/([^/]+)\/(.+)$/.exec(TemplateURL) ?? [];
  const inHost = /^(.+)\.s3[.-]/.exec(host)?.[1];
  const bucket = inHost ?? path.split('/')[0];
  const key = inHost === undefined ? path.slice(bucket.length + 1) : path;
  const file = context.asset(bucket, key);
  if (file === undefined || statSync(file).isDirectory())
    throw new UnsupportedResource(`its template ${TemplateURL} is no asset of the assembly`);
  const template = parseTemplateText(file, readFileSync(file, 'utf8'));
  const nested = await resource.deployNested(file, template, Parameters);
  const outputs = Object.entries(nested.outputs).map(([name, value]) => [`Outputs.${name}`, value]);
  return { ref: nested.stackId, attributes: Object.fromEntries(outputs) as Record<string, string> };
}
