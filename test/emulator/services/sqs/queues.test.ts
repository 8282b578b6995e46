import type { MetricDatum } from '../../../../lib/emulator/core';
import { arn, CALL, errorOf, SqsInTest } from './sqs-in-test';

const URL = 'http://127.0.0.1:4566/123456789012/';

describe('lifecycle (§1.4)', () => {
  test.each([
    ['', 'MissingParameter'],
    ['a b', 'InvalidParameterValue'],
    ['a/b', 'InvalidParameterValue'],
    ['a'.repeat(81), 'InvalidParameterValue'],
    ['a.fifo', 'InvalidParameterValue'],
  ])('a standard queue cannot be named %p', (QueueName, code) => {
    expect(errorOf(() => new SqsInTest().sqs.createQueue({ QueueName }, CALL)).code).toBe(code);
  });

  test('a FIFO queue must be named .fifo, which counts', () => {
    const create = (name: string) => new SqsInTest().create(name, { FifoQueue: 'true' });
    expect(errorOf(() => create('a')).code).toBe('InvalidParameterValue');
    expect(errorOf(() => create(`${'a'.repeat(76)}.fifo`)).code).toBe('InvalidParameterValue');
    expect(create(`${'a'.repeat(75)}.fifo`)).toBe(`${URL}${'a'.repeat(75)}.fifo`);
  });

  test('CreateQueue succeeds for an existing queue with equal attributes, and names one that differs', () => {
    const t = new SqsInTest();
    const queue = t.create('q', { VisibilityTimeout: '5' });
    expect(t.create('q')).toBe(queue);
    expect(t.create('q', { VisibilityTimeout: '5', DelaySeconds: '0' })).toBe(queue);
    t.set(queue, { VisibilityTimeout: '6' });
    expect(errorOf(() => t.create('q', { VisibilityTimeout: '5' }))).toEqual({
      code: 'QueueAlreadyExists',
      status: 400,
      message: 'A queue already exists with the same name and a different value for attribute VisibilityTimeout',
    });
  });

  test('a deleted queue is gone with its messages, and its name is free after 60 seconds', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'a');
    t.sqs.deleteQueue({ QueueUrl: queue }, CALL);
    expect(errorOf(() => t.receive(queue))).toEqual({
      code: 'AWS.SimpleQueueService.NonExistentQueue',
      status: 400,
      message: 'The specified queue does not exist.',
    });
    await t.wait(59);
    expect(errorOf(() => t.create('q')).message).toBe(
      'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    );
    await t.wait(1);
    expect(t.bodies(t.create('q'))).toEqual([]);
  });

  test('a purge removes messages of all states, once in 60 seconds', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const purge = () => t.sqs.purgeQueue({ QueueUrl: queue }, CALL);
    for (const body of ['a', 'b']) t.send(queue, body);
    const [message] = t.receive(queue, { MaxNumberOfMessages: 1 });
    t.send(queue, 'c', { DelaySeconds: 5 });
    purge();
    expect(t.sqs.counts('q')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    t.delete(queue, message);
    t.send(queue, 'd');
    expect(errorOf(purge)).toEqual({
      code: 'AWS.SimpleQueueService.PurgeQueueInProgress',
      status: 403,
      message: 'Only one PurgeQueue operation on q is allowed every 60 seconds.',
    });
    await t.wait(60);
    expect(t.sqs.counts('q')?.visible).toBe(1);
    purge();
  });

  test.each([`${URL}q`, 'https://sqs.eu-west-1.amazonaws.com/123456789012/q', '123456789012/q', 'q'])(
    'a queue is found by %s',
    (QueueUrl) => {
      const t = new SqsInTest();
      t.create('q');
      expect(t.attributes(QueueUrl, 'QueueArn')).toEqual({ QueueArn: arn('q') });
    },
  );

  test.each(['http://127.0.0.1:4566/210987654321/q', 'other', '23456789012/q'])('and not by %s', (QueueUrl) => {
    const t = new SqsInTest();
    t.create('q');
    expect(errorOf(() => t.attributes(QueueUrl)).code).toBe('AWS.SimpleQueueService.NonExistentQueue');
  });

  test('GetQueueUrl knows its own queues only', () => {
    const t = new SqsInTest();
    t.create('q');
    expect(t.sqs.getQueueUrl({ QueueName: 'q' }, CALL)).toEqual({ QueueUrl: `${URL}q` });
    for (const more of [{ QueueName: 'x' }, { QueueName: 'q', QueueOwnerAWSAccountId: '210987654321' }]) {
      expect(errorOf(() => t.sqs.getQueueUrl(more, CALL)).code).toContain('NonExistentQueue');
    }
  });

  test('ListQueues filters by prefix, and returns pages only with MaxResults', () => {
    const t = new SqsInTest();
    for (const name of ['b2', 'a', 'b1', 'b3']) t.create(name);
    const list = (request: object) => t.sqs.listQueues(request, CALL);
    expect(list({ QueueNamePrefix: 'b' })).toEqual({ QueueUrls: ['b1', 'b2', 'b3'].map((name) => URL + name) });
    const first = list({ QueueNamePrefix: 'b', MaxResults: 2 });
    expect(first.QueueUrls).toEqual([`${URL}b1`, `${URL}b2`]);
    expect(list({ QueueNamePrefix: 'b', MaxResults: 2, NextToken: first.NextToken })).toEqual({
      QueueUrls: [`${URL}b3`],
    });
    expect(list({ QueueNamePrefix: 'none' })).toEqual({});
    for (const wrong of [{ MaxResults: 0 }, { MaxResults: 1_001 }, { NextToken: '!' }]) {
      expect(errorOf(() => list(wrong)).code).toBe('InvalidParameterValue');
    }
  });

  test('tags', () => {
    const t = new SqsInTest();
    const QueueUrl = t.sqs.createQueue({ QueueName: 'q', tags: { a: '1' } }, CALL).QueueUrl;
    t.sqs.tagQueue({ QueueUrl, Tags: { b: '2', a: '3' } }, CALL);
    t.sqs.untagQueue({ QueueUrl, TagKeys: ['b', 'none'] }, CALL);
    expect(t.sqs.listQueueTags({ QueueUrl }, CALL)).toEqual({ Tags: { a: '3' } });
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, '']));
    for (const Tags of [{ 'aws:x': '1' }, { 'a*': '1' }, { a: 'x'.repeat(257) }, many]) {
      expect(errorOf(() => t.sqs.tagQueue({ QueueUrl, Tags }, CALL)).code).toBe('InvalidParameterValue');
    }
    expect(errorOf(() => t.sqs.tagQueue({ QueueUrl, Tags: {} }, CALL))).toMatchObject({
      code: 'MissingParameter',
      message: 'The request must contain the parameter Tags.',
    });
    expect(errorOf(() => t.sqs.untagQueue({ QueueUrl, TagKeys: [] }, CALL))).toMatchObject({
      code: 'MissingParameter',
      message: 'The request must contain the parameter TagKeys.',
    });
    t.sqs.untagQueue({ QueueUrl, TagKeys: ['a'] }, CALL);
    expect(t.sqs.listQueueTags({ QueueUrl }, CALL)).toEqual({});
  });
});

