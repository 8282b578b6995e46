import { createHash } from 'node:crypto';
import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { CALL, errorOf, SqsInTest } from './sqs-in-test';

const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const names = (...MessageAttributeNames: string[]) => ({ MessageAttributeNames, VisibilityTimeout: 0 });

function batch(t: SqsInTest, queue: string, entries: Omit<SendMessageBatchRequestEntry, 'Id'>[]) {
  const Entries = entries.map((entry, index) => ({ Id: `e${index}`, ...entry }));
  return t.sqs.sendMessageBatch({ QueueUrl: queue, Entries }, CALL);
}

describe('digests and attributes (§1.6)', () => {
  const MessageAttributes = { 'Help.Me': text('Me'), Hello: text('There'), General: text('Kenobi') };

  test('the digests are those that AWS gave', () => {
    const t = new SqsInTest();
    const result = t.send(t.create('q'), 'hello', { MessageAttributes });
    expect(result).toEqual({
      MessageId: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ) as string,
      MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592',
      MD5OfMessageAttributes: '4c360f3fdafd970e05fae2f149d997f5',
    });
  });

  test.each([
    [['All'], '4c360f3fdafd970e05fae2f149d997f5'],
    [['.*'], '4c360f3fdafd970e05fae2f149d997f5'],
    [['*'], '4c360f3fdafd970e05fae2f149d997f5'],
    [['General', 'Hello', 'unknown'], 'fca026605781cb4126a1e9044df24232'],
    [['Hello.*'], 'a311262e065454b75da111d535b8dacd'],
    [['Hel.*', 'General'], '4c360f3fdafd970e05fae2f149d997f5'],
    [['unknown'], undefined],
    [[], undefined],
  ])('a receive that names %p sees the digest of those', (wanted, digest) => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'hello', { MessageAttributes });
    const [message] = t.receive(queue, names(...wanted));
    expect(message.MD5OfMessageAttributes).toBe(digest);
    expect('MessageAttributes' in message).toBe(digest !== undefined);
  });

  test('numbers lose the zeros that say nothing; binary values stay', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const BinaryValue = Uint8Array.of(1, 2, 3);
    t.send(queue, 'a', {
      MessageAttributes: {
        n: { DataType: 'Number.float', StringValue: '-0012.3400' },
        z: { DataType: 'Number', StringValue: '00' },
        b: { DataType: 'Binary.png', BinaryValue },
      },
    });
    expect(t.receive(queue, names('All'))[0].MessageAttributes).toEqual({
      n: { DataType: 'Number.float', StringValue: '-12.34' },
      z: { DataType: 'Number', StringValue: '0' },
      b: { DataType: 'Binary.png', BinaryValue },
    });
  });

  test.each<[Record<string, object>, string]>([
    [{ a: text('') }, "Message (user) attribute 'a' must contain a non-empty value of type 'String'."],
    [{ a: {} }, "The message (user) attribute 'a' must contain a non-empty message attribute value."],
    [{ a: { StringValue: 'x' } }, "The message attribute 'a' must contain non-empty message attribute type."],
    [{ a: text('x\u0001') }, "Invalid characters found in the value of message (user) attribute 'a'."],
    [{ 'attr!': text('x') }, "name 'attr!' can only contain"],
    [{ 'AWS.x': text('x') }, "can't begin with 'AWS.'"],
    [{ 'a..b': text('x') }, 'two in a row'],
    [{ 'a b': text('x') }, "name 'a b' can only contain"],
    [
      { a: { DataType: 'Text', StringValue: 'x' } },
      'the set of supported type prefixes is Binary, Number, and String.',
    ],
    [
      { a: { DataType: 'Number', StringValue: 'x' } },
      "Can't cast the value of message (user) attribute 'a' to a number.",
    ],
    [{ a: { DataType: 'Number', StringValue: '1e127' } }, 'must have at most 38 digits and lie between'],
    [Object.fromEntries([...'abcdefghijk'].map((n) => [n, text('x')])), '[11] exceeds the allowed maximum [10].'],
  ])('%j is refused', (attributes, message) => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const MessageAttributes = attributes as SendMessageBatchRequestEntry['MessageAttributes'];
    const error = errorOf(() => t.send(queue, 'a', { MessageAttributes }));
    expect(error.code).toBe('InvalidParameterValue');
    expect(error.message).toContain(message);
  });

  test('the digest of a binary attribute is of its bytes, lengths first', () => {
    const t = new SqsInTest();
    const BinaryValue = Uint8Array.of(0, 255, 10);
    const sent = t.send(t.create('q'), 'a', { MessageAttributes: { b: { DataType: 'Binary', BinaryValue } } });
    const part = (bytes: Uint8Array) => Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes]);
    const hashed = [part(Buffer.from('b')), part(Buffer.from('Binary')), Buffer.of(2), part(BinaryValue)];
    expect(sent.MD5OfMessageAttributes).toBe(createHash('md5').update(Buffer.concat(hashed)).digest('hex'));
  });

  test('takes letters and digits of other alphabets in the name of a message attribute', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'a', { MessageAttributes: { 'attr.1øßä': text('x') } });
    expect(t.receive(queue, names('attr.*'))[0].MessageAttributes).toEqual({ 'attr.1øßä': text('x') });
  });

  test('refuses a control character in AWSTraceHeader', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const send = () => t.send(queue, 'a', { MessageSystemAttributes: { AWSTraceHeader: text('x\u0001') } });
    expect(errorOf(send)).toMatchObject({ code: 'InvalidParameterValue' });
  });

  test('the trace header of the message, or else of the request, becomes AWSTraceHeader', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const send = (more: object) =>
      t.sqs.sendMessage({ QueueUrl: queue, MessageBody: 'a', ...more }, { ...CALL, traceHeader: 'of request' });
    send({});
    const { MD5OfMessageSystemAttributes } = send({ MessageSystemAttributes: { AWSTraceHeader: text('of message') } });
    expect(MD5OfMessageSystemAttributes).toMatch(/^[0-9a-f]{32}$/);
    const received = t.receive(queue, { MessageSystemAttributeNames: ['AWSTraceHeader'] });
    expect(received.map(({ Attributes }) => Attributes?.AWSTraceHeader)).toEqual(['of request', 'of message']);
  });

  test('system attributes are merged from both lists of names; unknown names are refused', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    t.send(queue, 'a', { MessageGroupId: 'tenant' });
    const [message] = t.receive(queue, {
      AttributeNames: ['SenderId' as 'All'],
      MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId'],
    });
    expect(message.Attributes).toEqual({
      SenderId: expect.stringMatching(/^AIDA[0-9A-V]{17}$/) as string,
      SentTimestamp: String(t.clock.now()),
      MessageGroupId: 'tenant',
    });
    expect(errorOf(() => t.receive(queue, { MessageSystemAttributeNames: ['X' as 'All'] })).message).toBe(
      'Unknown Attribute X.',
    );
  });
});

