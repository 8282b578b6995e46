import type { Message } from '@aws-sdk/client-sqs';
import { demand, type ModelMessage, ModelQueue } from './model-queue';

/** A standard queue: any visible message may come, in any order, and each handle of a message stays good. */
export class StandardModel extends ModelQueue {
  /** A message that another queue gave up on keeps the age that it had there. */
  override adopt(message: ModelMessage, source: string, now: number): void {
    const { sentAt } = message;
    const kept = { ...message, receivesHere: 0, handles: [], deadLetterSource: source, until: now };
    this.messages.push({ ...kept, state: 'visible', retainedSince: sentAt });
  }

  override deliverable(): readonly ModelMessage[] {
    return this.messages.filter(({ state }) => state === 'visible');
  }

  protected override choose(result: readonly Message[]): readonly ModelMessage[] {
    const visible = this.deliverable();
    const chosen = result.map(({ MessageId: id }) => {
      const message = visible.find((candidate) => candidate.id === id);
      demand(message !== undefined, () => `${this.name} delivered ${id}, which is not visible`);
      demand(!this.givesUpOn(message), () => `${this.name} delivered ${id}, on which it had to give up`);
      return message;
    });
    demand(new Set(chosen).size === chosen.length, () => `${this.name} delivered a message twice in one answer`);
    return chosen;
  }

  protected override refusal(): undefined {
    return undefined;
  }
}
