import { createHash } from 'node:crypto';
import type { Message } from '@aws-sdk/client-sqs';

/** A message as the model keeps it. */
export interface ModelMessage {
  readonly id: string;
  readonly body: string;
  readonly group?: string;
  readonly sequence?: string;
  readonly sentAt: number;
  /** From when its retention counts. */
  readonly retainedSince: number;
  readonly deadLetterSource?: string;
  state: 'delayed' | 'visible' | 'inFlight';
  /** When a delayed or in-flight message becomes visible. */
  until: number;
  receives: number;
  receivesHere: number;
  receivedAt: number;
  firstReceivedAt?: number;
  /** All handles of this queue under which it was received, the latest last. */
  readonly handles: string[];
}

export interface ModelSettings {
  visibility: number;
  delay: number;
  retention: number;
  wait: number;
  maxReceiveCount?: number;
  contentBased: boolean;
}

/** A receive: what was asked for, and what came of it. Times in milliseconds. */
export interface Received {
  readonly messages: readonly Message[];
  readonly max: number;
  readonly visibility: number;
  readonly attempt?: string;
  /** Whether fewer messages than there are may have come: where it is not the model's to tell what came first. */
  readonly mayBeFewer?: boolean;
}

export const TWELVE_HOURS = 12 * 3_600_000;

/** Where the queue did what the model says it may not. */
export class Divergence extends Error {}

export function demand(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new Divergence(message());
}

/**
 * What a queue of either kind must do, said in the plainest way: an array of messages that is scanned for everything.
 * Where AWS leaves a choice open (which messages come first) the model is told what was chosen, and says whether that
 * was among the choices.
 */
