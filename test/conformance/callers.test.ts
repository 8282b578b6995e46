import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { ACCOUNT, ConformanceCloud, expectRefusal, type Refusal, type Signer } from './cloud';
import { conformance, rawConformance } from './rows';

const FRIEND = '111122223333';
const HOUR = 3_600;
const ROLE = `arn:aws:iam::${FRIEND}:role/service/Worker`;
const ROLE_ID = /^AROA[0-9A-V]{17}$/;

const framework = (shape: string, code: string, message: string | RegExp, status = 403): Refusal => ({
  namespace: 'com.amazon.coral.service',
  ...{ shape, code, message, status },
});
const expired = framework(
  'ExpiredTokenException',
  'ExpiredToken',
  'The security token included in the request is expired',
);
const invalidToken = framework(
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'The security token included in the request is invalid.',
);

function sts(cloud: ConformanceCloud, { accessKeyId = 'test', sessionToken }: Signer = {}): STSClient {
  const credentials = { accessKeyId, secretAccessKey: 'any', sessionToken };
  return new STSClient({ ...cloud.emulator.clientConfig(), credentials });
}

async function assume(cloud: ConformanceCloud, more: Partial<AssumeRoleCommandInput> = {}, signer: Signer = {}) {
  const input = { RoleArn: ROLE, RoleSessionName: 'session-1', ...more };
  const { Credentials, AssumedRoleUser } = await sts(cloud, signer).send(new AssumeRoleCommand(input));
  const { AccessKeyId: accessKeyId, SessionToken: sessionToken, Expiration } = Credentials ?? {};
  return { signer: { accessKeyId, sessionToken }, expiration: Expiration?.getTime(), user: AssumedRoleUser };
}

async function senderOf(cloud: ConformanceCloud, signer: Signer): Promise<string | undefined> {
  const { QueueUrl } = await cloud.call('CreateQueue', { QueueName: 'Queue' }, signer);
  await cloud.call('SendMessage', { QueueUrl, MessageBody: 'x' }, signer);
  const input = { QueueUrl, MessageSystemAttributeNames: ['SenderId'] };
  const { Messages = [] } = await cloud.call('ReceiveMessage', input, signer);
  return Messages[0].Attributes?.SenderId;
}

