import { AwsError, ModelConstraints } from '../../../core';
import type { FunctionConfiguration, Runtime } from '@aws-sdk/client-lambda';
import { checkRange, constraintViolation, invalidParameter } from '../errors';
import type { FunctionVersion } from './function-registry';
import { describeLogging } from './logging-config';
import { AWS_LIMITS } from '../limits';
import { type FunctionSpec, LATEST } from '../runner';

const LARGEST_ENVIRONMENT = 4 * 1024;
const DEFAULT_STORAGE = 512;

/** The settings of a function that can be validated before its code is unpacked. */
export type FunctionSettings = Pick<
  FunctionSpec,
  'functionName' | 'timeoutSeconds' | 'memoryMegabytes' | 'handler' | 'environment' | 'ephemeralStorage' | 'imageUri'
>;

/** Throws if AWS would reject a function with these settings. */
export function checkFunction(spec: FunctionSettings): void {
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(spec.functionName)) {
    throw constraintViolation(
      'functionName',
      spec.functionName,
      'Member must satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}',
    );
  }
  checkRange('timeout', spec.timeoutSeconds, 1, 900);
  checkRange('memorySize', spec.memoryMegabytes, 128, 10_240);
  checkRange('ephemeralStorage.size', spec.ephemeralStorage, 512, 10_240);
  if (spec.imageUri === undefined && (/\s/.test(spec.handler) || spec.handler === '')) {
    throw constraintViolation('handler', spec.handler, 'Member must satisfy regular expression pattern: [^\\s]+');
  }
  for (const name of Object.keys(spec.environment)) {
    if (!/^[a-zA-Z]\w*$/.test(name)) {
      throw constraintViolation(
        'environment.variables',
        name,
        'Map keys must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+',
      );
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify(spec.environment));
  if (bytes > LARGEST_ENVIRONMENT) {
    throw invalidParameter(
      'Lambda was unable to configure your environment variables because the environment variables you have provided ' +
        `exceeded the 4KB limit. String measured: ${bytes} bytes`,
    );
  }
}

/** Throws unless this is the ARN of a role of the account. */
export function checkRole(role: string | undefined, account: string): void {
  new ModelConstraints()
    .pattern('role', role, 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+')
    .check('ValidationException');
  if (role === undefined || role.split(':')[4] === account) return;
  throw new AwsError('AccessDeniedException', 'Cross-account pass role is not allowed.', { status: 403 });
}

/** Throws if a function's unpacked code is too large. */
export function checkUnzippedSize(bytes: number): void {
  const limit = AWS_LIMITS.unzippedCode;
  if (bytes > limit) throw invalidParameter(`Unzipped size must be smaller than ${limit} bytes`);
}

/**
 * The response of GetFunctionConfiguration.
 * @param functionArn as the caller gave it, including a qualifier
 */
export function toConfiguration(
  { spec, lastModified, revisionId }: FunctionVersion,
  functionArn = spec.functionArn,
): FunctionConfiguration {
  return {
    FunctionName: spec.functionName,
    FunctionArn: functionArn,
    Description: spec.description ?? '',
    ...(spec.codeSha256 !== undefined && { CodeSha256: spec.codeSha256 }),
    ...(spec.codeSize !== undefined && { CodeSize: spec.codeSize }),
    ...(spec.roleArn !== undefined && { Role: spec.roleArn }),
    ...(spec.imageUri === undefined && { Runtime: spec.runtime as Runtime, Handler: spec.handler }),
    Timeout: spec.timeoutSeconds,
    MemorySize: spec.memoryMegabytes,
    LastModified: new Date(lastModified).toISOString().replace('Z', '+0000'),
    Version: spec.version ?? LATEST,
    ...(Object.keys(spec.environment).length > 0 && { Environment: { Variables: { ...spec.environment } } }),
    RevisionId: revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: spec.imageUri === undefined ? 'Zip' : 'Image',
    EphemeralStorage: { Size: spec.ephemeralStorage ?? DEFAULT_STORAGE },
    ...(spec.layers !== undefined && {
      Layers: spec.layers.versions.map(({ arn, codeSize }) => ({
        Arn: arn,
        ...(codeSize !== undefined && { CodeSize: codeSize }),
      })),
    }),
    ...(spec.deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: spec.deadLetterArn } }),
    Architectures: ['x86_64'],
    LoggingConfig: describeLogging(spec),
  };
}

/**
 * Throws if more concurrency would be reserved than the account has.
 * @param reserved the concurrency that other functions have reserved
 */
export function checkReservation(
  wanted: number | undefined,
  reserved: number,
  limits: { readonly concurrentExecutions: number; readonly unreservedMinimum: number },
): void {
  checkRange('reservedConcurrentExecutions', wanted, 0, Number.MAX_SAFE_INTEGER);
  if (wanted === undefined || limits.concurrentExecutions - reserved - wanted >= limits.unreservedMinimum) return;
  throw invalidParameter(
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its " +
      `minimum value of [${limits.unreservedMinimum}].`,
  );
}
