import type { MetricDatum } from '../../../core';
import type { Clock } from '../../../clock';
import { type LambdaMetric, MetricSeries } from '../invocations/metric-series';

/**
 * The metrics of an event source mapping. Message counts are opt-in (EventCount of MetricsConfig). There is no
 * DroppedEventCount: messages of a queue end in its dead-letter queue or expire, and Lambda never drops them.
 */
export class MappingMetrics {
  /** Whether message counts are enabled. */
  public counting = false;
  private readonly series = new MetricSeries();

  constructor(
    private readonly uuid: string,
    private readonly clock: Clock,
  ) {}

  /**
   * Records a receive, which may be empty, and the number of messages that filters removed; undefined without filters.
   */
  public polled(messages: number, filteredOut: number | undefined): void {
    this.count('PolledEventCount', messages);
    if (filteredOut !== undefined) this.count('FilteredOutEventCount', filteredOut);
  }

  /** Records the number of messages passed to an invocation, also if it is throttled. */
  public invoked(messages: number): void {
    this.count('InvokedEventCount', messages);
  }

  /** Records the number of messages whose invocation failed, or that the function reported as failed. */
  public failed(messages: number): void {
    this.count('FailedInvokeEventCount', messages);
  }

  /** Records the number of messages deleted from the queue. */
  public deleted(messages: number): void {
    this.count('DeletedEventCount', messages);
  }

  /** Records the number of active provisioned pollers, which is published even without message counts. */
  public pollers(count: number, at: number): void {
    this.series.add('ProvisionedPollers', at, count);
  }

  /** The metrics of the minutes before `end`. */
  public collect(end: number): MetricDatum[] {
    return this.series.take(end, [{ EventSourceMappingUUID: this.uuid }]);
  }

  /** Repeats empty polls for the skipped milliseconds. */
  public skip(milliseconds: number): void {
    this.series.putOff(milliseconds);
  }

  private count(metric: LambdaMetric, value: number): void {
    if (this.counting) this.series.add(metric, this.clock.now(), value);
  }
}
