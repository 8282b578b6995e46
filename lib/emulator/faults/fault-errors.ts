import { AwsError } from '../core';

/** The services whose requests may be made to fail, by the names that their requests are signed with. */
export type FaultyService = 'sqs' | 'lambda' | 'monitoring' | 'autoscaling' | 'kms' | 'sts';

/** What AWS answers where a service is asked too often. */
const THROTTLED: Readonly<Record<FaultyService, () => AwsError>> = {
  sqs: () => new AwsError('RequestThrottled', 'Request is throttled.', { status: 403 }),
  lambda: () => new AwsError('TooManyRequestsException', 'Rate Exceeded.', { status: 429 }),
  monitoring: () => new AwsError('ThrottlingException', 'Rate exceeded', { queryCode: 'Throttling' }),
  autoscaling: () => new AwsError('Throttling', 'Rate exceeded'),
  kms: () => new AwsError('ThrottlingException', 'Rate exceeded'),
  sts: () => new AwsError('Throttling', 'Rate exceeded'),
};

/** What AWS answers where a service fails inside. */
const FAILED: Readonly<Record<FaultyService, readonly [shape: string, queryCode: string]>> = {
  sqs: ['InternalError', 'InternalError'],
  lambda: ['ServiceException', 'ServiceException'],
  monitoring: ['InternalServiceFault', 'InternalServiceError'],
  autoscaling: ['InternalFailure', 'InternalFailure'],
  kms: ['KMSInternalException', 'KMSInternalException'],
  sts: ['InternalFailure', 'InternalFailure'],
};

export function throttled(service: FaultyService): AwsError {
  return THROTTLED[service]();
}

export function failedInside(service: FaultyService): AwsError {
  const [shape, queryCode] = FAILED[service];
  const message = 'We encountered an internal error. Please try again.';
  return new AwsError(shape, message, { status: 500, queryCode, fault: 'Receiver' });
}

export function unavailable(): AwsError {
  const message = 'Service is unable to handle request.';
  return new AwsError('ServiceUnavailable', message, { status: 503, fault: 'Receiver' });
}
