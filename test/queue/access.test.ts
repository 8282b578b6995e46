import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal, AccountRootPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption as SqsEncryption } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { KMS_APPLY_IMPORTED_ALIAS_PERMISSIONS_TO_PRINCIPAL } from 'aws-cdk-lib/cx-api';
import {
  DeliveringService,
  MessageQueueGrants,
  QueueEncryption,
  QueueKey,
  QueueVpcEndpoint,
  StandardQueue,
} from '../../lib';

const IRELAND = { account: '111122223333', region: 'eu-west-1' };
const stack = (context?: Record<string, unknown>) => new Stack(new App({ context }), 'Stack', { env: IRELAND });
const role = (scope: Stack) => new Role(scope, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });

/** What a role may do: actions by the logical id of the resource. */
function allowed(scope: Stack): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const policy of Object.values(Template.fromStack(scope).findResources('AWS::IAM::Policy'))) {
    const { PolicyDocument } = (
      policy as {
        Properties: {
          PolicyDocument: { Statement: { Action: string | string[]; Resource: { 'Fn::GetAtt': string[] } }[] };
        };
      }
    ).Properties;
    for (const { Action, Resource } of PolicyDocument.Statement) {
      const id = Resource['Fn::GetAtt'][0].replace(/[0-9A-F]{8}$/, '');
      found[id] = [...new Set([...(found[id] ?? []), ...[Action].flat()])].sort();
    }
  }
  return found;
}

