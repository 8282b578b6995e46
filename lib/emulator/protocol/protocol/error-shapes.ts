import { AwsError } from '../../core';
import type { MalformedInput } from '../malformed-input';
import type { Service } from '../service';

// Errors that AWS's service framework raises before the service sees the request use the framework's namespace.
const FRAMEWORK_NAMESPACE = 'com.amazon.coral.service';
const FRAMEWORK_SHAPES = new Set([
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InternalFailure',
  'RequestExpired',
  'SerializationException',
  'UnknownOperationException',
  'UnrecognizedClientException',
]);

/** An error shape's absolute name, as in `__type`. */
export function shapeId(service: Service | undefined, error: AwsError): string {
  const framework = service === undefined || FRAMEWORK_SHAPES.has(error.shape);
  if (framework) return `${FRAMEWORK_NAMESPACE}#${error.shape}`;
  return `${service.binding.errorNamespace?.(error.shape) ?? service.namespace}#${error.shape}`;
}

/** The header with an error's Query code, for clients that used to use Query. */
export function queryErrorHeader(service: Service | undefined, error: AwsError): Record<string, string> {
  if (service?.binding.queryCompatible !== true) return {};
  return { 'x-amzn-query-error': `${error.queryCode};${error.fault}` };
}

export function serializationException(problem: MalformedInput): AwsError {
  return new AwsError('SerializationException', problem.describe());
}

export function unknownOperation(action: string, status = 400): AwsError {
  const message = `The requested operation is not supported or not recognized: ${action}`;
  return new AwsError('UnknownOperationException', message, { status });
}
