import { ACCOUNT, ConformanceCloud } from './cloud';
import { invalid, invalidValue, notAvailable, overLimit } from './refusals';
import { conformance } from './rows';

const HOUR = 3_600;
const arn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
const redrive = (name: string, maxReceiveCount: number) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(name), maxReceiveCount }),
});

conformance('§1.7 receive, visibility, delete', {
  'a long poll is answered as soon as there is a message': async (cloud) => {
    const QueueUrl = await cloud.create();
    const poll = cloud.bodies(QueueUrl, { WaitTimeSeconds: 20 });
    await cloud.send(QueueUrl, 'x');
    expect(await poll).toEqual(['x']);
  },
  'a long poll ends empty when its time has passed': async (cloud) => {
    const QueueUrl = await cloud.create();
    const start = cloud.clock.now();
    expect(await cloud.whileWaiting(cloud.bodies(QueueUrl, { WaitTimeSeconds: 5 }))).toEqual([]);
    expect(cloud.clock.now() - start).toBeGreaterThanOrEqual(5_000);
  },
  "the queue's own wait applies where a request has none; an explicit 0 is a short poll": async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { ReceiveMessageWaitTimeSeconds: '10' });
    const start = cloud.clock.now();
    expect(await cloud.bodies(QueueUrl, { WaitTimeSeconds: 0 })).toEqual([]);
    expect(cloud.clock.now()).toBe(start);
    expect(await cloud.whileWaiting(cloud.bodies(QueueUrl))).toEqual([]);
    expect(cloud.clock.now() - start).toBeGreaterThanOrEqual(10_000);
  },
  'a long poll sees a delayed message when it is due, and one whose visibility timeout ends': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'delayed', { DelaySeconds: 3 });
    const long = { WaitTimeSeconds: 20 };
    expect(await cloud.whileWaiting(cloud.bodies(QueueUrl, { ...long, VisibilityTimeout: 4 }))).toEqual(['delayed']);
    expect(await cloud.whileWaiting(cloud.bodies(QueueUrl, long))).toEqual(['delayed']);
  },
  'visibility timeout 0 on receive: the message stays, the count grows': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    for (const count of ['1', '2', '3']) {
      const [message] = await cloud.receive(QueueUrl, { VisibilityTimeout: 0, AttributeNames: ['All'] });
      expect(message.Attributes?.ApproximateReceiveCount).toBe(count);
    }
  },
  'a message is hidden for the visibility timeout, of the request or of the queue': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { VisibilityTimeout: '10' });
    await cloud.send(QueueUrl, 'x');
    for (const [more, seconds] of [
      [{}, 10],
      [{ VisibilityTimeout: 3 }, 3],
    ] as const) {
      expect(await cloud.bodies(QueueUrl, more)).toEqual(['x']);
      await cloud.wait(seconds - 1);
      expect(await cloud.bodies(QueueUrl)).toEqual([]);
      await cloud.wait(1);
    }
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  '12 hours from the receive, extensions included; beyond is refused, not clamped': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    const [message] = await cloud.receive(QueueUrl, { VisibilityTimeout: 2 * HOUR });
    await cloud.wait(HOUR);
    const { ReceiptHandle } = message;
    await cloud.refuses(
      'ChangeMessageVisibility',
      { QueueUrl, ReceiptHandle, VisibilityTimeout: 12 * HOUR },
      invalid(/^Value 43200 for parameter VisibilityTimeout is invalid\. Reason: Total VisibilityTimeout/),
    );
    await cloud.hide(QueueUrl, message, 11 * HOUR);
    await cloud.wait(11 * HOUR - 1);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.wait(1);
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'a new timeout counts from the call, and is not remembered': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { VisibilityTimeout: '10' });
    await cloud.send(QueueUrl, 'x');
    const [message] = await cloud.receive(QueueUrl);
    await cloud.wait(8);
    await cloud.hide(QueueUrl, message, 8);
    await cloud.wait(7);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.wait(1);
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
    await cloud.wait(10);
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'ChangeMessageVisibility to 0 shows the message at once': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    const [message] = await cloud.receive(QueueUrl);
    await cloud.hide(QueueUrl, message, 0);
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'ChangeMessageVisibilityBatch: each entry on its own': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    const [{ ReceiptHandle }] = await cloud.receive(QueueUrl);
    const Entries = [
      { Id: 'good', ReceiptHandle, VisibilityTimeout: 0 },
      { Id: 'bad', ReceiptHandle: 'garbage', VisibilityTimeout: 0 },
    ];
    const { Successful, Failed } = await cloud.call('ChangeMessageVisibilityBatch', { QueueUrl, Entries });
    expect(Successful).toEqual([{ Id: 'good' }]);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'standard: after the timeout both change and deletion work, by any handle so far': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    const [first] = await cloud.receive(QueueUrl, { VisibilityTimeout: 2 });
    await cloud.wait(3);
    await cloud.hide(QueueUrl, first, 5);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.wait(5);
    const [second] = await cloud.receive(QueueUrl);
    expect(second.ReceiptHandle).not.toBe(first.ReceiptHandle);
    await cloud.delete(QueueUrl, first);
    await cloud.wait(60);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  },
  'deletion is idempotent': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.send(QueueUrl, 'x');
    const [message] = await cloud.receive(QueueUrl);
    for (let i = 0; i < 3; i++) await cloud.delete(QueueUrl, message);
    const Entries = [{ Id: 'a', ReceiptHandle: message.ReceiptHandle }];
    expect(await cloud.call('DeleteMessageBatch', { QueueUrl, Entries })).toEqual({ Successful: [{ Id: 'a' }] });
  },
  'a long poll gets all that a ChangeMessageVisibilityBatch shows, not the first of it': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const body of ['1', '2', '3']) await cloud.send(QueueUrl, body);
    const Entries = (await cloud.receive(QueueUrl)).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    const poll = cloud.bodies(QueueUrl, { WaitTimeSeconds: 20 });
    await cloud.call('ChangeMessageVisibilityBatch', { QueueUrl, Entries });
    expect((await poll).sort()).toEqual(['1', '2', '3']);
  },
  'retention ends a message in flight too; deleting it then succeeds': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { MessageRetentionPeriod: '60' });
    await cloud.send(QueueUrl, 'x');
    await cloud.wait(50);
    const [message] = await cloud.receive(QueueUrl, { VisibilityTimeout: 300 });
    await cloud.wait(11);
    const { ReceiptHandle = '' } = message;
    const change = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
    await cloud.refuses('ChangeMessageVisibility', change, notAvailable(ReceiptHandle));
    await cloud.delete(QueueUrl, message);
    await cloud.wait(300);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  },
  'delay: of the message before that of the queue; the queue’s change is not retroactive': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { DelaySeconds: '10' });
    await cloud.send(QueueUrl, 'at once', { DelaySeconds: 0 });
    await cloud.send(QueueUrl, 'ten');
    expect(await cloud.bodies(QueueUrl)).toEqual(['at once']);
    await cloud.set(QueueUrl, { DelaySeconds: '0' });
    await cloud.wait(9);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.wait(1);
    expect(await cloud.bodies(QueueUrl)).toEqual(['ten']);
  },
});

