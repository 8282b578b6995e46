import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SignatureV4 } from '@smithy/signature-v4';
import { Hash } from '@smithy/hash-node';
import { App, Stack } from 'aws-cdk-lib/core';
import { Emulator, VirtualClock } from '../../../lib/emulator';
import { LocalCloud } from '../../../lib/testing';

let server: Server;
let received: { request: IncomingMessage; body: string }[];
let respond: (body: string) => { status?: number; headers?: Record<string, string>; body: string };
let endpoint: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ request, body });
      const answer = respond(body);
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  received = [];
  respond = () => ({ body: '{}', headers: { 'content-type': 'application/x-amz-json-1.1' } });
});
afterAll(() => server.close());

const secrets = (emulator: Emulator) => new SecretsManagerClient({ ...emulator.clientConfig(), maxAttempts: 1 });

describe('forward', () => {
  test('sends requests to a server, signed with the emulator’s credentials for it', async () => {
    const emulator = new Emulator({ account: '111122223333', forward: { 'secrets-manager': endpoint } });
    respond = () => ({ body: '{"SecretString":"hush"}' });
    const client = secrets(emulator);
    expect(await client.send(new GetSecretValueCommand({ SecretId: 'a/b' }))).toMatchObject({ SecretString: 'hush' });
    const [{ request, body }] = received;
    expect(JSON.parse(body)).toEqual({ SecretId: 'a/b' });
    expect(request.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    await expectSigned(received[0], 'secretsmanager', { accessKeyId: '111122223333', secretAccessKey: 'local' });
    client.destroy();
    await emulator.stop();
  });

  test('signs paths and queries as AWS’s own signer does, with the credentials that are given', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
    const emulator = new Emulator({ forward: { scheduler: { endpoint, credentials } } });
    const client = new SchedulerClient({ ...emulator.clientConfig(), maxAttempts: 1 });
    await client.send(
      new CreateScheduleCommand({
        Name: 'a.b_c',
        ScheduleExpression: 'rate(1 minute)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: 'arn:aws:sqs:us-east-1:000000000000:jobs', RoleArn: 'arn:aws:iam::000000000000:role/any' },
      }),
    );
    expect(received[0].request.url).toBe('/schedules/a.b_c');
    await expectSigned(received[0], 'scheduler', credentials);
    client.destroy();
    await emulator.stop();
  });

  test('returns the server’s errors, and says so if it does not answer', async () => {
    const emulator = new Emulator({ forward: { secretsmanager: endpoint, sns: 'http://127.0.0.1:9' } });
    respond = () => ({ status: 400, body: '{"__type":"ResourceNotFoundException","Message":"gone"}' });
    const client = secrets(emulator);
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'x' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'gone',
    });
    const sns = new SNSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
    await expect(sns.send(new CreateTopicCommand({ Name: 't' }))).rejects.toThrow(
      /^sns is forwarded to http:\/\/127\.0\.0\.1:9, which does not answer: /,
    );
    client.destroy();
    sns.destroy();
    await emulator.stop();
  });

  test.each([
    ['https://dynamodb.us-east-1.amazonaws.com', /^forward dynamodb must not be AWS itself, but was 'https:/],
    ['http://example.com:8000', /must be a server on this machine or in a private network/],
    ['127.0.0.1:8000', /must be a URL such as http:\/\/127\.0\.0\.1:8000, but was '127\.0\.0\.1:8000'/],
  ])('to %s is refused', (url, message) => {
    expect(() => new Emulator({ forward: { dynamodb: url } })).toThrow(message);
  });

  test.each([
    'http://localhost:8000',
    'http://10.1.2.3',
    'http://[::1]:8000',
    'http://dynamodb:8000',
    'http://db.internal',
  ])('to %s is possible', async (url) => {
    await new Emulator({ forward: { dynamodb: url } }).stop();
  });
});

/** Expects a request's signature to be that of AWS's own signer. */
async function expectSigned(
  { request, body }: (typeof received)[number],
  service: string,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
): Promise<void> {
  const { authorization = '', ...headers } = request.headers as Record<string, string>;
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1].split(';') ?? [];
  const date = headers['x-amz-date'].replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const url = new URL(request.url ?? '', endpoint);
  const signer = new SignatureV4({
    service,
    region: 'us-east-1',
    credentials,
    sha256: Hash.bind(null, 'sha256') as never,
  });
  const signed = await signer.sign(
    {
      method: request.method ?? '',
      protocol: 'http:',
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(names.map((name) => [name, headers[name]])),
      body,
    },
    { signingDate: new Date(date) },
  );
  expect(authorization).toBe(signed.headers.authorization);
}

