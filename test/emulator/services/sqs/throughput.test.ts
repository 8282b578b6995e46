import { CALL, errorOf, SqsInTest } from './sqs-in-test';

const HIGH = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };

/** How often `action` succeeds before it is refused. */
function countUntilRefused(action: (i: number) => unknown, most = 5_000): number {
  for (let i = 0; i < most; i++) {
    try {
      action(i);
    } catch (error) {
      expect(error).toMatchObject({ shape: 'ThrottlingException', status: 403, message: 'Rate exceeded' });
      return i;
    }
  }
  return most;
}

describe('FIFO throughput (§1.8)', () => {
  const send =
    (t: SqsInTest, group = 'g') =>
    (i: number) =>
      t.send('q.fifo', 'x', { MessageGroupId: group, MessageDeduplicationId: `${group}-${i}` });

  test('300 requests a second of each kind, each on its own', async () => {
    const t = new SqsInTest();
    t.create('q.fifo');
    expect(countUntilRefused(send(t))).toBe(300);
    expect(t.sqs.counts('q.fifo')?.visible).toBe(300);
    expect(countUntilRefused(() => t.receive('q.fifo', { VisibilityTimeout: 0 }))).toBe(300);
    await t.wait(1);
    const [message] = t.receive('q.fifo', { MaxNumberOfMessages: 1 });
    expect(countUntilRefused(() => t.hide('q.fifo', message, 10))).toBe(300);
    expect(countUntilRefused(() => t.delete('q.fifo', message))).toBe(300);
    expect(countUntilRefused((i) => send(t)(i + 1_000))).toBe(300);
  });

  test('3,000 messages a second in batches', () => {
    const t = new SqsInTest();
    t.create('q.fifo');
    const batch = (i: number) =>
      t.sqs.sendMessageBatch(
        {
          QueueUrl: 'q.fifo',
          Entries: Array.from({ length: 10 }, (_, n) => ({
            Id: String(n),
            MessageBody: 'x',
            MessageGroupId: `g${n}`,
            MessageDeduplicationId: `${i}-${n}`,
          })),
        },
        CALL,
      );
    expect(countUntilRefused(batch)).toBe(300);
    expect(t.sqs.counts('q.fifo')?.visible).toBe(3_000);
  });

  test('high throughput: so much for each partition, to which a group belongs', () => {
    const t = new SqsInTest({ fifoTransactions: 10, fifoPartitions: 4 });
    t.create('q.fifo', HIGH);
    expect(countUntilRefused(send(t, 'g'))).toBe(10);
    let sent = 10;
    for (let group = 0; group < 100; group++) sent += countUntilRefused((i) => send(t, `g${group}`)(i));
    expect(sent).toBe(40);
    expect(countUntilRefused(() => t.receive('q.fifo', { VisibilityTimeout: 0 }))).toBe(40);
  });

  test('a change of the throughput limit alone takes a minute to act, too', async () => {
    const t = new SqsInTest({ fifoTransactions: 1, fifoPartitions: 50 });
    t.create('q.fifo', { DeduplicationScope: 'messageGroup' });
    await t.wait(60);
    t.set('q.fifo', { FifoThroughputLimit: 'perMessageGroupId' });
    send(t, 'a')(1);
    expect(errorOf(() => send(t, 'b')(1)).code).toBe('ThrottlingException');
    await t.wait(60);
    send(t, 'a')(2);
    send(t, 'b')(2);
  });

  test('high throughput that is switched on later takes a minute to act (§1.3)', async () => {
    const t = new SqsInTest({ fifoTransactions: 1, fifoPartitions: 50 });
    t.create('q.fifo');
    t.set('q.fifo', HIGH);
    send(t, 'a')(1);
    expect(errorOf(() => send(t, 'b')(1)).code).toBe('ThrottlingException');
    await t.wait(60);
    send(t, 'a')(2);
    send(t, 'b')(2);
  });

  test.each([
    ['us-east-1', 233],
    ['eu-central-1', 63],
    ['ap-south-1', 30],
    ['sa-east-1', 15],
    ['eu-north-1', 8],
  ])('%s has %d partitions', (region, partitions) => {
    const t = new SqsInTest({ fifoTransactions: 1 }, 7, { region });
    t.create('q.fifo', HIGH);
    expect(countUntilRefused(() => t.receive('q.fifo'))).toBe(partitions);
  });

  test('the limit can be disabled, and standard queues have none', () => {
    const lax = new SqsInTest({ fifoTransactions: Infinity });
    lax.create('q.fifo');
    expect(countUntilRefused(send(lax), 1_000)).toBe(1_000);
    const t = new SqsInTest();
    t.create('q');
    expect(countUntilRefused(() => t.send('q', 'x'), 1_000)).toBe(1_000);
  });

  test('tags: 30 requests a second in the account (§1.4)', async () => {
    const t = new SqsInTest();
    t.create('q');
    const list = () => t.sqs.listQueueTags({ QueueUrl: 'q' }, CALL);
    for (let i = 0; i < 30; i++) list();
    expect(errorOf(list)).toMatchObject({ code: 'RequestThrottled', status: 403 });
    await t.wait(1);
    list();
  });
});
