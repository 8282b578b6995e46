import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  InvokeCommand,
} from '@aws-sdk/client-lambda';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { CONSUMER, inline, LocalLambda, queueArn } from './local-lambda';

const WORKS = `exports.handler = async ({ sleep = 0, throws }) => {
  await new Promise((done) => setTimeout(done, sleep));
  if (throws) throw new Error(throws);
};`;

describe('metrics of functions in AWS/Lambda', () => {
  let cloud: LocalLambda;
  let start: number;
  beforeEach(async () => {
    cloud = await LocalLambda.deploy({
      Encoder: inline('encoder', WORKS, { Timeout: 300 }),
      Few: inline('few', WORKS, { Timeout: 300, ReservedConcurrentExecutions: 1 }),
    });
    start = cloud.clock.now();
  });
  afterEach(() => cloud.stop());

  const encoder = { FunctionName: 'encoder' };

  test('invocations, errors and durations, in the minute in which the invocation began', async () => {
    const running = [
      await cloud.begin(encoder, { sleep: 100 }),
      await cloud.begin(encoder, { sleep: 300 }),
      await cloud.begin(encoder, { sleep: 90_000, throws: 'late' }),
    ];
    await cloud.clock.advance(3 * MINUTE);
    await Promise.all(running.map(({ answer }) => answer));
    const metric = (name: string, stat: string, dimensions: Record<string, string> = encoder) =>
      cloud.metric(name, stat, dimensions, start);
    expect(await metric('Invocations', 'Sum')).toEqual([3, null, null]);
    expect(await metric('Errors', 'Sum')).toEqual([1, null, null]);
    expect(await metric('Errors', 'SampleCount')).toEqual([3, null, null]);
    expect(await metric('Throttles', 'Sum')).toEqual([0, null, null]);
    expect(await metric('Duration', 'Maximum')).toEqual([90_000, null, null]);
    expect(await metric('Duration', 'p50')).toEqual([300, null, null]);
    expect(await metric('ConcurrentExecutions', 'Maximum')).toEqual([3, 1, null]);
    expect(await metric('Invocations', 'Sum', { FunctionName: 'encoder', Resource: 'encoder' })).toEqual([
      3,
      null,
      null,
    ]);
    expect(await metric('Invocations', 'Sum', {})).toEqual([3, null, null]);
    expect(await metric('UnreservedConcurrentExecutions', 'Maximum', {})).toEqual([3, 1, null]);
  });

  test('a throttled request is neither an invocation nor an error', async () => {
    const few = { FunctionName: 'few' };
    const { answer: running } = await cloud.begin(few, { sleep: 1_000 });
    await expect(cloud.invoke(few)).rejects.toThrow('Rate Exceeded.');
    await cloud.clock.advance(2 * MINUTE);
    await running;
    expect(await cloud.metric('Invocations', 'Sum', few, start)).toEqual([1, null]);
    expect(await cloud.metric('Throttles', 'Sum', few, start)).toEqual([1, null]);
    expect(await cloud.metric('Errors', 'Sum', few, start)).toEqual([0, null]);
    expect(await cloud.metric('ConcurrentExecutions', 'Maximum', {}, start)).toEqual([1, null]);
    expect(await cloud.metric('UnreservedConcurrentExecutions', 'Maximum', {}, start)).toEqual([0, null]);
  });

  test('asynchronous invocations are counted when they are accepted, tried and dropped', async () => {
    const Payload = Buffer.from('{"throws":"always"}');
    await cloud.lambda.send(new InvokeCommand({ ...encoder, InvocationType: 'Event', Payload }));
    await cloud.clock.advance(5 * MINUTE);
    const metric = (name: string, stat: string) => cloud.metric(name, stat, encoder, start);
    expect(await metric('AsyncEventsReceived', 'Sum')).toEqual([1, null, null, null, null]);
    // A timer of no time takes a millisecond.
    expect(await metric('AsyncEventAge', 'Maximum')).toEqual([0, MINUTE + 1, null, 3 * MINUTE + 2, null]);
    expect(await metric('AsyncEventsDropped', 'Sum')).toEqual([null, null, null, 1, null]);
  });

  test('a function that is not invoked publishes nothing', async () => {
    await cloud.clock.advance(5 * MINUTE);
    expect(await cloud.metricNames(encoder)).toEqual([]);
    expect(await cloud.metricNames({})).toEqual([]);
  });
});

