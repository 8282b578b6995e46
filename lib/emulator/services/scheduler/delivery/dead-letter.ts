import { type AwsError, type Delivery, type RetriesExhausted, stringAttributes } from '../../../core';
import { LIMITS } from '../limits';
import { type Attempt, type TargetRequest, timestamp } from './target-request';
import { universalArn } from './universal-action';

/** Why a run is given up. */
export interface GivenUp {
  readonly attempt: Attempt;
  readonly request: TargetRequest;
  readonly error: AwsError;
  readonly exhausted?: RetriesExhausted;
}

/** A dead letter, and whether its body was cut. */
export interface DeadLetter {
  readonly delivery: Delivery;
  readonly truncated: boolean;
}

/** Makes the dead letter of a run: the input of the target's action, and why it failed as attributes. */
export function deadLetter({ attempt, request, error, exhausted }: GivenUp): DeadLetter {
  const attributes = {
    ERROR_CODE: error.queryCode,
    ERROR_MESSAGE: error.queryMessage,
    EXECUTION_ID: attempt.executionId,
    IS_PAYLOAD_TRUNCATED: 'false',
    RETRY_ATTEMPTS: String(attempt.attempt - 1),
    SCHEDULED_TIME: timestamp(attempt.scheduledAt),
    SCHEDULE_ARN: attempt.scheduleArn,
    // Of the action, also for a target that is a resource.
    TARGET_ARN: universalArn(request.service, request.action),
    ...(exhausted !== undefined && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  };
  const body = JSON.stringify(request.input);
  const room = LIMITS.deadLetter - sizeOf(attributes);
  const truncated = Buffer.byteLength(body) > room;
  if (truncated) attributes.IS_PAYLOAD_TRUNCATED = 'true';
  const payload = truncated ? cut(body, room) : body;
  return { delivery: { payload, attributes: stringAttributes(attributes) }, truncated };
}

/** The size of attributes as SQS counts it: names, types and values. */
function sizeOf(attributes: Readonly<Record<string, string>>): number {
  const texts = Object.entries(attributes).flatMap(([name, value]) => [name, 'String', value]);
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** The longest beginning of a text that has at most so many bytes, without half a character. */
function cut(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  let end = bytes;
  while ((buffer[end] & 0xc0) === 0x80) end--;
  return buffer.toString('utf8', 0, end);
}
