import type { Message, ReceiveMessageRequest, SendMessageRequest } from '@aws-sdk/client-sqs';
import { AwsError, type RequestContext } from '../../../../lib/emulator/core';
import { Random, VirtualClock } from '../../../../lib/emulator/clock';
import { Sqs, type SqsLimits, type SqsDependencies } from '../../../../lib/emulator/services/sqs';
import { Timeline, type TimelineEvent } from '../../../../lib/emulator/timeline';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const CALL: RequestContext = {
  account: ACCOUNT,
  region: REGION,
  principal: `arn:aws:iam::${ACCOUNT}:user/tester`,
  endpoint: 'http://127.0.0.1:4566',
};

/** An Sqs under a virtual clock, with short forms of the calls that most tests make. */
export class SqsInTest {
  readonly clock = new VirtualClock();
  readonly timeline = new Timeline(this.clock);
  readonly events: TimelineEvent[] = [];
  readonly sqs: Sqs;

  constructor(limits: Partial<SqsLimits> = {}, seed = 7, more: Partial<SqsDependencies> = {}) {
    const { clock, timeline } = this;
    const random = new Random(seed);
    this.sqs = new Sqs({ clock, random, timeline, account: ACCOUNT, region: REGION, limits, ...more });
  }

  /** Keeps all events from now on. */
  record(): this {
    this.timeline.subscribe((event) => this.events.push(event));
    return this;
  }

  create(name: string, attributes: Record<string, string> = {}): string {
    const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
    const created = this.sqs.createQueue({ QueueName: name, Attributes: { ...fifo, ...attributes } }, CALL);
    return created.QueueUrl ?? '';
  }

  /** A queue with a dead-letter queue `<name>-dead`. */
  createWithDeadLetters(name: string, maxReceiveCount: number, attributes: Record<string, string> = {}): string {
    const fifo = name.endsWith('.fifo');
    const dead = fifo ? name.replace('.fifo', '-dead.fifo') : `${name}-dead`;
    this.create(dead);
    return this.create(name, { RedrivePolicy: redrive(dead, maxReceiveCount), ...attributes });
  }

  send(queue: string, body: string, more: Partial<SendMessageRequest> = {}) {
    return this.sqs.sendMessage({ QueueUrl: queue, MessageBody: body, ...more }, CALL);
  }

  /** Sends to a FIFO queue; each body is its own deduplication id. */
  sendInGroup(queue: string, group: string, ...bodies: string[]): void {
    for (const body of bodies) {
      this.send(queue, body, { MessageGroupId: group, MessageDeduplicationId: `${group}-${body}` });
    }
  }

  /** A receive that doesn't wait. */
  receive(queue: string, more: Partial<ReceiveMessageRequest> = {}): Message[] {
    const result = this.sqs.receiveMessage(
      { QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 0, ...more },
      CALL,
    );
    if (result instanceof Promise) throw new Error('the receive parked');
    return result.Messages ?? [];
  }

  bodies(queue: string, more: Partial<ReceiveMessageRequest> = {}): (string | undefined)[] {
    return this.receive(queue, more).map(({ Body }) => Body);
  }

  /** A receive that parks. What it gives is in `messages` once it has ended. */
  poll(queue: string, seconds: number, more: Partial<ReceiveMessageRequest> = {}, call: Partial<RequestContext> = {}) {
    const poll: { messages?: Message[]; error?: unknown; endedAt?: number } = {};
    const request = { QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: seconds, ...more };
    const result = this.sqs.receiveMessage(request, { ...CALL, ...call });
    if (!(result instanceof Promise)) throw new Error('the receive did not park');
    void result.then(
      ({ Messages = [] }) => {
        poll.messages = Messages;
        poll.endedAt = this.clock.now();
      },
      (error: unknown) => (poll.error = error),
    );
    return poll;
  }

  delete(queue: string, message: Message): void {
    this.sqs.deleteMessage({ QueueUrl: queue, ReceiptHandle: message.ReceiptHandle }, CALL);
  }

  hide(queue: string, message: Message, seconds: number): void {
    const { ReceiptHandle } = message;
    this.sqs.changeMessageVisibility({ QueueUrl: queue, ReceiptHandle, VisibilityTimeout: seconds }, CALL);
  }

  attributes(queue: string, ...names: string[]): Record<string, string> {
    const AttributeNames = (names.length === 0 ? ['All'] : names) as 'All'[];
    return this.sqs.getQueueAttributes({ QueueUrl: queue, AttributeNames }, CALL).Attributes ?? {};
  }

  set(queue: string, attributes: Record<string, string>): void {
    this.sqs.setQueueAttributes({ QueueUrl: queue, Attributes: attributes }, CALL);
  }

  /** The seconds' worth of time passes. */
  async wait(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1_000);
  }
}

export function arn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}

export function redrive(deadLetterQueue: string, maxReceiveCount: number): string {
  return JSON.stringify({ deadLetterTargetArn: arn(deadLetterQueue), maxReceiveCount });
}

/** The error that `action` throws, as a client of the Query protocol sees it. */
export function errorOf(action: () => unknown): { code: string; status: number; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof AwsError) return { code: error.queryCode, status: error.status, message: error.message };
    throw error;
  }
  throw new Error('it did not throw');
}
