import { ACCOUNT, ConformanceCloud } from './cloud';
import { invalid, invalidValue, nameExists, noSuchQueue, unknownAttribute } from './refusals';
import { conformance, rawConformance } from './rows';

const arn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
const redrive = (name: string, maxReceiveCount: unknown = 3) =>
  JSON.stringify({ deadLetterTargetArn: arn(name), maxReceiveCount });
const NUMBERS: readonly (readonly [name: string, least: number, most: number])[] = [
  ['VisibilityTimeout', 0, 43_200],
  ['MessageRetentionPeriod', 60, 1_209_600],
  ['DelaySeconds', 0, 900],
  ['ReceiveMessageWaitTimeSeconds', 0, 20],
  ['MaximumMessageSize', 1_024, 1_048_576],
  ['KmsDataKeyReusePeriodSeconds', 60, 86_400],
];

conformance('§1.3 attributes', {
  'the defaults of a standard queue; FIFO-only attributes are absent': async (cloud) => {
    const at = String(cloud.clock.now() / 1_000);
    expect(await cloud.attributes(await cloud.create())).toEqual({
      VisibilityTimeout: '30',
      MessageRetentionPeriod: '345600',
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
      MaximumMessageSize: '1048576',
      SqsManagedSseEnabled: 'true',
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      CreatedTimestamp: at,
      LastModifiedTimestamp: at,
      QueueArn: arn('Queue'),
    });
  },
  'the defaults of a FIFO queue': async (cloud) => {
    expect(await cloud.attributes(await cloud.create('Queue.fifo'))).toMatchObject({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    });
  },
  'GetQueueAttributes without names gives none': async (cloud) => {
    const QueueUrl = await cloud.create();
    expect(await cloud.call('GetQueueAttributes', { QueueUrl })).toEqual({});
  },
  'only the attributes that are asked for': async (cloud) => {
    const QueueUrl = await cloud.create();
    const names = ['QueueArn', 'DelaySeconds', 'Policy'];
    expect(await cloud.attributes(QueueUrl, ...names)).toEqual({ QueueArn: arn('Queue'), DelaySeconds: '0' });
  },
  'ranges of numbers, on create and on set': async (cloud) => {
    const QueueUrl = await cloud.create('Numbers', { KmsMasterKeyId: 'alias/aws/sqs' });
    for (const [name, least, most] of NUMBERS) {
      for (const value of [least, most]) {
        await cloud.set(QueueUrl, { [name]: String(value) });
        expect(await cloud.attributes(QueueUrl, name)).toEqual({ [name]: String(value) });
      }
      for (const value of [String(least - 1), String(most + 1), 'soon', '1.5']) {
        const refusal = {
          shape: 'InvalidAttributeValue',
          message: new RegExp(`^Invalid value for the parameter ${name}\\. Reason: `),
        };
        await cloud.refuses('SetQueueAttributes', { QueueUrl, Attributes: { [name]: value } }, refusal);
        await cloud.refuses('CreateQueue', { QueueName: 'Other', Attributes: { [name]: value } }, refusal);
      }
    }
    await cloud.refuses('GetQueueUrl', { QueueName: 'Other' }, noSuchQueue);
  },
  'read-only attributes cannot be set': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const name of ['QueueArn', 'CreatedTimestamp', 'ApproximateNumberOfMessages']) {
      await cloud.refuses('SetQueueAttributes', { QueueUrl, Attributes: { [name]: '1' } }, unknownAttribute(name));
    }
  },
  'the empty string takes off Policy, RedrivePolicy and KmsMasterKeyId': async (cloud) => {
    await cloud.create('Dead');
    const QueueUrl = await cloud.create('Queue', { RedrivePolicy: redrive('Dead') });
    await cloud.set(QueueUrl, { Policy: '{"Version":"2012-10-17","Statement":[]}', KmsMasterKeyId: 'alias/aws/sqs' });
    const names = ['Policy', 'RedrivePolicy', 'KmsMasterKeyId'];
    expect(Object.keys(await cloud.attributes(QueueUrl, ...names)).sort()).toEqual([...names].sort());
    await cloud.set(QueueUrl, { Policy: '', RedrivePolicy: '', KmsMasterKeyId: '' });
    expect(await cloud.attributes(QueueUrl, ...names)).toEqual({});
  },
  'maxReceiveCount as number or as text, given back as it was sent': async (cloud) => {
    await cloud.create('Dead');
    const QueueUrl = await cloud.create();
    for (const count of [7, '7']) {
      const RedrivePolicy = redrive('Dead', count);
      await cloud.set(QueueUrl, { RedrivePolicy });
      expect(await cloud.attributes(QueueUrl, 'RedrivePolicy')).toEqual({ RedrivePolicy });
    }
  },
  'a redrive policy that lacks a field': async (cloud) => {
    await cloud.create('Dead');
    const QueueUrl = await cloud.create();
    for (const policy of [{ maxReceiveCount: 1 }, { deadLetterTargetArn: arn('Dead') }]) {
      const RedrivePolicy = JSON.stringify(policy);
      await cloud.refuses(
        'SetQueueAttributes',
        { QueueUrl, Attributes: { RedrivePolicy } },
        invalid(/^Value .* for parameter RedrivePolicy is invalid\. Reason: .*mandatory attribute/),
      );
    }
  },
  'maxReceiveCount from 1 to 1000': async (cloud) => {
    await cloud.create('Dead');
    const QueueUrl = await cloud.create();
    for (const count of [0, 1_001, 'many']) {
      const Attributes = { RedrivePolicy: redrive('Dead', count) };
      await cloud.refuses(
        'SetQueueAttributes',
        { QueueUrl, Attributes },
        invalid(/for parameter RedrivePolicy is invalid/),
      );
    }
  },
  'RedriveAllowPolicy: ARNs only with byQueue, at most 10': async (cloud) => {
    const QueueUrl = await cloud.create();
    const sourceQueueArns = Array.from({ length: 11 }, (_, i) => arn(`Source${i}`));
    for (const policy of [
      { redrivePermission: 'allowAll', sourceQueueArns: [arn('Source')] },
      { redrivePermission: 'byQueue' },
      { redrivePermission: 'byQueue', sourceQueueArns },
      { redrivePermission: 'sometimes' },
    ]) {
      const Attributes = { RedriveAllowPolicy: JSON.stringify(policy) };
      await cloud.refuses(
        'SetQueueAttributes',
        { QueueUrl, Attributes },
        invalid(/for parameter RedriveAllowPolicy is invalid/),
      );
    }
    const policy = { redrivePermission: 'byQueue', sourceQueueArns: sourceQueueArns.slice(1) };
    await cloud.set(QueueUrl, { RedriveAllowPolicy: JSON.stringify(policy) });
  },
  'FifoQueue=true again is accepted': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.set(QueueUrl, { FifoQueue: 'true' });
  },
  'perMessageGroupId needs scope messageGroup': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    const Attributes = { FifoThroughputLimit: 'perMessageGroupId' };
    await cloud.refuses(
      'SetQueueAttributes',
      { QueueUrl, Attributes },
      { shape: 'InvalidAttributeValue', message: /DeduplicationScope is messageGroup/ },
    );
    await cloud.set(QueueUrl, { ...Attributes, DeduplicationScope: 'messageGroup' });
  },
  'timestamps are in seconds; a change moves LastModifiedTimestamp': async (cloud) => {
    const created = cloud.clock.now() / 1_000;
    const QueueUrl = await cloud.create();
    await cloud.wait(90);
    await cloud.set(QueueUrl, { DelaySeconds: '1' });
    expect(await cloud.attributes(QueueUrl, 'CreatedTimestamp', 'LastModifiedTimestamp')).toEqual({
      CreatedTimestamp: String(created),
      LastModifiedTimestamp: String(created + 90),
    });
  },
  'a shorter retention period ends messages that are older': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'old');
    await cloud.wait(120);
    await cloud.send(QueueUrl, 'young');
    await cloud.set(QueueUrl, { MessageRetentionPeriod: '100' });
    expect(await cloud.bodies(QueueUrl)).toEqual(['young']);
  },
  'counts: visible, in flight, delayed': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const body of ['1', '2', '3']) await cloud.send(QueueUrl, body);
    await cloud.send(QueueUrl, 'later', { DelaySeconds: 60 });
    await cloud.receive(QueueUrl, { MaxNumberOfMessages: 1 });
    const count = 'ApproximateNumberOfMessages';
    expect(await cloud.attributes(QueueUrl, count, `${count}NotVisible`, `${count}Delayed`)).toEqual({
      [count]: '2',
      [`${count}NotVisible`]: '1',
      [`${count}Delayed`]: '1',
    });
  },
});

