import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { LambdaConsumer, QueueEncryption as ConstructEncryption, StandardQueue } from '../../../../lib';
import type { RequestContext } from '../../../../lib/emulator/core';
import { Random, VirtualClock } from '../../../../lib/emulator/clock';
import { Kms } from '../../../../lib/emulator/services/kms';
import { KmsQueueEncryption } from '../../../../lib/emulator/integrations/sqs-encryption';
import { Sqs } from '../../../../lib/emulator/services/sqs';
import { Timeline } from '../../../../lib/emulator/timeline';
import { ACCOUNT, CloudInTest, PRINCIPAL, REGION } from './kms-in-test';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A queue that encrypts with a key, and short forms of what is done to it. */
class EncryptedQueue {
  private constructor(
    private readonly test: CloudInTest,
    readonly url: string,
    readonly arn: string,
  ) {}

  static async create(test: CloudInTest, name: string, attributes: Record<string, string>): Promise<EncryptedQueue> {
    const { QueueUrl } = await test.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    return new EncryptedQueue(test, QueueUrl ?? '', `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`);
  }

  send(body = 'secret') {
    return this.test.sqs.send(new SendMessageCommand({ QueueUrl: this.url, MessageBody: body }));
  }

  async receive(): Promise<Message[]> {
    const input = { QueueUrl: this.url, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
    return (await this.test.sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
  }
}

/** What SQS answered: the error's name, its code on the Query protocol, and why. */
async function sqsFailure(call: Promise<unknown>): Promise<{ name: string; query: unknown; message: string }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof SQSServiceException)) throw error;
    const { headers } = error.$response as { headers: Record<string, string> };
    expect(error.$metadata.httpStatusCode).toBe(400);
    return { name: error.name, query: headers['x-amzn-query-error'], message: error.message };
  }
  throw new Error('the call succeeded');
}

async function withKey(options?: ConstructorParameters<typeof CloudInTest>[0]) {
  const test = new CloudInTest(options);
  const key = await test.createKey();
  const queue = await EncryptedQueue.create(test, 'Jobs', {
    KmsMasterKeyId: key.arn,
    KmsDataKeyReusePeriodSeconds: '300',
  });
  return { test, key, queue };
}

