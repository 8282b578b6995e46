import { readQueuePolicy } from '../../../../lib/emulator/integrations/sqs-policies';
import { arn, CALL, errorOf, redrive, SqsInTest } from './sqs-in-test';

const ALL = { MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };

/** `count` messages that `jobs` has given up on, in `jobs-dead`. */
function withDeadLetters(count: number, fifo = false, limits = {}): SqsInTest {
  const t = new SqsInTest({ fifoTransactions: Infinity, ...limits });
  const name = fifo ? 'jobs.fifo' : 'jobs';
  const queue = t.createWithDeadLetters(name, 1);
  for (let i = 0; i < count; i++) {
    if (fifo) t.sendInGroup(queue, `g${i % 2}`, String(i));
    else t.send(queue, String(i), { MessageAttributes: { n: { DataType: 'Number', StringValue: String(i) } } });
  }
  for (let i = 0; i < count; i += 10) t.receive(queue, { VisibilityTimeout: 0 });
  for (let i = 0; i <= count; i += 10) t.receive(queue, { VisibilityTimeout: 0 });
  return t;
}

const start = (t: SqsInTest, more: object = {}) =>
  t.sqs.startMessageMoveTask({ SourceArn: arn('jobs-dead'), ...more }, CALL).TaskHandle ?? '';
const tasks = (t: SqsInTest, source = 'jobs-dead', MaxResults?: number) =>
  t.sqs.listMessageMoveTasks({ SourceArn: arn(source), MaxResults }, CALL).Results;

