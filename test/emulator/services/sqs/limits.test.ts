import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { CALL, errorOf, SqsInTest } from './sqs-in-test';

// The exact ends of what SQS allows.

const text = (StringValue: string): MessageAttributeValue => ({ DataType: 'String', StringValue });
const number = (StringValue: string): MessageAttributeValue => ({ DataType: 'Number', StringValue });
const withAttribute = (name: string, value: MessageAttributeValue) => ({ MessageAttributes: { [name]: value } });

type Attempt = (t: SqsInTest, queue: string) => unknown;

test.each<[what: string, fits: Attempt, tooMuch: Attempt]>([
  ['a queue name has 80 characters', (t) => t.create('q'.repeat(80)), (t) => t.create('q'.repeat(81))],
  [
    'a FIFO queue name has 80 characters with its suffix',
    (t) => t.create(`${'q'.repeat(75)}.fifo`),
    (t) => t.create(`${'q'.repeat(76)}.fifo`),
  ],
  [
    'a message group id has 128 characters',
    (t, queue) => t.send(queue, 'a', { MessageGroupId: 'g'.repeat(128) }),
    (t, queue) => t.send(queue, 'a', { MessageGroupId: 'g'.repeat(129) }),
  ],
  [
    'a message group id has a character',
    (t, queue) => t.send(queue, 'a', { MessageGroupId: 'g' }),
    (t, queue) => t.send(queue, 'a', { MessageGroupId: '' }),
  ],
  [
    'a delay is of 900 seconds',
    (t, q) => t.send(q, 'a', { DelaySeconds: 900 }),
    (t, q) => t.send(q, 'a', { DelaySeconds: 901 }),
  ],
  [
    'a delay is not negative',
    (t, q) => t.send(q, 'a', { DelaySeconds: 0 }),
    (t, q) => t.send(q, 'a', { DelaySeconds: -1 }),
  ],
  [
    'a receive gives 10 messages',
    (t, queue) => t.receive(queue, { MaxNumberOfMessages: 10 }),
    (t, queue) => t.receive(queue, { MaxNumberOfMessages: 11 }),
  ],
  [
    'a receive gives one message',
    (t, queue) => t.receive(queue, { MaxNumberOfMessages: 1 }),
    (t, queue) => t.receive(queue, { MaxNumberOfMessages: 0 }),
  ],
  ['a long poll takes 20 seconds', (t, queue) => t.poll(queue, 20), (t, queue) => t.poll(queue, 21)],
  [
    'a receive hides for 43,200 seconds',
    (t, queue) => t.receive(queue, { VisibilityTimeout: 43_200 }),
    (t, queue) => t.receive(queue, { VisibilityTimeout: 43_201 }),
  ],
  [
    'the name of an attribute has 256 characters',
    (t, queue) => t.send(queue, 'a', withAttribute('n'.repeat(256), text('v'))),
    (t, queue) => t.send(queue, 'a', withAttribute('n'.repeat(257), text('v'))),
  ],
  [
    'the type of an attribute has 256 characters',
    (t, queue) => t.send(queue, 'a', withAttribute('n', { DataType: `String.${'t'.repeat(249)}`, StringValue: 'v' })),
    (t, queue) => t.send(queue, 'a', withAttribute('n', { DataType: `String.${'t'.repeat(250)}`, StringValue: 'v' })),
  ],
  [
    'a binary attribute has a byte',
    (t, queue) => t.send(queue, 'a', withAttribute('n', { DataType: 'Binary', BinaryValue: new Uint8Array(1) })),
    (t, queue) => t.send(queue, 'a', withAttribute('n', { DataType: 'Binary', BinaryValue: new Uint8Array(0) })),
  ],
  [
    'a number has 38 digits',
    (t, queue) => t.send(queue, 'a', withAttribute('n', number('1'.repeat(38)))),
    (t, queue) => t.send(queue, 'a', withAttribute('n', number('1'.repeat(39)))),
  ],
  [
    'a number is below 10^127',
    (t, queue) => t.send(queue, 'a', withAttribute('n', number('9e126'))),
    (t, queue) => t.send(queue, 'a', withAttribute('n', number('1e127'))),
  ],
  [
    'a number is at least 10^-128',
    (t, queue) => t.send(queue, 'a', withAttribute('n', number('1e-128'))),
    (t, queue) => t.send(queue, 'a', withAttribute('n', number('0.9e-128'))),
  ],
  [
    'a tag key has 128 characters',
    (t, QueueUrl) => t.sqs.tagQueue({ QueueUrl, Tags: { ['k'.repeat(128)]: '' } }, CALL),
    (t, QueueUrl) => t.sqs.tagQueue({ QueueUrl, Tags: { ['k'.repeat(129)]: '' } }, CALL),
  ],
  [
    'a tag key has a character',
    (t, QueueUrl) => t.sqs.tagQueue({ QueueUrl, Tags: { k: '' } }, CALL),
    (t, QueueUrl) => t.sqs.tagQueue({ QueueUrl, Tags: { '': '' } }, CALL),
  ],
  [
    'a tag value has 256 characters',
    (t, QueueUrl) => t.sqs.tagQueue({ QueueUrl, Tags: { k: 'v'.repeat(256) } }, CALL),
    (t, QueueUrl) => t.sqs.tagQueue({ QueueUrl, Tags: { k: 'v'.repeat(257) } }, CALL),
  ],
  [
    'a queue has 50 tags',
    (t, QueueUrl) => t.sqs.tagQueue({ QueueUrl, Tags: tags(50) }, CALL),
    (t, QueueUrl) => t.sqs.tagQueue({ QueueUrl, Tags: tags(51) }, CALL),
  ],
  [
    'a label has 80 characters',
    (t, queue) => permit(t, queue, 'l'.repeat(80), 1),
    (t, queue) => permit(t, queue, 'l'.repeat(81), 1),
  ],
  ['a statement has 7 actions', (t, queue) => permit(t, queue, 'l', 7), (t, queue) => permit(t, queue, 'l', 8)],
  [
    'a page of queues has up to 1,000',
    (t) => t.sqs.listQueues({ MaxResults: 1_000 }, CALL),
    (t) => t.sqs.listQueues({ MaxResults: 1_001 }, CALL),
  ],
])('%s, and no more or less', (_what, fits, tooMuch) => {
  const t = new SqsInTest();
  const queue = t.create('q');
  fits(t, queue);
  const other = new SqsInTest();
  const { code } = errorOf(() => tooMuch(other, other.create('q')));
  expect(code).toMatch(/^(InvalidParameterValue|OverLimit)$/);
});

