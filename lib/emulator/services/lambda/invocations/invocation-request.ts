import type { InvocationRequest } from '@aws-sdk/client-lambda';
import { constraintViolation, invalidParameter, payloadNotJson, payloadTooLarge } from '../errors';
import type { LambdaLimits } from '../limits';

const TYPES = ['RequestResponse', 'Event', 'DryRun'] as const;

/** A validated Invoke request. */
export interface RequestedInvocation {
  readonly type: (typeof TYPES)[number];
  /** JSON text. */
  readonly event: string;
  /** JSON text. */
  readonly clientContext?: string;
  /** Whether to return the end of the log. */
  readonly wantsLog: boolean;
}

/** Validates the input of Invoke. */
export function readInvocation(input: InvocationRequest, limits: LambdaLimits): RequestedInvocation {
  const type = input.InvocationType ?? 'RequestResponse';
  if (!TYPES.includes(type)) {
    throw constraintViolation('invocationType', type, `Member must satisfy enum value set: [${TYPES.join(', ')}]`);
  }
  const logType = input.LogType ?? 'None';
  if (logType !== 'None' && logType !== 'Tail') {
    throw constraintViolation('logType', logType, 'Member must satisfy enum value set: [None, Tail]');
  }
  for (const name of ['TenantId', 'DurableExecutionName'] as const) {
    if (input[name] !== undefined) throw invalidParameter(`${name} is not emulated: leave it out.`);
  }
  const limit = type === 'Event' ? limits.asynchronousPayload : limits.synchronousPayload;
  const payload = input.Payload ?? new Uint8Array();
  if (payload.length > limit) throw payloadTooLarge(limit);
  const clientContext = readClientContext(input.ClientContext);
  return {
    type,
    event: readEvent(payload),
    ...(clientContext !== undefined && { clientContext }),
    wantsLog: logType === 'Tail',
  };
}

function readEvent(payload: Uint8Array): string {
  const text = Buffer.from(payload).toString();
  if (text.trim() === '') return '{}';
  try {
    JSON.parse(text);
  } catch (error) {
    throw payloadNotJson((error as Error).message);
  }
  return text;
}

function readClientContext(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  try {
    JSON.parse(text);
  } catch (error) {
    throw payloadNotJson(`Client context must be a valid Base64-encoded JSON object: ${(error as Error).message}`);
  }
  return text;
}
