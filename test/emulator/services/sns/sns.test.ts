import { createServer, get } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  AddPermissionCommand,
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  RemovePermissionCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import MessageValidator from 'sns-validator';
import { Emulator, SystemClock, VirtualClock } from '../../../../lib/emulator';

const ACCOUNT = '000000000000';
const STRANGER = '111111111111';
const REGION = 'us-east-1';
const topicArn = (name: string, account = ACCOUNT, region = REGION) => `arn:aws:sns:${region}:${account}:${name}`;
const queueArn = (name: string, account = ACCOUNT, region = REGION) => `arn:aws:sqs:${region}:${account}:${name}`;

interface Refused {
  readonly name: string;
  readonly message: string;
  readonly $metadata: { readonly httpStatusCode?: number };
}

async function refusalOf(request: Promise<unknown>): Promise<Refused> {
  try {
    await request;
  } catch (error) {
    return error as Refused;
  }
  throw new Error('the request succeeded');
}

/** An emulator on a virtual clock, and clients of it. */
class SnsInTest {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;

  private constructor(
    readonly emulator: Emulator,
    readonly clock: VirtualClock,
  ) {
    this.sns = new SNSClient(this.config());
    this.sqs = new SQSClient(this.config());
  }

  static async open(transport: 'port' | 'in-process' = 'in-process'): Promise<SnsInTest> {
    const clock = new VirtualClock();
    const emulator = new Emulator({ clock });
    if (transport === 'port') await emulator.listen(0);
    return new SnsInTest(emulator, clock);
  }

  config(account = ACCOUNT, region = REGION) {
    const credentials = { accessKeyId: account, secretAccessKey: 'local' };
    return { ...this.emulator.clientConfig(), region, credentials, maxAttempts: 1 };
  }

  async topic(name: string, attributes: Record<string, string> = {}): Promise<string> {
    const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
    const { TopicArn = '' } = await this.sns.send(
      new CreateTopicCommand({ Name: name, Attributes: { ...fifo, ...attributes } }),
    );
    return TopicArn;
  }

  /** Creates a queue that admits SNS, unless it has a policy of its own. */
  async queue(
    name: string,
    { statement = {}, account = ACCOUNT, region = REGION, attributes = {} }: QueueOptions = {},
  ): Promise<string> {
    const Resource = queueArn(name, account, region);
    const allow = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource };
    const policy: Record<string, string> =
      statement === null ? {} : { Policy: JSON.stringify({ Statement: [{ ...allow, ...statement }] }) };
    const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
    const client = new SQSClient(this.config(account, region));
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...fifo, ...policy, ...attributes } }));
    return Resource;
  }

  async subscribe(topic: string, queue: string, Attributes: Record<string, string> = {}): Promise<string> {
    const { SubscriptionArn = '' } = await this.sns.send(
      new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: queue, Attributes }),
    );
    return SubscriptionArn;
  }

  async received(queue: string): Promise<Message[]> {
    const [, , , region, account, QueueName] = queue.split(':');
    const client = new SQSClient(this.config(account, region));
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  async bodies(queue: string): Promise<string[]> {
    return (await this.received(queue)).map(({ Body = '' }) => Body);
  }

  async metric(topic: string, MetricName: string): Promise<number> {
    const now = this.clock.now();
    const { Datapoints = [] } = await new CloudWatchClient(this.config()).send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/SNS',
        MetricName,
        Dimensions: [{ Name: 'TopicName', Value: topic }],
        StartTime: new Date(now - 3_600_000),
        EndTime: new Date(now + 60_000),
        Period: 3_600,
        Statistics: ['Sum'],
      }),
    );
    return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
  }
}

interface QueueOptions {
  readonly statement?: object | null;
  readonly account?: string;
  readonly region?: string;
  readonly attributes?: Record<string, string>;
}

const RAW = { RawMessageDelivery: 'true' };

