import { runInNewContext } from 'node:vm';
import {
  type BatchResultErrorEntry,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SendMessageBatchRequest,
} from '@aws-sdk/client-sqs';
import { type Failure, logFailure, processBatch, sendAll, SendAllError } from '../../lib/runtime';
import { onVirtualTime, QueueInTest } from './queue-in-test';

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

  test('a batch of 1 MiB to the byte is one request, one byte more are two', async () => {
    const name = 'n'.repeat(10);
    const attribute = { [name]: { DataType: 'String', StringValue: 'v'.repeat(10) } };
    const binary = { [name]: { DataType: 'Binary', BinaryValue: new Uint8Array(10) } };
    const attributes = 2 * 20 + 'StringBinary'.length;
    const ofSize = (bytes: number) => [
      { MessageBody: 'x'.repeat(1_000), MessageAttributes: attribute },
      { MessageBody: 'x'.repeat(bytes - 1_000 - attributes), MessageAttributes: binary },
    ];
    await sendAll(sqs.client, queueUrl, ofSize(1_048_576));
    expect(batches()).toBe(1);
    await sendAll(sqs.client, queueUrl, ofSize(1_048_577));
    expect(batches()).toBe(3);
    await sendAll(sqs.client, queueUrl, [...ofSize(1_048_576), ...ofSize(1_048_576)]);
    expect(batches()).toBe(5);
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

describe('sendAll, when requests fail', () => {
  const time = () => onVirtualTime();
  let virtual: ReturnType<typeof time>;
  let sqs: QueueInTest;
  beforeEach(() => {
    virtual = time();
    sqs = new QueueInTest(virtual.clock);
  });
  afterEach(async () => {
    await sqs.close();
    virtual.restore();
  });

  const failedEntry = (Id: number, more: Partial<BatchResultErrorEntry> = {}): BatchResultErrorEntry => ({
    Id: String(Id),
    Code: 'InternalError',
    Message: 'try again',
    SenderFault: false,
    ...more,
  });
  const numbers = (count: number, group?: (number: number) => string) =>
    Array.from({ length: count }, (_, number) => ({ MessageBody: String(number), MessageGroupId: group?.(number) }));

  /**
   * Fails entries of each request on SQS's side: those for which `fails` gives something. SQS gets the others. What
   * `fails` throws fails the request.
   */
  const failing = (fails: (body: string, request: number) => BatchResultErrorEntry | undefined) => {
    let request = 0;
    sqs.fault = async (command, send, input) => {
      if (command !== 'SendMessageBatchCommand') return send();
      request++;
      const batch = input as { Entries: NonNullable<SendMessageBatchRequest['Entries']> };
      const failed = batch.Entries.map(({ Id, MessageBody = '' }) => {
        const failure = fails(MessageBody, request);
        return failure && { ...failure, Id };
      });
      const accepted = batch.Entries.filter((_, index) => failed[index] === undefined);
      batch.Entries = accepted;
      if (accepted.length > 0) await send();
      return { output: { Failed: failed.filter((entry) => entry !== undefined) } };
    };
  };

  /** What `sendAll` comes to, and what the queue then holds, in order. */
  async function outcome(
    messages: Iterable<ReturnType<typeof numbers>[number]> | AsyncIterable<ReturnType<typeof numbers>[number]>,
    fifo: boolean,
  ) {
    const attributes: Record<string, string> = fifo ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
    const queueUrl = await sqs.create(fifo ? 'jobs.fifo' : 'jobs', attributes);
    let result: number | SendAllError | undefined;
    void sendAll(sqs.client, queueUrl, messages).then(
      (sent) => (result = sent),
      (error: unknown) => (result = error as SendAllError),
    );
    await virtual.clock.advance(60_000);
    sqs.fault = (_, send) => send();
    const queue: number[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.client.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
      );
      if (Messages.length === 0) break;
      queue.push(...Messages.map(({ Body }) => Number(Body)));
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
    const failures = result instanceof SendAllError ? result.failures : [];
    return {
      sent: result instanceof SendAllError ? result.sent : result,
      error: result instanceof SendAllError ? result : undefined,
      failed: failures.map(({ entry, code }) => `${entry.MessageBody} ${code}`),
      failures,
      queue,
    };
  }

  test('standard: entries that SQS fails are sent again, after 100, 200 and 400 ms, with the others unharmed', async () => {
    const times: number[] = [];
    const begun = virtual.clock.now();
    failing((body, request) => {
      if (times.length < request) times.push(virtual.clock.now() - begun);
      return body === '2' && request <= 3 ? failedEntry(0) : undefined;
    });
    expect(await outcome(numbers(10), false)).toMatchObject({
      sent: 10,
      failed: [],
      queue: [0, 1, 3, 4, 5, 6, 7, 8, 9, 2],
    });
    expect(times).toEqual([0, 100, 300, 700]);
  });

  test('standard: the fourth failure of an entry is final, and only its own', async () => {
    failing((body) => (body === '2' ? failedEntry(0) : undefined));
    const { error, ...result } = await outcome(numbers(12), false);
    expect(result).toMatchObject({ sent: 11, failed: ['2 InternalError'] });
    expect(error?.message).toBe('1 of 12 messages were not sent; the first: InternalError: try again');
    expect(result.failures[0]).toMatchObject({ reason: 'try again', senderFault: false, uncertain: false });
  });

  test('standard: what was accepted counts as sent when the retry of the others fails altogether', async () => {
    failing((body, request) => {
      if (request === 2) throw new Error('no network');
      return body === '9' ? failedEntry(0) : undefined;
    });
    const { failures, error, ...result } = await outcome(numbers(10), false);
    expect(result).toEqual({ sent: 9, failed: ['9 Error'], queue: [0, 1, 2, 3, 4, 5, 6, 7, 8] });
    expect(failures).toMatchObject([{ reason: 'no network', senderFault: false, uncertain: true }]);
    expect(error?.cause).toMatchObject({ message: 'no network' });
  });

  test('standard: a request that fails leaves the other batches to be sent', async () => {
    failing((_, request) => {
      if (request === 1) throw new Error('no network');
      return undefined;
    });
    const { sent, queue } = await outcome(numbers(30), false);
    expect({ sent, queue }).toEqual({
      sent: 20,
      queue: numbers(30)
        .slice(10)
        .map(({ MessageBody }) => Number(MessageBody)),
    });
  });

  test('a request that SQS refuses is certain not to have been carried out', async () => {
    sqs.fault = (command, send) =>
      command === 'CreateQueueCommand'
        ? send()
        : Promise.reject(
            Object.assign(new Error('gone'), { name: 'QueueDoesNotExist', $metadata: { httpStatusCode: 400 } }),
          );
    const queueUrl = await sqs.create('jobs');
    const error = (await sendAll(sqs.client, queueUrl, numbers(1)).catch((thrown: unknown) => thrown)) as SendAllError;
    expect(error.failures).toMatchObject([{ code: 'QueueDoesNotExist', senderFault: true, uncertain: false }]);
  });

  test.each([399, 500, undefined])(
    'a request that fails with HTTP %s may have been carried out',
    async (httpStatusCode) => {
      const queueUrl = await sqs.create('jobs');
      sqs.fault = () => Promise.reject(Object.assign(new Error('oh'), { $metadata: { httpStatusCode } }));
      const error = (await sendAll(sqs.client, queueUrl, numbers(1)).catch(
        (thrown: unknown) => thrown,
      )) as SendAllError;
      expect(error.failures).toMatchObject([{ senderFault: false, uncertain: true }]);
    },
  );

  test('the same object twice is two messages', async () => {
    const [message] = numbers(1);
    let failed = 0;
    failing(() => (failed++ === 0 ? failedEntry(0, { SenderFault: true }) : undefined));
    expect(await outcome([message, message, message], false)).toMatchObject({
      sent: 2,
      failed: ['0 InternalError'],
      queue: [0, 0],
    });
  });

  test('FIFO: entries are sent again, in order, while nothing behind them in their group was accepted', async () => {
    failing((body, request) => (Number(body) >= 7 && request === 1 ? failedEntry(0) : undefined));
    expect(
      await outcome(
        numbers(12, () => 'g'),
        true,
      ),
    ).toMatchObject({ sent: 12, failed: [], queue: [...Array(12).keys()] });
  });

  test('FIFO: an entry that others of its group have overtaken is not sent again, nor is what follows it', async () => {
    failing((body, request) => (body === '2' && request === 1 ? failedEntry(0) : undefined));
    const { error, failures, ...result } = await outcome(
      numbers(12, () => 'g'),
      true,
    );
    expect(result).toEqual({
      sent: 9,
      failed: ['2 InternalError', '10 HeldBack', '11 HeldBack'],
      queue: [0, 1, 3, 4, 5, 6, 7, 8, 9],
    });
    expect(failures[2]).toMatchObject({
      reason: 'a message before it in its message group "g" was not sent',
      senderFault: false,
      uncertain: false,
    });
    expect(error?.message).toBe('3 of 12 messages were not sent; the first: InternalError: try again');
  });

  test('FIFO: other groups go on: an entry of theirs is sent again', async () => {
    const group = (number: number) => (number % 2 === 0 ? 'even' : 'odd');
    failing((body, request) => ((body === '2' || body === '9') && request === 1 ? failedEntry(0) : undefined));
    expect(await outcome(numbers(13, group), true)).toMatchObject({
      sent: 10,
      failed: ['2 InternalError', '10 HeldBack', '12 HeldBack'],
      queue: [0, 4, 6, 8, 1, 3, 5, 7, 9, 11],
    });
  });

  test('FIFO: a group stops at a message that SQS refuses, and what failed behind it is not sent', async () => {
    const group = (number: number) => (number < 3 ? 'a' : 'b');
    failing((body, request) =>
      body === '1' || (body === '2' && request === 1) ? failedEntry(0, { SenderFault: body === '1' }) : undefined,
    );
    expect(await outcome(numbers(5, group), true)).toMatchObject({
      sent: 3,
      failed: ['1 InternalError', '2 InternalError'],
      queue: [0, 3, 4],
    });
  });

  test('FIFO: nothing of its groups follows a request that fails, and all of other groups does', async () => {
    failing((_, request) => {
      if (request === 1) throw new Error('no network');
      return undefined;
    });
    const { sent, failed, queue } = await outcome(
      numbers(30, (number) => (number % 15 < 10 ? 'a' : 'b')),
      true,
    );
    expect(sent).toBe(10);
    expect(queue).toEqual([10, 11, 12, 13, 14, 25, 26, 27, 28, 29]);
    expect(failed).toEqual([
      ...[...Array(10).keys()].map((number) => `${number} Error`),
      ...[15, 16, 17, 18, 19, 20, 21, 22, 23, 24].map((number) => `${number} HeldBack`),
    ]);
  });

  test('groups do not hold one another back on a standard queue', async () => {
    failing((body, request) => (body === '0' && request === 1 ? failedEntry(0) : undefined));
    expect(
      await outcome(
        numbers(3, () => 'g'),
        false,
      ),
    ).toMatchObject({ sent: 3, failed: [], queue: [1, 2, 0] });
  });

  test('sends what it has read, and says how much, when reading the messages fails', async () => {
    async function* breaking() {
      yield* numbers(12);
      await Promise.resolve();
      throw new Error('the file ends');
    }
    const { error, ...result } = await outcome(breaking(), false);
    expect(result).toMatchObject({ sent: 12, failed: [] });
    expect(error?.message).toBe('reading the messages failed after 12 of them were sent: Error: the file ends');
    expect(error?.cause).toMatchObject({ message: 'the file ends' });
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
    const answer = processBatch({ Records }, failing('2'), { onFailure: (failure) => reported.push(failure) });
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
    await expect(processBatch({ Records }, handler, { onFailure: quietly })).resolves.toEqual(failures('3', '5'));
    expect(handled.sort()).toEqual(['1', '2', '4']);
  });

  test('handles no more records at once than `concurrency`', async () => {
    const Records = Array.from({ length: 10 }, (_, index) => record(String(index)));
    let open = 0;
    let most = 0;
    const handler = async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
    };
    await expect(processBatch({ Records }, handler, { concurrency: 3 })).resolves.toEqual(failures());
    expect(most).toBe(3);
  });

  describe('with the context of an invocation', () => {
    let virtual: ReturnType<typeof onVirtualTime>;
    beforeEach(() => (virtual = onVirtualTime()));
    afterEach(() => virtual.restore());

    /** The context of a function with a timeout of 10 seconds. */
    const invocation = () => {
      const ends = virtual.clock.now() + 10_000;
      return { getRemainingTimeInMillis: () => ends - virtual.clock.now() };
    };
    const takes = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

    test('reports what is not done a second before the timeout, and aborts it', async () => {
      const reasons: unknown[] = [];
      const reported: Failure[] = [];
      const begun = virtual.clock.now();
      const answer = processBatch(
        { Records: [record('1'), record('2'), record('3')] },
        async ({ messageId }, { signal }) => {
          signal.addEventListener('abort', () => reasons.push((signal.reason as Error).message));
          await takes(messageId === '2' ? 60 : 1);
        },
        { context: invocation(), concurrency: 1, onFailure: (failure) => reported.push(failure) },
      ).then((response) => ({ response, at: virtual.clock.now() - begun }));
      await virtual.clock.advance(60_000);
      await expect(answer).resolves.toEqual({ response: failures('2', '3'), at: 9_000 });
      expect(reasons).toContain('the function had too little time left');
      expect(reported).toMatchObject([
        { during: 'handle', messageId: '2', error: { name: 'TimeoutError' } },
        { during: 'handle', messageId: '3', error: { name: 'TimeoutError' } },
      ]);
    });

    test('begins nothing if there is too little time from the start', async () => {
      const handled: string[] = [];
      const answer = processBatch({ Records: [record('1')] }, ({ messageId }) => void handled.push(messageId), {
        context: invocation(),
        reserveMilliseconds: 10_000,
        onFailure: quietly,
      });
      await virtual.clock.advance(0);
      await expect(answer).resolves.toEqual(failures('1'));
      expect(handled).toEqual([]);
    });
  });

  test.each<[object, string]>([
    [{ concurrency: 0 }, 'concurrency must be a whole number of 1 or more, but was 0'],
    [{ reserveMilliseconds: -1 }, 'reserveMilliseconds must be 0 or more, but was -1'],
  ])('fails on %j', async (options, message) => {
    await expect(processBatch({ Records: [] }, quietly, options)).rejects.toThrow(new RangeError(message));
  });

  test('says on stderr what failed, as a line of JSON', async () => {
    const stderr = jest.spyOn(console, 'error').mockImplementation();
    await processBatch({ Records: [record('7')] }, failing('7'));
    const [[line]] = stderr.mock.calls as [[string]];
    expect(JSON.parse(line)).toEqual({
      failed: 'handle',
      message: '7',
      reason: 'Error: no',
      stack: expect.stringMatching(/^Error: no\n {4}at .*batches\.test\.ts/) as string,
    });
    stderr.mockRestore();
  });

  test('answers all the same when onFailure throws, and logs both', async () => {
    const stderr = jest.spyOn(console, 'error').mockImplementation();
    const Records = [record('1'), record('2')];
    const broken = () => {
      throw new Error('the reporter is broken');
    };
    await expect(processBatch({ Records }, failing('1'), { onFailure: broken })).resolves.toEqual(failures('1'));
    await expect(
      processBatch({ Records }, failing('1'), {
        onFailure: () => Promise.reject(new Error('so is this one')) as never,
      }),
    ).resolves.toEqual(failures('1'));
    const lines = stderr.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, string>);
    expect(lines.map(({ failed, reason }) => [failed, reason])).toEqual([
      ['handle', 'Error: no'],
      ['report', 'Error: the reporter is broken'],
      ['handle', 'Error: no'],
      ['report', 'Error: so is this one'],
    ]);
    stderr.mockRestore();
  });
});

