import { Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { ArnPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { SnsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { ScheduleExpression, ScheduleGroup, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { CfnSubscription, FilterOrPolicy, type ITopic, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { CfnQueuePolicy, Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack, Token } from 'aws-cdk-lib/core';
import {
  AccountProducer,
  BucketProducer,
  type BucketProducerProps,
  DeadLetterQueue,
  EventRuleProducer,
  FifoQueue,
  type IQueueProducer,
  type MessageQueue,
  mixins,
  QueueEncryption,
  QueueKey,
  ScheduleProducer,
  StandardQueue,
  TopicProducer,
} from '../../lib';
import { synthesized } from '../rules/plain-app';

const IRELAND = { account: '111122223333', region: 'eu-west-1' };
const stack = (env?: typeof IRELAND) => new Stack(new App(), 'Stack', { env });
const logicalId = (of: Stack, construct: { node: { defaultChild?: unknown } }) =>
  of.getLogicalId(construct.node.defaultChild as Parameters<Stack['getLogicalId']>[0]);
const rule = (scope: Stack) => new Rule(scope, 'Rule', { eventPattern: { source: ['orders'] } });
const hourly = ScheduleExpression.rate(Duration.hours(1));

/** The statements of a queue's policy that let someone in. */
function admitted(template: Template, queueUrl: string): unknown[] {
  const policies = template.findResources('AWS::SQS::QueuePolicy', { Properties: { Queues: [{ Ref: queueUrl }] } });
  return Object.values(policies)
    .flatMap(
      (policy) =>
        (policy as { Properties: { PolicyDocument: { Statement: { Effect: string }[] } } }).Properties.PolicyDocument
          .Statement,
    )
    .filter(({ Effect }) => Effect === 'Allow');
}

/** Exactly what lets a service use a key. */
const onKey = (service: string, sourceArn: unknown) => ({
  Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
  Condition: {
    ArnLike: { 'aws:SourceArn': sourceArn },
    StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
  },
  Effect: 'Allow',
  Principal: { Service: service },
  Resource: '*',
});
/** AWS documents conditions on the source as not supported for EventBridge and the keys of queues and topics. */
const ON_KEY_FOR_EVENTBRIDGE = {
  Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Resource: '*',
};
const arn = (end: string) => ({ 'Fn::Join': ['', Match.arrayWith([end])] });

describe('TopicProducer', () => {
  test('subscribes the queue, admits this topic only to it and to what could not be delivered (snapshot)', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    queue.addProducer(new TopicProducer(new Topic(scope, 'Topic')));
    expect(Template.fromStack(scope).toJSON().Resources).toMatchSnapshot();
  });

  test('passes every setting on', () => {
    const scope = stack();
    const deadLetterQueue = new DeadLetterQueue(scope, 'Lost');
    const topic = new Topic(scope, 'Topic');
    const queue = new StandardQueue(scope, 'Jobs', {
      producers: [
        new TopicProducer(topic, {
          rawMessageDelivery: true,
          deadLetterQueue,
          filterPolicy: { kind: SubscriptionFilter.stringFilter({ allowlist: ['goods'] }) },
        }),
      ],
    });
    const template = Template.fromStack(scope);
    template.hasResource('AWS::SNS::Subscription', {
      Properties: {
        RawMessageDelivery: true,
        Protocol: 'sqs',
        FilterPolicy: { kind: ['goods'] },
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [logicalId(scope, deadLetterQueue), 'Arn'] } },
      },
      DependsOn: [Match.stringLikeRegexp('^JobsQueuePolicy')], // SNS delivers at once
    });
    expect(queue.undeliveredQueue).toBeUndefined();
    expect(admitted(template, logicalId(scope, deadLetterQueue))).toEqual([
      {
        Action: 'sqs:SendMessage',
        Condition: {
          ArnEquals: { 'aws:SourceArn': { Ref: logicalId(scope, topic) } },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Resource: { 'Fn::GetAtt': [logicalId(scope, deadLetterQueue), 'Arn'] },
      },
    ]);
  });

  test('filters by body', () => {
    const scope = stack();
    const color = FilterOrPolicy.filter(SubscriptionFilter.stringFilter({ allowlist: ['red'] }));
    new StandardQueue(scope, 'Jobs').addProducer(
      new TopicProducer(new Topic(scope, 'Topic'), {
        filterPolicyWithMessageBody: { background: FilterOrPolicy.policy({ color }) },
      }),
    );
    Template.fromStack(scope).hasResourceProperties('AWS::SNS::Subscription', {
      FilterPolicy: { background: { color: ['red'] } },
      FilterPolicyScope: 'MessageBody',
    });
  });

  test('has FIFO queues for what a FIFO topic could not deliver', () => {
    const scope = stack();
    const queue = new FifoQueue(scope, 'Jobs');
    queue.addProducer(new TopicProducer(new Topic(scope, 'Topic', { fifo: true })));
    expect(queue.undeliveredQueue).toBeUndefined();
    expect(queue.undeliveredFifoQueue?.fifo).toBe(true);
  });

  test('lets an imported topic through by its ARN, on the key as well', () => {
    const scope = stack(IRELAND);
    const topic = Topic.fromTopicArn(scope, 'Topic', 'arn:aws:sns:me-south-1:444455556666:orders');
    const deadLetterQueue = Queue.fromQueueArn(scope, 'Lost', 'arn:aws:sqs:me-south-1:444455556666:lost');
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    expect(() => queue.addProducer(new TopicProducer(topic, { deadLetterQueue }))).toThrow(
      /queue should be a queue of this app, but Stack\/Lost is defined elsewhere.*\[Spillway-Delivery-QueueElsewhere\]/,
    );
    const template = Template.fromStack(scope);
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: 'sns.me-south-1.amazonaws.com' }, // an opt-in Region's
            Condition: {
              ArnLike: { 'aws:SourceArn': 'arn:aws:sns:me-south-1:444455556666:orders' },
              StringEquals: { 'aws:SourceAccount': '444455556666' },
            },
          }),
        ]),
      },
    });
  });

  test('names the topic in policies of keys when its name is known', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    queue.addProducer(new TopicProducer(new Topic(scope, 'Topic', { topicName: 'orders' })));
    Template.fromStack(scope).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([onKey('sns.amazonaws.com', arn(':orders'))]),
      },
    });
  });

  test('lives with the topic when that depends on the stack of the queue already', () => {
    const app = new App();
    const home = new Stack(app, 'Home');
    const abroad = new Stack(app, 'Abroad');
    abroad.addDependency(home);
    new StandardQueue(home, 'Jobs').addProducer(new TopicProducer(new Topic(abroad, 'Topic')));
    Template.fromStack(home).resourceCountIs('AWS::SNS::Subscription', 0);
    Template.fromStack(abroad).resourceCountIs('AWS::SNS::Subscription', 1);
  });

  const subscribe = (queue: (scope: Stack) => MessageQueue, topic: (scope: Stack) => ITopic, props = {}) => {
    const scope = stack(IRELAND);
    queue(scope).addProducer(new TopicProducer(topic(scope), props));
  };
  const standard = (scope: Stack) => new StandardQueue(scope, 'Jobs');
  const fifo = (scope: Stack) => new FifoQueue(scope, 'Jobs');
  const topic = (scope: Stack) => new Topic(scope, 'Topic');
  const word = (count: number) =>
    SubscriptionFilter.stringFilter({ allowlist: Array.from({ length: count }, (_, index) => `word${index}`) });

  test('fails on a standard topic and a FIFO queue, also when they are imported', () => {
    const message =
      /queue must be a standard queue for a standard topic, but was the FIFO queue .*; SNS refuses.*\[Spillway-Delivery-TopicKindMismatch\]/;
    expect(() => subscribe(fifo, topic)).toThrow(message);
    expect(() => subscribe(fifo, (scope) => Topic.fromTopicArn(scope, 'Topic', 'arn:aws:sns:eu-west-1:1:a'))).toThrow(
      message,
    );
  });

  test('fails on a second subscription of the same queue', () => {
    const scope = stack();
    const queue = standard(scope);
    const source = topic(scope);
    queue.addProducer(new TopicProducer(source));
    expect(() => queue.addProducer(new TopicProducer(source, { rawMessageDelivery: true }))).toThrow(
      /topic must have one TopicProducer for each queue, but Stack\/Jobs\/Queue is subscribed to Stack\/Topic already.*\[Spillway-TopicProducer-AlreadySubscribed\]/,
    );
  });

  test('fails on filters that SNS refuses', () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, word(1)]));
    expect(() => subscribe(standard, topic, { filterPolicy: many })).toThrow(
      /filterPolicy must have at most 5 keys, but had 6.*\[Spillway-TopicProducer-TooManyFilterKeys\]/,
    );
    expect(() => subscribe(standard, topic, { filterPolicy: { a: word(151) } })).toThrow(
      /filterPolicy must have at most 150 combinations of values, but had 151.*\[Spillway-TopicProducer-FilterTooComplex\]/,
    );
    const nested = { a: FilterOrPolicy.policy({ b: FilterOrPolicy.filter(word(80)) }) };
    expect(() => subscribe(standard, topic, { filterPolicyWithMessageBody: nested })).toThrow(
      /filterPolicyWithMessageBody must have at most 150 combinations of values, but had 160.*\[Spillway-TopicProducer-FilterTooComplex\]/,
    );
    expect(() =>
      subscribe(standard, topic, { filterPolicy: { a: word(1) }, filterPolicyWithMessageBody: nested }),
    ).toThrow('[Spillway-TopicProducer-TwoFilterScopes]');
  });

  test('fails on a dead-letter queue of another kind, Region or account', () => {
    const scope = stack();
    const failed = new DeadLetterQueue(scope, 'Failed', { fifo: true });
    expect(() => subscribe(standard, topic, { deadLetterQueue: failed })).toThrow(
      /deadLetterQueue must be a standard queue, .* but was the FIFO queue Stack\/Failed.*\[Spillway-Delivery-DeadLetterKindMismatch\]/,
    );
    const elsewhere = (inner: Stack) => Topic.fromTopicArn(inner, 'Topic', 'arn:aws:sns:us-east-1:111122223333:a');
    expect(() => subscribe(standard, elsewhere)).toThrow(
      /deadLetterQueue must be of the topic's account and Region \(111122223333, us-east-1\), but was of 111122223333, eu-west-1.*\[Spillway-Delivery-DeadLetterQueueElsewhere\]/,
    );
  });
});

