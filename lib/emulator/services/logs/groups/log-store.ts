import type { InputLogEvent, LogGroupClass, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../../../clock';
import { formatArn } from '../../../core';
import { groupNotFound } from '../errors';
import { LIMITS } from '../limits';
import { LogGroup } from './log-group';
import { LogStream, type StoredEvent } from './log-stream';

/** Events that arrived together, in the order of arrival over all streams. */
interface Arrival {
  readonly stream: LogStream;
  /** The stream's count of events after them. */
  upTo: number;
}

/** What became of a batch. */
export interface Ingested {
  readonly accepted: readonly StoredEvent[];
  readonly rejected?: RejectedLogEventsInfo;
}

/**
 * The log groups of an account and Region. It holds a bounded number of bytes: beyond it, the events that arrived first
 * are dropped.
 */
export class LogStore {
  public readonly groups = new Map<string, LogGroup>();
  private readonly arrivals: Arrival[] = [];
  /** Index of the oldest arrival: those before it have been dropped. */
  private oldest = 0;
  private bytes = 0;
  private sequence = 0;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly account: string,
    private readonly region: string,
    /** How many bytes of events it holds, by AWS's count. */
    private readonly capacity: number,
  ) {}

  /** Finds a group by its name or ARN. */
  public find(identifier: string | undefined): LogGroup {
    const name = /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(identifier ?? '')?.[1] ?? identifier ?? '';
    const group = this.groups.get(name);
    if (group === undefined) throw groupNotFound();
    this.expire(group);
    return group;
  }

  public createGroup(name: string, logClass: LogGroupClass = 'STANDARD'): LogGroup {
    const arn = formatArn('logs', this.region, this.account, `log-group:${name}`);
    const group = new LogGroup(name, arn, this.clock.now(), logClass);
    this.groups.set(name, group);
    return group;
  }

  public createStream(group: LogGroup, name: string): LogStream {
    const stream = new LogStream(name, `${group.arn}:log-stream:${name}`, this.clock.now());
    group.streams.set(name, stream);
    return stream;
  }

  public deleteStream(group: LogGroup, stream: LogStream): void {
    this.bytes -= stream.removeFirst(stream.length);
    group.streams.delete(stream.name);
  }

  public deleteGroup(group: LogGroup): void {
    for (const stream of group.streams.values()) this.deleteStream(group, stream);
    this.groups.delete(group.name);
  }

  /** Stores a batch, except the events that are too old or too new. */
  public ingest(group: LogGroup, stream: LogStream, batch: readonly InputLogEvent[]): Ingested {
    const now = this.clock.now();
    const keptSince = group.keptSince(now);
    const accepted: StoredEvent[] = [];
    const rejected: { -readonly [K in keyof RejectedLogEventsInfo]: RejectedLogEventsInfo[K] } = {};
    for (const [index, { timestamp = now, message = '' }] of batch.entries()) {
      if (timestamp < now - LIMITS.oldest) rejected.tooOldLogEventEndIndex = index + 1;
      else if (timestamp < keptSince) rejected.expiredLogEventEndIndex = index + 1;
      else if (timestamp > now + LIMITS.newest) rejected.tooNewLogEventStartIndex ??= index;
      else {
        const bytes = Buffer.byteLength(message) + LIMITS.eventOverhead;
        accepted.push({ timestamp, message, ingestionTime: now, sequence: this.sequence++, bytes });
      }
    }
    if (accepted.length > 0) this.add(group, stream, accepted);
    return { accepted, ...(Object.keys(rejected).length > 0 && { rejected }) };
  }

  /** Removes the events that a group's retention period no longer covers. */
  public expire(group: LogGroup): void {
    if (group.retentionInDays === undefined) return;
    const timestamp = group.keptSince(this.clock.now());
    for (const stream of group.streams.values()) {
      if (stream.firstEvent === undefined || stream.firstEvent.timestamp >= timestamp) continue;
      this.bytes -= stream.removeFirst(stream.indexOf({ timestamp, sequence: 0 }));
    }
  }

  private add(group: LogGroup, stream: LogStream, events: readonly StoredEvent[]): void {
    stream.add(events);
    let bytes = 0;
    for (const event of events) bytes += event.bytes;
    this.bytes += bytes;
    group.incoming.events += events.length;
    group.incoming.bytes += bytes;
    const last = this.arrivals.length > this.oldest ? this.arrivals[this.arrivals.length - 1] : undefined;
    if (last?.stream === stream) last.upTo = stream.added;
    else this.arrivals.push({ stream, upTo: stream.added });
    while (this.bytes > this.capacity && this.dropOldest());
  }

  /** Drops the events that arrived first, a few at a time. Returns whether there were any. */
  private dropOldest(): boolean {
    const arrival = this.arrivals[this.oldest] as Arrival | undefined;
    if (arrival === undefined) return false;
    const { stream, upTo } = arrival;
    const left = upTo - stream.removed;
    if (left > 0) this.bytes -= stream.removeFirst(1);
    if (left <= 1) this.oldest++;
    if (this.oldest > 1_000 && this.oldest * 2 > this.arrivals.length) {
      this.arrivals.splice(0, this.oldest);
      this.oldest = 0;
    }
    return true;
  }
}
