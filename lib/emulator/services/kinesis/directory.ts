import type { StreamStatus } from '@aws-sdk/client-kinesis';
import type { Clock } from '../../clock';
import { formatArn, parseArn, type RequestContext } from '../../core';
import type { Timeline } from '../../timeline';
import { authorize } from './authorization';
import { invalidArgument, notActive, streamExists, streamNotFound } from './errors';
import type { KinesisLimits } from './limits';
import type { Consumer } from './streams/consumer';
import { type NewStream, Stream } from './streams/stream';
import { checkStreamName } from './validation';

/** How a request names a stream. */
export interface StreamReference {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

export interface DirectoryDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly limits: KinesisLimits;
  /** The streams of another account or Region, if that has begun. */
  readonly elsewhere: (account: string, region: string) => StreamDirectory | undefined;
}

/** The streams of an account and Region by name, and the changes of their states. */
export class StreamDirectory {
  private readonly streams = new Map<string, Stream>();
  private readonly deletion = new Set<(streamArn: string) => void>();

  constructor(private readonly dependencies: DirectoryDependencies) {}

  /** All streams, in the order of their names. */
  public all(): readonly Stream[] {
    return [...this.streams.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  public named(name: string): Stream | undefined {
    return this.streams.get(name);
  }

  /** The stream with this ARN, in whichever account. */
  public byArn(arn: string): Stream | undefined {
    const { account, region, elsewhere } = this.dependencies;
    const parts = parseArn(arn);
    if (parts?.service !== 'kinesis') return undefined;
    const home = parts.account === account && parts.region === region ? this : elsewhere(parts.account, parts.region);
    const name = /^stream\/([^/]+)$/.exec(parts.resource)?.[1];
    return name === undefined ? undefined : home?.named(name);
  }

  /** The consumer with this ARN. */
  public consumer(arn: string): Consumer | undefined {
    const match = /^(.+)\/consumer\/([^:/]+):\d+$/.exec(arn);
    const consumer = match === null ? undefined : this.byArn(match[1])?.consumers.get(match[2]);
    return consumer?.arn === arn ? consumer : undefined;
  }

  /** The stream of a request, for an action that its caller may perform. */
  public find(reference: StreamReference, action: string, context: RequestContext): Stream {
    const stream = this.lookUp(reference);
    authorize(stream, action, context, this.dependencies.clock);
    return stream;
  }

  /** The stream of a request that reads or writes: it must be ACTIVE or UPDATING. */
  public readable(reference: StreamReference, action: string, context: RequestContext): Stream {
    const stream = this.find(reference, action, context);
    if (stream.status === 'ACTIVE' || stream.status === 'UPDATING') return stream;
    throw streamNotFound(stream.name, stream.account);
  }

  /** The stream of a request that changes it: it must be ACTIVE. */
  public active(reference: StreamReference, action: string, context: RequestContext): Stream {
    const stream = this.find(reference, action, context);
    if (stream.status !== 'ACTIVE') throw notActive(stream.name, stream.account, stream.status ?? '');
    return stream;
  }

  /** Throws if a stream of that name exists. */
  public checkFree(name: string): void {
    if (this.streams.has(name)) throw streamExists(name, this.dependencies.account);
  }

  public create(given: Omit<NewStream, 'arn' | 'createdAt'>): Stream {
    const { account, region, clock, limits, timeline } = this.dependencies;
    this.checkFree(given.name);
    const arn = formatArn('kinesis', region, account, `stream/${given.name}`);
    const stream = new Stream({ ...given, arn, createdAt: clock.now() }, limits);
    this.streams.set(stream.name, stream);
    timeline.record('kinesis.streamCreated', stream.name, { shards: given.shards, mode: given.mode });
    this.become(stream, 'CREATING', () => undefined);
    return stream;
  }

  public delete(stream: Stream): void {
    stream.transition?.timer.cancel();
    stream.transition = undefined;
    this.become(stream, 'DELETING', () => {
      this.streams.delete(stream.name);
      this.dependencies.timeline.record('kinesis.streamDeleted', stream.name);
      for (const listener of this.deletion) listener(stream.arn);
      stream.changed();
    });
  }

  /** Calls `listener` with the ARN of each stream that is deleted. */
  public onDeleted(listener: (streamArn: string) => void): void {
    this.deletion.add(listener);
  }

  /** Puts a stream into a state; a while later makes the change, and the stream is ACTIVE again. */
  public become(stream: Stream, status: StreamStatus, change: () => void): void {
    const { clock, limits } = this.dependencies;
    stream.status = status;
    const complete = () => {
      stream.transition = undefined;
      stream.status = 'ACTIVE';
      change();
      stream.changed();
    };
    if (limits.transition === 0) return complete();
    const timer = clock.schedule(clock.now() + limits.transition, complete, 'a stream changes its state');
    stream.transition = { timer, complete };
  }

  /** Completes a stream's change of state, if one is in progress. */
  public settle(stream: Stream): void {
    const { transition } = stream;
    transition?.timer.cancel();
    transition?.complete();
  }

  private lookUp({ StreamName, StreamARN }: StreamReference): Stream {
    const { account } = this.dependencies;
    if (StreamARN !== undefined) {
      const name = /^arn:[^:]+:kinesis:[^:]+:\d{12}:stream\/([^/]+)$/.exec(StreamARN)?.[1];
      if (name === undefined) throw invalidArgument(`StreamARN ${StreamARN} is not valid.`);
      if (StreamName !== undefined && StreamName !== name) {
        throw invalidArgument(`StreamARN ${StreamARN} and StreamName ${StreamName} name different streams.`);
      }
      const stream = this.byArn(StreamARN);
      if (stream === undefined) throw streamNotFound(name, parseArn(StreamARN)?.account ?? account);
      return stream;
    }
    if (StreamName === undefined) throw invalidArgument('Either StreamName or StreamARN must be provided.');
    checkStreamName(StreamName);
    const stream = this.streams.get(StreamName);
    if (stream === undefined) throw streamNotFound(StreamName, account);
    return stream;
  }
}
