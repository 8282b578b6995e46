import { DEFINITIONS } from '../../lib/emulator/services';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import { Emulator } from '../../lib/emulator';
import { zipOf } from '../emulator/services/lambda/zip';
import { type ProtocolBinding } from '../../lib/emulator/protocol';

const run = promisify(execFile);
const finds = (command: string, ...parameters: string[]) => spawnSync(command, parameters).status === 0;

/** Registers a test of a tool, skipped with a word on why where the machine doesn't have it. */
function testOf(tool: string, found: boolean, story: () => Promise<void>): void {
  if (found) test(tool, story, 180_000); // Python starts slowly on a busy machine
  else test.skip(`${tool}: skipped, it is not on this machine`, story);
}

// No profile or setting of whoever runs this has a say.
const env = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
};

let emulator: Emulator;
let endpoint: string;

beforeEach(async () => {
  emulator = new Emulator();
  endpoint = await emulator.listen(0);
});

afterEach(() => emulator.stop());

testOf('boto3', finds('python3', '-c', 'import boto3'), async () => {
  const { stdout } = await run('python3', [join(__dirname, 'boto3-story.py'), endpoint], { env });
  expect(stdout).toBe('done\n');
});

testOf('boto3, CloudWatch', finds('python3', '-c', 'import boto3'), async () => {
  const { stdout } = await run('python3', [join(__dirname, 'boto3-cloudwatch.py'), endpoint], { env });
  expect(stdout).toBe('done\n');
});

testOf('boto3, DynamoDB', finds('python3', '-c', 'import boto3'), async () => {
  const { stdout } = await run('python3', [join(__dirname, 'boto3-dynamodb.py'), endpoint], { env });
  expect(stdout).toBe('done\n');
});

testOf('boto3, EventBridge Scheduler', finds('python3', '-c', 'import boto3'), async () => {
  const { stdout } = await run('python3', [join(__dirname, 'boto3-scheduler.py'), endpoint], { env });
  expect(stdout).toBe('done\n');
});

testOf(
  'boto3: its models and our bindings agree on which members are doubles',
  finds('python3', '-c', 'import boto3'),
  () => {
    const bindings = Object.fromEntries(
      DEFINITIONS.flatMap(({ name, protocol }) => (protocol ? [[name, protocol]] : [])),
    );
    const of = (read: (binding: ProtocolBinding) => readonly string[]) =>
      Object.fromEntries(Object.entries(bindings).map(([name, binding]) => [name, read(binding)]));
    const input = JSON.stringify(of(({ operations }) => operations.map(([, , name]) => name)));
    const { stdout, stderr } = spawnSync('python3', [join(__dirname, 'boto3-doubles.py')], { env, input });
    expect(stderr.toString()).toBe('');
    expect(of(({ doubles = [] }) => [...doubles].sort())).toEqual(JSON.parse(stdout.toString()));
    return Promise.resolve();
  },
);

async function aws<T>(...parameters: string[]): Promise<T> {
  const { stdout } = await run('aws', ['--endpoint-url', endpoint, '--output', 'json', ...parameters], { env });
  return (stdout === '' ? undefined : JSON.parse(stdout)) as T;
}

testOf('AWS CLI', finds('aws', '--version'), async () => {
  const { QueueUrl } = await aws<{ QueueUrl: string }>(
    ...['sqs', 'create-queue', '--queue-name', 'Jobs.fifo'],
    ...['--attributes', 'FifoQueue=true,ContentBasedDeduplication=true', '--tags', 'stage=test'],
  );
  expect(QueueUrl).toBe(`${endpoint}/000000000000/Jobs.fifo`);
  const queue = ['--queue-url', QueueUrl];
  const sent = await aws<{ SequenceNumber: string }>(
    ...['sqs', 'send-message', ...queue, '--message-body', 'hello ☃', '--message-group-id', 'g'],
    ...['--message-attributes', '{"Hello":{"DataType":"String","StringValue":"There"}}'],
  );
  expect(sent).toMatchObject({ MD5OfMessageAttributes: 'a311262e065454b75da111d535b8dacd' });
  const { Messages } = await aws<{ Messages: { ReceiptHandle: string }[] }>(
    ...['sqs', 'receive-message', ...queue, '--attribute-names', 'All', '--message-attribute-names', 'All'],
  );
  expect(Messages).toMatchObject([
    { Body: 'hello ☃', Attributes: { MessageGroupId: 'g', SequenceNumber: sent.SequenceNumber } },
  ]);
  await aws('sqs', 'delete-message', ...queue, '--receipt-handle', Messages[0].ReceiptHandle);
  expect(await aws('sqs', 'get-queue-attributes', ...queue, '--attribute-names', 'All')).toMatchObject({
    Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' },
  });
  await expect(aws('sqs', 'get-queue-url', '--queue-name', 'none')).rejects.toMatchObject({
    stderr: expect.stringContaining(
      'An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the GetQueueUrl operation: The specified queue does not exist.',
    ) as string,
  });
  expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: '000000000000' });
});

