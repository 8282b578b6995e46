import { type ChangeMessageVisibilityBatchCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { type VirtualClock } from '../../lib/emulator/clock';
import { gate, onVirtualTime, QueueInTest } from './queue-in-test';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

let clock: VirtualClock;
let restore: () => void;
let sqs: QueueInTest;
let close: () => void;

beforeEach(() => {
  ({ clock, restore } = onVirtualTime());
  sqs = new QueueInTest(clock);
});
afterEach(async () => {
  close?.();
  await sqs.close();
  restore();
});

/** A worker in the middle of the one message of a queue; its handler ends with the test. */
async function busyWorker(visibilitySeconds: number) {
  const queueUrl = await sqs.create('jobs', { VisibilityTimeout: String(visibilitySeconds) });
  await sqs.send(queueUrl, 'long');
  const { opened, open } = gate();
  close = open;
  let abortedAfter: number | undefined;
  const begun = clock.now();
  let signal: AbortSignal | undefined;
  sqs.start(queueUrl, (_, theSignal) => {
    signal ??= theSignal;
    theSignal.addEventListener('abort', () => (abortedAfter ??= clock.now() - begun));
    return opened;
  });
  await clock.settle();
  expect(sqs.counts('jobs')).toMatchObject({ inFlight: 1 });
  return { queueUrl, abortedAfter: () => abortedAfter, reason: () => String(signal?.reason) };
}

const extensions = () => sqs.requests.filter((request) => request === 'ChangeMessageVisibilityBatchCommand').length;

describe('visibility of a message in work', () => {
  test.each([
    ['12 h', 43_200, 12 * HOUR],
    ['10 h', 36_000, 12 * HOUR - SECOND],
    ['4 h', 14_400, 12 * HOUR - SECOND],
    ['7 min', 420, 12 * HOUR - SECOND],
  ])('a visibility timeout of %s: the signal aborts when 12 hours are over', async (_, seconds, expected) => {
    const { abortedAfter, reason } = await busyWorker(seconds);
    await clock.advance(expected - 1);
    expect(abortedAfter()).toBeUndefined();
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 1 });
    expect(sqs.failures).toEqual([]);
    await clock.advance(1);
    expect(abortedAfter()).toBe(expected);
    expect(reason()).toBe('Error: the message is no longer hidden: its visibility timeout ended');
    expect(sqs.failures).toMatchObject([{ during: 'heartbeat', messageId: expect.any(String) as string }]);
    await clock.advance(12 * HOUR + SECOND - expected);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1, inFlight: 0 });
  });

  test('is extended when half of it is left, and not before', async () => {
    await busyWorker(40);
    await clock.advance(20 * SECOND - 1);
    expect(extensions()).toBe(0);
    await clock.advance(1);
    expect(extensions()).toBe(1);
    await clock.advance(19 * SECOND);
    expect(extensions()).toBe(1);
    await clock.advance(SECOND);
    expect(extensions()).toBe(2);
  });

  test('aborts when the last confirmed extension runs out, if all further heartbeats fail', async () => {
    const { abortedAfter } = await busyWorker(40);
    await clock.advance(20 * SECOND); // confirmed: hidden until 60 s
    sqs.fault = (command, send) => (command.startsWith('Change') ? Promise.reject(new Error('no network')) : send());
    await clock.advance(40 * SECOND - 1);
    expect(abortedAfter()).toBeUndefined();
    await clock.advance(1);
    expect(abortedAfter()).toBe(60 * SECOND);
    expect(new Set(sqs.failures.map(({ during }) => during))).toEqual(new Set(['heartbeat']));
    expect(sqs.failures.map(({ error }) => String(error))).toEqual([
      'Error: no network', // at 40 s
      'Error: no network', // at 50 s
      'Error: the message is no longer hidden: its visibility timeout ended',
    ]);
  });

  test('outlives heartbeats that fail for less than half of it', async () => {
    const { abortedAfter } = await busyWorker(40);
    sqs.fault = (command, send) => (command.startsWith('Change') ? Promise.reject(new Error('no network')) : send());
    await clock.advance(25 * SECOND);
    sqs.fault = (_, send) => send();
    await clock.advance(60 * SECOND);
    expect(abortedAfter()).toBeUndefined();
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 1 });
  });

  test('outlives an extension that SQS fails on its side, which is repeated at the next heartbeat', async () => {
    const { abortedAfter } = await busyWorker(40);
    const Failed = [{ Id: '0', Code: 'InternalError', Message: 'try again', SenderFault: false }];
    sqs.fault = (command, send) => (command.startsWith('Change') ? Promise.resolve({ output: { Failed } }) : send());
    await clock.advance(29 * SECOND);
    expect(extensions()).toBe(4);
    sqs.fault = (_, send) => send();
    await clock.advance(60 * SECOND);
    expect(abortedAfter()).toBeUndefined();
    expect(sqs.failures).toMatchObject([{ during: 'heartbeat', error: { message: 'InternalError: try again' } }]);
  });

  test('aborts at once when SQS says that the message is not the worker’s any more', async () => {
    const { queueUrl, abortedAfter } = await busyWorker(40);
    await sqs.client.send(new PurgeQueueCommand({ QueueUrl: queueUrl }));
    await clock.advance(20 * SECOND);
    expect(abortedAfter()).toBe(20 * SECOND);
    expect(sqs.failures).toMatchObject([{ during: 'heartbeat', messageId: expect.any(String) as string }]);
  });

  test('tries a shorter extension when SQS finds that the 12 hours end earlier than the worker thinks', async () => {
    const { abortedAfter } = await busyWorker(36_000);
    const asked: number[] = [];
    sqs.fault = (command, send, input) => {
      if (!command.startsWith('Change')) return send();
      const [{ VisibilityTimeout = 0 }] = (input as ChangeMessageVisibilityBatchCommand['input']).Entries ?? [];
      asked.push(VisibilityTimeout);
      const Failed = [{ Id: '0', Code: 'InvalidParameterValue', Message: 'beyond the limit', SenderFault: true }];
      return asked.length === 1 ? Promise.resolve({ output: { Failed } }) : send();
    };
    await clock.advance(12 * HOUR - 11 * SECOND - 1);
    expect(asked).toEqual([7 * 3_600 - 1, 4.5 * 3_600 - 11]);
    expect(abortedAfter()).toBeUndefined();
    await clock.advance(1);
    expect(abortedAfter()).toBe(12 * HOUR - 11 * SECOND);
  });

  test('of 25 messages is extended in batches of ten, each even while another batch gets no answer', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '40' });
    await sqs.send(queueUrl, ...Array.from({ length: 25 }, String));
    const { opened, open } = gate();
    close = open;
    let lost = 0;
    const handler = (_: string, signal: AbortSignal) => {
      signal.addEventListener('abort', () => lost++);
      return opened;
    };
    sqs.start(queueUrl, handler, { concurrency: 25 });
    await clock.settle();
    let hung = false;
    sqs.fault = (command, send) => {
      if (!command.startsWith('Change') || hung) return send();
      hung = true;
      return opened.then(send);
    };
    await clock.advance(20 * SECOND);
    expect(extensions()).toBe(3);
    await clock.advance(60 * SECOND);
    expect(lost).toBe(0);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 25 });
  });

  test('ends with the message: nothing is extended after its deletion, and no time is waited for', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '40' });
    await sqs.send(queueUrl, 'short');
    sqs.start(queueUrl, () => new Promise((resolve) => setTimeout(resolve, 15 * SECOND)));
    await clock.advance(HOUR);
    expect(extensions()).toBe(0);
    expect(sqs.counts('jobs')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(sqs.failures).toEqual([]);
  });

  test('of 0 hides nothing: nothing is extended, and nothing aborts', async () => {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '0' });
    await sqs.send(queueUrl, 'open');
    let aborted = false;
    sqs.start(queueUrl, async (_, signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      await new Promise((resolve) => setTimeout(resolve, 60 * SECOND));
    });
    await clock.advance(70 * SECOND);
    expect(aborted).toBe(false);
    expect(extensions()).toBe(0);
  });
});

