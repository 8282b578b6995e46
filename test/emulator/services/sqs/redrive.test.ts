import { arn, CALL, errorOf, redrive, SqsInTest } from './sqs-in-test';

const NAMES = { MessageSystemAttributeNames: ['All' as const] };

describe('dead letters (§1.10)', () => {
  test.each([1, 2, 3, 5])('maxReceiveCount %d: so many deliveries, and the next receive moves it', async (max) => {
    const t = new SqsInTest();
    const queue = t.createWithDeadLetters('jobs', max, { VisibilityTimeout: '1' });
    t.send(queue, 'poison');
    for (let i = 1; i <= max; i++) {
      expect(t.receive(queue, NAMES)[0].Attributes?.ApproximateReceiveCount).toBe(String(i));
      await t.wait(1);
    }
    await t.wait(1_000);
    expect(t.sqs.counts('jobs-dead')?.visible).toBe(0); // nobody asked
    expect(t.receive(queue)).toEqual([]);
    expect(t.sqs.counts('jobs')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(t.sqs.counts('jobs-dead')).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(t.receive('jobs-dead', NAMES)[0].Attributes?.ApproximateReceiveCount).toBe(String(max + 1));
  });

  test('keeps id, body, attributes and times, and says where it comes from', async () => {
    const t = new SqsInTest();
    const queue = t.createWithDeadLetters('jobs', 1);
    const MessageAttributes = { colour: { DataType: 'String', StringValue: 'red' } };
    t.send(queue, 'poison', { MessageAttributes });
    const request = { ...NAMES, MessageAttributeNames: ['All'], VisibilityTimeout: 0 };
    const [before] = t.receive(queue, request);
    await t.wait(5);
    t.receive(queue);
    const [after] = t.receive('jobs-dead', request);
    expect(after).toEqual({
      ...before,
      ReceiptHandle: after.ReceiptHandle,
      Attributes: { ...before.Attributes, ApproximateReceiveCount: '2', DeadLetterQueueSourceArn: arn('jobs') },
    });
  });

  test('a receive fills up with the messages behind the one that it moves', () => {
    const t = new SqsInTest();
    const queue = t.createWithDeadLetters('jobs', 1);
    t.send(queue, 'poison');
    t.receive(queue, { VisibilityTimeout: 0 });
    t.send(queue, 'fine');
    expect(t.bodies(queue, { MaxNumberOfMessages: 1 })).toEqual(['fine']);
    expect(t.bodies('jobs-dead')).toEqual(['poison']);
  });

  test('wakes a receive parked at the dead-letter queue, and leaves one at the source parked', async () => {
    const t = new SqsInTest();
    const queue = t.createWithDeadLetters('jobs', 1, { VisibilityTimeout: '2' });
    t.send(queue, 'poison');
    t.receive(queue);
    const [source, dead] = [t.poll(queue, 20), t.poll('jobs-dead', 20)];
    await t.wait(2);
    expect(dead.messages?.map(({ Body }) => Body)).toEqual(['poison']);
    expect(source.messages).toBeUndefined();
    await t.wait(18);
    expect(source.messages).toEqual([]);
  });

  test('standard: retention counts from the first sending; FIFO: from the move', async () => {
    const t = new SqsInTest();
    const day = 86_400;
    for (const queue of [t.createWithDeadLetters('s', 1), t.createWithDeadLetters('f.fifo', 1)]) {
      const ids = queue.endsWith('.fifo') ? { MessageGroupId: 'g', MessageDeduplicationId: 'd' } : {};
      t.send(queue, 'poison', ids);
      t.receive(queue, { VisibilityTimeout: 0 });
    }
    await t.wait(day);
    t.receive('s');
    t.receive('f.fifo');
    await t.wait(3 * day - 1);
    expect(t.sqs.counts('s-dead')?.visible).toBe(1);
    await t.wait(1);
    expect(t.sqs.counts('s-dead')?.visible).toBe(0);
    expect(t.sqs.counts('f-dead.fifo')?.visible).toBe(1);
    await t.wait(day);
    expect(t.sqs.counts('f-dead.fifo')?.visible).toBe(0);
  });

  test('a message is delivered on while its dead-letter queue is missing or does not allow the source', async () => {
    const t = new SqsInTest();
    const queue = t.createWithDeadLetters('jobs', 1);
    t.send(queue, 'poison');
    t.set('jobs-dead', { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
    for (let i = 0; i < 3; i++) expect(t.bodies(queue, { VisibilityTimeout: 0 })).toEqual(['poison']);
    t.sqs.deleteQueue({ QueueUrl: 'jobs-dead' }, CALL);
    expect(t.bodies(queue, { VisibilityTimeout: 0 })).toEqual(['poison']);
    await t.wait(60);
    t.create('jobs-dead');
    expect(t.bodies(queue)).toEqual([]);
    expect(t.bodies('jobs-dead')).toEqual(['poison']);
  });

  test('lists the sources of a dead-letter queue', () => {
    const t = new SqsInTest();
    t.createWithDeadLetters('b', 1);
    t.create('a', { RedrivePolicy: redrive('b-dead', 4) });
    expect(t.sqs.listDeadLetterSourceQueues({ QueueUrl: 'b-dead' }, CALL).queueUrls).toEqual([
      'http://127.0.0.1:4566/123456789012/a',
      'http://127.0.0.1:4566/123456789012/b',
    ]);
  });
});

describe('redrive policies (§1.3, §1.10)', () => {
  const policy = (fields: object) => JSON.stringify(fields);
  const dead = arn('dead');

  test.each([
    [policy({ maxReceiveCount: 1 }), 'does not contain mandatory attribute: deadLetterTargetArn.'],
    [policy({ deadLetterTargetArn: dead }), 'does not contain mandatory attribute: maxReceiveCount.'],
    [policy({ deadLetterTargetArn: dead, maxReceiveCount: 0 }), 'valid values are from 1 to 1000 both inclusive.'],
    [policy({ deadLetterTargetArn: dead, maxReceiveCount: 1_001 }), 'valid values are from 1 to 1000 both inclusive.'],
    [policy({ deadLetterTargetArn: 'dead', maxReceiveCount: 1 }), 'Invalid value for deadLetterTargetArn: "dead".'],
    [policy({ deadLetterTargetArn: arn('none'), maxReceiveCount: 1 }), 'Dead letter target does not exist.'],
    [
      policy({ deadLetterTargetArn: arn('dead.fifo'), maxReceiveCount: 1 }),
      'must be same type of queue as the source.',
    ],
    [policy({ deadLetterTargetArn: null, maxReceiveCount: 1 }), 'mandatory attribute: deadLetterTargetArn.'],
    [policy({ deadLetterTargetArn: dead, maxReceiveCount: null }), 'mandatory attribute: maxReceiveCount.'],
    [policy({ deadLetterTargetArn: arn('closed'), maxReceiveCount: 1 }), 'does not allow this source queue.'],
    ['nonsense', 'Redrive policy is not a valid JSON map.'],
  ])('%s is refused', (RedrivePolicy, reason) => {
    const t = new SqsInTest();
    t.create('dead');
    t.create('dead.fifo');
    t.create('closed', { RedriveAllowPolicy: policy({ redrivePermission: 'byQueue', sourceQueueArns: [arn('x')] }) });
    const queue = t.create('jobs');
    const { code, message } = errorOf(() => t.set(queue, { RedrivePolicy }));
    expect(code).toBe('InvalidParameterValue');
    expect(message).toContain(`Value ${RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: `);
    expect(message).toContain(reason);
  });

  test.each([
    policy({ redrivePermission: 'some' }),
    policy({ redrivePermission: 'allowAll', sourceQueueArns: [dead] }),
    policy({ redrivePermission: 'byQueue' }),
    policy({ redrivePermission: 'byQueue', sourceQueueArns: Array.from({ length: 11 }, () => dead) }),
  ])('RedriveAllowPolicy %s is refused', (RedriveAllowPolicy) => {
    const t = new SqsInTest();
    expect(errorOf(() => t.create('jobs', { RedriveAllowPolicy })).code).toBe('InvalidParameterValue');
  });

  test.each([
    [{ redrivePermission: 'denyAll', sourceQueueArns: null }, { redrivePermission: 'denyAll' }],
    [{ sourceQueueArns: null, redrivePermission: 'allowAll', note: 'x' }, { redrivePermission: 'allowAll' }],
    [
      { sourceQueueArns: [dead], redrivePermission: 'byQueue' },
      { redrivePermission: 'byQueue', sourceQueueArns: [dead] },
    ],
  ])('RedriveAllowPolicy %j is returned as %j', (given, returned) => {
    const t = new SqsInTest();
    const RedriveAllowPolicy = JSON.stringify(given, null, 1);
    const queue = t.create('jobs', { RedriveAllowPolicy });
    expect(t.attributes(queue, 'RedriveAllowPolicy')).toEqual({ RedriveAllowPolicy: JSON.stringify(returned) });
    expect(t.create('jobs', { RedriveAllowPolicy })).toBe(queue);
    t.set(queue, { RedriveAllowPolicy: '' });
    expect(t.create('jobs', { RedriveAllowPolicy: '' })).toBe(queue);
  });

  test.each(['jobs', 'jobs.fifo'])('%s may be its own dead-letter queue', async (name) => {
    const t = new SqsInTest();
    const queue = t.create(name);
    t.set(queue, { RedrivePolicy: redrive(name, 1) });
    t.send(queue, 'a', name.endsWith('.fifo') ? { MessageGroupId: 'g', MessageDeduplicationId: 'a' } : {});
    expect(t.bodies(queue, { VisibilityTimeout: 0 })).toEqual(['a']);
    expect(t.bodies(queue)).toEqual([]); // this receive moves it
    const [message] = t.receive(queue, { MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'a',
      Attributes: { ApproximateReceiveCount: '2', DeadLetterQueueSourceArn: arn(name) },
    });
    expect(t.sqs.listDeadLetterSourceQueues({ QueueUrl: queue }, CALL).queueUrls).toEqual([queue]);
    t.hide(queue, message, 0);
    t.sqs.startMessageMoveTask({ SourceArn: arn(name) }, CALL);
    await t.wait(2);
    const { Results } = t.sqs.listMessageMoveTasks({ SourceArn: arn(name) }, CALL);
    expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }]);
    expect(t.bodies(queue)).toEqual(['a']);
  });

  test('a policy is echoed as it was set, and an empty one clears it', () => {
    const t = new SqsInTest();
    t.create('dead');
    const RedrivePolicy = policy({ deadLetterTargetArn: dead, maxReceiveCount: '3' });
    const queue = t.create('jobs', { RedrivePolicy });
    expect(t.attributes(queue, 'RedrivePolicy')).toEqual({ RedrivePolicy });
    t.set(queue, { RedrivePolicy: '' });
    expect(t.attributes(queue, 'RedrivePolicy')).toEqual({});
  });
});
