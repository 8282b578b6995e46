import { gauge, type MetricDatum } from '../../core';

/** A metric that counts, by schedule group. */
export type GroupCount =
  | 'InvocationAttemptCount'
  | 'TargetErrorCount'
  | 'TargetErrorThrottledCount'
  | 'InvocationDroppedCount'
  | 'InvocationsSentToDeadLetterCount'
  | 'InvocationsFailedToBeSentToDeadLetterCount';

/** The metrics of EventBridge Scheduler in the current minute. What did not happen is not published. */
export class SchedulerMetrics {
  private counts = new Map<string, Map<string, number>>();
  /** Whether anything has happened since the last reset. */
  public isActive = false;

  /** @param suffix an error code, for the metric of failures with it */
  public count(groupName: string, metric: GroupCount, suffix?: string): void {
    this.isActive = true;
    let counts = this.counts.get(groupName);
    if (counts === undefined) this.counts.set(groupName, (counts = new Map<string, number>()));
    const name = suffix === undefined ? metric : `${metric}_${suffix}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  /** The metrics of the minute that began at `periodStart`; the next minute begins. */
  public collect(periodStart: number): MetricDatum[] {
    const data = [...this.counts].flatMap(([ScheduleGroup, counts]) =>
      [...counts].map(([name, sum]) => gauge('AWS/Scheduler', name, { ScheduleGroup }, 'Count', periodStart, sum)),
    );
    this.counts = new Map();
    return data;
  }
}
