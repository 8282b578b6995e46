import { createHash } from 'node:crypto';
import type { BatchResultErrorEntry, Message, ReceiveMessageResult, SendMessageResult } from '@aws-sdk/client-sqs';
import { FifoModel } from './fifo-model';
import { History } from './history';
import { demand, type ModelQueue, type ModelSettings, type Received } from './model-queue';
import type { HandlePick, Operation, QueueTerms, SendOperation, Setting } from './operations';
import { StandardModel } from './standard-model';
import { type Action, arnOf, codeOf, Subject } from './subject';

const RECENT = 8;
const MOST_POLLS = 3;
const DEFAULTS = { visibility: 30_000, delay: 0, retention: 345_600_000, wait: 0, contentBased: false };

interface Side {
  readonly model: ModelQueue;
  readonly history: History;
  /** All handles that were given out, and whose they are. */
  readonly handles: { readonly handle: string; readonly id: string }[];
}

interface Poll {
  readonly side: Side;
  readonly until: number;
  readonly asked: Omit<Received, 'messages'>;
}

interface BatchResult {
  readonly Successful?: readonly ({ Id?: string } & SendMessageResult)[];
  readonly Failed?: readonly BatchResultErrorEntry[];
}

/** Does the same operations to real queues and to their models, and sees to it that they agree on every answer. */
export class Trial {
  /** Operations done. */
  done = 0;
  private readonly subject: Subject;
  private readonly main: Side;
  private readonly dead: Side;
  private waiting: Poll[] = [];
  private ended: { readonly poll: Poll; readonly messages: readonly Message[]; readonly at: number }[] = [];
  private moved: string[] = [];
  /** The order in which messages were delivered: answers on their way through a client may overtake each other. */
  private readonly deliveries = new Map<string, number>();
  private sends = 0;

  constructor(
    transport: 'class' | 'sdk',
    private readonly fifo: boolean,
    private readonly setting: Setting,
  ) {
    const { inFlightLimit } = setting;
    this.subject = new Subject(transport, { inFlightStandard: inFlightLimit, inFlightFifo: inFlightLimit });
    this.main = this.side('queue');
    this.dead = this.side('dead');
    this.subject.timeline.subscribe(({ kind, subject, detail }) => {
      const { history } = subject === this.main.model.name ? this.main : this.dead;
      const id = String((detail as { message?: string }).message);
      if (kind === 'sqs.deadLettered') this.moved.push(id);
      if (kind === 'sqs.received') this.deliveries.set(deliveryKey(id, detail), this.deliveries.size);
      if (kind === 'sqs.expired') history.leave(id);
      if (kind === 'sqs.purged') history.purge();
    });
  }

  async run(operations: readonly Operation[]): Promise<void> {
    for (const { model } of [this.dead, this.main]) {
      const Attributes = this.fifo ? { FifoQueue: 'true', DeduplicationScope: this.setting.scope } : {};
      await this.call('createQueue', { QueueName: model.name, Attributes });
    }
    await this.set(this.setting.terms);
    for (const operation of operations) {
      await this.perform(operation);
      await this.agree();
      this.done++;
    }
    await this.drain();
  }

  private async perform(operation: Operation): Promise<void> {
    const side = 'dead' in operation && operation.dead ? this.dead : this.main;
    switch (operation.kind) {
      case 'send':
        return this.send(side, operation.message);
      case 'sendBatch':
        return this.sendBatch(side, operation.messages);
      case 'receive':
        return this.receive(side, operation);
      case 'delete':
        return this.delete(side, this.handle(side, operation.handle));
      case 'deleteBatch':
        return this.deleteBatch(side, operation.handles);
      case 'changeVisibility':
        return this.changeVisibility(side, this.handle(side, operation.handle), operation.visibility);
      case 'changeVisibilityBatch':
        return this.changeVisibilityBatch(side, operation.changes);
      case 'purge':
        return this.purge(side);
      case 'pass':
        return this.pass(operation.milliseconds);
      case 'set':
        return this.set(operation.attributes);
    }
  }

