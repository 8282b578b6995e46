import { DeleteQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  embeddedMetrics,
  exponentialBackoff,
  inBatches,
  QueueGoneError,
  QueueWorker,
  serveHealth,
  type WorkerEvent,
} from '../../lib/runtime';
import { gate, onVirtualTime, QueueInTest } from './queue-in-test';

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
const EMPTY = { visible: 0, inFlight: 0, delayed: 0 };
const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };

describe('exponentialBackoff', () => {
  test.each([
    { receives: 1, least: 2, most: 4 },
    { receives: 2, least: 4, most: 8 },
    { receives: 5, least: 32, most: 64 },
    { receives: 9, least: 50, most: 100 },
    { receives: 5_000, least: 50, most: 100 },
  ])('delays receive $receives from $least to $most s', ({ receives, least, most }) => {
    const options = { firstSeconds: 4, maxSeconds: 100 };
    expect(exponentialBackoff({ ...options, random: () => 0 })(receives)).toBe(least);
    expect(exponentialBackoff({ ...options, random: () => 0.999_999 })(receives)).toBe(most);
  });

  test.each([
    [{ firstSeconds: 0 }, 'firstSeconds must be more than 0, but was 0'],
    [{ maxSeconds: 43_201 }, 'maxSeconds must be from 1 to 43,200, but was 43201'],
  ])('rejects %j', (options, message) => {
    expect(() => exponentialBackoff(options)).toThrow(new RangeError(message));
  });

  test('makes a failed message visible after its delay, to the second', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a');
    const at: number[] = [];
    const began = virtual.clock.now();
    const handler = () => {
      at.push((virtual.clock.now() - began) / SECOND);
      throw new Error('busy');
    };
    const retryDelaySeconds = exponentialBackoff({ firstSeconds: 4, maxSeconds: 20, random: () => 0.5 });
    sqs.start(queueUrl, handler, { retryDelaySeconds });
    await virtual.clock.advance(50 * SECOND);
    expect(at).toEqual([0, 3, 9, 21, 36]);
  });
});

describe('prefetch', () => {
  test('receives ahead, and keeps what waits hidden', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '10' });
    const bodies = Array.from({ length: 6 }, (_, index) => `${index}`);
    await sqs.send(queueUrl, ...bodies);
    const handled: string[] = [];
    let running = 0;
    let most = 0;
    const handler = async (body: string) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 30 * SECOND));
      running--;
      handled.push(body);
    };
    sqs.start(queueUrl, handler, { prefetch: 5 });
    await virtual.clock.advance(SECOND);
    expect(sqs.counts('jobs')).toEqual({ ...EMPTY, inFlight: 6 });
    await virtual.clock.advance(200 * SECOND);
    expect(handled.sort()).toEqual(bodies);
    expect(most).toBe(1);
    expect(sqs.counts('jobs')).toEqual(EMPTY);
    expect(sqs.failures).toEqual([]);
  });

  test('keeps the order of each group', async () => {
    const queueUrl = await sqs.create('jobs.fifo', FIFO);
    for (let index = 0; index < 8; index++) {
      const MessageGroupId = `g${index % 2}`;
      await sqs.client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: `${index}`, MessageGroupId }));
    }
    const handled: number[] = [];
    sqs.start(queueUrl, (body) => void handled.push(Number(body)), { prefetch: 9 });
    await virtual.clock.advance(5 * SECOND);
    expect(handled.filter((index) => index % 2 === 0)).toEqual([0, 2, 4, 6]);
    expect(handled.filter((index) => index % 2 === 1)).toEqual([1, 3, 5, 7]);
  });

  test('returns what waits when the worker stops, and finishes what runs', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '600' });
    await sqs.send(queueUrl, 'a', 'b', 'c');
    const end = gate();
    const worker = sqs.start(queueUrl, () => end.opened, { prefetch: 2 });
    await virtual.clock.advance(SECOND);
    const stopped = worker.stop();
    await virtual.clock.advance(SECOND);
    expect(sqs.counts('jobs')).toEqual({ visible: 2, inFlight: 1, delayed: 0 });
    expect(worker.health()).toMatchObject({ state: 'draining', messages: 1 });
    end.open();
    await stopped;
    expect(sqs.counts('jobs')).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
    expect(worker.health()).toMatchObject({ state: 'stopped', messages: 0 });
  });
});

describe('inBatches', () => {
  test('handles messages together, deletes those that succeeded and retries the others', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a', 'b', 'bad', 'c', 'd');
    const batches: (string | undefined)[][] = [];
    const handler = inBatches(
      (batch) => {
        batches.push(batch.map(({ message }) => message.Body));
        return batch.flatMap(({ message: { Body, MessageId = '' } }) => (Body === 'bad' ? [MessageId] : []));
      },
      { size: 3 },
    );
    sqs.start(queueUrl, () => undefined, { handler, concurrency: 6, retryDelaySeconds: () => 900 });
    await virtual.clock.advance(SECOND);
    expect(batches.map(({ length }) => length)).toEqual([3, 2]);
    expect(sqs.counts('jobs')).toEqual({ ...EMPTY, inFlight: 1 });
    expect(sqs.failures).toMatchObject([
      { during: 'handle', error: { message: 'the batch handler reported the message as failed' } },
    ]);
  });

  test('retries all messages of a batch whose handler throws', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a', 'b');
    const handler = inBatches(() => Promise.reject(new Error('no database')), { size: 2 });
    sqs.start(queueUrl, () => undefined, { handler, concurrency: 2, retryDelaySeconds: () => 900 });
    await virtual.clock.advance(SECOND);
    expect(sqs.counts('jobs')).toEqual({ ...EMPTY, inFlight: 2 });
    expect(sqs.failures).toHaveLength(2);
  });

  test('rejects a size of 0', () => {
    expect(() => inBatches(() => undefined, { size: 0 })).toThrow(
      'size must be a whole number of 1 or more, but was 0',
    );
  });
});