describe('grants', () => {
  const encrypted = (scope: Stack) =>
    new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
  const find = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl'];

  test('let producers send, and use the key for that', () => {
    const scope = stack();
    encrypted(scope).grants.sendMessages(role(scope));
    expect(allowed(scope)).toEqual({
      JobsQueue: [...find, 'sqs:SendMessage'],
      JobsKey: ['kms:Decrypt', 'kms:GenerateDataKey'],
    });
  });

  test('let consumers receive, and decrypt', () => {
    const scope = stack();
    encrypted(scope).grants.consumeMessages(role(scope));
    expect(allowed(scope)).toEqual({
      JobsQueue: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', ...find, 'sqs:ReceiveMessage'],
      JobsKey: ['kms:Decrypt'],
    });
  });

  test('let operators purge', () => {
    const scope = stack();
    encrypted(scope).grants.purge(role(scope));
    expect(allowed(scope)).toEqual({ JobsQueue: ['sqs:PurgeQueue'] });
  });

  test('let operators redrive, with the keys of both queues', () => {
    const scope = stack();
    const deadLetterQueue = new Queue(scope, 'Failed', {
      encryption: SqsEncryption.KMS,
      retentionPeriod: Duration.days(14),
    });
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged(), deadLetterQueue });
    queue.grants.redriveMessages(role(scope));
    expect(allowed(scope)).toEqual({
      Failed: [
        'sqs:CancelMessageMoveTask',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ListDeadLetterSourceQueues',
        'sqs:ListMessageMoveTasks',
        'sqs:ReceiveMessage',
        'sqs:StartMessageMoveTask',
      ],
      FailedKey: ['kms:Decrypt'],
      JobsQueue: ['sqs:SendMessage'],
      JobsKey: ['kms:Decrypt', 'kms:GenerateDataKey'],
    });
  });

  test('let dead letters be read, which are encrypted with the key of the queue that they come from', () => {
    const scope = stack();
    const queue = encrypted(scope);
    queue.grants.consumeDeadLetters(role(scope));
    expect(Object.keys(allowed(scope))).toEqual(['JobsDeadLetterQueue', 'JobsKey']);
  });

  test('let another account in by the policies of queue and key', () => {
    const scope = stack();
    encrypted(scope).grants.consumeMessages(new AccountPrincipal('444455556666'));
    const template = Template.fromStack(scope);
    const statement = (actions: unknown) =>
      Match.arrayWith([Match.objectLike({ Action: actions, Principal: { AWS: Match.anyValue() }, Effect: 'Allow' })]);
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: statement(Match.arrayWith(['sqs:ReceiveMessage'])) },
    });
    template.hasResourceProperties('AWS::KMS::Key', { KeyPolicy: { Statement: statement('kms:Decrypt') } });
  });

  test('fail on an imported queue or key whose policy would have to change', () => {
    const scope = stack();
    const imported = Queue.fromQueueArn(scope, 'Imported', 'arn:aws:sqs:eu-west-1:111122223333:jobs');
    const grants = MessageQueueGrants.fromQueue(imported);
    expect(() => grants.sendMessages(new AccountPrincipal('444455556666'))).toThrow(
      /grantee on Stack\/Imported must be a principal of this app, .*, but was .*444455556666.*\[Spillway-Queue-GrantDoesNothing\]/,
    );
    expect(() => grants.sendMessages(role(scope))).not.toThrow();
    const key = Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1');
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged(key) });
    expect(() => queue.grants.sendMessages(new AccountPrincipal('444455556666'))).toThrow(
      '[Spillway-Queue-GrantDoesNothing]',
    );
  });

  test('warn about an imported key of an account that is known, for a grantee of an app without one', () => {
    const scope = new Stack(new App(), 'Agnostic');
    const key = Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1');
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged(key) });
    queue.grants.sendMessages(role(scope));
    Annotations.fromStack(scope).hasWarning(
      '*',
      Match.stringLikeRegexp(
        'grants should be on .*, but the policy of the imported Agnostic/Key can.t be changed for Agnostic/Jobs/Queue.*Spillway-Queue-GrantNeedsPolicy',
      ),
    );
    Template.fromStack(scope).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: ['kms:GenerateDataKey', 'kms:Decrypt'] })]),
      },
    });
  });

  test('fail on a redrive without a dead-letter queue, or by another account', () => {
    const scope = stack();
    const plain = StandardQueue.fromQueue(scope, 'Plain', new Queue(scope, 'Queue'));
    expect(() => plain.grants.redriveMessages(role(scope))).toThrow('[Spillway-Queue-RedriveWithoutDeadLetterQueue]');
    expect(() => encrypted(scope).grants.redriveMessages(new AccountPrincipal('444455556666'))).toThrow(
      /grantee must be of the queue's account \(111122223333\), but was of account 444455556666.*\[Spillway-Queue-RedriveAcrossAccounts\]/,
    );
    expect(() => new StandardQueue(scope, 'More').grants.redriveMessages(new AccountRootPrincipal())).not.toThrow();
  });
});

describe('QueueKey', () => {
  test('rotates, and lets the listed services through for this account only (snapshot)', () => {
    const scope = stack();
    const { SNS, S3, EVENTBRIDGE, CLOUDWATCH_ALARMS } = DeliveringService;
    const key = new QueueKey(scope, 'Key', {
      alias: 'messages',
      description: 'Messages',
      deliveringServices: [SNS, S3, EVENTBRIDGE, CLOUDWATCH_ALARMS],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.allowDeliveries(SNS); // twice is once
    expect(Template.fromStack(scope).toJSON().Resources).toMatchSnapshot();
  });

  test('lets no service through by default, and stays when it leaves the stack', () => {
    const scope = stack();
    new QueueKey(scope, 'Key');
    const template = Template.fromStack(scope);
    template.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'Retain',
      Properties: { EnableKeyRotation: true, KeyPolicy: { Statement: [{ Action: 'kms:*' }] } },
    });
  });

  test('fails as an alias that was imported, on which grants do nothing', () => {
    const use = (scope: Stack, key: ReturnType<typeof Alias.fromAliasName>) =>
      new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged(key) });
    const scope = stack();
    expect(() => use(scope, Alias.fromAliasName(scope, 'Imported', 'alias/messages'))).toThrow(
      /encryption must have a key of this app or of Key.fromKeyArn\(\), but had one imported by its alias \(alias\/messages\).*\[Spillway-Queue-KeyIsImportedAlias\]/,
    );
    const own = stack();
    expect(() => use(own, new Key(own, 'Key').addAlias('alias/messages'))).not.toThrow();
    const flagged = stack({ [KMS_APPLY_IMPORTED_ALIAS_PERMISSIONS_TO_PRINCIPAL]: true });
    expect(() => use(flagged, Alias.fromAliasName(flagged, 'Imported', 'alias/messages'))).not.toThrow();
  });
});