describe('stub', () => {
  test('answers an operation in each protocol: its name, its input, its output', async () => {
    await using cloud = await LocalCloud.fromStack(new Stack(new App(), 'Empty'));
    const calls: unknown[] = [];
    cloud.stub('sns', (operation, input) => {
      calls.push([operation, input]);
      return { MessageId: '<1>' };
    });
    cloud.stub('secretsmanager', (operation, input) => {
      calls.push([operation, input]);
      return Promise.resolve({ SecretString: 'hush' });
    });
    cloud.stub('scheduler', (operation, input) => {
      calls.push([operation, input]);
      return { ScheduleArn: 'arn' };
    });
    const config = { ...cloud.clientConfig(), maxAttempts: 1 };
    const attribute = { colour: { DataType: 'String', StringValue: 'red & blue' } };
    const publish = new PublishCommand({ TopicArn: 'arn', Message: 'm', MessageAttributes: attribute });
    expect(await new SNSClient(config).send(publish)).toMatchObject({ MessageId: '<1>' });
    const secret = new SecretsManagerClient(config).send(new GetSecretValueCommand({ SecretId: 's' }));
    expect(await cloud.runUntil(secret)).toMatchObject({ SecretString: 'hush' });
    const schedule = new CreateScheduleCommand({
      Name: 'n',
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'a', RoleArn: 'r' },
      ClientToken: 'token',
    });
    expect(await new SchedulerClient(config).send(schedule)).toMatchObject({ ScheduleArn: 'arn' });
    expect(calls).toEqual([
      [
        'Publish',
        {
          TopicArn: 'arn',
          Message: 'm',
          MessageAttributes: [{ Name: 'colour', Value: { DataType: 'String', StringValue: 'red & blue' } }],
        },
      ],
      ['GetSecretValue', { SecretId: 's' }],
      [
        'POST /schedules/n',
        {
          ScheduleExpression: 'rate(1 minute)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn: 'a', RoleArn: 'r' },
          ClientToken: 'token',
        },
      ],
    ]);
  });

  test('fails an operation with the name of the error that it throws', async () => {
    await using cloud = await LocalCloud.fromStack(new Stack(new App(), 'Empty'));
    for (const service of ['sns', 'secretsmanager', 'scheduler']) {
      cloud.stub(service, () => {
        throw Object.assign(new Error('the account is paused'), { name: 'AccountSendingPausedException' });
      });
    }
    const config = { ...cloud.clientConfig(), maxAttempts: 1 };
    const error = { name: 'AccountSendingPausedException', message: 'the account is paused' };
    await expect(new SNSClient(config).send(new CreateTopicCommand({ Name: 't' }))).rejects.toMatchObject(error);
    const secret = new SecretsManagerClient(config).send(new GetSecretValueCommand({ SecretId: 's' }));
    await expect(secret).rejects.toMatchObject(error);
  });

  test('takes the place of an emulated service, and outlasts a reset', async () => {
    await using cloud = await LocalCloud.fromStack(new Stack(new App(), 'Empty'));
    cloud.stub('sqs', () => ({ QueueUrl: 'stubbed' }));
    await cloud.emulator.reset();
    const sqs = new SQSClient({ ...cloud.clientConfig(), useQueueUrlAsEndpoint: false });
    expect(await sqs.send(new GetQueueUrlCommand({ QueueName: 'q' }))).toMatchObject({ QueueUrl: 'stubbed' });
  });
});

test('a service that is neither emulated, stubbed nor forwarded fails with a line that says both ways', async () => {
  const emulator = new Emulator({ clock: new VirtualClock() });
  const authorization =
    'AWS4-HMAC-SHA256 Credential=000000000000/20300101/us-east-1/ses/aws4_request, SignedHeaders=host, Signature=0';
  const response = await fetch(await emulator.listen(0), {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=SendEmail&Version=2010-12-01',
  });
  expect(await response.text()).toContain(
    'The service ses is not emulated (the request was for SendEmail). Forward it to a server of yours (up --forward ' +
      'ses=http://127.0.0.1:8000, or the option forward), or answer it in a test with cloud.stub(&apos;ses&apos;, …).',
  );
  await emulator.stop();
});
