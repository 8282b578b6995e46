import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, Secret as TaskSecret } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { App, Stack } from 'aws-cdk-lib/core';
import {
  AutoScalingGroupConsumer,
  FargateConsumer,
  KinesisPipeline,
  LambdaConsumer,
  LambdaStreamConsumer,
  QueueEncryption,
  StandardQueue,
  WorkerProgram,
} from '../../lib';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Every consumer with every option that asks for permissions, and nothing that grants any besides. */
function maximal(): Template {
  const scope = new Stack(new App(), 'Stack');
  const vpc = new Vpc(scope, 'Vpc', { natGateways: 1 });
  const encryption = QueueEncryption.customerManaged(new Key(scope, 'Key'));
  const handler = (id: string) =>
    new Function(scope, id, {
      code: Code.fromInline('exports.handler = () => {}'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
    });
  new StandardQueue(scope, 'Instances', {
    encryption,
    consumers: [
      new AutoScalingGroupConsumer(scope, 'Group', {
        vpc,
        worker: WorkerProgram.node(join(__dirname, '../../dist/lambda/encoder')),
        protectBusyInstances: true,
        warmPool: {},
        createVpcEndpoints: true,
        instanceRefresh: {},
      }),
    ],
  });
  new StandardQueue(scope, 'Tasks', {
    encryption,
    consumers: [
      new FargateConsumer(scope, 'Service', {
        vpc,
        image: ContainerImage.fromRegistry('worker'),
        secrets: { TOKEN: TaskSecret.fromSecretsManager(new Secret(scope, 'Token')) },
        protectBusyTasks: true,
        spot: true,
      }),
    ],
  });
  new StandardQueue(scope, 'Functions', {
    encryption,
    consumers: [new LambdaConsumer(handler('Handler'), { eventMetrics: true, provisionedPollers: {} })],
  });
  new KinesisPipeline(scope, 'Stream', {
    encryptionKey: new Key(scope, 'StreamKey'),
    consumers: [new LambdaStreamConsumer(handler('Reader'), { enhancedFanOut: true, eventMetrics: true })],
  });
  return Template.fromStack(scope);
}

/** A resource as one reads it: `Queue.Arn`, `arn:{partition}:…`, without the hashes of ids. */
function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[intrinsic, argument]] = Object.entries(value as Record<string, unknown>);
  switch (intrinsic) {
    case 'Ref':
      return `{${short(argument as string)}}`;
    case 'Fn::GetAtt':
      return (argument as string[]).map(short).join('.');
    case 'Fn::Join':
      return (argument as [string, unknown[]])[1].map(readable).join('');
    case 'Fn::Sub':
      return argument as string;
    default:
      throw new Error(`cannot read ${intrinsic}`);
  }
}

const short = (text: string) => text.replace(/[0-9A-F]{8}(?=\b|[A-Z])/g, '').replace(/^AWS::/, '');

/** Who may do what on what: by role, a line for each action. */
function permissions(template: Template): Record<string, string[]> {
  const granted: Record<string, string[]> = {};
  const policies = template.findResources('AWS::IAM::Policy') as Record<
    string,
    { Properties: { Roles: unknown[]; PolicyDocument: { Statement: Statement[] } } }
  >;
  for (const { Properties } of Object.values(policies)) {
    for (const role of Properties.Roles.map(readable)) {
      for (const { Effect, Action, Resource, Condition } of Properties.PolicyDocument.Statement) {
        expect(Effect).toBe('Allow');
        expect(Condition).toBeUndefined();
        for (const action of [Action].flat()) {
          for (const resource of [Resource].flat()) (granted[role] ??= []).push(`${action} ${readable(resource)}`);
        }
      }
    }
  }
  return Object.fromEntries(Object.entries(granted).map(([role, lines]) => [role, lines.sort()]));
}