describe.each(['port', 'in-process'] as const)('§1.7 in-flight limits (%s)', (transport) => {
  const limits = { inFlightStandard: 2, inFlightFifo: 2 };
  let cloud: ConformanceCloud;
  beforeEach(async () => {
    cloud = await ConformanceCloud.open(transport, 'JSON', { sqsLimits: limits });
  });
  afterEach(() => cloud.close());

  test('standard: a short poll is OverLimit, a long poll is empty', async () => {
    const QueueUrl = await cloud.create();
    for (const body of ['1', '2', '3']) await cloud.send(QueueUrl, body);
    expect(await cloud.receive(QueueUrl)).toHaveLength(2);
    await cloud.refuses('ReceiveMessage', { QueueUrl }, overLimit(/.+/));
    expect(await cloud.whileWaiting(cloud.bodies(QueueUrl, { WaitTimeSeconds: 2 }))).toEqual([]);
  });

  test('FIFO: never an error', async () => {
    const QueueUrl = await cloud.create('Queue.fifo');
    for (const group of ['a', 'b', 'c']) await cloud.sendInGroup(QueueUrl, group, 'x');
    expect(await cloud.receive(QueueUrl)).toHaveLength(2);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  });
});

conformance('§1.10 dead letters', {
  'N deliveries happen; the next receive moves the message': async (cloud) => {
    const dead = await cloud.create('Dead');
    const QueueUrl = await cloud.create('Queue', redrive('Dead', 2));
    await cloud.send(QueueUrl, 'x');
    for (let i = 0; i < 2; i++) expect(await cloud.bodies(QueueUrl, { VisibilityTimeout: 0 })).toEqual(['x']);
    expect(await cloud.bodies(dead)).toEqual([]);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    expect(await cloud.bodies(dead)).toEqual(['x']);
  },
  'a queue that nobody polls moves nothing': async (cloud) => {
    const dead = await cloud.create('Dead');
    const QueueUrl = await cloud.create('Queue', redrive('Dead', 1));
    await cloud.send(QueueUrl, 'x');
    await cloud.receive(QueueUrl, { VisibilityTimeout: 5 });
    await cloud.wait(3_600);
    expect(await cloud.attributes(dead, 'ApproximateNumberOfMessages')).toEqual({ ApproximateNumberOfMessages: '0' });
  },
  'id, body, attributes and timestamps stay; the source is told; the receive count goes on': async (cloud) => {
    const dead = await cloud.create('Dead');
    const QueueUrl = await cloud.create('Queue', redrive('Dead', 1));
    const MessageAttributes = { Hello: { DataType: 'String', StringValue: 'There' } };
    const sentAt = String(cloud.clock.now());
    const { MessageId } = await cloud.send(QueueUrl, 'x', { MessageAttributes });
    await cloud.receive(QueueUrl, { VisibilityTimeout: 1 });
    await cloud.wait(2);
    await cloud.receive(QueueUrl);
    const all = { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] };
    const [message] = await cloud.receive(dead, all);
    expect(message).toMatchObject({ MessageId, Body: 'x', MessageAttributes });
    expect(message.Attributes).toMatchObject({
      SentTimestamp: sentAt,
      ApproximateReceiveCount: '2',
      DeadLetterQueueSourceArn: arn('Queue'),
    });
  },
  'standard: the clock of expiry goes on from the original send': async (cloud) => {
    const dead = await cloud.create('Dead', { MessageRetentionPeriod: '600' });
    const QueueUrl = await cloud.create('Queue', redrive('Dead', 1));
    await cloud.send(QueueUrl, 'x');
    await cloud.receive(QueueUrl, { VisibilityTimeout: 0 });
    await cloud.wait(400);
    await cloud.receive(QueueUrl);
    await cloud.wait(199);
    expect(await cloud.bodies(dead, { VisibilityTimeout: 0 })).toEqual(['x']);
    await cloud.wait(1);
    expect(await cloud.bodies(dead)).toEqual([]);
  },
  'FIFO: the clock of expiry begins anew': async (cloud) => {
    const dead = await cloud.create('Dead.fifo', { MessageRetentionPeriod: '600' });
    const QueueUrl = await cloud.create('Queue.fifo', redrive('Dead.fifo', 1));
    await cloud.sendInGroup(QueueUrl, 'g', 'x');
    await cloud.receive(QueueUrl, { VisibilityTimeout: 0 });
    await cloud.wait(400);
    await cloud.receive(QueueUrl);
    await cloud.wait(599);
    expect(await cloud.bodies(dead, { VisibilityTimeout: 0 })).toEqual(['x']);
    await cloud.wait(1);
    expect(await cloud.bodies(dead)).toEqual([]);
  },
  'same account, region and type; the target exists': async (cloud) => {
    await cloud.create('Standard');
    await cloud.create('Fifo.fifo');
    for (const [queue, target] of [
      ['Standard', arn('Fifo.fifo')],
      ['Fifo.fifo', arn('Standard')],
      ['Standard', arn('none')],
      ['Standard', `arn:aws:sqs:eu-west-1:${ACCOUNT}:Standard`],
      ['Standard', 'arn:aws:sqs:us-east-1:111122223333:Standard'],
    ]) {
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: 1 });
      await cloud.refuses(
        'SetQueueAttributes',
        { QueueUrl: cloud.urlOf(queue), Attributes: { RedrivePolicy } },
        invalid(/for parameter RedrivePolicy is invalid/),
      );
    }
  },
  'the target’s RedriveAllowPolicy is enforced': async (cloud) => {
    const allow = (policy: object) => ({ RedriveAllowPolicy: JSON.stringify(policy) });
    await cloud.create('Denies', allow({ redrivePermission: 'denyAll' }));
    await cloud.create('Named', allow({ redrivePermission: 'byQueue', sourceQueueArns: [arn('Named-source')] }));
    for (const target of ['Denies', 'Named']) {
      const input = { QueueName: 'Other', Attributes: redrive(target, 1) };
      await cloud.refuses('CreateQueue', input, invalid(/for parameter RedrivePolicy is invalid/));
    }
    await cloud.create('Named-source', redrive('Named', 1));
  },
});