/** What SNS delivers as, by the Regions of topic and queue. */
const PRINCIPALS = [
  ['us-east-1', 'eu-west-1', 'sns.amazonaws.com'],
  ['us-east-1', 'eu-south-2', 'sns.eu-south-2.amazonaws.com'],
  ['eu-south-2', 'us-east-1', 'sns.eu-south-2.amazonaws.com'],
  ['eu-south-2', 'ap-east-1', 'sns.ap-east-1.amazonaws.com'],
  ['eu-south-2', 'eu-south-2', 'sns.amazonaws.com'],
] as const;

describe.each(PRINCIPALS)('TopicProducer from %s to %s', (from, to, principal) => {
  const app = () => {
    const root = new App();
    root.with(new mixins.QueueRules());
    const [home, abroad] = [new Stack(root, 'Home', env(from)), new Stack(root, 'Abroad', env(to))];
    const topic = new Topic(home, 'Topic', { topicName: 'orders' });
    return { root, abroad, topic, deadLetterQueue: new DeadLetterQueue(home, 'Lost', { queueName: 'lost' }) };
  };
  const env = (region: string) => ({ env: { ...IRELAND, region }, crossRegionReferences: true });

  test(`admits ${principal} to queue and key, and passes our own rules`, () => {
    const { root, abroad, topic, deadLetterQueue } = app();
    const encryption = QueueEncryption.customerManaged();
    new StandardQueue(abroad, 'Jobs', { encryption }).addProducer(new TopicProducer(topic, { deadLetterQueue }));
    const { errors, warnings } = synthesized(root);
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    for (const [type, document] of [
      ['AWS::SQS::QueuePolicy', 'PolicyDocument'],
      ['AWS::KMS::Key', 'KeyPolicy'],
    ]) {
      Template.fromStack(abroad).hasResourceProperties(type, {
        [document]: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: principal } })]) },
      });
    }
  });

  test.each(['sns.amazonaws.com', 'sns.eu-south-2.amazonaws.com', 'sns.ap-east-1.amazonaws.com'])(
    'plain CDK that admits %s is judged by what SNS uses',
    (admitted) => {
      const { root, abroad, topic } = app();
      const queue = new Queue(abroad, 'Jobs');
      queue.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ArnPrincipal('unused')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
        }),
      );
      const policy = abroad.node.findAll().find(CfnQueuePolicy.isCfnQueuePolicy);
      policy?.addPropertyOverride('PolicyDocument.Statement.0.Principal', { Service: admitted });
      policy?.addPropertyOverride('PolicyDocument.Statement.0.Condition', {
        ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:*:111122223333:orders' },
      });
      new CfnSubscription(abroad, 'Subscription', {
        topicArn: topic.topicArn,
        protocol: 'sqs',
        endpoint: queue.queueArn,
        region: from,
      });
      const refused = principal !== 'sns.amazonaws.com' && admitted !== principal;
      expect(synthesized(root).errors).toEqual(
        refused ? [expect.stringContaining(`lets ${principal} use sqs:SendMessage`)] : [],
      );
    },
  );
});