describe('QueueVpcEndpoint', () => {
  test('lets principals of this account use these queues and no others', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs');
    const endpoint = new QueueVpcEndpoint(scope, 'Endpoint', { vpc: new Vpc(scope, 'Vpc'), queues: [queue.queue] });
    endpoint.addQueue(queue.deadLetterQueue);
    Template.fromStack(scope).hasResourceProperties('AWS::EC2::VPCEndpoint', {
      ServiceName: 'com.amazonaws.eu-west-1.sqs',
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: true,
      PolicyDocument: {
        Statement: [
          {
            Action: [
              'sqs:SendMessage',
              'sqs:ReceiveMessage',
              'sqs:DeleteMessage',
              'sqs:ChangeMessageVisibility',
              'sqs:GetQueueUrl',
              'sqs:GetQueueAttributes',
            ],
            Condition: { StringEquals: { 'aws:PrincipalAccount': '111122223333' } },
            Effect: 'Allow',
            Principal: { AWS: '*' },
            Resource: [
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsQueue'), 'Arn'] },
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsDeadLetterQueue'), 'Arn'] },
            ],
          },
        ],
      },
    });
  });

  test('takes connections from everything in the network, or from its clients only', () => {
    const scope = stack();
    const vpc = new Vpc(scope, 'Vpc');
    const { queue } = new StandardQueue(scope, 'Jobs');
    const open = new QueueVpcEndpoint(scope, 'Open', { vpc, queues: [queue] });
    open.connections.allowFrom(new SecurityGroup(scope, 'Other', { vpc }), Port.HTTPS);
    const client = new SecurityGroup(scope, 'Client', { vpc });
    const { subnetType } = { subnetType: 'Private' as never };
    const other = new Vpc(scope, 'OtherVpc');
    new QueueVpcEndpoint(scope, 'Closed', { vpc: other, queues: [queue], clients: [client], subnets: { subnetType } });
    const template = Template.fromStack(scope);
    template.resourcePropertiesCountIs('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.anyValue() }, 1);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 443,
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Client'), 'GroupId'] },
    });
  });

  test('fails beside another endpoint of SQS, and without the CIDR of its network', () => {
    const scope = stack();
    const queues = [new StandardQueue(scope, 'Jobs').queue];
    const vpc = new Vpc(scope, 'Vpc');
    for (const id of ['One', 'Two']) new QueueVpcEndpoint(scope, id, { vpc, queues });
    expect(() => Template.fromStack(scope)).toThrow(
      /vpc must have one endpoint of sqs, but has Stack\/Two\/Endpoint\/Resource already; EC2 refuses.*\[Spillway-Network-EndpointExists\]/,
    );
    const attributes = { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-1'] };
    const far = Vpc.fromVpcAttributes(scope, 'Far', attributes);
    expect(() => new QueueVpcEndpoint(scope, 'Open', { vpc: far, queues })).toThrow('[Spillway-Network-CidrUnknown]');
    const clients = [new SecurityGroup(scope, 'Client', { vpc })];
    expect(() => new QueueVpcEndpoint(scope, 'Closed', { vpc: far, queues, clients })).not.toThrow();
  });

  test('fails without queues', () => {
    const scope = stack();
    expect(() => new QueueVpcEndpoint(scope, 'Endpoint', { vpc: new Vpc(scope, 'Vpc'), queues: [] })).toThrow(
      /queues must have at least one queue, but was empty.*\[Spillway-QueueVpcEndpoint-NoQueues\]/,
    );
  });
});
