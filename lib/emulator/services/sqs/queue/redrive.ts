import { formatArn, parseArn } from '../../../core';
import { invalidValue } from '../errors';
import type { SqsLimits } from '../limits';
import { isNestedDeeper } from '../actions/nesting';

/** When a message is dead-lettered, and to which queue. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** The queues that may use this one as their dead-letter queue. */
export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns: readonly string[];
}

export const ALLOW_ALL: RedriveAllowPolicy = { redrivePermission: 'allowAll', sourceQueueArns: [] };

/** The policy in the form in which SQS returns it. */
export function writeRedriveAllowPolicy({ redrivePermission, sourceQueueArns }: RedriveAllowPolicy): string {
  return JSON.stringify(
    redrivePermission === 'byQueue' ? { redrivePermission, sourceQueueArns } : { redrivePermission },
  );
}

/** Whether the queue with the ARN `source` may use a queue with `policy` as its dead-letter queue. */
export function allowsRedrive(policy: RedriveAllowPolicy, source: string): boolean {
  if (policy.redrivePermission === 'byQueue') return policy.sourceQueueArns.includes(source);
  return policy.redrivePermission === 'allowAll';
}

export function parseRedrivePolicy(text: string, limits: SqsLimits): RedrivePolicy {
  const refuse = (reason: string) => invalidValue('RedrivePolicy', text, reason);
  const { deadLetterTargetArn, maxReceiveCount } = jsonMap(text, 'RedrivePolicy', 'Redrive policy');
  if (deadLetterTargetArn === undefined) {
    throw refuse('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  }
  if (maxReceiveCount === undefined) {
    throw refuse('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  }
  if (typeof deadLetterTargetArn !== 'string' || parseArn(deadLetterTargetArn)?.service !== 'sqs') {
    throw refuse(`Invalid value for deadLetterTargetArn: ${shown(deadLetterTargetArn)}.`);
  }
  const count = typeof maxReceiveCount === 'string' ? Number(maxReceiveCount) : maxReceiveCount;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > limits.maxReceiveCount) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${shown(maxReceiveCount)}, valid values are from 1 to ${limits.maxReceiveCount} both inclusive.`,
    );
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

export function parseRedriveAllowPolicy(text: string, limits: SqsLimits): RedriveAllowPolicy {
  const refuse = (reason: string) => invalidValue('RedriveAllowPolicy', text, reason);
  const { redrivePermission, sourceQueueArns } = jsonMap(text, 'RedriveAllowPolicy', 'Redrive allow policy');
  switch (redrivePermission) {
    case 'allowAll':
    case 'denyAll':
      if (sourceQueueArns !== undefined) {
        throw refuse('sourceQueueArns can only be specified when redrivePermission is byQueue.');
      }
      return { redrivePermission, sourceQueueArns: [] };
    case 'byQueue':
      break;
    default:
      throw refuse(
        `Invalid value for redrivePermission: ${shown(redrivePermission)}, valid values are allowAll, denyAll and byQueue.`,
      );
  }
  const most = limits.redriveAllowSources;
  if (!Array.isArray(sourceQueueArns) || sourceQueueArns.length < 1 || sourceQueueArns.length > most) {
    throw refuse(`sourceQueueArns must list from 1 to ${most} queue ARNs when redrivePermission is byQueue.`);
  }
  const arns = sourceQueueArns.map((arn: unknown) => {
    if (typeof arn !== 'string' || parseArn(arn)?.service !== 'sqs') {
      throw refuse(`sourceQueueArns has ${shown(arn)}, which is no ARN of a queue.`);
    }
    return arn;
  });
  return { redrivePermission, sourceQueueArns: arns };
}

export function queueArn(region: string, account: string, name: string): string {
  return formatArn('sqs', region, account, name);
}

// Both policies are maps that contain at most lists.
const DEEPEST = 8;

/**
 * A value for an error message. Nested values are shown by their type only: serializing a deep one overflows the stack.
 */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing';
  return Array.isArray(value) ? 'a list' : 'a map';
}

/** Parses a JSON map. Members that are null are omitted, as SQS does. */
function jsonMap(text: string, parameter: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isNestedDeeper(value, DEEPEST)) {
    throw invalidValue(parameter, text, `${what} is not a valid JSON map.`);
  }
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}
