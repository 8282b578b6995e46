import type { UpdateFunctionCodeRequest, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import { invalidParameter } from '../errors';
import type { FunctionSpec } from '../runner';
import { readDeadLetterArn } from './dead-letter-config';
import { readLogging } from './logging-config';
import { checkRuntime } from './runtimes';
import { checkDescription } from './versions';

const NOT_EMULATED = [
  'CapacityProviderConfig',
  'DurableConfig',
  'FileSystemConfigs',
  'ImageConfig',
  'KMSKeyArn',
  'SnapStart',
  'TracingConfig',
  'VpcConfig',
] as const satisfies readonly (keyof UpdateFunctionConfigurationRequest)[];

/**
 * Returns the zip archive of UpdateFunctionCode. Throws if the code comes from elsewhere, or if the request contains
 * what is not emulated.
 */
export function readArchive(input: UpdateFunctionCodeRequest): Uint8Array {
  for (const name of ['S3Bucket', 'S3Key', 'S3ObjectVersion', 'ImageUri', 'SourceKMSKeyArn', 'PublishTo'] as const) {
    if (input[name] !== undefined) {
      throw invalidParameter(`${name} is not emulated for UpdateFunctionCode: give the archive itself as ZipFile.`);
    }
  }
  const { ZipFile: archive } = input;
  if (archive === undefined) throw invalidParameter('Please provide a source for function code.');
  return archive;
}

/** Applies UpdateFunctionConfiguration. Members that the request omits stay. */
export function reconfigured(spec: FunctionSpec, input: UpdateFunctionConfigurationRequest): FunctionSpec {
  for (const name of NOT_EMULATED) {
    if (input[name] !== undefined) throw invalidParameter(`${name} is not emulated: leave it out.`);
  }
  checkDescription(input.Description);
  if (input.Runtime !== undefined) checkRuntime(input.Runtime);
  return {
    ...spec,
    runtime: input.Runtime ?? spec.runtime,
    handler: input.Handler ?? spec.handler,
    environment: input.Environment === undefined ? spec.environment : { ...input.Environment.Variables },
    timeoutSeconds: input.Timeout ?? spec.timeoutSeconds,
    memoryMegabytes: input.MemorySize ?? spec.memoryMegabytes,
    ephemeralStorage: input.EphemeralStorage?.Size ?? spec.ephemeralStorage,
    deadLetterArn:
      input.DeadLetterConfig === undefined ? spec.deadLetterArn : readDeadLetterArn(input.DeadLetterConfig),
    description: input.Description ?? spec.description,
    roleArn: input.Role ?? spec.roleArn,
    logging: readLogging(input.LoggingConfig) ?? spec.logging,
  };
}