describe('pauses', () => {
  const receives = () => sqs.requests.filter((request) => request === 'ReceiveMessageCommand').length;

  test('short polling of an empty queue: one receive a second', async () => {
    const queueUrl = await sqs.create('jobs');
    sqs.start(queueUrl, () => undefined, { waitTimeSeconds: 0 });
    await clock.advance(10 * SECOND);
    expect(receives()).toBe(11);
  });

  test('short polling of a queue with messages: no pause', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, ...'abcde');
    sqs.start(queueUrl, () => undefined, { waitTimeSeconds: 0 });
    await clock.advance(0);
    expect(receives()).toBe(6);
    expect(sqs.counts('jobs')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('stop ends the pause', async () => {
    const queueUrl = await sqs.create('jobs');
    const worker = sqs.start(queueUrl, () => undefined, { waitTimeSeconds: 0 });
    await clock.advance(100);
    await worker.stop();
    expect(receives()).toBe(1);
  });

  test.each([
    ['by default', undefined, 21],
    ['of a second', 1, 201],
  ])('long polls %s follow one another at once', async (_, waitTimeSeconds, expected) => {
    const queueUrl = await sqs.create('jobs');
    sqs.start(queueUrl, () => undefined, { waitTimeSeconds });
    await clock.advance((expected - 1) * (waitTimeSeconds ?? 20) * SECOND);
    expect(receives()).toBe(expected);
  });

  test('receives that fail: 1, 2, 4, 8, 16 and then 30 seconds, and anew after one that succeeds', async () => {
    const queueUrl = await sqs.create('jobs');
    const failedAt: number[] = [];
    const begun = clock.now();
    let failing = true;
    sqs.fault = (command, send) => {
      if (command !== 'ReceiveMessageCommand' || !failing) return send();
      failedAt.push((clock.now() - begun) / SECOND);
      return Promise.reject(new Error('no network'));
    };
    const random = jest.spyOn(Math, 'random').mockReturnValue(1); // the longest pauses
    sqs.start(queueUrl, () => undefined);
    await clock.advance(92 * SECOND);
    expect(failedAt).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
    expect(sqs.failures).toHaveLength(8);
    expect(sqs.failures[0]).toMatchObject({ during: 'receive', error: { message: 'no network' } });
    failing = false;
    await clock.advance(30 * SECOND); // at 121 s
    failing = true;
    await clock.advance(19 * SECOND); // the long poll ends at 141 s
    expect(failedAt.slice(8)).toEqual([141]);
    await clock.advance(SECOND);
    expect(failedAt.slice(8)).toEqual([141, 142]);
    random.mockRestore();
  });
});

describe('the delay of a failed message', () => {
  const failing = () => {
    throw new Error('no');
  };
  /** When the handler runs, in seconds. */
  async function attempts(options: Parameters<QueueInTest['start']>[2], seconds: number): Promise<number[]> {
    const queueUrl = await sqs.create('jobs', { VisibilityTimeout: '600' });
    await sqs.send(queueUrl, 'poison');
    const begun = clock.now();
    const times: number[] = [];
    const handler = () => {
      times.push((clock.now() - begun) / SECOND);
      failing();
    };
    sqs.start(queueUrl, handler, options);
    await clock.advance(seconds * SECOND);
    return times;
  }

  test('is 5 seconds for each receive by default', async () => {
    expect(await attempts({}, 50)).toEqual([0, 5, 15, 30, 50]);
  });

  test.each([
    ['rounded', 2.5, 3],
    ['rounded down', 2.4, 2],
  ])('is %s', async (_, delay, expected) => {
    expect(await attempts({ retryDelaySeconds: () => delay }, expected)).toEqual([0, expected]);
  });

  test('is at most 12 hours', async () => {
    const queueUrl = await sqs.create('jobs');
    await sqs.send(queueUrl, 'poison');
    const inputs: unknown[] = [];
    sqs.fault = (command, send, input) => {
      if (command.startsWith('Change')) inputs.push(input);
      return send();
    };
    sqs.start(queueUrl, failing, { retryDelaySeconds: () => 43_201 });
    await clock.settle();
    expect(inputs).toMatchObject([{ Entries: [{ VisibilityTimeout: 43_200 }] }]);
    expect(sqs.failures).toMatchObject([{ during: 'handle' }]);
  });

  test('is never negative', async () => {
    expect(await attempts({ retryDelaySeconds: (receives) => (receives === 1 ? -7 : 60) }, 10)).toEqual([0, 0]);
  });

  test.each([
    ['returns no number', () => NaN, 'RangeError: retryDelaySeconds must return a number of seconds, but returned NaN'],
    ['throws', failing, 'Error: no'],
  ])('is the visibility timeout if retryDelaySeconds %s', async (_, retryDelaySeconds, error) => {
    expect(await attempts({ retryDelaySeconds }, 600)).toEqual([0, 600]);
    expect(sqs.failures.slice(0, 2).map((failure) => [failure.during, String(failure.error)])).toEqual([
      ['handle', 'Error: no'],
      ['retry', error],
    ]);
  });

  test('is the visibility timeout if SQS refuses it', async () => {
    sqs.fault = (command, send) => (command.startsWith('Change') ? Promise.reject(new Error('denied')) : send());
    expect(await attempts({}, 600)).toEqual([0, 600]);
    expect(sqs.failures.slice(0, 2)).toMatchObject([
      { during: 'handle' },
      { during: 'retry', error: { message: 'denied' }, messageId: expect.any(String) as string },
    ]);
  });
});
