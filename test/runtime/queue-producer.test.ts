import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SendMessageBatchRequest } from '@aws-sdk/client-sqs';
import {
  MessageNotSentError,
  ProducerBufferFullError,
  QueueProducer,
  type QueueProducerOptions,
  type SentMessage,
} from '../../lib/runtime';
import { onVirtualTime, QueueInTest } from './queue-in-test';

const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
let virtual: ReturnType<typeof onVirtualTime>;
let sqs: QueueInTest;
/** The bodies of each request, and when it was made, in milliseconds since the test began. */
let requests: { at: number; bodies: string[] }[];
let begun: number;
/** Which bodies fail on SQS's side, and which fail their request. */
let fails: (body: string, request: number) => 'entry' | 'sender' | 'request' | undefined;

beforeEach(() => {
  virtual = onVirtualTime();
  sqs = new QueueInTest(virtual.clock);
  requests = [];
  fails = () => undefined;
  begun = virtual.clock.now();
  sqs.fault = async (command, send, input) => {
    if (command !== 'SendMessageBatchCommand') return send();
    const batch = input as { Entries: NonNullable<SendMessageBatchRequest['Entries']> };
    const bodies = batch.Entries.map(({ MessageBody = '' }) => MessageBody);
    requests.push({ at: virtual.clock.now() - begun, bodies });
    const faults = bodies.map((body) => fails(body, requests.length));
    if (faults.includes('request')) throw new Error('no network');
    const Failed = batch.Entries.flatMap(({ Id }, index) =>
      faults[index] === undefined
        ? []
        : [{ Id, Code: 'InternalError', Message: 'try again', SenderFault: faults[index] === 'sender' }],
    );
    batch.Entries = batch.Entries.filter((_, index) => faults[index] === undefined);
    const answer = batch.Entries.length > 0 ? ((await send()) as { output: object }) : { output: {} };
    return { output: { ...answer.output, Failed } };
  };
});
afterEach(async () => {
  await sqs.close();
  virtual.restore();
});

async function producerTo(name: string, options: Partial<QueueProducerOptions> = {}): Promise<QueueProducer> {
  const queueUrl = await sqs.create(name, name.endsWith('.fifo') ? FIFO : {});
  return new QueueProducer({ client: sqs.client, queueUrl, ...options });
}

/** What a send came to, by its body. */
function watch(producer: QueueProducer) {
  const outcomes: Record<string, string> = {};
  const sent: Record<string, SentMessage> = {};
  const send = (MessageBody: string, MessageGroupId?: string) =>
    void producer.send({ MessageBody, MessageGroupId }).then(
      (accepted) => {
        sent[MessageBody] = accepted;
        outcomes[MessageBody] = 'sent';
      },
      (error: Error) => {
        outcomes[MessageBody] = error instanceof MessageNotSentError ? error.failure.code : error.name;
      },
    );
  return { outcomes, sent, send };
}

async function received(name: string): Promise<string[]> {
  const queueUrl = await sqs.create(name, name.endsWith('.fifo') ? FIFO : {});
  const all: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.client.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return all;
    all.push(...Messages.map(({ Body = '' }) => Body));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

const texts = (from: number, count: number) => Array.from({ length: count }, (_, index) => String(from + index));

test('sends ten messages at once, and what is left after 20 ms', async () => {
  const { send, outcomes, sent } = watch(await producerTo('jobs'));
  for (const text of texts(0, 23)) send(text);
  await virtual.clock.advance(19);
  expect(requests.map(({ at, bodies }) => [at, bodies.length])).toEqual([
    [0, 10],
    [0, 10],
  ]);
  await virtual.clock.advance(1);
  expect(requests[2]).toEqual({ at: 20, bodies: texts(20, 3) });
  await virtual.clock.advance(1);
  expect(Object.values(outcomes)).toEqual(Array(23).fill('sent'));
  expect(new Set(Object.values(sent).map(({ messageId }) => messageId)).size).toBe(23);
  expect(sqs.counts('jobs')?.visible).toBe(23);
});

test('the time to linger counts from the first message of a batch', async () => {
  const { send } = watch(await producerTo('jobs', { lingerMilliseconds: 50 }));
  send('a');
  await virtual.clock.advance(40);
  send('b');
  await virtual.clock.advance(20);
  send('c');
  await virtual.clock.advance(100);
  expect(requests).toEqual([
    { at: 50, bodies: ['a', 'b'] },
    { at: 110, bodies: ['c'] },
  ]);
});

test('with a linger of 0, messages of one turn share a request', async () => {
  const { send } = watch(await producerTo('jobs', { lingerMilliseconds: 0 }));
  send('a');
  send('b');
  await virtual.clock.advance(0);
  expect(requests).toEqual([{ at: 0, bodies: ['a', 'b'] }]);
});

test('with an endless linger, only full batches and flush() send', async () => {
  const producer = await producerTo('jobs', { lingerMilliseconds: Infinity });
  const { send, outcomes } = watch(producer);
  for (const text of texts(0, 11)) send(text);
  await virtual.clock.advance(86_400_000);
  expect(requests).toHaveLength(1);
  const flushed = producer.flush();
  await virtual.clock.advance(0);
  await flushed;
  expect(outcomes['10']).toBe('sent');
  await producer.flush(); // nothing is left: resolves
});

test('a batch has at most 1 MiB, to the byte', async () => {
  const producer = await producerTo('jobs');
  const { send } = watch(producer);
  send('x'.repeat(1_048_575));
  send('y');
  send('z');
  await virtual.clock.advance(20);
  expect(requests.map(({ bodies }) => bodies.length)).toEqual([2, 1]);
});

test('at most `concurrency` requests are made at a time', async () => {
  const producer = await producerTo('jobs', { concurrency: 2 });
  const { send } = watch(producer);
  const inner = sqs.fault;
  let open = 0;
  let most = 0;
  sqs.fault = async (...call) => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 100));
    open--;
    return inner(...call);
  };
  for (const text of texts(0, 60)) send(text);
  await virtual.clock.advance(1_000);
  expect(most).toBe(2);
  expect(sqs.counts('jobs')?.visible).toBe(60);
});

