import { ACCOUNT, type ConformanceCloud, type Refusal } from './cloud';
import { invalid, invalidValue, missing, overLimit } from './refusals';
import { conformance } from './rows';

const arn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
const permission = (Label: string, Actions: readonly string[] = ['SendMessage']) => ({
  Label,
  AWSAccountIds: ['111122223333'],
  Actions,
});
const policyOf = async (cloud: ConformanceCloud, queue: string) => {
  const { Policy } = await cloud.attributes(queue, 'Policy');
  return Policy === undefined ? undefined : (JSON.parse(Policy) as Record<string, unknown>);
};

conformance('§1.4 permissions', {
  'AddPermission writes a statement of the policy, RemovePermission takes it away': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.call('AddPermission', { QueueUrl, ...permission('one', ['SendMessage', 'ReceiveMessage']) });
    expect(await policyOf(cloud, QueueUrl)).toEqual({
      Version: '2008-10-17',
      Id: `${arn('Queue')}/SQSDefaultPolicy`,
      Statement: [
        {
          Sid: 'one',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Action: ['SQS:SendMessage', 'SQS:ReceiveMessage'],
          Resource: arn('Queue'),
        },
      ],
    });
    await cloud.call('AddPermission', { QueueUrl, ...permission('two') });
    await cloud.call('RemovePermission', { QueueUrl, Label: 'one' });
    expect(await policyOf(cloud, QueueUrl)).toMatchObject({ Statement: [{ Sid: 'two', Action: 'SQS:SendMessage' }] });
    await cloud.call('RemovePermission', { QueueUrl, Label: 'two' });
    expect(await policyOf(cloud, QueueUrl)).toBeUndefined();
  },
  '§1.2 a label twice, a label that is not there': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.call('AddPermission', { QueueUrl, ...permission('L') });
    const again = { QueueUrl, ...permission('L') };
    await cloud.refuses('AddPermission', again, invalidValue('Label', 'L', 'Already exists.'));
    const none = { QueueUrl, Label: 'none' };
    await cloud.refuses('RemovePermission', none, invalidValue('Label', 'none', "can't find label."));
  },
  'labels of at most 80 letters; accounts, actions and label are required': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.call('AddPermission', { QueueUrl, ...permission('x'.repeat(80)) });
    await cloud.refuses('AddPermission', { QueueUrl, ...permission('x'.repeat(81)) }, invalid(/for parameter Label/));
    const { Label, AWSAccountIds, Actions } = permission('L');
    await cloud.refuses('AddPermission', { QueueUrl, AWSAccountIds, Actions }, missing('Label'));
    await cloud.refuses('AddPermission', { QueueUrl, Label, Actions }, missing('AWSAccountIds'));
    await cloud.refuses('AddPermission', { QueueUrl, Label, AWSAccountIds }, missing('Actions'));
  },
  'at most 7 actions; only what others may be allowed at all': async (cloud) => {
    const QueueUrl = await cloud.create();
    const actions = ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility'];
    actions.push('GetQueueAttributes', 'GetQueueUrl', 'PurgeQueue', 'ListDeadLetterSourceQueues');
    await cloud.refuses('AddPermission', { QueueUrl, ...permission('L', actions) }, overLimit(/7/));
    await cloud.call('AddPermission', { QueueUrl, ...permission('L', actions.slice(1)) });
    await cloud.refuses(
      'AddPermission',
      { QueueUrl, ...permission('M', ['DeleteQueue']) },
      invalid(/Only the queue owner is allowed to invoke this action/),
    );
  },
});

const notFound = (message: string | RegExp): Refusal => ({
  shape: 'ResourceNotFoundException',
  status: 404,
  message,
});

