import * as sdk from '@aws-sdk/client-s3';
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { DeliveryAttempt } from '../../../../lib/emulator/core';
import { ACCOUNT, allowing, REGION, S3InTest } from './s3-in-test';

// Contract §13.4, and the lifecycle of §13.3.

const Bucket = 'videos';
const DAY = 86_400_000;
let cloud: S3InTest;
let s3: sdk.S3Client;

beforeEach(async () => {
  cloud = await S3InTest.open('in-process');
  s3 = cloud.s3;
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
});
afterEach(() => cloud.close());

const configure = (NotificationConfiguration: sdk.NotificationConfiguration, SkipDestinationValidation?: boolean) =>
  s3.send(
    new sdk.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration, SkipDestinationValidation }),
  );
const toQueue = (QueueArn: string, more: Partial<sdk.QueueConfiguration> = {}) =>
  configure({ QueueConfigurations: [{ Id: 'uploads', QueueArn, Events: ['s3:ObjectCreated:*'], ...more }] });
const put = (Key: string, Body = 'hello') => s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body }));
const filtered = (prefix: string, suffix = ''): Partial<sdk.QueueConfiguration> => ({
  Filter: {
    Key: {
      FilterRules: [
        { Name: 'prefix', Value: prefix },
        { Name: 'suffix', Value: suffix },
      ],
    },
  },
});

interface ObjectRecord {
  readonly eventName: string;
  readonly eventVersion: string;
  readonly s3: { readonly object: Readonly<Record<string, unknown>> };
}
const recordsOf = async (queue: string): Promise<ObjectRecord[]> =>
  (await cloud.messages(queue)).flatMap(({ Body = '' }) => (JSON.parse(Body) as { Records: ObjectRecord[] }).Records);

test('a queue gets a test event, and then a record of each object', async () => {
  await toQueue(await cloud.queue('jobs'));
  const [test] = await cloud.messages('jobs');
  expect(JSON.parse(test.Body ?? '')).toEqual({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: '2030-01-01T12:00:00.000Z',
    Bucket,
    RequestId: expect.stringMatching(/^[0-9A-F]{16}$/) as string,
    HostId: expect.any(String) as string,
  });
  await put('a/b c@ü.mp4');
  const [message] = await cloud.messages('jobs');
  expect(JSON.parse(message.Body ?? '')).toEqual({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: '2030-01-01T12:00:00.000Z',
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: `AWS:${ACCOUNT}` },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: {
          'x-amz-request-id': expect.any(String) as string,
          'x-amz-id-2': expect.any(String) as string,
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'uploads',
          bucket: {
            name: Bucket,
            ownerIdentity: { principalId: expect.any(String) as string },
            arn: `arn:aws:s3:::${Bucket}`,
          },
          object: {
            key: 'a/b+c%40%C3%BC.mp4',
            size: 5,
            eTag: '5d41402abc4b2a76b9719d911017c592',
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/) as string,
          },
        },
      },
    ],
  });
});

test('each kind of event has its name and its object', async () => {
  await configure(
    {
      QueueConfigurations: [
        {
          QueueArn: await cloud.queue('jobs'),
          Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectTagging:*'],
        },
      ],
    },
    true,
  );
  await put('a');
  await s3.send(new sdk.CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }));
  const tags = { Bucket, Key: 'a', Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] } };
  await s3.send(new sdk.PutObjectTaggingCommand(tags));
  await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'b' }));
  await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'none' }));
  await s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'a' }));
  const records = await recordsOf('jobs');
  expect(
    records.map(({ eventName, eventVersion, s3: { object } }) => [eventName, eventVersion, Object.keys(object)]),
  ).toEqual([
    ['ObjectCreated:Put', '2.1', ['key', 'size', 'eTag', 'sequencer']],
    ['ObjectCreated:Copy', '2.1', ['key', 'size', 'eTag', 'sequencer']],
    ['ObjectTagging:Put', '2.3', ['key', 'eTag']],
    ['ObjectRemoved:Delete', '2.1', ['key', 'sequencer']],
    ['ObjectRemoved:DeleteMarkerCreated', '2.1', ['key', 'eTag', 'versionId', 'sequencer']],
  ]);
  const sequencers = records.flatMap(({ s3: { object } }) => object.sequencer ?? []);
  expect([...sequencers].sort()).toEqual(sequencers);
});