describe('rejected messages (§1.2)', () => {
  test.each([
    ['q', '', {}, 'MissingParameter', 'The request must contain the parameter MessageBody.'],
    ['q', 'a\u0000', {}, 'InvalidMessageContents', 'Invalid characters found.'],
    ['q', 'é\ud800', {}, 'InvalidMessageContents', 'Invalid characters found.'],
    ['q', '\uffff', {}, 'InvalidMessageContents', 'Invalid characters found.'],
    ['q', 'a', { DelaySeconds: 901 }, 'InvalidParameterValue', 'DelaySeconds must be >= 0 and <= 900.'],
    [
      'q',
      'a',
      { MessageGroupId: 'a b' },
      'InvalidParameterValue',
      'Value a b for parameter MessageGroupId is invalid.',
    ],
    ['q', 'a', { MessageDeduplicationId: 'x' }, 'InvalidParameterValue', 'not valid for this queue type.'],
    ['q.fifo', 'a', {}, 'MissingParameter', 'The request must contain the parameter MessageGroupId.'],
    ['q.fifo', 'a', { MessageGroupId: 'g' }, 'InvalidParameterValue', 'ContentBasedDeduplication enabled'],
    [
      'q',
      'a'.repeat(1_048_577),
      {},
      'InvalidParameterValue',
      'are invalid. Reason: Message must be shorter than 1048576',
    ],
  ])('%s %.9s %j', (name, body, more, code, message) => {
    const t = new SqsInTest();
    const error = errorOf(() => t.send(t.create(name), body, more));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.status).toBe(400);
  });

  test('tabs, line ends, pairs of surrogates and a full mebibyte are fine', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    for (const body of ['\t\r\n', 'a\u0085\u007f', '😀', 'é'.repeat(524_288)]) t.send(queue, body);
    expect(t.sqs.counts('q')?.visible).toBe(4);
  });

  test("the queue's own size counts attributes too", () => {
    const t = new SqsInTest();
    const queue = t.create('q', { MaximumMessageSize: '1024' });
    t.send(queue, 'a'.repeat(1_016), { MessageAttributes: { n: text('v') } });
    expect(errorOf(() => t.send(queue, 'a'.repeat(1_017), { MessageAttributes: { n: text('v') } })).message).toBe(
      'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    );
  });
});

