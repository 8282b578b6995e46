import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { type VirtualClock } from '../../lib/emulator/clock';
import { gate, onVirtualTime, QueueInTest } from './queue-in-test';

const SECOND = 1_000;
const empty = { visible: 0, inFlight: 0, delayed: 0 };

let clock: VirtualClock;
let restore: () => void;
let sqs: QueueInTest;
let queueUrl: string;
beforeEach(async () => {
  ({ clock, restore } = onVirtualTime());
  sqs = new QueueInTest(clock);
  queueUrl = await sqs.create('jobs.fifo', {
    FifoQueue: 'true',
    VisibilityTimeout: '600',
    ContentBasedDeduplication: 'true',
  });
});
afterEach(async () => {
  await sqs.close();
  restore();
});

/** Sends bodies such as `a3` to the group of their first letter. */
async function send(...bodies: string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies
      .slice(start, start + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody, MessageGroupId: MessageBody[0] }));
    await sqs.client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

const numbered = (group: string, count: number) => Array.from({ length: count }, (_, index) => `${group}${index}`);
const requests = (command: string) => sqs.requests.filter((request) => request === `${command}Command`).length;
const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * SECOND));

describe('QueueWorker on a FIFO queue', () => {
  test.each([1, 4, 10, 25])(
    'a message that fails once holds its group back until it is redelivered, with concurrency %d',
    async (concurrency) => {
      await send(...numbered('a', 15), ...numbered('b', 15));
      const handled: string[] = [];
      let failed = false;
      const handler = (body: string) => {
        handled.push(body);
        if (body === 'a1' && !failed) {
          failed = true;
          throw new Error('not now');
        }
      };
      sqs.start(queueUrl, handler, { concurrency });
      await clock.advance(4 * SECOND);
      expect(handled.filter((body) => body.startsWith('a'))).toEqual(['a0', 'a1']);
      expect(handled.filter((body) => body.startsWith('b'))).toEqual(numbered('b', 15));
      expect(sqs.counts('jobs.fifo')).toEqual({ visible: 13, inFlight: 1, delayed: 0 });
      await clock.advance(SECOND);
      const [first, ...others] = numbered('a', 15);
      expect(handled.filter((body) => body.startsWith('a'))).toEqual([first, 'a1', ...others]);
      expect(sqs.counts('jobs.fifo')).toEqual(empty);
      expect(sqs.failures).toMatchObject([{ during: 'handle', error: { message: 'not now' } }]);
    },
  );

  test('handles groups side by side, and each in order, whatever came with which receive', async () => {
    await send('a0', 'a1', 'a2', 'b0', 'c0', 'b1');
    const running = new Map<string, string>();
    const together: string[] = [];
    const handler = async (body: string) => {
      expect(running.has(body[0])).toBe(false);
      running.set(body[0], body);
      together.push([...running.values()].sort().join(' '));
      await sleep(1);
      running.delete(body[0]);
    };
    sqs.start(queueUrl, handler, { concurrency: 3 });
    await clock.advance(3 * SECOND + 500);
    expect(together).toEqual(['a0', 'a0 b0', 'a0 b0 c0', 'a1', 'a1 b1', 'a2']);
    expect(sqs.counts('jobs.fifo')).toEqual(empty);
  });

  test('handles no more groups at once than its concurrency', async () => {
    await send('a0', 'b0', 'c0', 'd0');
    let running = 0;
    let most = 0;
    sqs.start(
      queueUrl,
      async () => {
        most = Math.max(most, ++running);
        await sleep(1);
        running--;
      },
      { concurrency: 2 },
    );
    await clock.advance(3 * SECOND);
    expect(most).toBe(2);
    expect(sqs.counts('jobs.fifo')).toEqual(empty);
  });

  test('handles a message once the one before it is deleted', async () => {
    await send('a0', 'a1');
    const { opened, open } = gate();
    sqs.fault = (command, next) => (command === 'DeleteMessageBatchCommand' ? opened.then(next) : next());
    const handled: string[] = [];
    sqs.start(queueUrl, (body) => void handled.push(body), { concurrency: 2 });
    await clock.advance(SECOND);
    expect(handled).toEqual(['a0']);
    open();
    await clock.advance(0);
    expect(handled).toEqual(['a0', 'a1']);
  });

  test('a delete does not linger while all groups wait for theirs, and shares its request otherwise', async () => {
    const groups = [...'abcde'];
    await send(...groups.flatMap((group) => numbered(group, 10)));
    const begun = clock.now();
    let last = 0;
    const handler = async () => {
      await sleep(1);
      last = clock.now();
    };
    sqs.start(queueUrl, handler, { concurrency: 50 });
    await clock.advance(11 * SECOND);
    expect(last - begun).toBe(10 * SECOND);
    expect(sqs.counts('jobs.fifo')).toEqual(empty);
    expect(requests('DeleteMessageBatch')).toBe(10);
  });

  test('goes on with nothing behind a message that SQS does not delete, until it has come back', async () => {
    await send('a0', 'a1', 'b0');
    const Failed = [{ Id: '0', Code: 'ReceiptHandleIsInvalid', Message: 'no', SenderFault: true }];
    let failing = true;
    const handled: string[] = [];
    sqs.fault = (command, next) =>
      command === 'DeleteMessageBatchCommand' && failing && handled.includes('a0')
        ? ((failing = false), Promise.resolve({ output: { Failed } }))
        : next();
    sqs.start(queueUrl, (body) => void handled.push(body), { concurrency: 2 });
    await clock.advance(599 * SECOND);
    expect(handled).toEqual(['a0', 'b0']);
    expect(sqs.failures).toMatchObject([{ during: 'delete', error: { message: 'ReceiptHandleIsInvalid: no' } }]);
    await clock.advance(SECOND);
    expect(handled).toEqual(['a0', 'b0', 'a0', 'a1']);
    expect(sqs.counts('jobs.fifo')).toEqual(empty);
  });

  test('reports a delete that fails only for the messages that SQS has not deleted', async () => {
    await send('a0', 'b0', 'c0');
    const failedOnce = [{ Id: '1', Code: 'InternalError', SenderFault: false }];
    let attempts = 0;
    sqs.fault = async (command, next) => {
      if (command !== 'DeleteMessageBatchCommand') return next();
      if (++attempts > 1) throw new Error('no network');
      await next();
      return { output: { Failed: failedOnce } };
    };
    const { opened, open } = gate();
    const ids = new Map<string, string | undefined>();
    sqs.start(
      queueUrl,
      (body, _, { MessageId }) => {
        ids.set(body, MessageId);
        return opened;
      },
      { concurrency: 3 },
    );
    await clock.settle();
    open();
    await clock.advance(SECOND);
    expect(attempts).toBe(2);
    expect(sqs.failures).toMatchObject([
      {
        during: 'delete',
        messageId: ids.get('b0'),
        error: { message: 'Error: no network', cause: { message: 'no network' } },
      },
    ]);
  });

  test('gives back what waits behind a failed message at once, and does not keep it hidden', async () => {
    await send(...numbered('a', 10));
    sqs.start(queueUrl, () => Promise.reject(new Error('no')), { concurrency: 10, retryDelaySeconds: () => 100 });
    await clock.advance(99 * SECOND);
    expect(sqs.counts('jobs.fifo')).toEqual({ visible: 9, inFlight: 1, delayed: 0 });
    expect(requests('ChangeMessageVisibilityBatch')).toBe(1);
    expect(sqs.failures).toHaveLength(1);
  });

  test('gives back what waits behind a failed message whose delay is unknown', async () => {
    await send('a0', 'a1');
    const handled: string[] = [];
    const handler = (body: string) => {
      handled.push(body);
      if (handled.length === 1) throw new Error('no');
    };
    sqs.start(queueUrl, handler, { concurrency: 2, retryDelaySeconds: () => NaN });
    await clock.advance(SECOND);
    expect(sqs.counts('jobs.fifo')).toEqual({ visible: 1, inFlight: 1, delayed: 0 });
    await clock.advance(600 * SECOND);
    expect(handled).toEqual(['a0', 'a0', 'a1']);
  });

  test('reports each message that it cannot give back; order is kept all the same', async () => {
    await send('a0', 'a1', 'a2');
    const handled: string[] = [];
    const handler = (body: string) => {
      handled.push(body);
      if (handled.length === 1) throw new Error('no');
    };
    sqs.fault = (command, next) => (command.startsWith('Change') ? Promise.reject(new Error('denied')) : next());
    sqs.start(queueUrl, handler, { concurrency: 3 });
    await clock.advance(599 * SECOND);
    expect(handled).toEqual(['a0']);
    expect(sqs.failures.map(({ during }) => during)).toEqual(['handle', 'retry', 'retry', 'retry']);
    expect(new Set(sqs.failures.map(({ messageId }) => messageId)).size).toBe(3);
    await clock.advance(SECOND);
    expect(handled).toEqual(['a0', 'a0', 'a1', 'a2']);
  });

  test('a slot is free again after a failure', async () => {
    await send('a0', 'b0');
    const handled: string[] = [];
    const handler = (body: string) => {
      handled.push(body);
      if (body === 'a0') throw new Error('no');
    };
    sqs.start(queueUrl, handler, { retryDelaySeconds: () => 60 });
    await clock.advance(SECOND);
    expect(handled).toEqual(['a0', 'b0']);
  });

  test('does not handle a message that it has lost while it waited for its turn', async () => {
    await send('a0', 'a1', 'a2');
    const handled: string[] = [];
    sqs.fault = (command, next) => (command.startsWith('Change') ? Promise.reject(new Error('no network')) : next());
    const slow = sqs.start(
      queueUrl,
      async (body) => {
        handled.push(body);
        await sleep(700); // longer than the visibility timeout
      },
      { concurrency: 3 },
    );
    await clock.advance(601 * SECOND);
    sqs.fault = (_, next) => next();
    void slow.stop();
    const others: string[] = [];
    sqs.start(queueUrl, (body) => void others.push(body));
    await clock.advance(200 * SECOND);
    expect(handled).toEqual(['a0']);
    expect(others).toEqual(['a0', 'a1', 'a2']);
    expect(sqs.counts('jobs.fifo')).toEqual(empty);
  });

  test('handles a group that comes back to it while it still works on it after what it has in hand', async () => {
    await send('a0', 'a1');
    const handled: string[] = [];
    let running = 0;
    sqs.fault = (command, next) => (command.startsWith('Change') ? Promise.reject(new Error('no network')) : next());
    sqs.start(
      queueUrl,
      async (body) => {
        expect(++running).toBe(1);
        handled.push(body);
        await sleep(handled.length === 1 ? 700 : 1);
        running--;
      },
      { concurrency: 3 },
    );
    await clock.advance(2_000 * SECOND);
    expect(handled[0]).toBe('a0');
    expect(handled.indexOf('a1')).toBeGreaterThan(handled.lastIndexOf('a0'));
    expect(sqs.counts('jobs.fifo')).toEqual(empty);
  });

  test('stop finishes what is being handled, and gives back what waits behind it', async () => {
    await send('a0', 'a1', 'a2');
    const handled: string[] = [];
    const worker = sqs.start(
      queueUrl,
      async (body) => {
        handled.push(body);
        await sleep(30);
      },
      { concurrency: 3 },
    );
    await clock.advance(SECOND);
    expect(sqs.counts('jobs.fifo')).toEqual({ visible: 0, inFlight: 3, delayed: 0 });
    let stopped = false;
    void worker.stop().then(() => (stopped = true));
    await clock.advance(28 * SECOND);
    expect(stopped).toBe(false);
    await clock.advance(2 * SECOND);
    expect(stopped).toBe(true);
    expect(worker.busy).toBe(false);
    expect(handled).toEqual(['a0']);
    expect(sqs.counts('jobs.fifo')).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  });

  test('keeps what waits for its turn hidden for as long as it waits', async () => {
    await send('a0', 'a1', 'a2');
    const handled: string[] = [];
    const handler = async (body: string) => {
      handled.push(body);
      await sleep(1_000);
    };
    sqs.start(queueUrl, handler, { concurrency: 3 });
    sqs.start(queueUrl, handler, { concurrency: 3 });
    await clock.advance(3_001 * SECOND);
    expect(handled).toEqual(['a0', 'a1', 'a2']);
    expect(sqs.failures).toEqual([]);
    expect(sqs.counts('jobs.fifo')).toEqual(empty);
  });

  test('several workers, failures at random: each group in order, each message until it has succeeded', async () => {
    const groups = [...'abcdef'];
    const all = Array.from({ length: 50 }, (_, index) => groups.map((group) => `${group}${index}`)).flat();
    await send(...all);
    let seed = 5;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const done: string[] = [];
    const handler = async (body: string) => {
      await sleep(random());
      if (random() < 0.1) throw new Error('no');
      done.push(body);
    };
    for (const concurrency of [1, 4, 10]) {
      sqs.start(queueUrl, handler, { concurrency, retryDelaySeconds: () => Math.floor(3 * random()) });
    }
    await clock.advance(600 * SECOND);
    for (const group of groups) {
      expect(done.filter((body) => body.startsWith(group))).toEqual(numbered(group, 50));
    }
    expect(sqs.counts('jobs.fifo')).toEqual(empty);
  });
});

test('a standard queue with message groups (a fair queue) is not held to any order', async () => {
  const fair = await sqs.create('fair');
  queueUrl = fair;
  await send('a0', 'a1', 'a2');
  let running = 0;
  let most = 0;
  sqs.start(
    fair,
    async () => {
      most = Math.max(most, ++running);
      await sleep(1);
      running--;
    },
    { concurrency: 3 },
  );
  await clock.advance(2 * SECOND);
  expect(most).toBe(3);
});
