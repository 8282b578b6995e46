import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Emulator, VirtualClock } from '../../lib/emulator';

/** The bodies that come of ten receives of up to ten of twenty messages, none of which is deleted. */
async function received(sqsAnomalies: object | undefined, seed: number): Promise<string[]> {
  const emulator = new Emulator({ clock: new VirtualClock(), seed, sqsAnomalies: sqsAnomalies });
  const sqs = new SQSClient(emulator.clientConfig());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  for (let i = 0; i < 20; i++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: String(i) }));
  const bodies: string[] = [];
  for (let i = 0; i < 10; i++) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
  sqs.destroy();
  await emulator.stop();
  return bodies;
}

test('anomalies deliver twice, out of order and late, the same for the same seed; without them queues deliver in order', async () => {
  const inOrder = Array.from({ length: 20 }, (_, i) => String(i));
  expect(await received(undefined, 3)).toEqual(inOrder);

  const anomalies = { duplicates: 0.3, reordering: 0.5, emptyReceives: 0.2 };
  const bodies = await received(anomalies, 3);
  expect(new Set(bodies).size).toBe(20);
  expect(bodies.length).toBeGreaterThan(20);
  expect([...new Set(bodies)]).not.toEqual(inOrder);
  expect(await received(anomalies, 3)).toEqual(bodies);
  expect(await received(anomalies, 4)).not.toEqual(bodies);
});