describe('metrics of event source mappings (§4: metrics are opt-in)', () => {
  let cloud: LocalLambda;
  let start: number;
  beforeEach(async () => {
    cloud = await LocalLambda.deploy({
      Videos: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'Videos', VisibilityTimeout: 50 } },
      Encoder: inline('encoder', CONSUMER),
      None: inline('none', CONSUMER, { ReservedConcurrentExecutions: 0 }),
    });
  });
  afterEach(() => cloud.stop());

  async function map(more: Partial<CreateEventSourceMappingCommandInput>): Promise<(name: string) => Promise<unknown>> {
    const mapping = await cloud.lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'encoder',
        EventSourceArn: queueArn('Videos'),
        MetricsConfig: { Metrics: ['EventCount'] },
        ...more,
      }),
    );
    await cloud.clock.advance(MINUTE);
    start = cloud.clock.now();
    return (name) => cloud.metric(name, 'Sum', { EventSourceMappingUUID: mapping.UUID ?? '' }, start);
  }

  test('counts polled, filtered, invoked and deleted messages', async () => {
    const sum = await map({ FilterCriteria: { Filters: [{ Pattern: '{"body":{"id":[{"numeric":[">",2]}]}}' }] } });
    await cloud.send('Videos', [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 5 }]);
    await cloud.clock.advance(2 * MINUTE);
    expect(await sum('PolledEventCount')).toEqual([5, 0]);
    expect(await sum('FilteredOutEventCount')).toEqual([2, 0]);
    expect(await sum('InvokedEventCount')).toEqual([3, null]);
    expect(await sum('DeletedEventCount')).toEqual([3, null]);
    expect(await sum('FailedInvokeEventCount')).toEqual([null, null]);
  });

  test('an error fails the whole batch, and its messages count again when they come back', async () => {
    const sum = await map({});
    await cloud.send('Videos', [{ id: 1, throws: 'bad' }, { id: 2 }]);
    await cloud.clock.advance(2 * MINUTE);
    expect(await sum('PolledEventCount')).toEqual([4, 2]);
    expect(await sum('InvokedEventCount')).toEqual([4, 2]);
    expect(await sum('FailedInvokeEventCount')).toEqual([4, 2]);
    expect(await sum('DeletedEventCount')).toEqual([null, null]);
    expect(await sum('FilteredOutEventCount')).toEqual([null, null]);
  });

  test('of a partial failure, the messages that failed', async () => {
    const sum = await map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await cloud.send('Videos', [{ id: 1, fails: true }, { id: 2 }, { id: 3 }]);
    await cloud.clock.advance(MINUTE);
    expect(await sum('FailedInvokeEventCount')).toEqual([2]);
    expect(await sum('DeletedEventCount')).toEqual([2]);
  });

  test('a throttled batch counts at each try', async () => {
    const sum = await map({ FunctionName: 'none' });
    await cloud.send('Videos', [{ id: 1 }, { id: 2 }]);
    await cloud.clock.advance(MINUTE);
    // Tries after 0, 1, 3, 7, 15, 25, 35 and 45 s; back in the queue after 50 s, tries after 50, 51, 53 and 57 s.
    expect(await sum('InvokedEventCount')).toEqual([24]);
    expect(await sum('FailedInvokeEventCount')).toEqual([24]);
  });

  test('does not count messages that cannot be deleted', async () => {
    const sum = await map({});
    await cloud.send('Videos', [{ id: 1, sleep: 2 * SECOND }]);
    await cloud.clock.advance(SECOND);
    await cloud.sqs.send(new DeleteQueueCommand({ QueueUrl: 'Videos' }));
    await cloud.clock.advance(MINUTE);
    expect(await sum('DeletedEventCount')).toEqual([0]);
  });

  test('nothing without being asked to, nothing that is not for queues', async () => {
    const sum = await map({ MetricsConfig: undefined });
    await cloud.send('Videos', [{ id: 1 }]);
    await cloud.clock.advance(MINUTE);
    expect(await sum('PolledEventCount')).toEqual([null]);
    await expect(map({ FunctionName: 'none', MetricsConfig: { Metrics: ['KafkaMetrics'] } })).rejects.toThrow(
      'KafkaMetrics metrics are not supported for an Amazon SQS event source.',
    );
    await expect(
      map({ FunctionName: 'none', MetricsConfig: { Metrics: ['Everything' as never] } }),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value 'Everything' at 'metricsConfig.metrics' failed to satisfy constraint: " +
        'Member must satisfy enum value set: [EventCount, ErrorCount, KafkaMetrics]',
    });
  });
});
