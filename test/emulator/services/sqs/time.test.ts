import { formatEvent } from '../../../../lib/emulator/timeline';
import { CALL, errorOf, SqsInTest } from './sqs-in-test';

describe('long polls (§1.7)', () => {
  test('several wait in line; a batch wakes the first with all of it', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const [one, two] = [t.poll(queue, 20), t.poll(queue, 20)];
    const Entries = ['a', 'b', 'c'].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
    await t.wait(3);
    t.sqs.sendMessageBatch({ QueueUrl: queue, Entries }, CALL);
    await t.wait(0);
    expect(one.messages?.map(({ Body }) => Body)).toEqual(['a', 'b', 'c']);
    expect(two.messages).toBeUndefined();
    t.send(queue, 'd');
    await t.wait(0);
    expect(two.messages?.map(({ Body }) => Body)).toEqual(['d']);
  });

  test('ends empty after exactly its time', async () => {
    const t = new SqsInTest();
    const poll = t.poll(t.create('q'), 20);
    const start = t.clock.now();
    await t.wait(60);
    expect(poll).toEqual({ messages: [], endedAt: start + 20_000 });
  });

  test.each([
    ['a delay ends', 4],
    ['a visibility timeout ends', 6],
  ])('wakes when %s', async (_, seconds) => {
    const t = new SqsInTest();
    const queue = t.create('q', { VisibilityTimeout: '6' });
    t.send(queue, 'a', { DelaySeconds: seconds === 4 ? 4 : 0 });
    if (seconds === 6) t.receive(queue);
    const start = t.clock.now();
    const poll = t.poll(queue, 20);
    await t.wait(20);
    expect(poll.messages).toHaveLength(1);
    expect(poll.endedAt).toBe(start + seconds * 1_000);
  });

  test('the queue attribute makes a receive wait; an explicit 0 does not', () => {
    const t = new SqsInTest();
    const queue = t.create('q', { ReceiveMessageWaitTimeSeconds: '5' });
    expect(t.sqs.receiveMessage({ QueueUrl: queue }, CALL)).toBeInstanceOf(Promise);
    expect(t.sqs.receiveMessage({ QueueUrl: queue, WaitTimeSeconds: 0 }, CALL)).toEqual({});
  });

  test('a caller that hangs up takes nothing', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const caller = new AbortController();
    t.poll(queue, 20, {}, { signal: caller.signal });
    caller.abort();
    t.send(queue, 'a');
    await t.wait(0);
    expect(t.sqs.counts('q')).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  test('fails when the queue is deleted', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const poll = t.poll(queue, 20);
    t.sqs.deleteQueue({ QueueUrl: queue }, CALL);
    await t.wait(0);
    expect(poll.error).toMatchObject({ shape: 'QueueDoesNotExist' });
    expect(t.clock.pending).toBe(0);
  });

  test('at the in-flight limit a short poll is an error, a long poll waits for room', async () => {
    const t = new SqsInTest({ inFlightStandard: 2 });
    const queue = t.create('q');
    for (const body of ['a', 'b', 'c']) t.send(queue, body);
    const [a] = t.receive(queue);
    expect(errorOf(() => t.receive(queue))).toMatchObject({ code: 'OverLimit', status: 403 });
    const poll = t.poll(queue, 20);
    t.delete(queue, a);
    await t.wait(0);
    expect(poll.messages?.map(({ Body }) => Body)).toEqual(['c']);
  });

  test.each([
    [
      { MaxNumberOfMessages: 0 },
      'Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    ],
    [
      { MaxNumberOfMessages: 11 },
      'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    ],
    [
      { WaitTimeSeconds: 21 },
      'Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.',
    ],
    [
      { VisibilityTimeout: 43_201 },
      'Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.',
    ],
  ])('%j is refused (§1.2)', (request, message) => {
    const t = new SqsInTest();
    const queue = t.create('q');
    expect(errorOf(() => t.receive(queue, request))).toEqual({ code: 'InvalidParameterValue', status: 400, message });
  });
});

describe('delay, visibility, retention (§1.7)', () => {
  test('a message delay overrides the queue delay, and changing the latter is not retroactive', async () => {
    const t = new SqsInTest();
    const queue = t.create('q', { DelaySeconds: '10' });
    t.send(queue, 'queue');
    t.send(queue, 'own', { DelaySeconds: 2 });
    t.send(queue, 'none', { DelaySeconds: 0 });
    t.set(queue, { DelaySeconds: '0' });
    expect(t.sqs.counts('q')).toEqual({ visible: 1, inFlight: 0, delayed: 2 });
    await t.wait(2);
    expect(t.sqs.counts('q')).toEqual({ visible: 2, inFlight: 0, delayed: 1 });
    await t.wait(8);
    expect(t.bodies(queue)).toEqual(['none', 'own', 'queue']);
  });

  test('a changed visibility counts from the change, and only for this receive', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'a');
    const [message] = t.receive(queue);
    await t.wait(20);
    t.hide(queue, message, 25);
    await t.wait(24);
    expect(t.bodies(queue)).toEqual([]);
    await t.wait(1);
    expect(t.bodies(queue)).toEqual(['a']);
    await t.wait(30);
    expect(t.bodies(queue)).toEqual(['a']);
  });

  test('extensions end 12 hours after the receive: asking for more is an error', async () => {
    const t = new SqsInTest();
    const queue = t.create('q', { VisibilityTimeout: '43200' });
    t.send(queue, 'a');
    const [message] = t.receive(queue);
    await t.wait(3_600);
    t.hide(queue, message, 39_600);
    expect(errorOf(() => t.hide(queue, message, 39_601)).message).toBe(
      'Value 39601 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].',
    );
  });

  test('the visibility of a deleted message cannot be changed', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'a');
    const [message] = t.receive(queue);
    t.delete(queue, message);
    expect(errorOf(() => t.hide(queue, message, 1)).message).toBe(
      `Value ${message.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  });

  test('a message given back goes before those not received yet, until its third receive', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    for (const body of ['bad', 'x', 'y']) t.send(queue, body);
    const one = { MaxNumberOfMessages: 1, VisibilityTimeout: 0 };
    const order = Array.from({ length: 4 }, () => t.bodies(queue, one)[0]);
    expect(order).toEqual(['bad', 'bad', 'bad', 'x']);
  });

  test.each(['visible', 'inFlight', 'delayed'] as const)('retention ends a message that is %s', async (state) => {
    const t = new SqsInTest();
    const queue = t.create('q', { MessageRetentionPeriod: '60', VisibilityTimeout: '600' });
    t.send(queue, 'a', { DelaySeconds: state === 'delayed' ? 900 : 0 });
    const [message] = state === 'inFlight' ? t.receive(queue) : [];
    expect(t.sqs.counts('q')?.[state]).toBe(1);
    await t.wait(60);
    expect(t.sqs.counts('q')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    if (message !== undefined) t.delete(queue, message);
  });

  test('a message received often still expires in time, and a shorter retention ends old ones', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'tired');
    for (let i = 0; i < 4; i++) t.receive(queue, { VisibilityTimeout: 0 });
    await t.wait(10);
    t.send(queue, 'fresh');
    t.set(queue, { MessageRetentionPeriod: '60' });
    await t.wait(50);
    expect(t.bodies(queue, { VisibilityTimeout: 0 })).toEqual(['fresh']);
    await t.wait(10);
    expect(t.bodies(queue)).toEqual([]);
  });
});

test('an idle queue sets no timers; a busy one needs one', async () => {
  const t = new SqsInTest();
  const queue = t.create('q');
  expect(t.clock.pending).toBe(0);
  for (let i = 0; i < 100; i++) t.send(queue, 'a', { DelaySeconds: i });
  t.receive(queue);
  expect(t.clock.pending).toBe(1);
  await t.wait(5 * 86_400);
  expect(t.clock.pending).toBe(0);
});

test('the same seed gives the same timeline', async () => {
  const run = async () => {
    const t = new SqsInTest({}, 42).record();
    const queue = t.createWithDeadLetters('q', 1, { VisibilityTimeout: '5' });
    const poll = t.poll(queue, 20);
    for (const body of ['a', 'b', 'c']) t.send(queue, body, { DelaySeconds: 1 });
    await t.wait(2);
    for (const message of poll.messages?.slice(1) ?? []) t.delete(queue, message);
    await t.wait(5);
    t.receive(queue);
    t.send(queue, 'd');
    t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
    await t.wait(5 * 86_400);
    return t.events;
  };
  const [one, two] = [await run(), await run()];
  expect(one.map(formatEvent)).toEqual(two.map(formatEvent));
  const [a, b, c] = one.map(({ detail }) => detail.message);
  expect(one.map(({ kind, subject, detail }) => [kind, subject, detail])).toEqual([
    ['sqs.sent', 'q', { message: a }],
    ['sqs.sent', 'q', { message: b }],
    ['sqs.sent', 'q', { message: c }],
    ...[a, b, c].map((message) => ['sqs.received', 'q', { message, receives: 1 }]),
    ['sqs.deleted', 'q', { message: b, receives: 1 }],
    ['sqs.deleted', 'q', { message: c, receives: 1 }],
    ['sqs.released', 'q', { message: a, receives: 1 }],
    ['sqs.deadLettered', 'q', { message: a, to: 'q-dead', receives: 1 }],
    ['sqs.sent', 'q', { message: expect.any(String) as string }],
    ['sqs.purged', 'q', { messages: 1 }],
    ['sqs.expired', 'q-dead', { message: a, receives: 1 }],
  ]);
});
