import type { TimelineEvent } from '../../emulator';
import type { DetailSource } from '../../emulator/testing';

const FIRST_CAPACITY = 1_024;

/**
 * Events, stored as columns of numbers: there may be millions, mostly about messages that are kept anyway. Each event
 * is rebuilt when it is read.
 */
export class EventLog {
  private instants = new Float64Array(FIRST_CAPACITY);
  /** The kind, subject and place of each event: the index of the first event with the same ones. */
  private heads = new Uint32Array(FIRST_CAPACITY);
  private receives = new Uint32Array(FIRST_CAPACITY);
  private readonly about: (DetailSource | TimelineEvent['detail'])[] = [];
  private readonly allHeads: Pick<TimelineEvent, 'kind' | 'subject' | 'place'>[] = [];
  private readonly headIndices = new Map<string, Map<string, Map<string, number>>>();

  public get length(): number {
    return this.about.length;
  }

  /** @param source what knows the event's detail, if something does */
  public add(event: TimelineEvent, source: DetailSource | undefined): void {
    const index = this.about.length;
    if (index === this.instants.length) this.grow();
    this.instants[index] = event.at;
    this.heads[index] = this.headOf(event);
    this.receives[index] = source === undefined ? 0 : Number(event.detail.receives ?? 0);
    this.about.push(source ?? event.detail);
  }

  public at(index: number): TimelineEvent {
    const about = this.about[index];
    return { at: this.instants[index], ...this.allHeads[this.heads[index]], detail: this.detailOf(index, about) };
  }

  private detailOf(index: number, about: DetailSource | TimelineEvent['detail']): TimelineEvent['detail'] {
    return isSource(about) ? about.detailOf(this.receives[index]) : about;
  }

  private headOf({ kind, subject, place }: TimelineEvent): number {
    let subjects = this.headIndices.get(kind);
    if (subjects === undefined) this.headIndices.set(kind, (subjects = new Map<string, Map<string, number>>()));
    let places = subjects.get(subject);
    if (places === undefined) subjects.set(subject, (places = new Map<string, number>()));
    let head = places.get(place);
    if (head === undefined) {
      places.set(place, (head = this.allHeads.length));
      this.allHeads.push({ kind, subject, place });
    }
    return head;
  }

  private grow(): void {
    const capacity = this.instants.length * 2;
    const grown = <T extends Float64Array | Uint32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.instants = grown(new Float64Array(capacity), this.instants);
    this.heads = grown(new Uint32Array(capacity), this.heads);
    this.receives = grown(new Uint32Array(capacity), this.receives);
  }
}

/** An event's own detail has no functions. */
function isSource(about: DetailSource | TimelineEvent['detail']): about is DetailSource {
  return typeof (about as Partial<DetailSource>).detailOf === 'function';
}
