import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { App, Stack } from 'aws-cdk-lib/core';
import { AccountProducer, StandardQueue } from '../../lib';
import { ACCOUNT, ConformanceCloud, type Refusal, type Signer } from './cloud';
import { invalidAttributeValue, noSuchQueue } from './refusals';
import { conformance } from './rows';

const FRIEND = '111122223333';
const STRANGER = '444455556666';
const friend: Signer = { accessKeyId: FRIEND };
const stranger: Signer = { accessKeyId: STRANGER };
const arn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
const root = (account: string) => `arn:aws:iam::${account}:root`;

const denied = (who: string, action: string, why: string, queue = 'Queue'): Refusal => ({
  shape: 'AccessDeniedException',
  code: 'AccessDenied',
  status: 403,
  message: `User: ${who} is not authorized to perform: sqs:${action} on resource: ${arn(queue)}${why}`,
});
const explicitly = (who: string, action: string, queue?: string) =>
  denied(who, action, ' with an explicit deny in a resource-based policy', queue);
const allowedByNobody = (who: string, action: string, queue?: string) =>
  denied(who, action, ` because no resource-based policy allows the sqs:${action} action`, queue);
const ownersAlone = (who: string, action: string) => denied(who, action, '');

const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const statement = (more: object) => ({
  Effect: 'Allow',
  Principal: '*',
  Action: 'sqs:*',
  Resource: arn('Queue'),
  ...more,
});
const withPolicy = (cloud: ConformanceCloud, ...statements: object[]) =>
  cloud.create('Queue', { Policy: policyOf(...statements.map(statement)) });
const allowing = { Principal: { AWS: root(FRIEND) }, Action: 'sqs:SendMessage' };

