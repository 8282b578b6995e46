import type { FunctionConfiguration, Runtime } from '@aws-sdk/client-lambda';
import { checkRange, constraintViolation, invalidParameter } from './errors';
import type { FunctionSpec } from './ports';

/** A function that the registry holds. */
export interface RegisteredFunction {
  readonly spec: FunctionSpec;
  readonly lastModified: number;
  readonly revisionId: string;
}

const LARGEST_ENVIRONMENT = 4 * 1024;

/** Throws where AWS would refuse to create the function. */
export function checkFunction(spec: FunctionSpec): void {
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(spec.functionName)) {
    throw constraintViolation(
      'functionName',
      spec.functionName,
      'Member must satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}',
    );
  }
  checkRange('timeout', spec.timeoutSeconds, 1, 900);
  checkRange('memorySize', spec.memoryMegabytes, 128, 10_240);
  checkRange('reservedConcurrentExecutions', spec.reservedConcurrency, 0, Number.MAX_SAFE_INTEGER);
  if (/\s/.test(spec.handler) || spec.handler === '') {
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

/** The answer of GetFunctionConfiguration. */
export function toConfiguration({ spec, lastModified, revisionId }: RegisteredFunction): FunctionConfiguration {
  return {
    FunctionName: spec.functionName,
    FunctionArn: spec.functionArn,
    ...(spec.roleArn !== undefined && { Role: spec.roleArn }),
    Runtime: spec.runtime as Runtime,
    Handler: spec.handler,
    Timeout: spec.timeoutSeconds,
    MemorySize: spec.memoryMegabytes,
    LastModified: new Date(lastModified).toISOString().replace('Z', '+0000'),
    Version: '$LATEST',
    ...(Object.keys(spec.environment).length > 0 && { Environment: { Variables: { ...spec.environment } } }),
    RevisionId: revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: ['x86_64'],
  };
}

/** Throws where more would be reserved than the account has to give. */
export function checkReservation(
  wanted: number | undefined,
  reserved: number,
  limits: { readonly concurrentExecutions: number; readonly unreservedMinimum: number },
): void {
  if (wanted === undefined || limits.concurrentExecutions - reserved - wanted >= limits.unreservedMinimum) return;
  throw invalidParameter(
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its " +
      `minimum value of [${limits.unreservedMinimum}].`,
  );
}
