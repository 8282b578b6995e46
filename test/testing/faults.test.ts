import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeAutoScalingGroupsCommand, AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  DeleteMessageCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { FifoQueue, QueueEncryption, StandardQueue } from '../../lib';
import { Emulator } from '../../lib/emulator';
import { SERVICE_NAMES } from '../../lib/emulator/services';
import { type FaultService, LocalCloud, type LocalFaults, type LocalQueue } from '../../lib/testing';
import { JobsStack } from './jobs-stack';

const MINUTE = 60_000;

let stack: JobsStack;
let cloud: LocalCloud;
let jobs: LocalQueue;
let sqs: SQSClient;
/** A client that does not try again. */
let onceSqs: SQSClient;

beforeEach(() => begin(7));
afterEach(() => end());

async function begin(seed: number): Promise<void> {
  stack = new JobsStack();
  cloud = await LocalCloud.fromStack(stack, { seed, bootTime: Duration.seconds(10) });
  jobs = cloud.queue(stack.jobs);
  sqs = new SQSClient(cloud.clientConfig());
  onceSqs = new SQSClient({ ...cloud.clientConfig(), maxAttempts: 1 });
}

async function end(): Promise<void> {
  sqs.destroy();
  onceSqs.destroy();
  await cloud.stop();
}

