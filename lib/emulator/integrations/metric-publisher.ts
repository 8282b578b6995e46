import type { MetricDatum } from '../core';
import type { AutoScaling } from '../services/autoscaling';
import { type Clock, type IdleObserver, MINUTE, type Timer } from '../clock';
import type { CloudWatch } from '../services/cloudwatch';
import type { Lambda } from '../services/lambda';
import type { Sqs } from '../services/sqs';

/** Whose metrics are published, and what they are published to. */
export interface MeteredServices {
  readonly sqs: Sqs;
  readonly autoScaling: AutoScaling;
  readonly lambda: Lambda;
  readonly cloudWatch: CloudWatch;
}

/**
 * Has the services of a region publish each minute's metrics when the minute has ended. As this is what goes on whether
 * or not anything happens, it also knows when one minute is like the other.
 */
export class MetricPublisher implements IdleObserver {
  private timer?: Timer;
  private readonly unwatch: () => void;
  private periodStart = 0;
  private latest: readonly MetricDatum[] = [];
  private isLikeBefore = false;
  private rehearsedFrom = 0;
  private pulseBefore: readonly number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly services: MeteredServices,
  ) {
    this.unwatch = clock.watch(this);
    this.publishNext();
  }

  public stop(): void {
    this.timer?.cancel();
    this.unwatch();
  }

  public probe(): void {
    const { sqs, autoScaling, cloudWatch } = this.services;
    this.rehearsedFrom = this.clock.now();
    this.pulseBefore = sqs.pulse();
    cloudWatch.probe();
    autoScaling.rehearse();
  }

  public steadyUntil(): number {
    const { sqs, autoScaling, lambda, cloudWatch } = this.services;
    const rests = this.isLikeBefore && lambda.isAtRest && String(sqs.pulse()) === String(this.pulseBefore);
    return rests && autoScaling.repeats && cloudWatch.repeats ? sqs.steadyUntil(this.rehearsedFrom) : -Infinity;
  }

  public repeat(minutes: number): void {
    const { sqs, lambda, cloudWatch } = this.services;
    const milliseconds = minutes * MINUTE;
    cloudWatch.repeat(minutes, this.rehearsedFrom, this.latest);
    sqs.skip(milliseconds, this.rehearsedFrom);
    lambda.skip(milliseconds);
    this.periodStart += milliseconds;
    this.latest = this.latest.map((datum) => ({ ...datum, timestamp: datum.timestamp + milliseconds }));
  }

  private publishNext(): void {
    this.periodStart = Math.floor(this.clock.now() / MINUTE) * MINUTE;
    const publish = () => {
      this.publish(this.periodStart);
      this.publishNext();
    };
    this.timer = this.clock.schedulePeriodic(this.periodStart + MINUTE, publish, "the minute's metrics are published");
  }

  private publish(periodStart: number): void {
    const { sqs, autoScaling, lambda, cloudWatch } = this.services;
    const data = [sqs, autoScaling, lambda].flatMap((service) => service.collectMetrics(periodStart));
    cloudWatch.ingest(data);
    this.isLikeBefore = isLike(data, this.latest);
    this.latest = data;
  }
}

/** Whether metrics are those of the minute before. Metrics that come in several parts are taken to differ. */
function isLike(data: readonly MetricDatum[], before: readonly MetricDatum[]): boolean {
  if (data.length !== before.length) return false;
  for (let index = 0; index < data.length; index++) {
    const [one, other] = [data[index], before[index]];
    if (one.name !== other.name || one.namespace !== other.namespace || one.unit !== other.unit) return false;
    if (one.timestamp !== other.timestamp + MINUTE || !isSameText(one.dimensions, other.dimensions)) return false;
    if (one.sampleCount !== other.sampleCount || one.sum !== other.sum) return false;
    if (one.minimum !== other.minimum || one.maximum !== other.maximum) return false;
    const next = data[index + 1] as MetricDatum | undefined;
    if (next?.name === one.name && isSameText(next.dimensions, one.dimensions)) return false;
  }
  return true;
}

function isSameText(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