describe.each(['in-process', 'port'] as const)('over %s', (transport) => {
  let cloud: SnsInTest;
  beforeAll(async () => void (cloud = await SnsInTest.open(transport)));
  afterAll(() => cloud.emulator.stop());

  test('a topic is created once by its name, listed, and deleted however often', async () => {
    const arn = await cloud.topic('news');
    expect(arn).toBe(topicArn('news'));
    expect(await cloud.topic('news')).toBe(arn);
    const { Topics } = await cloud.sns.send(new ListTopicsCommand({}));
    expect(Topics).toEqual([{ TopicArn: arn }]);
    for (let time = 0; time < 2; time++) await cloud.sns.send(new DeleteTopicCommand({ TopicArn: arn }));
    const refused = await refusalOf(cloud.sns.send(new GetTopicAttributesCommand({ TopicArn: arn })));
    expect(refused).toMatchObject({ name: 'NotFoundException', message: 'Topic does not exist' });
    expect(refused.$metadata.httpStatusCode).toBe(404);
  });

  test('attributes, tags and permissions are kept', async () => {
    const TopicArn = await cloud.topic('kept', { DisplayName: 'Kept' });
    await cloud.sns.send(
      new SetTopicAttributesCommand({ TopicArn, AttributeName: 'DisplayName', AttributeValue: 'News' }),
    );
    await cloud.sns.send(
      new AddPermissionCommand({ TopicArn, Label: 'them', AWSAccountId: [STRANGER], ActionName: ['Publish'] }),
    );
    const { Attributes = {} } = await cloud.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ DisplayName: 'News', Owner: ACCOUNT, SubscriptionsConfirmed: '0', TopicArn });
    expect(JSON.parse(Attributes.Policy)).toMatchObject({
      Statement: [{ Sid: '__default_statement_ID' }, { Sid: 'them', Action: 'SNS:Publish' }],
    });
    const stranger = new SNSClient(cloud.config(STRANGER));
    await stranger.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    await cloud.sns.send(new RemovePermissionCommand({ TopicArn, Label: 'them' }));
    expect(await refusalOf(stranger.send(new PublishCommand({ TopicArn, Message: 'hello' })))).toMatchObject({
      name: 'AuthorizationErrorException',
      message: expect.stringContaining('is not authorized to perform: SNS:Publish on resource') as string,
      $metadata: { httpStatusCode: 403 },
    });

    await cloud.sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: 'a', Value: '1' }] }));
    await cloud.sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: 'b', Value: '2' }] }));
    await cloud.sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ['a'] }));
    const { Tags } = await cloud.sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    expect(Tags).toEqual([{ Key: 'b', Value: '2' }]);
  });

  test('a message comes as an envelope, or raw with its attributes', async () => {
    const topic = await cloud.topic('two-forms');
    const [envelope, raw] = [await cloud.queue('envelope'), await cloud.queue('raw')];
    await cloud.subscribe(topic, envelope);
    await cloud.subscribe(topic, raw, RAW);
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'video' },
      size: { DataType: 'Number', StringValue: '7' },
      data: { DataType: 'Binary', BinaryValue: Buffer.from('hello') },
    };
    const { MessageId } = await cloud.sns.send(
      new PublishCommand({ TopicArn: topic, Message: 'héllo', Subject: 'S', MessageAttributes }),
    );
    await cloud.clock.settle();
    const [{ Body = '' }] = await cloud.received(envelope);
    const parsed = JSON.parse(Body) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual([
      'Type',
      'MessageId',
      'TopicArn',
      'Subject',
      'Message',
      'Timestamp',
      'SignatureVersion',
      'Signature',
      'SigningCertURL',
      'UnsubscribeURL',
      'MessageAttributes',
    ]);
    expect(parsed).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn: topic,
      Message: 'héllo',
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      MessageAttributes: {
        kind: { Type: 'String', Value: 'video' },
        size: { Type: 'Number', Value: '7' },
        data: { Type: 'Binary', Value: Buffer.from('hello').toString('base64') },
      },
    });
    const [message] = await cloud.received(raw);
    expect(message.Body).toBe('héllo');
    expect(message.MessageAttributes).toMatchObject({
      kind: { DataType: 'String', StringValue: 'video' },
      data: { DataType: 'Binary', BinaryValue: new Uint8Array(Buffer.from('hello')) },
    });
  });

  test('a batch answers for each entry, and is refused as a whole if a message is malformed', async () => {
    const topic = await cloud.topic('batch');
    const queue = await cloud.queue('batch');
    await cloud.subscribe(topic, queue, RAW);
    const batch = (kind: string) =>
      cloud.sns.send(
        new PublishBatchCommand({
          TopicArn: topic,
          PublishBatchRequestEntries: [
            { Id: 'one', Message: 'a' },
            { Id: 'two', Message: 'b', MessageAttributes: { x: { DataType: kind, StringValue: '1' } } },
          ],
        }),
      );
    expect(await batch('Number')).toMatchObject({
      Successful: [
        { Id: 'one', MessageId: expect.any(String) as string },
        { Id: 'two', MessageId: expect.any(String) as string },
      ],
      Failed: [],
    });
    expect(await refusalOf(batch('Nothing'))).toMatchObject({
      name: 'InvalidParameterValueException',
      message:
        "The message attribute 'x' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
    });
    await cloud.clock.settle();
    expect(await cloud.bodies(queue)).toEqual(['a', 'b']);
  });

  const entries = (...ids: string[]) => ids.map((Id) => ({ Id, Message: Id }));
  test.each<[string, () => Promise<unknown>, string, string | RegExp]>([
    [
      'a name of two words',
      () => cloud.topic('two words'),
      'InvalidParameterException',
      'Invalid parameter: Topic Name',
    ],
    [
      'a FIFO topic without its ending',
      () => cloud.topic('plain', { FifoTopic: 'true' }),
      'InvalidParameterException',
      /^Invalid parameter: Fifo Topic names must end with \.fifo/,
    ],
    [
      'a message for no topic',
      () => cloud.sns.send(new PublishCommand({ TopicArn: topicArn('absent'), Message: 'a' })),
      'NotFoundException',
      'Topic does not exist',
    ],
    [
      'an empty message',
      async () => cloud.sns.send(new PublishCommand({ TopicArn: await cloud.topic('refusals'), Message: '' })),
      'InvalidParameterException',
      'Invalid parameter: Empty message',
    ],
    [
      'a message of 256 KiB and a byte',
      () => cloud.sns.send(new PublishCommand({ TopicArn: topicArn('refusals'), Message: 'x'.repeat(262_145) })),
      'InvalidParameterException',
      'Invalid parameter: Message too long',
    ],
    [
      'an endpoint that is no queue',
      () => cloud.subscribe(topicArn('refusals'), 'jobs'),
      'InvalidParameterException',
      /^Invalid parameter: SQS endpoint ARN/,
    ],
    [
      'a FIFO queue on a standard topic',
      () => cloud.subscribe(topicArn('refusals'), queueArn('jobs.fifo')),
      'InvalidParameterException',
      'Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    ],
    [
      'an unknown protocol',
      () =>
        cloud.sns.send(new SubscribeCommand({ TopicArn: topicArn('refusals'), Protocol: 'pigeon', Endpoint: 'here' })),
      'InvalidParameterException',
      /^Invalid parameter: Amazon SNS does not support this protocol string: pigeon/,
    ],
    [
      'a filter policy of six keys',
      () =>
        cloud.subscribe(topicArn('refusals'), queueArn('batch'), {
          FilterPolicy: JSON.stringify(Object.fromEntries('abcdef'.split('').map((key) => [key, ['x']]))),
        }),
      'InvalidParameterException',
      'Invalid parameter: Attributes Reason: FilterPolicy: Filter policy can not have more than 5 keys',
    ],
    [
      'a batch of nothing',
      () => cloud.sns.send(new PublishBatchCommand({ TopicArn: topicArn('refusals'), PublishBatchRequestEntries: [] })),
      'EmptyBatchRequestException',
      "The batch request doesn't contain any entries.",
    ],
    [
      'a batch of eleven',
      () =>
        cloud.sns.send(
          new PublishBatchCommand({
            TopicArn: topicArn('refusals'),
            PublishBatchRequestEntries: entries(...'abcdefghijk'),
          }),
        ),
      'TooManyEntriesInBatchRequestException',
      'The batch request contains more entries than permissible.',
    ],
    [
      'a batch with an id twice',
      () =>
        cloud.sns.send(
          new PublishBatchCommand({ TopicArn: topicArn('refusals'), PublishBatchRequestEntries: entries('a', 'a') }),
        ),
      'BatchEntryIdsNotDistinctException',
      'Two or more batch entries in the request have the same Id.',
    ],
  ])('refuses %s', async (_, request, name, message) => {
    const refused = await refusalOf(request());
    expect(refused.name).toBe(name);
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
  });

  test('subscriptions are found, filtered, changed and ended', async () => {
    const topic = await cloud.topic('subscribed');
    const queue = await cloud.queue('subscribed');
    const SubscriptionArn = await cloud.subscribe(topic, queue, {
      ...RAW,
      FilterPolicy: JSON.stringify({ kind: ['video'] }),
    });
    expect(SubscriptionArn).toMatch(new RegExp(`^${topic}:[0-9a-f-]{36}$`));
    expect(await cloud.subscribe(topic, queue, { ...RAW, FilterPolicy: JSON.stringify({ kind: ['video'] }) })).toBe(
      SubscriptionArn,
    );
    const publish = (Message: string, kind: string) =>
      cloud.sns.send(
        new PublishCommand({
          TopicArn: topic,
          Message,
          MessageAttributes: { kind: { DataType: 'String', StringValue: kind } },
        }),
      );
    await publish('a', 'video');
    await publish('b', 'audio');
    await cloud.sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'FilterPolicy',
        AttributeValue: JSON.stringify({ kind: [{ 'anything-but': 'video' }] }),
      }),
    );
    await publish('c', 'video');
    await publish('d', 'audio');
    await cloud.clock.settle();
    expect((await cloud.bodies(queue)).sort()).toEqual(['a', 'd']);
    const { Attributes } = await cloud.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ Endpoint: queue, Protocol: 'sqs', PendingConfirmation: 'false', ...RAW });
    await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    const { Subscriptions } = await cloud.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
    expect(Subscriptions).toEqual([]);
  });
});

