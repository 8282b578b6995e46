import { formatEvent, type TimelineEvent } from '../emulator';
import type { ResourceReference } from '../emulator/testing';
import type { Recorder } from './recording/recorder';
import { drawPicture } from './report/picture';
import type { Resources } from './resources';

type EventFilter = (event: TimelineEvent) => boolean;

/** A moment in a cloud's time, and what its randomness grew from. */
export interface TimelineMoment {
  readonly now: number;
  readonly seed: number;
}

/**
 * What has happened in a cloud. As text, it is a picture: the depth of each queue, the instances, the alarms' states and
 * running functions over time, and what was worth a line. The same seed and the same calls give the same bytes.
 */
export class CloudTimeline {
  /** @internal */
  constructor(
    private readonly recorder: Recorder,
    private readonly resources: Resources,
    private readonly moment: TimelineMoment,
    private readonly filters: readonly EventFilter[] = [],
  ) {}

  /**
   * Every event, in the order in which they happened.
   * @throws Error with `recording: 'summary'`, which keeps none
   */
  public get events(): TimelineEvent[] {
    const { log } = this.recorder;
    if (log === undefined) {
      throw new Error("events are not kept with recording: 'summary'; make the cloud with recording: 'full'");
    }
    const events: TimelineEvent[] = [];
    for (let index = 0; index < log.length; index++) {
      const event = log.at(index);
      if (this.filters.every((filter) => filter(event))) events.push(event);
    }
    return events;
  }

  /** Every event as a line of text: the same seed and the same calls give the same bytes. */
  public get lines(): string[] {
    return this.events.map(formatEvent);
  }

  /**
   * The part of it that is about a construct, and all that is beneath it: of a StandardQueue, the queue and its
   * dead-letter queue; of a stack, everything. Or about the resource with a logical id, construct path or name.
   *
   * @throws Error where a construct has no resources in the deployed stacks
   */
  public of(reference: ResourceReference): CloudTimeline {
    const within = this.resources.within(reference);
    if (within.size > 0) return this.where(({ place, subject }) => within.has(`${place}/${subject}`));
    if (typeof reference === 'string') return this.where(({ subject }) => subject === reference);
    throw new Error(`the construct ${reference.node.path} has no resources in the deployed stacks`);
  }

  /** The part of it that has these kinds of events: `sqs.deadLettered`, or all of a service, `autoscaling`. */
  public kinds(...kinds: string[]): CloudTimeline {
    return this.where(({ kind }) => kinds.some((wanted) => kind === wanted || kind.startsWith(`${wanted}.`)));
  }

  /** The picture. Filters do not change it. */
  public toString(): string {
    return drawPicture(this.recorder, (place, name) => this.resources.labelOf(place, name), this.moment);
  }

  private where(filter: EventFilter): CloudTimeline {
    return new CloudTimeline(this.recorder, this.resources, this.moment, [...this.filters, filter]);
  }
}
