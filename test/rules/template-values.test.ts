import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import { mixins, RuleAcknowledgements } from '../../lib';
import { synthesized, template, verdictOn } from './plain-app';

type Resources = Parameters<typeof template>[0];

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const queue = (properties: object = {}) => ['AWS::SQS::Queue', properties] as const;
const idsOf = (resources: Resources) => {
  const { errors, warnings } = verdictOn(template(resources));
  return [...errors, ...warnings].map((text) => /\[(Spillway-[A-Za-z-]+)\]/.exec(text)?.[1]);
};

const byQueue = (sources: number) => ({
  redrivePermission: 'byQueue',
  sourceQueueArns: Array.from({ length: sources }, (_, index) => `arn:aws:sqs:eu-west-1:111122223333:jobs${index}`),
});

describe('values written as text', () => {
  test.each<[string, object, string[]]>([
    ['FifoQueue true', { FifoQueue: 'true', QueueName: 'jobs' }, ['Spillway-Queue-NameKindMismatch']],
    ['FifoQueue false', { FifoQueue: 'false', QueueName: 'jobs' }, []],
    [
      'FifoQueue false of a FIFO name',
      { FifoQueue: 'false', QueueName: 'a.fifo' },
      ['Spillway-Queue-NameKindMismatch'],
    ],
    ['an unknown FifoQueue', { FifoQueue: { Ref: 'AWS::NoValue' }, QueueName: 'a.fifo' }, []],
    ['two encryptions', { SqsManagedSseEnabled: 'true', KmsMasterKeyId: 'alias/x' }, ['Spillway-Queue-TwoEncryptions']],
    ['one encryption', { SqsManagedSseEnabled: 'false', KmsMasterKeyId: 'alias/x' }, []],
    ['no key', { SqsManagedSseEnabled: 'true', KmsMasterKeyId: '' }, []],
    ['a number that is too large', { DelaySeconds: '901' }, ['Spillway-Queue-DelayOutOfRange']],
    ['a number that is too small', { DelaySeconds: '-1' }, ['Spillway-Queue-DelayOutOfRange']],
    ['a number with a fraction', { DelaySeconds: '1.5' }, ['Spillway-Queue-DelayOutOfRange']],
    ['a number in range', { DelaySeconds: '900' }, []],
    ['no number', { DelaySeconds: 'soon' }, []],
    ['10 sources of dead letters', { RedriveAllowPolicy: byQueue(10) }, []],
    ['11 sources of dead letters', { RedriveAllowPolicy: byQueue(11) }, ['Spillway-Queue-RedriveAllowPolicyInvalid']],
  ])('%s', (_, properties, ids) => {
    expect(idsOf({ Jobs: queue(properties) })).toEqual(ids);
  });

  test('content-based deduplication of a schedule that is written as text', () => {
    const sending = (ContentBasedDeduplication: string) => ({
      Jobs: queue({ FifoQueue: 'true', ContentBasedDeduplication }),
      Schedule: [
        'AWS::Scheduler::Schedule',
        { Target: { Arn: arn('Jobs'), RoleArn: 'role', SqsParameters: { MessageGroupId: 'all' } } },
      ] as const,
    });
    expect(idsOf(sending('false'))).toEqual(['Spillway-Delivery-DeduplicationMissing']);
    expect(idsOf(sending('true'))).toEqual([]);
  });

  test('a FIFO topic that is written as text', () => {
    const subscribed = (FifoTopic: string) => ({
      Jobs: queue({ FifoQueue: true }),
      Topic: ['AWS::SNS::Topic', { FifoTopic, Subscription: [{ Protocol: 'sqs', Endpoint: arn('Jobs') }] }] as const,
      Policy: open({ Principal: { Service: 'sns.amazonaws.com' }, ...NAMED }),
    });
    expect(idsOf(subscribed('true'))).toEqual([]);
    expect(idsOf(subscribed('false'))).toEqual(['Spillway-Delivery-TopicKindMismatch']);
  });
});

const NAMED = { Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:111122223333:topic' } } };
const open = (statement: object) =>
  [
    'AWS::SQS::QueuePolicy',
    {
      Queues: [{ Ref: 'Jobs' }],
      PolicyDocument: {
        Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arn('Jobs'), ...statement },
      },
    },
  ] as const;