describe('attributes (§1.3)', () => {
  const defaults = (now: number) => ({
    QueueArn: arn('q'),
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
    CreatedTimestamp: String(now / 1_000),
    LastModifiedTimestamp: String(now / 1_000),
    VisibilityTimeout: '30',
    MessageRetentionPeriod: '345600',
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
    MaximumMessageSize: '1048576',
    SqsManagedSseEnabled: 'true',
  });

  test('defaults; a FIFO queue has more; no names, no attributes', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    expect(t.attributes(queue)).toEqual(defaults(t.clock.now()));
    expect(t.sqs.getQueueAttributes({ QueueUrl: queue }, CALL)).toEqual({});
    expect(t.attributes(t.create('q.fifo'))).toMatchObject({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    });
    expect(t.attributes(queue, 'DeduplicationScope')).toEqual({});
    expect(errorOf(() => t.attributes(queue, 'X'))).toMatchObject({
      code: 'InvalidAttributeName',
      message: 'Unknown Attribute X.',
    });
  });

  test.each([
    ['VisibilityTimeout', '-1', '43201', '43200'],
    ['MessageRetentionPeriod', '59', '1209601', '1209600'],
    ['DelaySeconds', 'x', '901', '900'],
    ['ReceiveMessageWaitTimeSeconds', '1.5', '21', '20'],
    ['MaximumMessageSize', '1023', '1048577', '1048576'],
    ['KmsDataKeyReusePeriodSeconds', '59', '86401', '86400'],
    ['SqsManagedSseEnabled', 'yes', '', 'false'],
  ])('%s: neither %p nor %p, but %p', (name, low, high, fine) => {
    const t = new SqsInTest();
    const queue = t.create('q', { KmsMasterKeyId: 'alias/aws/sqs' });
    for (const value of [low, high]) {
      const { code, message } = errorOf(() => t.set(queue, { [name]: value }));
      expect(code).toBe('InvalidAttributeValue');
      expect(message).toContain(`Invalid value for the parameter ${name}. Reason: `);
    }
    t.set(queue, { [name]: fine });
    expect(t.attributes(queue, name)).toEqual({ [name]: fine });
  });

  test.each([
    [{ FifoQueue: 'true' }, 'InvalidAttributeName', 'Unknown Attribute FifoQueue.'],
    [{ QueueArn: 'x' }, 'InvalidAttributeName', 'Unknown Attribute QueueArn.'],
    [{ toString: 'x' }, 'InvalidAttributeName', 'Unknown Attribute toString.'],
    [
      { DeduplicationScope: 'queue' },
      'InvalidAttributeName',
      'You can specify the DeduplicationScope only when FifoQueue is set to true.',
    ],
    [
      { KmsMasterKeyId: 'k', SqsManagedSseEnabled: 'true' },
      'InvalidAttributeName',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    ],
  ])('on a standard queue %j is refused, and changes nothing', (attributes, code, message) => {
    const t = new SqsInTest();
    const queue = t.create('q');
    expect(errorOf(() => t.set(queue, { DelaySeconds: '5', ...attributes }))).toMatchObject({ code, message });
    expect(t.attributes(queue)).toEqual(defaults(t.clock.now()));
  });

  test('reads booleans in upper or lower case, and returns them in lower case', () => {
    const t = new SqsInTest();
    const given = { FifoQueue: 'True', ContentBasedDeduplication: 'TRUE', SqsManagedSseEnabled: 'FALSE' };
    const queue = t.create('q.fifo', given);
    const returned = { FifoQueue: 'true', ContentBasedDeduplication: 'true', SqsManagedSseEnabled: 'false' };
    expect(t.attributes(queue, ...Object.keys(given))).toEqual(returned);
    expect(t.create('q.fifo', given)).toBe(queue);
    t.sendInGroup(queue, 'g', 'a');
    t.send(queue, 'no id of its own', { MessageGroupId: 'g' });
    t.set(queue, { ContentBasedDeduplication: 'False' });
    expect(t.attributes(queue, 'ContentBasedDeduplication')).toEqual({ ContentBasedDeduplication: 'false' });
    expect(errorOf(() => t.set(queue, { FifoQueue: 'FALSE' })).message).toContain('Modifying queue type is not');
    expect(errorOf(() => t.set(queue, { KmsMasterKeyId: 'k', SqsManagedSseEnabled: 'True' })).code).toBe(
      'InvalidAttributeName',
    );
    t.set(queue, { KmsMasterKeyId: 'k' });
    t.set(queue, { SqsManagedSseEnabled: 'TRUE' });
    expect(t.attributes(queue, 'KmsMasterKeyId', 'SqsManagedSseEnabled')).toEqual({ SqsManagedSseEnabled: 'true' });
  });

  test('returns KmsDataKeyReusePeriodSeconds only while the queue has a key', () => {
    const t = new SqsInTest();
    const name = 'KmsDataKeyReusePeriodSeconds';
    const queue = t.create('q', { [name]: '600' });
    expect(t.attributes(queue)).toEqual(defaults(t.clock.now()));
    expect(t.attributes(queue, name)).toEqual({});
    expect(t.create('q', { [name]: '600' })).toBe(queue);
    t.set(queue, { KmsMasterKeyId: 'alias/aws/sqs' });
    expect(t.attributes(queue, name)).toEqual({ [name]: '600' });
    t.set(queue, { KmsMasterKeyId: '' });
    expect(t.attributes(queue, name)).toEqual({});
  });

  test('SetQueueAttributes needs an attribute', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    expect(errorOf(() => t.set(queue, {}))).toEqual({
      code: 'MissingParameter',
      status: 400,
      message: 'The request must contain the parameter Attribute.Name.',
    });
  });

  test('FIFO: the type stays, and throughput per group needs deduplication per group', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    t.set(queue, { FifoQueue: 'true' });
    expect(errorOf(() => t.set(queue, { FifoQueue: 'false' }))).toMatchObject({
      code: 'InvalidAttributeValue',
      message: 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    });
    expect(errorOf(() => t.set(queue, { FifoThroughputLimit: 'perMessageGroupId' })).code).toBe(
      'InvalidAttributeValue',
    );
  });

  test('one kind of encryption drops the other; clearing and policies', () => {
    const t = new SqsInTest();
    const queue = t.create('q', { KmsMasterKeyId: 'alias/aws/sqs' });
    const names = ['KmsMasterKeyId', 'SqsManagedSseEnabled', 'KmsDataKeyReusePeriodSeconds'];
    expect(t.attributes(queue, ...names)).toEqual({
      KmsMasterKeyId: 'alias/aws/sqs',
      SqsManagedSseEnabled: 'false',
      KmsDataKeyReusePeriodSeconds: '300',
    });
    t.set(queue, { SqsManagedSseEnabled: 'true' });
    expect(t.attributes(queue, ...names)).toEqual({ SqsManagedSseEnabled: 'true' });
    for (const Policy of ['nonsense', '[]', JSON.stringify({ x: 'x'.repeat(8_192) })]) {
      expect(errorOf(() => t.set(queue, { Policy })).code).toBe('InvalidAttributeValue');
    }
    t.set(queue, { Policy: '{"Version": "2012-10-17"}' });
    expect(t.create('q', { Policy: '{"Version":"2012-10-17"}' })).toBe(queue);
    t.set(queue, { Policy: '' });
    expect(t.attributes(queue, 'Policy')).toEqual({});
  });
});

