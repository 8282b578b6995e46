import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';
import { DAY } from '../../../clock';
import type { MetricFilter } from '../filters/metric-filter';
import type { SubscriptionFilter } from '../filters/subscription-filter';
import type { LogStream } from './log-stream';

/** A log group, its streams and its filters. */
export class LogGroup {
  public readonly streams = new Map<string, LogStream>();
  public readonly metricFilters = new Map<string, MetricFilter>();
  public readonly subscriptionFilters = new Map<string, SubscriptionFilter>();
  public readonly tags = new Map<string, string>();
  /** Undefined if events never expire. */
  public retentionInDays?: number;
  public kmsKeyId?: string;
  public deletionProtection = false;
  /** What arrived in the current minute, for the metrics of `AWS/Logs`. */
  public incoming = { events: 0, bytes: 0 };

  constructor(
    public readonly name: string,
    /** Without the `:*` that ends the `arn` in AWS's answers. */
    public readonly arn: string,
    public readonly creationTime: number,
    public readonly logClass: LogGroupClass,
  ) {}

  public get storedBytes(): number {
    let bytes = 0;
    for (const stream of this.streams.values()) bytes += stream.bytes;
    return bytes;
  }

  /** The timestamp from which events are kept. */
  public keptSince(now: number): number {
    return this.retentionInDays === undefined ? -Infinity : now - this.retentionInDays * DAY;
  }
}
