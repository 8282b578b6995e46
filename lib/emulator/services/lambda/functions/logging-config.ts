import type { ApplicationLogLevel, LoggingConfig, SystemLogLevel } from '@aws-sdk/client-lambda';
import { ModelConstraints } from '../../../core';
import { invalidParameter } from '../errors';
import type { FunctionLogging, FunctionSpec } from '../runner';

const APPLICATION_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const SYSTEM_LEVELS = ['DEBUG', 'INFO', 'WARN'];

/** Reads `LoggingConfig`. Throws if AWS would refuse it. */
export function readLogging(config: LoggingConfig | undefined): FunctionLogging | undefined {
  if (config === undefined) return undefined;
  const { LogFormat, LogGroup, ApplicationLogLevel: application, SystemLogLevel: system } = config;
  new ModelConstraints()
    .oneOf('loggingConfig.logFormat', LogFormat, ['JSON', 'Text'])
    .oneOf('loggingConfig.applicationLogLevel', application, APPLICATION_LEVELS)
    .oneOf('loggingConfig.systemLogLevel', system, SYSTEM_LEVELS)
    .length('loggingConfig.logGroup', LogGroup, 1, 512)
    .pattern('loggingConfig.logGroup', LogGroup, '[\\.\\-_/#A-Za-z0-9]+')
    .check('ValidationException');
  if (LogFormat !== 'JSON' && (application ?? system) !== undefined) {
    throw invalidParameter('Log levels are only supported with the log format JSON.');
  }
  return {
    ...(LogGroup !== undefined && { group: LogGroup }),
    ...(LogFormat === 'JSON' && {
      format: 'JSON',
      applicationLevel: application ?? 'INFO',
      systemLevel: system ?? 'INFO',
    }),
  };
}

/** `LoggingConfig` of a function's configuration. */
export function describeLogging({ functionName, logging = {} }: FunctionSpec): LoggingConfig {
  const { group = `/aws/lambda/${functionName}`, format = 'Text', applicationLevel, systemLevel } = logging;
  return {
    LogFormat: format,
    ...(format === 'JSON' && {
      ApplicationLogLevel: applicationLevel as ApplicationLogLevel,
      SystemLogLevel: systemLevel as SystemLogLevel,
    }),
    LogGroup: group,
  };
}
