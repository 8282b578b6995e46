import { routed } from '../support/routed';
import { CreateQueueCommand, type Message, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Clock, Random, SystemClock, VirtualClock } from '../../lib/emulator/clock';
import { SandboxContext } from '../../lib/emulator/compute/sandbox/sandbox-context';
import { virtualDate } from '../../lib/emulator/compute/sandbox/time';
import { VirtualTimers } from '../../lib/emulator/compute/sandbox/timers';
import { Sqs } from '../../lib/emulator/services/sqs';
import { Timeline } from '../../lib/emulator/timeline';
import { RequestRouter, InProcessRequestHandler } from '../../lib/emulator/protocol';
import { type Failure, QueueWorker, type QueueWorkerOptions } from '../../lib/runtime';

/** What a test does to a request before it arrives, or to its answer. */
type Fault = (command: string, send: () => Promise<unknown>, input: unknown) => Promise<unknown>;

/** An emulated SQS and a real client of it without a port, by default in real time. */
export class QueueInTest {
  /** Comes between the client and SQS. */
  fault: Fault = (_, send) => send();
  readonly failures: Failure[] = [];
  /** What workers have thrown. */
  readonly stopped: unknown[] = [];
  readonly requests: string[] = [];
  readonly client: SQSClient;
  private readonly sqs: Sqs;
  private readonly workers: QueueWorker[] = [];

  constructor(readonly clock: Clock & { stop?(): void } = new SystemClock()) {
    const random = new Random(1);
    const place = { account: '000000000000', region: 'us-east-1' };
    this.sqs = new Sqs({ clock, random, timeline: new Timeline(clock), ...place });
    const services = [routed('sqs', () => this.sqs)];
    const router = new RequestRouter({ services, defaultAccount: place.account, defaultRegion: place.region, random });
    this.client = new SQSClient({
      region: place.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: new InProcessRequestHandler(router),
    });
    this.client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          this.requests.push(commandName ?? '');
          return this.fault(commandName ?? '', () => next(args), args.input) as ReturnType<typeof next>;
        },
      { step: 'initialize' },
    );
  }

  async create(name: string, attributes: Record<string, string> = {}): Promise<string> {
    const { QueueUrl } = await this.client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    return QueueUrl ?? '';
  }

  async send(queueUrl: string, ...bodies: string[]): Promise<void> {
    for (const MessageBody of bodies)
      await this.client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  }

  /** A worker that has begun, and is stopped at the test's end at the latest. */
  start(
    queueUrl: string,
    handler: (body: string, signal: AbortSignal, message: Message) => void | Promise<void>,
    options: Partial<QueueWorkerOptions> = {},
  ): QueueWorker {
    const worker = new QueueWorker({
      client: this.client,
      queueUrl,
      handler: (message, { signal }) => handler(message.Body ?? '', signal, message),
      onFailure: (failure) => this.failures.push(failure),
      onStart: () => undefined,
      ...options,
    });
    this.workers.push(worker);
    worker.run().catch((error: unknown) => this.stopped.push(error));
    return worker;
  }

  counts(name: string): { visible: number; inFlight: number; delayed: number } | undefined {
    return this.sqs.counts(name);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    this.clock.stop?.();
  }
}

/**
 * Has the globals that the runtime takes its time from count on a virtual clock, as they do in the emulator's sandbox.
 * Call `restore` at the test's end.
 */
export function onVirtualTime(): { clock: VirtualClock; restore: () => void } {
  const clock = new VirtualClock();
  const context = new SandboxContext(
    clock,
    (error) => {
      throw error;
    },
    () => undefined,
  );
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const real = { setTimeout, setInterval, clearTimeout, clearInterval, Date };
  const { setImmediate: _, clearImmediate: __, ...timers } = new VirtualTimers(context).globals();
  Object.assign(globalThis, timers, { Date: virtualDate(clock) });
  return {
    clock,
    restore: () => {
      context.close();
      Object.assign(globalThis, real);
    },
  };
}

export const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until something is so, for at most so many milliseconds. */
export async function until(what: () => boolean, atMost = 8_000): Promise<void> {
  for (const deadline = Date.now() + atMost; !what(); await wait(10)) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what.toString()}`);
  }
}

/** Something to wait for that a test lets happen. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
