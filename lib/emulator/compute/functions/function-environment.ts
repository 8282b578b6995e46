import { join } from 'node:path';
import { executionRole, type FunctionSpec, LATEST } from '../../services/lambda';
import { packageRoot } from '../../../package-root';
import type { ComputeHost } from '../compute-host';
import { logGroupOf } from './function-log';
import type { ModuleFolders } from './function-modules';

/** A function's environment variables: its own and Lambda's reserved ones. */
export function functionEnvironment(
  fn: FunctionSpec,
  computeHost: ComputeHost,
  logStreamName: string,
): Record<string, string> {
  const { region } = computeHost;
  const { accessKeyId, secretAccessKey, sessionToken } = computeHost.credentials(executionRole(fn), fn.functionName);
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...pathsOf(fn.layers?.directory),
    ...fn.environment,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    // Hides the developer's own credentials and profiles from functions.
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: computeHost.endpointUrl(),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    ...(fn.runtime !== '' && { AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}` }),
    AWS_LAMBDA_FUNCTION_NAME: fn.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: fn.version ?? LATEST,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: fn.logging?.format ?? 'Text',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupOf(fn),
    ...(fn.logging?.format === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: fn.logging.applicationLevel ?? 'INFO' }),
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    LAMBDA_TASK_ROOT: fn.codeDirectory,
    _HANDLER: fn.handler,
  };
}

/** The programs and native libraries of layers, which come last, as on Lambda. */
function pathsOf(layers: string | undefined): Record<string, string> {
  if (layers === undefined) return {};
  return { PATH: `${process.env.PATH ?? ''}:${join(layers, 'bin')}`, LD_LIBRARY_PATH: join(layers, 'lib') };
}

/** Where a function's code finds modules. */
export function moduleFolders({ codeDirectory, layers, projectDirectory, runtime }: FunctionSpec): ModuleFolders {
  const nodeVersion = /^nodejs(\d+)\./.exec(runtime)?.[1];
  return {
    task: codeDirectory,
    ...(layers?.directory !== undefined && { layers: layers.directory }),
    ...(nodeVersion !== undefined && { nodeVersion }),
    runtime: [projectDirectory ?? process.cwd(), packageRoot()],
    ...(layers?.versions.some(({ missing }) => missing === true) === true && { anyPackage: true }),
  };
}
