import { createHash } from 'node:crypto';
import { ConformanceCloud } from './cloud';
import { invalid } from './refusals';
import { conformance } from './rows';

const CONTENT = { ContentBasedDeduplication: 'true' };

conformance('§1.8 FIFO', {
  'a duplicate within 5 minutes of the first succeeds and is not enqueued': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    const message = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    const first = await cloud.send(QueueUrl, 'first', message);
    await cloud.wait(299);
    const second = await cloud.send(QueueUrl, 'second', message);
    expect(second).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
    const [received] = await cloud.receive(QueueUrl);
    expect(received.Body).toBe('first');
    await cloud.delete(QueueUrl, received);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.wait(1);
    await cloud.send(QueueUrl, 'third', message);
    expect(await cloud.bodies(QueueUrl)).toEqual(['third']);
  },
  'content-based: SHA-256 of the body alone; an explicit id equal to it is a duplicate too': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo', CONTENT);
    const hash = createHash('sha256').update('x').digest('hex');
    await cloud.send(QueueUrl, 'x', { MessageGroupId: 'g' });
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'other' } };
    await cloud.send(QueueUrl, 'x', { MessageGroupId: 'g', MessageAttributes });
    await cloud.send(QueueUrl, 'y', { MessageGroupId: 'g', MessageDeduplicationId: hash });
    const messages = await cloud.receive(QueueUrl, { MessageSystemAttributeNames: ['MessageDeduplicationId'] });
    expect(messages.map(({ Body, Attributes }) => [Body, Attributes])).toEqual([
      ['x', { MessageDeduplicationId: hash }],
    ]);
  },
  'scope queue: the same id in two groups is a duplicate': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.send(QueueUrl, '1', { MessageGroupId: 'a', MessageDeduplicationId: 'd' });
    await cloud.send(QueueUrl, '2', { MessageGroupId: 'b', MessageDeduplicationId: 'd' });
    expect(await cloud.bodies(QueueUrl)).toEqual(['1']);
  },
  'scope messageGroup: it is not': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo', { DeduplicationScope: 'messageGroup' });
    await cloud.send(QueueUrl, '1', { MessageGroupId: 'a', MessageDeduplicationId: 'd' });
    await cloud.send(QueueUrl, '2', { MessageGroupId: 'b', MessageDeduplicationId: 'd' });
    await cloud.send(QueueUrl, '3', { MessageGroupId: 'b', MessageDeduplicationId: 'd' });
    expect(await cloud.bodies(QueueUrl)).toEqual(['1', '2']);
  },
  '§1.3 a change of scope on a live queue does not act at once': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.send(QueueUrl, '1', { MessageGroupId: 'a', MessageDeduplicationId: 'd' });
    await cloud.set(QueueUrl, { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' });
    await cloud.send(QueueUrl, '2', { MessageGroupId: 'b', MessageDeduplicationId: 'd' });
    expect(await cloud.bodies(QueueUrl)).toEqual(['1']);
  },
  'sequence numbers: 20 digits, growing in a group': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo', CONTENT);
    const numbers: string[] = [];
    for (const body of ['1', '2', '3']) {
      const { SequenceNumber = '' } = await cloud.send(QueueUrl, body, { MessageGroupId: 'g' });
      expect(SequenceNumber).toMatch(/^\d{20}$/);
      numbers.push(SequenceNumber);
    }
    expect([...numbers].sort()).toEqual(numbers);
    const messages = await cloud.receive(QueueUrl, { AttributeNames: ['SequenceNumber', 'MessageGroupId'] });
    expect(messages.map(({ Attributes }) => Attributes?.SequenceNumber)).toEqual(numbers);
  },
  'a batch is filled from one group first, then from the next': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    for (const [group, body] of [
      ['g1', '1'],
      ['g2', '2'],
      ['g1', '3'],
      ['g2', '4'],
      ['g1', '5'],
    ]) {
      await cloud.sendInGroup(QueueUrl, group, body);
    }
    expect(await cloud.bodies(QueueUrl, { MaxNumberOfMessages: 4 })).toEqual(['1', '3', '5', '2']);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  },
  'a group with a message in flight delivers nothing; deletion of all in flight frees it': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1', '2', '3');
    const [one, two] = await cloud.receive(QueueUrl, { MaxNumberOfMessages: 2 });
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.delete(QueueUrl, one);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.delete(QueueUrl, two);
    expect(await cloud.bodies(QueueUrl)).toEqual(['3']);
  },
  'visibility 0 on the first of two in flight: other groups first, then it alone': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1', '2');
    await cloud.sendInGroup(QueueUrl, 'h', 'other');
    const [one] = await cloud.receive(QueueUrl, { MaxNumberOfMessages: 2 });
    await cloud.hide(QueueUrl, one, 0);
    expect(await cloud.bodies(QueueUrl, { MaxNumberOfMessages: 1 })).toEqual(['other']);
    expect(await cloud.bodies(QueueUrl)).toEqual(['1']);
  },
  'extending a message blocks it and all later ones; earlier ones come back at their own time': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1', '2', '3');
    const [, two] = await cloud.receive(QueueUrl, { VisibilityTimeout: 10 });
    await cloud.hide(QueueUrl, two, 60);
    await cloud.wait(11);
    expect(await cloud.bodies(QueueUrl, { VisibilityTimeout: 100 })).toEqual(['1']);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  },
  'the order of a group survives the visibility timeout': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1', '2', '3');
    for (let i = 0; i < 2; i++) {
      expect(await cloud.bodies(QueueUrl, { VisibilityTimeout: 5 })).toEqual(['1', '2', '3']);
      await cloud.wait(5);
    }
  },
  'a long poll wakes when a group is freed': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1', '2');
    const [one] = await cloud.receive(QueueUrl, { MaxNumberOfMessages: 1 });
    const poll = cloud.bodies(QueueUrl, { WaitTimeSeconds: 20 });
    await cloud.delete(QueueUrl, one);
    expect(await poll).toEqual(['2']);
  },
  'deletion after the timeout was extended works': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1');
    const [one] = await cloud.receive(QueueUrl, { VisibilityTimeout: 5 });
    await cloud.hide(QueueUrl, one, 20);
    await cloud.wait(10);
    await cloud.delete(QueueUrl, one);
    await cloud.wait(60);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
  },
  '§1.7 after the timeout neither change nor deletion works': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1');
    const [{ ReceiptHandle }] = await cloud.receive(QueueUrl, { VisibilityTimeout: 5 });
    await cloud.wait(6);
    const input = { QueueUrl, ReceiptHandle };
    await cloud.refuses(
      'ChangeMessageVisibility',
      { ...input, VisibilityTimeout: 5 },
      invalid(/ReceiptHandle is invalid/),
    );
    await cloud.refuses('DeleteMessage', input, invalid(/The receipt handle has expired\.$/));
    expect(await cloud.bodies(QueueUrl)).toEqual(['1']);
  },
  'ReceiveRequestAttemptId is good for 5 minutes': async (cloud) => {
    const attempt = { ReceiveRequestAttemptId: 'attempt', VisibilityTimeout: 43_200 };
    for (const [name, seconds, again] of [
      ['Sooner.fifo', 299, ['1']],
      ['Later.fifo', 300, []],
    ] as const) {
      const QueueUrl = await cloud.create(name);
      await cloud.sendInGroup(QueueUrl, 'g', '1');
      expect(await cloud.bodies(QueueUrl, attempt)).toEqual(['1']);
      await cloud.wait(seconds);
      expect(await cloud.bodies(QueueUrl, attempt)).toEqual(again);
    }
  },
  'ReceiveRequestAttemptId: the same messages and handles again, hidden anew': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1', '2');
    const attempt = { ReceiveRequestAttemptId: 'attempt', VisibilityTimeout: 30 };
    const first = await cloud.receive(QueueUrl, attempt);
    expect(first).toHaveLength(2);
    await cloud.wait(20);
    expect(await cloud.receive(QueueUrl, attempt)).toEqual(first);
    await cloud.wait(20);
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.delete(QueueUrl, first[0]);
    expect(await cloud.receive(QueueUrl, attempt)).toEqual([]);
  },
  'DelaySeconds 0 of a message is legal, and the queue’s delay still applies': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo', { ...CONTENT, DelaySeconds: '10' });
    await cloud.send(QueueUrl, 'x', { MessageGroupId: 'g', DelaySeconds: 0 });
    expect(await cloud.bodies(QueueUrl)).toEqual([]);
    await cloud.wait(10);
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'a change of the queue’s delay is retroactive': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo', { ...CONTENT, DelaySeconds: '100' });
    await cloud.send(QueueUrl, 'x', { MessageGroupId: 'g' });
    await cloud.set(QueueUrl, { DelaySeconds: '5' });
    await cloud.wait(5);
    expect(await cloud.bodies(QueueUrl)).toEqual(['x']);
  },
  'counts: what a lock blocks is visible': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(QueueUrl, 'g', '1', '2', '3');
    await cloud.receive(QueueUrl, { MaxNumberOfMessages: 1 });
    const count = 'ApproximateNumberOfMessages';
    expect(await cloud.attributes(QueueUrl, count, `${count}NotVisible`)).toEqual({
      [count]: '2',
      [`${count}NotVisible`]: '1',
    });
  },
  'any number of groups': async (cloud) => {
    const QueueUrl = await cloud.create('Queue.fifo');
    for (let batch = 0; batch < 30; batch++) {
      const Entries = Array.from({ length: 10 }, (_, i) => ({
        Id: String(i),
        MessageBody: 'x',
        MessageGroupId: `${batch}-${i}`,
        MessageDeduplicationId: `${batch}-${i}`,
      }));
      await cloud.call('SendMessageBatch', { QueueUrl, Entries });
    }
    for (let batch = 0; batch < 30; batch++) expect(await cloud.receive(QueueUrl)).toHaveLength(10);
  },
});

