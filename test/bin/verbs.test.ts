import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CreateLogGroupCommand, CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateLogStreamCommand } from '@aws-sdk/client-cloudwatch-logs';
import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import { Emulator } from '../../lib/emulator';
import { type Ended, startSpillway } from './spawn-spillway';

// One local cloud for all commands, and a second emulator that stands in for an account.
let local: Emulator;
let account: Emulator;
let folder: string;
let sqs: SQSClient;
let ofAccount: SQSClient;
const ACCOUNT = '111122223333';

function stackOfQueues(): Stack {
  const stack = new Stack(new App(), 'Shop');
  const queue = (id: string, properties: object) => new CfnResource(stack, id, { type: 'AWS::SQS::Queue', properties });
  queue('Jobs', { QueueName: 'jobs' });
  queue('Named', {});
  queue('Peeked', { QueueName: 'peeked' });
  queue('Received', { QueueName: 'received' });
  queue('Purged', { QueueName: 'purged' });
  queue('Orders', { QueueName: 'orders.fifo', FifoQueue: true });
  const dead = queue('Dead', { QueueName: 'dead' });
  queue('Alive', {
    QueueName: 'alive',
    VisibilityTimeout: 0,
    RedrivePolicy: { deadLetterTargetArn: dead.getAtt('Arn'), maxReceiveCount: 1 },
  });
  new CfnResource(stack, 'Backlog', {
    type: 'AWS::CloudWatch::Alarm',
    properties: {
      AlarmName: 'backlog',
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      MetricName: 'M',
      Namespace: 'N',
      Period: 60,
      Statistic: 'Sum',
      Threshold: 1,
    },
  });
  return stack;
}