test('what SQS fails is sent again alone; what the sender got wrong is not', async () => {
  const { send, outcomes } = watch(await producerTo('jobs'));
  fails = (body, request) => (body === '3' && request === 1 ? 'entry' : body === '5' ? 'sender' : undefined);
  for (const text of texts(0, 10)) send(text);
  await virtual.clock.advance(200);
  expect(requests.map(({ bodies }) => bodies)).toEqual([texts(0, 10), ['3']]);
  expect(outcomes).toMatchObject({ '3': 'sent', '5': 'InternalError', '9': 'sent' });
});

test('a message that is not sent carries its failure', async () => {
  const producer = await producerTo('jobs');
  fails = () => 'request';
  const refused = producer.send({ MessageBody: 'a' }).catch((error: unknown) => error);
  await virtual.clock.advance(20);
  const error = (await refused) as MessageNotSentError;
  expect(error.message).toBe('Error: no network');
  expect(error.failure).toMatchObject({ entry: { MessageBody: 'a' }, uncertain: true, senderFault: false });
  expect(error.cause).toMatchObject({ message: 'no network' });
});

describe('the buffer', () => {
  test('takes no more than its messages; ready() waits for room', async () => {
    const producer = await producerTo('jobs', { maxBufferedMessages: 3, lingerMilliseconds: 1_000 });
    const { send, outcomes } = watch(producer);
    for (const text of texts(0, 4)) send(text);
    await virtual.clock.advance(0);
    expect(outcomes['3']).toBe('ProducerBufferFullError');
    await expect(producer.ready()).resolves.toBeUndefined(); // a full buffer does not linger
    expect(requests).toEqual([{ at: 0, bodies: texts(0, 3) }]);
  });

  test('takes no more than its bytes, but for the last message', async () => {
    const producer = await producerTo('jobs', { maxBufferedBytes: 10 });
    const { send } = watch(producer);
    send('x'.repeat(9));
    send('x'.repeat(9));
    await expect(producer.send({ MessageBody: 'c' })).rejects.toThrow(
      new ProducerBufferFullError('2 messages of 18 bytes are buffered: await ready() before send()'),
    );
  });

  test('a loop that awaits ready() loses nothing, and holds little', async () => {
    const producer = await producerTo('jobs', { maxBufferedMessages: 25 });
    let most = 0;
    let buffered = 0;
    const all = (async () => {
      for (const MessageBody of texts(0, 500)) {
        await producer.ready();
        most = Math.max(most, ++buffered);
        void producer.send({ MessageBody }).then(() => buffered--);
      }
      await producer.close();
    })();
    await virtual.clock.advance(10_000);
    await all;
    expect(most).toBeLessThanOrEqual(25 + 10); // this count falls a turn later than the buffer's
    expect(sqs.counts('jobs')?.visible).toBe(500);
  });
});

