import { createHash } from 'node:crypto';
import type { ConformanceCloud } from './cloud';
import { batchTooLong, invalid, missing } from './refusals';
import { conformance, rawConformance } from './rows';

const text = (value: string, type = 'String') => ({ DataType: type, StringValue: value });
const md5 = (of: string | Buffer) => createHash('md5').update(of).digest('hex');
const CONTENTS = {
  shape: 'InvalidMessageContents',
  message:
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
};

/** What a message sent with these attributes comes back with, for each list of wanted names. */
async function seen(cloud: ConformanceCloud, QueueUrl: string, MessageAttributeNames?: string[]) {
  const input = { MessageAttributeNames, VisibilityTimeout: 0, MaxNumberOfMessages: 1 };
  const [{ MessageAttributes, MD5OfMessageAttributes }] = await cloud.receive(QueueUrl, input);
  return { names: Object.keys(MessageAttributes ?? {}).sort(), md5: MD5OfMessageAttributes };
}

conformance('§1.6 messages', {
  'the size counts UTF-8 bytes, attribute names, types and values': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { MaximumMessageSize: '1024' });
    const MessageAttributes = { name: text('value'), bytes: { DataType: 'Binary', BinaryValue: Buffer.from('xyz') } };
    const counted = 'name'.length + 'String'.length + 'value'.length + 'bytes'.length + 'Binary'.length + 3;
    const longest = 'é'.repeat((1_024 - counted - 1) / 2) + 'x';
    await cloud.send(QueueUrl, longest, { MessageAttributes });
    const refusal = invalid('One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.');
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: `${longest}x`, MessageAttributes }, refusal);
  },
  'AWSTraceHeader does not count': async (cloud) => {
    const QueueUrl = await cloud.create('Queue', { MaximumMessageSize: '1024' });
    const MessageSystemAttributes = { AWSTraceHeader: text('Root=1-5759e988-bd862e3fe1be46a994272793') };
    const sent = await cloud.send(QueueUrl, 'x'.repeat(1_024), { MessageSystemAttributes });
    expect(sent.MD5OfMessageSystemAttributes).toMatch(/^[0-9a-f]{32}$/);
  },
  'a batch counts attributes too': async (cloud) => {
    const QueueUrl = await cloud.create();
    const Entries = [
      { Id: 'a', MessageBody: 'x'.repeat(1_048_561) },
      { Id: 'b', MessageBody: 'x', MessageAttributes: { name: text('value') } },
    ];
    await cloud.refuses('SendMessageBatch', { QueueUrl, Entries }, batchTooLong(1_048_577));
  },
  'code points that are allowed': async (cloud) => {
    const QueueUrl = await cloud.create();
    const body = 'tab\t line\n return\r \u0020 \ud7ff \ue000 \ufffd \u{10000} \u{10ffff} \u{1f44b}';
    expect(await cloud.send(QueueUrl, body)).toMatchObject({ MD5OfMessageBody: md5(body) });
    expect(await cloud.bodies(QueueUrl)).toEqual([body]);
  },
  'code points that are not': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const character of ['\u0000', '\u0008', '\u000b', '\u001f', '\ufffe', '\uffff']) {
      await cloud.refuses('SendMessage', { QueueUrl, MessageBody: `a${character}b` }, CONTENTS);
    }
    const Entries = [
      { Id: 'bad', MessageBody: '\u0001' },
      { Id: 'good', MessageBody: 'x' },
    ];
    const { Successful, Failed } = await cloud.call('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(Failed).toEqual([{ Id: 'bad', SenderFault: true, Code: CONTENTS.shape, Message: CONTENTS.message }]);
  },
  'at most 10 attributes': async (cloud) => {
    const QueueUrl = await cloud.create();
    const attributes = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, text('x')]));
    await cloud.send(QueueUrl, 'x', { MessageAttributes: attributes(10) });
    const input = { QueueUrl, MessageBody: 'x', MessageAttributes: attributes(11) };
    await cloud.refuses('SendMessage', input, invalid(/\[11\] exceeds the allowed maximum \[10\]/));
  },
  'names of attributes': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const name of ['a', 'A.b-c_9', 'x'.repeat(256), 'awsome', 'Amazonas.x']) {
      await cloud.send(QueueUrl, 'x', { MessageAttributes: { [name]: text('v') } });
    }
    for (const name of ['a b', 'AWS.x', 'aws.x', 'Amazon.x', 'amazon.X', '.a', 'a.', 'a..b', 'x'.repeat(257), 'a*']) {
      const input = { QueueUrl, MessageBody: 'x', MessageAttributes: { [name]: text('v') } };
      await cloud.refuses('SendMessage', input, invalid(/.+/));
    }
  },
  'types: String, Number, Binary, each with a custom suffix, at most 256 characters': async (cloud) => {
    const QueueUrl = await cloud.create();
    const MessageAttributes = {
      s: text('v', 'String.custom'),
      n: text('1', 'Number.int'),
      b: { DataType: 'Binary.gif', BinaryValue: Buffer.from([0, 255]) },
      l: text('v', `String.${'x'.repeat(249)}`),
    };
    await cloud.send(QueueUrl, 'x', { MessageAttributes });
    const [message] = await cloud.receive(QueueUrl, { MessageAttributeNames: ['All'] });
    expect(message.MessageAttributes).toEqual({
      ...MessageAttributes,
      b: { DataType: 'Binary.gif', BinaryValue: 'AP8=' },
    });
    for (const type of ['', 'Strin', 'string', 'Boolean', 'String.', `String.${'x'.repeat(250)}`]) {
      const input = { QueueUrl, MessageBody: 'x', MessageAttributes: { a: text('v', type) } };
      await cloud.refuses('SendMessage', input, invalid(/.+/));
    }
  },
  'numbers: at most 38 digits, zeros trimmed': async (cloud) => {
    const QueueUrl = await cloud.create();
    const sent = { a: '0042', b: '1.500', c: '-0.0', d: '9'.repeat(38), e: '1e126' };
    const MessageAttributes = Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [name, text(value, 'Number')]),
    );
    await cloud.send(QueueUrl, 'x', { MessageAttributes });
    const [message] = await cloud.receive(QueueUrl, { MessageAttributeNames: ['All'] });
    const values = Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]);
    expect(Object.fromEntries(values)).toEqual({ a: '42', b: '1.5', c: '0', d: '9'.repeat(38), e: '1e126' });
    for (const value of ['one', '1,5', '9'.repeat(39), '1e127', '1e-129', '0x10']) {
      const input = { QueueUrl, MessageBody: 'x', MessageAttributes: { n: text(value, 'Number') } };
      await cloud.refuses('SendMessage', input, invalid(/.+/));
    }
  },
  'MD5 of attributes: the recorded vectors': async (cloud) => {
    const QueueUrl = await cloud.create();
    const General = text('Kenobi');
    const Hello = text('There');
    const Help = text('Me');
    for (const [MessageAttributes, digest] of [
      [{ General, Hello, 'Help.Me': Help }, '4c360f3fdafd970e05fae2f149d997f5'],
      [{ General, Hello }, 'fca026605781cb4126a1e9044df24232'],
      [{ Hello }, 'a311262e065454b75da111d535b8dacd'],
    ] as const) {
      const sent = await cloud.send(QueueUrl, 'x', { MessageAttributes });
      expect(sent.MD5OfMessageAttributes).toBe(digest);
    }
  },
  'on receive the digest covers only the attributes returned; filters by name': async (cloud) => {
    const QueueUrl = await cloud.create();
    const MessageAttributes = { General: text('Kenobi'), Hello: text('There'), 'Help.Me': text('Me') };
    await cloud.send(QueueUrl, 'x', { MessageAttributes });
    const all = { names: ['General', 'Hello', 'Help.Me'], md5: '4c360f3fdafd970e05fae2f149d997f5' };
    for (const name of ['All', '*', '.*']) expect(await seen(cloud, QueueUrl, [name])).toEqual(all);
    const two = { names: ['General', 'Hello'], md5: 'fca026605781cb4126a1e9044df24232' };
    expect(await seen(cloud, QueueUrl, ['Hello', 'General', 'unknown'])).toEqual(two);
    expect(await seen(cloud, QueueUrl, ['Hello'])).toEqual({
      names: ['Hello'],
      md5: 'a311262e065454b75da111d535b8dacd',
    });
    expect((await seen(cloud, QueueUrl, ['Help.*'])).names).toEqual(['Help.Me']);
    for (const none of [undefined, [], ['unknown'], ['hello'], ['Hel']]) {
      expect(await seen(cloud, QueueUrl, none)).toEqual({ names: [], md5: undefined });
    }
  },
  'MD5 of a binary attribute: transport type 2, raw bytes': async (cloud) => {
    const QueueUrl = await cloud.create();
    const bytes = Buffer.from([0, 1, 254, 255]);
    const part = (value: string | Buffer) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(value));
      return Buffer.concat([length, Buffer.from(value)]);
    };
    const digest = md5(Buffer.concat([part('b'), part('Binary.raw'), Buffer.from([2]), part(bytes)]));
    const MessageAttributes = { b: { DataType: 'Binary.raw', BinaryValue: bytes } };
    expect((await cloud.send(QueueUrl, 'x', { MessageAttributes })).MD5OfMessageAttributes).toBe(digest);
  },
  'system attributes of a send: only AWSTraceHeader, a String': async (cloud) => {
    const QueueUrl = await cloud.create();
    for (const MessageSystemAttributes of [
      { SenderId: text('me') },
      { AWSTraceHeader: text('1', 'Number') },
      { AWSTraceHeader: text('') },
    ]) {
      await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'x', MessageSystemAttributes }, invalid(/.+/));
    }
  },
  'system attributes of a receive: names in either list, merged; All': async (cloud) => {
    const QueueUrl = await cloud.create();
    const MessageSystemAttributes = { AWSTraceHeader: text('Root=1-x') };
    const sentAt = String(cloud.clock.now());
    await cloud.send(QueueUrl, 'x', { MessageSystemAttributes, MessageGroupId: 'g' });
    await cloud.wait(2);
    const receivedAt = String(cloud.clock.now());
    const hidden = { VisibilityTimeout: 0 };
    const [all] = await cloud.receive(QueueUrl, { ...hidden, MessageSystemAttributeNames: ['All'] });
    expect(all.Attributes).toEqual({
      SenderId: expect.any(String) as string,
      SentTimestamp: sentAt,
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: receivedAt,
      AWSTraceHeader: 'Root=1-x',
      MessageGroupId: 'g',
    });
    const [merged] = await cloud.receive(QueueUrl, {
      ...hidden,
      AttributeNames: ['SentTimestamp'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    expect(merged.Attributes).toEqual({ SentTimestamp: sentAt, ApproximateReceiveCount: '2' });
    const [none] = await cloud.receive(QueueUrl, hidden);
    expect(none.Attributes).toBeUndefined();
    expect(none.MessageAttributes).toBeUndefined();
  },
  'a handle of its own for each receive; ids and handles within their lengths': async (cloud) => {
    const QueueUrl = await cloud.create();
    const { MessageId = '' } = await cloud.send(QueueUrl, 'x');
    expect(MessageId.length).toBeLessThanOrEqual(100);
    const handles = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const [message] = await cloud.receive(QueueUrl, { VisibilityTimeout: 0 });
      expect(message.MessageId).toBe(MessageId);
      expect(message.ReceiptHandle?.length).toBeLessThanOrEqual(1_024);
      handles.add(message.ReceiptHandle ?? '');
    }
    expect(handles.size).toBe(3);
  },
  '§1.5 SendMessageBatch: results in order, each with its digests': async (cloud) => {
    const QueueUrl = await cloud.create();
    const Entries = [
      { Id: 'a', MessageBody: 'first' },
      { Id: 'b', MessageBody: 'second', MessageAttributes: { Hello: text('There') }, DelaySeconds: 5 },
    ];
    const { Successful, Failed } = await cloud.call('SendMessageBatch', { QueueUrl, Entries });
    expect(Failed).toBeUndefined();
    expect(Successful).toEqual([
      { Id: 'a', MessageId: expect.any(String) as string, MD5OfMessageBody: md5('first') },
      {
        Id: 'b',
        MessageId: expect.any(String) as string,
        MD5OfMessageBody: md5('second'),
        MD5OfMessageAttributes: 'a311262e065454b75da111d535b8dacd',
      },
    ]);
    expect(await cloud.bodies(QueueUrl)).toEqual(['first']);
  },
  'FIFO: a deduplication id is refused on a standard queue': async (cloud) => {
    const QueueUrl = await cloud.create();
    const input = { QueueUrl, MessageBody: 'x', MessageDeduplicationId: 'd' };
    await cloud.refuses(
      'SendMessage',
      input,
      invalid(/MessageDeduplicationId is invalid.*not valid for this queue type/),
    );
  },
  'a body is required of each entry': async (cloud) => {
    const QueueUrl = await cloud.create();
    const Entries = [{ Id: 'a', MessageBody: '' }];
    await cloud.refuses(
      'SendMessageBatch',
      { QueueUrl, Entries },
      missing('SendMessageBatchRequestEntry.1.MessageBody'),
    );
  },
});

rawConformance('§1.6 over the wire', {
  'X-Amzn-Trace-Id of the request becomes AWSTraceHeader': async (cloud) => {
    const QueueUrl = await cloud.create();
    const trace = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1';
    const headers = { 'X-Amzn-Trace-Id': trace };
    await cloud.ask('SendMessage', { QueueUrl, MessageBody: 'x' }, {}, { headers });
    const [message] = await cloud.receive(QueueUrl, { MessageSystemAttributeNames: ['AWSTraceHeader'] });
    expect(message.Attributes).toEqual({ AWSTraceHeader: trace });
  },
  'a lone surrogate, which only JSON can spell, is refused': async (cloud) => {
    const QueueUrl = await cloud.create();
    await cloud.refuses('SendMessage', { QueueUrl, MessageBody: 'a\ud800b' }, CONTENTS);
  },
});
