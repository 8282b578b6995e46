export * from './execution-role';
export { FilterPattern } from './event-sources/filter-pattern';
export { checkFunction, checkUnzippedSize } from './functions/function-configuration';
export { describeInitError } from './init-errors';
export { Lambda, type FunctionView } from './lambda';
export { AWS_LIMITS as AWS_LAMBDA_LIMITS, type LambdaLimits } from './limits';
export { LATEST } from './ports';
export type {
  FunctionError,
  FunctionRunner,
  FunctionSpec,
  Invocation,
  InvocationContext,
  LambdaDependencies as LambdaPorts,
  NewFunction,
  QueueSource,
  RuntimeSupport,
} from './ports';
