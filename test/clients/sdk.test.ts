import { createHash } from 'node:crypto';
import * as current from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as yearOld from 'client-sqs-2025';
import { Emulator, VirtualClock } from '../../lib/emulator';

type Sdk = typeof current;
const SDKS: [name: string, sdk: Sdk][] = [
  ['the current SDK', current],
  // Another version of the same types: its classes are not the same to the compiler.
  ['an SDK of November 2025', yearOld as unknown as Sdk],
];

const LEGACY = 'AWS.SimpleQueueService';

let clock: VirtualClock;
let emulator: Emulator;

beforeEach(() => {
  clock = new VirtualClock();
  emulator = new Emulator({ clock });
});

afterEach(() => emulator.stop());

describe.each(SDKS)('%s', (_name, sdk) => {
  let sqs: current.SQS;

  describe.each(['port', 'in-process'])('%s', (transport) => {
    beforeEach(async () => {
      if (transport === 'port') await emulator.listen(0);
      sqs = new sdk.SQS({ ...emulator.clientConfig(), maxAttempts: 1 });
    });

    afterEach(() => sqs.destroy());

    test('a message from end to end; the SDK checks all digests', async () => {
      const { QueueUrl } = await sqs.createQueue({
        QueueName: 'Videos',
        Attributes: { VisibilityTimeout: '45' },
        tags: { stage: 'test' },
      });
      expect((await sqs.getQueueUrl({ QueueName: 'Videos' })).QueueUrl).toBe(QueueUrl);
      expect((await sqs.listQueueTags({ QueueUrl })).Tags).toEqual({ stage: 'test' });
      const bytes = new Uint8Array([0, 255, 128, 10]);
      const MessageAttributes = {
        Codec: { DataType: 'String.name', StringValue: 'av1 ☃' },
        Frames: { DataType: 'Number', StringValue: '250' },
        Thumbnail: { DataType: 'Binary', BinaryValue: bytes },
      };
      const MessageBody = '<&>"☃ \u{1f600}\r\n';
      const sent = await sqs.sendMessage({ QueueUrl, MessageBody, MessageAttributes });
      expect(sent.MD5OfMessageBody).toBe(createHash('md5').update(MessageBody).digest('hex'));
      const { Messages = [] } = await sqs.receiveMessage({
        QueueUrl,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      });
      expect(Messages).toMatchObject([{ MessageId: sent.MessageId, Body: MessageBody }]);
      const [{ MessageAttributes: received, ReceiptHandle, Attributes }] = Messages;
      expect(received?.Codec).toEqual(MessageAttributes.Codec);
      expect(Buffer.from(received?.Thumbnail.BinaryValue ?? [])).toEqual(Buffer.from(bytes));
      expect(Attributes).toMatchObject({ ApproximateReceiveCount: '1', SentTimestamp: String(clock.now()) });
      await sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
      const [again] = (await sqs.receiveMessage({ QueueUrl })).Messages ?? [];
      await sqs.deleteMessage({ QueueUrl, ReceiptHandle: again.ReceiptHandle });
      await clock.advance(60_000);
      expect((await sqs.receiveMessage({ QueueUrl })).Messages).toBeUndefined();
    });

    test('batches', async () => {
      const { QueueUrl } = await sqs.createQueue({ QueueName: 'Batch.fifo', Attributes: { FifoQueue: 'true' } });
      const Entries = Array.from({ length: 10 }, (_, i) => ({
        Id: String(i),
        MessageBody: `body ${i}`,
        MessageGroupId: `group ${i % 2}`.replace(' ', '-'),
        MessageDeduplicationId: String(i),
      }));
      const { Successful = [], Failed } = await sqs.sendMessageBatch({ QueueUrl, Entries });
      expect(Failed).toBeUndefined();
      expect(Successful.map(({ Id }) => Id)).toEqual(Entries.map(({ Id }) => Id));
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
      expect(Messages.map(({ Body }) => Body?.slice(-1))).toEqual([...'0246813579']);
      const handles = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
      const changes = handles.map((handle) => ({ ...handle, VisibilityTimeout: 60 }));
      expect((await sqs.changeMessageVisibilityBatch({ QueueUrl, Entries: changes })).Successful).toHaveLength(10);
      expect((await sqs.deleteMessageBatch({ QueueUrl, Entries: handles })).Successful).toHaveLength(10);
    });

    test('errors carry the Query code, status and message', async () => {
      const { QueueUrl } = await sqs.createQueue({ QueueName: 'Errors' });
      await sqs.purgeQueue({ QueueUrl });
      for (const [call, Code, status, name] of [
        [() => sqs.getQueueUrl({ QueueName: 'none' }), `${LEGACY}.NonExistentQueue`, 400, 'QueueDoesNotExist'],
        [() => sqs.purgeQueue({ QueueUrl }), `${LEGACY}.PurgeQueueInProgress`, 403, 'PurgeQueueInProgress'],
        [
          () => sqs.createQueue({ QueueName: 'Errors', Attributes: { DelaySeconds: '3' } }),
          ...['QueueAlreadyExists', 400, 'QueueNameExists'],
        ],
        [
          () => sqs.sendMessageBatch({ QueueUrl, Entries: [] }),
          ...[`${LEGACY}.EmptyBatchRequest`, 400, 'EmptyBatchRequest'],
        ],
        [
          () => sqs.deleteMessage({ QueueUrl, ReceiptHandle: 'x' }),
          ...['ReceiptHandleIsInvalid', 404, 'ReceiptHandleIsInvalid'],
        ],
        [
          () => sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 11 }),
          ...['InvalidParameterValue', 400, 'InvalidParameterValue'],
        ],
      ] as [() => Promise<unknown>, string, number, string][]) {
        const error: unknown = await call().catch((refused: unknown) => refused);
        expect(error).toBeInstanceOf(sdk.SQSServiceException);
        expect(error).toMatchObject({
          Code,
          $metadata: { httpStatusCode: status },
          // The older one takes the Query code of AWS's header for the name.
          name: sdk === current ? name : Code,
        });
      }
    });

    test('paginators', async () => {
      for (let i = 0; i < 5; i++) await sqs.createQueue({ QueueName: `Page${i}` });
      const pages: number[] = [];
      for await (const { QueueUrls = [] } of sdk.paginateListQueues({ client: sqs, pageSize: 2 }, {})) {
        pages.push(QueueUrls.length);
      }
      expect(pages).toEqual([2, 2, 1]);
    });

    test('a long poll is answered when a message comes, and can be aborted', async () => {
      const { QueueUrl } = await sqs.createQueue({ QueueName: 'Poll' });
      const poll = sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 });
      await sqs.sendMessage({ QueueUrl, MessageBody: 'x' });
      expect((await poll).Messages?.[0].Body).toBe('x');
      const controller = new AbortController();
      const aborted = sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 }, { abortSignal: controller.signal });
      controller.abort();
      await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    });

    test('the account is the access key id, the region that of the client', async () => {
      const config = { ...emulator.clientConfig(), region: 'eu-west-1' };
      const credentials = { accessKeyId: '111122223333', secretAccessKey: 'x' };
      const elsewhere = new sdk.SQS({ ...config, credentials });
      const { QueueUrl } = await elsewhere.createQueue({ QueueName: 'Mine' });
      const { Attributes } = await elsewhere.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] });
      expect(Attributes).toEqual({ QueueArn: 'arn:aws:sqs:eu-west-1:111122223333:Mine' });
      expect((await sqs.listQueues({})).QueueUrls).toBeUndefined();
      elsewhere.destroy();
    });
  });

  test("without an endpoint of its own, requests go in-process by AWS's own queue URLs", async () => {
    const { requestHandler, credentials } = emulator.clientConfig();
    const client = new sdk.SQS({ region: 'ap-southeast-2', credentials, requestHandler });
    const { QueueUrl } = await client.createQueue({ QueueName: 'Queue' });
    expect(QueueUrl).toBe('https://sqs.ap-southeast-2.amazonaws.com/000000000000/Queue');
    await client.sendMessage({ QueueUrl, MessageBody: 'x' });
    expect((await client.receiveMessage({ QueueUrl })).Messages).toHaveLength(1);
    client.destroy();
  });
});

test("the current SDK's errors are of their modelled classes", async () => {
  const sqs = new current.SQS(emulator.clientConfig());
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'Errors' });
  const none = sqs.getQueueUrl({ QueueName: 'none' });
  await expect(none).rejects.toBeInstanceOf(current.QueueDoesNotExist);
  await expect(none).rejects.toThrow('The specified queue does not exist.');
  await expect(sqs.sendMessageBatch({ QueueUrl, Entries: [] })).rejects.toBeInstanceOf(current.EmptyBatchRequest);
  sqs.destroy();
});

test('STS says who calls', async () => {
  const credentials = { accessKeyId: '111122223333', secretAccessKey: 'x' };
  const sts = new STSClient({ ...emulator.clientConfig(), credentials });
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:root',
  });
  sts.destroy();
});
