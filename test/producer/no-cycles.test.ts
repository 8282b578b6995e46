import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import {
  BucketProducer,
  DeadLetterQueue,
  EventRuleProducer,
  FifoQueue,
  HttpApiProducer,
  type IQueueProducer,
  type MessageQueue,
  QueueEncryption,
  QueueKey,
  RequestValue,
  RestApiProducer,
  ScheduleProducer,
  StandardQueue,
  TopicProducer,
} from '../../lib';
import { dependencyCycle } from './dependency-cycles';

type Source = 'SNS' | 'S3' | 'EventBridge' | 'Scheduler' | 'REST API' | 'HTTP API';
type Kind = 'standard' | 'FIFO';
type KeyPlace = 'own' | 'shared, with the queue' | 'shared, in a stack of its own' | 'shared, with the source';
type StackPlace = 'same stack' | 'other stack';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal: { readonly Service?: string };
  readonly Condition?: Record<string, Record<string, unknown>>;
}

const SOURCES: readonly Source[] = ['SNS', 'S3', 'EventBridge', 'Scheduler', 'REST API', 'HTTP API'];
/** They send with a role, and have no key of their own. */
const WITH_ROLE: readonly Source[] = ['Scheduler', 'REST API', 'HTTP API'];
const KINDS: readonly Kind[] = ['standard', 'FIFO'];
const KEYS: readonly KeyPlace[] = [
  'own',
  'shared, with the queue',
  'shared, in a stack of its own',
  'shared, with the source',
];
const STACKS: readonly StackPlace[] = ['same stack', 'other stack'];

const product = KEYS.flatMap((key) =>
  SOURCES.flatMap((source) => KINDS.flatMap((kind) => STACKS.map((place) => ({ key, source, kind, place })))),
)
  .filter(({ source, kind }) => source !== 'S3' || kind === 'standard') // S3 refuses FIFO queues
  // What must be deployed after the queue can't hold its key: refused, see producers.test.ts.
  .filter(
    ({ key, source, place }) => key !== 'shared, with the source' || (place === 'other stack' && source === 'SNS'),
  );

function producer(source: Source, scope: Stack, kind: Kind, key: IKey | undefined): IQueueProducer {
  const fifo = kind === 'FIFO';
  const messageGroupId = fifo ? 'all' : undefined;
  switch (source) {
    case 'SNS':
      return new TopicProducer(new Topic(scope, 'Topic', { masterKey: key, fifo: fifo || undefined }));
    case 'S3':
      return new BucketProducer(
        new Bucket(scope, 'Bucket', { encryption: key && BucketEncryption.KMS, encryptionKey: key }),
      );
    case 'EventBridge': {
      const eventBus = new EventBus(scope, 'Bus', { kmsKey: key });
      return new EventRuleProducer(new Rule(scope, 'Rule', { eventBus, eventPattern: { source: ['orders'] } }), {
        messageGroupId,
      });
    }
    case 'Scheduler':
      return new ScheduleProducer(scope, 'Schedule', {
        schedule: ScheduleExpression.rate(Duration.hours(1)),
        messageGroupId,
      });
    case 'REST API':
      return new RestApiProducer(scope, 'Rest', { messageGroupId: fifo ? RequestValue.constant('all') : undefined });
    case 'HTTP API':
      return new HttpApiProducer(scope, 'Http', { messageGroupId: fifo ? RequestValue.constant('all') : undefined });
  }
}