describe('metrics (§2)', () => {
  const values = (data: MetricDatum[], queue = 'q') =>
    Object.fromEntries(
      data.filter(({ dimensions }) => dimensions.QueueName === queue).map(({ name, sum }) => [name, sum]),
    );
  const collect = (t: SqsInTest) => t.sqs.collectMetrics(t.clock.now() - 60_000);

  test('gauges of the moment, counters of the minute', async () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    expect(values(collect(t))).toEqual({
      ApproximateNumberOfMessagesVisible: 0,
      NumberOfMessagesSent: 0,
      NumberOfMessagesReceived: 0,
      NumberOfEmptyReceives: 0,
      NumberOfMessagesDeleted: 0,
    });
    t.receive(queue);
    for (const body of ['a', 'bb', 'ccc']) t.send(queue, body);
    t.send(queue, 'dddd', { DelaySeconds: 900 });
    const [message] = t.receive(queue, { MaxNumberOfMessages: 2, VisibilityTimeout: 100 });
    t.delete(queue, message);
    await t.wait(60);
    const data = collect(t);
    expect(values(data)).toEqual({
      ApproximateNumberOfMessagesVisible: 1,
      ApproximateNumberOfMessagesNotVisible: 1,
      ApproximateNumberOfMessagesDelayed: 1,
      ApproximateAgeOfOldestMessage: 60,
      NumberOfMessagesSent: 4,
      NumberOfMessagesReceived: 2,
      NumberOfEmptyReceives: 1,
      NumberOfMessagesDeleted: 1,
      SentMessageSize: 10,
    });
    expect(data.find(({ name }) => name === 'SentMessageSize')).toEqual({
      namespace: 'AWS/SQS',
      name: 'SentMessageSize',
      dimensions: { QueueName: 'q' },
      unit: 'Bytes',
      timestamp: t.clock.now() - 60_000,
      sampleCount: 4,
      sum: 10,
      minimum: 1,
      maximum: 4,
    });
    expect(values(collect(t))).toMatchObject({ NumberOfMessagesSent: 0, NumberOfMessagesReceived: 0 });
  });

  test('a queue unused for 6 hours emits nothing, unless it has messages', async () => {
    const t = new SqsInTest();
    t.create('q');
    t.send(t.create('busy'), 'a');
    await t.wait(6 * 3_600);
    expect(values(collect(t))).toMatchObject({ ApproximateNumberOfMessagesVisible: 0 });
    await t.wait(60);
    expect(values(collect(t))).toEqual({});
    expect(values(collect(t), 'busy')).toMatchObject({ ApproximateNumberOfMessagesVisible: 1 });
    t.attributes('q');
    expect(values(collect(t))).toMatchObject({ ApproximateNumberOfMessagesVisible: 0 });
  });

  test('the age leaves out a message received three times; a dead letter ages from its move and is not sent', async () => {
    const t = new SqsInTest();
    const queue = t.createWithDeadLetters('q', 3);
    t.send(queue, 'poison');
    await t.wait(100);
    t.send(queue, 'fresh', { DelaySeconds: 900 });
    expect(values(collect(t)).ApproximateAgeOfOldestMessage).toBe(100);
    for (let i = 0; i < 3; i++) t.receive(queue, { VisibilityTimeout: 0 });
    await t.wait(10);
    expect(values(collect(t)).ApproximateAgeOfOldestMessage).toBe(10);
    t.receive(queue);
    await t.wait(5);
    expect(values(collect(t), 'q-dead')).toMatchObject({
      ApproximateAgeOfOldestMessage: 5,
      ApproximateNumberOfMessagesVisible: 1,
      NumberOfMessagesSent: 0,
    });
  });

  test('FIFO: groups in flight and deduplicated sends', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    for (const group of ['g1', 'g2', 'g3', 'g1']) t.sendInGroup(queue, group, 'a', 'b');
    const [one, two] = t.receive(queue, { MaxNumberOfMessages: 3 });
    const state = () => values(collect(t), 'q.fifo');
    expect(state()).toMatchObject({
      ApproximateNumberOfGroupsWithInflightMessages: 2,
      NumberOfDeduplicatedSentMessages: 2,
      NumberOfMessagesSent: 6,
    });
    t.delete(queue, one);
    t.hide(queue, two, 0);
    expect(state()).toMatchObject({ ApproximateNumberOfGroupsWithInflightMessages: 1 });
  });
});