conformance('§1.9 fair queues', {
  'a group id is taken by a standard queue and given back': async (cloud) => {
    const QueueUrl = await cloud.create();
    const sent = await cloud.send(QueueUrl, 'x', { MessageGroupId: 'tenant' });
    expect(sent.SequenceNumber).toBeUndefined();
    const [message] = await cloud.receive(QueueUrl, { MessageSystemAttributeNames: ['MessageGroupId'] });
    expect(message.Attributes).toEqual({ MessageGroupId: 'tenant' });
  },
  'no group lock, no deduplication': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (let i = 0; i < 2; i++) await cloud.send(QueueUrl, 'same', { MessageGroupId: 'tenant' });
    expect(await cloud.bodies(QueueUrl, { MaxNumberOfMessages: 1 })).toEqual(['same']);
    expect(await cloud.bodies(QueueUrl, { MaxNumberOfMessages: 1 })).toEqual(['same']);
  },
  'a group with over 30 in flight, and over a tenth of all, waits for the quiet ones': async (cloud) => {
    const QueueUrl = await cloud.create();
    const sendTo = async (MessageGroupId: string, count: number) => {
      const Entries = Array.from({ length: count }, (_, i) => ({
        Id: String(i),
        MessageBody: MessageGroupId,
        MessageGroupId,
      }));
      await cloud.call('SendMessageBatch', { QueueUrl, Entries });
    };
    for (let i = 0; i < 5; i++) await sendTo('noisy', 10);
    for (let i = 0; i < 4; i++) expect(await cloud.receive(QueueUrl)).toHaveLength(10);
    await sendTo('quiet', 2);
    expect((await cloud.bodies(QueueUrl)).slice(0, 3)).toEqual(['quiet', 'quiet', 'noisy']);
  },
  'the id is checked as on FIFO queues': async (cloud) => {
    const QueueUrl = await cloud.create();
    const reason = 'MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.';
    await cloud.refuses(
      'SendMessage',
      { QueueUrl, MessageBody: 'x', MessageGroupId: 'a b' },
      invalidValue('MessageGroupId', 'a b', reason),
    );
  },
});
