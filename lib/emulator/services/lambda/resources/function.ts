import type { Lambda } from '../lambda';
import { AwsError, formatArn } from '../../../core';
import type { LoggingConfig } from '@aws-sdk/client-lambda';
import { readDeadLetterArn } from '../functions/dead-letter-config';
import { checkFunction } from '../functions/function-configuration';
import { readLogging } from '../functions/logging-config';
import type { NewFunction } from '../runner';
import { isObject } from '../../../cloudformation/provider/json';
import type { PropertyReport } from '../../../cloudformation/provider/report';
import {
  anything,
  emulated,
  inert,
  integer,
  list,
  mapOf,
  naming,
  record,
  replacing,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { tagList, tagMap } from '../../../cloudformation/provider/tags';
import { localCode } from './code';

const LONGEST_NAME = 64;
const DEFAULT_TIMEOUT = 3;
const DEFAULT_MEMORY = 128;

const properties = {
  Architectures: inert(anything, 'code runs on this machine'),
  Code: required(
    emulated(
      record({
        ImageUri: emulated(text),
        S3Bucket: emulated(text),
        S3Key: emulated(text),
        S3ObjectVersion: inert(text, 'the asset that is here is taken'),
        ZipFile: emulated(text),
      }),
    ),
  ),
  DeadLetterConfig: emulated(record({ TargetArn: emulated(text) })),
  Description: emulated(text),
  Environment: emulated(record({ Variables: emulated(mapOf(text)) })),
  EphemeralStorage: emulated(
    record({ Size: required(emulated(integer)) }),
    'as its configuration shows it: the disk of this machine is used',
  ),
  FunctionName: naming(emulated(text)),
  Handler: emulated(text),
  ImageConfig: emulated(
    record({
      Command: emulated(list(text), 'whose first word is the handler of a command that runs in its place'),
      EntryPoint: inert(list(text), 'images are not run'),
      WorkingDirectory: inert(text, 'images are not run'),
    }),
  ),
  KmsKeyArn: inert(text, 'nothing is encrypted here'),
  Layers: emulated(list(text)),
  LoggingConfig: emulated(
    record({
      ApplicationLogLevel: emulated(text),
      LogFormat: emulated(text),
      LogGroup: emulated(text),
      SystemLogLevel: emulated(text),
    }),
  ),
  MemorySize: emulated(integer),
  PackageType: replacing(emulated(text)),
  ReservedConcurrentExecutions: emulated(integer),
  Role: emulated(text, 'whose name its calls carry; what it permits is not evaluated'),
  Runtime: emulated(text),
  RuntimeManagementConfig: inert(anything),
  SnapStart: inert(anything),
  Tags: emulated(tagList),
  Timeout: emulated(integer),
  TracingConfig: inert(anything, 'there is no X-Ray'),
  VpcConfig: inert(anything, 'there are no networks'),
};

type Resource = NewResource<Values<typeof properties>>;

function nameOf({ properties: { FunctionName }, name }: Resource): string {
  return FunctionName ?? name({ longest: LONGEST_NAME });
}

export const lambdaFunction = define({
  type: 'AWS::Lambda::Function',
  properties,
  refusal({ Code, Handler, PackageType, Runtime }) {
    if (PackageType === 'Image' || (isObject(Code) && Code.ImageUri !== undefined)) return undefined;
    if (Runtime === undefined) return 'its Runtime is not given';
    return Handler === undefined ? 'its Handler is not given' : undefined;
  },
  // The service itself rejects one that no stack created.
  unique: { name: nameOf },
  create(resource, context: ResourceContext<Lambda>) {
    const name = nameOf(resource);
    const spec = specOf(name, resource, context);
    context.service.deployFunction(spec);
    context.service.setSystemTags(spec.functionArn, resource.systemTags);
    return { ref: name, attributes: { Arn: spec.functionArn }, review: reviewOf(spec, context) };
  },
  async update(resource, context: ResourceContext<Lambda>) {
    const { ref } = resource;
    const spec = specOf(ref, resource, context);
    await context.service.updateFunction(spec, context.call);
    return { ref, attributes: { Arn: spec.functionArn }, review: reviewOf(spec, context) };
  },
  async delete({ ref }, context: ResourceContext<Lambda>) {
    try {
      await context.service.deleteFunction({ FunctionName: ref }, context.call);
    } catch (error) {
      if (!(error instanceof AwsError && error.shape === 'ResourceNotFoundException')) throw error;
    }
  },
});

/** A function that cannot run is created nevertheless: its invocations fail, unless a model replaces its code. */
function reviewOf(spec: NewFunction, context: ResourceContext<Lambda>): PropertyReport[] {
  const missing = spec.layers?.versions.filter((version) => version.missing === true).map(({ arn }) => arn) ?? [];
  if (missing.length === 0) return [reviewCode(spec, context)];
  const note = `${missing.join(', ')} is not here: its packages are looked up in the project's node_modules`;
  return [reviewCode(spec, context), { name: 'Layers', status: 'unsupported', note }];
}

function reviewCode(spec: NewFunction, context: ResourceContext<Lambda>): PropertyReport {
  const { refusal, note, warning } = context.service.support(spec);
  const problem = refusal ?? warning;
  const name = spec.absentCode === undefined && spec.command === undefined ? 'Runtime' : 'Code';
  if (problem === undefined) return { name, status: 'emulated', note };
  return { name, status: 'unsupported', note: name === 'Code' ? problem : `${spec.runtime}: ${problem}` };
}

/** What a user may call a function: its name, its logical id, and its construct path with and without the stack. */
function namesOf(functionName: string, { logicalId, path }: Pick<Resource, 'logicalId' | 'path'>): string[] {
  const construct = path?.replace(/\/Resource$/, '');
  const paths = construct === undefined ? [] : [construct, construct.slice(construct.indexOf('/') + 1)];
  return [functionName, logicalId, ...paths];
}

function specOf(functionName: string, resource: Resource, context: ResourceContext<Lambda>): NewFunction {
  const { properties: given } = resource;
  const { Code, Environment, Handler, ImageConfig, Runtime = '' } = given;
  const settings = {
    functionName,
    handler: Handler ?? ImageConfig?.Command?.[0] ?? '',
    environment: { ...Environment?.Variables },
    timeoutSeconds: given.Timeout ?? DEFAULT_TIMEOUT,
    memoryMegabytes: given.MemorySize ?? DEFAULT_MEMORY,
    ephemeralStorage: given.EphemeralStorage?.Size,
    imageUri: Code.ImageUri,
  };
  // Validated before its code is unpacked into a folder with the function's name.
  checkFunction(settings);
  return {
    ...settings,
    functionArn: formatArn('lambda', context.region, context.account, `function:${functionName}`),
    runtime: Runtime,
    ...localCode({ functionName, runtime: Runtime }, Code, context),
    command: context.service.commandFor(namesOf(functionName, resource)),
    projectDirectory: context.projectDirectory,
    layers: context.service.mergeLayers(given.Layers),
    deadLetterArn: readDeadLetterArn(given.DeadLetterConfig),
    description: given.Description,
    reservedConcurrency: given.ReservedConcurrentExecutions,
    roleArn: given.Role,
    logging: readLogging(given.LoggingConfig as LoggingConfig | undefined), // which checks its values
    tags: tagMap(given.Tags ?? []),
  };
}
