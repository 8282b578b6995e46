import type { AlarmHistoryItem, HistoryItemType } from '@aws-sdk/client-cloudwatch';
import { DAY } from '../clock';

/** AWS keeps an alarm's history for 30 days. */
const KEPT_FOR = 30 * DAY;
/** A scaling action runs every minute while its alarm lasts: a bound of our own keeps that from filling the memory. */
const MOST_ITEMS = 10_000;

/** Which of the two kinds of alarms it is. */
export type AlarmKind = 'MetricAlarm' | 'CompositeAlarm';

/** What happened to the alarms of an account in a Region, oldest first. */
export class AlarmHistory {
  private items: (AlarmHistoryItem & { Timestamp: Date })[] = [];
  private first = 0;

  public add(
    now: number,
    alarmName: string,
    type: HistoryItemType,
    summary: string,
    data: unknown,
    kind: AlarmKind = 'MetricAlarm',
  ): void {
    this.items.push({
      AlarmName: alarmName,
      AlarmType: kind,
      Timestamp: new Date(now),
      HistoryItemType: type,
      HistorySummary: summary,
      HistoryData: JSON.stringify(data),
    });
    while (this.items.length - this.first > MOST_ITEMS || this.items[this.first].Timestamp.getTime() < now - KEPT_FOR) {
      this.first++;
    }
    if (this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
  }

  /** All items that are kept, oldest first. */
  public all(): readonly (AlarmHistoryItem & { Timestamp: Date })[] {
    return this.items.slice(this.first);
  }
}