testOf('AWS CLI, CloudWatch', finds('aws', '--version'), async () => {
  const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString().replace('.000', '');
  const data = [{ MetricName: 'Depth', Values: [1.5, 2.5], Counts: [2, 1], Timestamp: minute, Unit: 'Count' }];
  await aws('cloudwatch', 'put-metric-data', '--namespace', 'My', '--metric-data', JSON.stringify(data));
  const queries = [
    { Id: 'm', MetricStat: { Metric: { Namespace: 'My', MetricName: 'Depth' }, Period: 60, Stat: 'Sum' } },
    { Id: 'e', Expression: 'm / PERIOD(m)' },
  ];
  const range = ['--start-time', minute, '--end-time', new Date(Date.now() + 60_000).toISOString()];
  const { MetricDataResults } = await aws<{ MetricDataResults: object[] }>(
    ...['cloudwatch', 'get-metric-data', ...range, '--metric-data-queries', JSON.stringify(queries)],
  );
  expect(MetricDataResults).toMatchObject([
    { Id: 'm', Label: 'Depth', Values: [5.5], StatusCode: 'Complete' },
    { Id: 'e', Label: 'e', Values: [5.5 / 60] },
  ]);
  const alarm = ['--namespace', 'My', '--metric-name', 'Depth', '--statistic', 'Maximum', '--period', '60'];
  const rule = ['--evaluation-periods', '1', '--threshold', '2.25', '--comparison-operator', 'GreaterThanThreshold'];
  // Whole minutes go by: neither missing data nor what there is takes the alarm out of the state that it is put in.
  const name = ['--alarm-name', 'deep', '--treat-missing-data', 'ignore'];
  await aws('cloudwatch', 'put-metric-alarm', ...name, ...alarm, ...rule, '--tags', 'Key=team,Value=video');
  await aws(
    'cloudwatch',
    'set-alarm-state',
    '--alarm-name',
    'deep',
    '--state-value',
    'ALARM',
    '--state-reason',
    'drill',
  );
  const { MetricAlarms } = await aws<{ MetricAlarms: { AlarmArn: string }[] }>(
    ...['cloudwatch', 'describe-alarms', '--alarm-name-prefix', 'de', '--state-value', 'ALARM'],
  );
  expect(MetricAlarms).toMatchObject([{ AlarmName: 'deep', Threshold: 2.25, StateValue: 'ALARM', Period: 60 }]);
  expect(await aws('cloudwatch', 'list-tags-for-resource', '--resource-arn', MetricAlarms[0].AlarmArn)).toEqual({
    Tags: [{ Key: 'team', Value: 'video' }],
  });
  const bad = ['--dashboard-name', 'd', '--dashboard-body', '{"widgets":[{"type":"pie"}]}'];
  await expect(aws('cloudwatch', 'put-dashboard', ...bad)).rejects.toMatchObject({
    stderr: expect.stringContaining(
      'An error occurred (InvalidParameterInput) when calling the PutDashboard operation: The dashboard body is invalid, there is 1 validation error:',
    ) as string,
  });
  await expect(
    aws('cloudwatch', 'put-metric-alarm', ...name, ...alarm, ...rule, '--datapoints-to-alarm', '2'),
  ).rejects.toMatchObject({
    stderr: expect.stringContaining(
      '(ValidationError) when calling the PutMetricAlarm operation: DatapointsToAlarm must be less than or equal to EvaluationPeriods',
    ) as string,
  });
});