describe('batches (§1.2)', () => {
  test.each([
    [[], 'EmptyBatchRequest', 'There should be at least one SendMessageBatchRequestEntry in the request.'],
    [Array(11).fill({ MessageBody: 'a' }), 'TooManyEntriesInBatchRequest', 'are 10. You have sent 11.'],
    [[{ Id: 'a.b', MessageBody: 'a' }], 'InvalidBatchEntryId', 'A batch entry id can only contain alphanumeric'],
    [
      [
        { Id: 'a', MessageBody: 'a' },
        { Id: 'a', MessageBody: 'b' },
      ],
      'BatchEntryIdsNotDistinct',
      'Id a repeated.',
    ],
    [
      Array(2).fill({ MessageBody: 'a'.repeat(600_000) }),
      'BatchRequestTooLong',
      'Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes.',
    ],
  ])('%#: fails as a whole', (entries: SendMessageBatchRequestEntry[], code, message) => {
    const t = new SqsInTest();
    const queue = t.create('q');
    const error = errorOf(() => batch(t, queue, entries));
    expect(error.code).toBe(`AWS.SimpleQueueService.${code}`);
    expect(error.message).toContain(message);
    expect(t.sqs.counts('q')?.visible).toBe(0);
  });

  test('a FIFO entry without its ids fails the whole batch', () => {
    const t = new SqsInTest();
    const queue = t.create('q.fifo');
    expect(errorOf(() => batch(t, queue, [{ MessageBody: 'a', MessageDeduplicationId: 'd' }]))).toEqual({
      code: 'InvalidParameterValue',
      status: 400,
      message: 'The request must contain the parameter MessageGroupId.',
    });
    expect(errorOf(() => batch(t, queue, [{ MessageBody: 'a', MessageGroupId: 'g' }])).code).toBe(
      'InvalidParameterValue',
    );
  });

  test('entries that are too large or malformed fail alone', () => {
    const t = new SqsInTest();
    const queue = t.create('q', { MaximumMessageSize: '1024' });
    const entries = ['fine', 'x'.repeat(1_025), '\u0001'].map((MessageBody) => ({ MessageBody }));
    const { Successful, Failed } = batch(t, queue, entries);
    expect(Successful?.map(({ Id }) => Id)).toEqual(['e0']);
    expect(Failed).toEqual([
      {
        Id: 'e1',
        Code: 'InvalidParameterValue',
        Message: 'One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.',
        SenderFault: true,
      },
      {
        Id: 'e2',
        Code: 'InvalidMessageContents',
        Message: expect.stringContaining('Invalid') as string,
        SenderFault: true,
      },
    ]);
  });

  test('deletes and visibility changes: each entry on its own', () => {
    const t = new SqsInTest();
    const queue = t.create('q');
    batch(t, queue, [{ MessageBody: 'a' }, { MessageBody: 'b' }]);
    const entries = [...t.receive(queue), { ReceiptHandle: 'garbage' }].map(({ ReceiptHandle }, index) => ({
      Id: `m${index}`,
      ReceiptHandle,
    }));
    const shown = entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
    const failure = [expect.objectContaining({ Id: 'm2', Code: 'ReceiptHandleIsInvalid', SenderFault: true })];
    expect(t.sqs.changeMessageVisibilityBatch({ QueueUrl: queue, Entries: shown }, CALL)).toEqual({
      Successful: [{ Id: 'm0' }, { Id: 'm1' }],
      Failed: failure,
    });
    expect(t.sqs.counts('q')?.visible).toBe(2);
    expect(t.sqs.deleteMessageBatch({ QueueUrl: queue, Entries: entries }, CALL)).toEqual({
      Successful: [{ Id: 'm0' }, { Id: 'm1' }],
      Failed: failure,
    });
    expect(t.sqs.counts('q')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });
});