  private async send(side: Side, message: SendOperation): Promise<void> {
    const input = this.messageInput(message);
    const actual = await this.call('sendMessage', { QueueUrl: side.model.name, ...input });
    const expected = this.refusalOf(side, message, input);
    demand(actual.code === expected, () => `sending answered ${actual.code}, not ${expected}`);
    if (expected === undefined) this.sent(side, message, input, actual.result as SendMessageResult);
  }

  private async sendBatch(side: Side, messages: readonly SendOperation[]): Promise<void> {
    const inputs = messages.map((message) => this.messageInput(message));
    const Entries = inputs.map((input, index) => ({ Id: `e${index}`, ...input }));
    const actual = await this.call('sendMessageBatch', { QueueUrl: side.model.name, Entries });
    const whole = inputs.some((input) => this.lacksDeduplication(side, input)) ? 'InvalidParameterValue' : undefined;
    demand(actual.code === whole, () => `sending a batch answered ${actual.code}, not ${whole}`);
    if (whole !== undefined) return;
    const outcomes = this.outcomes(actual.result as BatchResult, Entries.length);
    for (const [index, { code, entry }] of outcomes.entries()) {
      const expected = this.refusalOf(side, messages[index], inputs[index]);
      demand(code === expected, () => `sending entry ${index} answered ${code}, not ${expected}`);
      if (entry !== undefined) this.sent(side, messages[index], inputs[index], entry);
    }
  }

  private sent(side: Side, message: SendOperation, input: SendInput, result: SendMessageResult): void {
    const { MessageId: id = '', SequenceNumber: sequence = '', MD5OfMessageBody } = result;
    const { model, history } = side;
    const { MessageBody: body, MessageGroupId: group } = input;
    demand(MD5OfMessageBody === hash('md5', body), () => `the digest of ${body} is not ${MD5OfMessageBody}`);
    const { settings } = model;
    if (!(model instanceof FifoModel)) {
      const delay = message.delay === undefined ? settings.delay : message.delay * 1_000;
      model.add({ id, body, group }, delay, this.now);
      history.arrive(id);
      return;
    }
    const deduplicationId = input.MessageDeduplicationId ?? hash('sha256', body);
    const original = model.original(group ?? '', deduplicationId, this.now);
    if (original !== undefined) {
      const same = original.id === id && original.sequence === sequence;
      demand(same, () => `a duplicate was answered with ${id}, not with its original's ${original.id}`);
      return;
    }
    model.remember(group ?? '', deduplicationId, id, sequence, this.now);
    model.add({ id, body, group, sequence }, settings.delay, this.now);
    history.arrive(id);
  }

  private async receive(side: Side, asked: Operation & { kind: 'receive' }): Promise<void> {
    const { model } = side;
    const wait = this.waiting.length < MOST_POLLS ? asked.wait : 0;
    const attempt = asked.attempt === undefined || !this.fifo ? undefined : `a${asked.attempt}`;
    const visibility = asked.visibility === undefined ? model.settings.visibility : asked.visibility * 1_000;
    const input = {
      QueueUrl: model.name,
      MaxNumberOfMessages: asked.max,
      VisibilityTimeout: asked.visibility,
      WaitTimeSeconds: wait,
      ReceiveRequestAttemptId: attempt,
      MessageSystemAttributeNames: ['All'],
    };
    const waitFor = wait === undefined ? model.settings.wait : wait * 1_000;
    const terms = { max: asked.max, visibility, attempt };
    const answer = this.call('receiveMessage', input);
    if (waitFor > 0) {
      const poll = { side, until: this.now + waitFor, asked: terms };
      this.waiting.push(poll);
      void answer.then(({ code, result }) => {
        const { Messages: messages = [] } = (result ?? {}) as ReceiveMessageResult;
        if (code !== undefined) throw new Error(`a long poll answered ${code}`);
        this.ended.push({ poll, messages, at: this.now });
      });
      return;
    }
    const { code, result } = await answer;
    this.applyMoves('allowed');
    const { Messages: messages = [] } = (result ?? {}) as ReceiveMessageResult;
    const full = !this.fifo && model.room <= 0;
    demand(code === (full ? 'OverLimit' : undefined), () => `receiving answered ${code}`);
    this.received(side, { ...terms, messages });
    // An attempt that is repeated may show its messages to polls, whose receives are looked at next.
    this.applyMoves('allowed');
  }