/** A queue and its source; further queues share the dead-letter queue and the source's failures go to one that is given. */
function synthesize(
  { key: keyPlace, source, kind, place }: (typeof product)[number],
  context?: Record<string, unknown>,
) {
  const app = new App({ context });
  const home = new Stack(app, 'Home');
  const abroad = place === 'same stack' ? home : new Stack(app, 'Abroad');
  const keyHomes: Record<KeyPlace, () => Stack | undefined> = {
    own: () => undefined,
    'shared, with the queue': () => home,
    'shared, in a stack of its own': () => new Stack(app, 'Keys'),
    'shared, with the source': () => abroad,
  };
  const keyHome = keyHomes[keyPlace]();
  const key = keyHome && new QueueKey(keyHome, 'Shared');
  const encryption = QueueEncryption.customerManaged(key);
  const sourceKey = key ?? (WITH_ROLE.includes(source) ? undefined : new QueueKey(abroad, 'SourceKey'));
  const fifo = kind === 'FIFO';

  const deadLetterQueue = new DeadLetterQueue(home, 'Failed', { fifo, encryption });
  const make = (id: string): MessageQueue =>
    fifo
      ? new FifoQueue(home, id, { encryption, deadLetterQueue, contentBasedDeduplication: true })
      : new StandardQueue(home, id, { encryption, deadLetterQueue });
  const queues = [make('Jobs'), make('More')];
  queues[0].addProducer(producer(source, abroad, kind, sourceKey));
  return app.synth().stacks.map(({ template }) => template as Parameters<typeof dependencyCycle>[0]);
}

/** Statements of queue and key policies that let a service in. */
function serviceStatements(template: Parameters<typeof dependencyCycle>[0]): Statement[] {
  const policies = Object.values(Template.fromJSON(template as Record<string, unknown>).toJSON().Resources as object)
    .map((resource) => resource as { Type: string; Properties: Record<string, { Statement: Statement[] }> })
    .filter(({ Type }) => Type === 'AWS::SQS::QueuePolicy' || Type === 'AWS::KMS::Key')
    .map(({ Properties }) => Properties.PolicyDocument ?? Properties.KeyPolicy);
  return policies
    .flatMap(({ Statement }) => Statement)
    .filter(({ Effect, Principal }) => Effect === 'Allow' && Principal.Service !== undefined);
}

describe('a queue and what sends to it', () => {
  test.each(product)('have no dependency cycle: $source, $kind queue, $place, key $key', (combination) => {
    for (const context of [undefined, CURRENTLY_RECOMMENDED_FLAGS]) {
      const templates = synthesize(combination, context); // CDK itself refuses stacks that need each other
      expect(templates.map(dependencyCycle)).toEqual(templates.map(() => undefined));

      // Policies of queues and keys admit a service only for a source of this account.
      const statements = templates.flatMap(serviceStatements).filter(({ Principal }) => {
        return ['sns.amazonaws.com', 's3.amazonaws.com', 'events.amazonaws.com'].includes(Principal.Service ?? '');
      });
      expect(statements.length > 0).toBe(!WITH_ROLE.includes(combination.source));
      for (const { Condition, Principal, Action } of statements) {
        // AWS documents conditions on the source as not supported for EventBridge and a queue's key.
        if (Principal.Service === 'events.amazonaws.com' && String(Action).includes('kms:')) continue;
        expect(Condition?.StringEquals?.['aws:SourceAccount']).toBeDefined();
        expect(Object.assign({}, ...Object.values(Condition ?? {}))).toHaveProperty(['aws:SourceArn']);
      }
    }
  });

  test('would be found out if they had one', () => {
    const naive = {
      Resources: {
        Key: { Properties: { KeyPolicy: { 'Fn::Sub': 'of ${Topic.TopicArn} and ${!Literal}' } } },
        Topic: { Properties: { KmsMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } } },
        Other: { DependsOn: ['Topic'], Properties: { Name: { Ref: 'AWS::StackName' } } },
      },
    };
    expect(dependencyCycle(naive)).toEqual(['Key', 'Topic', 'Key']);
    expect(dependencyCycle({ Resources: { One: { DependsOn: 'Two' }, Two: { DependsOn: ['One'] } } })).toHaveLength(3);
    expect(dependencyCycle({ Resources: { One: { DependsOn: 'Two' }, Two: {} } })).toBeUndefined();
  });
});