describe('logFailure', () => {
  function logged(error: unknown): Record<string, unknown> {
    const stderr = jest.spyOn(console, 'error').mockImplementation();
    logFailure({ during: 'receive', error });
    const [[line]] = stderr.mock.calls as [[string]];
    stderr.mockRestore();
    return JSON.parse(line) as Record<string, unknown>;
  }
  const stackOf = (message: string) => expect.stringMatching(new RegExp(`^\\w*Error: ${message}\n {4}at `)) as string;

  test('logs the stack, and the causes with theirs', () => {
    const root = new TypeError('root');
    const error = new Error('top', { cause: new Error('middle', { cause: root }) });
    expect(logged(error)).toEqual({
      failed: 'receive',
      reason: 'Error: top',
      stack: stackOf('top'),
      cause: {
        reason: 'Error: middle',
        stack: stackOf('middle'),
        cause: { reason: 'TypeError: root', stack: stackOf('root') },
      },
    });
  });

  test('logs each error of an AggregateError', () => {
    const error = new AggregateError([new Error('one'), 'two'], 'both');
    expect(logged(error)).toMatchObject({
      reason: 'AggregateError: both',
      errors: [{ reason: 'Error: one', stack: stackOf('one') }, { reason: 'two' }],
    });
  });

  test.each([
    ['a text', 'text', 'text'],
    ['nothing', undefined, 'undefined'],
    ['an object', { code: 7 }, '{ code: 7 }'],
    ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
  ])('logs what is thrown that is no error: %s', (_, thrown, reason) => {
    expect(logged(thrown)).toEqual({ failed: 'receive', reason });
  });

  test('logs an error of another realm as an error', () => {
    const foreign: unknown = runInNewContext('new TypeError("foreign")');
    expect(logged(foreign)).toMatchObject({
      reason: 'TypeError: foreign',
      stack: expect.stringContaining('evalmachine') as string,
    });
  });

  test('ends with the fifth cause, as an error may be its own', () => {
    const error = new Error('circle');
    error.cause = error;
    let depth = 0;
    for (let { cause } = logged(error); cause !== undefined; { cause } = cause as { cause?: unknown }) depth++;
    expect(depth).toBe(5);
  });
});