describe('TopicProducer with Regions that are known only at deployment', () => {
  const warningsOf = (root: App) => synthesized(root).warnings.filter((text) => text.includes('RegionUnknown'));

  test('admits sns.amazonaws.com and warns', () => {
    const root = new App();
    const queue = new StandardQueue(new Stack(root, 'Stack', { env: { ...IRELAND, region: 'eu-south-2' } }), 'Jobs');
    const topic = new Topic(new Stack(root, 'Agnostic'), 'Topic', { topicName: 'orders' });
    const deadLetterQueue = new DeadLetterQueue(Stack.of(topic), 'Lost', { queueName: 'lost' });
    queue.addProducer(new TopicProducer(topic, { deadLetterQueue }));
    expect(warningsOf(root)).toEqual([
      expect.stringMatching(
        /^topic and queue should be in known Regions, but that of Agnostic\/Topic .* is known only at deployment/,
      ),
    ]);
  });

  test('does not warn if both are in the same Region', () => {
    const scope = stack();
    new StandardQueue(scope, 'Jobs').addProducer(new TopicProducer(new Topic(scope, 'Topic')));
    expect(warningsOf(scope.node.root as App)).toEqual([]);
  });
});

describe('BucketProducer', () => {
  test('adds notifications, for which queue and key admit this bucket of this account only', () => {
    const scope = stack();
    const bucket = new Bucket(scope, 'Bucket');
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    const filters = [{ prefix: 'in/', suffix: '.mp4' }];
    queue.addProducer(new BucketProducer(bucket, { events: [EventType.OBJECT_REMOVED], filters }));
    const template = Template.fromStack(scope);
    template.hasResource('Custom::S3BucketNotifications', {
      Properties: {
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Events: ['s3:ObjectRemoved:*'],
              Filter: {
                Key: {
                  FilterRules: [
                    { Name: 'suffix', Value: '.mp4' },
                    { Name: 'prefix', Value: 'in/' },
                  ],
                },
              },
            },
          ],
        },
      },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^JobsQueuePolicy')]), // S3 tries the permission
    });
    expect(admitted(template, logicalId(scope, queue.queue))).toEqual([
      {
        Action: 'sqs:SendMessage',
        Condition: {
          ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [logicalId(scope, bucket), 'Arn'] } },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Resource: { 'Fn::GetAtt': [logicalId(scope, queue.queue), 'Arn'] },
      },
    ]);
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([onKey('s3.amazonaws.com', arn(':s3:::*'))]) },
    });
  });

  test('tells of created objects by default, and names an imported bucket', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    queue.addProducer(new BucketProducer(Bucket.fromBucketName(scope, 'Bucket', 'uploads')));
    const template = Template.fromStack(scope);
    template.hasResourceProperties('Custom::S3BucketNotifications', {
      NotificationConfiguration: { QueueConfigurations: [{ Events: ['s3:ObjectCreated:*'] }] },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([onKey('s3.amazonaws.com', arn(':s3:::uploads'))]) },
    });
  });

  test("lets a bucket with a name through by its ARN, which has no Region, on the queue's key", () => {
    const scope = stack(IRELAND);
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    queue.addProducer(new BucketProducer(new Bucket(scope, 'Bucket', { bucketName: 'uploads' })));
    Template.fromStack(scope).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Condition: {
              ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::uploads']] } },
              StringEquals: { 'aws:SourceAccount': IRELAND.account },
            },
            Principal: { Service: 's3.amazonaws.com' },
          }),
        ]),
      },
    });
  });

  test.each<[string, (bucket: Bucket) => unknown]>([
    ['of another producer', (bucket) => new StandardQueue(bucket, 'First').addProducer(new BucketProducer(bucket))],
    [
      'to a topic, added with addEventNotification',
      (bucket) => {
        const topic = new SnsDestination(new Topic(bucket, 'First'));
        bucket.addEventNotification(EventType.OBJECT_CREATED, topic, { prefix: 'in/' });
      },
    ],
  ])('fails synthesis on a notification that overlaps one %s', (_, first) => {
    const added = (props: BucketProducerProps, mixin = false) => {
      const app = new App();
      if (mixin) app.with(new mixins.QueueRules());
      const scope = new Stack(app, 'Stack');
      const bucket = new Bucket(scope, 'Bucket');
      new StandardQueue(scope, 'Jobs').addProducer(new BucketProducer(bucket, props));
      first(bucket);
      return synthesized(app).errors.filter((text) => text.includes('Spillway-'));
    };
    const within = { events: [EventType.OBJECT_CREATED_PUT], filters: [{ prefix: 'in/new/' }] };
    const refusal = expect.stringMatching(
      /Stack\/Bucket\/Notifications\/Resource: NotificationConfiguration.* overlaps .*ObjectCreated:Put with prefix 'in\/new\/'.*\[Spillway-Delivery-NotificationsOverlap\]/,
    ) as string;
    expect(added(within)).toEqual([refusal]);
    expect(added(within, true)).toEqual([refusal]);
    expect(added({ events: [EventType.OBJECT_REMOVED] })).toEqual([]);
  });

  test.each([
    [[{ prefix: 'in/' }, { prefix: 'out/' }], "the prefix 'in/' and the prefix 'out/'"],
    [[{ suffix: '.mp4' }, { prefix: 'in/', suffix: '.mov' }], "the suffix '.mp4' and the suffix '.mov'"],
    [[{}], 'a filter with neither'],
  ])('fails on the filters %j', (filters, got) => {
    const scope = stack();
    const send = () =>
      new StandardQueue(scope, 'Jobs').addProducer(new BucketProducer(new Bucket(scope, 'Bucket'), { filters }));
    expect(send).toThrow(
      `filters must have at most one prefix and one suffix, but had ${got}; a notification of S3 has no more: add a BucketProducer for each [Spillway-BucketProducer-FiltersInvalid]`,
    );
  });

  test('takes a prefix and a suffix, in one filter or two', () => {
    const scope = stack();
    const filters = [{ prefix: 'in/' }, { suffix: '.mp4' }];
    new StandardQueue(scope, 'Jobs').addProducer(new BucketProducer(new Bucket(scope, 'Bucket'), { filters }));
    expect(() => Template.fromStack(scope)).not.toThrow();
  });

  test('fails on FIFO queues, other Regions and no events', () => {
    const scope = stack(IRELAND);
    const bucket = new Bucket(scope, 'Bucket');
    expect(() => new FifoQueue(scope, 'Fifo').addProducer(new BucketProducer(bucket))).toThrow(
      /queue must be a standard queue, but was the FIFO queue Stack\/Fifo\/Queue; S3 can't send.*\[Spillway-Delivery-FifoUnsupported\]/,
    );
    const far = Bucket.fromBucketAttributes(scope, 'Far', { bucketName: 'far', region: 'us-east-1' });
    const queue = new StandardQueue(scope, 'Jobs');
    expect(() => queue.addProducer(new BucketProducer(far))).toThrow(
      /queue must be a queue in us-east-1, but Stack\/Jobs\/Queue is in eu-west-1; S3.*\[Spillway-Delivery-OtherRegion\]/,
    );
    expect(() => queue.addProducer(new BucketProducer(bucket, { events: [] }))).toThrow(
      '[Spillway-BucketProducer-NoEvents]',
    );
  });
});

