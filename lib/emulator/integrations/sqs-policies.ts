import { MalformedPolicy, readPolicy } from '../core/policy';
import { AwsError } from '../core';
import type { QueuePolicy } from '../services/sqs';

/** Reads a queue's policy, as SQS does. Throws SQS's error for one that cannot be read. */
export function readQueuePolicy(policy: string): QueuePolicy {
  try {
    return readPolicy(policy);
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter Policy. Reason: ${error.message}.`);
  }
}
