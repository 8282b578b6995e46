import { SQSClient, SQS, type Message } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { Emulator } from '../../lib/emulator';

let emulator: Emulator;
let sqs: SQS;

beforeEach(() => {
  emulator = new Emulator();
});

afterEach(async () => {
  sqs.destroy();
  await emulator.stop();
});

/** Runs a consumer until `enough` says so. */
async function consume(consumer: Consumer, enough: (finish: () => void) => void): Promise<void> {
  const problems: Error[] = [];
  consumer.on('error', (error) => problems.push(error));
  const stopped = new Promise<void>((resolve) => consumer.on('stopped', () => resolve()));
  enough(() => consumer.stop());
  consumer.start();
  await stopped;
  expect(problems).toEqual([]);
}

describe.each(['port', 'in-process'])('sqs-consumer (%s)', (transport) => {
  beforeEach(async () => {
    if (transport === 'port') await emulator.listen(0);
    sqs = new SQS(emulator.clientConfig());
  });

  test('takes batches, and deletes what was handled', async () => {
    const { QueueUrl: queueUrl = '' } = await sqs.createQueue({ QueueName: 'Jobs' });
    for (let batch = 0; batch < 3; batch++) {
      const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: String(i), MessageBody: `${batch}-${i}` }));
      await sqs.sendMessageBatch({ QueueUrl: queueUrl, Entries });
    }
    const handled = new Set<string>();
    const client = new SQSClient(emulator.clientConfig());
    const consumer = Consumer.create({
      queueUrl,
      sqs: client,
      batchSize: 10,
      waitTimeSeconds: 1,
      handleMessageBatch: (messages: Message[]) => {
        for (const { Body = '' } of messages) handled.add(Body);
        return Promise.resolve(messages);
      },
    });
    await consume(consumer, (finish) => {
      consumer.on('response_processed', () => {
        if (handled.size === 30) finish();
      });
    });
    expect(emulator.status().queues).toMatchObject([{ name: 'Jobs', visible: 0, inFlight: 0 }]);
    client.destroy();
  });

  test('what fails goes back at once, and in the end to the dead-letter queue', async () => {
    await sqs.createQueue({ QueueName: 'Dead' });
    const target = { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:Dead', maxReceiveCount: 2 };
    const { QueueUrl: queueUrl = '' } = await sqs.createQueue({
      QueueName: 'Jobs',
      Attributes: { RedrivePolicy: JSON.stringify(target) },
    });
    await sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: 'poison' });
    let attempts = 0;
    const consumer = Consumer.create({
      queueUrl,
      sqs: new SQSClient(emulator.clientConfig()),
      waitTimeSeconds: 0,
      pollingWaitTimeMs: 1,
      terminateVisibilityTimeout: true,
      handleMessage: () => {
        attempts++;
        return Promise.reject(new Error('poison'));
      },
    });
    consumer.on('processing_error', () => undefined);
    await consume(consumer, (finish) => consumer.on('empty', finish));
    expect(attempts).toBe(2);
    expect(emulator.status().queues).toMatchObject([
      { name: 'Dead', visible: 1 },
      { name: 'Jobs', visible: 0, inFlight: 0 },
    ]);
  });
});