  private received(side: Side, received: Received): void {
    const { model, history, handles } = side;
    const { messages, visibility } = received;
    const outcome = model.received(received, this.now);
    if (outcome === 'new') history.answer(messages, this.now + visibility, this.now);
    for (const { MessageId: id = '', ReceiptHandle: handle = '' } of messages) {
      if (outcome === 'new') handles.push({ handle, id });
      else history.changeVisibility(id, this.now + visibility);
    }
  }

  private async delete(side: Side, handle: string): Promise<void> {
    const actual = await this.call('deleteMessage', { QueueUrl: side.model.name, ReceiptHandle: handle });
    this.deleted(side, handle, actual.code);
  }

  private async deleteBatch(side: Side, picks: readonly HandlePick[]): Promise<void> {
    const Entries = picks.map((pick, index) => ({ Id: `e${index}`, ReceiptHandle: this.handle(side, pick) }));
    const { result } = await this.call('deleteMessageBatch', { QueueUrl: side.model.name, Entries });
    for (const [index, { code }] of this.outcomes(result as BatchResult, Entries.length).entries()) {
      this.deleted(side, Entries[index].ReceiptHandle, code);
    }
  }

  private deleted({ model, history, handles }: Side, handle: string, actual: string | undefined): void {
    const expected = model.delete(handle);
    demand(actual === expected, () => `deleting by ${handle} answered ${actual}, not ${expected}`);
    const id = handles.find((given) => given.handle === handle)?.id;
    if (expected === undefined && id !== undefined) history.delete(id);
  }

  private async changeVisibility(side: Side, handle: string, seconds: number): Promise<void> {
    const input = { QueueUrl: side.model.name, ReceiptHandle: handle, VisibilityTimeout: seconds };
    const { code } = await this.call('changeMessageVisibility', input);
    this.visibilityChanged(side, handle, seconds, code);
  }

  private async changeVisibilityBatch(
    side: Side,
    changes: readonly { handle: HandlePick; visibility: number }[],
  ): Promise<void> {
    const Entries = changes.map(({ handle, visibility }, index) => ({
      Id: `e${index}`,
      ReceiptHandle: this.handle(side, handle),
      VisibilityTimeout: visibility,
    }));
    const { result } = await this.call('changeMessageVisibilityBatch', { QueueUrl: side.model.name, Entries });
    for (const [index, { code }] of this.outcomes(result as BatchResult, Entries.length).entries()) {
      this.visibilityChanged(side, Entries[index].ReceiptHandle, Entries[index].VisibilityTimeout, code);
    }
  }

  private visibilityChanged(side: Side, handle: string, seconds: number, actual: string | undefined): void {
    const { model, history, handles } = side;
    const expected = model.changeVisibility(handle, seconds * 1_000, this.now);
    demand(actual === expected, () => `hiding ${handle} for ${seconds} s answered ${actual}, not ${expected}`);
    const id = handles.find((given) => given.handle === handle)?.id;
    if (expected === undefined && id !== undefined) history.changeVisibility(id, this.now + seconds * 1_000);
  }

  private async purge({ model }: Side): Promise<void> {
    const { code } = await this.call('purgeQueue', { QueueUrl: model.name });
    const expected = model.purge(this.now);
    demand(code === expected, () => `purging answered ${code}, not ${expected}`);
  }

