import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { invalidToken } from '../errors';
import { LIMITS } from '../limits';
import { eventId, positionOf } from './event-id';
import type { LogStream, Position } from './log-stream';

const START: Position = { timestamp: 0, sequence: 0 };

/**
 * A page of GetLogEvents. A token says a place between two events, and in which direction to go on from there; where
 * there is nothing left, the caller gets its own token again.
 */
export function streamPage(stream: LogStream, input: GetLogEventsRequest): GetLogEventsResponse {
  const { startTime = 0, endTime = Infinity, startFromHead = false, limit = LIMITS.eventsPerRequest } = input;
  const earliest = stream.indexOf({ timestamp: startTime, sequence: 0 });
  const latest = Math.max(stream.indexOf({ timestamp: endTime, sequence: 0 }), earliest);
  const token = input.nextToken === undefined ? undefined : readToken(input.nextToken);
  const within = (index: number) => Math.min(Math.max(index, earliest), latest);
  const forward = token === undefined ? startFromHead : token.forward;
  let [from, to] = [earliest, latest];
  if (token !== undefined) {
    const place = within(stream.indexOf(token.position));
    if (forward) from = place;
    else to = place;
  }
  let bytes = 0;
  const fits = (index: number) => (bytes += stream.at(index).bytes) <= LIMITS.bytesPerRequest;
  if (forward) {
    let end = from;
    while (end < to && end - from < limit && fits(end)) end++;
    to = end;
  } else {
    let start = to;
    while (start > from && to - start < limit && fits(start - 1)) start--;
    from = start;
  }
  const events = Array.from({ length: to - from }, (_, index) => stream.at(from + index));
  if (events.length === 0 && token !== undefined) {
    const same = eventId(token.position);
    return { events: [], nextForwardToken: `f/${same}/s`, nextBackwardToken: `b/${same}/s` };
  }
  const [first, last] = [events.at(0), events.at(-1)];
  const after = last === undefined ? START : { timestamp: last.timestamp, sequence: last.sequence + 1 };
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${eventId(after)}/s`,
    nextBackwardToken: `b/${eventId(first ?? START)}/s`,
  };
}

function readToken(token: string): { readonly forward: boolean; readonly position: Position } {
  const parts = /^([fb])\/(\d{56})\/s$/.exec(token);
  const position = parts === null ? undefined : positionOf(parts[2]);
  if (parts === null || position === undefined) throw invalidToken();
  return { forward: parts[1] === 'f', position };
}