describe('a queue that is gone', () => {
  test('stops the worker after a minute, with a clear error and few requests', async () => {
    const queueUrl = await sqs.create('jobs');
    const worker = sqs.start(queueUrl, () => undefined);
    await virtual.clock.advance(SECOND);
    await sqs.client.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
    sqs.requests.length = 0;
    await virtual.clock.advance(50 * SECOND);
    expect(sqs.stopped).toEqual([]);
    expect(worker.health().state).toBe('failing');
    await virtual.clock.advance(100 * SECOND);
    expect(sqs.stopped).toEqual([expect.any(QueueGoneError)]);
    expect(String(sqs.stopped[0])).toContain(`${queueUrl} does not exist: the worker has stopped`);
    expect(sqs.requests.length).toBeLessThan(12);
    expect(worker.health().state).toBe('stopped');
  });

  test.each(['RequestThrottled', 'ExpiredToken', 'TimeoutError'])('does not stop it for %s', async (name) => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a');
    let down = true;
    sqs.fault = (_, send) => (down ? Promise.reject(Object.assign(new Error('no'), { name })) : send());
    const handled: string[] = [];
    const worker = sqs.start(queueUrl, (body) => void handled.push(body));
    await virtual.clock.advance(600 * SECOND);
    expect(worker.health()).toEqual({ state: 'failing', messages: 0, lastContact: undefined });
    expect(sqs.requests.length).toBeLessThan(50); // 15 to 30 s apart
    down = false;
    await virtual.clock.advance(31 * SECOND);
    expect(handled).toEqual(['a']);
    expect(worker.health().state).toBe('working');
  });
});

describe('what a worker tells', () => {
  test('its listener gets each receive and outcome, and what the listener throws is reported', async () => {
    const dead = await sqs.create('dead');
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'good', 'bad', 'dead');
    const events: WorkerEvent[] = [];
    const worker = sqs.start(queueUrl, () => undefined, {
      handler: async ({ Body }, { deadLetter }) => {
        if (Body === 'dead') await deadLetter('no use');
        if (Body === 'bad') throw new Error('bad');
      },
      concurrency: 3,
      deadLetterQueueUrl: dead,
      retryDelaySeconds: () => 900,
      onEvent: (event) => {
        events.push(event);
        throw new Error('listener');
      },
    });
    await virtual.clock.advance(SECOND);
    await worker.stop();
    const outcomes = events.flatMap((event) => (event.type === 'handled' ? [event.outcome] : []));
    expect(outcomes.sort()).toEqual(['deadLettered', 'failed', 'succeeded']);
    expect(events).toContainEqual({ type: 'received', messages: 3 });
    expect(events.at(-1)).toEqual({ type: 'stopped' });
    expect(sqs.failures.filter(({ during }) => during === 'report')).toHaveLength(events.length);
  });

  test('embeddedMetrics writes a line a period in which something happened', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a', 'b');
    const lines: string[] = [];
    const onEvent = embeddedMetrics({ dimensions: { Service: 'encoder' }, write: (line) => lines.push(line) });
    const handler = () => new Promise<void>((resolve) => setTimeout(resolve, 1_500));
    const worker = sqs.start(queueUrl, handler, { concurrency: 2, onEvent });
    await virtual.clock.advance(61 * SECOND);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0])).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'Spillway/Worker', Dimensions: [['Service']] }] },
      Service: 'encoder',
      Received: 2,
      Succeeded: 2,
      Failed: 0,
      HandlerTime: [1_500, 1_500],
    });
    await worker.stop();
  });

  test('logs one line at its start, and serves its health over HTTP', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '45' });
    const starts: unknown[] = [];
    const worker = sqs.start(queueUrl, () => undefined, { concurrency: 4, onStart: (start) => starts.push(start) });
    virtual.restore();
    const server = await serveHealth(worker, 0, '127.0.0.1');
    const { port } = server.address() as { port: number };
    const status = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status;
    const idle = new QueueWorker({ client: sqs.client, queueUrl, handler: () => undefined });
    expect(idle.health().state).toBe('starting');
    await virtual.clock.advance(SECOND);
    expect(starts).toEqual([
      { started: 'QueueWorker', queueUrl, concurrency: 4, prefetch: 0, visibilityTimeoutSeconds: 45 },
    ]);
    expect(await status()).toBe(200);
    await worker.stop();
    expect(await status()).toBe(503);
    await new Promise((resolve) => server.close(resolve));
  });
});
