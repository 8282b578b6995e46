import { readFileSync } from 'node:fs';
import type { Json } from '../json';
import { anything, emulated, inert, integer, mapOf, required, text } from '../shapes';
import { UnsupportedResource } from './contract';
import { define } from './define';

/** A nested stack, whose template is an asset of the assembly. */
export const cloudFormationStack = define({
  type: 'AWS::CloudFormation::Stack',
  properties: {
    NotificationARNs: inert(anything),
    Parameters: emulated(mapOf(text)),
    Tags: inert(anything),
    TemplateURL: required(emulated(text)),
    TimeoutInMinutes: inert(integer),
  },
  async create(resource, cloud) {
    const { Parameters = {}, TemplateURL } = resource.properties;
    // https://s3.<region>.<suffix>/<bucket>/<key>, or https://<bucket>.s3.<region>.<suffix>/<key>
    const [, host = '', path = ''] = /^https?:\/\/([^/]+)\/(.+)$/.exec(TemplateURL) ?? [];
    const inHost = /^(.+)\.s3[.-]/.exec(host)?.[1];
    const bucket = inHost ?? path.split('/')[0];
    const key = inHost === undefined ? path.slice(bucket.length + 1) : path;
    const file = cloud.asset(bucket, key);
    if (file === undefined) throw new UnsupportedResource(`its template ${TemplateURL} is no asset of the assembly`);
    const template = JSON.parse(readFileSync(file, 'utf8')) as Json;
    const { stackId, report } = await resource.deployNested(file, template, Parameters);
    const outputs = Object.entries(report.outputs).map(([name, value]) => [`Outputs.${name}`, value]);
    return { ref: stackId, attributes: Object.fromEntries(outputs) as Record<string, string> };
  },
});
