import type { Message } from '@aws-sdk/client-sqs';
import { demand, type ModelMessage, ModelQueue, type Received } from './model-queue';

const FIVE_MINUTES = 300_000;

interface Attempt {
  readonly id: string;
  readonly at: number;
  readonly deliveries: readonly { message: ModelMessage; handle: string; until: number }[];
}

/**
 * A FIFO queue: groups come in any order, but each answer takes from a group all that it can before it takes from the
 * next, in order, and nothing that is behind a message in flight.
 */
export class FifoModel extends ModelQueue {
  scope: 'queue' | 'messageGroup' = 'queue';
  private sent: { key: string; at: number; id: string; sequence: string }[] = [];
  private attempts: Attempt[] = [];

  /** The message of which one to be sent is a duplicate. */
  original(group: string, deduplicationId: string, now: number): { id: string; sequence: string } | undefined {
    const key = this.key(group, deduplicationId);
    return this.sent.find((earlier) => earlier.key === key && now < earlier.at + FIVE_MINUTES);
  }

  remember(group: string, deduplicationId: string, id: string, sequence: string, now: number): void {
    const last = this.sent.at(-1);
    demand(
      last === undefined || BigInt(last.sequence) < BigInt(sequence),
      () => `sequence number ${sequence} came after ${last?.sequence}`,
    );
    this.sent.push({ key: this.key(group, deduplicationId), at: now, id, sequence });
  }

  /** A message that another queue gave up on begins its retention anew. */
  override adopt(message: ModelMessage, source: string, now: number): void {
    const kept = { ...message, receivesHere: 0, handles: [], deadLetterSource: source, until: now };
    // Sequence numbers are a queue's own.
    this.messages.push({ ...kept, state: 'visible', retainedSince: now });
  }

  /** A new delay is that of the delayed messages, too. */
  delayAnew(): void {
    for (const message of this.messages) {
      if (message.state === 'delayed') message.until = message.sentAt + this.settings.delay;
    }
  }

  override deliverable(): readonly ModelMessage[] {
    return [...new Set(this.messages.map(({ group }) => group))].flatMap((group) => this.deliverableOf(group));
  }

  override received(received: Received, now: number): 'new' | 'repeated' {
    const { messages, visibility, attempt } = received;
    const earlier = attempt === undefined ? undefined : this.untouched(attempt, now);
    if (earlier === undefined) {
      super.received(received, now);
    } else {
      const handles = (list: readonly { ReceiptHandle?: string }[]) => list.map(({ ReceiptHandle }) => ReceiptHandle);
      const same = earlier.deliveries.map(({ handle }) => handle).join() === handles(messages).join();
      demand(same, () => `${this.name} did not repeat the attempt ${attempt}`);
      for (const { message } of earlier.deliveries) message.until = now + visibility;
      this.pass(now);
    }
    const outcome = earlier === undefined ? 'new' : 'repeated';
    if (attempt === undefined || messages.length === 0) return outcome;
    const deliveries = messages.map(({ ReceiptHandle: handle = '' }) => {
      const message = this.messages.find(({ handles }) => handles.at(-1) === handle);
      demand(message !== undefined, () => `${this.name} repeated a message that is gone`);
      return { message, handle, until: now + visibility };
    });
    this.attempts = this.attempts.filter(({ id }) => id !== attempt).concat({ id: attempt, at: now, deliveries });
    return outcome;
  }

  override purge(now: number): string | undefined {
    const code = super.purge(now);
    if (code === undefined) {
      this.sent = [];
      this.attempts = [];
    }
    return code;
  }

  /** What an attempt gave before, if it has to give it again. */
  untouched(attempt: string, now: number): Attempt | undefined {
    return this.attempts.find(
      ({ id, at, deliveries }) =>
        id === attempt &&
        now < at + FIVE_MINUTES &&
        deliveries.every(
          ({ message, handle, until }) =>
            this.messages.includes(message) &&
            message.state === 'inFlight' &&
            message.handles.at(-1) === handle &&
            message.until === until,
        ),
    );
  }

  protected override choose(result: readonly Message[]): readonly ModelMessage[] {
    const left = [...result];
    const chosen: ModelMessage[] = [];
    while (left.length > 0) {
      const first = this.messages.find(({ id }) => id === left[0].MessageId);
      demand(first !== undefined, () => `${this.name} delivered ${left[0].MessageId}, which it does not have`);
      const group = this.deliverableOf(first.group);
      demand(!chosen.includes(first), () => `${this.name} came back to the group ${first.group} in one answer`);
      const taken = left.splice(0, Math.min(group.length, left.length));
      demand(
        taken.length > 0 && taken.every(({ MessageId }, index) => MessageId === group[index].id),
        () =>
          `${this.name} delivered ${taken.map(({ Body }) => Body).join()} of the group ${first.group}, whose order is ${group.map(({ body }) => body).join()}`,
      );
      chosen.push(...group.slice(0, taken.length));
    }
    const exhausted = chosen.find((message) => this.givesUpOn(message));
    demand(exhausted === undefined, () => `${this.name} delivered ${exhausted?.id}, on which it had to give up`);
    return chosen;
  }

  /** Only the handle of the latest receive is good, and only while that lasts. */
  protected override refusal(message: ModelMessage, handle: string): string | undefined {
    return message.state === 'inFlight' && message.handles.at(-1) === handle ? undefined : 'InvalidParameterValue';
  }

  private deliverableOf(group: string | undefined): readonly ModelMessage[] {
    const all = this.messages.filter((message) => message.group === group && message.state !== 'delayed');
    const blocked = all.findIndex(({ state }) => state === 'inFlight');
    return blocked < 0 ? all : all.slice(0, blocked);
  }

  private key(group: string, deduplicationId: string): string {
    return this.scope === 'queue' ? deduplicationId : `${group} ${deduplicationId}`;
  }
}
