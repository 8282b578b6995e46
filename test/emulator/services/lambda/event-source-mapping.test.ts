import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { FilterPattern, type LambdaLimits } from '../../../../lib/emulator/services/lambda';
import { ConcurrencyRamp } from '../../../../lib/emulator/services/lambda/event-sources/concurrency-ramp';
import { awsError, Bench } from './bench';

describe('the control plane (§4)', () => {
  let bench: Bench;
  let videos: string;
  beforeEach(() => {
    bench = new Bench();
    bench.deploy('worker', 'batch.handler');
    videos = bench.queue('Videos');
  });
  afterEach(() => bench.lambda.stop());

  const create = (more: Partial<CreateEventSourceMappingRequest> = {}) =>
    bench.lambda.createEventSourceMapping({ FunctionName: 'worker', EventSourceArn: videos, ...more }, bench.call);
  const deployed = (name: string, more: { timeoutSeconds?: number } = {}): string => {
    bench.deploy(name, 'batch.handler', more);
    return name;
  };
  const slow = (count: number) => Array.from({ length: count }, (_, id) => ({ id, sleep: 800 * SECOND }));

  test('a new mapping is Creating, then Enabled, with defaults', async () => {
    const created = create();
    expect(created).toEqual({
      UUID: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      EventSourceMappingArn: `arn:aws:lambda:eu-central-1:123456789012:event-source-mapping:${created.UUID}`,
      EventSourceArn: videos,
      FunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:worker',
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: [],
      LastModified: new Date(bench.clock.now()),
      State: 'Creating',
      StateTransitionReason: 'USER_INITIATED',
    });
    expect(() => bench.lambda.deleteEventSourceMapping({ UUID: created.UUID }, bench.call)).toThrow(
      awsError({ shape: 'ResourceInUseException' }),
    );
    await bench.clock.advance(SECOND);
    expect(bench.lambda.getEventSourceMapping({ UUID: created.UUID }, bench.call)).toMatchObject({ State: 'Enabled' });
  });

  test('it is updated, disabled, enabled, listed and deleted', async () => {
    const { UUID } = await bench.map(videos, 'worker', { ScalingConfig: { MaximumConcurrency: 5 } });
    const update = (more: object) => bench.lambda.updateEventSourceMapping({ UUID, ...more }, bench.call);
    const state = () => bench.lambda.getEventSourceMapping({ UUID }, bench.call).State;
    const wait = () => bench.clock.advance(SECOND);
    expect(update({ BatchSize: 5, ScalingConfig: {} })).toMatchObject({ State: 'Updating', BatchSize: 5 });
    expect(() => update({ BatchSize: 6 })).toThrow('Cannot update the event source mapping because it is in use.');
    await wait();
    expect(bench.lambda.getEventSourceMapping({ UUID }, bench.call)).not.toHaveProperty('ScalingConfig');
    expect(update({ Enabled: false }).State).toBe('Disabling');
    await wait();
    expect(state()).toBe('Disabled');
    bench.send('Videos', { id: 1 });
    await bench.clock.advance(MINUTE);
    expect(bench.output('worker')).toEqual([]);
    expect(update({ Enabled: true }).State).toBe('Enabling');
    await wait();
    expect(state()).toBe('Enabled');
    expect(bench.output('worker')).toEqual(['[1]']);
    const listed = (filter: object) => bench.lambda.listEventSourceMappings(filter, bench.call).EventSourceMappings;
    expect(listed({ FunctionName: 'worker', EventSourceArn: videos })).toHaveLength(1);
    expect(listed({ FunctionName: 'other' })).toEqual([]);
    expect(bench.lambda.deleteEventSourceMapping({ UUID }, bench.call).State).toBe('Deleting');
    bench.send('Videos', { id: 2 });
    await wait();
    expect(() => state()).toThrow(awsError({ status: 404, message: 'The resource you requested does not exist.' }));
    expect(bench.sqs.counts('Videos')).toMatchObject({ visible: 1 });
  });

  test('a mapping created disabled is Disabled at once, does not poll, and can be enabled at once', async () => {
    const { UUID, State } = create({ Enabled: false });
    expect(State).toBe('Disabled');
    bench.send('Videos', { id: 1 });
    await bench.clock.advance(MINUTE);
    expect(bench.lambda.getEventSourceMapping({ UUID }, bench.call).State).toBe('Disabled');
    expect(bench.sqs.counts('Videos')).toMatchObject({ visible: 1 });
    const other = create({ FunctionName: deployed('other'), Enabled: false });
    expect(bench.lambda.updateEventSourceMapping({ UUID: other.UUID, Enabled: true }, bench.call).State).toBe(
      'Enabling',
    );
    await bench.clock.advance(SECOND);
    expect(bench.output('other')).toEqual(['[1]']);
  });

  test('a mapping whose queue is deleted is Disabled within a minute, and never follows a new queue of that name', async () => {
    const { UUID } = await bench.map(videos, 'worker');
    const get = () => bench.lambda.getEventSourceMapping({ UUID }, bench.call);
    const update = (more: object) => bench.lambda.updateEventSourceMapping({ UUID, ...more }, bench.call);
    bench.sqs.deleteQueue({ QueueUrl: 'Videos' }, bench.call);
    await bench.clock.advance(MINUTE);
    expect(get()).toMatchObject({ State: 'Disabled', StateTransitionReason: 'LAMBDA_INITIATED' });
    expect(bench.of('lambda.mappingDisabled')).toMatchObject([{ subject: 'worker', detail: { queue: videos } }]);
    bench.queue('Videos');
    bench.send('Videos', { id: 1 });
    await bench.clock.advance(MINUTE);
    expect(get().State).toBe('Disabled');
    expect(() => update({ Enabled: true })).toThrow(/NonExistentQueue/);
    expect(bench.sqs.counts('Videos')).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    bench.lambda.deleteEventSourceMapping({ UUID }, bench.call);
    await bench.clock.advance(SECOND);
    await bench.map(videos, 'worker');
    expect(bench.output('worker')).toEqual(['[1]']);
  });

  test.each<[string, (uuid: string | undefined) => unknown]>([
    ['Updating', (UUID) => bench.lambda.updateEventSourceMapping({ UUID, BatchSize: 5 }, bench.call)],
    ['Disabling', (UUID) => bench.lambda.updateEventSourceMapping({ UUID, Enabled: false }, bench.call)],
    ['Enabled, busy with all the batches it may run', () => bench.send('Videos', ...slow(20))],
  ])('a mapping whose queue is deleted while it is %s ends as Disabled', async (_, change) => {
    bench.sqs.setQueueAttributes({ QueueUrl: 'Videos', Attributes: { VisibilityTimeout: '900' } }, bench.call);
    const { UUID } = await bench.map(videos, deployed('other', { timeoutSeconds: 900 }), { BatchSize: 1 });
    change(UUID);
    bench.sqs.deleteQueue({ QueueUrl: 'Videos' }, bench.call);
    await bench.clock.advance(MINUTE);
    expect(bench.lambda.getEventSourceMapping({ UUID }, bench.call).State).toBe('Disabled');
    bench.queue('Videos');
    bench.send('Videos', { id: 1 });
    await bench.clock.advance(30 * MINUTE);
    expect(bench.sqs.counts('Videos')).toMatchObject({ visible: 1 });
  });

  test('a mapping whose queue is deleted while it is Deleting is deleted', async () => {
    const { UUID } = await bench.map(videos, 'worker');
    bench.lambda.deleteEventSourceMapping({ UUID }, bench.call);
    bench.sqs.deleteQueue({ QueueUrl: 'Videos' }, bench.call);
    expect(bench.lambda.getEventSourceMapping({ UUID }, bench.call).State).toBe('Deleting');
    await bench.clock.advance(SECOND);
    expect(bench.lambda.listEventSourceMappings({}, bench.call).EventSourceMappings).toEqual([]);
  });

  test("rejects invalid settings with AWS's messages", () => {
    bench.deploy('slow', 'batch.handler', { timeoutSeconds: 60 });
    expect(() => create({ FunctionName: 'slow' })).toThrow(
      awsError({
        shape: 'InvalidParameterValueException',
        status: 400,
        message: 'Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds',
      }),
    );
    expect(() => create({ EventSourceArn: `${videos}Gone` })).toThrow(
      /SQS Error Code: AWS\.SimpleQueueService\.NonExistentQueue\. SQS Error Message: The specified queue does not exist/,
    );
    expect(() => create({ FunctionName: 'nobody' })).toThrow(
      awsError({ shape: 'InvalidParameterValueException', message: 'Function does not exist' }),
    );
    expect(() => create({ EventSourceArn: undefined })).toThrow('Unrecognized event source.');
    expect(() => create({ BatchSize: 11 })).toThrow(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
    const { UUID } = create();
    expect(() => create()).toThrow(
      awsError({
        shape: 'ResourceConflictException',
        status: 409,
        message:
          `An event source mapping with SQS arn (" ${videos} ") and function (" worker ") already exists. ` +
          `Please update or delete the existing mapping with UUID ${UUID}`,
      }),
    );
  });

  test.each<[string, Partial<CreateEventSourceMappingRequest>, RegExp]>([
    ['a batch of none', { BatchSize: 0 }, /'0' at 'batchSize'.*greater than or equal to 1/],
    ['too large a batch', { BatchSize: 10_001 }, /less than or equal to 10000/],
    ['too long a window', { MaximumBatchingWindowInSeconds: 301 }, /less than or equal to 300/],
    ['too little concurrency', { ScalingConfig: { MaximumConcurrency: 1 } }, /greater than or equal to 2/],
    [
      'an unknown response type',
      { FunctionResponseTypes: ['Nothing' as never] },
      /'Nothing' at 'functionResponseTypes'/,
    ],
    [
      'a failure destination',
      { DestinationConfig: {} },
      /^Unsupported DestinationConfig parameter for given event source mapping type\.$/,
    ],
    ['a starting position', { StartingPosition: 'LATEST' }, /^Unsupported StartingPosition parameter/],
    [
      'a stream',
      { EventSourceArn: 'arn:aws:kinesis:eu-central-1:123456789012:stream/s' },
      /is not emulated: only queues of SQS/,
    ],
    ['another region', { EventSourceArn: 'arn:aws:sqs:us-east-1:123456789012:Videos' }, /must be in the same Region/],
    [
      'a bad filter',
      { FilterCriteria: { Filters: [{ Pattern: '{"messageId":["1"]}' }] } },
      /^Invalid filter pattern definition\./,
    ],
  ])('refused: %s', (_, more, message) => {
    expect(() => create(more)).toThrow(message);
  });

  test('FIFO queues take batches of ten and no window', () => {
    const fifo = bench.queue('Videos.fifo', { FifoQueue: 'true' });
    expect(() => create({ EventSourceArn: fifo, BatchSize: 11, MaximumBatchingWindowInSeconds: 1 })).toThrow(/FIFO/);
    expect(() => create({ EventSourceArn: fifo, MaximumBatchingWindowInSeconds: 1 })).toThrow(
      'Batching window is not supported for FIFO queues',
    );
  });
});

describe('from the queue to the function (§4)', () => {
  let bench: Bench;
  let videos: string;
  const begin = (attributes: Record<string, string> = {}, limits: Partial<LambdaLimits> = {}) => {
    bench = new Bench(limits);
    bench.deploy('worker', 'batch.handler');
    videos = bench.queue('Videos', attributes);
  };
  afterEach(() => bench.lambda.stop());
  const batches = () => bench.output('worker').map((line) => JSON.parse(line) as number[]);
  const ids = (count: number, more: object = {}) => Array.from({ length: count }, (_, id) => ({ id, ...more }));

  test('the event has exactly the shape of Lambda', async () => {
    begin();
    bench.deploy('record', 'functions.record');
    await bench.map(videos, 'record');
    const now = String(bench.clock.now());
    const sent = bench.sqs.sendMessage(
      {
        QueueUrl: 'Videos',
        MessageBody: 'a "body"',
        MessageAttributes: {
          Codec: { DataType: 'String', StringValue: 'av1' },
          Key: { DataType: 'Binary.key', BinaryValue: Buffer.from([1, 2, 3]) },
        },
      },
      bench.call,
    );
    await bench.clock.settle();
    expect(JSON.parse(bench.output('record')[0])).toEqual({
      Records: [
        {
          messageId: sent.MessageId,
          receiptHandle: expect.any(String) as string,
          body: 'a "body"',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: now,
            SenderId: expect.any(String) as string,
            ApproximateFirstReceiveTimestamp: now,
          },
          messageAttributes: {
            Codec: { stringValue: 'av1', stringListValues: [], binaryListValues: [], dataType: 'String' },
            Key: { binaryValue: 'AQID', stringListValues: [], binaryListValues: [], dataType: 'Binary.key' },
          },
          md5OfMessageAttributes: sent.MD5OfMessageAttributes,
          md5OfBody: sent.MD5OfMessageBody,
          eventSource: 'aws:sqs',
          eventSourceARN: videos,
          awsRegion: 'eu-central-1',
        },
      ],
    });
    expect(bench.sqs.counts('Videos')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test.each([
    [0, undefined],
    [1, null],
  ])('without message attributes, and with a window of %i s, their digest is %p', async (window, digest) => {
    begin();
    bench.deploy('record', 'functions.record');
    await bench.map(videos, 'record', { MaximumBatchingWindowInSeconds: window });
    bench.send('Videos', 'plain');
    await bench.clock.advance(2 * SECOND);
    const { Records: records } = JSON.parse(bench.output('record')[0]) as { Records: Record<string, unknown>[] };
    expect(records.map((record) => record.md5OfMessageAttributes)).toEqual([digest]);
  });

  test('success deletes, and batches are as large as they may be', async () => {
    begin();
    bench.send('Videos', ...ids(23));
    await bench.map(videos, 'worker');
    expect(batches().map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(
      batches()
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(ids(23).map(({ id }) => id));
    expect(bench.sqs.counts('Videos')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(bench.of('lambda.invoked').map(({ detail }) => detail.records)).toEqual([10, 10, 3]);
  });

  test('an error deletes nothing: the messages come back when their visibility ends', async () => {
    begin({ VisibilityTimeout: '10' });
    await bench.map(videos, 'worker');
    const start = bench.clock.now();
    bench.send('Videos', { id: 1, throws: 'bad' });
    await bench.clock.advance(25 * SECOND);
    expect(bench.of('lambda.failed').map(({ at }) => at - start)).toEqual([0, 10 * SECOND, 20 * SECOND]);
  });

  test('a window collects more than one receive can hold, and closes early when the batch is full', async () => {
    begin();
    await bench.map(videos, 'worker', { BatchSize: 25, MaximumBatchingWindowInSeconds: 5 });
    const start = bench.clock.now();
    bench.send('Videos', ...ids(12));
    await bench.clock.advance(3 * SECOND);
    bench.send('Videos', ...ids(3));
    await bench.clock.advance(SECOND);
    expect(batches()).toEqual([]);
    await bench.clock.advance(SECOND);
    expect(batches().map(({ length }) => length)).toEqual([15]);
    expect(bench.of('lambda.invoked').map(({ at }) => at - start)).toEqual([5 * SECOND]);
    bench.send('Videos', ...ids(30));
    await bench.clock.settle();
    expect(batches().map(({ length }) => length)).toEqual([15, 25]);
    await bench.clock.advance(5 * SECOND);
    expect(batches().map(({ length }) => length)).toEqual([15, 25, 5]);
  });

  test('a batch of up to 10,000 messages', async () => {
    begin();
    bench.send('Videos', ...ids(10_500));
    await bench.map(videos, 'worker', { BatchSize: 10_000, MaximumBatchingWindowInSeconds: 1 });
    expect(batches().map(({ length }) => length)).toEqual([10_000, 500]);
  });

  test('an event holds 6 MB at most', async () => {
    begin();
    bench.send('Videos', ...ids(9, { filler: 'x'.repeat(1_000_000) }));
    await bench.map(videos, 'worker');
    expect(batches().map(({ length }) => length)).toEqual([6, 3]);
    expect(bench.sqs.counts('Videos')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  const partial = { FunctionResponseTypes: ['ReportBatchItemFailures' as const] };

  test('with partial batch responses only reported messages return', async () => {
    begin();
    bench.send('Videos', { id: 1 }, { id: 2, fails: true }, { id: 3 });
    await bench.map(videos, 'worker', partial);
    expect(bench.sqs.counts('Videos')).toMatchObject({ visible: 0, inFlight: 1 });
    await bench.clock.advance(30 * SECOND);
    expect(batches()).toEqual([[1, 2, 3], [2]]);
  });

  test.each<[string, unknown, 'success' | 'failure']>([
    ['an empty list', { batchItemFailures: [] }, 'success'],
    ['a null list', { batchItemFailures: null }, 'success'],
    ['an empty object', {}, 'success'],
    ['null', null, 'success'],
    ['an empty string', '', 'success'],
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: 'unknown' }] }, 'failure'],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }, 'failure'],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }, 'failure'],
    ['a misnamed identifier', { batchItemFailures: [{ id: 'x' }] }, 'failure'],
    ['no list', { batchItemFailures: 'all' }, 'failure'],
    ['a bare list', [], 'failure'],
  ])('with partial responses, %j', async (_, answer, outcome) => {
    begin();
    bench.send('Videos', { id: 1, answer }, { id: 2 });
    await bench.map(videos, 'worker', partial);
    const left = outcome === 'success' ? 0 : 2;
    expect(bench.sqs.counts('Videos')).toEqual({ visible: 0, inFlight: left, delayed: 0 });
    expect(bench.of('lambda.batchFailed')).toHaveLength(outcome === 'success' ? 0 : 1);
  });

  test("filters delete messages that don't match", async () => {
    begin();
    bench.send('Videos', { id: 1, codec: 'av1' }, { id: 2, codec: 'h264' }, 'plain text', { id: 3, codec: 'vp9' });
    const FilterCriteria = { Filters: [{ Pattern: '{"body":{"codec":["av1"]}}' }, { Pattern: '{"body":{"id":[3]}}' }] };
    await bench.map(videos, 'worker', { FilterCriteria });
    expect(batches()).toEqual([[1, 3]]);
    expect(bench.sqs.counts('Videos')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('poison messages end in the dead-letter queue, the rest of their batches does not', async () => {
    const dead = { deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:123456789012:Dead', maxReceiveCount: 3 };
    begin();
    bench.queue('Dead');
    bench.sqs.setQueueAttributes(
      { QueueUrl: 'Videos', Attributes: { RedrivePolicy: JSON.stringify(dead) } },
      bench.call,
    );
    bench.send('Videos', ...ids(9), { id: 9, fails: true });
    await bench.map(videos, 'worker', partial);
    await bench.clock.advance(3 * MINUTE);
    expect(batches()).toEqual([ids(10).map(({ id }) => id), [9], [9]]);
    expect(bench.sqs.counts('Dead')).toMatchObject({ visible: 1 });
  });

  test('a throttled batch is tried until its visibility ends, and its receive has counted', async () => {
    begin({ VisibilityTimeout: '30' });
    bench.deploy('none', 'batch.handler', { reservedConcurrency: 0 });
    await bench.map(videos, 'none');
    bench.send('Videos', { id: 1 });
    await bench.clock.advance(29 * SECOND);
    const tries = bench.of('lambda.throttled');
    expect(tries.map(({ at }) => (at - tries[0].at) / SECOND)).toEqual([0, 1, 3, 7, 15, 25]);
    await bench.clock.advance(10 * SECOND);
    expect(new Set(bench.of('lambda.throttled').map(({ detail }) => detail.request)).size).toBe(2);
    expect(bench.of('sqs.received').at(-1)?.detail.receives).toBe(2);
  });

  const slow = { sleep: 120_000 };
  const running = (name: string) => bench.lambda.functions().find((fn) => fn.name === name)?.running;

  test('batches begin with five at a time and grow by 300 a minute while there is a backlog', async () => {
    begin({ VisibilityTimeout: '600' }, { mappingTransition: 0 });
    bench.deploy('slow', 'batch.handler', { timeoutSeconds: 180 });
    bench.send('Videos', ...ids(500, slow));
    bench.lambda.createEventSourceMapping({ FunctionName: 'slow', EventSourceArn: videos, BatchSize: 1 }, bench.call);
    const seen: unknown[] = [];
    for (const seconds of [0, 1, 9, 50]) {
      await bench.clock.advance(seconds * SECOND);
      seen.push(running('slow'));
    }
    expect(seen).toEqual([5, 10, 55, 305]);
  });

  test('the ramp ends at 1,250; errors halve it and an empty queue takes it back to five', () => {
    const ramp = new ConcurrencyRamp({ start: 5, maximum: 1_250, growthPerMinute: 300 });
    expect([ramp.saturated(0), ramp.allowance(199), ramp.allowance(200)]).toEqual([200, 5, 6]);
    expect(ramp.allowance(10 * MINUTE)).toBe(1_250);
    expect(ramp.saturated(10 * MINUTE)).toBeUndefined();
    ramp.backOff(10 * MINUTE);
    expect(ramp.allowance(11 * MINUTE)).toBe(625);
    ramp.quiet();
    expect(ramp.allowance(12 * MINUTE)).toBe(5);
    for (let i = 0; i < 5; i++) ramp.backOff(12 * MINUTE);
    expect(ramp.allowance(12 * MINUTE)).toBe(1);
  });

  test('the ramp rests once it has caught up, and goes on from there', () => {
    const ramp = new ConcurrencyRamp({ start: 5, maximum: 1_250, growthPerMinute: 300 });
    ramp.saturated(0);
    ramp.caughtUp(MINUTE);
    expect(ramp.allowance(5 * MINUTE)).toBe(305);
    expect(ramp.saturated(5 * MINUTE)).toBe(5 * MINUTE + 200);
    expect(ramp.allowance(6 * MINUTE)).toBe(605);
    ramp.backOff(6 * MINUTE);
    expect(ramp.allowance(7 * MINUTE)).toBe(302);
    expect(ramp.saturated(7 * MINUTE)).toBe(7 * MINUTE + 200);
    ramp.quiet();
    expect(ramp.saturated(8 * MINUTE)).toBe(8 * MINUTE + 200);
  });

  test('the ramp starts at no more than its maximum, and returns to it', () => {
    const ramp = new ConcurrencyRamp({ start: 5, maximum: 2, growthPerMinute: 300 });
    expect([ramp.allowance(0), ramp.saturated(0)]).toEqual([2, undefined]);
    ramp.backOff(0);
    ramp.quiet();
    expect(ramp.allowance(0)).toBe(2);
  });

  test('a backlog that is worked off does not make the next one ramp from where the last has ended', async () => {
    begin({ VisibilityTimeout: '600' }, { mappingTransition: 0 });
    bench.deploy('slow', 'batch.handler', { timeoutSeconds: 60 });
    bench.lambda.createEventSourceMapping({ FunctionName: 'slow', EventSourceArn: videos, BatchSize: 1 }, bench.call);
    await bench.clock.advance(0);
    bench.send('Videos', ...ids(8, { sleep: 10 * SECOND }));
    await bench.clock.advance(2 * SECOND);
    expect(running('slow')).toBe(8);
    await bench.clock.advance(5 * MINUTE); // all is done, and polls found nothing
    bench.send('Videos', ...ids(20, { sleep: 10 * SECOND }));
    await bench.clock.settle();
    expect(running('slow')).toBe(5);
  });

  test('a mapping outlives its function, and takes up its work when it is back', async () => {
    begin();
    await bench.map(videos, 'worker');
    await bench.lambda.deleteFunction({ FunctionName: 'worker' }, bench.call);
    bench.send('Videos', { id: 1 });
    await bench.clock.advance(SECOND);
    expect(bench.sqs.counts('Videos')).toMatchObject({ inFlight: 1 });
    bench.deploy('worker', 'batch.handler');
    await bench.clock.advance(30 * SECOND);
    expect(batches()).toEqual([[1]]);
  });

  test('never more than MaximumConcurrency, and no message is held that has no room', async () => {
    begin({ VisibilityTimeout: '600' });
    bench.deploy('slow', 'batch.handler', { timeoutSeconds: 180 });
    bench.send('Videos', ...ids(20, slow));
    await bench.map(videos, 'slow', { BatchSize: 2, ScalingConfig: { MaximumConcurrency: 3 } });
    await bench.clock.advance(MINUTE);
    expect(running('slow')).toBe(3);
    expect(bench.sqs.counts('Videos')).toMatchObject({ visible: 14, inFlight: 6 });
  });

  const emptyReceives = async (queue: string): Promise<number> => {
    bench.sqs.collectMetrics(bench.clock.now());
    await bench.clock.advance(60 * MINUTE);
    const data = bench.sqs.collectMetrics(bench.clock.now() - MINUTE);
    const of = ({ name, dimensions }: (typeof data)[number]) =>
      name === 'NumberOfEmptyReceives' && dimensions.QueueName === queue;
    return data.find(of)?.sum ?? 0;
  };

  test.each<[number, string, string, Partial<LambdaLimits>, Partial<CreateEventSourceMappingRequest>]>([
    [900, 'five long polls after another', 'Videos', {}, {}],
    [900, 'five, of a FIFO queue', 'Videos.fifo', {}, {}],
    [900, 'five, with a window', 'Videos', {}, { MaximumBatchingWindowInSeconds: 300 }],
    [180, 'as many as idlePollers says', 'Videos', { idlePollers: 1 }, {}],
    [360, 'no more than there is room for', 'Videos', {}, { ScalingConfig: { MaximumConcurrency: 2 } }],
    [1_440, 'the minimum of provisioned pollers', 'Videos', {}, { ProvisionedPollerConfig: { MinimumPollers: 8 } }],
  ])('an idle mapping makes %i empty receives an hour: %s', async (count, _, queue, limits, settings) => {
    begin({}, limits);
    const arn = queue === 'Videos' ? videos : bench.queue(queue, { FifoQueue: 'true' });
    await bench.map(arn, 'worker', settings);
    await bench.clock.advance(MINUTE);
    expect(await emptyReceives(queue)).toBe(count);
    let events = 0;
    const end = bench.clock.now() + MINUTE;
    while ((bench.clock.nextAt ?? Infinity) <= end && (await bench.clock.next())) events++;
    expect(events).toBe(count / 60); // nothing but the polls themselves
  });

  test('200 provisioned pollers wait at once, and again as soon as they have waited in vain', async () => {
    begin();
    await bench.map(videos, 'worker', { ProvisionedPollerConfig: { MinimumPollers: 200 } });
    await bench.clock.advance(19 * SECOND);
    expect(bench.sqs.waitingState('Videos')).toMatchObject({ waitingReceives: 200 });
    await bench.clock.advance(0);
    expect(await emptyReceives('Videos')).toBe(200 * 180);
    expect(bench.sqs.waitingState('Videos')).toMatchObject({ waitingReceives: 200 });
  });

  test.each([0, 1_001, 1.5, NaN])('idlePollers of %p are refused', (idlePollers) => {
    expect(() => new Bench({ idlePollers })).toThrow(
      new RangeError(`idlePollers must be a whole number from 1 to 1,000, but was ${idlePollers}`),
    );
    expect(() => [new Bench({ idlePollers: 1 }), new Bench({ idlePollers: 1_000 })]).not.toThrow();
  });

  test('waiting polls never receive more messages than there is room for', async () => {
    begin({ VisibilityTimeout: '600' });
    bench.deploy('slow', 'batch.handler', { timeoutSeconds: 180 });
    await bench.map(videos, 'slow', { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 3 } });
    const Entries = ids(10, slow).map((body, id) => ({ Id: String(id), MessageBody: JSON.stringify(body) }));
    bench.sqs.sendMessageBatch({ QueueUrl: 'Videos', Entries }, bench.call);
    await bench.clock.settle();
    expect(running('slow')).toBe(3);
    expect(bench.sqs.counts('Videos')).toMatchObject({ visible: 7, inFlight: 3 });
  });

  test('polls that lose their place to an error take no messages', async () => {
    begin({ VisibilityTimeout: '600' });
    bench.deploy('slow', 'batch.handler', { timeoutSeconds: 180 });
    await bench.map(videos, 'slow', { BatchSize: 1 });
    bench.send('Videos', { id: 0, throws: 'bad' });
    await bench.clock.settle();
    // Five are halved to two.
    const Entries = ids(10, slow).map((body, id) => ({ Id: String(id), MessageBody: JSON.stringify(body) }));
    bench.sqs.sendMessageBatch({ QueueUrl: 'Videos', Entries }, bench.call);
    await bench.clock.settle();
    expect(running('slow')).toBe(2);
    expect(bench.sqs.counts('Videos')).toMatchObject({ visible: 8, inFlight: 3 });
  });

  test('while a batching window is open, one poll requests the messages missing in the batch', async () => {
    begin();
    await bench.map(videos, 'worker', { BatchSize: 12, MaximumBatchingWindowInSeconds: 60 });
    bench.send('Videos', ...ids(5));
    await bench.clock.advance(30 * SECOND);
    expect(bench.sqs.waitingState('Videos')).toMatchObject({ waitingReceives: 5 });
    bench.send('Videos', ...ids(7));
    await bench.clock.settle();
    expect(batches().map(({ length }) => length)).toEqual([12]);
    expect(bench.sqs.waitingState('Videos')).toMatchObject({ waitingReceives: 5 });
  });

  test('a FIFO queue keeps the order of each group, an error included', async () => {
    begin();
    bench.queue('Videos.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    await bench.map(`${videos}.fifo`, 'worker', { BatchSize: 2, ...partial });
    for (const id of [1, 2, 3, 4]) {
      const MessageBody = JSON.stringify({ id, ...(id === 1 && { answer: 'unreadable' }) });
      bench.sqs.sendMessage({ QueueUrl: 'Videos.fifo', MessageBody, MessageGroupId: 'g' }, bench.call);
    }
    await bench.clock.advance(10 * SECOND);
    const first = batches();
    expect(first).toEqual([first[0]]);
    expect(first[0][0]).toBe(1);
    await bench.clock.advance(25 * SECOND);
    expect(batches()[1][0]).toBe(1);
  });

  test('after a stop it invokes nothing, and its messages return to the queue', async () => {
    begin();
    await bench.map(videos, 'worker', { BatchSize: 100, MaximumBatchingWindowInSeconds: 10 });
    bench.send('Videos', { id: 1 });
    await bench.clock.settle();
    await bench.lambda.stop();
    await bench.clock.advance(20 * SECOND);
    expect(batches()).toEqual([]);
    await bench.clock.advance(20 * SECOND);
    expect(bench.sqs.counts('Videos')).toMatchObject({ visible: 1 });
  });

  test('the same seed and the same sends give the same run', async () => {
    const play = async () => {
      begin({ VisibilityTimeout: '5' });
      await bench.map(videos, 'worker', { BatchSize: 4, ...partial });
      for (let i = 0; i < 40; i++) {
        bench.send('Videos', { id: i, sleep: (i * 37) % 1_500, ...(i % 7 === 0 && { fails: true }) });
        await bench.clock.advance(i * 10);
      }
      await bench.clock.advance(MINUTE);
      return JSON.stringify([bench.events, bench.lines]);
    };
    const first = await play();
    await bench.lambda.stop();
    expect(await play()).toBe(first);
  });
});

describe('filter patterns (§4)', () => {
  test.each<[object, object | string, boolean]>([
    [{ a: ['x', null] }, { a: 'x' }, true],
    [{ a: ['x', null] }, { a: null }, true],
    [{ a: ['x'] }, { b: 'x' }, false],
    [{ a: [1] }, { a: '1' }, false],
    [{ a: { b: [true] } }, { a: { b: true } }, true],
    [{ a: { b: [true] } }, { a: [{ b: false }, { b: true }] }, true],
    [{ a: ['x'], b: ['y'] }, { a: 'x', b: 'z' }, false],
    [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { a: 'w', b: 'y' }, true],
    [{ a: [{ exists: false }] }, { b: 1 }, true],
    [{ a: [{ exists: true }] }, { b: 1 }, false],
    [{ a: [{ prefix: 'eu-' }] }, { a: 'eu-central-1' }, true],
    [{ a: [{ suffix: '.mp4' }] }, { a: 'cat.mov' }, false],
    [{ a: [{ 'equals-ignore-case': 'CAT' }] }, { a: 'cat' }, true],
    [{ a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'z' }, true],
    [{ a: [{ 'anything-but': { prefix: 'x' } }] }, { a: 'xy' }, false],
    [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 5 }, true],
    [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 0 }, false],
    [{ a: [{ numeric: ['=', 3] }] }, { a: [1, 3] }, true],
    [{ a: ['x'] }, 'no JSON', false],
  ])('%j on %j: %s', (body, message, matches) => {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    expect(FilterPattern.parse(JSON.stringify({ body })).matches(text)).toBe(matches);
  });

  test('a list is for plain text', () => {
    const pattern = FilterPattern.parse('{"body":[{"prefix":"ERROR"}]}');
    expect(['ERROR: disk', 'fine', '{"a":"ERROR"}'].map((body) => pattern.matches(body))).toEqual([true, false, false]);
  });

  test.each([
    '',
    '[]',
    '{"body":"x"}',
    '{"body":[]}',
    '{"body":{}}',
    '{"body":{"a":"x"}}',
    '{"body":{"a":[{"like":"x"}]}}',
  ])('refused: %s', (text) => {
    expect(() => FilterPattern.parse(text)).toThrow();
  });
});