const group = 'arn:{Partition}:autoscaling:{Region}:{AccountId}:autoScalingGroup:*:autoScalingGroupName/Stack-Group-';
const poll = (queue: string) =>
  ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'].map(
    (action) => `sqs:${action} ${queue}.Arn`,
  );

test('each principal may do exactly what it needs, on exactly its resources', () => {
  const template = maximal();
  const granted = permissions(template);
  // The group's name ends with a hash.
  granted['{GroupRole}'] = granted['{GroupRole}'].map((line) => line.replace(/Stack-Group-\w+$/, 'Stack-Group-'));
  expect(granted).toEqual({
    '{GroupRole}': [
      `autoscaling:CompleteLifecycleAction ${group}`,
      `autoscaling:RecordLifecycleActionHeartbeat ${group}`,
      `autoscaling:SetInstanceProtection ${group}`,
      'kms:Decrypt Key.Arn',
      // The program, also that of the previous deployment; to list the bucket is not allowed.
      's3:GetObject arn:{Partition}:s3:::cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/*',
      ...poll('InstancesQueue'),
    ],
    '{ServiceTaskTaskRole}': [
      'ecs:GetTaskProtection arn:{Partition}:ecs:{Region}:{AccountId}:task/{ServiceCluster}/*',
      'ecs:UpdateTaskProtection arn:{Partition}:ecs:{Region}:{AccountId}:task/{ServiceCluster}/*',
      'kms:Decrypt Key.Arn',
      ...poll('TasksQueue'),
    ],
    '{ServiceTaskExecutionRole}': [
      'logs:CreateLogStream ServiceLogs.Arn',
      'logs:PutLogEvents ServiceLogs.Arn',
      'secretsmanager:DescribeSecret {Token}',
      'secretsmanager:GetSecretValue {Token}',
    ],
    '{HandlerServiceRole}': [
      'kms:Decrypt Key.Arn',
      'sqs:DeleteMessage FunctionsQueue.Arn',
      'sqs:GetQueueAttributes FunctionsQueue.Arn',
      'sqs:ReceiveMessage FunctionsQueue.Arn',
    ],
    '{ReaderServiceRole}': [
      'kinesis:DescribeStream Stream.Arn',
      'kinesis:DescribeStreamConsumer ReaderConsumesStackStreamSubscription.ConsumerARN',
      'kinesis:DescribeStreamSummary Stream.Arn',
      'kinesis:GetRecords Stream.Arn',
      'kinesis:GetShardIterator Stream.Arn',
      'kinesis:ListShards Stream.Arn',
      'kinesis:SubscribeToShard ReaderConsumesStackStreamSubscription.ConsumerARN',
      'kms:Decrypt StreamKey.Arn',
      'sqs:SendMessage ReaderConsumesStackStreamDeadLetterQueue.Arn',
    ],
  });
});

test('no role of ours has a managed policy, or can be assumed by others than its service', () => {
  const roles = Object.entries(maximal().findResources('AWS::IAM::Role')) as [
    string,
    {
      Properties: {
        ManagedPolicyArns?: unknown;
        Policies?: unknown;
        AssumeRolePolicyDocument: { Statement: { Principal: unknown }[] };
      };
    },
  ][];
  const ours = roles.filter(([id]) => id.startsWith('Group') || id.startsWith('Service'));
  expect(
    ours.map(([id, { Properties }]) => [
      short(id),
      Properties.ManagedPolicyArns,
      Properties.Policies,
      Properties.AssumeRolePolicyDocument.Statement.map(({ Principal }) => Principal),
    ]),
  ).toEqual([
    ['GroupRole', undefined, undefined, [{ Service: 'ec2.amazonaws.com' }]],
    ['ServiceTaskTaskRole', undefined, undefined, [{ Service: 'ecs-tasks.amazonaws.com' }]],
    ['ServiceTaskExecutionRole', undefined, undefined, [{ Service: 'ecs-tasks.amazonaws.com' }]],
  ]);
});