/** A dead-letter queue with messages that `Source` gave up on. */
async function withDeadLetters(cloud: ConformanceCloud, ...bodies: string[]): Promise<string> {
  const dead = await cloud.create('Dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('Dead'), maxReceiveCount: 1 });
  const source = await cloud.create('Source', { RedrivePolicy });
  for (const body of bodies) await cloud.send(source, body);
  for (let i = 0; i < bodies.length; i += 10) await cloud.receive(source, { VisibilityTimeout: 0 });
  for (let i = 0; i < bodies.length; i += 10) await cloud.receive(source);
  expect(await cloud.attributes(dead, 'ApproximateNumberOfMessages')).toEqual({
    ApproximateNumberOfMessages: String(bodies.length),
  });
  return dead;
}
const tasks = async (cloud: ConformanceCloud, more: object = {}) =>
  (await cloud.call('ListMessageMoveTasks', { SourceArn: arn('Dead'), ...more })).Results ?? [];

conformance('§1.10 message move tasks', {
  'back to where each came from, as new messages': async (cloud) => {
    const dead = await withDeadLetters(cloud, 'x');
    const [{ MessageId }] = await cloud.receive(dead, { VisibilityTimeout: 0 });
    const startedAt = cloud.clock.now();
    const { TaskHandle } = await cloud.call('StartMessageMoveTask', { SourceArn: arn('Dead') });
    expect(await tasks(cloud)).toEqual([
      {
        TaskHandle,
        Status: 'RUNNING',
        SourceArn: arn('Dead'),
        ApproximateNumberOfMessagesMoved: 0,
        ApproximateNumberOfMessagesToMove: 1,
        StartedTimestamp: startedAt,
      },
    ]);
    await cloud.wait(5);
    const [task] = await tasks(cloud);
    expect(task).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 });
    expect(task.TaskHandle).toBeUndefined();
    const [moved] = await cloud.receive(cloud.urlOf('Source'), { MessageSystemAttributeNames: ['All'] });
    expect(moved.Body).toBe('x');
    expect(moved.MessageId).not.toBe(MessageId);
    expect(moved.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(Number(moved.Attributes?.SentTimestamp)).toBeGreaterThanOrEqual(startedAt);
  },
  'to another queue, at a rate, oldest first': async (cloud) => {
    await withDeadLetters(cloud, ...Array.from({ length: 10 }, (_, i) => String(i)));
    const elsewhere = await cloud.create('Elsewhere');
    const order = { SourceArn: arn('Dead'), DestinationArn: arn('Elsewhere'), MaxNumberOfMessagesPerSecond: 2 };
    await cloud.call('StartMessageMoveTask', order);
    await cloud.wait(2);
    const [{ ApproximateNumberOfMessagesMoved: moved, ...task }] = await tasks(cloud);
    expect(task).toMatchObject({ Status: 'RUNNING', ...order });
    expect(moved).toBeGreaterThanOrEqual(3);
    expect(moved).toBeLessThanOrEqual(5);
    await cloud.wait(5);
    expect(await cloud.bodies(elsewhere)).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
  },
  'cancelled: no more moves, the handle is gone': async (cloud) => {
    await withDeadLetters(cloud, ...Array.from({ length: 10 }, (_, i) => String(i)));
    const order = { SourceArn: arn('Dead'), MaxNumberOfMessagesPerSecond: 1 };
    const { TaskHandle } = await cloud.call('StartMessageMoveTask', order);
    await cloud.wait(3);
    const cancelled = await cloud.call('CancelMessageMoveTask', { TaskHandle });
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBeGreaterThanOrEqual(2);
    await cloud.wait(10);
    const [task] = await tasks(cloud);
    expect(task).toMatchObject({ Status: 'CANCELLED' });
    expect(task.TaskHandle).toBeUndefined();
    expect(task.ApproximateNumberOfMessagesMoved).toBeLessThan(10);
    await cloud.refuses('CancelMessageMoveTask', { TaskHandle }, notFound('Task does not exist.'));
  },
  'the destination deleted: FAILED': async (cloud) => {
    await withDeadLetters(cloud, '1', '2', '3', '4');
    const QueueUrl = await cloud.create('Elsewhere');
    const order = { SourceArn: arn('Dead'), DestinationArn: arn('Elsewhere'), MaxNumberOfMessagesPerSecond: 1 };
    await cloud.call('StartMessageMoveTask', order);
    await cloud.call('DeleteQueue', { QueueUrl });
    await cloud.wait(10);
    expect(await tasks(cloud)).toMatchObject([
      { Status: 'FAILED', FailureReason: 'AWS.SimpleQueueService.NonExistentQueue' },
    ]);
  },
  'one active task a source': async (cloud) => {
    await withDeadLetters(cloud, '1', '2', '3');
    const order = { SourceArn: arn('Dead'), MaxNumberOfMessagesPerSecond: 1 };
    await cloud.call('StartMessageMoveTask', order);
    await cloud.refuses(
      'StartMessageMoveTask',
      order,
      invalid(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      ),
    );
  },
  'the latest tasks first, one unless told otherwise': async (cloud) => {
    await withDeadLetters(cloud, '1');
    for (let i = 0; i < 3; i++) {
      await cloud.call('StartMessageMoveTask', { SourceArn: arn('Dead') });
      await cloud.wait(5);
    }
    expect(await tasks(cloud)).toHaveLength(1);
    const all = await tasks(cloud, { MaxResults: 10 });
    const starts = all.map(({ StartedTimestamp }) => StartedTimestamp ?? 0);
    expect(starts).toHaveLength(3);
    expect(starts).toEqual([...starts].sort((a, b) => b - a));
    for (const MaxResults of [0, 11]) {
      await cloud.refuses('ListMessageMoveTasks', { SourceArn: arn('Dead'), MaxResults }, invalid(/MaxResults/));
    }
  },
  '§1.2 what is refused': async (cloud) => {
    await cloud.create();
    const order = { SourceArn: arn('Queue') };
    await cloud.refuses(
      'StartMessageMoveTask',
      order,
      invalid('Source queue must be configured as a Dead Letter Queue.'),
    );
    const missingSource = notFound("The resource that you specified for the SourceArn parameter doesn't exist.");
    for (const action of ['StartMessageMoveTask', 'ListMessageMoveTasks']) {
      await cloud.refuses(action, { SourceArn: arn('none') }, missingSource);
      await cloud.refuses(action, {}, missing('SourceArn'));
    }
    await cloud.refuses(
      'StartMessageMoveTask',
      { ...order, DestinationArn: arn('none') },
      notFound("The resource that you specified for the DestinationArn parameter doesn't exist."),
    );
    const garbage = { TaskHandle: 'garbage' };
    await cloud.refuses('CancelMessageMoveTask', garbage, invalid('Value for parameter TaskHandle is invalid.'));
    await cloud.refuses('CancelMessageMoveTask', {}, missing('TaskHandle'));
    await withDeadLetters(cloud, 'x');
    for (const MaxNumberOfMessagesPerSecond of [0, 501]) {
      const input = { SourceArn: arn('Dead'), MaxNumberOfMessagesPerSecond };
      await cloud.refuses('StartMessageMoveTask', input, invalid(/MaxNumberOfMessagesPerSecond/));
    }
  },
});