export abstract class ModelQueue {
  messages: ModelMessage[] = [];
  purgedAt = -Infinity;
  protected readonly issued = new Set<string>();

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly settings: ModelSettings,
    readonly inFlightLimit: number,
  ) {}

  /** The messages of `result`, if a receive may give exactly these now. */
  protected abstract choose(result: readonly Message[]): readonly ModelMessage[];

  /** Checks that an answer had as many messages as it could. */
  private checkCount(got: number, room: number, mayBeFewer = false): void {
    const all = Math.min(room, this.deliverable().length);
    demand(
      got === all || (mayBeFewer && got > 0 && got < all),
      () => `${this.name} delivered ${got} messages where it had ${all}`,
    );
  }
  /** Takes a message on which the queue of ARN `source` gave up. */
  abstract adopt(message: ModelMessage, source: string, now: number): void;
  /** The visible messages that no other one blocks. */
  abstract deliverable(): readonly ModelMessage[];
  /** The error code of using `handle`, a handle of `message`. */
  protected abstract refusal(message: ModelMessage, handle: string): string | undefined;

  /** What time alone does. */
  pass(now: number): void {
    this.messages = this.messages.filter(({ retainedSince }) => retainedSince + this.settings.retention > now);
    for (const message of this.messages) {
      if (message.state !== 'visible' && message.until <= now) message.state = 'visible';
    }
  }

  /** The next instant at which time alone does something. */
  nextDue(): number {
    const hidden = this.messages.filter(({ state }) => state !== 'visible').map(({ until }) => until);
    const expiries = this.messages.map(({ retainedSince }) => retainedSince + this.settings.retention);
    return Math.min(Infinity, ...hidden, ...expiries);
  }

  counts(): { visible: number; inFlight: number; delayed: number } {
    const count = (state: ModelMessage['state']) => this.messages.filter((message) => message.state === state).length;
    return { visible: count('visible'), inFlight: count('inFlight'), delayed: count('delayed') };
  }

  /** How many more messages a receive may put in flight. */
  get room(): number {
    // A standard queue's old handles can put more in flight than a receive may.
    return Math.max(0, this.inFlightLimit - this.counts().inFlight);
  }

  add(message: Pick<ModelMessage, 'id' | 'body' | 'group' | 'sequence'>, delay: number, now: number): void {
    const state = delay > 0 ? 'delayed' : 'visible';
    const fresh = { receives: 0, receivesHere: 0, receivedAt: 0, handles: [] };
    this.messages.push({ ...message, ...fresh, sentAt: now, retainedSince: now, state, until: now + delay });
  }

  /** Whether the queue no longer delivers `message` but moves it to its dead-letter queue. */
  givesUpOn({ receivesHere }: ModelMessage): boolean {
    return receivesHere >= (this.settings.maxReceiveCount ?? Infinity);
  }

  mayGiveUp(id: string): boolean {
    const message = this.messages.find((candidate) => candidate.id === id);
    return message?.state === 'visible' && this.givesUpOn(message);
  }

  /** Takes a message out because the queue says that it moved it to its dead-letter queue. */
  giveUp(id: string): ModelMessage {
    const message = this.messages.find((candidate) => candidate.id === id);
    demand(message !== undefined, () => `${this.name} dead-lettered ${id}, which it does not have`);
    demand(message.state === 'visible', () => `${this.name} dead-lettered ${id}, which is ${message.state}`);
    demand(this.givesUpOn(message), () => `${this.name} dead-lettered ${id} after ${message.receivesHere} receives`);
    this.remove(message);
    return message;
  }

  /** Takes note of an answer that delivered messages; 'repeated' where it was a receive attempt's earlier one. */
  received({ messages, max, visibility, mayBeFewer }: Received, now: number): 'new' | 'repeated' {
    const room = Math.min(max, this.room);
    const chosen = this.choose(messages);
    this.checkCount(chosen.length, room, mayBeFewer);
    for (const [index, message] of chosen.entries()) {
      const { ReceiptHandle: handle = '' } = messages[index];
      demand(!this.issued.has(handle), () => `${this.name} gave out the handle ${handle} twice`);
      this.issued.add(handle);
      message.receives++;
      message.receivesHere++;
      message.receivedAt = now;
      message.firstReceivedAt ??= now;
      message.handles.push(handle);
      message.state = visibility > 0 ? 'inFlight' : 'visible';
      message.until = now + visibility;
      this.compare(messages[index], message);
    }
    return 'new';
  }

  /** Gives the error code that deleting answers with, if any. */
  delete(handle: string): string | undefined {
    if (!this.issued.has(handle)) return 'ReceiptHandleIsInvalid';
    const message = this.messages.find(({ handles }) => handles.includes(handle));
    if (message === undefined) return undefined; // it is gone already, and that is fine
    const code = this.refusal(message, handle);
    if (code === undefined) this.remove(message);
    return code;
  }

  /** Gives the error code that changing the visibility answers with, if any. */
  changeVisibility(handle: string, visibility: number, now: number): string | undefined {
    if (!this.issued.has(handle)) return 'ReceiptHandleIsInvalid';
    const message = this.messages.find(({ handles }) => handles.includes(handle));
    if (message === undefined) return 'InvalidParameterValue';
    const code = this.refusal(message, handle);
    if (code !== undefined) return code;
    if (now + visibility > message.receivedAt + TWELVE_HOURS) return 'InvalidParameterValue';
    message.state = visibility > 0 ? 'inFlight' : 'visible';
    message.until = now + visibility;
    return undefined;
  }

  purge(now: number): string | undefined {
    if (now < this.purgedAt + 60_000) return 'AWS.SimpleQueueService.PurgeQueueInProgress';
    this.purgedAt = now;
    this.messages = [];
    return undefined;
  }

  protected remove(message: ModelMessage): void {
    this.messages = this.messages.filter((other) => other !== message);
  }

  private compare(actual: Message, expected: ModelMessage): void {
    const attributes = {
      SentTimestamp: String(expected.sentAt),
      ApproximateReceiveCount: String(expected.receives),
      ApproximateFirstReceiveTimestamp: String(expected.firstReceivedAt),
      MessageGroupId: expected.group,
      SequenceNumber: expected.sequence,
      DeadLetterQueueSourceArn: expected.deadLetterSource,
    };
    const found = [actual.Body, actual.MD5OfBody, ...Object.keys(attributes).map((name) => at(actual, name))];
    const md5 = createHash('md5').update(expected.body).digest('hex');
    const wanted = [expected.body, md5, ...Object.values(attributes)];
    demand(
      JSON.stringify(found) === JSON.stringify(wanted),
      () => `${this.name} gave ${JSON.stringify(found)} where ${JSON.stringify(wanted)} was sent`,
    );
  }
}

function at({ Attributes = {} }: Message, name: string): string | undefined {
  return (Attributes as Record<string, string | undefined>)[name];
}
