import { execFile, spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Emulator } from '../../lib/emulator';

const run = promisify(execFile);
const finds = (command: string, ...parameters: string[]) => spawnSync(command, parameters).status === 0;

/** Registers a test of a tool, skipped with a word on why where the machine doesn't have it. */
function testOf(tool: string, found: boolean, story: () => Promise<void>): void {
  if (found) test(tool, story, 60_000);
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
