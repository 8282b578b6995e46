import { SECOND } from '../../../clock';
import { invalidParameter } from '../errors';
import type { RetrySchedule } from '../limits';

const BACKOFFS = ['linear', 'arithmetic', 'geometric', 'exponential'] as const;

/** How waits grow between the shortest and the longest. */
export type Backoff = (typeof BACKOFFS)[number];

interface RetryPolicy {
  /** Seconds. */
  readonly minDelayTarget: number;
  /** Seconds. */
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numMaxDelayRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly backoffFunction: Backoff;
}

/** How SNS delivers to HTTP endpoints: the effective policy of a topic or subscription. */
export interface HttpPolicy {
  readonly defaultHealthyRetryPolicy: RetryPolicy;
  readonly disableSubscriptionOverrides: boolean;
  readonly defaultRequestPolicy: { readonly headerContentType: string };
  readonly throttlePolicy?: { readonly maxReceivesPerSecond: number };
}

/** What a delivery policy sets. */
export interface DeliveryPolicy {
  readonly retry?: Partial<RetryPolicy>;
  readonly disableSubscriptionOverrides?: boolean;
  readonly headerContentType?: string;
  readonly maxReceivesPerSecond?: number;
}

export const defaultHttpPolicy: HttpPolicy = {
  defaultHealthyRetryPolicy: {
    minDelayTarget: 20,
    maxDelayTarget: 20,
    numRetries: 3,
    numMaxDelayRetries: 0,
    numNoDelayRetries: 0,
    numMinDelayRetries: 0,
    backoffFunction: 'linear',
  },
  disableSubscriptionOverrides: false,
  defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
};

const LONGEST_DELAY = 3_600;
const MOST_RETRIES = 100;
const CONTENT_TYPES =
  /^(?:application\/json|application\/x-www-form-urlencoded|application\/xml|application\/atom\+xml|application\/xhtml\+xml|application\/octet-stream|application\/pdf|application\/vnd\.[\w.+-]+|text\/plain|text\/css|text\/csv|text\/html|text\/xml)(?:;.*)?$/;

/**
 * Reads the attribute DeliveryPolicy of a topic or a subscription.
 * @throws AwsError InvalidParameter
 */
export function readDeliveryPolicy(text: string, prefix: string): DeliveryPolicy {
  const refuse = (reason: string) => invalidParameter(`${prefix}DeliveryPolicy: ${reason}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw refuse(`failed to parse JSON. ${(error as Error).message}`);
  }
  const given = objectOf(parsed, refuse);
  // A topic's policy is nested in `http`, and its members are called defaults.
  const http = objectOf(given.http ?? given, refuse);
  const retry = http.healthyRetryPolicy ?? http.defaultHealthyRetryPolicy;
  const throttle = http.throttlePolicy ?? http.defaultThrottlePolicy;
  const request = http.requestPolicy ?? http.defaultRequestPolicy;
  const contentType = request === undefined ? undefined : objectOf(request, refuse).headerContentType;
  if (contentType !== undefined && (typeof contentType !== 'string' || !CONTENT_TYPES.test(contentType))) {
    throw refuse(`requestPolicy.headerContentType is not supported: ${JSON.stringify(contentType)}`);
  }
  return {
    ...(retry !== undefined && retry !== null && { retry: retryPolicy(objectOf(retry, refuse), refuse) }),
    ...(typeof http.disableSubscriptionOverrides === 'boolean' && {
      disableSubscriptionOverrides: http.disableSubscriptionOverrides,
    }),
    ...(contentType !== undefined && { headerContentType: contentType }),
    ...(throttle !== undefined &&
      throttle !== null && {
        maxReceivesPerSecond: count(objectOf(throttle, refuse), 'maxReceivesPerSecond', 1, Infinity, refuse),
      }),
  };
}

/** What a policy makes of the usual one. */
export function effectivePolicy(policy: DeliveryPolicy, usual: HttpPolicy): HttpPolicy {
  const { retry, disableSubscriptionOverrides, headerContentType, maxReceivesPerSecond } = policy;
  return {
    ...usual,
    defaultHealthyRetryPolicy: { ...usual.defaultHealthyRetryPolicy, ...retry },
    ...(disableSubscriptionOverrides !== undefined && { disableSubscriptionOverrides }),
    ...(headerContentType !== undefined && { defaultRequestPolicy: { headerContentType } }),
    ...(maxReceivesPerSecond !== undefined && { throttlePolicy: { maxReceivesPerSecond } }),
  };
}

/** The waits between attempts that a policy asks for. */
export function scheduleOf({ defaultHealthyRetryPolicy: policy }: HttpPolicy): RetrySchedule & { backoffBy: Backoff } {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries, backoffFunction } = policy;
  return {
    immediate: numNoDelayRetries,
    preBackoff: numMinDelayRetries,
    backoff: Math.max(0, numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries),
    postBackoff: numMaxDelayRetries,
    shortest: policy.minDelayTarget * SECOND,
    longest: policy.maxDelayTarget * SECOND,
    backoffBy: backoffFunction,
  };
}

type Refuse = (reason: string) => Error;

function retryPolicy(given: Readonly<Record<string, unknown>>, refuse: Refuse): Partial<RetryPolicy> {
  const policy: Record<string, number | string> = {};
  const counts = ['numRetries', 'numMaxDelayRetries', 'numNoDelayRetries', 'numMinDelayRetries'];
  for (const name of counts) if (given[name] !== undefined) policy[name] = count(given, name, 0, MOST_RETRIES, refuse);
  for (const name of ['minDelayTarget', 'maxDelayTarget']) {
    if (given[name] !== undefined) policy[name] = count(given, name, 1, LONGEST_DELAY, refuse);
  }
  const { minDelayTarget = 20, maxDelayTarget = 20, numRetries = 3 } = policy as Partial<RetryPolicy>;
  if (minDelayTarget > maxDelayTarget) throw refuse('minDelayTarget must not be greater than maxDelayTarget');
  const { numMaxDelayRetries = 0, numNoDelayRetries = 0, numMinDelayRetries = 0 } = policy as Partial<RetryPolicy>;
  if (numMaxDelayRetries + numNoDelayRetries + numMinDelayRetries > numRetries) {
    throw refuse('numRetries must be at least numNoDelayRetries + numMinDelayRetries + numMaxDelayRetries');
  }
  const { backoffFunction } = given;
  if (backoffFunction !== undefined) {
    if (!BACKOFFS.includes(backoffFunction as Backoff)) {
      throw refuse(`backoffFunction must be one of ${BACKOFFS.join(', ')}`);
    }
    policy.backoffFunction = backoffFunction as Backoff;
  }
  return policy;
}

function count(given: Readonly<Record<string, unknown>>, name: string, least: number, most: number, refuse: Refuse) {
  const value = given[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw refuse(`${name} must be a whole number from ${least} to ${most}`);
}

function objectOf(value: unknown, refuse: Refuse): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refuse('must be a JSON object');
}
