import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { QueueWorker } from '../../lib/runtime';
import { gate, QueueInTest, until, wait } from './queue-in-test';

let sqs: QueueInTest;
beforeEach(() => (sqs = new QueueInTest()));
afterEach(() => sqs.close());

const empty = { visible: 0, inFlight: 0, delayed: 0 };

describe('QueueWorker', () => {
  test('deletes a message only after its handler has returned', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a');
    const { opened, open } = gate();
    sqs.start(queueUrl, () => opened);
    await until(() => sqs.counts('jobs')?.inFlight === 1);
    await wait(100);
    expect(sqs.requests).not.toContain('DeleteMessageBatchCommand');
    open();
    await until(() => sqs.counts('jobs')?.inFlight === 0);
    expect(sqs.counts('jobs')).toEqual(empty);
  });

  test('takes no message that it has no slot for', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, ...'abcde');
    const { opened, open } = gate();
    const handled: string[] = [];
    sqs.start(
      queueUrl,
      async (body) => {
        handled.push(body);
        await opened;
      },
      { concurrency: 3 },
    );
    await until(() => handled.length === 3);
    await wait(50);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 2, inFlight: 3 });
    open();
    await until(() => handled.length === 5);
    await until(() => sqs.counts('jobs')?.inFlight === 0);
  });

  test('deletes in batches of ten', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, ...Array.from({ length: 40 }, String));
    sqs.start(queueUrl, () => undefined, { concurrency: 40 });
    await until(() => sqs.counts('jobs')?.visible === 0 && sqs.counts('jobs')?.inFlight === 0);
    expect(sqs.requests.filter((request) => request === 'DeleteMessageBatchCommand')).toHaveLength(4);
  });

  test('gives a failed message back after the delay, with its receives, until it is dead-lettered (§1.10)', async () => {
    await sqs.create('dead');
    const redrive = { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead', maxReceiveCount: 3 };
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '600', RedrivePolicy: JSON.stringify(redrive) });
    await sqs.send(queueUrl, 'poison', 'fine');
    const delays: number[] = [];
    const handled: string[] = [];
    const handler = (body: string) => {
      if (body === 'poison') throw new Error('cannot read it');
      handled.push(body);
    };
    sqs.start(queueUrl, handler, { retryDelaySeconds: (receives) => (delays.push(receives), 0) });
    await until(() => sqs.counts('dead')?.visible === 1 && handled.length === 1);
    expect(delays).toEqual([1, 2, 3]);
    expect(handled).toEqual(['fine']);
    expect(sqs.failures.map(({ during, error }) => [during, String(error)])).toEqual(
      Array(3).fill(['handle', 'Error: cannot read it']),
    );
  });

  test('keeps a message to itself while its handler runs, for many times its visibility timeout', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '1' });
    await sqs.send(queueUrl, 'long');
    const handled: string[] = [];
    const handler = async (body: string) => {
      handled.push(body);
      await wait(2_500);
    };
    sqs.start(queueUrl, handler);
    sqs.start(queueUrl, handler); // would get it as soon as it is visible
    await until(() => handled.length > 0 && sqs.counts('jobs')?.inFlight === 0);
    expect(handled).toEqual(['long']);
    expect(sqs.failures).toEqual([]);
  });

  test('tells the handler when it has lost its message', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '1' });
    await sqs.send(queueUrl, 'a');
    let lost = false;
    sqs.start(queueUrl, async (_, signal) => {
      await sqs.client.send(new PurgeQueueCommand({ QueueUrl: queueUrl }));
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      lost = true;
    });
    await until(() => lost);
    expect(sqs.failures).toMatchObject([{ during: 'heartbeat' }]);
  });

  test('stop ends a long poll at once', async () => {
    const queueUrl = await sqs.create('jobs');
    const worker = sqs.start(queueUrl, () => undefined, { concurrency: 25 });
    await until(() => sqs.requests.includes('ReceiveMessageCommand'));
    const before = Date.now();
    await worker.stop();
    expect(Date.now() - before).toBeLessThan(1_000);
    expect(sqs.failures).toEqual([]);
  });

  test('stop waits for what is in progress, deletes it, and takes nothing new', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a', 'b');
    const { opened, open } = gate();
    const handled: string[] = [];
    const worker = sqs.start(queueUrl, async (body) => {
      handled.push(body);
      await opened;
    });
    await until(() => handled.length === 1);
    let stopped = false;
    const stopping = worker.stop().then(() => (stopped = true));
    await wait(50);
    expect(stopped).toBe(false);
    open();
    await stopping;
    expect(handled).toHaveLength(1);
    expect(sqs.counts('jobs')).toEqual({ ...empty, visible: 1 });
  });

  test('stop ends all pollers that wait for a slot', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, ...Array.from({ length: 25 }, String));
    const { opened, open } = gate();
    const worker = sqs.start(queueUrl, () => opened, { concurrency: 25 });
    await until(() => sqs.counts('jobs')?.inFlight === 25);
    const stopped = worker.stop();
    open();
    await stopped;
    expect(sqs.counts('jobs')).toEqual(empty);
  });

  test('a worker that was stopped before it ran does nothing', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a');
    const worker = new QueueWorker({ client: sqs.client, queueUrl, handler: () => undefined });
    await worker.stop();
    await worker.run();
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1 });
  });

  test('goes on after failures of the queue, and reports them', async () => {
    const handled: string[] = [];
    sqs.start('https://sqs.us-east-1.amazonaws.com/000000000000/late', (body) => void handled.push(body));
    await until(() => sqs.failures.length === 1);
    expect(sqs.failures).toMatchObject([{ during: 'receive', error: { name: 'QueueDoesNotExist' } }]);
    await sqs.send(await sqs.create('late'), 'a');
    await until(() => handled.length === 1);
  });

  test('works on when onFailure throws, and logs both', async () => {
    const stderr = jest.spyOn(console, 'error').mockImplementation();
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'a', 'b');
    const handled: string[] = [];
    const handler = (body: string) => {
      handled.push(body);
      if (body === 'a' && handled.length === 1) throw new Error('no');
    };
    const onFailure = () => {
      throw new Error('the reporter is broken');
    };
    sqs.start(queueUrl, handler, { onFailure, retryDelaySeconds: () => 0 });
    await until(() => sqs.counts('jobs')?.visible === 0 && sqs.counts('jobs')?.inFlight === 0);
    expect([...handled].sort()).toEqual(['a', 'a', 'b']);
    const lines = stderr.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, string>);
    expect(lines).toMatchObject([
      { failed: 'handle', message: expect.any(String) as string, reason: 'Error: no' },
      { failed: 'report', reason: 'Error: the reporter is broken' },
    ]);
    stderr.mockRestore();
  });

  test.each([
    ['concurrency', { concurrency: 0 }],
    ['concurrency', { concurrency: Number('many') }],
    ['waitTimeSeconds', { waitTimeSeconds: 21 }],
    ['visibilityTimeoutSeconds', { visibilityTimeoutSeconds: 43_201 }],
  ])('fails on %s out of range', (name, options) => {
    const complete = { client: new SQSClient(), queueUrl: 'jobs', handler: () => undefined, ...options };
    expect(() => new QueueWorker(complete)).toThrow(new RegExp(`^${name} must be a whole number from .*, but was `));
  });
});
