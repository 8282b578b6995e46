import type {
  AlarmHistoryItem,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  HistoryItemType,
} from '@aws-sdk/client-cloudwatch';
import { page } from '../api';
import { DAY } from '../clock';
import { ALARM_KINDS, type AlarmKind } from './any-alarm';
import { checkRange, constraint, invalidNextToken } from './errors';

/** AWS keeps an alarm's history for 30 days. */
const KEPT_FOR = 30 * DAY;
/** A scaling action runs every minute while its alarm lasts: a bound of our own keeps that from filling the memory. */
const MOST_ITEMS = 10_000;

const LARGEST_PAGE = 100;
/** The others are of alarms on metrics with many contributors, which are not emulated: there are none of them. */
const ITEM_TYPES: readonly string[] = [
  'ConfigurationUpdate',
  'StateUpdate',
  'Action',
  'AlarmContributorStateUpdate',
  'AlarmContributorAction',
] satisfies HistoryItemType[];

type Item = AlarmHistoryItem & { readonly Timestamp: Date };

/** What happened to the alarms of an account in a Region, oldest first. */
export class AlarmHistory {
  private items: Item[] = [];
  private first = 0;

  public add(
    now: number,
    alarm: { readonly name: string; readonly kind: AlarmKind },
    type: HistoryItemType,
    summary: string,
    data: unknown,
  ): void {
    this.items.push({
      AlarmName: alarm.name,
      AlarmType: alarm.kind,
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

  /** Answers DescribeAlarmHistory: of metric alarms alone, unless others are asked for. */
  public describe(input: DescribeAlarmHistoryInput, now: number): DescribeAlarmHistoryOutput {
    const { AlarmName, AlarmTypes, HistoryItemType, ScanBy, MaxRecords = LARGEST_PAGE } = input;
    checkRange(MaxRecords, 'maxRecords', 1, LARGEST_PAGE);
    checkMember(AlarmTypes, 'alarmTypes', ALARM_KINDS);
    checkMember(HistoryItemType && [HistoryItemType], 'historyItemType', ITEM_TYPES);
    checkMember(ScanBy && [ScanBy], 'scanBy', ['TimestampDescending', 'TimestampAscending']);
    const types: readonly string[] = AlarmTypes ?? ['MetricAlarm'];
    const from = Math.max(input.StartDate?.getTime() ?? 0, now - KEPT_FOR);
    const to = input.EndDate?.getTime() ?? Infinity;
    const matching = this.items.slice(this.first).filter((item) => {
      const at = item.Timestamp.getTime();
      return (
        at >= from &&
        at <= to &&
        types.includes(item.AlarmType as string) &&
        (AlarmName ?? item.AlarmName) === item.AlarmName &&
        (HistoryItemType ?? item.HistoryItemType) === item.HistoryItemType &&
        // No alarm here has contributors.
        input.AlarmContributorId === undefined
      );
    });
    if (ScanBy !== 'TimestampAscending') matching.reverse();
    const { items, nextToken } = page(matching, MaxRecords, input.NextToken, invalidNextToken);
    return { AlarmHistoryItems: items, NextToken: nextToken };
  }
}

function checkMember(given: readonly string[] | undefined, member: string, allowed: readonly string[]): void {
  const wrong = given?.find((one) => !allowed.includes(one));
  if (wrong !== undefined)
    throw constraint(wrong, member, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
}