describe('§7.1: a queue asks KMS once per principal, direction and reuse period', () => {
  test('for data keys on sending, and for their decryption on receiving; bodies come back as they were', async () => {
    const { test, key, queue } = await withKey();
    for (let i = 0; i < 20; i++) await queue.send(`secret ${i}`);
    expect(test.counts()).toEqual({ 'kms.generateDataKey': 1 });
    const bodies = new Set([...(await queue.receive()), ...(await queue.receive())].map(({ Body }) => Body));
    expect([...bodies].every((body) => /^secret \d+$/.test(body ?? ''))).toBe(true);
    expect(test.counts()).toEqual({ 'kms.generateDataKey': 1, 'kms.decrypt': 1 });
    expect(test.kmsEvents()).toMatchObject(
      ['kms.generateDataKey', 'kms.decrypt'].map((kind) => ({
        at: test.clock.now(),
        kind,
        subject: key.id,
        detail: { principal: PRINCIPAL, context: `aws:sqs:arn=${queue.arn}`, error: undefined },
      })),
    );
  });

  test('P + C calls a period: an hour of periods of five minutes with one of each asks 24 times', async () => {
    const { test, queue } = await withKey();
    for (let minute = 0; minute < 60; minute++) {
      await queue.send();
      const [{ ReceiptHandle, Body }] = await queue.receive();
      expect(Body).toBe('secret');
      await test.sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
      await test.clock.advance(MINUTE);
    }
    expect(test.counts()).toEqual({ 'kms.generateDataKey': 12, 'kms.decrypt': 12 });
  });

  test('principals have data keys of their own; sessions of one role share theirs', () => {
    const clock = new VirtualClock();
    const timeline = new Timeline(clock);
    const asked: string[] = [];
    timeline.observe(({ kind, detail }) => {
      if (kind.startsWith('kms.')) asked.push(`${kind} ${String(detail.principal)}`);
    });
    const ports = { clock, timeline, random: new Random(3), account: ACCOUNT, region: REGION };
    const kms = new Kms(ports);
    const sqs = new Sqs({ ...ports, encryption: new KmsQueueEncryption({ ...ports, api: { kms } }) });
    const callOf = (principal: string): RequestContext => ({
      account: ACCOUNT,
      region: REGION,
      principal,
      endpoint: '',
    });
    const [user, ...sessions] = [
      `arn:aws:iam::${ACCOUNT}:user/ann`,
      `arn:aws:sts::${ACCOUNT}:assumed-role/worker/i-1`,
      `arn:aws:sts::${ACCOUNT}:assumed-role/worker/i-2`,
    ];
    const attributes = { KmsMasterKeyId: 'alias/aws/sqs' };
    sqs.createQueue({ QueueName: 'Jobs', Attributes: attributes }, callOf(user));
    const receive = { QueueUrl: 'Jobs', MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
    for (const principal of [user, ...sessions]) {
      sqs.sendMessage({ QueueUrl: 'Jobs', MessageBody: 'secret' }, callOf(principal));
      void sqs.receiveMessage(receive, callOf(principal));
    }
    expect(asked).toEqual([
      `kms.generateDataKey ${user}`,
      `kms.decrypt ${user}`,
      // The role sends under a key of its own, and meets two: the user's and its own.
      `kms.generateDataKey ${sessions[0]}`,
      `kms.decrypt ${sessions[0]}`,
      `kms.decrypt ${sessions[0]}`,
    ]);
  });

  test('the period is the queue’s, to the millisecond', async () => {
    const test = new CloudInTest();
    const { arn } = await test.createKey();
    const queue = await EncryptedQueue.create(test, 'Jobs', {
      KmsMasterKeyId: arn,
      KmsDataKeyReusePeriodSeconds: '60',
    });
    await queue.send();
    await test.clock.advance(MINUTE - 1);
    await queue.send();
    expect(test.counts()).toEqual({ 'kms.generateDataKey': 1 });
    await test.clock.advance(1);
    await queue.send();
    expect(test.counts()).toEqual({ 'kms.generateDataKey': 2 });
  });

  test('an unencrypted queue asks for nothing', async () => {
    const test = new CloudInTest();
    const queue = await EncryptedQueue.create(test, 'Plain', {});
    await queue.send();
    expect(await queue.receive()).toHaveLength(1);
    expect(test.kmsEvents()).toEqual([]);
  });

  test('alias/aws/sqs is made when the first message is sent', async () => {
    const test = new CloudInTest();
    const queue = await EncryptedQueue.create(test, 'Jobs', { KmsMasterKeyId: 'alias/aws/sqs' });
    await queue.send();
    expect((await queue.receive())[0].Body).toBe('secret');
    const { KeyMetadata } = await test.kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/sqs' }));
    expect(KeyMetadata?.KeyManager).toBe('AWS');
    expect(test.kmsEvents().map(({ subject }) => subject)).toEqual([KeyMetadata?.KeyId, KeyMetadata?.KeyId]);
  });
});

describe("§1.2: what KMS refuses comes as SQS's error", () => {
  test('a key that was never there', async () => {
    const test = new CloudInTest();
    const queue = await EncryptedQueue.create(test, 'Jobs', { KmsMasterKeyId: 'alias/jobs' });
    const refusal = {
      name: 'KmsNotFound',
      query: 'KMS.NotFoundException;Sender',
      message: `Alias arn:aws:kms:${REGION}:${ACCOUNT}:alias/jobs is not found.`,
    };
    expect(await sqsFailure(queue.send())).toEqual(refusal);
    const Entries = [{ Id: '1', MessageBody: 'secret' }];
    expect(await sqsFailure(test.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries })))).toEqual(
      refusal,
    );
    const { id } = await test.createKey();
    await test.kms.send(new CreateAliasCommand({ AliasName: 'alias/jobs', TargetKeyId: id }));
    await queue.send();
    expect((await queue.receive())[0].Body).toBe('secret');
  });

  test('a disabled key: cached data keys serve until their period ends, and messages wait for it', async () => {
    const { test, key, queue } = await withKey();
    await queue.send();
    await queue.receive();
    await test.kms.send(new DisableKeyCommand({ KeyId: key.id }));
    await test.clock.advance(299 * SECOND);
    await queue.send();
    expect((await queue.receive())[0].Body).toBe('secret');
    await test.clock.advance(SECOND);
    const refusal = { name: 'KmsDisabled', query: 'KMS.DisabledException;Sender', message: `${key.arn} is disabled.` };
    expect(await sqsFailure(queue.send())).toEqual(refusal);
    expect(await sqsFailure(queue.receive())).toEqual(refusal);
    await test.kms.send(new EnableKeyCommand({ KeyId: key.id }));
    await test.clock.advance(MINUTE);
    expect(await queue.receive()).not.toEqual([]);
  });

  test('a key that waits for its deletion, and one that is gone', async () => {
    const { test, key, queue } = await withKey();
    await queue.send();
    await test.kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
    expect(await sqsFailure(queue.receive())).toEqual({
      name: 'KmsInvalidState',
      query: 'KMS.InvalidStateException;Sender',
      message: `${key.arn} is pending deletion.`,
    });
    await test.clock.advance(7 * 24 * 60 * MINUTE);
    expect(await sqsFailure(queue.send())).toMatchObject({
      name: 'KmsNotFound',
      message: `Key '${key.arn}' does not exist`,
    });
  }, 30_000); // a week of minutes of metrics

  test('too many requests in one second, until the next one', async () => {
    const { test, queue } = await withKey({ kmsLimits: { symmetricRequestsPerSecond: 1 } });
    await queue.send();
    expect(await sqsFailure(queue.receive())).toMatchObject({
      name: 'KmsThrottled',
      query: 'KMS.ThrottlingException;Sender',
    });
    await test.clock.advance(SECOND);
    expect((await queue.receive())[0].Body).toBe('secret');
  });

  test('a key that does not encrypt', async () => {
    const test = new CloudInTest();
    const signer = new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const { KeyMetadata: key } = await test.kms.send(signer);
    const queue = await EncryptedQueue.create(test, 'Jobs', { KmsMasterKeyId: key?.KeyId ?? '' });
    expect(await sqsFailure(queue.send())).toEqual({
      name: 'KmsInvalidKeyUsage',
      query: 'KMS.InvalidKeyUsageException;Sender',
      message: `${key?.Arn} key usage is GENERATE_VERIFY_MAC which is not valid for GenerateDataKey.`,
    });
  });

  test('a principal that is denied, by direction', async () => {
    let denied = 'Decrypt';
    const { test, key, queue } = await withKey({ authorizeKey: ({ action }) => action !== denied });
    await queue.send();
    expect(await sqsFailure(queue.receive())).toEqual({
      name: 'KmsAccessDenied',
      query: 'KMS.AccessDeniedException;Sender',
      message: expect.stringContaining(
        `User: ${PRINCIPAL} is not authorized to perform: kms:Decrypt on resource: ${key.arn}`,
      ) as string,
    });
    denied = 'GenerateDataKey';
    await test.clock.advance(5 * MINUTE);
    expect(await sqsFailure(queue.send())).toMatchObject({ name: 'KmsAccessDenied' });
    expect(await queue.receive()).not.toEqual([]);
  });
});