describe('EventRuleProducer', () => {
  test('adds a target with a queue for what could not be delivered, admitting this rule only', () => {
    const scope = stack();
    const source = rule(scope);
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    queue.addProducer(
      new EventRuleProducer(source, {
        input: RuleTargetInput.fromText('hello'),
        messageGroupId: 'tenant',
        maxEventAge: Duration.hours(1),
        retryAttempts: 3,
      }),
    );
    const template = Template.fromStack(scope);
    const lost = queue.undeliveredQueue as DeadLetterQueue;
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [logicalId(scope, queue.queue), 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [logicalId(scope, lost), 'Arn'] } },
          Input: '"hello"',
          RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 3 },
          SqsParameters: { MessageGroupId: 'tenant' },
        },
      ],
    });
    for (const each of [queue.queue, lost]) {
      expect(admitted(template, logicalId(scope, each))).toEqual([
        {
          Action: 'sqs:SendMessage',
          Condition: {
            ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [logicalId(scope, source), 'Arn'] } },
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          },
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Resource: { 'Fn::GetAtt': [logicalId(scope, each), 'Arn'] },
        },
      ]);
    }
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([ON_KEY_FOR_EVENTBRIDGE]) },
    });
  });

  test('refers to a rule of another stack by name, when that is known, and by account otherwise', () => {
    const app = new App();
    const home = new Stack(app, 'Home');
    const abroad = new Stack(app, 'Abroad');
    const queue = new StandardQueue(home, 'Jobs');
    const eventBus = EventBus.fromEventBusName(abroad, 'Bus', 'orders');
    const eventPattern = { source: ['orders'] };
    queue.addProducer(new EventRuleProducer(new Rule(abroad, 'Named', { ruleName: 'placed', eventPattern })));
    queue.addProducer(new EventRuleProducer(new Rule(abroad, 'OnBus', { ruleName: 'paid', eventBus, eventPattern })));
    queue.addProducer(new EventRuleProducer(new Rule(abroad, 'Unnamed', { eventPattern })));
    const policies = JSON.stringify(admitted(Template.fromStack(home), logicalId(home, queue.queue)));
    for (const end of [':rule/placed', ':rule/orders/paid', ':rule/*']) expect(policies).toContain(`"${end}"`);
    expect(policies).not.toContain('ImportValue');
  });

  test('fails without what a FIFO queue demands', () => {
    const scope = stack();
    const plain = new FifoQueue(scope, 'Plain');
    const deduplicating = new FifoQueue(scope, 'Deduplicating', { contentBasedDeduplication: true });
    const source = rule(scope);
    expect(() => plain.addProducer(new EventRuleProducer(source))).toThrow(
      /^Stack\/Plain: 2 invalid\n.*messageGroupId must be 1 to 128 .* for the FIFO queue .* but was not given.*\[Spillway-Delivery-GroupMissing\]\n.*queue must have content-based deduplication if it is a FIFO queue, but \S+ has not.*\[Spillway-Delivery-DeduplicationMissing\]/,
    );
    expect(() => deduplicating.addProducer(new EventRuleProducer(source, { messageGroupId: 'a b' }))).toThrow(
      /messageGroupId must be 1 to 128 .* but was 'a b'.*\[Spillway-Delivery-GroupInvalid\]/,
    );
    expect(() => deduplicating.addProducer(new EventRuleProducer(source, { messageGroupId: 'all' }))).not.toThrow();
  });

  test.each([
    [
      'age',
      { maxEventAge: Duration.seconds(59) },
      /maxEventAge must be .* but was 59 seconds.*\[Spillway-EventRuleProducer-EventAge/,
    ],
    ['retries', { retryAttempts: 186 }, /retryAttempts must be .* but was 186.*\[Spillway-EventRuleProducer-Retries/],
  ])('fails on an %s out of range', (_, props, message) => {
    const scope = stack();
    expect(() => new StandardQueue(scope, 'Jobs').addProducer(new EventRuleProducer(rule(scope), props))).toThrow(
      message,
    );
  });

  test('fails on queues that EventBridge does not reach', () => {
    const scope = stack(IRELAND);
    const queue = new StandardQueue(scope, 'Jobs');
    const deadLetterQueue = new DeadLetterQueue(scope, 'Failed', { fifo: true });
    expect(() => queue.addProducer(new EventRuleProducer(rule(scope), { deadLetterQueue }))).toThrow(
      /deadLetterQueue must be a standard queue, but was the FIFO queue Stack\/Failed; EventBridge.*\[Spillway-Delivery-FifoUnsupported\]/,
    );
    const far = new Stack(scope.node.root, 'Far', { env: { ...IRELAND, region: 'us-east-1' } });
    expect(() => queue.addProducer(new EventRuleProducer(rule(far)))).toThrow(
      /queue must be of the rule's account and Region \(.* us-east-1\), but was of 111122223333, eu-west-1.*\[Spillway-Delivery-OtherEnvironment\]/,
    );
  });
});

