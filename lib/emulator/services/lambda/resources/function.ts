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

function nameOf({ properties: { FunctionName }, name }: NewResource<Values<typeof properties>>): string {
  return FunctionName ?? name({ longest: LONGEST_NAME });
}

export const lambdaFunction = define({
  type: 'AWS::Lambda::Function',
  properties,
  refusal({ Code, Handler, PackageType, Runtime }) {
    const image = PackageType === 'Image' || (isObject(Code) && Code.ImageUri !== undefined);
    if (image) return 'its code is a container image';
    if (Runtime === undefined) return 'its Runtime is not given';
    return Handler === undefined ? 'its Handler is not given' : undefined;
  },
  // The service itself rejects one that no stack created.
  unique: { name: nameOf },
  create(resource, context: ResourceContext<Lambda>) {
    const name = nameOf(resource);
    const spec = specOf(name, resource.properties, context);
    context.service.deployFunction(spec);
    context.service.setSystemTags(spec.functionArn, resource.systemTags);
    return { ref: name, attributes: { Arn: spec.functionArn }, review: reviewOf(spec, context) };
  },
  async update({ ref, properties: given }, context: ResourceContext<Lambda>) {
    const spec = specOf(ref, given, context);
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

function reviewOf(spec: NewFunction, context: ResourceContext<Lambda>): PropertyReport[] {
  const missing = spec.layers?.versions.filter((version) => version.missing === true).map(({ arn }) => arn) ?? [];
  if (missing.length === 0) return [reviewRuntime(spec, context)];
  const note = `${missing.join(', ')} is not here: its packages are looked up in the project's node_modules`;
  return [reviewRuntime(spec, context), { name: 'Layers', status: 'unsupported', note }];
}

/** A function that cannot run is created nevertheless: its invocations fail, unless a model replaces its code. */
function reviewRuntime({ runtime }: NewFunction, context: ResourceContext<Lambda>): PropertyReport {
  const { refusal, note } = context.service.runtimeSupport(runtime);
  if (refusal === undefined) return { name: 'Runtime', status: 'emulated', note };
  return { name: 'Runtime', status: 'unsupported', note: `${runtime}: ${refusal}` };
}

function specOf(functionName: string, given: Values<typeof properties>, context: ResourceContext<Lambda>): NewFunction {
  const { Code, Environment, Handler = '', Runtime = '' } = given;
  const settings = {
    functionName,
    handler: Handler,
    environment: { ...Environment?.Variables },
    timeoutSeconds: given.Timeout ?? DEFAULT_TIMEOUT,
    memoryMegabytes: given.MemorySize ?? DEFAULT_MEMORY,
    ephemeralStorage: given.EphemeralStorage?.Size,
  };
  // Validated before its code is unpacked into a folder with the function's name.
  checkFunction(settings);
  return {
    ...settings,
    functionArn: formatArn('lambda', context.region, context.account, `function:${functionName}`),
    runtime: Runtime,
    ...localCode({ functionName, runtime: Runtime }, Code, context),
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