describe.each(['port', 'in-process'] as const)('§1.8 throughput (%s)', (transport) => {
  const throttled = { shape: 'ThrottlingException', status: 403, message: /.+/ };
  let cloud: ConformanceCloud;
  beforeEach(async () => {
    cloud = await ConformanceCloud.open(transport, 'JSON');
  });
  afterEach(() => cloud.close());

  test('normal: 300 calls of an action a second, whatever their groups', async () => {
    const QueueUrl = await cloud.create('Queue.fifo', CONTENT);
    const send = (i: number) => ({ QueueUrl, MessageBody: String(i), MessageGroupId: String(i) });
    for (let i = 0; i < 300; i++) await cloud.call('SendMessage', send(i));
    await cloud.refuses('SendMessage', send(300), throttled);
    expect(await cloud.receive(QueueUrl)).toHaveLength(10);
    await cloud.wait(1);
    await cloud.call('SendMessage', send(300));
  });

  test('high throughput: more than 300 calls a second over many groups, not over one', async () => {
    const QueueUrl = await cloud.create('Queue.fifo', {
      ...CONTENT,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    const send = (i: number, group: string) => ({ QueueUrl, MessageBody: String(i), MessageGroupId: group });
    for (let i = 0; i < 300; i++) await cloud.call('SendMessage', send(i, 'one'));
    await cloud.refuses('SendMessage', send(300, 'one'), throttled);
    let sent = 0;
    for (let i = 0; i < 20; i++) {
      const { status } = await cloud.ask('SendMessage', send(i, `other${i}`));
      if (status === 200) sent++;
    }
    expect(sent).toBeGreaterThan(0);
  });
});