describe('ScheduleProducer', () => {
  test('sends with a role that may do nothing else, which only schedules of its group can have (snapshot)', () => {
    const scope = stack();
    const queue = new FifoQueue(scope, 'Jobs', {
      contentBasedDeduplication: true,
      encryption: QueueEncryption.customerManaged(),
    });
    const producer = new ScheduleProducer(scope, 'Nightly', {
      schedule: hourly,
      scheduleGroup: new ScheduleGroup(scope, 'Group'),
      input: ScheduleTargetInput.fromText('clean up'),
      messageGroupId: 'all',
      timeWindow: TimeWindow.flexible(Duration.minutes(5)),
      description: 'Cleans up',
      enabled: false,
      maxEventAge: Duration.minutes(1),
      retryAttempts: 0,
    });
    expect(producer.schedule).toBeUndefined();
    queue.addProducer(producer);
    expect(producer.schedule).toBeDefined();
    const template = Template.fromStack(scope);
    expect({
      schedule: template.findResources('AWS::Scheduler::Schedule'),
      policy: template.findResources('AWS::IAM::Policy'),
      role: template.findResources('AWS::IAM::Role'),
    }).toMatchSnapshot();
  });

  test('fails without a queue, and with a second one', () => {
    const scope = stack();
    const producer = new ScheduleProducer(scope, 'Nightly', { schedule: hourly });
    expect(() => Template.fromStack(scope)).toThrow('sends to no queue: pass it to addProducer of one');
    new StandardQueue(scope, 'Jobs').addProducer(producer);
    expect(() => new StandardQueue(scope, 'More').addProducer(producer)).toThrow(
      /sends to Stack\/Jobs\/Queue already \[Spillway-ScheduleProducer-QueueAlreadyBound\]/,
    );
  });

  test.each([
    ['no group for a FIFO queue', true, {}, 'Delivery-GroupMissing'],
    ['a group for a standard queue', false, { messageGroupId: 'a' }, 'ScheduleProducer-MessageGroupOfStandardQueue'],
    ['an age out of range', false, { maxEventAge: Duration.days(2) }, 'ScheduleProducer-EventAgeOutOfRange'],
    ['retries out of range', false, { retryAttempts: -1 }, 'ScheduleProducer-RetriesOutOfRange'],
  ])('fails on %s', (_, fifo, props, id) => {
    const scope = stack();
    const queue = fifo
      ? new FifoQueue(scope, 'Jobs', { contentBasedDeduplication: true })
      : new StandardQueue(scope, 'Jobs');
    const producer = new ScheduleProducer(scope, 'Nightly', { schedule: hourly, ...props });
    expect(() => queue.addProducer(producer)).toThrow(`[Spillway-${id}]`);
  });
});

