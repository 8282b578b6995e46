import { type Arn, parseArn } from '../../../core';
import { invalid, invalidParameter } from '../errors';

/** The protocols of subscriptions that the emulator accepts. Nobody reads e-mail here: those stay unconfirmed. */
export type Protocol = 'email' | 'email-json' | 'http' | 'https' | 'lambda' | 'sqs';

const PROTOCOLS: readonly string[] = ['email', 'email-json', 'http', 'https', 'lambda', 'sqs'] satisfies Protocol[];
/** Protocols of SNS that the emulator refuses by name. */
const ABSENT: readonly string[] = ['application', 'firehose', 'sms'];
const PHONE_NUMBER = /^\+?\d{1,15}$/;
const FIFO = '.fifo';

/** What a subscription is to reach. */
export interface Destination {
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly target?: Arn;
}

/**
 * Checks the protocol and endpoint of a new subscription.
 * @throws AwsError InvalidParameter
 */
export function checkDestination(protocol: string, endpoint: string | undefined, fifo: boolean): Destination {
  if (protocol === 'sms' && (endpoint === undefined || !PHONE_NUMBER.test(endpoint))) {
    throw invalid(`Invalid SMS endpoint: ${endpoint ?? ''}`);
  }
  if (ABSENT.includes(protocol)) {
    throw invalidParameter(`Protocol Reason: the emulator has no subscriptions of the protocol ${protocol}`);
  }
  if (!PROTOCOLS.includes(protocol)) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
  const checked = { protocol: protocol as Protocol, endpoint: endpoint ?? '' };
  if (fifo && checked.protocol !== 'sqs') {
    throw invalidParameter(`Invalid protocol type: ${protocol}`);
  }
  switch (checked.protocol) {
    case 'sqs':
      return { ...checked, target: queueArn(checked.endpoint, fifo) };
    case 'lambda':
      return { ...checked, target: functionArn(checked.endpoint) };
    case 'http':
    case 'https':
      if (!URL.canParse(checked.endpoint) || !checked.endpoint.startsWith(`${protocol}://`)) {
        throw invalidParameter('Endpoint must match the specified protocol');
      }
      return checked;
    default:
      if (!/^[^@\s]+@[^@\s]+$/.test(checked.endpoint)) throw invalidParameter('Email address');
      return checked;
  }
}

function queueArn(endpoint: string, fifo: boolean): Arn {
  const arn = parseArn(endpoint);
  if (arn?.service !== 'sqs') throw invalidParameter('SQS endpoint ARN');
  if (!fifo && arn.resource.endsWith(FIFO)) {
    throw invalidParameter(
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  }
  return arn;
}

function functionArn(endpoint: string): Arn {
  const arn = parseArn(endpoint);
  if (arn?.service !== 'lambda' || !arn.resource.startsWith('function:')) throw invalidParameter('Lambda endpoint ARN');
  return arn;
}
