import { SqsInTest } from './sqs-in-test';

describe('fair queues (§1.9)', () => {
  const NAMES = { MessageSystemAttributeNames: ['MessageGroupId' as const] };
  const sendTo = (t: SqsInTest, group: string | undefined, count: number) => {
    for (let i = 0; i < count; i++) t.send('q', group ?? 'none', { MessageGroupId: group });
  };
  const take = (t: SqsInTest, count: number) => {
    const groups: (string | undefined)[] = [];
    while (groups.length < count) {
      const found = t.receive('q', { ...NAMES, MaxNumberOfMessages: Math.min(10, count - groups.length) });
      if (found.length === 0) break;
      groups.push(...found.map(({ Attributes }) => Attributes?.MessageGroupId));
    }
    return groups;
  };
  const metric = (t: SqsInTest, name: string) =>
    t.sqs.collectMetrics(t.clock.now() - 60_000).find((datum) => datum.name === name)?.sum;

  test('delivers messages in order while no group is noisy', () => {
    const t = new SqsInTest();
    t.create('q');
    for (const group of ['a', undefined, 'b', 'a', 'c', undefined]) sendTo(t, group, 1);
    expect(take(t, 6)).toEqual(['a', undefined, 'b', 'a', 'c', undefined]);
  });

  test('a group with 30 in flight, more than a tenth of all, lets the quiet ones go first', () => {
    const t = new SqsInTest();
    t.create('q');
    sendTo(t, 'noisy', 100);
    expect(take(t, 29)).toHaveLength(29);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(0);
    take(t, 1);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(1);
    sendTo(t, 'quiet', 2);
    sendTo(t, undefined, 2);
    expect(take(t, 6)).toEqual(['quiet', 'quiet', undefined, undefined, 'noisy', 'noisy']);
    // Nothing is held back: with nobody else there, the noisy one is served.
    expect(take(t, 100)).toHaveLength(68);
  });

  test('of noisy groups, the one with the fewest in flight goes first', () => {
    const t = new SqsInTest({ noisyInFlight: 2 });
    t.create('q');
    sendTo(t, 'a', 6);
    take(t, 4);
    sendTo(t, 'b', 6);
    take(t, 2);
    sendTo(t, 'c', 1);
    expect(take(t, 5)).toEqual(['c', 'b', 'b', 'a', 'b']);
  });

  test('a group that takes more than a tenth of the time is noisy too', async () => {
    const t = new SqsInTest();
    t.create('q', { VisibilityTimeout: '600' });
    for (const [group, seconds] of [
      ['fast', 1],
      ['slow', 60],
    ] as const) {
      sendTo(t, group, 1);
      const [message] = t.receive('q');
      await t.wait(seconds);
      t.delete('q', message);
    }
    for (const group of ['slow', 'slow', 'fast', 'new']) sendTo(t, group, 1);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(1);
    expect(take(t, 4)).toEqual(['fast', 'new', 'slow', 'slow']);
    await t.wait(700); // what was long ago does not count
    for (const message of t.receive('q')) t.delete('q', message);
  });

  test('time that was spent counts for the window in which it was and for the next one', async () => {
    const t = new SqsInTest({ processingWindow: 300_000 });
    t.create('q', { VisibilityTimeout: '600' });
    const take = () => {
      const [message] = t.receive('q');
      return () => t.delete('q', message);
    };
    sendTo(t, 'slow', 1); // the first window begins
    const done = take();
    await t.wait(60);
    done();
    const noisyAfter = async (milliseconds: number) => {
      await t.clock.advance(milliseconds);
      sendTo(t, 'slow', 1);
      const groups = metric(t, 'ApproximateNumberOfNoisyGroups');
      take()();
      return groups;
    };
    expect(await noisyAfter(0)).toBe(1);
    expect(await noisyAfter(239_999)).toBe(1);
    expect(await noisyAfter(1)).toBe(1);
    expect(await noisyAfter(299_999)).toBe(1);
    expect(await noisyAfter(1)).toBe(0);
  });

  test('noise ends when the backlog is consumed, or nothing has been in flight for 5 minutes', async () => {
    const t = new SqsInTest({ noisyInFlight: 2 });
    t.create('q', { VisibilityTimeout: '10' });
    sendTo(t, 'a', 4);
    take(t, 2);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(1);
    take(t, 2);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(0);
    await t.wait(10); // all come back, and the time they took was wholly theirs
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(1);
    await t.wait(299);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(1);
    await t.wait(1);
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBe(0);
  });

  test('metrics tell the quiet groups’ part (§2)', async () => {
    const t = new SqsInTest({ noisyInFlight: 2 });
    t.create('q');
    sendTo(t, 'noisy', 5);
    take(t, 2);
    await t.wait(5);
    sendTo(t, 'quiet', 2);
    sendTo(t, undefined, 1);
    t.send('q', 'later', { MessageGroupId: 'quiet', DelaySeconds: 100 });
    t.send('q', 'later', { MessageGroupId: 'noisy', DelaySeconds: 100 });
    take(t, 1);
    await t.wait(2);
    const data = Object.fromEntries(t.sqs.collectMetrics(0).map(({ name, sum }) => [name, sum]));
    expect(data).toMatchObject({
      ApproximateNumberOfNoisyGroups: 1,
      ApproximateNumberOfMessagesVisible: 5,
      ApproximateNumberOfMessagesVisibleInQuietGroups: 2,
      ApproximateNumberOfMessagesNotVisible: 3,
      ApproximateNumberOfMessagesNotVisibleInQuietGroups: 1,
      ApproximateNumberOfMessagesDelayed: 2,
      ApproximateNumberOfMessagesDelayedInQuietGroups: 1,
      ApproximateAgeOfOldestMessage: 7,
      ApproximateAgeOfOldestMessageInQuietGroups: 2,
    });
  });

  test('a queue without groups has no such metrics', () => {
    const t = new SqsInTest();
    t.create('q');
    t.send('q', 'x');
    expect(metric(t, 'ApproximateNumberOfNoisyGroups')).toBeUndefined();
  });

  test('random work: nothing is lost, nothing comes after its deletion, and the counts add up', async () => {
    const t = new SqsInTest({ noisyInFlight: 3 }, 11);
    t.create('q', { VisibilityTimeout: '5' });
    let seed = 3;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const left = new Set<string>();
    const deleted = new Set<string>();
    for (let step = 0; step < 3_000; step++) {
      if (step < 2_000 && random(2) === 0) {
        const body = String(step);
        const MessageGroupId = random(4) === 0 ? undefined : `g${random(6)}`;
        t.send('q', body, { MessageGroupId, DelaySeconds: random(5) === 0 ? random(8) : undefined });
        left.add(body);
      }
      for (const message of t.receive('q', { MaxNumberOfMessages: 1 + random(5) })) {
        const { Body = '' } = message;
        expect(deleted.has(Body)).toBe(false);
        if (random(3) === 0) {
          t.hide('q', message, random(6));
        } else if (random(3) > 0) {
          t.delete('q', message);
          deleted.add(Body);
          left.delete(Body);
        }
      }
      if (random(3) === 0) await t.wait(1);
      const { visible = 0, inFlight = 0, delayed = 0 } = t.sqs.counts('q') ?? {};
      expect(visible + inFlight + delayed).toBe(left.size);
    }
    const data = Object.fromEntries(t.sqs.collectMetrics(0).map(({ name, sum }) => [name, sum]));
    const quiet = data.ApproximateNumberOfMessagesVisibleInQuietGroups;
    expect(quiet).toBeGreaterThanOrEqual(0);
    expect(quiet).toBeLessThanOrEqual(data.ApproximateNumberOfMessagesVisible);
    for (let round = 0; left.size > 0 && round < 1_000; round++) {
      for (const message of t.receive('q')) {
        t.delete('q', message);
        left.delete(message.Body ?? '');
      }
      await t.wait(1);
    }
    expect(left.size).toBe(0);
    expect(t.sqs.counts('q')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });
});
