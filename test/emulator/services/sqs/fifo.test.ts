import { errorOf, redrive, SqsInTest } from './sqs-in-test';

const CONTENT_BASED = { ContentBasedDeduplication: 'true' };

describe('FIFO order and group locks (§1.8)', () => {
  test('fills a receive from one group first, then the next', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.sendInGroup(queue, 'g1', 'a');
    t.sendInGroup(queue, 'g2', 'b');
    t.sendInGroup(queue, 'g1', 'c', 'd');
    expect(t.bodies(queue)).toEqual(['a', 'c', 'd', 'b']);
  });

  test('a group is blocked while its first message is in flight, and its rest counts as visible', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.sendInGroup(queue, 'g1', 'a', 'b', 'c');
    t.sendInGroup(queue, 'g2', 'x');
    const [a] = t.receive(queue, { MaxNumberOfMessages: 1 });
    expect(t.bodies(queue)).toEqual(['x']);
    expect(t.bodies(queue)).toEqual([]);
    expect(t.sqs.counts('q.fifo')).toEqual({ visible: 2, inFlight: 2, delayed: 0 });
    t.delete(queue, a);
    expect(t.bodies(queue)).toEqual(['b', 'c']);
  });

  test('of a batch, a message given back early comes again after other groups, and alone', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.sendInGroup(queue, 'g1', 'm1', 'm2', 'm3');
    const [m1] = t.receive(queue, { MaxNumberOfMessages: 2 });
    t.sendInGroup(queue, 'g2', 'x');
    t.hide(queue, m1, 0);
    expect(t.bodies(queue, { MaxNumberOfMessages: 1 })).toEqual(['x']);
    expect(t.bodies(queue)).toEqual(['m1']);
    expect(t.bodies(queue)).toEqual([]);
  });

  test('extending a message blocks it and all later ones; earlier ones come back at their own time', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { VisibilityTimeout: '5' });
    t.sendInGroup(queue, 'g', 'm1', 'm2', 'm3');
    const [, m2] = t.receive(queue);
    t.hide(queue, m2, 60);
    await t.wait(5);
    expect(t.bodies(queue, { VisibilityTimeout: 100 })).toEqual(['m1']);
    expect(t.bodies(queue)).toEqual([]);
    await t.wait(60);
    expect(t.bodies(queue)).toEqual([]); // m1 is in flight
    await t.wait(40);
    expect(t.bodies(queue)).toEqual(['m1', 'm2', 'm3']);
  });

  test('deleting a part of a batch keeps the lock', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.sendInGroup(queue, 'g', 'm1', 'm2', 'm3');
    const [m1, m2] = t.receive(queue, { MaxNumberOfMessages: 2 });
    t.delete(queue, m1);
    expect(t.bodies(queue)).toEqual([]);
    t.delete(queue, m2);
    expect(t.bodies(queue)).toEqual(['m3']);
  });

  test('a visibility timeout of 0 shows the group again at once, in order', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.sendInGroup(queue, 'g', 'm1', 'm2');
    expect(t.bodies(queue, { VisibilityTimeout: 0 })).toEqual(['m1', 'm2']);
    expect(t.bodies(queue, { VisibilityTimeout: 0, MaxNumberOfMessages: 1 })).toEqual(['m1']);
    expect(t.bodies(queue)).toEqual(['m1', 'm2']);
  });

  test('a parked receive wakes when a group is released, by a delete or by time', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { VisibilityTimeout: '3' });
    t.sendInGroup(queue, 'g', 'm1', 'm2');
    const [m1] = t.receive(queue, { MaxNumberOfMessages: 1 });
    const poll = t.poll(queue, 10, { MaxNumberOfMessages: 1 });
    t.delete(queue, m1);
    await t.wait(0);
    expect(poll.messages?.map(({ Body }) => Body)).toEqual(['m2']);
    const next = t.poll(queue, 10);
    await t.wait(3);
    expect(next.messages?.map(({ Body }) => Body)).toEqual(['m2']);
  });

  test('an expired handle deletes nothing; one that was extended in time does (§1.7)', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { VisibilityTimeout: '1' });
    t.sendInGroup(queue, 'g', 'm1');
    const [expired] = t.receive(queue);
    await t.wait(1);
    const refusal = {
      code: 'InvalidParameterValue',
      status: 400,
      message: `Value ${expired.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    };
    expect(errorOf(() => t.delete(queue, expired))).toEqual(refusal);
    expect(errorOf(() => t.hide(queue, expired, 5))).toEqual(refusal);
    const [extended] = t.receive(queue);
    expect(errorOf(() => t.delete(queue, expired))).toEqual(refusal);
    t.hide(queue, extended, 10);
    await t.wait(5);
    t.delete(queue, extended);
    expect(t.sqs.counts('q.fifo')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('sequence numbers have 20 digits and grow', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', CONTENT_BASED);
    const numbers = ['a', 'b', 'c'].map((body) => t.send(queue, body, { MessageGroupId: 'g' }).SequenceNumber ?? '');
    expect(numbers.every((number) => /^\d{20}$/.test(number))).toBe(true);
    expect([...numbers].sort()).toEqual(numbers);
    expect(new Set(numbers).size).toBe(3);
    const received = t.receive(queue, { MessageSystemAttributeNames: ['SequenceNumber'] });
    expect(received.map(({ Attributes }) => Attributes?.SequenceNumber)).toEqual(numbers);
  });

  test('the queue delay applies to all, a per-message delay of 0 too, and changes at once', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { DelaySeconds: '100' });
    t.send(queue, 'a', { MessageGroupId: 'g', MessageDeduplicationId: '1', DelaySeconds: 0 });
    expect(t.sqs.counts('q.fifo')).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    expect(
      errorOf(() => t.send(queue, 'b', { MessageGroupId: 'g', MessageDeduplicationId: '2', DelaySeconds: 5 })).message,
    ).toBe(
      'Value 5 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
    );
    await t.wait(10);
    t.set(queue, { DelaySeconds: '20' });
    await t.wait(9);
    expect(t.bodies(queue)).toEqual([]);
    await t.wait(1);
    expect(t.bodies(queue)).toEqual(['a']);
  });

  test('at the in-flight limit a receive finds nothing, without an error', () => {
    const t = new SqsInTest({ inFlightFifo: 2 });
    const queue = t.create('q.fifo');
    t.sendInGroup(queue, 'g', 'a', 'b', 'c');
    expect(t.bodies(queue)).toEqual(['a', 'b']);
    t.sendInGroup(queue, 'h', 'x');
    expect(t.bodies(queue)).toEqual([]);
  });

  test('a group whose first message is given up goes on with the next one', () => {
    const t = new SqsInTest();
    const queue = t.createWithDeadLetters('q.fifo', 1);
    t.sendInGroup(queue, 'g', 'bad', 'good');
    const [, good] = t.receive(queue, { VisibilityTimeout: 0 });
    expect(good.Body).toBe('good');
    t.sendInGroup(queue, 'g', 'new');
    expect(t.bodies(queue, { VisibilityTimeout: 0 })).toEqual(['new']);
    expect(t.bodies('q-dead.fifo')).toEqual(['bad', 'good']);
    expect(t.bodies(queue)).toEqual([]);
    expect(t.sqs.counts('q.fifo')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('random work on many groups never breaks the order of a group', async () => {
    const t = new SqsInTest({ fifoTransactions: Infinity }, 99);
    const queue = t.create('q.fifo', { VisibilityTimeout: '7' });
    const done = new Map<string, number[]>();
    let seed = 5;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let i = 0; i < 400; i++) t.sendInGroup(queue, `g${random(12)}`, String(i).padStart(3, '0'));
    for (let step = 0; step < 3_000 && done.size >= 0; step++) {
      const names = ['MessageGroupId' as const];
      for (const message of t.receive(queue, {
        MaxNumberOfMessages: 1 + random(10),
        MessageSystemAttributeNames: names,
      })) {
        if (random(4) === 0) {
          if (random(2) === 0) t.hide(queue, message, random(20));
          break; // the rest of the batch is left to time out
        }
        const group = message.Attributes?.MessageGroupId ?? '';
        done.set(group, [...(done.get(group) ?? []), Number(message.Body)]);
        t.delete(queue, message);
      }
      if (random(3) === 0) await t.wait(random(5));
      const { visible = 0, inFlight = 0 } = t.sqs.counts('q.fifo') ?? {};
      if (visible + inFlight === 0) break;
    }
    expect([...done.values()].flat()).toHaveLength(400);
    for (const order of done.values()) expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

describe('FIFO deduplication (§1.8)', () => {
  test('a duplicate within 5 minutes of the first is accepted, not queued, even after receive and delete', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', CONTENT_BASED);
    const first = t.send(queue, 'a', { MessageGroupId: 'g' });
    t.delete(queue, t.receive(queue)[0]);
    await t.wait(299);
    expect(t.send(queue, 'a', { MessageGroupId: 'g' })).toEqual(first);
    expect(t.bodies(queue)).toEqual([]);
    await t.wait(1);
    expect(t.send(queue, 'a', { MessageGroupId: 'g' }).MessageId).not.toBe(first.MessageId);
    expect(t.bodies(queue)).toEqual(['a']);
  });

  test('an explicit id that equals the hash of the body is the same id', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', CONTENT_BASED);
    t.send(queue, 'a', { MessageGroupId: 'g' });
    const MessageDeduplicationId = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
    t.send(queue, 'other', { MessageGroupId: 'g', MessageDeduplicationId });
    expect(t.bodies(queue)).toEqual(['a']);
  });

  test.each([
    ['queue', ['a']],
    ['messageGroup', ['a', 'b']],
  ])('scope %s', (DeduplicationScope, bodies) => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { DeduplicationScope });
    t.send(queue, 'a', { MessageGroupId: 'g1', MessageDeduplicationId: 'same' });
    t.send(queue, 'b', { MessageGroupId: 'g2', MessageDeduplicationId: 'same' });
    expect(t.bodies(queue)).toEqual(bodies);
  });

  test('a changed scope takes a minute to act (§1.3)', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.set(queue, { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' });
    const send = (group: string) => t.send(queue, group, { MessageGroupId: group, MessageDeduplicationId: 'same' });
    send('g1');
    send('g2');
    await t.wait(60);
    send('g3');
    send('g4');
    expect(t.bodies(queue)).toEqual(['g1', 'g3', 'g4']);
  });

  test('a purge erases the history, a delete does not (§1.4)', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', CONTENT_BASED);
    t.send(queue, 'a', { MessageGroupId: 'g' });
    t.sqs.purgeQueue({ QueueUrl: queue }, { account: '', region: '', principal: '', endpoint: '' });
    t.send(queue, 'a', { MessageGroupId: 'g' });
    expect(t.bodies(queue)).toEqual(['a']);
  });
});

describe('ReceiveRequestAttemptId (§1.8)', () => {
  const attempt = { ReceiveRequestAttemptId: 'try-1' };

  test('the same attempt gives the same messages and handles, and hides them anew', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo', { VisibilityTimeout: '10' });
    t.sendInGroup(queue, 'g', 'a', 'b');
    const first = t.receive(queue, attempt);
    await t.wait(8);
    expect(t.receive(queue, attempt)).toEqual(first);
    await t.wait(8);
    expect(t.receive(queue)).toEqual([]);
    await t.wait(2);
    expect(t.receive(queue)).toHaveLength(2);
  });

  test.each(['delete', 'hide'] as const)('it is forgotten after a %s', (change) => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.sendInGroup(queue, 'g', 'a', 'b');
    const [a] = t.receive(queue, attempt);
    if (change === 'delete') t.delete(queue, a);
    else t.hide(queue, a, 99);
    expect(t.receive(queue, attempt)).toEqual([]);
  });

  test('a bad one is refused', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    expect(errorOf(() => t.receive(queue, { ReceiveRequestAttemptId: 'a b' })).message).toContain(
      'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
    );
  });
});

test('10,000 groups: each delivers its own, and an idle one costs nothing', () => {
  const t = new SqsInTest({ fifoTransactions: Infinity });
  const queue = t.create('q.fifo', { RedrivePolicy: redrive(t.create('d.fifo').split('/').pop() ?? '', 5) });
  for (let i = 0; i < 10_000; i++) t.sendInGroup(queue, `g${i}`, 'a', 'b');
  let received = 0;
  for (let batch = t.receive(queue); batch.length > 0; batch = t.receive(queue)) {
    received += batch.length;
    for (const message of batch) t.delete(queue, message);
  }
  expect(received).toBe(20_000);
});
