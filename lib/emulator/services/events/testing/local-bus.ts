import {
  LocalResource,
  type Matchable,
  type MatchableLog,
  type MessagePattern,
  parseBody,
  textOf,
  type WaitOptions,
} from '../../../testing';
import { AwsError, formatArn } from '../../../core';
import type { Events } from '../events';

/** An event for a bus. */
export interface OutgoingEvent {
  /** `shop.orders`. */
  readonly source: string;
  readonly detailType: string;
  /**
   * What becomes a JSON object, or its text.
   * @default {}
   */
  readonly detail?: unknown;
  /**
   * The ARNs of the resources that it is about.
   * @default - none
   */
  readonly resources?: readonly string[];
  /**
   * When it happened.
   * @default - now
   */
  readonly time?: Date;
}

/** An event that a bus received. */
export class RecordedEvent implements Matchable {
  constructor(
    public readonly id: string,
    /** The event as JSON, as rules see it. */
    public readonly text: string,
    /** When the bus received it, in emulated milliseconds since the epoch. */
    public readonly at: number,
    /** How many rules matched it. */
    public readonly rules: number,
  ) {}

  /** The event: `source`, `detail-type`, `detail` … */
  public get body(): unknown {
    return parseBody(this.text);
  }
}

/** An EventBridge event bus of a local cloud. What the test puts bypasses faults; deliveries to targets do not. */
export class LocalBus extends LocalResource<Events, MatchableLog<RecordedEvent>> {
  public get arn(): string {
    return formatArn('events', this.place.region, this.place.account, `event-bus/${this.name}`);
  }

  /**
   * The events that it received, oldest first: the latest 100,000; with `recording: 'summary'`, the latest 100. The
   * default bus receives those of AWS services only while it has a rule or an archive.
   */
  public get events(): readonly RecordedEvent[] {
    return this.record.all;
  }

  /**
   * Puts an event, as the account's root user, and lets what follows at once happen.
   *
   * @returns the event's id
   * @throws AwsError AWS's error if EventBridge refuses the event
   */
  public async put({ source, detailType, detail = {}, resources, time }: OutgoingEvent): Promise<string> {
    const entry = {
      EventBusName: this.name,
      Source: source,
      DetailType: detailType,
      Detail: textOf(detail),
      ...(resources !== undefined && { Resources: [...resources] }),
      ...(time !== undefined && { Time: time }),
    };
    const { Entries: [result] = [] } = this.service.putEvents({ Entries: [entry] }, this.context.caller);
    if (result?.ErrorCode !== undefined) throw new AwsError(result.ErrorCode, result.ErrorMessage ?? '');
    await this.context.advance(0);
    return result?.EventId ?? '';
  }

  /**
   * The events that match, oldest first.
   * @throws TypeError if no JSON could match the pattern, or its function does not return true or false
   */
  public find(matching: MessagePattern<RecordedEvent>): RecordedEvent[] {
    return this.record.find(matching);
  }

  /**
   * Lets time pass until it receives an event that matches; returns at once if it already has.
   * @throws NotReachedError
   */
  public waitFor(matching: MessagePattern<RecordedEvent>, options: WaitOptions = {}): Promise<RecordedEvent> {
    return this.record.waitFor(this, matching, 'is on', options);
  }
}
