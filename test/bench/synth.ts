import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption as L2Encryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { App, Aws, Duration, Stack } from 'aws-cdk-lib/core';
import { LambdaConsumer, QueueEncryption, QueueKey, StandardQueue, TopicFanOut } from '../../lib';
import { median } from './statistics';

/** Applications that each have a topic, a queue with dead letters, and a function that consumes it. */
const COUNT = 20;

type Make = (stack: Stack, id: string) => void;

const handler = (stack: Stack, id: string) =>
  new Function(stack, `${id}Handler`, {
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });

const ours: Make = (stack, id) => {
  const key = new QueueKey(stack, `${id}Key`);
  const consumers = [new LambdaConsumer(handler(stack, id))];
  const jobs = new StandardQueue(stack, id, { encryption: QueueEncryption.customerManaged(key), consumers });
  new TopicFanOut(stack, `${id}Topic`, { encryptionKey: key }).addQueue(jobs);
};

/** What our constructs make, as one would write it with CDK alone. */
const byHand: Make = (stack, id) => {
  const key = new Key(stack, `${id}Key`, { enableKeyRotation: true, description: `Encrypts the messages of ${id}` });
  const topicArn = `arn:${Aws.PARTITION}:sns:${Aws.REGION}:${Aws.ACCOUNT_ID}:*`;
  key.addToResourcePolicy(
    new PolicyStatement({
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('sns.amazonaws.com')],
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      resources: ['*'],
      conditions: { ArnLike: { 'aws:SourceArn': topicArn }, StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  const queueName = `${stack.stackName}-${id}`;
  const deadLetterQueue = deadLetters(stack, `${id}Failed`, key, queueName);
  const queue = new Queue(stack, id, {
    queueName,
    encryption: L2Encryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    retentionPeriod: Duration.days(4),
    receiveMessageWaitTime: Duration.seconds(20),
    visibilityTimeout: Duration.seconds(18),
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 5 },
  });
  handler(stack, id).addEventSource(new SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true }));
  const topic = new Topic(stack, `${id}Topic`, { masterKey: key, enforceSSL: true });
  const undelivered = deadLetters(stack, `${id}Undelivered`, key);
  topic.addSubscription(new SqsSubscription(queue, { deadLetterQueue: undelivered }));
};

function deadLetters(stack: Stack, id: string, key: IKey, source?: string): Queue {
  const sourceArn = `arn:${Aws.PARTITION}:sqs:${Aws.REGION}:${Aws.ACCOUNT_ID}:${source}`;
  return new Queue(stack, id, {
    encryption: L2Encryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    redriveAllowPolicy:
      source === undefined
        ? undefined
        : {
            redrivePermission: RedrivePermission.BY_QUEUE,
            sourceQueues: [Queue.fromQueueArn(stack, `${id}Source`, sourceArn)],
          },
  });
}

/** Synthesizing our constructs, against the same resources written by hand: the ratio of processor time. */
export function synthCost(times: number): number {
  const [ourTypes, theirTypes] = [ours, byHand].map((make) => typesOf(synthesize(make)));
  if (ourTypes !== theirTypes) throw new Error(`not the same resources: ${ourTypes} and ${theirTypes}`);
  // In turns, so that what the machine does besides falls on both.
  const ratios = Array.from({ length: times }, () => {
    const before = processorTime(() => synthesize(byHand));
    return processorTime(() => synthesize(ours)) / before;
  });
  return median(ratios);
}

function synthesize(make: Make): Record<string, { readonly Type: string }> {
  const app = new App({ analyticsReporting: false, context: { 'aws:cdk:enable-path-metadata': false } });
  const stack = new Stack(app, 'Bench');
  for (let index = 0; index < COUNT; index += 1) make(stack, `App${index}`);
  const { template } = app.synth().stacks[0] as { template: { Resources: Record<string, { readonly Type: string }> } };
  return template.Resources;
}

function typesOf(resources: ReturnType<typeof synthesize>): string {
  return Object.values(resources)
    .map(({ Type }) => Type)
    .sort()
    .join(' ');
}

function processorTime(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
