import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { HandlerContext, QueueWorkerOptions } from '../../lib/runtime';
import { QueueWorker } from '../../lib/runtime';
import { onVirtualTime, QueueInTest } from './queue-in-test';

let virtual: ReturnType<typeof onVirtualTime>;
let sqs: QueueInTest;
beforeEach(() => {
  virtual = onVirtualTime();
  sqs = new QueueInTest(virtual.clock);
});
afterEach(async () => {
  await sqs.close();
  virtual.restore();
});

const SECOND = 1_000;
const DEAD = 'arn:aws:sqs:us-east-1:000000000000:';
const redrive = (name: string, maxReceiveCount = 3) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${DEAD}${name}`, maxReceiveCount }),
});

/** A worker whose handler gets its context. */
function start(
  queueUrl: string,
  handler: (context: HandlerContext, body: string) => void | Promise<void>,
  options: Partial<QueueWorkerOptions> = {},
) {
  const worker = sqs.start(queueUrl, () => undefined, {
    ...options,
    handler: ({ Body = '' }, context) => handler(context, Body),
  });
  return worker;
}

async function deadLettersOf(queueUrl: string) {
  const { Messages = [] } = await sqs.client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages;
}

describe('deadLetter', () => {
  test('copies the message with its attributes and the reason to the queue of the RedrivePolicy, and deletes it', async () => {
    const dead = await sqs.create('dead');
    const queueUrl = await sqs.create('jobs', redrive('dead'));
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'video' } };
    const AWSTraceHeader = { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' };
    await sqs.client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: 'bad',
        MessageAttributes,
        MessageSystemAttributes: { AWSTraceHeader },
      }),
    );
    start(queueUrl, ({ deadLetter }) => deadLetter('no such \u0000codec'));
    await virtual.clock.advance(SECOND);
    expect(await deadLettersOf(dead)).toMatchObject([
      {
        Body: 'bad',
        MessageAttributes: {
          ...MessageAttributes,
          DeadLetterReason: { DataType: 'String', StringValue: 'no such \uFFFDcodec' },
        },
        Attributes: { AWSTraceHeader: AWSTraceHeader.StringValue },
      },
    ]);
    expect(sqs.counts('jobs')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(sqs.failures).toEqual([]);
  });

  test('leaves the reason out of a message with ten attributes', async () => {
    const dead = await sqs.create('dead');
    const queueUrl = await sqs.create('jobs', redrive('dead'));
    const names = Array.from({ length: 10 }, (_, index) => `a${index}`);
    const MessageAttributes = Object.fromEntries(names.map((name) => [name, { DataType: 'Number', StringValue: '1' }]));
    await sqs.client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'bad', MessageAttributes }));
    start(queueUrl, ({ deadLetter }) => deadLetter('no codec'));
    await virtual.clock.advance(SECOND);
    const [message] = await deadLettersOf(dead);
    expect(Object.keys(message.MessageAttributes ?? {}).sort()).toEqual(names);
  });

  test('deletes the message even if the handler throws afterwards, and reports that', async () => {
    const dead = await sqs.create('dead');
    const queueUrl = await sqs.create('jobs', redrive('dead'));
    await sqs.send(queueUrl, 'bad');
    start(queueUrl, async ({ deadLetter }) => {
      await deadLetter('no codec');
      throw new Error('and now?');
    });
    await virtual.clock.advance(60 * SECOND);
    expect(sqs.failures).toMatchObject([{ during: 'handle', error: { message: 'and now?' } }]);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 0 });
    expect(await deadLettersOf(dead)).toHaveLength(1);
  });

  test('keeps the message group, and the rest of the group goes on', async () => {
    const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
    const dead = await sqs.create('dead.fifo', fifo);
    const queueUrl = await sqs.create('jobs.fifo', { ...fifo, ...redrive('dead.fifo') });
    for (const MessageBody of ['bad', 'good']) {
      await sqs.client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageGroupId: 'g' }));
    }
    const handled: string[] = [];
    start(queueUrl, async ({ deadLetter }, body) => {
      if (body === 'bad') await deadLetter('no codec');
      else handled.push(body);
    });
    await virtual.clock.advance(SECOND);
    expect(handled).toEqual(['good']);
    expect(await deadLettersOf(dead)).toMatchObject([{ Body: 'bad', Attributes: { MessageGroupId: 'g' } }]);
  });

  test('retries the message if the copy cannot be sent', async () => {
    const dead = await sqs.create('dead');
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'bad');
    let down = true;
    sqs.fault = (command, send) =>
      command === 'SendMessageCommand' && down ? Promise.reject(new Error('no network')) : send();
    start(queueUrl, ({ deadLetter }) => deadLetter('no codec'), { deadLetterQueueUrl: dead });
    await virtual.clock.advance(SECOND);
    expect(sqs.failures).toMatchObject([{ during: 'handle', error: { message: 'no network' } }]);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, delayed: 0, inFlight: 1 });
    down = false;
    await virtual.clock.advance(60 * SECOND);
    expect(await deadLettersOf(dead)).toHaveLength(1);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 0 });
  });

  test('says what to do if the queue has no dead-letter queue', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'bad');
    start(queueUrl, ({ deadLetter }) => deadLetter('no codec'));
    await virtual.clock.advance(SECOND);
    expect(sqs.failures).toMatchObject([
      { error: { message: `${queueUrl} has no dead-letter queue: set its RedrivePolicy, or deadLetterQueueUrl` } },
    ]);
  });
});

describe('handlerTimeoutSeconds', () => {
  test('aborts the signal, retries the message, and takes the next one, to the second', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'slow', 'next');
    const begun = virtual.clock.now();
    const seen: [string, number][] = [];
    let reason: unknown;
    start(
      queueUrl,
      async ({ signal }, body) => {
        seen.push([body, virtual.clock.now() - begun]);
        if (body !== 'slow' || seen.length > 1) return;
        signal.addEventListener('abort', () => (reason ??= signal.reason as unknown));
        await new Promise(() => undefined);
      },
      { handlerTimeoutSeconds: 30, retryDelaySeconds: () => 7 },
    );
    await virtual.clock.advance(29_999);
    expect(seen).toEqual([['slow', 0]]);
    expect(reason).toBeUndefined();
    await virtual.clock.advance(8 * SECOND);
    expect(reason).toMatchObject({ name: 'TimeoutError', message: 'the handler took longer than 30 seconds' });
    expect(sqs.failures).toMatchObject([{ during: 'handle', error: { name: 'TimeoutError' } }]);
    expect(seen).toEqual([
      ['slow', 0],
      ['next', 30_000],
      ['slow', 37_000],
    ]);
  });

  test.each([0, -1, NaN])('must not be %d', async (handlerTimeoutSeconds) => {
    const queueUrl = await sqs.create('jobs');
    const options = { client: sqs.client, queueUrl, handler: () => undefined, handlerTimeoutSeconds };
    expect(() => new QueueWorker(options)).toThrow(
      new RangeError(`handlerTimeoutSeconds must be more than 0, but was ${handlerTimeoutSeconds}`),
    );
  });
});

describe('extend', () => {
  test('hides the message for longer than the visibility timeout, at once', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '30' });
    await sqs.send(queueUrl, 'long');
    let aborted = false;
    start(queueUrl, async ({ extend, signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      await extend(300);
      // From here the worker cannot reach SQS, as if it computed without a pause.
      sqs.fault = () => Promise.reject(new Error('no network'));
      await new Promise((resolve) => setTimeout(resolve, 299 * SECOND));
      sqs.fault = (_, send) => send();
    });
    await virtual.clock.advance(298 * SECOND);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 1 });
    await virtual.clock.advance(2 * SECOND);
    expect(aborted).toBe(false);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 0 });
  });

  test.each([0, 43_201, 1.5])('refuses %d seconds', async (seconds) => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'long');
    start(queueUrl, ({ extend }) => extend(seconds));
    await virtual.clock.advance(0);
    expect(sqs.failures).toMatchObject([
      { error: { message: `seconds must be a whole number from 1 to 43200, but was ${seconds}` } },
    ]);
  });
});

describe('pollers', () => {
  test('an idle worker keeps one long poll, however many slots it has; a full queue gets more', async () => {
    const queueUrl = await sqs.create('jobs');
    let open = 0;
    let most = 0;
    sqs.fault = async (command, send) => {
      if (command !== 'ReceiveMessageCommand') return send();
      most = Math.max(most, ++open);
      try {
        return await send();
      } finally {
        open--;
      }
    };
    await sqs.send(queueUrl, ...Array.from({ length: 100 }, String));
    start(queueUrl, () => new Promise((resolve) => setTimeout(resolve, 10 * SECOND)), { concurrency: 100 });
    await virtual.clock.advance(5 * SECOND);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 100 });
    expect(most).toBeGreaterThan(1);
    await virtual.clock.advance(60 * SECOND);
    most = 0;
    await virtual.clock.advance(120 * SECOND);
    expect({ open, most }).toEqual({ open: 1, most: 1 });
    expect(sqs.failures).toEqual([]);
  });
});