interface Refused {
  readonly name: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The error of a request that is to fail. */
async function refusal(request: Promise<unknown>): Promise<Refused> {
  try {
    await cloud.runUntil(request);
  } catch (error) {
    return error as Refused;
  }
  throw new Error('the request succeeded');
}

const send = (client = sqs, body = 'a') =>
  cloud.runUntil(client.send(new SendMessageCommand({ QueueUrl: jobs.url, MessageBody: body })));
const receive = (client = sqs) =>
  cloud.runUntil(client.send(new ReceiveMessageCommand({ QueueUrl: jobs.url, WaitTimeSeconds: 0 })));

describe('faults of requests', () => {
  const once = () => ({ ...cloud.clientConfig(), maxAttempts: 1 });
  const requests: Record<Exclude<FaultService, 'ec2'>, () => Promise<unknown>> = {
    sqs: () => new SQSClient(once()).send(new ListQueuesCommand({})),
    lambda: () => new LambdaClient(once()).send(new ListFunctionsCommand({})),
    cloudwatch: () => new CloudWatchClient(once()).send(new DescribeAlarmsCommand({})),
    autoscaling: () => new AutoScalingClient(once()).send(new DescribeAutoScalingGroupsCommand({})),
    kms: () => new KMSClient(once()).send(new ListKeysCommand({})),
    secretsmanager: () => new SecretsManagerClient(once()).send(new ListSecretsCommand({})),
    iam: () => new IAMClient(once()).send(new ListRolesCommand({})),
    ssm: () => new SSMClient(once()).send(new DescribeParametersCommand({})),
    logs: () => new CloudWatchLogsClient(once()).send(new DescribeLogGroupsCommand({})),
    sts: () => new STSClient(once()).send(new GetCallerIdentityCommand({})),
    events: () => new EventBridgeClient(once()).send(new ListRulesCommand({})),
    scheduler: () => new SchedulerClient(once()).send(new ListSchedulesCommand({})),
    dynamodb: () => new DynamoDBClient(once()).send(new ListTablesCommand({})),
    sns: () => new SNSClient(once()).send(new ListTopicsCommand({})),
    kinesis: () => new KinesisClient(once()).send(new ListStreamsCommand({})),
    s3: () => new S3Client(once()).send(new ListBucketsCommand({})),
  };

  test.each<[keyof typeof requests, throttled: [string, number], failed: [string, number]]>([
    ['kinesis', ['ProvisionedThroughputExceededException', 400], ['InternalFailureException', 500]],
    ['sqs', ['RequestThrottled', 403], ['InternalError', 500]],
    ['lambda', ['TooManyRequestsException', 429], ['ServiceException', 500]],
    ['cloudwatch', ['Throttling', 400], ['InternalServiceFault', 500]],
    ['autoscaling', ['Throttling', 400], ['InternalFailure', 500]],
    ['kms', ['ThrottlingException', 400], ['KMSInternalException', 500]],
    ['secretsmanager', ['ThrottlingException', 400], ['InternalServiceError', 500]],
    ['iam', ['Throttling', 400], ['ServiceFailureException', 500]],
    ['ssm', ['ThrottlingException', 400], ['InternalServerError', 500]],
    ['logs', ['ThrottlingException', 400], ['ServiceUnavailableException', 500]],
    ['sts', ['Throttling', 400], ['InternalFailure', 500]],
    ['events', ['ThrottlingException', 400], ['InternalException', 500]],
    ['scheduler', ['ThrottlingException', 429], ['InternalServerException', 500]],
    ['s3', ['SlowDown', 503], ['InternalError', 500]],
    ['sns', ['ThrottledException', 429], ['InternalErrorException', 500]],
    ['dynamodb', ['ProvisionedThroughputExceededException', 400], ['InternalServerError', 500]],
  ])("%s answers with AWS's own errors", async (service, throttled, failed) => {
    const answers: [string, number | undefined][] = [];
    const order = (fault: (faults: LocalFaults) => { end(): void }) => async () => {
      const ordered = fault(cloud.faults);
      const { name, $metadata } = await refusal(requests[service]());
      answers.push([name, $metadata?.httpStatusCode]);
      ordered.end();
    };
    await order((faults) => faults.throttle({ service }))();
    await order((faults) => faults.fail({ service }))();
    await order((faults) => faults.fail({ service, status: 503 }))();
    expect(answers).toEqual([throttled, failed, [expect.stringMatching(/^(ServiceUnavailable|503)/), 503]]);
    await cloud.runUntil(requests[service]());
  });

  test('an SDK client tries again, and gets through', async () => {
    const throttle = cloud.faults.throttle({ on: jobs, action: 'SendMessage', times: 2 });
    const begin = cloud.now;
    expect((await send()).$metadata.attempts).toBe(3);
    expect(cloud.now).toBe(begin); // the client pauses in the machine's time, not in the cloud's
    expect(throttle.count).toBe(2);
    expect(jobs.size).toBe(1);
  });

  test('befall the resource, the action and the time that they are for', async () => {
    const other = cloud.queue(stack.mails);
    const fault = cloud.faults.fail({
      on: jobs,
      action: ['SendMessage', 'SendMessageBatch'],
      after: Duration.minutes(5),
      lasting: Duration.minutes(10),
    });
    const outcomes: string[] = [];
    for (let minute = 0; minute < 20; minute += 5) {
      const outcome = await send(onceSqs).then(
        () => 'sent',
        ({ name }: Refused) => name,
      );
      outcomes.push(`${minute} ${outcome}`);
      await cloud.runUntil(onceSqs.send(new SendMessageCommand({ QueueUrl: other.url, MessageBody: 'b' })));
      await receive(onceSqs);
      await cloud.advance(5 * MINUTE);
    }
    expect(outcomes).toEqual(['0 sent', '5 InternalError', '10 InternalError', '15 sent']);
    expect(fault.count).toBe(2);
  });

  test('befall a function by whatever it is named, and an alarm by its own name only', async () => {
    const { name, place } = cloud.function(stack.mailer);
    const fault = cloud.faults.throttle({ on: cloud.function(stack.mailer), action: 'GetFunctionConfiguration' });
    const lambda = new LambdaClient({ ...cloud.clientConfig(), maxAttempts: 1 });
    const arn = `arn:aws:lambda:${place.region}:${place.account}:function:${name}`;
    for (const FunctionName of [name, `${name}:$LATEST`, arn, `${arn}:$LATEST`, `${place.account}:function:${name}`]) {
      const { name: code } = await refusal(lambda.send(new GetFunctionConfigurationCommand({ FunctionName })));
      expect([FunctionName, code]).toEqual([FunctionName, 'TooManyRequestsException']);
    }
    expect(fault.count).toBe(5);

    const cloudWatch = new CloudWatchClient({ ...cloud.clientConfig(), maxAttempts: 1 });
    const put = (AlarmName: string) =>
      cloud.runUntil(
        cloudWatch.send(
          new PutMetricAlarmCommand({
            AlarmName,
            MetricName: 'Errors',
            Namespace: 'Shop',
            Statistic: 'Sum',
            Period: 60,
            EvaluationPeriods: 1,
            Threshold: 1,
            ComparisonOperator: 'GreaterThanThreshold',
          }),
        ),
      );
    await put('backlog');
    cloud.faults.throttle({ on: cloud.alarm('backlog') });
    expect(await refusal(put('backlog'))).toMatchObject({ name: 'Throttling' });
    await put('team/backlog');
    await put('team:backlog');
  });

  test('by chance, the same for the same seed', async () => {
    const run = async (seed: number) => {
      await end();
      await begin(seed);
      cloud.faults.throttle({ service: 'sqs', chance: 0.3 });
      let outcomes = '';
      for (let i = 0; i < 40; i++) {
        outcomes += await send(onceSqs).then(
          () => '.',
          () => 'x',
        );
      }
      return outcomes;
    };
    const first = await run(3);
    expect(first).toMatch(/x.*\..*x/);
    expect(await run(3)).toBe(first);
    expect(await run(4)).not.toBe(first);
  });

  test('a request that comes late is served when it comes', async () => {
    cloud.faults.delay(Duration.seconds(7), { on: jobs, action: 'SendMessage' });
    const begin = cloud.now;
    await send();
    expect(cloud.now - begin).toBe(7_000);
    expect(jobs.messages[0].sentAt - begin).toBe(7_000);
  });

  test('an answer that gets lost: the message was sent, and the client sends it again', async () => {
    cloud.faults.loseAnswers({ on: jobs, action: 'SendMessage', times: 1 });
    await send();
    expect(jobs.size).toBe(2);
    cloud.faults.loseAnswers({ on: jobs, action: 'SendMessage', times: 1 });
    expect((await refusal(send(onceSqs))).code).toBe('ECONNRESET');
  });

  test('a receive whose answer gets lost hides its message until the visibility timeout is over', async () => {
    await send();
    cloud.faults.loseAnswers({ on: jobs, action: 'ReceiveMessage', times: 1 });
    await refusal(receive(onceSqs));
    expect([jobs.visible, jobs.inFlight]).toEqual([0, 1]);
    await cloud.runUntil(() => jobs.visible === 1);
    const { Messages = [] } = await receive();
    expect(Messages).toHaveLength(1);
    expect(jobs.redelivered).toHaveLength(1);
  });

  test('over HTTP too: the connection ends', async () => {
    const emulator = new Emulator();
    await emulator.listen(0);
    const client = new SQSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
    emulator.faults.add({ kind: 'loseAnswer', service: 'sqs', from: 0, until: Infinity });
    await expect(client.send(new ListQueuesCommand({}))).rejects.toThrow('socket hang up');
    client.destroy();
    await emulator.stop();
  });

  test("Lambda's pollers feel them: what cannot be received is not processed, and comes when it can", async () => {
    const mails = cloud.queue(stack.mails);
    cloud.function(stack.mailer).model({ handler: () => ({ batchItemFailures: [] }) });
    await cloud.advance(2 * MINUTE); // the mapping polls
    cloud.faults.fail({ on: mails, action: 'ReceiveMessage', lasting: Duration.minutes(10) });
    await cloud.advance(MINUTE); // so that no earlier long poll is parked
    await mails.send(20, (i) => ({ i }));
    await cloud.advance(8 * MINUTE);
    expect([mails.visible, cloud.function(stack.mailer).invocations]).toEqual([20, 0]);
    await mails.waitUntilDrained({ atMost: Duration.minutes(3) });
    expect(mails).toHaveLostNothing();
    expect(cloud.timeline().toString()).toContain(
      'Mailer: its poller cannot receive: We encountered an internal error.',
    );
  });

  test('modelled workers feel them: what cannot be deleted is delivered again', async () => {
    cloud.group(stack.encoders).model({ queue: stack.jobs });
    cloud.faults.throttle({ on: jobs, action: 'DeleteMessageBatch', times: 1 });
    await jobs.send('once');
    await jobs.waitUntilDrained();
    expect(jobs.redelivered.map(({ receives }) => receives)).toEqual([2]);
  });

  test.each<[string, (faults: LocalFaults) => unknown]>([
    [
      "action must be an action of sqs, but was 'ReceiveMesage'; there are ",
      (f) => f.throttle({ service: 'sqs', action: 'ReceiveMesage' }),
    ],
    ["action must be an action of AWS, but was 'Nonsense'", (f) => f.fail({ action: 'Nonsense' })],
    [`service must be one of ${SERVICE_NAMES.join(', ')}, but was ec2`, (f) => f.fail({ service: 'ec2' as never })],
    ['on belongs to sqs, but service is lambda: leave one of them out', (f) => f.fail({ on: jobs, service: 'lambda' })],
    ['cloud.queue(…) or ', (f) => f.fail({ on: stack.jobs as never })],
    ['times must be a whole number of at least 1, but was 0', (f) => f.throttle({ times: 0 })],
    ['chance must be more than 0 and up to 1, but was 2', (f) => f.throttle({ chance: 2 })],
    ['chance must be more than 0 and less than 1, but was 1', (f) => f.duplicate({ chance: 1 })],
    ['status must be 500 or 503, but was 404', (f) => f.fail({ status: 404 as never })],
    ['by must be a Duration or a number of milliseconds', (f) => f.delay(-1)],
    ['after must be a Duration', (f) => f.throttle({ after: -1 })],
    ['every must be more than 0, but was 0', (f) => f.crash(cloud.group(stack.encoders), { every: 0 })],
  ])('%s', (message, order) => {
    expect(() => order(cloud.faults)).toThrow(message);
  });
});

describe('faults of queues', () => {
  test('messages come twice, out of order, or not at once, while that lasts', async () => {
    const bodies = async () => {
      const found: string[] = [];
      for (let i = 0; i < 12; i++) {
        const { Messages = [] } = await receive(onceSqs);
        for (const { Body = '', ReceiptHandle } of Messages) {
          found.push(Body);
          await onceSqs.send(new DeleteMessageCommand({ QueueUrl: jobs.url, ReceiptHandle }));
        }
      }
      return found.join('');
    };
    await jobs.send(8, String);
    expect(await bodies()).toBe('01234567');

    const reorder = cloud.faults.reorder({ on: jobs, chance: 0.6, after: MINUTE, lasting: MINUTE });
    await jobs.send(8, String);
    expect(await bodies()).toBe('01234567');
    await cloud.advance(MINUTE);
    await jobs.send(8, String);
    const shuffled = await bodies();
    expect(shuffled).not.toBe('01234567');
    expect([...shuffled].sort().join('')).toBe('01234567');
    expect(reorder.count).toBeGreaterThan(0);
    await cloud.advance(MINUTE);

    const duplicate = cloud.faults.duplicate({ on: jobs, chance: 0.5 });
    await jobs.send(4, String);
    expect((await bodies()).length).toBeGreaterThan(4);
    duplicate.end();

    const hide = cloud.faults.hideMessages({ chance: 0.5 });
    await jobs.send(12, () => 'x');
    expect((await bodies()).length).toBeLessThan(12);
    hide.end();
    expect(hide.count).toBeGreaterThan(0);
  });
});

describe('faults of workers, handlers and instances', () => {
  test('at an instant, and by chance at many', async () => {
    const group = cloud.group(stack.encoders);
    group.model({ queue: stack.jobs, runningTime: Duration.seconds(30) });
    const crash = cloud.faults.crash(group, { after: Duration.minutes(5) });
    const unlikely = cloud.faults.crash(group, {
      every: MINUTE,
      after: Duration.minutes(10),
      lasting: Duration.minutes(60),
      chance: 0.2,
    });
    await jobs.send(100, String, { over: Duration.minutes(60) });
    await cloud.advance(Duration.minutes(60));
    expect(crash.count).toBe(1);
    expect(unlikely.count).toBeGreaterThan(3);
    expect(unlikely.count).toBeLessThan(30);
    await jobs.waitUntilDrained();
    expect(jobs).toHaveLostNothing();
    expect(jobs.redelivered.length).toBeGreaterThan(0);
    expect(cloud.timeline().toString()).toContain('5:00  Encoders: (fault) the worker of an instance crashes');
  });

  test('an instance that vanishes is replaced, and so is one that is interrupted', async () => {
    const group = cloud.group(stack.encoders);
    group.model({ queue: stack.jobs });
    await cloud.runUntil(() => group.inService === 1);
    const [first] = group.instances;
    cloud.faults.kill(group);
    await cloud.runUntil(() => group.inService === 1 && group.instances[0].id !== first.id, {
      atMost: Duration.hours(1),
    });
    const [second] = group.instances;
    const interrupt = cloud.faults.interrupt(group, { notice: Duration.seconds(30) });
    await cloud.runUntil(() => !group.instances.some(({ id }) => id === second.id), { atMost: Duration.hours(1) });
    await cloud.runUntil(() => group.inService === 1);
    expect(interrupt.count).toBe(1);
    expect(group.launched).toBe(3);
  });

  test('where there is nothing to crash, that is told', async () => {
    const crash = cloud.faults.crash(cloud.group(stack.encoders));
    await cloud.advance(0);
    expect(crash.count).toBe(0);
    expect(cloud.timeline().toString()).toContain(
      'Encoders: (fault) the worker of an instance crashes: none is in service, so nothing happens',
    );
  });

  test('invocations that run crash', async () => {
    const mailer = cloud.function(stack.mailer);
    mailer.model({ runningTime: Duration.seconds(10) });
    const crash = cloud.faults.crash(mailer, { after: Duration.seconds(4) });
    await expect(mailer.invoke()).rejects.toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(crash.count).toBe(1);
  });
});

test('a key that is disabled refuses, once the data keys have been used up, and serves again', async () => {
  const secret = new Stack(new App(), 'Secret');
  const queue = new StandardQueue(secret, 'Secret', { encryption: QueueEncryption.customerManaged() });
  const other = await LocalCloud.fromStack(secret);
  const client = new SQSClient({ ...other.clientConfig(), maxAttempts: 1 });
  const attempt = () =>
    other.runUntil(client.send(new SendMessageCommand({ QueueUrl: other.queue(queue).url, MessageBody: 'a' }))).then(
      () => 'sent',
      ({ name }: Refused) => name,
    );
  const fault = other.faults.disableKey(queue, { lasting: Duration.minutes(30) });
  expect(await attempt()).toBe('KmsDisabled');
  expect(fault.count).toBe(1);
  expect(other.key(queue).enabled).toBe(false);
  await other.advance(Duration.minutes(30));
  expect(await attempt()).toBe('sent');
  other.key(queue).disable();
  await other.advance(Duration.days(1)); // the queue's data keys are used up
  expect(await attempt()).toBe('KmsDisabled');
  other.key(queue).enable();
  expect(other.queue(queue).messages.map(({ text }) => text)).toEqual(['a']); // as it was sent
  other.faults.disableKey(queue).end();
  expect(await attempt()).toBe('sent');
  client.destroy();
  await other.stop();
});

test('a FIFO queue behaves, whatever is ordered', async () => {
  const fifo = new Stack(new App(), 'Fifo');
  const orders = new FifoQueue(fifo, 'Orders');
  const other = await LocalCloud.fromStack(fifo);
  const queue = other.queue(orders);
  const duplicate = other.faults.duplicate({ on: queue, chance: 0.9 });
  await queue.send(5, String, { groupId: 'g', deduplicationId: String });
  const client = new SQSClient(other.clientConfig());
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body }) => Body).join('')).toBe('01234');
  expect(duplicate.count).toBe(0);
  client.destroy();
  await other.stop();
});

test('rejects a target that a fault cannot affect', () => {
  const { faults } = cloud;
  const construct = stack.jobs as never;
  expect(() => faults.throttle({ on: construct })).toThrow(
    /^on must be .*cloud\.queue\(…\) or .*cloud\.function\(…\).*, but was StandardQueue$/,
  );
  expect(() => faults.duplicate({ on: construct, chance: 0.5 })).toThrow(
    'on must be cloud.queue(…), but was StandardQueue',
  );
  expect(() => faults.crash(jobs as never)).toThrow('what crashes must be cloud.group(…) or cloud.function(…)');
  expect(() => faults.kill(undefined as never)).toThrow('the group must be cloud.group(…), but was undefined');
  expect(() => faults.interrupt(stack.encoders as never)).toThrow('but was AutoScalingGroupConsumer');
});
