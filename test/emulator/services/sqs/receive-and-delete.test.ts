import { CALL, errorOf, SqsInTest } from './sqs-in-test';

describe('a standard queue (§1.7)', () => {
  test('gives each message once, in the order sent, and hides it for the visibility timeout', async () => {
    const t = new SqsInTest();
    const queue = t.create('jobs');
    for (let i = 0; i < 12; i++) t.send(queue, `m${i}`);
    expect(t.bodies(queue)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9']);
    expect(t.bodies(queue)).toEqual(['m10', 'm11']);
    expect(t.bodies(queue)).toEqual([]);
    expect(t.sqs.counts('jobs')).toEqual({ visible: 0, inFlight: 12, delayed: 0 });
    await t.wait(29.999);
    expect(t.bodies(queue)).toEqual([]);
    await t.wait(0.001);
    expect(t.sqs.counts('jobs')).toEqual({ visible: 12, inFlight: 0, delayed: 0 });
  });

  test('serves one message when the request names no maximum', () => {
    const t = new SqsInTest();
    const queue = t.create('jobs');
    t.send(queue, 'a');
    t.send(queue, 'b');
    expect(t.bodies(queue, { MaxNumberOfMessages: undefined })).toEqual(['a']);
  });

  test('a deleted message is gone, and deleting it again succeeds', async () => {
    const t = new SqsInTest();
    const queue = t.create('jobs');
    t.send(queue, 'a');
    const [message] = t.receive(queue);
    t.delete(queue, message);
    t.delete(queue, message);
    await t.wait(60);
    expect(t.sqs.counts('jobs')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('an empty receive has no Messages key', () => {
    const t = new SqsInTest();
    expect(t.sqs.receiveMessage({ QueueUrl: t.create('jobs') }, CALL)).toEqual({});
  });

  test('each receive has a handle of its own, and counts', () => {
    const t = new SqsInTest();
    const queue = t.create('jobs');
    t.send(queue, 'a');
    const request = { VisibilityTimeout: 0, MessageSystemAttributeNames: ['ApproximateReceiveCount' as const] };
    const [first] = t.receive(queue, request);
    const [second] = t.receive(queue, request);
    expect(first.MessageId).toBe(second.MessageId);
    expect(first.ReceiptHandle).not.toBe(second.ReceiptHandle);
    expect([first, second].map(({ Attributes }) => Attributes)).toEqual([
      { ApproximateReceiveCount: '1' },
      { ApproximateReceiveCount: '2' },
    ]);
    expect(t.sqs.counts('jobs')).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  test.each(['delete', 'change'])('honours the handle of a receive whose time is over: %s', async (action) => {
    const t = new SqsInTest();
    const queue = t.create('jobs', { VisibilityTimeout: '1' });
    t.send(queue, 'a');
    const [first] = t.receive(queue);
    await t.wait(2);
    t.receive(queue);
    await t.wait(2);
    if (action === 'delete') t.delete(queue, first);
    else t.hide(queue, first, 10);
    expect(t.bodies(queue)).toEqual([]);
    await t.wait(10);
    expect(t.bodies(queue)).toEqual(action === 'delete' ? [] : ['a']);
  });

  test('a handle that is garbage, or of another queue, is refused', () => {
    const t = new SqsInTest();
    const [one, other] = [t.create('one'), t.create('other')];
    t.send(other, 'a');
    t.receive(other);
    t.send(one, 'a');
    const [message] = t.receive(one);
    expect(errorOf(() => t.delete(other, message))).toEqual({
      code: 'ReceiptHandleIsInvalid',
      status: 404,
      message: `The receipt handle "${message.ReceiptHandle}" is not valid for this queue.`,
    });
    for (const garbage of ['garbage', `AQEB${'%'.repeat(24)}`, `${message.ReceiptHandle}A`]) {
      expect(errorOf(() => t.delete(one, { ReceiptHandle: garbage }))).toEqual({
        code: 'ReceiptHandleIsInvalid',
        status: 404,
        message: `The input receipt handle "${garbage}" is not a valid receipt handle.`,
      });
    }
    expect(errorOf(() => t.delete(one, {})).message).toBe('The request must contain the parameter ReceiptHandle.');
  });
});