const urlOf = (emulator: Emulator, name: string, owner = '000000000000') => `${emulator.endpointUrl}/${owner}/${name}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-verbs-'));
  writeFileSync(join(folder, 'package.json'), '{}');
  local = new Emulator();
  account = new Emulator({ account: ACCOUNT, region: 'eu-west-1' });
  await Promise.all([local.listen(0), account.listen(0)]);
  await local.load((stackOfQueues().node.root as App).synth().directory);
  sqs = new SQSClient(local.clientConfig());
  ofAccount = new SQSClient(account.clientConfig());
  for (const QueueName of ['jobs', 'purged', 'dead']) await ofAccount.send(new CreateQueueCommand({ QueueName }));
});

afterAll(async () => {
  sqs.destroy();
  ofAccount.destroy();
  await Promise.all([local.stop(), account.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const spillway = (args: readonly string[], input?: string): Promise<Ended> =>
  startSpillway([...args, '--endpoint-url', local.endpointUrl], {
    cwd: folder,
    variables: { XDG_CACHE_HOME: join(folder, 'cache') },
    input,
  }).ended;

/** A command with `--aws`, whose SDK finds the second emulator in place of the account. */
const spillwayAws = (...args: readonly string[]): Promise<Ended> =>
  startSpillway([...args, '--aws', '--endpoint-url', account.endpointUrl], {
    cwd: folder,
    variables: {
      XDG_CACHE_HOME: join(folder, 'cache'),
      AWS_ACCESS_KEY_ID: ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'eu-west-1',
    },
  }).ended;

const put = (client: SQSClient, QueueUrl: string, MessageBody: string) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody }));

test.concurrent('send takes a name, a path or a URL, and a body as an argument or on standard input', async () => {
  const queue = urlOf(local, 'jobs');
  const sent = await Promise.all([
    spillway(['send', 'jobs', 'by name', '--attribute', 'colour=red']),
    spillway(['send', 'Shop/Jobs', 'by path']),
    spillway(['send', queue], 'by URL\n'),
  ]);
  expect(sent).toEqual(
    sent.map(() => ({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Sent [0-9a-f-]{36} to jobs\.\n$/) as string,
    })),
  );
  const bodies = local.region('000000000000', 'us-east-1').peek('jobs') ?? [];
  expect(bodies.map(({ body }) => body).sort()).toEqual(['by URL', 'by name', 'by path']);
  expect(bodies.find(({ body }) => body === 'by name')?.attributes).toEqual({ colour: 'red' });
});

test.concurrent('send to a FIFO queue requires a group, as AWS says', async () => {
  const [refused, sent] = await Promise.all([
    spillway(['send', 'orders.fifo', 'x']),
    spillway(['send', 'orders.fifo', 'x', '--group-id', 'g', '--deduplication-id', 'd', '--json']),
  ]);
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('MessageGroupId') as string });
  expect(JSON.parse(sent.stdout)).toEqual({
    MessageId: expect.any(String) as string,
    SequenceNumber: expect.any(String) as string,
  });
});

test.concurrent('peek shows messages in every state, and counts no receive', async () => {
  const QueueUrl = urlOf(local, 'peeked');
  await put(sqs, QueueUrl, 'received');
  await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  await put(sqs, QueueUrl, 'fresh');
  const [text, json] = await Promise.all([spillway(['peek', 'peeked']), spillway(['peek', 'peeked', '--json'])]);
  expect(text.stdout).toMatch(
    /^[\d:.]{12} {2}inFlight \(received 1 times\) {2}received\n[\d:.]{12} {2}visible {2}fresh\n$/,
  );
  expect(JSON.parse(json.stdout)).toMatchObject([
    { body: 'received', state: 'inFlight', receiveCount: 1 },
    { body: 'fresh', state: 'visible', receiveCount: 0 },
  ]);
});

test.concurrent('receive prints messages, and deletes them if asked to', async () => {
  const QueueUrl = urlOf(local, 'received');
  await put(sqs, QueueUrl, 'one');
  expect(await spillway(['receive', 'received', '--visibility-timeout', '0'])).toEqual({
    status: 0,
    stderr: '',
    stdout: 'one\n',
  });
  const { stdout } = await spillway(['receive', 'received', '--delete', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([{ Body: 'one', Attributes: { ApproximateReceiveCount: '2' } }]);
  expect((await spillway(['receive', 'received'])).stdout).toBe('No messages.\n');
});

test.concurrent('redrive moves dead letters back, and says how many', async () => {
  const QueueUrl = urlOf(local, 'alive');
  await put(sqs, QueueUrl, 'poison');
  for (let receives = 0; receives < 2; receives++) await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(local.region('000000000000', 'us-east-1').counts('dead')?.visible).toBe(1);
  expect(await spillway(['redrive', 'dead'])).toEqual({ status: 0, stderr: '', stdout: 'Moved 1 message of dead.\n' });
  expect(local.region('000000000000', 'us-east-1').counts('alive')?.visible).toBe(1);
});

test.concurrent('purge deletes the messages of a local queue without asking', async () => {
  await put(sqs, urlOf(local, 'purged'), 'x');
  expect(await spillway(['purge', 'purged'])).toEqual({ status: 0, stderr: '', stdout: 'Purged purged.\n' });
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: urlOf(local, 'purged'), AttributeNames: ['All'] }),
  );
  expect(Attributes?.ApproximateNumberOfMessages).toBe('0');
});

test.concurrent('status and alarms show queues with their messages, and alarms with their states', async () => {
  const [text, json, alarms, inAlarm] = await Promise.all([
    spillway(['status']),
    spillway(['status', '--json']),
    spillway(['alarms', '--json']),
    spillway(['alarms', '--state', 'ALARM']),
  ]);
  expect(text.stdout).toMatch(/^Queues +visible +in flight +delayed$/m);
  expect(text.stdout).toMatch(/^Jobs|^jobs/m);
  expect(text.stdout).toMatch(/^INSUFFICIENT_DATA {2}\S+$/m);
  expect(JSON.parse(json.stdout)).toMatchObject({
    queues: expect.arrayContaining([expect.objectContaining({ name: 'jobs', account: '000000000000' })]) as object[],
  });
  expect(JSON.parse(alarms.stdout)).toMatchObject([{ AlarmName: 'backlog', StateValue: 'INSUFFICIENT_DATA' }]);
  expect(inAlarm).toMatchObject({ status: 0, stdout: 'No alarms.\n' });
});

test.concurrent('logs prints the lines of a group, follows it, and names the groups there are', async () => {
  const logs = new CloudWatchLogsClient(local.clientConfig());
  const group = { logGroupName: '/aws/lambda/Shop-Mailer0A1B-XYZ' };
  const stream = { ...group, logStreamName: 's' };
  const write = (message: string) =>
    logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: Date.now(), message }] }));
  await logs.send(new CreateLogGroupCommand(group));
  await logs.send(new CreateLogStreamCommand(stream));
  await write('first');
  const following = startSpillway(['logs', 'Shop/Mailer', '-f', '--endpoint-url', local.endpointUrl], { cwd: folder });
  const [byPath, unknown] = await Promise.all([spillway(['logs', 'Shop/Mailer']), spillway(['logs', 'nobody'])]);
  expect(byPath.stdout).toMatch(/^[\d:.]{12} \/aws\/lambda\/Shop-Mailer0A1B-XYZ \| first\n$/);
  expect(unknown).toMatchObject({
    status: 1,
    stderr: 'no log group belongs to nobody; available log groups: /aws/lambda/Shop-Mailer0A1B-XYZ\n',
  });
  await following.printed(/first/);
  await write('second');
  await following.printed(/first\n.* \| second/);
  following.child.kill('SIGINT');
  expect(await following.ended).toMatchObject({ status: 130, stderr: '' });
  logs.destroy();
});

test.concurrent('an unknown queue is an error that lists those there are', async () => {
  const { status, stderr } = await spillway(['send', 'jbos', 'x']);
  expect(stderr).toMatch(/^no queue is called jbos; available queues: .*Jobs/);
  expect(status).toBe(1);
});

test.concurrent('doctor finds a local cloud, and a shell that calls AWS', async () => {
  const { stdout, status } = await spillway(['doctor']);
  expect(stdout).toMatch(/^ok +Node\.js/m);
  expect(stdout).toMatch(/^ok +local cloud +http:\S+ answers$/m);
  expect(stdout).toMatch(
    /^note +environment +AWS_ENDPOINT_URL is not set, so SDKs call AWS: eval "\$\(npx spillway env\)"$/m,
  );
  expect(status).toBe(0);
});

test.concurrent('completes commands and options, and prints the scripts that ask for it', async () => {
  const complete = (...args: string[]) => startSpillway(['complete', ...args], { cwd: folder }).ended;
  const [commands, options, script] = await Promise.all([
    complete('--', 'pu'),
    complete('--', 'up', '--allow-h'),
    complete('bash'),
  ]);
  expect(commands.stdout).toMatch(/^purge\t/);
  expect(options.stdout).toMatch(/^--allow-host\t/);
  expect(script).toMatchObject({ status: 0, stdout: expect.stringContaining('spillway complete --') as string });
});

test.concurrent('without a local cloud, commands say how to start one', async () => {
  const { ended } = startSpillway(['status'], { cwd: folder, variables: { XDG_CACHE_HOME: join(folder, 'no-cache') } });
  expect(await ended).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'no local cloud is running for this project: start one with "npx spillway up", or name it with --endpoint-url\n',
  });
});

test.concurrent('a loopback AWS_ENDPOINT_URL is the target, and --aws refuses it', async () => {
  const variables = { XDG_CACHE_HOME: join(folder, 'no-cache'), AWS_ENDPOINT_URL: local.endpointUrl };
  const [found, refused] = await Promise.all(
    [['status'], ['status', '--aws']].map((args) => startSpillway(args, { cwd: folder, variables }).ended),
  );
  expect(found).toMatchObject({ status: 0, stderr: '' });
  expect(refused.stderr).toContain(`--aws works on an account, but AWS_ENDPOINT_URL leads to ${local.endpointUrl}`);
  expect(refused.status).toBe(2);
});

describe('--aws', () => {
  const SAYS = `AWS account ${ACCOUNT}, eu-west-1\n`;

  test.concurrent('works on the account of the credentials, and says which that is', async () => {
    await put(ofAccount, urlOf(account, 'jobs', ACCOUNT), 'there');
    const [status, sent, alarms] = await Promise.all([
      spillwayAws('status', '--json'),
      spillwayAws('send', 'purged', 'x'),
      spillwayAws('alarms'),
    ]);
    expect(status).toMatchObject({ status: 0, stderr: SAYS });
    expect(JSON.parse(status.stdout)).toMatchObject({
      queues: expect.arrayContaining([expect.objectContaining({ label: 'jobs', visible: 1 })]) as object[],
    });
    expect(sent).toMatchObject({ status: 0, stderr: SAYS, stdout: expect.stringContaining('to purged') as string });
    expect(alarms).toEqual({ status: 0, stderr: SAYS, stdout: 'No alarms.\n' });
    expect(await spillwayAws('receive', 'jobs')).toEqual({ status: 0, stderr: SAYS, stdout: 'there\n' });
    const unasked = await spillwayAws('purge', 'purged');
    expect(unasked.stderr).toMatch(/^Delete all messages of purged\? In a script, --yes is required$/m);
    expect(unasked.status).toBe(2);
    expect(account.region(ACCOUNT, 'eu-west-1').counts('purged')?.visible).toBe(1);
    expect(await spillwayAws('purge', 'purged', '--yes')).toEqual({
      status: 0,
      stderr: SAYS,
      stdout: 'Purged purged.\n',
    });
    expect(account.region(ACCOUNT, 'eu-west-1').counts('purged')?.visible).toBe(0);
    expect((await spillwayAws('redrive', 'dead')).stderr).toMatch(/In a script, --yes is required/);
  });

  test.concurrent.each([
    ['peek', ['jobs']],
    ['reset', []],
  ])('refuses %s', async (command, args) => {
    const { status, stderr } = await spillwayAws(command, ...args);
    expect(stderr).toMatch(new RegExp(`^${command} does not work on an account \\(--aws\\): `));
    expect(status).toBe(2);
  });
});

test('reset drops messages and deploys anew', async () => {
  await put(sqs, urlOf(local, 'jobs'), 'x');
  expect(await spillway(['reset'])).toEqual({ status: 0, stderr: '', stdout: 'Reset.\n' });
  expect(local.region('000000000000', 'us-east-1').counts('jobs')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});
