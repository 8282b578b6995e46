import type { MetricDatum } from '../../../core';
import type { Concurrency } from './concurrency';
import { MetricSeries } from './metric-series';

/** The dimensions by which metrics distinguish invocations. */
export interface MeteredTarget {
  readonly functionName: string;
  /** The version or alias by which it was invoked, if any. */
  readonly qualifier?: string;
  /** The version that an alias resolved to. */
  readonly executedVersion?: string;
}

interface Resource {
  readonly target: MeteredTarget;
  readonly series: MetricSeries;
}

/**
 * The metrics of functions' invocations. As on AWS, each value has the time at which its invocation began: the Duration
 * and Errors of a long one are published late, for a minute long past. Nothing is published for a function that is not
 * invoked.
 */
export class FunctionMetrics {
  private readonly resources = new Map<string, Resource>();
  /** By name: the concurrency of a function includes all of its versions. */
  private readonly concurrencies = new Map<string, MetricSeries>();
  private readonly region = new MetricSeries();

  constructor(private readonly concurrency: Concurrency) {}

  /** Records the start of an invocation. */
  public entered({ functionName }: MeteredTarget, at: number): void {
    this.sampleConcurrency(functionName, at);
    this.sampleRegion(at);
  }

  /** Records the end of an invocation that began at `at`. */
  public ended(target: MeteredTarget, at: number, duration: number, failed: boolean): void {
    const { series } = this.resourceOf(target);
    series.add('Invocations', at, 1);
    series.add('Errors', at, failed ? 1 : 0);
    series.add('Throttles', at, 0);
    series.add('Duration', at, duration);
  }

  public throttled(target: MeteredTarget, at: number): void {
    this.resourceOf(target).series.add('Throttles', at, 1);
  }

  /** Records the age of the last record of a batch of a stream, when its invocation has ended. */
  public iteratorAge(target: MeteredTarget, at: number, age: number): void {
    this.resourceOf(target).series.add('IteratorAge', at, age);
  }

  /** Records that an asynchronous invocation was accepted. */
  public asyncReceived(target: MeteredTarget, at: number): void {
    this.resourceOf(target).series.add('AsyncEventsReceived', at, 1);
  }

  /** Records an attempt of an asynchronous invocation, `age` milliseconds after it was accepted. */
  public asyncTried(target: MeteredTarget, at: number, age: number): void {
    this.resourceOf(target).series.add('AsyncEventAge', at, age);
  }

  /** Records that an asynchronous invocation was dropped. */
  public asyncDropped(target: MeteredTarget, at: number): void {
    this.resourceOf(target).series.add('AsyncEventsDropped', at, 1);
  }

  /** Records that a destination rejected the result of an asynchronous invocation. */
  public destinationFailed(target: MeteredTarget, at: number): void {
    this.resourceOf(target).series.add('DestinationDeliveryFailures', at, 1);
  }

  /** Records that the dead-letter queue or topic rejected an event. */
  public deadLetterFailed(target: MeteredTarget, at: number): void {
    this.resourceOf(target).series.add('DeadLetterErrors', at, 1);
  }

  /** The metrics of the minutes before `end`. */
  public collect(end: number): MetricDatum[] {
    const data = [...this.resources.values()].flatMap(({ target, series }) => series.take(end, dimensionSets(target)));
    for (const [functionName, series] of this.concurrencies) {
      data.push(...series.take(end, [{ FunctionName: functionName }]));
      // Invocations that still run also count in the minute that begins.
      if (this.concurrency.of(functionName) > 0) this.sampleConcurrency(functionName, end);
      else this.concurrencies.delete(functionName);
    }
    data.push(...this.region.take(end, [{}]));
    if (this.concurrency.running > 0) this.sampleRegion(end);
    return data;
  }

  private resourceOf(target: MeteredTarget): Resource {
    const { functionName, qualifier, executedVersion } = target;
    const key = qualifier === undefined ? functionName : `${functionName}:${qualifier}:${executedVersion ?? ''}`;
    let resource = this.resources.get(key);
    if (resource === undefined) {
      resource = { target: { functionName, qualifier, executedVersion }, series: new MetricSeries() };
      this.resources.set(key, resource);
    }
    return resource;
  }

  private sampleConcurrency(functionName: string, at: number): void {
    let series = this.concurrencies.get(functionName);
    if (series === undefined) this.concurrencies.set(functionName, (series = new MetricSeries()));
    series.add('ConcurrentExecutions', at, this.concurrency.of(functionName));
  }

  private sampleRegion(at: number): void {
    this.region.add('ConcurrentExecutions', at, this.concurrency.running);
    this.region.add('UnreservedConcurrentExecutions', at, this.concurrency.unreserved);
  }
}

function dimensionSets({ functionName, qualifier, executedVersion }: MeteredTarget): Record<string, string>[] {
  const byFunction = { FunctionName: functionName };
  const byResource = {
    ...byFunction,
    Resource: qualifier === undefined ? functionName : `${functionName}:${qualifier}`,
  };
  const sets = [{}, byFunction, byResource];
  return executedVersion === undefined ? sets : [...sets, { ...byResource, ExecutedVersion: executedVersion }];
}
