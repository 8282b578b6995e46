import { CALL, errorOf, SqsInTest } from './sqs-in-test';

const GONE = 'AWS.SimpleQueueService.NonExistentQueue';

describe('propagation times as parameters (§1.3, §1.4)', () => {
  test('by default all of it happens at once', () => {
    const t = new SqsInTest();
    t.create('q');
    t.send('q', 'x');
    t.set('q', { VisibilityTimeout: '0', MessageRetentionPeriod: '60' });
    expect(t.bodies('q')).toEqual(['x']);
    expect(t.bodies('q')).toEqual(['x']);
    t.sqs.purgeQueue({ QueueUrl: 'q' }, CALL);
    expect(t.sqs.counts('q')?.visible).toBe(0);
    t.sqs.deleteQueue({ QueueUrl: 'q' }, CALL);
    expect(errorOf(() => t.attributes('q')).code).toBe(GONE);
  });

  test('attributes are shown at once and act later, the retention period later still', async () => {
    const t = new SqsInTest({ settingsPropagation: 60_000, retentionPropagation: 900_000 });
    t.create('q');
    t.send('q', 'x');
    t.set('q', { VisibilityTimeout: '1', MessageRetentionPeriod: '600' });
    expect(t.attributes('q', 'VisibilityTimeout', 'MessageRetentionPeriod')).toEqual({
      VisibilityTimeout: '1',
      MessageRetentionPeriod: '600',
    });
    expect(t.bodies('q')).toEqual(['x']);
    await t.wait(29);
    expect(t.bodies('q')).toEqual([]);
    await t.wait(31);
    t.set('q', { VisibilityTimeout: '5' }); // of two changes under way, the later one prevails
    expect(t.bodies('q')).toEqual(['x']);
    await t.wait(1);
    expect(t.bodies('q')).toEqual(['x']);
    await t.wait(838);
    expect(t.sqs.counts('q')?.visible).toBe(1);
    await t.wait(1);
    expect(t.sqs.counts('q')?.visible).toBe(0);
  });

  test('a new queue is there after a moment', async () => {
    const t = new SqsInTest({ creationTime: 1_000 });
    t.create('q');
    expect(errorOf(() => t.send('q', 'x')).code).toBe(GONE);
    await t.wait(1);
    t.send('q', 'x');
  });

  test('a deleted queue answers for a while, and cannot be created meanwhile', async () => {
    const t = new SqsInTest({ deletionTime: 30_000 });
    t.create('q');
    t.sqs.deleteQueue({ QueueUrl: 'q' }, CALL);
    t.send('q', 'x');
    expect(t.bodies('q')).toEqual(['x']);
    expect(errorOf(() => t.create('q')).code).toBe('AWS.SimpleQueueService.QueueDeletedRecently');
    await t.wait(30);
    expect(errorOf(() => t.send('q', 'x')).code).toBe(GONE);
    await t.wait(30);
    expect(t.bodies(t.create('q'))).toEqual([]);
  });

  test('a purge also removes messages sent while it runs, in any state', async () => {
    const t = new SqsInTest({ purgeTime: 60_000 });
    t.create('q');
    t.send('q', 'before');
    t.sqs.purgeQueue({ QueueUrl: 'q' }, CALL);
    t.send('q', 'during', { DelaySeconds: 900 });
    expect(t.bodies('q')).toEqual(['before']);
    await t.wait(59);
    expect(t.sqs.counts('q')).toEqual({ visible: 1, inFlight: 0, delayed: 1 });
    await t.wait(1);
    expect(t.sqs.counts('q')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('a queue that was idle for 6 hours takes up to 15 minutes to show metrics again (§2)', async () => {
    const t = new SqsInTest({ metricWakeUp: 900_000 });
    t.create('q');
    const collect = () => t.sqs.collectMetrics(t.clock.now() - 60_000);
    expect(collect()).not.toEqual([]);
    await t.wait(6 * 3_600 + 1);
    expect(collect()).toEqual([]);
    t.send('q', 'x');
    expect(collect()).toEqual([]);
    await t.wait(899);
    expect(collect()).toEqual([]);
    await t.wait(1);
    t.send('q', 'y');
    const data = Object.fromEntries(collect().map(({ name, sum }) => [name, sum]));
    expect(data).toMatchObject({ ApproximateNumberOfMessagesVisible: 2, NumberOfMessagesSent: 1 });
  });

  test('even a request that is refused keeps a queue active (§2)', async () => {
    const t = new SqsInTest();
    t.create('q');
    await t.wait(6 * 3_600 + 1);
    expect(t.sqs.collectMetrics(0)).toEqual([]);
    errorOf(() => t.sqs.sendMessage({ QueueUrl: 'q', MessageBody: '' }, CALL));
    expect(t.sqs.collectMetrics(0)).not.toEqual([]);
  });
});