describe('statements', () => {
  test.each<[string, object, string[]]>([
    ['without a condition', { Principal: '*' }, ['Spillway-QueuePolicy-OpenToEveryone']],
    ['with an empty condition', { Principal: '*', Condition: {} }, ['Spillway-QueuePolicy-OpenToEveryone']],
    ['with a condition', { Principal: '*', ...NAMED }, []],
    ['that deny everyone', { Principal: '*', Effect: 'Deny' }, []],
    ['for every AWS principal', { Principal: { AWS: ['x', '*'] } }, ['Spillway-QueuePolicy-OpenToEveryone']],
    ['for an account', { Principal: { AWS: '111122223333' } }, []],
    [
      'for a service, with an empty condition',
      { Principal: { Service: 'sns.amazonaws.com' }, Condition: {} },
      ['Spillway-QueuePolicy-SourceUnnamed'],
    ],
    [
      'for a service, with a condition on something else',
      { Principal: { Service: 'sns.amazonaws.com' }, Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
      ['Spillway-QueuePolicy-SourceUnnamed'],
    ],
    [
      'for a service, on an account in other letters',
      { Principal: { Service: 'sns.amazonaws.com' }, Condition: { StringEquals: { 'AWS:sourceaccount': '1' } } },
      [],
    ],
    ['for a service that no one has to name', { Principal: { Service: 'ec2.amazonaws.com' } }, []],
    ['for a service that may not send', { Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:GetQueueUrl' }, []],
  ])('%s', (_, statement, ids) => {
    expect(idsOf({ Jobs: queue(), Policy: open(statement) })).toEqual(ids);
  });

  test.each<[string, unknown, boolean]>([
    ['the action', 'sqs:SendMessage', true],
    ['the action in other letters', 'SQS:sendmessage', true],
    ['a star', 'sqs:*', true],
    ['a question mark', 'sqs:Send?essage', true],
    ['one of several', ['sqs:GetQueueUrl', 'sqs:Send*'], true],
    ['a dot, which is no wildcard', 'sqs.SendMessage', false],
    ['the beginning only', 'sqs:Send', false],
    ['the end only', 'SendMessage', false],
  ])('a topic may send with %s: %s', (_, Action, admitted) => {
    const resources: Resources = {
      Jobs: queue(),
      Topic: ['AWS::SNS::Topic', { Subscription: [{ Protocol: 'sqs', Endpoint: arn('Jobs') }] }],
      Policy: open({ Principal: { Service: 'sns.amazonaws.com' }, Action, ...NAMED }),
    };
    expect(idsOf(resources)).toEqual(admitted ? [] : ['Spillway-Delivery-QueueRefuses']);
  });
});

describe('references written as text', () => {
  const mapped = (EventSourceArn: unknown): Resources => ({
    Jobs: queue({ QueueName: 'jobs', VisibilityTimeout: 30 }),
    Fn: ['AWS::Lambda::Function', { Timeout: 60 }],
    Map: ['AWS::Lambda::EventSourceMapping', { EventSourceArn, FunctionName: { Ref: 'Fn' } }],
  });
  const found = ['Spillway-Mapping-VisibilityBelowTimeout'];

  test.each<[string, unknown, string[]]>([
    ['pseudo parameters', { 'Fn::Sub': 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:jobs' }, found],
    [
      'pseudo parameters that are joined',
      { 'Fn::Join': [':', ['arn:aws:sqs', { Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }, 'jobs']] },
      found,
    ],
    ['another name', { 'Fn::Sub': 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:mails' }, []],
    ['what only the deployment knows', { 'Fn::Sub': 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Name}' }, []],
    ['a Region that is not the own', { 'Fn::Sub': 'arn:aws:sqs:eu-west-9:${AWS::AccountId}:jobs' }, []],
    ['an attribute with a dot', { 'Fn::GetAtt': 'Jobs.Arn' }, found],
  ])('%s', (_, source, ids) => {
    expect(idsOf(mapped(source))).toEqual(ids);
  });
});

describe('acknowledgements', () => {
  const REASON = 'a charge must never be tried twice';
  const ID = 'Spillway-Queue-DelayOutOfRange';

  test('stand in the metadata of the template, next to each other', () => {
    const stack = new Stack(new App(), 'Stack');
    const resource = new CfnQueue(stack, 'Jobs', { delaySeconds: 901 });
    RuleAcknowledgements.of(stack).add({ id: ID, reason: REASON });
    RuleAcknowledgements.of(resource).add({ id: 'Spillway-Redrive-SingleReceive', reason: 'so be it' });
    const { Resources } = (stack.node.root as App).synth().stacks[0].template as {
      Resources: Record<string, { Metadata: Record<string, unknown> }>;
    };
    expect(Resources.Jobs.Metadata['cdk-spillway:acknowledged']).toEqual({
      [ID]: REASON,
      'Spillway-Redrive-SingleReceive': 'so be it',
    });
  });

  test('are taken from the metadata of a resource', () => {
    const app = new App();
    app.with(new mixins.QueueRules());
    const resource = new CfnResource(new Stack(app, 'Stack'), 'Jobs', {
      type: 'AWS::SQS::Queue',
      properties: { DelaySeconds: 901, ReceiveMessageWaitTimeSeconds: 21 },
    });
    resource.addMetadata('cdk-spillway:acknowledged', { [ID]: REASON });
    expect(synthesized(app).errors).toEqual([expect.stringContaining('[Spillway-Queue-WaitTimeOutOfRange]')]);
  });

  test.each([
    ['Spillway-Queue', 'why'],
    ['Other-Queue-NameInvalid', 'why'],
    ['Spillway-Queue-NameInvalid-More', 'why'],
  ])('fail on the id %s', (id, reason) => {
    expect(() => RuleAcknowledgements.of(new App()).add({ id, reason })).toThrow(
      `id must be the id of a rule, such as Spillway-Queue-NameInvalid, but was '${id}'`,
    );
  });

  test('fail on a reason of spaces', () => {
    expect(() => RuleAcknowledgements.of(new App()).add({ id: ID, reason: ' ' })).toThrow(
      "reason must say why the rule is broken on purpose, but was ' '",
    );
  });
});