describe('message move tasks (§1.10)', () => {
  test('moves all back to where they came from, oldest first, as new messages', async () => {
    const t = withDeadLetters(5);
    expect(t.sqs.counts('jobs-dead')?.visible).toBe(5);
    await t.wait(3_600);
    const begun = t.clock.now();
    const TaskHandle = start(t);
    expect(tasks(t)).toEqual([
      {
        TaskHandle,
        Status: 'RUNNING',
        SourceArn: arn('jobs-dead'),
        ApproximateNumberOfMessagesMoved: 0,
        ApproximateNumberOfMessagesToMove: 5,
        StartedTimestamp: begun,
      },
    ]);
    expect(t.sqs.counts('jobs-dead')?.visible).toBe(5); // it is a job: nothing has happened yet
    const before = t.receive('jobs-dead', { ...ALL, VisibilityTimeout: 0 });
    await t.wait(1);
    expect(tasks(t)).toEqual([
      {
        Status: 'COMPLETED',
        SourceArn: arn('jobs-dead'),
        ApproximateNumberOfMessagesMoved: 5,
        ApproximateNumberOfMessagesToMove: 5,
        StartedTimestamp: begun,
      },
    ]);
    const after = t.receive('jobs', ALL);
    expect(after.map(({ Body }) => Body)).toEqual(['0', '1', '2', '3', '4']);
    expect(after.map(({ MessageAttributes }) => MessageAttributes?.n.StringValue)).toEqual(['0', '1', '2', '3', '4']);
    const ids = new Set(before.map(({ MessageId }) => MessageId));
    for (const { MessageId, Attributes } of after) {
      expect(ids.has(MessageId)).toBe(false);
      expect(Number(Attributes?.SentTimestamp)).toBeGreaterThanOrEqual(begun);
      expect(Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
      expect(Attributes).not.toHaveProperty('DeadLetterQueueSourceArn');
    }
  });

  test('retention begins anew', async () => {
    const t = withDeadLetters(1);
    await t.wait(3 * 86_400);
    start(t);
    await t.wait(2 * 86_400);
    expect(t.sqs.counts('jobs')?.visible).toBe(1);
    await t.wait(2 * 86_400 + 1);
    expect(t.sqs.counts('jobs')?.visible).toBe(0);
  });

  test('keeps the rate; a cancelled task stops, and moved messages stay moved', async () => {
    const t = withDeadLetters(30);
    const TaskHandle = start(t, { MaxNumberOfMessagesPerSecond: 2 });
    await t.wait(5);
    expect(tasks(t)).toMatchObject([{ MaxNumberOfMessagesPerSecond: 2, ApproximateNumberOfMessagesMoved: 10 }]);
    expect(t.sqs.cancelMessageMoveTask({ TaskHandle }, CALL)).toEqual({ ApproximateNumberOfMessagesMoved: 10 });
    const [cancelling] = tasks(t) ?? [];
    expect(cancelling).toMatchObject({ Status: 'CANCELLING' });
    expect(cancelling).not.toHaveProperty('TaskHandle');
    await t.wait(60);
    expect(tasks(t)).toMatchObject([{ Status: 'CANCELLED', ApproximateNumberOfMessagesMoved: 10 }]);
    expect([t.sqs.counts('jobs')?.visible, t.sqs.counts('jobs-dead')?.visible]).toEqual([10, 20]);
    expect(errorOf(() => t.sqs.cancelMessageMoveTask({ TaskHandle }, CALL))).toEqual({
      code: 'ResourceNotFoundException',
      status: 404,
      message: 'Task does not exist.',
    });
  });

  test('to another queue; one task at a time per source; the latest are listed first, ten at most', async () => {
    const t = withDeadLetters(3);
    t.create('elsewhere');
    const DestinationArn = arn('elsewhere');
    start(t, { DestinationArn });
    expect(errorOf(() => start(t))).toEqual({
      code: 'InvalidParameterValue',
      status: 400,
      message:
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    });
    await t.wait(1);
    expect(t.bodies('elsewhere')).toEqual(['0', '1', '2']);
    for (let i = 0; i < 11; i++) {
      start(t);
      await t.wait(1);
    }
    expect(tasks(t)).toHaveLength(1);
    expect(tasks(t, 'jobs-dead', 10)).toHaveLength(10);
    expect(tasks(t)?.[0]).not.toHaveProperty('DestinationArn');
  });

  test('leaves messages in flight; FIFO messages keep their order and are deduplicated by their old id', async () => {
    const t = withDeadLetters(6, true);
    const [held] = t.receive('jobs-dead.fifo', { MaxNumberOfMessages: 1, VisibilityTimeout: 100 });
    t.sqs.startMessageMoveTask({ SourceArn: arn('jobs-dead.fifo') }, CALL);
    await t.wait(1);
    expect(t.sqs.counts('jobs-dead.fifo')).toEqual({ visible: 2, inFlight: 1, delayed: 0 });
    t.delete('jobs-dead.fifo', held);
    await t.wait(1);
    const moved = t.receive('jobs.fifo', ALL);
    expect(moved.map(({ Body }) => Body)).toEqual(['1', '3', '5', '2', '4']);
    expect(moved[0].Attributes).toMatchObject({ MessageGroupId: 'g1', ApproximateReceiveCount: '1' });
    expect(moved[0].Attributes?.MessageDeduplicationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('fails when the destination is deleted, and leaves the rest', async () => {
    const t = withDeadLetters(4);
    t.create('elsewhere');
    start(t, { DestinationArn: arn('elsewhere'), MaxNumberOfMessagesPerSecond: 1 });
    await t.wait(2);
    t.sqs.deleteQueue({ QueueUrl: 'elsewhere' }, CALL);
    await t.wait(1);
    expect(tasks(t)).toMatchObject([
      {
        Status: 'FAILED',
        FailureReason: 'AWS.SimpleQueueService.NonExistentQueue',
        ApproximateNumberOfMessagesMoved: 2,
      },
    ]);
    expect(t.sqs.counts('jobs-dead')).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  });

  test('fails at a message that no queue gave up on, unless a destination is named', async () => {
    const t = withDeadLetters(1);
    t.send('jobs-dead', 'by hand');
    start(t);
    await t.wait(1);
    expect(tasks(t)).toMatchObject([
      { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource', ApproximateNumberOfMessagesMoved: 1 },
    ]);
    start(t, { DestinationArn: arn('jobs') });
    await t.wait(1);
    expect(t.bodies('jobs')).toEqual(['0', 'by hand']);
  });

  test('runs for at most 36 hours', async () => {
    const t = withDeadLetters(5, false, { moveTaskTime: 3_000 });
    start(t, { MaxNumberOfMessagesPerSecond: 1 });
    await t.wait(10);
    expect(tasks(t)).toMatchObject([{ Status: 'FAILED', ApproximateNumberOfMessagesMoved: 2 }]);
  });

  test('refusals', () => {
    const t = withDeadLetters(1, false, { moveTasks: 0 });
    t.create('plain');
    t.create('other.fifo');
    const refused = (input: object) => errorOf(() => t.sqs.startMessageMoveTask(input as { SourceArn: string }, CALL));
    const SourceArn = arn('jobs-dead');
    expect(refused({})).toMatchObject({ code: 'MissingParameter' });
    expect(refused({ SourceArn: arn('none') })).toEqual({
      code: 'ResourceNotFoundException',
      status: 404,
      message: "The resource that you specified for the SourceArn parameter doesn't exist.",
    });
    expect(refused({ SourceArn, DestinationArn: arn('none') })).toEqual({
      code: 'ResourceNotFoundException',
      status: 404,
      message: "The resource that you specified for the DestinationArn parameter doesn't exist.",
    });
    expect(refused({ SourceArn: arn('plain') }).message).toBe(
      'Source queue must be configured as a Dead Letter Queue.',
    );
    expect(refused({ SourceArn, DestinationArn: SourceArn }).code).toBe('InvalidParameterValue');
    expect(refused({ SourceArn, DestinationArn: arn('other.fifo') }).code).toBe('InvalidParameterValue');
    for (const rate of [0, 501, 1.5]) {
      expect(refused({ SourceArn, MaxNumberOfMessagesPerSecond: rate }).message).toBe(
        `Value ${rate} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.`,
      );
    }
    expect(refused({ SourceArn }).code).toBe('OverLimit');
    expect(errorOf(() => tasks(t, 'none')).code).toBe('ResourceNotFoundException');
    expect(errorOf(() => tasks(t, 'jobs-dead', 11)).code).toBe('InvalidParameterValue');
    expect(tasks(t)).toBeUndefined();
    const cancel = (TaskHandle: string) => errorOf(() => t.sqs.cancelMessageMoveTask({ TaskHandle }, CALL));
    expect(cancel('garbage')).toEqual({
      code: 'InvalidParameterValue',
      status: 400,
      message: 'Value for parameter TaskHandle is invalid.',
    });
    // As other clients write it, white space and all.
    const handle = (name: string) =>
      Buffer.from(JSON.stringify({ taskId: 'x', sourceArn: arn(name) }, null, 1)).toString('base64');
    for (const half of [{ taskId: 'x' }, { sourceArn: arn('jobs-dead') }, 'x', null]) {
      expect(cancel(Buffer.from(JSON.stringify(half)).toString('base64')).code).toBe('InvalidParameterValue');
    }
    expect(cancel(handle('none'))).toEqual({
      code: 'ResourceNotFoundException',
      status: 404,
      message: "The resource that you specified for the SourceArn parameter doesn't exist.",
    });
    expect(cancel(handle('jobs-dead'))).toEqual({
      code: 'ResourceNotFoundException',
      status: 404,
      message: 'Task does not exist.',
    });
  });

  test('a message keeps its trace header and its group', async () => {
    const t = new SqsInTest();
    const queue = t.createWithDeadLetters('jobs', 1);
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } };
    t.send(queue, 'a', { MessageGroupId: 'tenant', MessageSystemAttributes });
    t.receive(queue, { VisibilityTimeout: 0 });
    t.receive(queue);
    start(t);
    await t.wait(1);
    const [message] = t.receive(queue, ALL);
    expect(message.Attributes).toMatchObject({ AWSTraceHeader: 'Root=1', MessageGroupId: 'tenant' });
  });

  describe('policies', () => {
    const deny = (...actions: string[]) => ({
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Deny', Principal: '*', Action: actions.map((action) => `sqs:${action}`), Resource: '*' },
      }),
    });
    const withPolicies = () => {
      const t = new SqsInTest({}, 7, { authorize: readQueuePolicy });
      const queue = t.createWithDeadLetters('jobs', 1);
      t.create('other');
      t.send(queue, 'a');
      t.receive(queue, { VisibilityTimeout: 0 });
      t.receive(queue);
      return t;
    };
    const SourceArn = arn('jobs-dead');

    test.each(['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])(
      'starting a task takes %s on the source',
      (action) => {
        const t = withPolicies();
        t.set('jobs-dead', deny(action));
        expect(errorOf(() => start(t))).toMatchObject({ code: 'AccessDenied', status: 403 });
        t.set('jobs-dead', { Policy: '' });
        start(t);
      },
    );

    test.each(['ListMessageMoveTasks', 'CancelMessageMoveTask'])('%s takes itself on the source', (action) => {
      const t = withPolicies();
      const TaskHandle = start(t);
      t.set('jobs-dead', deny(action));
      const ask = () =>
        action === 'ListMessageMoveTasks'
          ? t.sqs.listMessageMoveTasks({ SourceArn }, CALL)
          : t.sqs.cancelMessageMoveTask({ TaskHandle }, CALL);
      expect(errorOf(ask).code).toBe('AccessDenied');
      t.set('jobs-dead', { Policy: '' });
      ask();
    });

    test.each(['jobs', 'other'])('a task fails at %s, which takes no messages of the caller', async (name) => {
      const t = withPolicies();
      t.set(name, deny('SendMessage'));
      start(t, name === 'other' ? { DestinationArn: arn('other') } : {});
      await t.wait(1);
      expect(tasks(t)).toMatchObject([{ Status: 'FAILED', FailureReason: 'AccessDenied' }]);
      expect(t.sqs.counts('jobs-dead')?.visible).toBe(1);
    });
  });

  test('a message that was moved can die again', async () => {
    const t = withDeadLetters(1);
    start(t);
    await t.wait(1);
    t.receive('jobs', { VisibilityTimeout: 0 });
    expect(t.receive('jobs')).toEqual([]);
    expect(t.sqs.counts('jobs-dead')?.visible).toBe(1);
    t.create('next', { RedrivePolicy: redrive('jobs', 1) });
    expect(t.sqs.listDeadLetterSourceQueues({ QueueUrl: 'jobs' }, CALL).queueUrls).toHaveLength(1);
  });
});