conformance('§1.11 encryption', {
  'SSE-SQS is on by default and can be put off': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { SqsManagedSseEnabled: 'false' });
    expect(await cloud.attributes(QueueUrl, 'SqsManagedSseEnabled')).toEqual({ SqsManagedSseEnabled: 'false' });
  },
  'a KMS key turns SSE-SQS off, and SSE-SQS takes the key off': async (cloud) => {
    const QueueUrl = await cloud.create();
    const names = ['KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled'];
    await cloud.set(QueueUrl, { KmsMasterKeyId: 'alias/aws/sqs' });
    expect(await cloud.attributes(QueueUrl, ...names)).toEqual({
      KmsMasterKeyId: 'alias/aws/sqs',
      KmsDataKeyReusePeriodSeconds: '300',
      SqsManagedSseEnabled: 'false',
    });
    await cloud.set(QueueUrl, { SqsManagedSseEnabled: 'true' });
    expect(await cloud.attributes(QueueUrl, ...names)).toEqual({ SqsManagedSseEnabled: 'true' });
  },
});

const listed = async (cloud: ConformanceCloud, input: object = {}) => {
  const { QueueUrls = [], NextToken } = await cloud.call('ListQueues', input);
  return { names: QueueUrls.map((url) => url.slice(url.lastIndexOf('/') + 1)), NextToken };
};