conformance('§1.11 callers of other accounts', {
  'without a policy: nothing, by any of the ways to a queue': async (cloud) => {
    const QueueUrl = await cloud.create();
    const who = root(FRIEND);
    for (const [action, input] of [
      ['SendMessage', { MessageBody: 'x' }],
      ['ReceiveMessage', {}],
      ['DeleteMessage', { ReceiptHandle: 'x' }],
      ['ChangeMessageVisibility', { ReceiptHandle: 'x', VisibilityTimeout: 0 }],
      ['GetQueueAttributes', { AttributeNames: ['All'] }],
      ['PurgeQueue', {}],
      ['ListDeadLetterSourceQueues', {}],
    ] as const) {
      await cloud.refuses(action, { QueueUrl, ...input }, allowedByNobody(who, action.toLowerCase()), friend);
    }
    const owned = { QueueName: 'Queue', QueueOwnerAWSAccountId: ACCOUNT };
    await cloud.refuses('GetQueueUrl', owned, allowedByNobody(who, 'getqueueurl'), friend);
  },
  'what the policy allows, to whom it allows it; by the URL, or by name and owner': async (cloud) => {
    const QueueUrl = await withPolicy(cloud, { ...allowing, Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'] });
    const owned = { QueueName: 'Queue', QueueOwnerAWSAccountId: ACCOUNT };
    expect(await cloud.call('GetQueueUrl', owned, friend)).toEqual({ QueueUrl });
    await cloud.call('SendMessage', { QueueUrl, MessageBody: 'from a friend' }, friend);
    await cloud.refuses('ReceiveMessage', { QueueUrl }, allowedByNobody(root(FRIEND), 'receivemessage'), friend);
    const input = { QueueUrl, MessageBody: 'x' };
    await cloud.refuses('SendMessage', input, allowedByNobody(root(STRANGER), 'sendmessage'), stranger);
    const [message] = await cloud.receive(QueueUrl, { MessageSystemAttributeNames: ['SenderId'] });
    expect(message).toMatchObject({ Body: 'from a friend', Attributes: { SenderId: FRIEND } });
  },
  'a name is the caller’s own queue, not the owner’s': async (cloud) => {
    await withPolicy(cloud, {});
    await cloud.refuses('SendMessage', { QueueUrl: 'Queue', MessageBody: 'x' }, noSuchQueue, friend);
    await cloud.refuses('GetQueueUrl', { QueueName: 'Queue' }, noSuchQueue, friend);
  },
  'a batch needs what its single action needs, and is refused as a whole': async (cloud) => {
    const QueueUrl = await withPolicy(cloud, allowing);
    const Entries = [{ Id: 'a', MessageBody: 'x' }];
    expect((await cloud.call('SendMessageBatch', { QueueUrl, Entries }, friend)).Successful).toHaveLength(1);
    const handles = [{ Id: 'a', ReceiptHandle: 'x', VisibilityTimeout: 0 }];
    for (const action of ['DeleteMessage', 'ChangeMessageVisibility']) {
      const refusal = allowedByNobody(root(FRIEND), action.toLowerCase());
      await cloud.refuses(`${action}Batch`, { QueueUrl, Entries: handles }, refusal, friend);
    }
    await cloud.refuses(
      'SendMessageBatch',
      { QueueUrl, Entries },
      allowedByNobody(root(STRANGER), 'sendmessage'),
      stranger,
    );
  },
  'AddPermission, then allowed; RemovePermission, then not any more': async (cloud) => {
    const QueueUrl = await cloud.create();
    const message = { QueueUrl, MessageBody: 'x' };
    const refusal = allowedByNobody(root(FRIEND), 'sendmessage');
    await cloud.refuses('SendMessage', message, refusal, friend);
    const label = { QueueUrl, Label: 'friends' };
    await cloud.call('AddPermission', { ...label, AWSAccountIds: [FRIEND], Actions: ['SendMessage'] });
    await cloud.call('SendMessage', message, friend);
    await cloud.refuses('PurgeQueue', { QueueUrl }, allowedByNobody(root(FRIEND), 'purgequeue'), friend);
    await cloud.call('RemovePermission', label);
    await cloud.refuses('SendMessage', message, refusal, friend);
  },
  'AddPermission of all actions': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.call('AddPermission', { QueueUrl, Label: 'all', AWSAccountIds: [FRIEND], Actions: ['*'] });
    await cloud.call('PurgeQueue', { QueueUrl }, friend);
    await cloud.call('ListDeadLetterSourceQueues', { QueueUrl }, friend);
  },
  '§1.4 what others can never be allowed': async (cloud) => {
    const QueueUrl = await withPolicy(cloud, {});
    for (const [action, input] of [
      ['AddPermission', { Label: 'l', AWSAccountIds: [FRIEND], Actions: ['SendMessage'] }],
      ['RemovePermission', { Label: 'l' }],
      ['DeleteQueue', {}],
      ['SetQueueAttributes', { Attributes: { DelaySeconds: '1' } }],
      ['TagQueue', { Tags: { a: 'b' } }],
      ['UntagQueue', { TagKeys: ['a'] }],
      ['ListQueueTags', {}],
    ] as const) {
      await cloud.refuses(action, { QueueUrl, ...input }, ownersAlone(root(FRIEND), action.toLowerCase()), friend);
    }
    // The rest names no queue of another account: lists and new queues are the caller's, and move tasks' ARNs too.
    expect(await cloud.call('ListQueues', {}, friend)).toEqual({});
    const order = { SourceArn: arn('Queue') };
    for (const action of ['StartMessageMoveTask', 'ListMessageMoveTasks']) {
      const missing = "The resource that you specified for the SourceArn parameter doesn't exist.";
      const refusal = { shape: 'ResourceNotFoundException', status: 404, message: missing };
      await cloud.refuses(action, order, refusal, friend);
    }
  },
  'a session of a role that the policy names, by its role or by itself': async (cloud) => {
    const client = new STSClient(cloud.emulator.clientConfig());
    const RoleArn = `arn:aws:iam::${FRIEND}:role/Worker`;
    const { Credentials } = await client.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'one' }));
    const session = { accessKeyId: Credentials?.AccessKeyId, sessionToken: Credentials?.SessionToken };
    const QueueUrl = await withPolicy(cloud, { ...allowing, Principal: { AWS: RoleArn } });
    const message = { QueueUrl, MessageBody: 'x' };
    await cloud.call('SendMessage', message, session);
    await cloud.refuses('SendMessage', message, allowedByNobody(root(FRIEND), 'sendmessage'), friend);
    const principal = `arn:aws:sts::${FRIEND}:assumed-role/Worker/one`;
    const Policy = policyOf(statement({ ...allowing, Principal: { AWS: principal } }));
    await cloud.set(QueueUrl, { Policy });
    await cloud.call('SendMessage', message, session);
    await cloud.set(QueueUrl, { Policy: Policy.replace('/one', '/two') });
    await cloud.refuses('SendMessage', message, allowedByNobody(principal, 'sendmessage'), session);
  },
  'conditions: whose account, which role, from where': async (cloud) => {
    const QueueUrl = await cloud.create();
    const message = { QueueUrl, MessageBody: 'x' };
    for (const [Condition, allowed] of [
      [{ StringEquals: { 'aws:PrincipalAccount': FRIEND } }, true],
      [{ StringEquals: { 'aws:PrincipalAccount': STRANGER } }, false],
      [{ ArnEquals: { 'aws:PrincipalArn': root(FRIEND) } }, true],
      [{ StringEquals: { 'aws:userid': FRIEND } }, true],
      [{ IpAddress: { 'aws:SourceIp': ['127.0.0.0/8', '::1'] } }, true],
      [{ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, false],
      [{ Bool: { 'aws:SecureTransport': 'true' } }, true],
      [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } }, false],
    ] as const) {
      await cloud.set(QueueUrl, { Policy: policyOf(statement({ Condition })) });
      if (allowed) await cloud.call('SendMessage', message, friend);
      else await cloud.refuses('SendMessage', message, allowedByNobody(root(FRIEND), 'sendmessage'), friend);
    }
  },
  'of another region: by the region in the URL': async (cloud) => {
    const there = { region: 'eu-west-1' };
    const { QueueUrl = '' } = await cloud.call('CreateQueue', { QueueName: 'There' }, there);
    const Policy = policyOf({ ...statement(allowing), Resource: '*' });
    await cloud.call('SetQueueAttributes', { QueueUrl, Attributes: { Policy } }, there);
    const url = `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/There`;
    await cloud.call('SendMessage', { QueueUrl: url, MessageBody: 'x' }, friend);
    expect((await cloud.call('ReceiveMessage', { QueueUrl }, there)).Messages).toHaveLength(1);
  },
});

