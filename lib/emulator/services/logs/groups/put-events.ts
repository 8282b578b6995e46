import type { InputLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { ModelConstraints } from '../../../core';
import { invalidParameter } from '../errors';
import { LIMITS } from '../limits';

/** Throws if AWS would refuse a batch of PutLogEvents as a whole. */
export function checkBatch(events: readonly InputLogEvent[]): void {
  const constraints = new ModelConstraints().length('logEvents', events, 1, LIMITS.eventsPerRequest);
  for (const [index, { message, timestamp }] of events.entries()) {
    const at = `logEvents.${index + 1}.member`;
    if (message === '') constraints.length(`${at}.message`, message, 1, Infinity);
    if (timestamp !== undefined && timestamp < 0) constraints.range(`${at}.timestamp`, timestamp, 0, Infinity);
  }
  constraints.check('InvalidParameterException');
  let size = 0;
  let previous = -Infinity;
  for (const { message = '', timestamp = 0 } of events) {
    const bytes = Buffer.byteLength(message);
    if (bytes > LIMITS.messageBytes) {
      throw invalidParameter(`Log event too large: ${bytes} bytes exceeds limit of ${LIMITS.messageBytes}`);
    }
    size += bytes + LIMITS.eventOverhead;
    if (timestamp < previous) {
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
    }
    previous = timestamp;
  }
  if (size > LIMITS.bytesPerRequest) {
    throw invalidParameter(`Upload too large: ${size} bytes exceeds limit of ${LIMITS.bytesPerRequest}`);
  }
  const [first, last] = [events.at(0), events.at(-1)];
  if ((last?.timestamp ?? 0) - (first?.timestamp ?? 0) > LIMITS.batchSpan) {
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
}
