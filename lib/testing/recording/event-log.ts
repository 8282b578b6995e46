import type { TimelineEvent } from '../../emulator';
import type { QueueMessage } from './queue-message';

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
  private readonly about: (QueueMessage | TimelineEvent['detail'])[] = [];
  private readonly allHeads: Pick<TimelineEvent, 'kind' | 'subject' | 'place'>[] = [];
  private readonly headIndices = new Map<string, Map<string, Map<string, number>>>();

  public get length(): number {
    return this.about.length;
  }

  /** @param message the event's message, if its detail adds nothing to it but the number of receives */
  public add(event: TimelineEvent, message: QueueMessage | undefined): void {
    const index = this.about.length;
    if (index === this.instants.length) this.grow();
    this.instants[index] = event.at;
    this.heads[index] = this.headOf(event);
    this.receives[index] = message === undefined ? 0 : Number(event.detail.receives ?? 0);
    this.about.push(message ?? event.detail);
  }

  public at(index: number): TimelineEvent {
    const about = this.about[index];
    return { at: this.instants[index], ...this.allHeads[this.heads[index]], detail: this.detailOf(index, about) };
  }

  private detailOf(index: number, about: QueueMessage | TimelineEvent['detail']): TimelineEvent['detail'] {
    if (!isMessage(about)) return about;
    const receives = this.receives[index];
    return receives > 0 ? { message: about.id, receives } : { message: about.id };
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

// By a property: `instanceof` would create an import cycle.
function isMessage(about: QueueMessage | TimelineEvent['detail']): about is QueueMessage {
  return typeof (about as Partial<QueueMessage>).hasBeen === 'function';
}
