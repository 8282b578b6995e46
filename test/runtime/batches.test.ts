import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { type Failure, processBatch, sendAll, SendAllError } from '../../lib/runtime';
import { QueueInTest } from './queue-in-test';

describe('sendAll', () => {
  let sqs: QueueInTest;
  let queueUrl: string;
  beforeEach(async () => {
    sqs = new QueueInTest();
    queueUrl = await sqs.create('jobs');
  });
  afterEach(() => sqs.close());

  const batches = () => sqs.requests.filter((request) => request === 'SendMessageBatchCommand').length;
  const bodies = (...all: string[]) => all.map((MessageBody) => ({ MessageBody }));

  test('sends ten at a time', async () => {
    await expect(sendAll(sqs.client, queueUrl, bodies(...Array.from({ length: 25 }, String)))).resolves.toBe(25);
    expect(batches()).toBe(3);
    expect(sqs.counts('jobs')?.visible).toBe(25);
  });

  test('sends at most 1 MiB at a time, attributes and all', async () => {
    const MessageAttributes = { padding: { DataType: 'String', StringValue: 'x'.repeat(400_000) } };
    const messages = Array.from({ length: 3 }, () => ({ MessageBody: '€'.repeat(50_000), MessageAttributes }));
    await expect(sendAll(sqs.client, queueUrl, messages)).resolves.toBe(3);
    expect(batches()).toBe(3);
  });

  test('sends what comes over time, in order, and nothing when nothing comes', async () => {
    async function* numbers() {
      for (let number = 0; number < 3; number++) yield await Promise.resolve({ MessageBody: String(number) });
    }
    await sendAll(sqs.client, queueUrl, numbers());
    await expect(sendAll(sqs.client, queueUrl, [])).resolves.toBe(0);
    expect(batches()).toBe(1);
    const { Messages = [] } = await sqs.client.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    expect(Messages.map(({ Body }) => Body)).toEqual(['0', '1', '2']);
  });

  test('fails with the messages that SQS refuses, after it has sent the others', async () => {
    const [bad, tooLarge] = bodies('\u0000', 'x'.repeat(1_048_577));
    const sending = sendAll(sqs.client, queueUrl, [bad, tooLarge, ...bodies('fine')]);
    const error = (await sending.catch((thrown: unknown) => thrown)) as SendAllError;
    expect(error).toBeInstanceOf(SendAllError);
    expect(error.message).toMatch(/^2 of 3 messages were not sent; the first: InvalidMessageContents: /);
    expect(error.sent).toBe(1);
    expect(error.failures.map(({ entry }) => entry)).toEqual([bad, tooLarge]);
    expect(sqs.counts('jobs')?.visible).toBe(1);
  });
});

describe('processBatch', () => {
  const record = (messageId: string, group?: string) => ({
    messageId,
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:jobs${group === undefined ? '' : '.fifo'}`,
    attributes: { MessageGroupId: group },
  });
  const failing =
    (...ids: string[]) =>
    ({ messageId }: { messageId: string }) => {
      if (ids.includes(messageId)) throw new Error('no');
    };
  const failures = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
  const quietly = () => undefined;

  test('reports nothing when all is well (§4)', async () => {
    await expect(processBatch({ Records: [record('1'), record('2')] }, quietly)).resolves.toEqual(failures());
  });

  test('reports the records that failed, and only them (§4)', async () => {
    const reported: Failure[] = [];
    const Records = [record('1'), record('2'), record('3')];
    const answer = processBatch({ Records }, failing('2'), (failure) => reported.push(failure));
    await expect(answer).resolves.toEqual(failures('2'));
    expect(reported).toMatchObject([{ during: 'handle', messageId: '2' }]);
  });

  test('reports everything after the first failure of a FIFO group, and goes on with other groups (§4)', async () => {
    const handled: string[] = [];
    const Records = [record('1', 'a'), record('2', 'b'), record('3', 'a'), record('4', 'b'), record('5', 'a')];
    const handler = (item: { messageId: string }) => {
      failing('3')(item);
      handled.push(item.messageId);
    };
    await expect(processBatch({ Records }, handler, quietly)).resolves.toEqual(failures('3', '5'));
    expect(handled.sort()).toEqual(['1', '2', '4']);
  });

  test('says on stderr what failed, as a line of JSON', async () => {
    const stderr = jest.spyOn(console, 'error').mockImplementation();
    await processBatch({ Records: [record('7')] }, failing('7'));
    expect(stderr).toHaveBeenCalledWith('{"failed":"handle","message":"7","reason":"Error: no"}');
    stderr.mockRestore();
  });
});
