import type { MetricDatum } from '../../../core';
import type { Clock } from '../../../clock';
import { type LambdaMetric, MetricSeries } from '../invocations/metric-series';

/**
 * What an event source mapping publishes of the messages that pass through it. The counts are opt-in (EventCount of
 * MetricsConfig). There is no DroppedEventCount: a queue's messages end in its dead-letter queue or expire, Lambda
 * itself never drops them.
 */
export class MappingMetrics {
  /** Whether messages are counted. */
  public counting = false;
  private readonly series = new MetricSeries();

  constructor(
    private readonly uuid: string,
    private readonly clock: Clock,
  ) {}

  /** A receive has brought so many messages, none included; so many of them did not match the filters, if there are any. */
  public polled(messages: number, filteredOut: number | undefined): void {
    this.count('PolledEventCount', messages);
    if (filteredOut !== undefined) this.count('FilteredOutEventCount', filteredOut);
  }

  /** The function is invoked with so many messages, or would be were it not throttled. */
  public invoked(messages: number): void {
    this.count('InvokedEventCount', messages);
  }

  /** Of so many messages the invocation failed, or the function says that it has failed to process them. */
  public failed(messages: number): void {
    this.count('FailedInvokeEventCount', messages);
  }

  /** So many messages were deleted from the queue, none if the deletion failed. */
  public deleted(messages: number): void {
    this.count('DeletedEventCount', messages);
  }

  /** So many provisioned pollers ran, which is told whether or not messages are counted. */
  public pollers(count: number, at: number): void {
    this.series.add('ProvisionedPollers', at, count);
  }

  /** What belongs to minutes before `end`. */
  public collect(end: number): MetricDatum[] {
    return this.series.take(end, [{ EventSourceMappingUUID: this.uuid }]);
  }

  /** Polls that found nothing went on for so many milliseconds that are passed over. */
  public skip(milliseconds: number): void {
    this.series.putOff(milliseconds);
  }

  private count(metric: LambdaMetric, value: number): void {
    if (this.counting) this.series.add(metric, this.clock.now(), value);
  }
}