describe('AccountProducer', () => {
  test('admits accounts and organizations to the queue, and to its key through SQS only', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    queue.addProducer(AccountProducer.account('444455556666'));
    queue.addProducer(AccountProducer.organization('o-a1b2c3d4e5'));
    queue.addProducer(AccountProducer.organizationPath('o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*'));
    const template = Template.fromStack(scope);
    const viaSqs = { 'kms:ViaService': { 'Fn::Join': ['', ['sqs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } };
    const send = { Action: ['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], Effect: 'Allow' };
    expect(admitted(template, logicalId(scope, queue.queue))).toMatchObject([
      {
        ...send,
        Principal: {
          AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::444455556666:root']] },
        },
      },
      { ...send, Principal: { AWS: '*' }, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } },
      {
        ...send,
        Principal: { AWS: '*' },
        Condition: {
          'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*' },
        },
      },
    ]);
    const use = { Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: '*' };
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ ...use, Condition: { StringEquals: viaSqs } }),
          Match.objectLike({
            ...use,
            Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5', ...viaSqs } },
          }),
        ]),
      },
    });
  });

  test.each([
    ['accountId', '1234', () => AccountProducer.account('1234')],
    ['organizationId', 'a1b2c3d4e5', () => AccountProducer.organization('a1b2c3d4e5')],
    ['organizationPath', '*', () => AccountProducer.organizationPath('*')],
  ])('fails on an invalid %s', (property, value, producer) => {
    const queue = new StandardQueue(stack(), 'Jobs');
    const message = `, but was '${value}'; the policy would admit nobody`;
    expect(() => queue.addProducer(producer())).toThrow(`${property} must be `);
    expect(() => queue.addProducer(producer())).toThrow(message);
    expect(() => queue.addProducer(producer())).toThrow('[Spillway-AccountProducer-SenderInvalid]');
  });

  test('takes an id that is not known yet', () => {
    const queue = new StandardQueue(stack(), 'Jobs');
    const accountId = Token.asString({ Ref: 'Account' });
    expect(() => queue.addProducer(AccountProducer.account(accountId))).not.toThrow();
  });

  test('fails on a queue whose policy is not ours', () => {
    const scope = stack();
    const imported = Queue.fromQueueArn(scope, 'Imported', 'arn:aws:sqs:eu-west-1:111122223333:jobs');
    const queue = StandardQueue.fromQueue(scope, 'Jobs', imported);
    expect(() => queue.addProducer(AccountProducer.account('444455556666'))).toThrow(
      /queue and its key must be of this app, but Stack\/Jobs is imported.*\[Spillway-AccountProducer-PoliciesNotOurs\]/,
    );
  });
});

