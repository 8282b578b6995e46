import type { MetricDatum } from '../core';
import type { ServiceInstance } from '../services/service-definition';
import { type Clock, type IdleObserver, MINUTE, type Timer } from '../clock';

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

  constructor(
    private readonly clock: Clock,
    private readonly services: readonly ServiceInstance[],
    private readonly publishTo: (data: readonly MetricDatum[]) => void,
  ) {
    this.unwatch = clock.watch(this);
    this.publishNext();
  }

  public stop(): void {
    this.timer?.cancel();
    this.unwatch();
  }

  public probe(): void {
    for (const { idle } of this.services) idle?.probe();
  }

  public steadyUntil(): number {
    if (!this.isLikeBefore) return -Infinity;
    return Math.min(...this.services.map(({ idle }) => idle?.steadyUntil() ?? Infinity));
  }

  public repeat(minutes: number): void {
    for (const { idle } of this.services) idle?.skip(minutes);
    const skipped = minutes * MINUTE;
    this.periodStart += skipped;
    this.latest = this.latest.map((datum) => ({ ...datum, timestamp: datum.timestamp + skipped }));
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
    const data = this.services.flatMap((service) => service.collectMetrics?.(periodStart) ?? []);
    this.publishTo(data);
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