test('filters look at the key as it is, and hold it as notifications do', async () => {
  await toQueue(await cloud.queue('jobs'), filtered('in+box/', '.mp4'));
  await cloud.messages('jobs');
  for (const key of ['in box/a.mp4', 'in+box/a.mp4', 'in box/a.txt', 'a.mp4']) await put(key);
  expect((await recordsOf('jobs')).map(({ s3: { object } }) => object.key)).toEqual(['in+box/a.mp4']);
});

const arn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
const entry = (more: Partial<sdk.QueueConfiguration>): sdk.QueueConfiguration => ({
  QueueArn: arn('jobs'),
  Events: ['s3:ObjectCreated:*'],
  ...more,
});

test.each<[string, () => sdk.NotificationConfiguration, Record<string, unknown>]>([
  [
    'no ARN',
    () => ({ QueueConfigurations: [entry({ QueueArn: 'jobs' })] }),
    { message: 'The ARN could not be parsed', ArgumentName: 'Queue', ArgumentValue: 'jobs' },
  ],
  [
    'a queue that is not there',
    () => ({ QueueConfigurations: [entry({ QueueArn: arn('none') })] }),
    { ArgumentName1: arn('none'), ArgumentValue1: 'The destination queue does not exist' },
  ],
  [
    'a queue that refuses',
    () => ({ QueueConfigurations: [entry({ QueueArn: arn('closed') })] }),
    {
      message: 'Unable to validate the following destination configurations',
      ArgumentValue1: 'Permissions on the destination queue do not allow S3 to publish notifications from this bucket',
    },
  ],
  [
    'a FIFO queue',
    () => ({ QueueConfigurations: [entry({ QueueArn: arn('jobs.fifo') })] }),
    { message: 'Unable to validate the following destination configurations' },
  ],
  [
    'a function that is not there',
    () => {
      const LambdaFunctionArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:none`;
      return { LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events: ['s3:ObjectCreated:*'] }] };
    },
    {
      ArgumentName1: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:none, null`,
      ArgumentValue1: `Not authorized to invoke function [arn:aws:lambda:${REGION}:${ACCOUNT}:function:none]`,
    },
  ],
  [
    'an event twice',
    () => ({ QueueConfigurations: [entry({}), entry({ Events: ['s3:ObjectCreated:Put'] })] }),
    { message: 'Configurations overlap. Configurations on the same bucket cannot share a common event type.' },
  ],
  [
    'filters that overlap',
    () => ({ QueueConfigurations: [entry(filtered('a', '.x')), entry(filtered('ab', 'y.x'))] }),
    {
      message: expect.stringMatching(
        /^Configuration is ambiguously defined. Cannot have overlapping suffixes/,
      ) as string,
    },
  ],
  [
    'two prefixes',
    () => {
      const FilterRules = [1, 2].map(() => ({ Name: 'prefix' as const, Value: 'a' }));
      return { QueueConfigurations: [entry({ Filter: { Key: { FilterRules } } })] };
    },
    { message: 'Cannot specify more than one prefix rule in a filter.' },
  ],
])('a configuration with %s is refused, and the bucket keeps what it has', async (_, configuration, refusal) => {
  await toQueue(await cloud.queue('jobs'));
  await cloud.queue('closed', allowing('closed', { StringEquals: { 'aws:SourceAccount': '111111111111' } }));
  await cloud.sqs.send(new CreateQueueCommand({ QueueName: 'jobs.fifo', Attributes: { FifoQueue: 'true' } }));
  await expect(configure(configuration())).rejects.toMatchObject({ name: 'InvalidArgument', ...refusal });
  const kept = await s3.send(new sdk.GetBucketNotificationConfigurationCommand({ Bucket }));
  expect(kept.QueueConfigurations).toMatchObject([{ Id: 'uploads', QueueArn: arn('jobs') }]);
});