describe('all that deliver by themselves', () => {
  const producers: [string, (scope: Stack) => IQueueProducer][] = [
    ['sns', (scope) => new TopicProducer(new Topic(scope, 'Topic'))],
    ['s3', (scope) => new BucketProducer(new Bucket(scope, 'Bucket'))],
    ['events', (scope) => new EventRuleProducer(rule(scope))],
  ];

  test.each(producers)('fails with %s and the key of AWS', (service, producer) => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.kmsManaged() });
    expect(() => queue.addProducer(producer(scope))).toThrow(
      new RegExp(
        `queue must have SSE-SQS or a key of your own, but \\S+ has the key alias/aws/sqs; .* doesn't admit ${service}.amazonaws.com.*\\[Spillway-Delivery-ManagedKey\\]`,
      ),
    );
  });

  test.each(producers)('fails with %s and an imported queue or key', (_, producer) => {
    const scope = stack();
    const imported = Queue.fromQueueArn(scope, 'Imported', 'arn:aws:sqs:eu-west-1:111122223333:jobs');
    const adopted = StandardQueue.fromQueue(scope, 'Adopted', imported);
    expect(() => adopted.addProducer(producer(new Stack(scope.node.root as App, 'One')))).toThrow(
      /queue should be a queue of this app, but Stack\/Imported is defined elsewhere.*\[Spillway-Delivery-QueueElsewhere\]/,
    );
    const key = Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1');
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged(key) });
    expect(() => queue.addProducer(producer(new Stack(scope.node.root as App, 'Two')))).toThrow(
      /queue should have a key of this app, but Stack\/Jobs\/Queue has the key Stack\/Key, which is defined elsewhere.*\[Spillway-Delivery-KeyElsewhere\]/,
    );
  });

  test('fails when the key is in the stack of what must be deployed after the queue', () => {
    const app = new App();
    const home = new Stack(app, 'Home');
    const abroad = new Stack(app, 'Abroad');
    const encryption = QueueEncryption.customerManaged(new QueueKey(abroad, 'Key'));
    const queue = new StandardQueue(home, 'Jobs', { encryption });
    const schedule = new ScheduleProducer(abroad, 'Hourly', { schedule: hourly });
    for (const producer of [
      new BucketProducer(new Bucket(abroad, 'Bucket')),
      new EventRuleProducer(rule(abroad)),
      schedule,
    ]) {
      expect(() => queue.addProducer(producer)).toThrow(
        /encryption must have a key of the queue's stack \(Home\) or of a third, but had Abroad\/Key of the stack of Abroad\/.*\[Spillway-Delivery-StacksNeedEachOther\]/,
      );
    }
  });
});
