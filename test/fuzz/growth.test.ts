import type { HttpRequest } from '@smithy/types';
import { readUserData } from '../../lib/emulator/compute/instance/user-data';
import { readEnvironmentFile } from '../../lib/emulator/compute/instance/systemd-unit';
import { Emulator, VirtualClock } from '../../lib/emulator';

// Texts from outside, each the worst case of some careless expression: a run that ends in what does not fit.
const FILLINGS: Readonly<Record<string, readonly [repeated: string, end: string]>> = {
  zeros: ['0', 'x'],
  'zeros around a digit': ['0', '1'],
  letters: ['a', '!'],
  blanks: [' ', '!'],
  tabs: ['\t', '!'],
  slashes: ['/', 'x'],
  dots: ['.', '!'],
  colons: [':', '!'],
  stars: ['*', 'x'],
  commas: [',', '!'],
  quotes: ['"', 'x'],
  apostrophes: ["'", 'x'],
  backslashes: ['\\', 'x'],
  'open parentheses': ['(', 'x'],
  'open brackets': ['[', 'x'],
  'open braces': ['{', 'x'],
  'open expansions': ['${', 'x'],
  'open commands': ['$(', 'x'],
  'line ends': ['\n', '!'],
  percents: ['%25', '%'],
  pairs: ['a=1,', '!'],
  signs: ['+-', '!'],
  'words and blanks': ['1 a ', '!'],
};

/** How long the text of a field is at first. */
const LENGTH = 8_192;
/** Text that is read in less processor time than this is not measured: a quadratic reader takes a hundred times as long. */
const LEAST_MILLISECONDS = 5;
const MOST_GROWTH = 2.5;
const TRIES = 12;

type Read = (text: string) => unknown;

const unit = (line: string) =>
  Buffer.from(
    `#!/bin/bash\ncat > /etc/systemd/system/w.service <<'UNIT'\n[Service]\nExecStart=/usr/bin/node x.js\n${line}\nUNIT\nsystemctl enable --now w\n`,
  ).toString('base64');
const userData: Read = (text) => readUserData(text, () => undefined);

let emulator: Emulator;
beforeAll(async () => {
  emulator = new Emulator({ clock: new VirtualClock() });
  await query('sqs', { Action: 'CreateQueue', QueueName: 'q' });
});
afterAll(() => emulator.stop());

function request(service: string, more: Partial<HttpRequest>): Promise<unknown> {
  const { requestHandler } = emulator.clientConfig();
  const authorization = `AWS4-HMAC-SHA256 Credential=000000000000/20300101/us-east-1/${service}/aws4_request`;
  const headers = { authorization, ...more.headers };
  const http = { protocol: 'http:', hostname: '127.0.0.1', port: 4566, method: 'POST', path: '/', query: {} };
  return requestHandler?.handle({ ...http, ...more, headers }) as Promise<unknown>;
}

function query(service: string, parameters: Record<string, string>): Promise<unknown> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return request(service, { headers, body: new URLSearchParams(parameters).toString() });
}

function json(service: string, target: string, input: object): Promise<unknown> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
  return request(service, { headers, body: JSON.stringify(input) });
}

const sqs = (action: string, input: object) => json('sqs', `AmazonSQS.${action}`, { QueueUrl: 'q', ...input });
const attribute = (value: object) => sqs('SendMessage', { MessageBody: 'b', MessageAttributes: { a: value } });
const receive = (parameters: Record<string, string>) =>
  query('sqs', { Action: 'ReceiveMessage', QueueUrl: 'none', ...parameters });
const monitoring = (parameters: Record<string, string>) =>
  query('monitoring', { Version: '2010-08-01', ...parameters });
const scaling = (parameters: Record<string, string>) => query('autoscaling', { Version: '2011-01-01', ...parameters });
const metrics = (Expression: string) =>
  json('monitoring', 'GraniteServiceVersion20100801.GetMetricData', {
    StartTime: 0,
    EndTime: 60,
    MetricDataQueries: [{ Id: 'e', Expression }],
  });

