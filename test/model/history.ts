import type { Message } from '@aws-sdk/client-sqs';
import { demand } from './model-queue';

interface InFlight {
  readonly id: string;
  readonly group: string | undefined;
  readonly answer: number;
  until: number;
}

/**
 * What SQS promises, checked from what happened alone, beside the model and knowing nothing of it: no delivery after
 * delete, order within a group, one answer in flight per group, and counts that add up.
 */
export class History {
  private readonly order = new Map<string, number>();
  private readonly inside = new Set<string>();
  private readonly deleted = new Set<string>();
  private readonly delivered = new Set<string>();
  /** By group, the place of the last message that was delivered. */
  private readonly farthest = new Map<string, number>();
  private flights: InFlight[] = [];
  private answers = 0;

  constructor(private readonly fifo: boolean) {}

  arrive(id: string): void {
    this.order.set(id, this.order.size);
    this.inside.add(id);
  }

  /** How many messages are in the queue. */
  get size(): number {
    return this.inside.size;
  }

  answer(messages: readonly Message[], until: number, now: number): void {
    const answer = this.answers++;
    for (const { MessageId: id = '', Attributes: { MessageGroupId: group } = {} } of messages) {
      demand(this.order.has(id), () => `${id} was delivered, but never sent`);
      demand(!this.deleted.has(id), () => `${id} was delivered after it had been deleted`);
      if (this.fifo) this.checkGroup(id, group ?? '', answer, now);
      this.land(id);
      this.flights.push({ id, group, answer, until });
    }
  }

  changeVisibility(id: string, until: number): void {
    for (const flight of this.flights) if (flight.id === id) flight.until = until;
  }

  delete(id: string): void {
    this.deleted.add(id);
    this.leave(id);
  }

  leave(id: string): void {
    this.land(id);
    this.inside.delete(id);
  }

  purge(): void {
    this.flights = [];
    this.inside.clear();
  }

  private land(id: string): void {
    this.flights = this.flights.filter((flight) => flight.id !== id);
  }

  private checkGroup(id: string, group: string, answer: number, now: number): void {
    const place = this.order.get(id) ?? -1;
    const before = (flight: InFlight) => flight.group === group && (this.order.get(flight.id) ?? -1) < place;
    const blocking = this.flights.find((flight) => before(flight) && flight.until > now && flight.answer !== answer);
    demand(
      blocking === undefined,
      () => `${id} was delivered while ${blocking?.id}, before it in its group, was in flight`,
    );
    const farthest = this.farthest.get(group) ?? -1;
    demand(
      place > farthest || this.delivered.has(id),
      () => `${id} was first delivered after a message that is behind it in its group`,
    );
    this.farthest.set(group, Math.max(place, farthest));
    this.delivered.add(id);
  }
}
