import { CALL, errorOf, SqsInTest } from './sqs-in-test';

const NAMES = { MessageSystemAttributeNames: ['MessageGroupId' as const] };

function metric(t: SqsInTest, name: string): number | undefined {
  return t.sqs.collectMetrics(t.clock.now() - 60_000).find((datum) => datum.name === name)?.sum;
}

describe('state after a purge', () => {
  const IN_FLIGHT = 'ApproximateNumberOfGroupsWithInflightMessages';

  test('the groups in flight of a FIFO queue are counted anew', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { ContentBasedDeduplication: 'true' });
    for (const group of ['a', 'b', 'c']) t.send(queue, 'x', { MessageGroupId: group, MessageDeduplicationId: group });
    expect(t.receive(queue)).toHaveLength(3);
    expect(metric(t, IN_FLIGHT)).toBe(3);
    t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
    expect(metric(t, IN_FLIGHT)).toBe(0);
    t.send(queue, 'y', { MessageGroupId: 'a', MessageDeduplicationId: 'after' });
    const [message] = t.receive(queue);
    expect(metric(t, IN_FLIGHT)).toBe(1);
    t.delete(queue, message);
    expect(metric(t, IN_FLIGHT)).toBe(0);
  });

  test('unlocks groups, and removed messages do not return', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { VisibilityTimeout: '5' });
    t.sendInGroup(queue, 'g', 'a', 'b');
    const [old] = t.receive(queue, { MaxNumberOfMessages: 1 });
    t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
    t.sendInGroup(queue, 'g', 'c');
    const [message] = t.receive(queue);
    expect(message.Body).toBe('c');
    t.delete(queue, old); // a handle of what is gone deletes nothing of what has come since
    expect(t.sqs.counts('q.fifo')).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    await t.wait(5);
    expect(t.bodies(queue)).toEqual(['c']);
    await t.wait(5);
    expect(t.sqs.counts('q.fifo')).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  test('no group is noisy any more', () => {
    const t = new SqsInTest({ noisyInFlight: 2 });
    const queue = t.create('q');
    for (let count = 0; count < 3; count++) t.send(queue, 'x', { MessageGroupId: 'loud' });
    t.receive(queue, { MaxNumberOfMessages: 2 });
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(1);
    t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
    t.send(queue, 'x', { MessageGroupId: 'loud' });
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(0);
  });
});

describe('timers of waits that have ended otherwise', () => {
  test('no listener remains after a long poll is served, aborted or loses its queue', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const served = t.poll(queue, 20, { VisibilityTimeout: 0 });
    t.send(queue, 'a');
    await t.wait(0);
    expect(served.messages).toHaveLength(1);
    t.delete(queue, t.receive(queue)[0]);
    const caller = new AbortController();
    const hungUp = t.poll(queue, 20, {}, { signal: caller.signal });
    caller.abort();
    await t.wait(0);
    expect(hungUp.messages).toEqual([]);
    const failed = t.poll(queue, 20);
    t.sqs.deleteQueue({ QueueUrl: queue }, CALL);
    await t.wait(0);
    expect(failed.error).toMatchObject({ shape: 'QueueDoesNotExist' });
    // What is left is the wake-up for the retention of a message that is deleted, at most.
    expect(t.clock.upcoming().filter(({ what }) => what?.includes('long poll'))).toEqual([]);
  });

  test('only a long poll that ends by its time counts as an empty receive', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const caller = new AbortController();
    t.poll(queue, 20, {}, { signal: caller.signal });
    t.poll(queue, 20);
    t.poll(queue, 20);
    caller.abort();
    t.send(queue, 'a');
    await t.wait(20);
    expect(metric(t, 'NumberOfEmptyReceives')).toBe(1);
  });

  test('an abort ends only the polls that still wait', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const caller = new AbortController();
    const first = t.poll(queue, 20, {}, { signal: caller.signal });
    t.send(queue, 'a');
    await t.wait(0);
    const second = t.poll(queue, 20, {}, { signal: caller.signal });
    const third = t.poll(queue, 20, {}, { signal: caller.signal });
    caller.abort();
    await t.wait(0);
    expect([first, second, third].map(({ messages }) => messages?.length)).toEqual([1, 0, 0]);
    expect(t.sqs.counts('q')).toMatchObject({ inFlight: 1 });
  });
});