const FIELDS: Readonly<Record<string, Read>> = {
  'WaitTimeSeconds of a Query request': (text) => receive({ WaitTimeSeconds: text }),
  'a timestamp of a Query request': (text) => monitoring({ Action: 'GetMetricStatistics', StartTime: text }),
  'a blob of a Query request': (text) =>
    query('sqs', {
      ...{ Action: 'SendMessage', QueueUrl: 'q', MessageBody: 'b', 'MessageAttribute.1.Name': 'a' },
      ...{ 'MessageAttribute.1.Value.DataType': 'Binary', 'MessageAttribute.1.Value.BinaryValue': text },
    }),
  "a parameter's name": (text) => receive({ [text]: '1' }),
  'an action': (text) => query('sqs', { Action: text }),
  'a target': (text) => json('sqs', text, {}),
  'a credential': (text) => request(`${text}/sqs`, { body: '' }),
  'a path': (text) => request('lambda', { path: `/2015-03-31/functions/${encodeURI(text)}/invocations`, body: '{}' }),
  'a body that is no JSON': (text) =>
    request('sqs', {
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
      body: text,
    }),
  'a Number attribute': (text) => attribute({ DataType: 'Number', StringValue: text }),
  'the fraction of a Number attribute': (text) => attribute({ DataType: 'Number', StringValue: `1.${text}` }),
  'the type of an attribute': (text) => attribute({ DataType: text, StringValue: 'x' }),
  "an attribute's name": (text) =>
    sqs('SendMessage', { MessageBody: 'b', MessageAttributes: { [text]: { DataType: 'String', StringValue: 'x' } } }),
  MessageAttributeNames: (text) => sqs('ReceiveMessage', { MessageAttributeNames: [text] }),
  'a body': (text) => sqs('SendMessage', { MessageBody: text }),
  'a group id': (text) => sqs('SendMessage', { MessageBody: 'b', MessageGroupId: text }),
  'a receipt handle': (text) => sqs('DeleteMessage', { ReceiptHandle: text }),
  'a queue URL': (text) => sqs('GetQueueAttributes', { QueueUrl: `http://sqs.${text}` }),
  "a queue's name": (text) => sqs('CreateQueue', { QueueName: text }),
  "a tag's key": (text) => sqs('TagQueue', { Tags: { [text]: text } }),
  'a queue policy': (text) => sqs('SetQueueAttributes', { Attributes: { Policy: text } }),
  'the principal of a policy': (text) =>
    sqs('SetQueueAttributes', {
      Attributes: {
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { AWS: text }, Action: `sqs:${text}`, Resource: text }],
        }),
      },
    }),
  'a redrive policy': (text) => sqs('SetQueueAttributes', { Attributes: { RedrivePolicy: text } }),
  'the ARN of a redrive policy': (text) =>
    sqs('SetQueueAttributes', {
      Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: text, maxReceiveCount: text }) },
    }),
  'a metric expression': metrics,
  'a SEARCH expression': (text) => metrics(`SEARCH('${text}', 'Sum', 60)`),
  'an alarm rule': (text) => monitoring({ Action: 'PutCompositeAlarm', AlarmName: 'c', AlarmRule: text }),
  "an alarm's name in a rule": (text) =>
    monitoring({ Action: 'PutCompositeAlarm', AlarmName: 'c', AlarmRule: `ALARM("${text}")` }),
  'a dashboard': (text) => monitoring({ Action: 'PutDashboard', DashboardName: 'd', DashboardBody: text }),
  'an extended statistic': (text) =>
    monitoring({ Action: 'GetMetricStatistics', 'ExtendedStatistics.member.1': `p${text}` }),
  'a schedule': (text) =>
    scaling({
      ...{ Action: 'PutScheduledUpdateGroupAction', AutoScalingGroupName: 'g' },
      ...{ ScheduledActionName: 'a', Recurrence: text, TimeZone: text },
    }),
  'a group name': (text) => scaling({ Action: 'SetDesiredCapacity', AutoScalingGroupName: text, DesiredCapacity: '1' }),
  "a function's name": (text) =>
    request('lambda', {
      path: '/2015-03-31/event-source-mappings/',
      body: JSON.stringify({ FunctionName: text, EventSourceArn: text }),
    }),
  'a role': (text) => query('sts', { Action: 'AssumeRole', RoleArn: text, RoleSessionName: text }),
  'a KMS key': (text) => json('kms', 'TrentService.DescribeKey', { KeyId: text }),
  'a KMS alias': (text) => json('kms', 'TrentService.CreateAlias', { AliasName: `alias/${text}`, TargetKeyId: text }),
  'user data': (text) => userData(Buffer.from(`#!/bin/bash\n${text}`).toString('base64')),
  'a word of user data': (text) => userData(Buffer.from(`#!/bin/bash\nexport A="${text}"\n`).toString('base64')),
  'a line of a unit': (text) => userData(unit(text)),
  TimeoutStopSec: (text) => userData(unit(`TimeoutStopSec=${text}`)),
  ExecStartPost: (text) => userData(unit(`ExecStartPost=${text}`)),
  Environment: (text) => userData(unit(`Environment=A=${text}`)),
  'an environment file': readEnvironmentFile,
  "a variable's value in an environment file": (text) => readEnvironmentFile(`A=${text}`),
};

/** The processor time of reading a text once, in milliseconds; what comes of it does not matter. */
async function cost(read: Read, text: string): Promise<number> {
  const before = process.cpuUsage();
  try {
    await read(text);
  } catch {
    // A refusal is as good an answer as any.
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** The least of several: what else goes on in the process only ever adds. */
async function leastCost(read: Read, text: string): Promise<number> {
  let least = Infinity;
  for (let time = 0; time < 3; time++) least = Math.min(least, await cost(read, text));
  return least;
}

/** By how much the cost grows when the text doubles; 1 where there is nothing to measure. */
async function growth(read: Read, filled: (length: number) => string): Promise<number> {
  // What takes exponential time shows at lengths at which it still ends.
  for (let length = 8; length <= 32; length += 4) {
    if ((await cost(read, filled(length))) > 100) return Infinity;
  }
  let least = Infinity;
  for (let turn = 0; turn < TRIES; turn++) {
    const twice = await leastCost(read, filled(2 * LENGTH));
    if (twice < LEAST_MILLISECONDS) return 1;
    least = Math.min(least, twice / (await leastCost(read, filled(LENGTH))));
    if (least <= MOST_GROWTH) break;
  }
  return least;
}

test.each(Object.entries(FIELDS))('%s is read in time that grows with its length', async (_, read) => {
  const excessive: Record<string, number> = {};
  for (const [name, [repeated, end]] of Object.entries(FILLINGS)) {
    const filled = (length: number) => repeated.repeat(Math.ceil(length / repeated.length)) + end;
    const factor = await growth(read, filled);
    if (factor > MOST_GROWTH) excessive[name] = factor;
  }
  expect(excessive).toEqual({});
});