describe('FIFO', () => {
  test('keeps each group in order through retries, while other groups go on', async () => {
    const { send, sent, outcomes } = watch(await producerTo('jobs.fifo'));
    fails = (body, request) => (body.startsWith('a') && request <= 2 ? 'entry' : undefined);
    for (const number of texts(0, 8)) {
      send(`a${number}`, 'a');
      send(`b${number}`, 'b');
    }
    await virtual.clock.advance(5_000);
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['sent']));
    const order = await received('jobs.fifo');
    expect(order.filter((body) => body.startsWith('a'))).toEqual(texts(0, 8).map((number) => `a${number}`));
    expect(order.filter((body) => body.startsWith('b'))).toEqual(texts(0, 8).map((number) => `b${number}`));
    expect(BigInt(sent.a7.sequenceNumber ?? 0)).toBeGreaterThan(BigInt(sent.a0.sequenceNumber ?? 0));
  });

  test('a group is in one request at a time', async () => {
    const { send } = watch(await producerTo('jobs.fifo'));
    for (const text of texts(0, 30)) send(text, 'g');
    await virtual.clock.advance(0);
    expect(requests.length).toBeGreaterThan(0);
    await virtual.clock.advance(100);
    expect(requests.map(({ bodies }) => bodies)).toEqual([texts(0, 10), texts(10, 10), texts(20, 10)]);
    expect(await received('jobs.fifo')).toEqual(texts(0, 30));
  });

  test('behind a message that is not sent nothing overtakes it; what is given later is sent', async () => {
    const { send, outcomes } = watch(await producerTo('jobs.fifo'));
    fails = (body) => (body === '9' ? 'sender' : undefined);
    for (const text of texts(0, 15)) send(text, 'g');
    send('other', 'h');
    await virtual.clock.advance(100);
    expect(outcomes).toMatchObject({
      '8': 'sent',
      '9': 'InternalError',
      '10': 'HeldBack',
      '14': 'HeldBack',
      other: 'sent',
    });
    send('later', 'g');
    await virtual.clock.advance(100);
    expect(outcomes.later).toBe('sent');
    expect((await received('jobs.fifo')).sort()).toEqual([...texts(0, 9), 'later', 'other']);
  });

  test('random groups and failures keep the order of what is sent', async () => {
    const seed = Date.now() % 100_000;
    let state = seed;
    const next = (below: number) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    const { send, outcomes } = watch(await producerTo('jobs.fifo', { concurrency: 3 }));
    fails = () => (next(10) === 0 ? 'entry' : undefined);
    const given = Array.from({ length: 400 }, (_, number) => ({ number, group: `g${next(12)}` }));
    for (const { number, group } of given) {
      send(`${group} ${number}`, group);
      if (next(20) === 0) await virtual.clock.advance(next(40));
    }
    await virtual.clock.advance(60_000);
    const order = await received('jobs.fifo');
    // An entry that others of its group overtook in its batch is not sent again: what was sent is in order.
    for (const group of new Set(given.map((each) => each.group))) {
      const numbers = order.filter((body) => body.startsWith(`${group} `)).map((body) => Number(body.split(' ')[1]));
      expect({ seed, numbers }).toEqual({ seed, numbers: [...numbers].sort((a, b) => a - b) });
    }
    expect({ seed, sent: Object.values(outcomes).filter((outcome) => outcome === 'sent').length }).toEqual({
      seed,
      sent: order.length,
    });
    expect(Object.keys(outcomes)).toHaveLength(400);
  });
});

test('close() sends what is there, and refuses what comes', async () => {
  const producer = await producerTo('jobs', { lingerMilliseconds: Infinity });
  const { send, outcomes } = watch(producer);
  send('a');
  const closed = producer.close();
  await expect(producer.send({ MessageBody: 'b' })).rejects.toThrow('the producer is closed');
  await virtual.clock.advance(0);
  await closed;
  expect(outcomes.a).toBe('sent');
});

test.each<[Partial<QueueProducerOptions>, string]>([
  [{ lingerMilliseconds: -1 }, 'lingerMilliseconds must be 0 or more, but was -1'],
  [{ lingerMilliseconds: NaN }, 'lingerMilliseconds must be 0 or more, but was NaN'],
  [{ concurrency: 0 }, 'concurrency must be a whole number of 1 or more, but was 0'],
  [{ maxBufferedMessages: 1.5 }, 'maxBufferedMessages must be a whole number of 1 or more, but was 1.5'],
  [{ maxBufferedBytes: 0 }, 'maxBufferedBytes must be a whole number of 1 or more, but was 0'],
])('fails on %j', async (options, message) => {
  await expect(producerTo('jobs', options)).rejects.toThrow(new RangeError(message));
});