function tags(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, '']));
}

const PERMITTED = ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl'];

function permit(t: SqsInTest, QueueUrl: string, Label: string, actions: number): void {
  const more = ['ListDeadLetterSourceQueues', 'PurgeQueue', 'ReceiveMessage', 'SendMessage'];
  const Actions = [...PERMITTED, ...more].slice(0, actions);
  t.sqs.addPermission({ QueueUrl, Label, AWSAccountIds: ['111122223333'], Actions }, CALL);
}

test.each([
  ['007.5000', '7.5'],
  ['+7', '7'],
  ['-0.50', '-0.5'],
  ['-0', '0'],
  ['1e5', '1e5'],
  ['100', '100'],
  [`${'0'.repeat(60)}1`, '1'],
  [`1${'0'.repeat(100)}`, `1${'0'.repeat(100)}`],
])('the number %s is received as %s', (sent, received) => {
  const t = new SqsInTest();
  const queue = t.create('q');
  t.send(queue, 'a', withAttribute('n', number(sent)));
  const [message] = t.receive(queue, { MessageAttributeNames: ['All'] });
  expect(message.MessageAttributes).toEqual({ n: number(received) });
});

describe('at the very instant', () => {
  test('a deleted name is free and a purge is allowed after exactly 60 seconds', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
    await t.clock.advance(59_999);
    expect(errorOf(() => t.sqs.purgeQueue({ QueueUrl: queue }, CALL)).status).toBe(403);
    await t.clock.advance(1);
    t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
    t.sqs.deleteQueue({ QueueUrl: queue }, CALL);
    await t.clock.advance(59_999);
    expect(errorOf(() => t.create('q')).code).toBe('AWS.SimpleQueueService.QueueDeletedRecently');
    await t.clock.advance(1);
    expect(t.create('q')).toBe(queue);
  });

  test('a message is visible again, and a duplicate is a new message', async () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.sendInGroup(queue, 'g', 'a');
    const [message] = t.receive(queue, { VisibilityTimeout: 300 });
    await t.clock.advance(299_999);
    expect(t.bodies(queue)).toEqual([]);
    t.sendInGroup(queue, 'g', 'a');
    expect(t.attributes(queue).ApproximateNumberOfMessages).toBe('0');
    await t.clock.advance(1);
    t.sendInGroup(queue, 'g', 'a');
    expect(t.receive(queue)).toMatchObject([{ MessageId: message.MessageId }, { Body: 'a' }]);
  });

  test('a message expires', async () => {
    const t = new SqsInTest();
    const queue = t.create('q', { MessageRetentionPeriod: '60' });
    t.send(queue, 'a');
    await t.clock.advance(59_999);
    expect(t.bodies(queue, { VisibilityTimeout: 0 })).toEqual(['a']);
    await t.clock.advance(1);
    expect(t.bodies(queue)).toEqual([]);
  });
});

