import type {
  AlarmHistoryItem,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  HistoryItemType,
} from '@aws-sdk/client-cloudwatch';
import { page } from '../../../core';
import { DAY, MINUTE } from '../../../clock';
import { ALARM_KINDS, type AlarmKind } from './any-alarm';
import { checkRange, constraint, invalidNextToken } from '../errors';

/** AWS keeps an alarm's history for 30 days. */
const KEPT_FOR = 30 * DAY;
/** Our own limit: a scaling action runs every minute while its alarm lasts, which must not fill the memory. */
const MOST_ITEMS = 10_000;

const LARGEST_PAGE = 100;
/** All other item types belong to alarms with contributors, which are not emulated. */
const ITEM_TYPES: readonly string[] = [
  'ConfigurationUpdate',
  'StateUpdate',
  'Action',
  'AlarmContributorStateUpdate',
  'AlarmContributorAction',
] satisfies HistoryItemType[];

type Item = AlarmHistoryItem & { readonly Timestamp: Date };

/** Items that were repeated, once a minute, in a number of rounds. */
interface Rounds {
  /** The items of the first round, oldest first. */
  readonly items: readonly Item[];
  readonly count: number;
  /** The number of items that have been dropped. */
  dropped: number;
}

/** An item of rounds: its index counts from the first item of the first round. */
interface Place {
  readonly rounds: Rounds;
  readonly index: number;
}

/** The history of the alarms of an account in a Region, oldest first. */
export class AlarmHistory {
  private readonly kept: Rounds[] = [];
  private first = 0;
  private size = 0;
  private additions = 0;

  /** The number of items added so far, not counting repeated rounds. */
  public get added(): number {
    return this.additions;
  }

  /** @param data JSON */
  public add(
    now: number,
    alarm: { readonly name: string; readonly kind: AlarmKind },
    type: HistoryItemType,
    summary: string,
    data: string,
  ): void {
    const item = {
      AlarmName: alarm.name,
      AlarmType: alarm.kind,
      Timestamp: new Date(now),
      HistoryItemType: type,
      HistorySummary: summary,
      HistoryData: data,
    };
    this.additions++;
    this.keep({ items: [item], count: 1, dropped: 0 }, now);
  }

  /** The last `count` items. */
  public latest(count: number): Item[] {
    const { length } = this.kept;
    return this.kept.slice(length - Math.min(count, length - this.first)).flatMap(({ items }) => items);
  }

  /** Repeats items for a number of rounds: the first one a minute after them, each later one another minute on. */
  public repeat(items: readonly Item[], rounds: number): void {
    if (items.length === 0) return;
    const next = items.map((item) => ({ ...item, Timestamp: new Date(item.Timestamp.getTime() + MINUTE) }));
    const last = next[next.length - 1].Timestamp.getTime() + (rounds - 1) * MINUTE;
    this.keep({ items: next, count: rounds, dropped: 0 }, last);
  }

  /** All retained items, oldest first. */
  public all(): readonly Item[] {
    return this.places().map(({ rounds, index }) => itemOf(rounds, index));
  }

  /** Where each retained item is, oldest first: repeated items are made only when they are asked for. */
  private places(): Place[] {
    const places: Place[] = [];
    for (const rounds of this.kept.slice(this.first)) {
      const end = rounds.items.length * rounds.count;
      for (let index = rounds.dropped; index < end; index++) places.push({ rounds, index });
    }
    return places;
  }

  private keep(rounds: Rounds, now: number): void {
    this.kept.push(rounds);
    this.size += sizeOf(rounds);
    for (let excess = this.excess(now); excess > 0; excess = this.excess(now)) {
      const oldest = this.kept[this.first];
      oldest.dropped += excess;
      this.size -= excess;
      if (sizeOf(oldest) === 0) this.first++;
    }
    if (this.first * 2 > this.kept.length) {
      this.kept.splice(0, this.first);
      this.first = 0;
    }
  }

  /** Implements DescribeAlarmHistory: metric alarms only, unless the request names other types. */
  public describe(input: DescribeAlarmHistoryInput, now: number): DescribeAlarmHistoryOutput {
    const { AlarmName, AlarmTypes, HistoryItemType, ScanBy, MaxRecords = LARGEST_PAGE } = input;
    checkRange(MaxRecords, 'maxRecords', 1, LARGEST_PAGE);
    for (const type of AlarmTypes ?? []) checkMember(type, 'alarmTypes', ALARM_KINDS);
    checkMember(HistoryItemType, 'historyItemType', ITEM_TYPES);
    checkMember(ScanBy, 'scanBy', ['TimestampDescending', 'TimestampAscending']);
    const types: readonly string[] = AlarmTypes ?? ['MetricAlarm'];
    const from = Math.max(input.StartDate?.getTime() ?? 0, now - KEPT_FOR);
    const to = input.EndDate?.getTime() ?? Infinity;
    const matching = this.places().filter(({ rounds, index }) => {
      const item = rounds.items[index % rounds.items.length];
      const at = timeOf(rounds, index);
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
    return { AlarmHistoryItems: items.map(({ rounds, index }) => itemOf(rounds, index)), NextToken: nextToken };
  }

  /** The number of the oldest items that exceed the limits of count or age. */
  private excess(now: number): number {
    const oldest = this.kept[this.first];
    const size = sizeOf(oldest);
    let excess = Math.min(size, Math.max(0, this.size - MOST_ITEMS));
    const since = now - KEPT_FOR;
    const whole = Math.floor((since - oldest.items[oldest.items.length - 1].Timestamp.getTime()) / MINUTE);
    excess = Math.max(excess, Math.min(size, whole * oldest.items.length - oldest.dropped));
    while (excess < size && timeOf(oldest, oldest.dropped + excess) < since) excess++;
    return excess;
  }
}

function sizeOf({ items, count, dropped }: Rounds): number {
  return items.length * count - dropped;
}

function timeOf({ items }: Rounds, index: number): number {
  return items[index % items.length].Timestamp.getTime() + Math.floor(index / items.length) * MINUTE;
}

function itemOf(rounds: Rounds, index: number): Item {
  const item = rounds.items[index % rounds.items.length];
  return index < rounds.items.length ? item : { ...item, Timestamp: new Date(timeOf(rounds, index)) };
}

function checkMember(given: string | undefined, member: string, allowed: readonly string[]): void {
  if (given === undefined || allowed.includes(given)) return;
  throw constraint(given, member, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
}