describe('exact instants', () => {
  /** Just before, and at, the end of so many seconds. */
  async function around<T>(t: SqsInTest, seconds: number, look: () => T): Promise<[T, T]> {
    await t.clock.advance(seconds * 1_000 - 1);
    const before = look();
    await t.clock.advance(1);
    return [before, look()];
  }

  test('a message is visible when its visibility timeout is over, and not a millisecond before', async () => {
    const t = new SqsInTest();
    const queue = t.create('q', { VisibilityTimeout: '7' });
    t.send(queue, 'a');
    t.receive(queue);
    expect(await around(t, 7, () => t.bodies(queue))).toEqual([[], ['a']]);
  });

  test('a changed visibility ends to the millisecond too, counted from the change', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'a');
    const [message] = t.receive(queue);
    await t.wait(1);
    t.hide(queue, message, 60);
    expect(await around(t, 60, () => t.bodies(queue))).toEqual([[], ['a']]);
  });

  test('a delayed message is visible when its delay is over', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'a', { DelaySeconds: 900 });
    expect(await around(t, 900, () => t.bodies(queue))).toEqual([[], ['a']]);
  });

  test('a FIFO handle expires with the visibility timeout: a delete at that instant is too late', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { VisibilityTimeout: '7' });
    t.sendInGroup(queue, 'g', 'a', 'b');
    const [a, b] = t.receive(queue);
    await t.clock.advance(6_999);
    t.delete(queue, a);
    await t.clock.advance(1);
    expect(errorOf(() => t.delete(queue, b)).message).toMatch(/The receipt handle has expired\.$/);
  });

  test('12 hours from the receive are allowed, one second more is not, a minute later neither', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'a');
    const [message] = t.receive(queue, { VisibilityTimeout: 43_200 });
    t.hide(queue, message, 43_200);
    await t.clock.advance(1);
    expect(errorOf(() => t.hide(queue, message, 43_200)).message).toMatch(/beyond the limit \[43200 seconds\]\.$/);
    t.hide(queue, message, 43_199);
  });

  test('a FIFO queue remembers a deduplication id for 5 minutes to the millisecond', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    const send = () => {
      t.send(queue, 'x', { MessageGroupId: 'g', MessageDeduplicationId: 'same' });
      return t.sqs.counts('q.fifo')?.visible;
    };
    send();
    expect(await around(t, 300, send)).toEqual([1, 2]);
  });

  test('a message expires when its retention is over', async () => {
    const t = new SqsInTest();
    const queue = t.create('q', { MessageRetentionPeriod: '60' });
    t.send(queue, 'a');
    expect(await around(t, 60, () => t.sqs.counts('q')?.visible)).toEqual([1, 0]);
  });

  test('a second purge is refused for 60 seconds, and a deleted name is taken for as long', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const purge = () => {
      try {
        t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
        return 'purged';
      } catch {
        return 'refused';
      }
    };
    purge();
    expect(await around(t, 60, purge)).toEqual(['refused', 'purged']);
    t.sqs.deleteQueue({ QueueUrl: queue }, CALL);
    const create = () => {
      try {
        return t.create('q') === '' ? 'no URL' : 'created';
      } catch {
        return 'refused';
      }
    };
    expect(await around(t, 60, create)).toEqual(['refused', 'created']);
  });
});

describe('lengths of names', () => {
  test.each([
    ['a queue name', 80, (t: SqsInTest, name: string) => t.create(name)],
    ['a FIFO queue name, suffix and all', 75, (t: SqsInTest, name: string) => t.create(`${name}.fifo`)],
    [
      'a message group id',
      128,
      (t: SqsInTest, id: string) =>
        t.send(t.create('q.fifo'), 'x', { MessageGroupId: id, MessageDeduplicationId: 'd' }),
    ],
    [
      'a deduplication id',
      128,
      (t: SqsInTest, id: string) =>
        t.send(t.create('q.fifo'), 'x', { MessageGroupId: 'g', MessageDeduplicationId: id }),
    ],
    [
      'a receive request attempt id',
      128,
      (t: SqsInTest, id: string) => t.receive(t.create('q.fifo'), { ReceiveRequestAttemptId: id }),
    ],
    [
      'an attribute name',
      256,
      (t: SqsInTest, name: string) =>
        t.send(t.create('q'), 'x', { MessageAttributes: { [name]: { DataType: 'String', StringValue: 'x' } } }),
    ],
    ['a label of a permission', 80, (t: SqsInTest, Label: string) => addPermission(t, Label)],
    [
      'a tag key',
      128,
      (t: SqsInTest, key: string) => t.sqs.tagQueue({ QueueUrl: t.create('q'), Tags: { [key]: 'x' } }, CALL),
    ],
    [
      'a tag value',
      256,
      (t: SqsInTest, value: string) => t.sqs.tagQueue({ QueueUrl: t.create('q'), Tags: { key: value } }, CALL),
    ],
  ])('%s may have %d characters, and not one more', (_, most, use) => {
    use(new SqsInTest(), 'x'.repeat(most));
    expect(errorOf(() => use(new SqsInTest(), 'x'.repeat(most + 1)))).toMatchObject({ status: 400 });
  });

  function addPermission(t: SqsInTest, Label: string): void {
    const QueueUrl = t.create('q');
    t.sqs.addPermission({ QueueUrl, Label, AWSAccountIds: ['123456789012'], Actions: ['SendMessage'] }, CALL);
  }
});