test('a later refusal drops the notification, and the missing statement is written out', async () => {
  const attempts: DeliveryAttempt[] = [];
  cloud.emulator.deliveries.observe((attempt) => attempts.push(attempt));
  await cloud.queue('closed', allowing('closed', { StringEquals: { 'aws:SourceAccount': '111111111111' } }));
  await configure({ QueueConfigurations: [entry({ QueueArn: arn('closed') })] }, true);
  await put('a');
  expect(await cloud.messages('closed')).toEqual([]);
  const [{ outcome, principal, source, missing }] = attempts;
  expect([outcome, principal, source]).toEqual(['denied', 's3.amazonaws.com', `arn:aws:s3:::${Bucket}`]);
  expect(JSON.parse(missing?.statement ?? '')).toMatchObject({
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` } },
  });
});

test('a topic gets the record as its message', async () => {
  const sns = new SNSClient(cloud.emulator.clientConfig());
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'uploads' }));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'SNS:Publish', Resource: TopicArn },
    ],
  });
  await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue: Policy }));
  const Endpoint = await cloud.queue('jobs', {
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn('jobs'),
      },
    ],
  });
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  await configure({ TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:Put'] }] });
  await put('a');
  const messages = (await cloud.messages('jobs')).map(({ Body = '' }) => JSON.parse(Body) as Record<string, string>);
  expect(messages.map(({ Subject }) => Subject)).toEqual(['Amazon S3 Notification', 'Amazon S3 Notification']);
  expect(messages[1].Message).toMatch(/"eventName":"ObjectCreated:Put"/);
  sns.destroy();
});

test('the default bus gets every event, with the key as it is', async () => {
  const events = new EventBridgeClient(cloud.emulator.clientConfig());
  const Arn = await cloud.queue('jobs', {
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn('jobs'),
      },
    ],
  });
  await events.send(new PutRuleCommand({ Name: 'objects', EventPattern: '{"source":["aws.s3"]}' }));
  await events.send(new PutTargetsCommand({ Rule: 'objects', Targets: [{ Id: 'queue', Arn }] }));
  await configure({ EventBridgeConfiguration: {} });
  await put('a b');
  await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'a b' }));
  const got = (await cloud.messages('jobs')).map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>);
  expect(got).toMatchObject([
    {
      'detail-type': 'Object Created',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: {
        version: '0',
        bucket: { name: Bucket },
        object: { key: 'a b', size: 5, etag: '5d41402abc4b2a76b9719d911017c592' },
        reason: 'PutObject',
        requester: ACCOUNT,
      },
    },
    {
      'detail-type': 'Object Deleted',
      detail: { object: { key: 'a b' }, reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
    },
  ]);
  events.destroy();
});

test('objects expire at the midnight after their days, and uploads that were left', async () => {
  const Rules: sdk.LifecycleRule[] = [
    {
      Status: 'Enabled',
      Filter: { Prefix: 'tmp/' },
      Expiration: { Days: 1 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
  ];
  await s3.send(new sdk.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  await put('tmp/a');
  await put('kept');
  await s3.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key: 'tmp/b' }));
  const keys = async () => {
    const { Contents = [] } = await s3.send(new sdk.ListObjectsV2Command({ Bucket }));
    const { Uploads = [] } = await s3.send(new sdk.ListMultipartUploadsCommand({ Bucket }));
    return [...Contents, ...Uploads].map(({ Key }) => Key);
  };
  // Put at noon of the first, a day is over at noon of the second, and the midnight after that begins the third.
  await cloud.clock?.advance(1.5 * DAY - 1);
  expect(await keys()).toEqual(['kept', 'tmp/a', 'tmp/b']);
  await cloud.clock?.advance(1);
  expect(await keys()).toEqual(['kept']);
});