conformance('§1.4 lifecycle', {
  'names: 1 to 80 letters, digits, hyphens, underscores; case counts': async (cloud) => {
    for (const name of ['a', 'A', `A-z_9${'x'.repeat(75)}`, `${'x'.repeat(75)}.fifo`]) await cloud.create(name);
    for (const name of ['x'.repeat(81), 'a.b', 'a b', 'é', 'a/b']) {
      await cloud.refuses(
        'CreateQueue',
        { QueueName: name },
        invalid('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.'),
      );
    }
    await cloud.refuses('GetQueueUrl', { QueueName: 'b' }, noSuchQueue);
  },
  '.fifo in the name and FifoQueue go together': async (cloud) => {
    await cloud.refuses('CreateQueue', { QueueName: 'Queue.fifo' }, invalid(/1 to 80 in length\.$/));
    for (const QueueName of ['Queue', `${'x'.repeat(76)}.fifo`]) {
      await cloud.refuses(
        'CreateQueue',
        { QueueName, Attributes: { FifoQueue: 'true' } },
        invalid(/must end with \.fifo suffix and be 1 to 80 in length\.$/),
      );
    }
  },
  'creating again succeeds where every supplied attribute is as it is now': async (cloud) => {
    const url = await cloud.create('Queue', { VisibilityTimeout: '40', DelaySeconds: '5' });
    expect(await cloud.create('Queue', { VisibilityTimeout: '40' })).toBe(url);
    expect(await cloud.create('Queue', { MaximumMessageSize: '1048576' })).toBe(url);
    expect(await cloud.create('Queue')).toBe(url);
    await cloud.call('CreateQueue', { QueueName: 'Queue', tags: { other: 'tags' } });
  },
  'after a change the original create fails': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { DelaySeconds: '5' });
    await cloud.set(QueueUrl, { DelaySeconds: '6' });
    const original = { QueueName: 'Queue', Attributes: { DelaySeconds: '5' } };
    await cloud.refuses('CreateQueue', original, nameExists('DelaySeconds'));
  },
  'delete succeeds whatever is in the queue': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    await cloud.call('DeleteQueue', { QueueUrl });
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x' }, noSuchQueue);
    expect(await cloud.call('ListQueues')).toEqual({});
    await cloud.wait(60);
    await cloud.create();
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  },
  'purge removes visible, in-flight and delayed messages': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'in flight');
    const [message] = await cloud.receive(QueueUrl, { VisibilityTimeout: 5 });
    await cloud.send(QueueUrl, 'visible');
    await cloud.send(QueueUrl, 'delayed', { DelaySeconds: 5 });
    await cloud.call('PurgeQueue', { QueueUrl });
    await cloud.wait(10);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.delete(QueueUrl, message);
  },
  'purge forgets deduplication ids, deletion does not': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', 'x');
    const [message] = await cloud.receive(QueueUrl);
    await cloud.delete(QueueUrl, message);
    await cloud.sendInGroup(QueueUrl, 'g', 'x');
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.call('PurgeQueue', { QueueUrl });
    await cloud.sendInGroup(QueueUrl, 'g', 'x');
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'tags: set, replaced, taken off, listed': async (cloud) => {
    const { QueueUrl } = await cloud.call('CreateQueue', { QueueName: 'Queue', tags: { a: '1', b: '' } });
    await cloud.call('TagQueue', { QueueUrl, Tags: { a: '2', 'c:d/=+-@._ é': 'ü' } });
    await cloud.call('UntagQueue', { QueueUrl, TagKeys: ['b', 'none'] });
    const { Tags } = await cloud.call('ListQueueTags', { QueueUrl });
    expect(Tags).toEqual({ a: '2', 'c:d/=+-@._ é': 'ü' });
  },
  'tags: lengths, characters, the aws: prefix, at most 50': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const Tags of [{ ['k'.repeat(129)]: 'v' }, { k: 'v'.repeat(257) }, { 'a*b': 'v' }, { 'aws:x': 'v' }]) {
      await cloud.refuses('TagQueue', { QueueUrl, Tags }, invalid(/.+/));
    }
    const Tags = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v']));
    await cloud.call('TagQueue', { QueueUrl, Tags });
    await cloud.refuses('TagQueue', { QueueUrl, Tags: { another: 'v' } }, invalid(/at most 50/));
  },
  'ListQueues: by prefix, sorted': async (cloud) => {
    for (const name of ['b2', 'a1', 'b1']) await cloud.create(name);
    expect((await listed(cloud)).names).toEqual(['a1', 'b1', 'b2']);
    expect(await listed(cloud, { QueueNamePrefix: 'b' })).toEqual({ names: ['b1', 'b2'], NextToken: undefined });
    expect(await cloud.call('ListQueues', { QueueNamePrefix: 'B' })).toEqual({});
  },
  'ListQueues: a token only for those who set MaxResults': async (cloud) => {
    for (const name of ['q1', 'q2', 'q3']) await cloud.create(name);
    expect((await listed(cloud)).NextToken).toBeUndefined();
    const first = await listed(cloud, { MaxResults: 2 });
    expect(first.names).toEqual(['q1', 'q2']);
    const second = await listed(cloud, { MaxResults: 2, NextToken: first.NextToken });
    expect(second).toEqual({ names: ['q3'], NextToken: undefined });
    for (const MaxResults of [0, 1_001]) {
      await cloud.refuses('ListQueues', { MaxResults }, invalid(/^Value \d+ for parameter MaxResults is invalid/));
    }
  },
  'ListQueues: 1,000 at most, and no token for the rest, where no MaxResults is set': async (cloud) => {
    for (let i = 0; i < 1_001; i++) await cloud.create(`q${i}`);
    const { names, NextToken } = await listed(cloud);
    expect(names).toHaveLength(1_000);
    expect(NextToken).toBeUndefined();
    expect((await listed(cloud, { MaxResults: 1_000 })).NextToken).toBeDefined();
  },
  'ListDeadLetterSourceQueues: pages': async (cloud) => {
    const QueueUrl = await cloud.create('Dead');
    for (const name of ['s1', 's2', 's3']) await cloud.create(name, { RedrivePolicy: redrive('Dead') });
    await cloud.create('other');
    const all = await cloud.call('ListDeadLetterSourceQueues', { QueueUrl });
    expect(all.queueUrls).toEqual(['s1', 's2', 's3'].map((name) => cloud.urlOf(name)));
    expect(all.NextToken).toBeUndefined();
    const first = await cloud.call('ListDeadLetterSourceQueues', { QueueUrl, MaxResults: 2 });
    expect(first.queueUrls).toHaveLength(2);
    const { NextToken } = first;
    const rest = await cloud.call('ListDeadLetterSourceQueues', { QueueUrl, MaxResults: 2, NextToken });
    expect(rest).toEqual({ queueUrls: [cloud.urlOf('s3')] });
  },
  '§1.5 GetQueueUrl, with and without the owner': async (cloud) => {
    const url = await cloud.create();
    expect(await cloud.call('GetQueueUrl', { QueueName: 'Queue' })).toEqual({ QueueUrl: url });
    const owned = { QueueName: 'Queue', QueueOwnerAWSAccountId: ACCOUNT };
    expect(await cloud.call('GetQueueUrl', owned)).toEqual({ QueueUrl: url });
    await cloud.refuses('GetQueueUrl', { ...owned, QueueOwnerAWSAccountId: '111122223333' }, noSuchQueue);
  },
  '§1.5 DelaySeconds and VisibilityTimeout of a message out of range': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const DelaySeconds of [-1, 901]) {
      const input = { QueueUrl, MessageBody: 'x', DelaySeconds };
      await cloud.refuses(
        'SendMessage',
        input,
        invalidValue('DelaySeconds', DelaySeconds, 'DelaySeconds must be >= 0 and <= 900.'),
      );
    }
    for (const VisibilityTimeout of [-1, 43_201]) {
      await cloud.refuses(
        'ReceiveMessage',
        { QueueUrl, VisibilityTimeout },
        invalid(/^Value -?\d+ for parameter VisibilityTimeout is invalid/),
      );
    }
  },
});