describe('deliveries', () => {
  let cloud: SnsInTest;
  beforeEach(async () => void (cloud = await SnsInTest.open()));
  afterEach(() => cloud.emulator.stop());

  const publish = async (TopicArn: string, Message = 'a') => {
    await cloud.sns.send(new PublishCommand({ TopicArn, Message }));
    await cloud.clock.settle();
  };

  test.each<[string, object | null, boolean]>([
    ['a policy that admits SNS', {}, true],
    ['no policy', null, false],
    ['a policy for this topic', { Condition: { ArnEquals: { 'aws:SourceArn': topicArn('news') } } }, true],
    ['a policy for another topic', { Condition: { ArnEquals: { 'aws:SourceArn': topicArn('other') } } }, false],
    ['a policy for this account', { Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } }, true],
    ['a policy for another account', { Condition: { StringEquals: { 'aws:SourceAccount': STRANGER } } }, false],
    ['a policy for another service', { Principal: { Service: 's3.amazonaws.com' } }, false],
  ])('to a queue with %s', async (_, statement, delivered) => {
    const [topic, queue, dead] = [
      await cloud.topic('news'),
      await cloud.queue('jobs', { statement }),
      await cloud.queue('dead'),
    ];
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead });
    await cloud.subscribe(topic, queue, { ...RAW, RedrivePolicy });
    await publish(topic);
    await cloud.clock.advance(61_000);
    expect(await cloud.bodies(queue)).toEqual(delivered ? ['a'] : []);
    // A refusal is the receiver's fault: it is not retried, and goes to the dead-letter queue at once.
    expect(await cloud.bodies(dead)).toEqual(delivered ? [] : ['a']);
    expect(await cloud.metric('news', 'NumberOfMessagesPublished')).toBe(1);
    expect(await cloud.metric('news', 'NumberOfNotificationsDelivered')).toBe(delivered ? 1 : 0);
    expect(await cloud.metric('news', 'NumberOfNotificationsFailed')).toBe(delivered ? 0 : 1);
    expect(await cloud.metric('news', 'NumberOfNotificationsRedrivenToDlq')).toBe(delivered ? 0 : 1);
  });

  test.each([
    ['admits SNS', ['kms:GenerateDataKey*', 'kms:Decrypt'], true],
    ['lets SNS decrypt only', ['kms:Decrypt'], false],
    ['does not know SNS', undefined, false],
  ])('to an encrypted queue whose key %s', async (_, actions, delivered) => {
    const account = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: 'kms:*',
      Resource: '*',
    };
    const service = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: actions, Resource: '*' };
    const Policy = JSON.stringify({ Statement: actions === undefined ? [account] : [account, service] });
    const { KeyMetadata } = await new KMSClient(cloud.config()).send(new CreateKeyCommand({ Policy }));
    const topic = await cloud.topic('news');
    const queue = await cloud.queue('jobs', { attributes: { KmsMasterKeyId: KeyMetadata?.KeyId ?? '' } });
    await cloud.subscribe(topic, queue, RAW);
    await publish(topic);
    expect(await cloud.bodies(queue)).toEqual(delivered ? ['a'] : []);
  });

  test('to a queue of another Region', async () => {
    const topic = await cloud.topic('news');
    const queue = await cloud.queue('jobs', { region: 'eu-west-1' });
    await cloud.subscribe(topic, queue, RAW);
    await publish(topic);
    expect(await cloud.bodies(queue)).toEqual(['a']);
  });

  test('to a queue of another account, once its owner has confirmed', async () => {
    const topic = await cloud.topic('news');
    const queue = await cloud.queue('jobs', { account: STRANGER });
    const { SubscriptionArn } = await cloud.sns.send(
      new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: queue }),
    );
    expect(SubscriptionArn).toBe('pending confirmation');
    await cloud.clock.settle();
    const [{ Body = '' }] = await cloud.received(queue);
    const { Type, Token } = JSON.parse(Body) as { Type: string; Token: string };
    expect(Type).toBe('SubscriptionConfirmation');
    await publish(topic, 'before');
    const stranger = new SNSClient(cloud.config(STRANGER));
    await stranger.send(new ConfirmSubscriptionCommand({ TopicArn: topic, Token }));
    await publish(topic, 'after');
    const bodies = (await cloud.bodies(queue)).map((body) => (JSON.parse(body) as { Message: string }).Message);
    expect(bodies).toEqual(['after']);
  });

  test('to a queue that is gone, to the dead-letter queue at once', async () => {
    const [topic, queue, dead] = [await cloud.topic('news'), await cloud.queue('jobs'), await cloud.queue('dead')];
    await cloud.subscribe(topic, queue, { ...RAW, RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead }) });
    const { QueueUrl } = await cloud.sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }));
    await cloud.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await publish(topic);
    expect(await cloud.bodies(dead)).toEqual(['a']);
  });

  test('FIFO: in order, with sequence numbers, each message once in five minutes', async () => {
    const topic = await cloud.topic('news.fifo', { ContentBasedDeduplication: 'true' });
    const queue = await cloud.queue('jobs.fifo');
    await cloud.subscribe(topic, queue, RAW);
    const sequence: string[] = [];
    for (const Message of ['a', 'b', 'a', 'c']) {
      const answer = await cloud.sns.send(new PublishCommand({ TopicArn: topic, Message, MessageGroupId: 'g' }));
      sequence.push(answer.SequenceNumber ?? '');
    }
    await cloud.clock.settle();
    expect(await cloud.bodies(queue)).toEqual(['a', 'b', 'c']);
    expect(sequence[2]).toBe(sequence[0]);
    expect(BigInt(sequence[3])).toBeGreaterThan(BigInt(sequence[1]));
    const refused = await refusalOf(cloud.sns.send(new PublishCommand({ TopicArn: topic, Message: 'd' })));
    expect(refused).toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics',
    });
  });
});

