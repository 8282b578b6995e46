import type {
  FilteredLogEvent,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { invalidToken } from '../errors';
import { LIMITS } from '../limits';
import type { FilterPattern } from '../patterns/filter-pattern';
import { eventId, positionOf } from './event-id';
import type { LogStream, Position, StoredEvent } from './log-stream';

/** A stream, and how far a search has come in it. */
interface Cursor {
  readonly stream: LogStream;
  index: number;
  readonly end: number;
}

/**
 * A page of FilterLogEvents: the matching events of several streams, by timestamp and arrival. A page ends after a
 * number of events that were looked at too, so it may be empty although more follow.
 */
export function searchEvents(
  streams: readonly LogStream[],
  pattern: FilterPattern,
  input: FilterLogEventsRequest,
): FilterLogEventsResponse {
  const { startTime = 0, endTime = Infinity, limit = LIMITS.eventsPerRequest, nextToken } = input;
  const start = nextToken === undefined ? { timestamp: startTime, sequence: 0 } : readToken(nextToken);
  const cursors = streams.flatMap((stream): Cursor[] => {
    const [index, end] = [stream.indexOf(start), stream.indexOf({ timestamp: endTime, sequence: 0 })];
    return index < end ? [{ stream, index, end }] : [];
  });
  const queue = new CursorQueue(cursors);
  const events: FilteredLogEvent[] = [];
  let [searched, bytes] = [0, 0];
  for (let next = queue.first; next !== undefined; next = queue.first) {
    const event = next.stream.at(next.index);
    const matches = pattern.match(event.message) !== undefined;
    const full = matches && (events.length >= limit || bytes + event.bytes > LIMITS.bytesPerRequest);
    if (full || searched >= LIMITS.eventsSearchedPerPage) {
      return { events, searchedLogStreams: [], nextToken: writeToken(event) };
    }
    searched++;
    if (matches) {
      bytes += event.bytes;
      const { timestamp, message, ingestionTime } = event;
      events.push({ logStreamName: next.stream.name, timestamp, message, ingestionTime, eventId: eventId(event) });
    }
    queue.advance();
  }
  return { events, searchedLogStreams: [] };
}

function writeToken(event: StoredEvent): string {
  return Buffer.from(eventId(event)).toString('base64url');
}

function readToken(token: string): Position {
  const position = positionOf(Buffer.from(token, 'base64url').toString());
  if (position === undefined) throw invalidToken();
  return position;
}

/** Cursors in a binary heap, by their next event. */
class CursorQueue {
  private readonly heap: Cursor[];

  constructor(cursors: Cursor[]) {
    this.heap = cursors.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  public get first(): Cursor | undefined {
    return this.heap[0];
  }

  /** Moves the first cursor to its next event, or removes it at its end. */
  public advance(): void {
    const [first] = this.heap;
    if (++first.index >= first.end) {
      const last = this.heap.pop() as Cursor;
      if (this.heap.length === 0) return;
      this.heap[0] = last; // where the first was
    }
    this.sink();
  }

  private sink(): void {
    const { heap } = this;
    for (let index = 0; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let least = index;
      if (left < heap.length && isBefore(heap[left], heap[least])) least = left;
      if (right < heap.length && isBefore(heap[right], heap[least])) least = right;
      if (least === index) return;
      [heap[index], heap[least]] = [heap[least], heap[index]];
      index = least;
    }
  }
}

function isBefore(one: Cursor, other: Cursor): boolean {
  const [a, b] = [one.stream.at(one.index), other.stream.at(other.index)];
  return a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.sequence < b.sequence);
}
