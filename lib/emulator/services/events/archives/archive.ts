import { formatArn } from '../../../core';
import { DAY } from '../../../clock';
import type { BusEvent } from '../bus-event';
import type { EventPattern } from '../patterns/event-pattern';

/** What CreateArchive and UpdateArchive set. */
export interface ArchiveSettings {
  readonly description?: string;
  readonly patternText?: string;
  readonly pattern?: EventPattern;
  /** 0 keeps events for ever. */
  readonly retentionDays: number;
  readonly kmsKeyIdentifier?: string;
}

/** An archive of an event bus: keeps the events that match, for as long as it says. */
export class Archive {
  public readonly arn: string;
  /** Oldest first. */
  private kept: BusEvent[] = [];

  constructor(
    public readonly name: string,
    public readonly busName: string,
    public readonly sourceArn: string,
    region: string,
    account: string,
    public readonly createdAt: number,
    public settings: ArchiveSettings,
  ) {
    this.arn = formatArn('events', region, account, `archive/${name}`);
  }

  /** Keeps an event of its bus if it matches. Events that a replay sends are not archived again. */
  public offer(event: BusEvent): void {
    if (event.fields['replay-name'] !== undefined || this.settings.pattern?.matches(event.seen) === false) return;
    this.kept.push(event);
  }

  /** The events that it keeps at an instant, oldest first. */
  public events(now: number): readonly BusEvent[] {
    const { retentionDays } = this.settings;
    if (retentionDays > 0) {
      const since = now - retentionDays * DAY;
      if (this.kept.length > 0 && this.kept[0].ingestedAt < since) {
        this.kept = this.kept.filter(({ ingestedAt }) => ingestedAt >= since);
      }
    }
    return this.kept;
  }
}
