import { createHash } from 'node:crypto';
import type { CreateFunctionRequest } from '@aws-sdk/client-lambda';
import { type AwsError, ModelConstraints, type RequestContext } from '../../../core';
import { invalidParameter } from '../errors';
import type { NewFunction } from '../runner';
import { readDeadLetterArn } from './dead-letter-config';
import { checkFunction, checkRole } from './function-configuration';
import type { FunctionReference } from './function-reference';
import { readLogging } from './logging-config';
import { checkRuntime } from './runtimes';
import { checkDescription } from './versions';

const DEFAULT_TIMEOUT = 3;
const DEFAULT_MEMORY = 128;
const NOT_EMULATED = [
  'CapacityProviderConfig',
  'CodeSigningConfigArn',
  'DurableConfig',
  'FileSystemConfigs',
  'ImageConfig',
  'KMSKeyArn',
  'PublishTo',
  'TenancyConfig',
] as const satisfies readonly (keyof CreateFunctionRequest)[];

/** A function of CreateFunction whose code is still packed. */
export interface RequestedFunction {
  readonly archive: Uint8Array;
  readonly spec: Omit<NewFunction, 'codeDirectory'>;
}

/** Reads CreateFunction's input. Throws if AWS would refuse it, or if it has what is not emulated. */
export function readNewFunction(
  input: CreateFunctionRequest,
  { name, unqualifiedArn }: FunctionReference,
  context: RequestContext,
): RequestedFunction {
  for (const member of NOT_EMULATED) {
    if (input[member] !== undefined)
      throw invalidParameter(`${member} is not emulated for CreateFunction: leave it out.`);
  }
  new ModelConstraints()
    .oneOf('packageType', input.PackageType, ['Image', 'Zip'])
    .oneOf('architectures', input.Architectures?.[0], ['x86_64', 'arm64'])
    .check('ValidationException');
  if (input.PackageType === 'Image') throw invalidParameter('Container images are not emulated: give a zip archive.');
  checkRole(input.Role, context.account);
  const { Runtime: runtime, Handler: handler, Timeout: timeout, MemorySize: memory, Environment, Description } = input;
  if (runtime === undefined || handler === undefined) {
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  checkRuntime(runtime);
  checkDescription(Description);
  const settings = {
    functionName: name,
    handler,
    environment: { ...Environment?.Variables },
    timeoutSeconds: timeout ?? DEFAULT_TIMEOUT,
    memoryMegabytes: memory ?? DEFAULT_MEMORY,
    ephemeralStorage: input.EphemeralStorage?.Size,
  };
  checkFunction(settings);
  const archive = archiveOf(input.Code);
  return {
    archive,
    spec: {
      ...settings,
      functionArn: unqualifiedArn,
      runtime,
      codeSha256: createHash('sha256').update(archive).digest('base64'),
      codeSize: archive.length,
      description: Description,
      roleArn: input.Role,
      deadLetterArn: readDeadLetterArn(input.DeadLetterConfig),
      logging: readLogging(input.LoggingConfig),
      tags: input.Tags,
    },
  };
}

function archiveOf(code: CreateFunctionRequest['Code']): Uint8Array {
  for (const name of ['S3Bucket', 'S3Key', 'S3ObjectVersion', 'ImageUri', 'SourceKMSKeyArn'] as const) {
    if (code?.[name] !== undefined) {
      throw invalidParameter(`${name} is not emulated for CreateFunction: give the archive itself as ZipFile.`);
    }
  }
  if (code?.ZipFile === undefined) throw invalidParameter('Please provide a source for function code.');
  return code.ZipFile;
}

/** The error for a role that does not exist, or whose trust policy does not let Lambda assume it. */
export function roleNotAssumable(): AwsError {
  return invalidParameter('The role defined for the function cannot be assumed by Lambda.');
}