  private async set(terms: QueueTerms): Promise<void> {
    const { model } = this.main;
    const { settings } = model;
    const delayBefore = settings.delay;
    const Attributes: Record<string, string> = {};
    const inSeconds = {
      visibility: 'VisibilityTimeout',
      delay: 'DelaySeconds',
      retention: 'MessageRetentionPeriod',
      wait: 'ReceiveMessageWaitTimeSeconds',
    } as const;
    for (const [term, attribute] of Object.entries(inSeconds) as [keyof typeof inSeconds, string][]) {
      const value = terms[term];
      if (value === undefined) continue;
      settings[term] = value * 1_000;
      Attributes[attribute] = String(value);
    }
    const { maxReceiveCount, contentBased } = terms;
    if (maxReceiveCount !== undefined) {
      settings.maxReceiveCount = maxReceiveCount === 0 ? undefined : maxReceiveCount;
      const policy = { deadLetterTargetArn: this.dead.model.arn, maxReceiveCount };
      Attributes.RedrivePolicy = maxReceiveCount === 0 ? '' : JSON.stringify(policy);
    }
    if (contentBased !== undefined && this.fifo) {
      settings.contentBased = contentBased;
      Attributes.ContentBasedDeduplication = String(contentBased);
    }
    const { code } = await this.call('setQueueAttributes', { QueueUrl: model.name, Attributes });
    demand(code === undefined, () => `setting ${JSON.stringify(Attributes)} answered ${code}`);
    if (model instanceof FifoModel && settings.delay !== delayBefore) model.delayAnew();
  }