test("a stack's queue with its own key is encrypted; its function decrypts in its own name, once it is allowed to", async () => {
  let allowed = false;
  const test = new CloudInTest({ authorizeKey: ({ action }) => allowed || action !== 'Decrypt' });
  const stack = new Stack(new App(), 'Orders', { env: { account: ACCOUNT, region: REGION } });
  const queue = new StandardQueue(stack, 'Jobs', { encryption: ConstructEncryption.customerManaged() });
  const worker = new LambdaFunction(stack, 'Worker', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async ({ Records }) => Records.forEach(({ body }) => console.log(body));'),
  });
  queue.addConsumer(new LambdaConsumer(worker));
  const app = stack.node.root as App;
  const [report] = await test.emulator.load(app.synth().directory);
  const named = (type: string, path: RegExp) =>
    report.resources.find((resource) => resource.type === type && path.test(resource.path ?? ''));
  expect(report.resources.find(({ type }) => type === 'AWS::KMS::Key')?.status).toBe('emulated');
  expect(report.resources.filter(({ status }) => status === 'unsupported')).toEqual([]);

  const url = named('AWS::SQS::Queue', /^Orders\/Jobs\/Queue/)?.physicalId ?? '';
  const attributes = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
  expect((await test.sqs.send(attributes)).Attributes).toMatchObject({
    KmsMasterKeyId: expect.stringMatching(/^arn:aws:kms:/) as string,
    SqsManagedSseEnabled: 'false',
  });
  await test.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'order 1' }));
  await test.clock.advance(10 * SECOND);
  const name = named('AWS::Lambda::Function', /Worker/)?.physicalId ?? '';
  const role = named('AWS::IAM::Role', /Worker/)?.physicalId ?? '';
  const principal = `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;
  const uses = () => test.kmsEvents().map(({ kind, detail }) => [kind, detail.principal, detail.error]);
  const invocations = () => test.events.filter(({ kind }) => kind === 'lambda.invoked').length;
  expect(uses().slice(0, 2)).toEqual([
    ['kms.generateDataKey', PRINCIPAL, undefined],
    ['kms.decrypt', principal, 'AccessDeniedException'],
  ]);
  expect(invocations()).toBe(0);

  allowed = true;
  await test.clock.advance(10 * MINUTE);
  expect(invocations()).toBe(1);
  expect(uses().at(-1)).toEqual(['kms.decrypt', principal, undefined]);
  await test.emulator.stop();
});