conformance('§1.11 callers of the queue’s own account', {
  'may do everything, whatever the policy allows': async (cloud) => {
    const QueueUrl = await withPolicy(cloud, allowing);
    await cloud.send(QueueUrl, 'x');
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'but for what it denies explicitly': async (cloud) => {
    const deny = { Effect: 'Deny', Action: ['sqs:SendMessage', 'sqs:Delete*'] };
    const QueueUrl = await withPolicy(cloud, {}, deny);
    const who = root(ACCOUNT);
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x' }, explicitly(who, 'sendmessage'));
    const Entries = [{ Id: 'a', MessageBody: 'x' }];
    await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, explicitly(who, 'sendmessage'));
    await cloud.refuses('DeleteQueue', { QueueUrl }, explicitly(who, 'deletequeue'));
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x' }, explicitly(root(FRIEND), 'sendmessage'), friend);
    await cloud.set(QueueUrl, { Policy: '' });
    await cloud.send(QueueUrl, 'x');
  },
  'all but those whom it spares': async (cloud) => {
    const QueueUrl = await withPolicy(cloud, {
      Effect: 'Deny',
      Principal: undefined,
      NotPrincipal: { AWS: root(ACCOUNT) },
    });
    await cloud.send(QueueUrl, 'x');
    const input = { QueueUrl, MessageBody: 'x' };
    await cloud.refuses('SendMessage', input, explicitly(root(FRIEND), 'sendmessage'), friend);
  },
  'the policy that demands TLS denies nothing here: the endpoint counts as secure': async (cloud) => {
    const insecure = { Bool: { 'aws:SecureTransport': 'false' } };
    const QueueUrl = await withPolicy(cloud, { Effect: 'Deny', Condition: insecure });
    await cloud.send(QueueUrl, 'x');
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'unsigned requests are the root user’s': async (cloud) => {
    const path = new URL(await withPolicy(cloud, { Effect: 'Deny', Action: 'sqs:SendMessage' })).pathname;
    const query = 'Action=SendMessage&MessageBody=x';
    expect(await cloud.raw({ method: 'GET', path, query })).toMatchObject({ status: 403 });
    expect(await cloud.raw({ method: 'GET', path, query: 'Action=ReceiveMessage' })).toMatchObject({ status: 200 });
  },
  '§1.10 a move task needs what it does: of its source at the start, of its destination at each message': async (
    cloud,
  ) => {
    const dead = await cloud.create('Dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('Dead'), maxReceiveCount: 1 });
    const source = await cloud.create('Source', { RedrivePolicy });
    await cloud.send(source, 'x');
    for (let i = 0; i < 2; i++) await cloud.receive(source, { VisibilityTimeout: 0 });
    const order = { SourceArn: arn('Dead') };
    for (const action of ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
      const deny = { Effect: 'Deny', Action: `sqs:${action}`, Resource: arn('Dead') };
      await cloud.set(dead, { Policy: policyOf(statement(deny)) });
      await cloud.refuses('StartMessageMoveTask', order, explicitly(root(ACCOUNT), action.toLowerCase(), 'Dead'));
    }
    await cloud.set(dead, { Policy: '' });
    const noSend = { Effect: 'Deny', Action: 'sqs:SendMessage', Resource: arn('Source') };
    await cloud.set(source, { Policy: policyOf(statement(noSend)) });
    await cloud.call('StartMessageMoveTask', order);
    await cloud.wait(5);
    const { Results } = await cloud.call('ListMessageMoveTasks', order);
    expect(Results).toMatchObject([{ Status: 'FAILED', FailureReason: 'AccessDenied' }]);
    expect(await cloud.bodies(dead)).toEqual(['x']);
  },
});

conformance('§1.3 policies that are refused', {
  'where they say what they cannot': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const [Policy, reason] of [
      ['{', /Policy must be a JSON object/],
      ['{}', /the policy has no Statement/],
      [policyOf(statement({ Effect: 'Maybe' })), /Effect of Statement 1 must be Allow or Deny/],
      [policyOf(statement({ Principal: { AWS: 'nobody' } })), /names "nobody", which is not a principal/],
      [policyOf(statement({ Condition: { Sounds: { 'aws:SourceArn': 'x' } } })), /is not a condition operator/],
    ] as const) {
      const refusal = invalidAttributeValue(
        new RegExp(`^Invalid value for the parameter Policy\\. Reason: .*${reason.source}`),
      );
      await cloud.refuses('SetQueueAttributes', { QueueUrl, Attributes: { Policy } }, refusal);
      await cloud.refuses('CreateQueue', { QueueName: 'Other', Attributes: { Policy } }, refusal);
    }
  },
});