test('a purge leaves no group in flight', async () => {
  const t = new SqsInTest();
  const queue = t.create('q.fifo');
  t.sendInGroup(queue, 'g', 'a', 'b');
  t.receive(queue, { MaxNumberOfMessages: 1 });
  const groups = () =>
    t.sqs
      .collectMetrics(t.clock.now() - 60_000)
      .filter(({ name }) => name === 'ApproximateNumberOfGroupsWithInflightMessages')
      .map(({ sum }) => sum);
  expect(groups()).toEqual([1]);
  t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
  expect(groups()).toEqual([0]);
  await t.wait(60);
  t.sendInGroup(queue, 'g', 'c', 'd');
  expect(t.bodies(queue)).toEqual(['c', 'd']);
  expect(groups()).toEqual([1]);
});

test('each message that fits makes a batch of ten, wherever it stands', () => {
  const t = new SqsInTest();
  const QueueUrl = t.create('q');
  const entry = (index: number, size: number) => ({ Id: `e${index}`, MessageBody: 'x'.repeat(size) });
  const batch = (...sizes: number[]) =>
    t.sqs.sendMessageBatch({ QueueUrl, Entries: sizes.map((size, i) => entry(i, size)) }, CALL);
  expect(batch(1_048_575, 1).Successful).toHaveLength(2);
  expect(errorOf(() => batch(1_048_575, 2)).code).toBe('AWS.SimpleQueueService.BatchRequestTooLong');
  expect(batch(...Array.from({ length: 10 }, () => 1)).Successful).toHaveLength(10);
  expect(errorOf(() => batch(...Array.from({ length: 11 }, () => 1))).code).toBe(
    'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  );
  const id = (length: number) => [{ Id: 'i'.repeat(length), MessageBody: 'a' }];
  expect(t.sqs.sendMessageBatch({ QueueUrl, Entries: id(80) }, CALL).Failed).toBeUndefined();
  expect(errorOf(() => t.sqs.sendMessageBatch({ QueueUrl, Entries: id(81) }, CALL)).code).toBe(
    'AWS.SimpleQueueService.InvalidBatchEntryId',
  );
});
