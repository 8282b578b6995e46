import { AwsError, isNumber, must } from '../../core';
import { defineService } from '../service-definition';
import { Lambda } from './lambda';
import {
  CODE_ARCHIVES,
  FUNCTION_COMMANDS,
  FUNCTION_ROLES,
  FUNCTION_RUNNER,
  QUEUE_SOURCE,
  STREAM_SOURCES,
} from './ports';
import { protocol } from './protocol';
import { lambdaAlias } from './resources/alias';
import { lambdaEventInvokeConfig } from './resources/event-invoke-config';
import { lambdaEventSourceMapping } from './resources/event-source-mapping';
import { lambdaFunction } from './resources/function';
import { lambdaLayerVersion } from './resources/layer-version';
import { lambdaPermission } from './resources/permission';
import { lambdaVersion } from './resources/version';
import { testing } from './testing';

export * from './execution-role';
export { FilterPattern } from './event-sources/filter-pattern';
export { checkFunction } from './functions/function-configuration';
export { unzip } from './functions/unzip';
export { describeInitError } from './init-errors';
export { type FunctionCodeView, Lambda, type FunctionView, type UnloadableFunction } from './lambda';
export { AWS_LIMITS as AWS_LAMBDA_LIMITS, type LambdaLimits } from './limits';
export {
  CODE_ARCHIVES,
  FUNCTION_COMMANDS,
  FUNCTION_CONTROL,
  FUNCTION_ROLES,
  FUNCTION_RUNNER,
  QUEUE_SOURCE,
  STREAM_SOURCES,
} from './ports';
export type { FunctionControl, FunctionModel, ModelContext } from './function-model';
export { LATEST } from './runner';
export type { LambdaDependencies } from './dependencies';
export type { QueueSource } from './event-sources/queue-source';
export type {
  SourceBatch,
  SourceRecord,
  SourceShard,
  StartingPoint,
  StreamSource,
} from './event-sources/stream-source';
export type {
  FunctionError,
  FunctionLogging,
  FunctionRunner,
  FunctionSpec,
  Invocation,
  InvocationContext,
  NewFunction,
  RuntimeSupport,
} from './runner';

/** The options of Lambda. */
export interface LambdaOptions {
  /**
   * The number of long polls that an event source mapping keeps open on an idle queue, 1–1,000; each makes 180 empty
   * receives an hour. AWS documents no figure. A mapping with a lower MaximumConcurrency has that many, and one in
   * provisioned mode has its minimum number of pollers.
   * @default 5
   */
  readonly idlePollers?: number;
}

/** AWS Lambda. */
export const lambda = defineService<'lambda', Lambda, LambdaOptions, Record<never, never>, typeof testing>({
  name: 'lambda',
  protocol,
  errors: {
    throttled: () => new AwsError('TooManyRequestsException', 'Rate Exceeded.', { status: 429 }),
    internal: { shape: 'ServiceException' },
  },
  options: {
    idlePollers: must(
      'a whole number from 1 to 1,000',
      (value) => isNumber(value) && Number.isInteger(value) && value >= 1 && value <= 1_000,
    ),
  },
  resourceTypes: [
    lambdaFunction,
    lambdaVersion,
    lambdaAlias,
    lambdaEventSourceMapping,
    lambdaEventInvokeConfig,
    lambdaPermission,
    lambdaLayerVersion,
  ],
  resourcesOf: ({ FunctionName }) => (typeof FunctionName === 'string' ? [functionName(FunctionName)] : []),
  deliver(service, targetArn, { payload }, caller) {
    service.checkDelivery(targetArn, caller); // throws at once, whereas invoke returns a promise
    const Payload = Buffer.from(payload);
    return service.invoke({ FunctionName: targetArn, InvocationType: 'Event', Payload }, caller);
  },
  testing,
  create: ({ options: { idlePollers }, use, ...dependencies }) =>
    new Lambda({
      ...dependencies,
      runner: use(FUNCTION_RUNNER),
      ...use(CODE_ARCHIVES),
      commands: use(FUNCTION_COMMANDS),
      queues: use(QUEUE_SOURCE),
      streams: use(STREAM_SOURCES),
      mayAssume: (roleArn) => use(FUNCTION_ROLES)(roleArn),
      ...(idlePollers !== undefined && { limits: { idlePollers } }),
    }),
});

/** Accepts a name, an ARN or a partial ARN, with or without a version or an alias. */
function functionName(reference: string): string {
  const parts = reference.split(':');
  return parts[parts.indexOf('function') + 1];
}
