import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  ACCOUNT,
  contract,
  type ContractCloud,
  expectRefused,
  REGION,
  type Resources,
} from '../../../support/contract-cloud';

const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:news`;
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:jobs`;

/** A topic, a queue that it may send to, and the subscription of the queue. */
function stack(topic: object = {}, subscription: object = {}): Resources {
  const Statement = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:*', Resource: '*' };
  return {
    Topic: ['AWS::SNS::Topic', { TopicName: 'news', ...topic }],
    Queue: ['AWS::SQS::Queue', { QueueName: 'jobs' }],
    Policy: ['AWS::SQS::QueuePolicy', { Queues: [{ Ref: 'Queue' }], PolicyDocument: { Statement } }],
    Subscription: [
      'AWS::SNS::Subscription',
      { TopicArn: { Ref: 'Topic' }, Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['Queue', 'Arn'] }, ...subscription },
    ],
  };
}

async function subscriptionArn(cloud: ContractCloud, TopicArn = TOPIC): Promise<string> {
  const { Subscriptions } = await cloud.client(SNSClient).send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return Subscriptions?.[0]?.SubscriptionArn ?? '';
}

async function received(cloud: ContractCloud): Promise<Message[]> {
  const sqs = cloud.client(SQSClient);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }));
  return (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages ?? [];
}

contract('SNS in templates', {
  'an update changes attributes and tags in place, and removed ones get their defaults': async (cloud) => {
    const sns = cloud.client(SNSClient);
    const Tags = [{ Key: 'team', Value: 'a' }];
    await cloud.deploy(
      stack(
        { DisplayName: 'News', SignatureVersion: '2', Tags },
        { RawMessageDelivery: true, FilterPolicy: { k: ['v'] } },
      ),
    );
    const before = await subscriptionArn(cloud);
    await cloud.deploy(
      stack(
        { Tags: [{ Key: 'team', Value: 'b' }] },
        { FilterPolicyScope: 'MessageBody', FilterPolicy: { k: { l: [1] } } },
      ),
    );
    const { Attributes: ofTopic } = await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
    expect(ofTopic).toMatchObject({ DisplayName: '', SignatureVersion: '1', SubscriptionsConfirmed: '1' });
    const tags = await sns.send(new ListTagsForResourceCommand({ ResourceArn: TOPIC }));
    expect(tags.Tags).toEqual([{ Key: 'team', Value: 'b' }]);
    expect(await subscriptionArn(cloud)).toBe(before);
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: before }));
    expect(Attributes).toMatchObject({ RawMessageDelivery: 'false', FilterPolicyScope: 'MessageBody' });
    expect(Attributes?.FilterPolicy).toBe('{"k":{"l":[1]}}');
  },
  'another name makes another topic and subscription, and the old ones go': async (cloud) => {
    await cloud.deploy(stack());
    await cloud.deploy(stack({ TopicName: 'other' }));
    const { Topics } = await cloud.client(SNSClient).send(new ListTopicsCommand({}));
    expect(Topics).toEqual([{ TopicArn: TOPIC.replace('news', 'other') }]);
    expect(await subscriptionArn(cloud, TOPIC.replace('news', 'other'))).toContain(':other:');
  },
  'a policy that leaves the template leaves the topic': async (cloud) => {
    const Statement = { Sid: 'own', Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: '*' };
    const policy = { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement } };
    await cloud.deploy({ ...stack(), TopicPolicy: ['AWS::SNS::TopicPolicy', policy] });
    const sns = cloud.client(SNSClient);
    const policyOf = async () =>
      (await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }))).Attributes?.Policy ?? '';
    expect(await policyOf()).toContain('"own"');
    await cloud.deploy(stack());
    expect(await policyOf()).toContain('__default_policy_ID');
  },
});