conformance(
  'policies switched off',
  {
    'everybody may do what others can be allowed at all': async (cloud) => {
      const QueueUrl = await withPolicy(cloud, { Effect: 'Deny' });
      await cloud.send(QueueUrl, 'x');
      await cloud.call('SendMessage', { QueueUrl, MessageBody: 'x' }, friend);
      await cloud.refuses('DeleteQueue', { QueueUrl }, ownersAlone(root(FRIEND), 'deletequeue'), friend);
    },
  },
  { queuePolicies: false },
);

test('a queue that AccountProducer shares, as the template sets it up', async () => {
  const app = new App();
  const stack = new Stack(app, 'Shared', { env: { account: ACCOUNT, region: 'us-east-1' } });
  const queue = new StandardQueue(stack, 'Jobs', { queueName: 'Jobs' });
  queue.addProducer(AccountProducer.account(FRIEND));
  const cloud = await ConformanceCloud.open('in-process', 'JSON');
  await cloud.emulator.load(app.synth().directory);
  const message = { QueueUrl: cloud.urlOf('Jobs'), MessageBody: 'from a friend' };
  await cloud.call('SendMessage', message, friend);
  expect(await cloud.bodies(message.QueueUrl)).toEqual(['from a friend']);
  await cloud.refuses('SendMessage', message, allowedByNobody(root(STRANGER), 'sendmessage', 'Jobs'), stranger);
  const { QueueUrl } = message;
  await cloud.refuses('ReceiveMessage', { QueueUrl }, allowedByNobody(root(FRIEND), 'receivemessage', 'Jobs'), friend);
  await cloud.close();
});