testOf('AWS CLI, EventBridge Scheduler', finds('aws', '--version'), async () => {
  const trust = { Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const role = ['--role-name', 'nightly', '--assume-role-policy-document', document];
  const { Role } = await aws<{ Role: { Arn: string } }>('iam', 'create-role', ...role);
  const Target = { Arn: 'arn:aws:sqs:us-east-1:000000000000:jobs', RoleArn: Role.Arn };
  const schedule = ['--name', 'nightly', '--schedule-expression', 'cron(0 3 * * ? *)'];
  const how = ['--flexible-time-window', 'Mode=FLEXIBLE,MaximumWindowInMinutes=15', '--target', JSON.stringify(Target)];
  const zone = ['--schedule-expression-timezone', 'Europe/Berlin'];
  expect(await aws('scheduler', 'create-schedule', ...schedule, ...how, ...zone)).toEqual({
    ScheduleArn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly',
  });
  expect(await aws('scheduler', 'get-schedule', '--name', 'nightly')).toMatchObject({
    ScheduleExpressionTimezone: 'Europe/Berlin',
    FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    Target,
  });
});

testOf('AWS CLI: Lambda', finds('aws', '--version'), async () => {
  const app = new App();
  const stack = new Stack(app, 'Functions');
  new CfnResource(stack, 'Echo', {
    type: 'AWS::Lambda::Function',
    properties: {
      FunctionName: 'echo',
      Code: { ZipFile: 'exports.handler = async (event, { functionVersion }) => ({ event, functionVersion });' },
      Handler: 'index.handler',
      Runtime: 'nodejs22.x',
      Role: 'arn:aws:iam::000000000000:role/echo',
    },
  });
  await emulator.load(app.synth().directory);
  const folder = mkdtempSync(join(tmpdir(), 'spillway-cli-'));
  try {
    const name = ['--function-name', 'echo'];
    const [given, answer] = [join(folder, 'event.json'), join(folder, 'answer.json')];
    writeFileSync(given, '{"video":"cat ☃"}');
    expect(await aws('lambda', 'publish-version', ...name)).toMatchObject({ Version: '1' });
    await aws('lambda', 'create-alias', ...name, '--name', 'live', '--function-version', '1');
    const invoked = await aws(
      ...['lambda', 'invoke', ...name, '--qualifier', 'live', '--payload', `fileb://${given}`, '--log-type', 'Tail'],
      answer,
    );
    expect(invoked).toMatchObject({ StatusCode: 200, ExecutedVersion: '1' });
    expect(JSON.parse(readFileSync(answer, 'utf8'))).toEqual({ event: { video: 'cat ☃' }, functionVersion: '1' });
    await expect(aws('lambda', 'get-function', '--function-name', 'nobody')).rejects.toThrow(
      /ResourceNotFoundException.*Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

testOf('AWS CLI: a function with a role, consuming a queue, and its log', finds('aws', '--version'), async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-cli-'));
  try {
    const archive = join(folder, 'code.zip');
    const code =
      'exports.handler = async ({ Records }) => { for (const { body } of Records) console.log(require("word") + body); };';
    const layer = join(folder, 'layer.zip');
    writeFileSync(layer, zipOf({ 'nodejs/node_modules/word/index.js': 'module.exports = "got ";' }));
    writeFileSync(archive, zipOf({ 'index.js': code }));
    const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const { Role } = await aws<{ Role: { Arn: string } }>(
      ...['iam', 'create-role', '--role-name', 'worker'],
      ...['--assume-role-policy-document', JSON.stringify({ Version: '2012-10-17', Statement: [trust] })],
    );
    const managed = 'arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole';
    await aws('iam', 'attach-role-policy', '--role-name', 'worker', '--policy-arn', managed);
    expect(await aws('iam', 'list-attached-role-policies', '--role-name', 'worker')).toEqual({
      AttachedPolicies: [{ PolicyName: 'AWSLambdaSQSQueueExecutionRole', PolicyArn: managed }],
    });
    const { LayerVersionArn } = await aws<{ LayerVersionArn: string }>(
      ...['lambda', 'publish-layer-version', '--layer-name', 'words', '--zip-file', `fileb://${layer}`],
    );
    const created = await aws<object>(
      ...['lambda', 'create-function', '--function-name', 'jobs', '--runtime', 'nodejs22.x', '--role', Role.Arn],
      ...['--handler', 'index.handler', '--zip-file', `fileb://${archive}`, '--layers', LayerVersionArn],
    );
    expect(created).toMatchObject({ State: 'Active', Role: Role.Arn });
    await aws('lambda', 'wait', 'function-active-v2', '--function-name', 'jobs');
    const { QueueUrl } = await aws<{ QueueUrl: string }>('sqs', 'create-queue', '--queue-name', 'jobs');
    const arn = 'arn:aws:sqs:us-east-1:000000000000:jobs';
    await aws('lambda', 'create-event-source-mapping', '--function-name', 'jobs', '--event-source-arn', arn);
    const returned = new Promise<void>((resolve) => {
      emulator.timeline.subscribe(({ kind }) => kind === 'lambda.returned' && resolve());
    });
    await aws('sqs', 'send-message', '--queue-url', QueueUrl, '--message-body', 'hello');
    await returned;
    const found = await aws<{ events: { message: string }[] }>(
      ...['logs', 'filter-log-events', '--log-group-name', '/aws/lambda/jobs', '--filter-pattern', 'got'],
    );
    expect(found.events.map(({ message }) => message)).toEqual([expect.stringMatching(/\tINFO\tgot hello\n$/)]);
    await aws('ssm', 'put-parameter', '--name', '/app/key', '--type', 'SecureString', '--value', 'hush');
    const read = await aws('ssm', 'get-parameter', '--name', '/app/key', '--with-decryption');
    expect(read).toMatchObject({ Parameter: { Value: 'hush', Version: 1 } });
    await aws('secretsmanager', 'create-secret', '--name', 'db', '--secret-string', 'x');
    expect(await aws('secretsmanager', 'get-secret-value', '--secret-id', 'db')).toMatchObject({ SecretString: 'x' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

testOf('AWS CLI: DynamoDB', finds('aws', '--version'), async () => {
  const name = ['--table-name', 'Orders'];
  const { TableDescription } = await aws<{ TableDescription: object }>(
    ...['dynamodb', 'create-table', ...name, '--billing-mode', 'PAY_PER_REQUEST'],
    ...['--attribute-definitions', 'AttributeName=id,AttributeType=S', '--key-schema', 'AttributeName=id,KeyType=HASH'],
  );
  expect(TableDescription).toMatchObject({ TableName: 'Orders', TableStatus: 'CREATING' });
  await aws('dynamodb', 'wait', 'table-exists', ...name);
  await aws('dynamodb', 'put-item', ...name, '--item', '{"id":{"S":"a ☃"},"n":{"N":"1"}}');
  const updated = await aws(
    ...['dynamodb', 'update-item', ...name, '--key', '{"id":{"S":"a ☃"}}', '--return-values', 'ALL_NEW'],
    ...['--update-expression', 'ADD n :n', '--expression-attribute-values', '{":n":{"N":"2.5"}}'],
  );
  expect(updated).toEqual({ Attributes: { id: { S: 'a ☃' }, n: { N: '3.5' } } });
  expect(await aws('dynamodb', 'scan', ...name)).toEqual({
    Items: [{ id: { S: 'a ☃' }, n: { N: '3.5' } }],
    Count: 1,
    ScannedCount: 1,
    ConsumedCapacity: null,
  });
  await expect(aws('dynamodb', 'describe-table', '--table-name', 'none')).rejects.toThrow(
    /ResourceNotFoundException.*Requested resource not found: Table: none not found/,
  );
  await expect(aws('dynamodb', 'execute-statement', '--statement', 'SELECT * FROM Orders')).rejects.toThrow(
    /not supported or not recognized: ExecuteStatement/,
  );
});
