import { gauge, type MetricDatum } from '../../core';
import { DEFAULT_BUS } from './rules/rule';

const NAMESPACE = 'AWS/Events';

/** A metric that counts, by rule. */
export type RuleCount =
  | 'Invocations'
  | 'TriggeredRules'
  | 'MatchedEvents'
  | 'FailedInvocations'
  | 'InvocationAttempts'
  | 'SuccessfulInvocationAttempts'
  | 'RetryInvocationAttempts'
  | 'InvocationsSentToDlq'
  | 'InvocationsFailedToBeSentToDlq'
  | 'DeadLetterInvocations';

/** A metric of milliseconds, by rule. */
export type RuleLatency =
  | 'IngestionToInvocationStartLatency'
  | 'IngestionToInvocationCompleteLatency'
  | 'IngestionToInvocationSuccessLatency';

/** A metric that counts, of the whole account and Region. */
export type AccountCount =
  | 'InvocationsCreated'
  | 'PutEventsApproximateCallCount'
  | 'PutEventsApproximateSuccessCount'
  | 'PutEventsApproximateFailedCount'
  | 'PutEventsEntriesCount'
  | 'PutEventsFailedEntriesCount';

interface Values {
  count: number;
  sum: number;
  least: number;
  most: number;
}

interface RuleValues {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly counts: Map<RuleCount, number>;
  readonly latencies: Map<RuleLatency, Values>;
}

/** The metrics of EventBridge in the current minute. What did not happen is not published, as on AWS. */
export class EventMetrics {
  private rules = new Map<string, RuleValues>();
  private account = new Map<AccountCount, number>();
  private sizes?: Values;
  /** Whether anything has happened since the last reset. */
  public isActive = false;

  public count(busName: string, ruleName: string, metric: RuleCount): void {
    const { counts } = this.of(busName, ruleName);
    counts.set(metric, (counts.get(metric) ?? 0) + 1);
  }

  public latency(busName: string, ruleName: string, metric: RuleLatency, milliseconds: number): void {
    const { latencies } = this.of(busName, ruleName);
    latencies.set(metric, added(latencies.get(metric), milliseconds));
  }

  public countInAccount(metric: AccountCount, by = 1): void {
    this.isActive = true;
    if (by > 0) this.account.set(metric, (this.account.get(metric) ?? 0) + by);
  }

  /** The size of a PutEvents request. */
  public requestSize(bytes: number): void {
    this.sizes = added(this.sizes, bytes);
  }

  /** The metrics of the minute that began at `periodStart`; the next minute begins. */
  public collect(periodStart: number): MetricDatum[] {
    const data: MetricDatum[] = [];
    for (const { dimensions, counts, latencies } of this.rules.values()) {
      for (const [name, sum] of counts) data.push(gauge(NAMESPACE, name, dimensions, 'Count', periodStart, sum));
      for (const [name, values] of latencies) {
        data.push(datum(name, dimensions, 'Milliseconds', periodStart, values));
      }
    }
    for (const [name, sum] of this.account) data.push(gauge(NAMESPACE, name, {}, 'Count', periodStart, sum));
    if (this.sizes !== undefined) data.push(datum('PutEventsRequestSize', {}, 'Bytes', periodStart, this.sizes));
    this.rules = new Map();
    this.account = new Map();
    this.sizes = undefined;
    return data;
  }

  private of(busName: string, ruleName: string): RuleValues {
    this.isActive = true;
    const key = `${busName}/${ruleName}`;
    let values = this.rules.get(key);
    if (values === undefined) {
      const onDefaultBus = busName === DEFAULT_BUS;
      const dimensions = { ...(!onDefaultBus && { EventBusName: busName }), RuleName: ruleName };
      values = { dimensions, counts: new Map(), latencies: new Map() };
      this.rules.set(key, values);
    }
    return values;
  }
}

function added(values: Values | undefined, value: number): Values {
  if (values === undefined) return { count: 1, sum: value, least: value, most: value };
  values.count++;
  values.sum += value;
  values.least = Math.min(values.least, value);
  values.most = Math.max(values.most, value);
  return values;
}

function datum(
  name: string,
  dimensions: Readonly<Record<string, string>>,
  unit: string,
  timestamp: number,
  { count, sum, least, most }: Values,
): MetricDatum {
  const statistics = { sampleCount: count, sum, minimum: least, maximum: most };
  return { namespace: NAMESPACE, name, dimensions, unit, timestamp, ...statistics };
}