conformance('§1.6 SenderId, and STS', {
  'a session of a role: AROA…:session; GetCallerIdentity says the same': async (cloud) => {
    const { signer, user } = await assume(cloud);
    const sender = await senderOf(cloud, signer);
    expect(sender).toMatch(/^AROA[0-9A-V]{17}:session-1$/);
    expect(user).toEqual({ AssumedRoleId: sender, Arn: `arn:aws:sts::${FRIEND}:assumed-role/Worker/session-1` });
    expect(await sts(cloud, signer).send(new GetCallerIdentityCommand({}))).toMatchObject({
      UserId: sender,
      Account: FRIEND,
      Arn: user?.Arn,
    });
  },
  'a role has one id, whatever the session': async (cloud) => {
    const ids = new Set<string | undefined>();
    for (const RoleSessionName of ['one', 'two']) {
      const { user } = await assume(cloud, { RoleSessionName });
      const [id, name] = user?.AssumedRoleId?.split(':') ?? [];
      expect(name).toBe(RoleSessionName);
      expect(id).toMatch(ROLE_ID);
      ids.add(id);
    }
    expect(ids.size).toBe(1);
  },
  'a root user: its account; so is a key that nobody knows': async (cloud) => {
    expect(await senderOf(cloud, { accessKeyId: FRIEND })).toBe(FRIEND);
    expect(await senderOf(cloud, { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })).toBe(ACCOUNT);
    expect(await senderOf(cloud, { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', sessionToken: 'IQoJb3JpZ2lu' })).toBe(ACCOUNT);
  },
  'the credentials of a session are its account’s': async (cloud) => {
    const { signer } = await assume(cloud);
    const { QueueUrl } = await cloud.call('CreateQueue', { QueueName: 'Theirs' }, signer);
    expect(QueueUrl).toBe(cloud.urlOf('Theirs', FRIEND));
  },
  'credentials expire: after an hour, or when they were to': async (cloud) => {
    for (const [DurationSeconds, life] of [
      [undefined, HOUR],
      [900, 900],
    ]) {
      const { signer, expiration } = await assume(cloud, { DurationSeconds });
      expect(expiration).toBe(cloud.clock.now() + (life ?? 0) * 1_000);
      await cloud.wait((life ?? 0) - 1);
      await cloud.call('ListQueues', {}, signer);
      await cloud.wait(1);
      await cloud.refuses('ListQueues', {}, expired, signer);
      await expect(sts(cloud, signer).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
        name: 'ExpiredToken',
        $metadata: { httpStatusCode: 403 },
      });
    }
  },
  'a token of another key, or one that was changed, is refused': async (cloud) => {
    const { signer } = await assume(cloud);
    const [mark, content, proof] = signer.sessionToken?.split('.') ?? [];
    for (const changed of [
      { ...signer, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' },
      { ...signer, sessionToken: `${mark}.${content}x.${proof}` },
      { ...signer, sessionToken: `${mark}.${content}` },
    ]) {
      await cloud.refuses('ListQueues', {}, invalidToken, changed);
    }
  },
  'AssumeRole: names, durations and ARNs that are refused': async (cloud) => {
    for (const [input, message] of [
      [
        { RoleSessionName: 'a b' },
        /'a b' at 'roleSessionName' failed to satisfy constraint: .*regular expression pattern/,
      ],
      [{ RoleSessionName: 'x' }, /'roleSessionName' .*length greater than or equal to 2$/],
      [{ RoleSessionName: 'x'.repeat(65) }, /'roleSessionName' .*length less than or equal to 64$/],
      [{ RoleArn: 'arn:aws:iam' }, /'roleArn' .*length greater than or equal to 20$/],
      [{ RoleArn: `arn:aws:iam::${FRIEND}:user/Worker` }, /^arn:aws:iam::111122223333:user\/Worker is invalid$/],
      [{ DurationSeconds: 899 }, /'durationSeconds' .*value greater than or equal to 900$/],
      [{ DurationSeconds: 43_201 }, /'durationSeconds' .*value less than or equal to 43200$/],
    ] as const) {
      await expect(assume(cloud, input)).rejects.toMatchObject({
        name: 'ValidationError',
        message: expect.stringMatching(message) as string,
        $metadata: { httpStatusCode: 400 },
      });
    }
    await expect(assume(cloud, { Policy: '{' })).rejects.toMatchObject({ Code: 'MalformedPolicyDocument' });
  },
  'AssumeRole by a role: an hour at most': async (cloud) => {
    const { signer } = await assume(cloud);
    await assume(cloud, { DurationSeconds: HOUR }, signer);
    await expect(assume(cloud, { DurationSeconds: HOUR + 1 }, signer)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
  },
  'GetSessionToken: the caller for an hour, by other credentials; not for sessions': async (cloud) => {
    const { Credentials } = await sts(cloud, { accessKeyId: FRIEND }).send(new GetSessionTokenCommand({}));
    const signer = { accessKeyId: Credentials?.AccessKeyId, sessionToken: Credentials?.SessionToken };
    expect(signer.accessKeyId).toMatch(/^ASIA/);
    expect(Credentials?.Expiration?.getTime()).toBe(cloud.clock.now() + HOUR * 1_000);
    expect(await senderOf(cloud, signer)).toBe(FRIEND);
    const session = sts(cloud, (await assume(cloud)).signer);
    await expect(session.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  },
});

const date = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
const tooOld = framework('RequestExpired', 'RequestExpired', /expired/, 400);

conformance(
  '§1.1 clock skew, where it is looked at',
  {
    'more than 15 minutes before or after: RequestExpired': async (cloud) => {
      const ask = (offset: number) =>
        cloud.ask('ListQueues', {}, {}, { headers: { 'x-amz-date': date(cloud.clock.now() + offset * 1_000) } });
      for (const offset of [0, 900, -900]) expect(await ask(offset)).toMatchObject({ status: 200 });
      for (const offset of [901, -901]) expectRefusal(cloud.protocol, await ask(offset), tooOld);
    },
    'a presigned request is good for as long as it says': async (cloud) => {
      const path = new URL(await cloud.create()).pathname;
      const query = new URLSearchParams({
        Action: 'ReceiveMessage',
        'X-Amz-Credential': 'test/20300101/us-east-1/sqs/aws4_request',
        'X-Amz-Date': date(cloud.clock.now()),
        'X-Amz-Expires': '3600',
      }).toString();
      await cloud.wait(HOUR);
      expect(await cloud.raw({ method: 'GET', path, query })).toMatchObject({ status: 200 });
      await cloud.wait(1);
      expectRefusal('Query', await cloud.raw({ method: 'GET', path, query }), tooOld);
    },
  },
  { clockSkew: 900_000 },
);

rawConformance('§1.1 signatures', {
  'dates are not looked at otherwise': async (cloud) => {
    const reply = await cloud.ask('ListQueues', {}, {}, { headers: { 'x-amz-date': '20010101T000000Z' } });
    expect(reply).toMatchObject({ status: 200 });
  },
  'one whose credential cannot be read: IncompleteSignature': async (cloud) => {
    for (const [authorization, message] of [
      ['AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0', /^Authorization header requires 'Credential' parameter\./],
      ['AWS4-HMAC-SHA256 Credential=a/b, Signature=0', /^Credential must have at least 5 slash-delimited elements/],
    ] as const) {
      const error = framework('IncompleteSignatureException', 'IncompleteSignature', message, 400);
      const reply = await cloud.ask('ListQueues', {}, {}, { headers: { authorization } });
      expectRefusal('JSON', reply, error);
      const query = 'Action=ListQueues&Version=2012-11-05';
      expectRefusal('Query', await cloud.raw({ method: 'GET', query, headers: { authorization } }), error);
    }
  },
});

test('handlers call in the name of their role: the credentials that Lambda gives them', async () => {
  const app = new App();
  const stack = new Stack(app, 'Roles', { env: { account: FRIEND, region: 'us-east-1' } });
  new LambdaFunction(stack, 'Fn', {
    functionName: 'encoder',
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline(`exports.handler = async () => ({
      accessKeyId: process.env.AWS_ACCESS_KEY_ID,
      sessionToken: process.env.AWS_SESSION_TOKEN,
    });`),
  });
  const cloud = await ConformanceCloud.open('in-process', 'JSON');
  await cloud.emulator.load(app.synth().directory);
  const client = new LambdaClient({
    ...cloud.emulator.clientConfig(),
    credentials: { accessKeyId: FRIEND, secretAccessKey: 'any' },
  });
  const { Role = '' } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'encoder' }));
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'encoder' }));
  const signer = JSON.parse(Buffer.from(Payload ?? []).toString()) as Signer;
  const role = Role.slice(Role.lastIndexOf('/') + 1);
  const { Arn, UserId } = await sts(cloud, signer).send(new GetCallerIdentityCommand({}));
  expect(Arn).toBe(`arn:aws:sts::${FRIEND}:assumed-role/${role}/encoder`);
  expect(UserId).toMatch(/^AROA[0-9A-V]{17}:encoder$/);
  expect(await senderOf(cloud, signer)).toBe(UserId);
  await cloud.close();
});