describe('boundaries of fair queues', () => {
  const send = (t: SqsInTest, group: string | undefined, count: number) => {
    for (let sent = 0; sent < count; sent++) t.send('q', 'x', { MessageGroupId: group });
  };
  const receive = (t: SqsInTest, count: number) => {
    for (let left = count; left > 0; left -= 10) t.receive('q', { MaxNumberOfMessages: Math.min(10, left) });
  };

  test.each([
    [270, 0], // 30 of 300: a tenth
    [269, 1], // 30 of 299
  ])('30 in flight beside %d others: %d noisy groups, as more than a tenth is too much', (others, expected) => {
    const t = new SqsInTest();
    t.create('q');
    send(t, undefined, others);
    send(t, 'g', 40);
    receive(t, others + 30);
    expect(t.sqs.counts('q')).toMatchObject({ inFlight: others + 30 });
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(expected);
  });

  test.each([
    [9, 0], // a tenth of the time
    [8, 1],
  ])('a second of work beside %d of others: %d noisy groups', async (others, expected) => {
    const t = new SqsInTest();
    t.create('q', { VisibilityTimeout: '600' });
    for (const [group, seconds] of [
      ['other', others],
      ['g', 1],
    ] as const) {
      send(t, group, 1);
      const [message] = t.receive('q');
      await t.wait(seconds);
      t.delete('q', message);
    }
    send(t, 'g', 1);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(expected);
  });

  test('time that was spent counts in its window and the next, to the millisecond', async () => {
    const window = 60_000;
    for (const [later, expected] of [
      [2 * window - 1_001, 1],
      [2 * window - 1_000, 0],
    ]) {
      const t = new SqsInTest({ processingWindow: window });
      t.create('q', { VisibilityTimeout: '600' });
      send(t, 'g', 1); // here the first window begins
      const [message] = t.receive('q');
      await t.wait(1);
      t.delete('q', message);
      await t.clock.advance(later);
      send(t, 'g', 1);
      expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(expected);
    }
  });

  test('a noisy group rests for exactly as long as it must', async () => {
    const t = new SqsInTest({ noisyInFlight: 1, noisyRest: 5_000, noisyShare: 0.5, processingWindow: 1 });
    t.create('q');
    send(t, 'g', 2);
    const [message] = t.receive('q', { MaxNumberOfMessages: 1, ...NAMES });
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(1);
    t.delete('q', message);
    await t.clock.advance(4_999);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(1);
    await t.clock.advance(1);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(0);
  });
});

describe('boundaries of throttles', () => {
  const HIGH = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
  let ids = 0;
  const entry = (group: string) => ({
    Id: `e${++ids}`,
    MessageBody: 'x',
    MessageGroupId: group,
    MessageDeduplicationId: `d${ids}`,
  });

  test('the rate begins anew with the second of the clock, not before', async () => {
    const t = new SqsInTest({ fifoTransactions: 2 });
    t.create('q.fifo');
    const send = () => t.sendInGroup('q.fifo', 'g', String(++ids));
    send();
    await t.clock.advance(999);
    send();
    expect(errorOf(send).code).toBe('ThrottlingException');
    await t.clock.advance(1);
    send();
    send();
    expect(errorOf(send).code).toBe('ThrottlingException');
  });

  test('a batch over several groups of which one is throttled is refused whole, and uses nothing of the others', () => {
    const t = new SqsInTest({ fifoTransactions: 2, fifoPartitions: 1_000 });
    const QueueUrl = t.create('q.fifo', HIGH);
    const batch = (...groups: string[]) => t.sqs.sendMessageBatch({ QueueUrl, Entries: groups.map(entry) }, CALL);
    batch('a');
    batch('a');
    expect(errorOf(() => batch('b', 'a', 'c')).code).toBe('ThrottlingException');
    expect(t.sqs.counts('q.fifo')?.visible).toBe(2);
    batch('b', 'c');
    batch('b', 'c');
    expect(errorOf(() => batch('b')).code).toBe('ThrottlingException');
  });

  test('a batch of one group uses its rate once', () => {
    const t = new SqsInTest({ fifoTransactions: 2, fifoPartitions: 1_000 });
    const QueueUrl = t.create('q.fifo', HIGH);
    const batch = () => t.sqs.sendMessageBatch({ QueueUrl, Entries: ['a', 'a', 'a'].map(entry) }, CALL);
    batch();
    batch();
    expect(errorOf(batch).code).toBe('ThrottlingException');
    expect(t.sqs.counts('q.fifo')?.visible).toBe(6);
  });
});