  /** Lets time pass, from one instant at which anything is due to the next. */
  private async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    while (this.now < end) {
      const polls = this.waiting.map(({ until }) => until);
      const next = Math.min(end, this.main.model.nextDue(), this.dead.model.nextDue(), ...polls);
      await this.subject.clock.advance(next - this.now);
      await this.agree();
    }
  }

  /** Nothing that was acknowledged is lost: in the end, all that the models have left comes out. */
  private async drain(): Promise<void> {
    await this.set({ maxReceiveCount: 0, wait: 0, delay: 0 });
    await this.agree();
    await this.pass(60_000);
    for (const side of [this.main, this.dead]) {
      while (side.model.messages.length > 0) {
        if (side.model.deliverable().length === 0) {
          await this.pass(Math.max(1, side.model.nextDue() - this.now));
          continue;
        }
        await this.receive(side, { kind: 'receive', dead: false, max: 10, visibility: 30, wait: 0 });
        for (const { handle } of side.handles.slice(-10)) await this.delete(side, handle);
        await this.agree();
      }
      demand(side.history.size === 0, () => `${side.history.size} messages of ${side.model.name} never came out`);
    }
  }

  /** Brings the models to the present, and compares what can be seen of the queues with what they say. */
  private async agree(): Promise<void> {
    // No time passes, but what is due at this very instant is done.
    if (this.waiting.length > 0) await this.subject.clock.advance(0);
    const sides = [this.main, this.dead];
    for (const { model } of sides) model.pass(this.now);
    for (const { poll, messages, at } of this.endedInOrder()) {
      this.applyMoves('allowed');
      this.waiting = this.waiting.filter((other) => other !== poll);
      demand(at === this.now, () => `a long poll ended at ${at}, not at ${this.now}`);
      demand(messages.length > 0 || at === poll.until, () => 'a long poll ended early with nothing');
      if (messages.length > 0)
        this.received(poll.side, {
          ...poll.asked,
          messages,
          // What the source gives up on at the instant at which this queue's own come back may come after them.
          mayBeFewer: poll.side === this.dead,
        });
    }
    this.applyMoves('all');
    for (const { side, until } of this.waiting) {
      const { name, room } = side.model;
      demand(until > this.now, () => `a long poll of ${name} did not end at ${until}`);
      const served = room <= 0 || side.model.deliverable().length === 0;
      demand(served, () => `a long poll of ${name} waits though there is something to receive`);
    }
    for (const { model, history } of sides) {
      const actual = JSON.stringify(this.subject.sqs.counts(model.name));
      const { visible, inFlight, delayed } = model.counts();
      const expected = JSON.stringify({ visible, inFlight, delayed });
      demand(actual === expected, () => `${model.name} counts ${actual}, not ${expected}`);
      const total = visible + inFlight + delayed;
      demand(history.size === total, () => `${model.name} has ${total} messages of ${history.size}`);
    }
  }

  private endedInOrder() {
    const place = ({ messages: [first] }: { messages: readonly Message[] }) =>
      this.deliveries.get(deliveryKey(first?.MessageId, { receives: first?.Attributes?.ApproximateReceiveCount })) ??
      -1;
    return this.ended.splice(0).sort((a, b) => place(a) - place(b));
  }

  /**
   * Moves what the queue says that it moved to its dead-letter queue. Of several receives at one instant it does not
   * say which one did it: before an answer is looked at, all is moved that already may be.
   */
  private applyMoves(which: 'allowed' | 'all'): void {
    const { main, dead } = this;
    while (this.moved.length > 0) {
      if (which === 'allowed' && !main.model.mayGiveUp(this.moved[0])) return;
      const id = this.moved.shift() ?? '';
      dead.model.adopt(main.model.giveUp(id), main.model.arn, this.now);
      dead.model.pass(this.now);
      main.history.leave(id);
      dead.history.arrive(id);
    }
  }

  private handle(side: Side, { from, pick }: HandlePick): string {
    const other = side === this.main ? this.dead : this.main;
    const all = (from === 'otherQueue' ? other : side).handles;
    const choice = from === 'recent' ? all.slice(-RECENT) : all;
    if (from === 'garbage' || choice.length === 0) return `AQEB-garbage-${pick}`;
    return choice[pick % choice.length].handle;
  }

  private messageInput({ body, group, delay, deduplication, forbidden }: SendOperation): SendInput {
    const MessageBody = `body ${body}${forbidden ? '\u0000' : ''}`;
    const own = `own-${this.sends++}`;
    const shared = deduplication === undefined ? undefined : `shared-${deduplication}`;
    const MessageDeduplicationId = deduplication === 'own' ? own : shared;
    return this.fifo
      ? { MessageBody, MessageGroupId: `group-${group}`, MessageDeduplicationId, DelaySeconds: delay }
      : { MessageBody, MessageGroupId: group === 0 ? undefined : `tenant-${group}`, DelaySeconds: delay };
  }

  private refusalOf(side: Side, { delay = 0, forbidden }: SendOperation, input: SendInput): string | undefined {
    if (this.lacksDeduplication(side, input)) return 'InvalidParameterValue';
    if (forbidden) return 'InvalidMessageContents';
    return this.fifo && delay > 0 ? 'InvalidParameterValue' : undefined;
  }

  private lacksDeduplication({ model }: Side, { MessageDeduplicationId: id }: SendInput): boolean {
    return this.fifo && id === undefined && !model.settings.contentBased;
  }

  /** The outcome of each entry of a batch, in the entries' order. */
  private outcomes({ Successful = [], Failed = [] }: BatchResult, entries: number) {
    const count = Successful.length + Failed.length;
    demand(count === entries, () => `a batch of ${entries} gave ${count} outcomes`);
    return Array.from({ length: entries }, (_, index) => {
      const entry = Successful.find(({ Id }) => Id === `e${index}`);
      const code = Failed.find(({ Id }) => Id === `e${index}`)?.Code;
      demand(entry !== undefined || code !== undefined, () => `a batch gave no outcome for its entry ${index}`);
      return { entry, code };
    });
  }

  private async call(action: Action, input: object): Promise<{ result?: unknown; code?: string }> {
    try {
      return { result: await this.subject.call(action, input) };
    } catch (error) {
      return { code: codeOf(error) };
    }
  }

  private side(name: string): Side {
    const fullName = this.fifo ? `${name}.fifo` : name;
    const settings: ModelSettings = { ...DEFAULTS };
    const { scope, inFlightLimit } = this.setting;
    const Model = this.fifo ? FifoModel : StandardModel;
    const model = new Model(fullName, arnOf(fullName), settings, inFlightLimit);
    if (model instanceof FifoModel) model.scope = scope;
    return { model, history: new History(this.fifo), handles: [] };
  }

  private get now(): number {
    return this.subject.clock.now();
  }
}

interface SendInput {
  readonly MessageBody: string;
  readonly MessageGroupId: string | undefined;
  readonly MessageDeduplicationId?: string;
  readonly DelaySeconds: number | undefined;
}

function deliveryKey(id: string | undefined, detail: unknown): string {
  return `${id} ${String((detail as { receives?: unknown }).receives)}`;
}

function hash(algorithm: 'md5' | 'sha256', text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}