test('an HTTP endpoint confirms, and gets messages that sns-validator accepts, in both versions', async () => {
  const emulator = new Emulator({ clock: new SystemClock() });
  const sns = new SNSClient({ ...emulator.clientConfig(), region: REGION });
  const endpoint = await emulator.listen(0);
  // As programs under the emulator are redirected: what is for SNS's host goes to the endpoint.
  const redirect = jest
    .spyOn(https, 'get')
    .mockImplementation(((url: string, answer: Parameters<typeof get>[1]) =>
      get(new URL(new URL(url).pathname, endpoint), answer)) as typeof https.get);
  const posted: Record<string, string>[] = [];
  let arrived = (): void => undefined;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      posted.push(JSON.parse(text) as Record<string, string>);
      response.end();
      arrived();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const next = () => new Promise<void>((resolve) => (arrived = resolve));
  try {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
    const { port } = server.address() as AddressInfo;
    let waits = next();
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: `http://127.0.0.1:${port}/hook` }));
    await waits;
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: posted[0].Token }));
    for (const version of ['1', '2']) {
      await sns.send(
        new SetTopicAttributesCommand({ TopicArn, AttributeName: 'SignatureVersion', AttributeValue: version }),
      );
      waits = next();
      await sns.send(new PublishCommand({ TopicArn, Message: `version ${version}`, Subject: 'news' }));
      await waits;
    }
    expect(posted.map(({ Type }) => Type)).toEqual(['SubscriptionConfirmation', 'Notification', 'Notification']);
    for (const message of posted) {
      const validator = new MessageValidator();
      await expect(
        new Promise((resolve, reject) =>
          validator.validate(message, (error, valid) => (error ? reject(error) : resolve(valid))),
        ),
      ).resolves.toMatchObject({ MessageId: message.MessageId });
      await expect(
        new Promise((resolve, reject) =>
          validator.validate({ ...message, Message: 'forged' }, (error, valid) =>
            error ? reject(error) : resolve(valid),
          ),
        ),
      ).rejects.toThrow('signature');
    }
  } finally {
    redirect.mockRestore();
    server.close();
    await emulator.stop();
  }
});