contract('SNS deliveries on the clock', {
  '§3 to a queue that is unavailable: 3 at once, 2 after a second, 10 with growing waits, then every 20 s': async (
    cloud,
  ) => {
    await cloud.deploy(stack({}, { RawMessageDelivery: true }));
    const start = cloud.now;
    const fault = { kind: 'unavailable', service: 'sqs', actions: ['SendMessage'] } as const;
    cloud.emulator.faults.add({ ...fault, from: start, until: start + 150_000 });
    await cloud.client(SNSClient).send(new PublishCommand({ TopicArn: TOPIC, Message: 'late' }));
    await cloud.advance(200_000);
    const waits = cloud.events.filter(({ kind }) => kind === 'sns.retrying').map(({ detail }) => Number(detail.wait));
    const growing = Array.from({ length: 10 }, (_, index) => Math.round(1_000 * 20 ** (index / 9)));
    expect(waits.slice(0, 18)).toEqual([0, 0, 0, 1_000, 1_000, ...growing, 20_000, 20_000, 20_000]);
    const delivered = cloud.events.find(({ kind }) => kind === 'sns.delivered');
    expect((delivered?.at ?? 0) - start).toBe(waits.reduce((sum, wait) => sum + wait, 0));
    expect((await received(cloud)).map(({ Body }) => Body)).toEqual(['late']);
  },
  "§5 an alarm publishes its change of state to a topic of its account, by the topic's first policy": async (cloud) => {
    await cloud.deploy(stack());
    const cloudWatch = cloud.client(CloudWatchClient);
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: 'deep', Namespace: 'My', MetricName: 'Depth', Statistic: 'Average', Period: 60 },
        ...{ EvaluationPeriods: 1, Threshold: 2, ComparisonOperator: 'GreaterThanThreshold', AlarmActions: [TOPIC] },
      }),
    );
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'test' }));
    const [{ Body = '' }] = await received(cloud);
    const { Subject, Message } = JSON.parse(Body) as { Subject: string; Message: string };
    expect(Subject).toBe('ALARM: "deep" in US East (N. Virginia)');
    expect(JSON.parse(Message)).toMatchObject({
      AlarmName: 'deep',
      NewStateValue: 'ALARM',
      OldStateValue: 'INSUFFICIENT_DATA',
      Trigger: { MetricName: 'Depth', Statistic: 'AVERAGE', Threshold: 2, Dimensions: [] },
    });
  },
});

const FILTERS: readonly (readonly [policy: string, reason: string])[] = [
  ['{invalid', 'failed to parse JSON.'],
  ['{"key":"v"}', '"key" must be an object or an array'],
  ['{"key":[]}', 'Empty arrays are not allowed'],
  ['{"key":[["v"]]}', 'Match value must be String, number, true, false, or null'],
  ['{"key":[{"wrong-operator":true}]}', 'Unrecognized match type wrong-operator'],
  ['{"key":[{"suffix":"a","prefix":"b"}]}', 'Only one key allowed in match expression'],
  ['{"key":[{"suffix":100}]}', 'suffix match pattern must be a string'],
  ['{"key":[{"exists":"no"}]}', 'exists match pattern must be either true or false.'],
  ['{"key":[{"cidr":["x"]}]}', 'prefix match pattern must be a string'],
  ['{"key":[{"cidr":"x"}]}', "Malformed CIDR, one '/' required"],
  ['{"key":[{"cidr":"xx.11.xx/8"}]}', 'Nonstandard IP address: xx.11.xx'],
  ['{"key":[{"cidr":"10.0.0.0/x"}]}', 'Malformed CIDR, mask bits must be an integer'],
  ['{"key":[{"anything-but":{"exists":false}}]}', 'Unsupported anything-but pattern: exists'],
  ['{"key":[{"numeric":[]}]}', 'Invalid member in numeric match: ]'],
  ['{"key":[{"numeric":[1,"<="]}]}', 'Invalid member in numeric match: 1'],
  ['{"key":[{"numeric":["operator"]}]}', 'Unrecognized numeric range operator: operator'],
  ['{"key":[{"numeric":["=","000"]}]}', 'Value of equals must be numeric'],
  ['{"key":[{"numeric":[">="]}]}', 'Value of >= must be numeric'],
  ['{"key":[{"numeric":["<",100,">",10]}]}', 'Too many elements in numeric expression'],
  ['{"key":[{"numeric":[">=",1,">",2]}]}', 'Bad numeric range operator: >'],
  ['{"key":[{"numeric":[">",3,"<",1]}]}', 'Bottom must be less than top'],
  ['{"key":[{"numeric":[">",20,30]}]}', 'Bad value in numeric range: 30'],
  ['{"key":[{"numeric":[">",20,"<",30,"<",50]}]}', 'Too many terms in numeric range expression'],
  ['{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}', 'Filter policy can not have more than 5 keys'],
  [JSON.stringify({ a: Array.from({ length: 151 }, (_, index) => index) }), 'Filter policy is too complex'],
];

contract('§3 filter policies that SNS refuses', {
  'with its reason, after a prefix that depends on the action': async (cloud) => {
    await cloud.deploy(stack());
    const sns = cloud.client(SNSClient);
    const SubscriptionArn = await subscriptionArn(cloud);
    const name = 'InvalidParameterException';
    const startingWith = (text: string) => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
    for (const [AttributeValue, reason] of FILTERS) {
      const subscribe = { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: `${QUEUE}2` };
      await expectRefused(
        sns.send(new SubscribeCommand({ ...subscribe, Attributes: { FilterPolicy: AttributeValue } })),
        { name, message: startingWith(`Invalid parameter: Attributes Reason: FilterPolicy: ${reason}`) },
      );
      await expectRefused(
        sns.send(
          new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue }),
        ),
        { name, message: startingWith(`Invalid parameter: FilterPolicy: ${reason}`) },
      );
    }
  },
});