rawConformance('a reset', {
  'Emulator.reset drops all accounts, regions and names': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    await cloud.call('CreateQueue', { QueueName: 'Other' }, { accessKeyId: '111122223333', region: 'eu-west-1' });
    await cloud.emulator.reset();
    for (const signer of [{}, { accessKeyId: '111122223333', region: 'eu-west-1' }]) {
      expect(await cloud.call('ListQueues', {}, signer)).toEqual({});
    }
    // Not even the 60 seconds after a deletion are remembered.
    await cloud.create();
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  },
  'nothing of what was stays on the clock': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x', { DelaySeconds: 60 });
    expect(cloud.clock.pending).toBeGreaterThan(0);
    await cloud.emulator.reset();
    expect(cloud.clock.pending).toBe(0);
  },
  'a long poll is answered': async (cloud) => {
    const QueueUrl = await cloud.create();
    const poll = cloud.ask('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    await cloud.call('GetQueueUrl', { QueueName: 'Queue' });
    await cloud.emulator.reset();
    expect(await cloud.whileWaiting(poll)).toMatchObject({ status: 400 });
  },
});

describe('by HTTP', () => {
  test('POST /_spillway/reset drops all state; GET /_spillway/health stays', async () => {
    const cloud = await ConformanceCloud.open('port', 'JSON');
    await cloud.create();
    const reset = { path: '/_spillway/reset' };
    expect(await cloud.raw({ ...reset, method: 'GET' })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(await cloud.raw(reset)).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await cloud.call('ListQueues')).toEqual({});
    const health = await cloud.raw({ method: 'GET', path: '/_spillway/health' });
    expect(health).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    await cloud.close();
  });
});
