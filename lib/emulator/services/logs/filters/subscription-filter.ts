import type { Distribution } from '@aws-sdk/client-cloudwatch-logs';
import { gzipSync } from 'node:zlib';
import { type Clock, MINUTE, SECOND, type Timer } from '../../../clock';
import { AwsError, type MetricDatum } from '../../../core';
import { eventId } from '../groups/event-id';
import type { LogStream, StoredEvent } from '../groups/log-stream';
import { SUBSCRIPTION_DELAY, SUBSCRIPTION_PAUSE, SUBSCRIPTION_RETRIES } from '../limits';
import type { FilterPattern } from '../patterns/filter-pattern';

/** What a subscription filter hands to its destination. */
export interface SubscriptionMessage {
  readonly messageType: 'DATA_MESSAGE' | 'CONTROL_MESSAGE';
  readonly owner: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly subscriptionFilters: readonly string[];
  readonly logEvents: readonly { readonly id: string; readonly timestamp: number; readonly message: string }[];
}

/** The settings of a subscription filter. */
export interface SubscriptionSettings {
  readonly name: string;
  readonly logGroup: string;
  readonly patternText: string;
  readonly pattern: FilterPattern;
  readonly destinationArn: string;
  readonly roleArn?: string;
  readonly distribution: Distribution;
  readonly creationTime: number;
}

/** The collaborators of a subscription filter. */
export interface SubscriptionDependencies {
  readonly clock: Clock;
  readonly account: string;
  /** Hands a message to the destination. Throws AWS's error if it is refused. */
  readonly send: (settings: SubscriptionSettings, message: SubscriptionMessage) => void;
  /** Called with each message that was delivered or given up. */
  readonly told: (settings: SubscriptionSettings, events: number, error?: AwsError) => void;
}

/** Events of one stream that wait for their delivery. */
interface PendingEvents {
  readonly stream: string;
  readonly since: number;
  readonly events: StoredEvent[];
  bytes: number;
}

/** Bytes of events in one message. AWS documents only that of Kinesis's records: 1 MiB, compressed. */
const MESSAGE_BYTES = 512 * 1024;
/** Bytes of events that wait for a destination that refuses them; beyond it, the oldest are given up. */
const WAITING_BYTES = 16 * 1024 * 1024;
const LONGEST_RETRY = 5 * MINUTE;
/** Errors against which retries don't help. */
const FINAL = /AccessDenied|NotFound|ResourceNotFound|InvalidParameter|NotAuthorized/;

/** A subscription filter: delivers matching events in the order of their arrival, and retries for a day. */
export class SubscriptionFilter {
  private readonly pending: PendingEvents[] = [];
  private pendingBytes = 0;
  private timer?: Timer;
  private failures = 0;
  private pausedUntil = -Infinity;
  private counts = { events: 0, bytes: 0, errors: 0 };

  constructor(
    public readonly settings: SubscriptionSettings,
    private readonly dependencies: SubscriptionDependencies,
  ) {}

  public get waits(): boolean {
    return this.timer !== undefined;
  }

  public take(stream: LogStream, events: readonly StoredEvent[]): void {
    const now = this.dependencies.clock.now();
    if (now < this.pausedUntil) return;
    const matching = events.filter(({ message }) => this.settings.pattern.match(message) !== undefined);
    for (const event of matching) this.append(stream.name, event, now);
    while (this.pendingBytes > WAITING_BYTES && this.pending.length > 1) this.drop();
    if (matching.length > 0) this.timer ??= this.schedule(SUBSCRIPTION_DELAY);
  }

  /** The `AWS/Logs` metrics since the last call. */
  public collect(timestamp: number): MetricDatum[] {
    const { name, logGroup, destinationArn } = this.settings;
    const DestinationType = destinationArn.split(':')[2] === 'kinesis' ? 'Kinesis Data Stream' : 'Lambda';
    const dimensions = { LogGroupName: logGroup, DestinationType, FilterName: name };
    const { events, bytes, errors } = this.counts;
    this.counts = { events: 0, bytes: 0, errors: 0 };
    return [
      ...sumOf('ForwardedLogEvents', dimensions, 'Count', timestamp, events),
      ...sumOf('ForwardedBytes', dimensions, 'Bytes', timestamp, bytes),
      ...sumOf('DeliveryErrors', dimensions, 'Count', timestamp, errors),
    ];
  }

  public stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private append(stream: string, event: StoredEvent, now: number): void {
    const last = this.pending.at(-1);
    this.pendingBytes += event.bytes;
    if (last?.stream === stream && last.since === now && last.bytes + event.bytes <= MESSAGE_BYTES) {
      last.events.push(event);
      last.bytes += event.bytes;
    } else this.pending.push({ stream, since: now, events: [event], bytes: event.bytes });
  }

  private schedule(delay: number): Timer {
    const { clock } = this.dependencies;
    return clock.schedule(clock.now() + delay, () => this.deliver(), 'log events are delivered to a subscription');
  }

  private deliver(): void {
    this.timer = undefined;
    const { clock, account, send, told } = this.dependencies;
    const { settings } = this;
    for (let next = this.pending.at(0); next !== undefined; next = this.pending.at(0)) {
      const message: SubscriptionMessage = {
        messageType: 'DATA_MESSAGE',
        owner: account,
        logGroup: settings.logGroup,
        logStream: next.stream,
        subscriptionFilters: [settings.name],
        logEvents: next.events.map((event) => {
          const { timestamp, message: text } = event;
          return { id: eventId(event), timestamp, message: text };
        }),
      };
      try {
        send(settings, message);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        this.counts.errors++;
        this.refused(next, error, clock.now());
        return;
      }
      this.failures = 0;
      this.counts.events += next.events.length;
      this.counts.bytes += next.bytes;
      told(settings, next.events.length);
      this.drop();
    }
  }

  private refused(next: PendingEvents, error: AwsError, now: number): void {
    if (FINAL.test(error.shape)) {
      const events = this.pending.reduce((sum, each) => sum + each.events.length, 0);
      this.pausedUntil = now + SUBSCRIPTION_PAUSE;
      while (this.pending.length > 0) this.drop();
      this.dependencies.told(this.settings, events, error);
      return;
    }
    if (now - next.since >= SUBSCRIPTION_RETRIES) {
      this.dependencies.told(this.settings, next.events.length, error);
      this.drop();
    }
    if (this.pending.length === 0) return;
    this.timer = this.schedule(Math.min(SECOND * 2 ** this.failures++, LONGEST_RETRY));
  }

  private drop(): void {
    this.pendingBytes -= this.pending.shift()?.bytes ?? 0;
  }
}

/** A message as destinations get it: compressed JSON. */
export function compress(message: SubscriptionMessage): Buffer {
  return gzipSync(JSON.stringify(message));
}

/** A datum of a sum; none if there was nothing to count. */
export function sumOf(
  name: string,
  dimensions: Readonly<Record<string, string>>,
  unit: string,
  timestamp: number,
  sum: number,
): MetricDatum[] {
  if (sum === 0) return [];
  return [
    { namespace: 'AWS/Logs', name, dimensions, unit, timestamp, sampleCount: 1, sum, minimum: sum, maximum: sum },
  ];
}
