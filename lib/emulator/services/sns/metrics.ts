import type { MetricDatum } from '../../core';
import type { FilterReason } from './filters/filter-policy';

const NAMESPACE = 'AWS/SNS';

/** What is counted of a topic. */
export type TopicCounter =
  | 'NumberOfMessagesPublished'
  | 'NumberOfNotificationsDelivered'
  | 'NumberOfNotificationsFailed'
  | 'NumberOfNotificationsFailedToRedriveToDlq'
  | 'NumberOfNotificationsFilteredOut'
  | 'NumberOfNotificationsRedrivenToDlq'
  | `NumberOfNotificationsFilteredOut-${FilterReason}`;

interface Sum {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
}

/** The metrics of a topic in the current minute. */
export class TopicMetrics {
  private sums = new Map<string, Sum>();
  /** Increases with each event. */
  public events = 0;

  public count(counter: TopicCounter): void {
    this.add(counter, 1);
  }

  public published(bytes: number): void {
    this.add('NumberOfMessagesPublished', 1);
    this.add('PublishSize', bytes);
  }

  public filteredOut(reason: FilterReason): void {
    this.add('NumberOfNotificationsFilteredOut', 1);
    this.add(`NumberOfNotificationsFilteredOut-${reason}`, 1);
  }

  /** The minute's data; the next minute begins. A topic without activity has none. */
  public collect(TopicName: string, timestamp: number): MetricDatum[] {
    const sums = this.sums;
    if (sums.size === 0) return [];
    this.sums = new Map();
    return [...sums].map(([name, { count, ...values }]) => ({
      namespace: NAMESPACE,
      name,
      dimensions: { TopicName },
      unit: name === 'PublishSize' ? 'Bytes' : 'Count',
      timestamp,
      sampleCount: count,
      ...values,
    }));
  }

  private add(name: string, value: number): void {
    this.events++;
    const sum = this.sums.get(name);
    if (sum === undefined) return void this.sums.set(name, { count: 1, sum: value, minimum: value, maximum: value });
    sum.count++;
    sum.sum += value;
    if (value < sum.minimum) sum.minimum = value;
    if (value > sum.maximum) sum.maximum = value;
  }
}
