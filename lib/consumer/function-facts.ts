import { CfnFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';

const LAMBDA_DEFAULT_TIMEOUT = Duration.seconds(3);

/** The timeout of a function, or of that of an alias or a version; undefined where it is defined elsewhere. */
export function timeoutOf(handler: IFunction): Duration | undefined {
  const lambda = functionOf(handler);
  // Only a function of this app has the member at all.
  return 'timeout' in lambda ? ((lambda.timeout as Duration | undefined) ?? LAMBDA_DEFAULT_TIMEOUT) : undefined;
}

/** The concurrency that a function of this app has for itself, if any. */
export function reservedConcurrencyOf(handler: IFunction): number | undefined {
  const resource = functionOf(handler).node.defaultChild;
  return CfnFunction.isCfnFunction(resource) ? resource.reservedConcurrentExecutions : undefined;
}

function functionOf(handler: IFunction): IFunction {
  const { lambda = handler } = handler as IFunction & { readonly lambda?: IFunction }; // of an alias or a version
  return lambda;
}
