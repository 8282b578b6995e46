import { gauge, type MetricDatum } from '../../../core';
import type { SqsLimits } from '../limits';

const NAMESPACE = 'AWS/SQS';

/** A queue's state at the end of a period. */
export interface QueueGauges {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** In milliseconds; absent if the metric includes no message. */
  readonly oldestAge?: number;
  /** FIFO queues only. */
  readonly groupsInFlight?: number;
  /** Standard queues with message groups only: the messages outside noisy groups, and the number of noisy groups. */
  readonly fair?: {
    readonly noisyGroups: number;
    readonly visible: number;
    readonly inFlight: number;
    readonly delayed: number;
    readonly oldestAge?: number;
  };
}

/** Counts a queue's events in the current period, and tracks whether the queue is active. */
export class QueueMetrics {
  public sent = 0;
  public received = 0;
  public emptyReceives = 0;
  public deleted = 0;
  public deduplicated = 0;
  private sentBytes = 0;
  private smallest = Infinity;
  private largest = 0;
  private activeAt: number;
  /** When a queue that became active again starts to emit metrics. */
  private awakeAt = -Infinity;
  private asleep = false;
  private everInFlight = false;
  private everDelayed = false;

  constructor(
    private readonly queueName: string,
    now: number,
  ) {
    this.activeAt = now;
  }

  /** Records that an API action used the queue. */
  public touch(now: number): void {
    this.activeAt = now;
  }

  public addSent(bytes: number): void {
    this.sent++;
    this.sentBytes += bytes;
    if (bytes < this.smallest) this.smallest = bytes;
    if (bytes > this.largest) this.largest = bytes;
  }

  /** The period's data; empty if the queue has been inactive for long, or has only just become active again. */
  public collect(periodStart: number, now: number, limits: SqsLimits, state: QueueGauges): MetricDatum[] {
    const holdsMessages = state.visible + state.inFlight + state.delayed > 0;
    if (!holdsMessages && now - this.activeAt > limits.metricActivity) {
      this.everInFlight = false;
      this.everDelayed = false;
      this.asleep = true;
      return [];
    }
    if (this.asleep) {
      this.asleep = false;
      this.awakeAt = this.activeAt + limits.metricWakeUp;
    }
    if (now < this.awakeAt) {
      this.startPeriod();
      return [];
    }
    this.everInFlight ||= state.inFlight > 0 || this.received > 0;
    this.everDelayed ||= state.delayed > 0;
    const dimensions = { QueueName: this.queueName };
    const data: MetricDatum[] = [];
    const put = (name: string, value: number, unit = 'Count') =>
      data.push(gauge(NAMESPACE, name, dimensions, unit, periodStart, value));

    put('ApproximateNumberOfMessagesVisible', state.visible);
    // Absent before the first such message, and zero after the last one: this shows that the queue has drained.
    if (this.everInFlight) put('ApproximateNumberOfMessagesNotVisible', state.inFlight);
    if (this.everDelayed) put('ApproximateNumberOfMessagesDelayed', state.delayed);
    if (state.oldestAge !== undefined) {
      put('ApproximateAgeOfOldestMessage', Math.floor(state.oldestAge / 1_000), 'Seconds');
    }
    put('NumberOfMessagesSent', this.sent);
    put('NumberOfMessagesReceived', this.received);
    put('NumberOfEmptyReceives', this.emptyReceives);
    put('NumberOfMessagesDeleted', this.deleted);
    if (this.sent > 0) {
      data.push({
        ...{ namespace: NAMESPACE, name: 'SentMessageSize', dimensions, unit: 'Bytes', timestamp: periodStart },
        ...{ sampleCount: this.sent, sum: this.sentBytes, minimum: this.smallest, maximum: this.largest },
      });
    }
    if (state.groupsInFlight !== undefined) {
      put('ApproximateNumberOfGroupsWithInflightMessages', state.groupsInFlight);
      put('NumberOfDeduplicatedSentMessages', this.deduplicated);
    }
    if (state.fair !== undefined) {
      const { noisyGroups, visible, inFlight, delayed, oldestAge } = state.fair;
      put('ApproximateNumberOfNoisyGroups', noisyGroups);
      put('ApproximateNumberOfMessagesVisibleInQuietGroups', visible);
      put('ApproximateNumberOfMessagesNotVisibleInQuietGroups', inFlight);
      put('ApproximateNumberOfMessagesDelayedInQuietGroups', delayed);
      if (oldestAge !== undefined) {
        put('ApproximateAgeOfOldestMessageInQuietGroups', Math.floor(oldestAge / 1_000), 'Seconds');
      }
    }
    this.startPeriod();
    return data;
  }

  /** Until when each minute's data equal the last one's, if the repeated receives since `since` continue. */
  public steadyUntil(since: number, now: number, limits: SqsLimits): number {
    if (this.asleep && this.activeAt < since) return Infinity;
    if (now < this.awakeAt) return this.awakeAt;
    return this.activeAt >= since ? Infinity : this.activeAt + limits.metricActivity;
  }

  /** Counts the receives that have been repeated since `since` for the skipped milliseconds. */
  public skip(milliseconds: number, since: number): void {
    if (this.activeAt >= since) this.activeAt += milliseconds;
  }

  private startPeriod(): void {
    this.sent = this.received = this.emptyReceives = this.deleted = this.deduplicated = 0;
    this.sentBytes = this.largest = 0;
    this.smallest = Infinity;
  }
}
