import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { HOUR, MINUTE, Random, SECOND, VirtualClock } from '../../../../lib/emulator/clock';
import { Lambda, type Invocation } from '../../../../lib/emulator/services/lambda';
import { SqsEventSource } from '../../../../lib/emulator/integrations/lambda-event-sources';
import { Sqs } from '../../../../lib/emulator/services/sqs';
import { Timeline } from '../../../../lib/emulator/timeline';
import { CONSUMER, inline, LocalLambda, queueArn } from './local-lambda';

describe('batch responses (§4 ReportBatchItemFailures)', () => {
  /** A mapping whose function answers, to a batch of two messages, the text that `answer` makes of their ids. */
  async function left(answer: (ids: string[]) => Invocation, reports = true): Promise<number> {
    const clock = new VirtualClock();
    const place = { clock, timeline: new Timeline(clock), account: '123456789012', region: 'eu-central-1' };
    const call = { account: place.account, region: place.region, principal: 'root', endpoint: 'http://127.0.0.1' };
    const random = new Random(7);
    const sqs = new Sqs({ ...place, random });
    const lambda = new Lambda({
      ...place,
      random,
      queues: new SqsEventSource({ ...place, api: { sqs } }),
      runner: {
        run: (_, event) => {
          const { Records } = JSON.parse(event) as { Records: { messageId: string }[] };
          return Promise.resolve(answer(Records.map(({ messageId }) => messageId)));
        },
        dispose: () => Promise.resolve(),
      },
    });
    const functionArn = 'arn:aws:lambda:eu-central-1:123456789012:function:worker';
    lambda.deployFunction({
      functionName: 'worker',
      functionArn,
      runtime: 'nodejs22.x',
      handler: 'index.handler',
      codeDirectory: '/',
      environment: {},
      timeoutSeconds: 3,
      memoryMegabytes: 128,
    });
    sqs.createQueue({ QueueName: 'Videos' }, call);
    for (const MessageBody of ['a', 'b']) sqs.sendMessage({ QueueUrl: 'Videos', MessageBody }, call);
    const EventSourceArn = 'arn:aws:sqs:eu-central-1:123456789012:Videos';
    const FunctionResponseTypes = reports ? (['ReportBatchItemFailures'] as const) : [];
    lambda.createEventSourceMapping(
      { FunctionName: 'worker', EventSourceArn, FunctionResponseTypes: [...FunctionResponseTypes] },
      call,
    );
    await clock.advance(5 * SECOND);
    await lambda.stop();
    return sqs.counts('Videos')?.inFlight ?? NaN;
  }

  const failures = (list: unknown): string => JSON.stringify({ batchItemFailures: list });

  test.each<[string, (ids: string[]) => string | undefined, number]>([
    ['nothing at all', () => undefined, 0],
    ['an empty answer', () => '', 0],
    ['null', () => 'null', 0],
    ['an empty string', () => '""', 0],
    ['an empty object', () => '{}', 0],
    ['an empty list', () => failures([]), 0],
    ['a null list', () => failures(null), 0],
    ['other keys only', () => '{"statusCode":200}', 0],
    ['one failure', ([first]) => failures([{ itemIdentifier: first }]), 1],
    ['the same failure twice', ([first]) => failures([{ itemIdentifier: first }, { itemIdentifier: first }]), 1],
    ['both failures', (ids) => failures(ids.map((itemIdentifier) => ({ itemIdentifier }))), 2],
    ['more keys beside the identifier', ([first]) => failures([{ itemIdentifier: first, reason: 'x' }]), 1],
    ['no JSON', () => 'no JSON', 2],
    ['JSON cut short', ([first]) => failures([{ itemIdentifier: first }]).slice(0, -1), 2],
    ['a text', () => '"all good"', 2],
    ['a number', () => '1', 2],
    ['true', () => 'true', 2],
    ['a bare list', ([first]) => JSON.stringify([{ itemIdentifier: first }]), 2],
    ['a list that is a text', ([first]) => failures(first), 2],
    ['a list that is an object', ([first]) => failures({ itemIdentifier: first }), 2],
    ['identifiers without objects', ([first]) => failures([first]), 2],
    ['a null entry', () => failures([null]), 2],
    ['an empty entry', () => failures([{}]), 2],
    ['an empty identifier', () => failures([{ itemIdentifier: '' }]), 2],
    ['a null identifier', () => failures([{ itemIdentifier: null }]), 2],
    ['a number as identifier', () => failures([{ itemIdentifier: 1 }]), 2],
    ['a misnamed identifier', ([first]) => failures([{ itemidentifier: first }]), 2],
    ['an unknown identifier', () => failures([{ itemIdentifier: 'unknown' }]), 2],
    ['a known and an unknown one', ([first]) => failures([{ itemIdentifier: first }, { itemIdentifier: 'x' }]), 2],
    ['an identifier with a blank', ([first]) => failures([{ itemIdentifier: `${first} ` }]), 2],
  ])('%s', async (_, answer, expected) => {
    expect(await left((ids) => ({ payload: answer(ids) }))).toBe(expected);
  });

  test('an error fails all, whatever else there is', async () => {
    expect(await left(() => ({ error: { errorType: 'Error', errorMessage: 'x' } }))).toBe(2);
  });

  test('without the response type the answer means nothing', async () => {
    expect(await left(([first]) => ({ payload: failures([{ itemIdentifier: first }]) }), false)).toBe(0);
    expect(await left(() => ({ payload: 'no JSON' }), false)).toBe(0);
  });
});

describe('through the SDK (§4)', () => {
  let cloud: LocalLambda;
  beforeEach(async () => {
    cloud = await LocalLambda.deploy({
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'Dead' } },
      Videos: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'Videos',
          VisibilityTimeout: 30,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
        },
      },
      Ordered: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'Ordered.fifo',
          FifoQueue: true,
          ContentBasedDeduplication: true,
          VisibilityTimeout: 400,
        },
      },
      Encoder: inline('encoder', CONSUMER, { Timeout: 30 }),
      Slow: inline('slow', CONSUMER, { Timeout: 300 }),
      None: inline('none', CONSUMER, { Timeout: 30, ReservedConcurrentExecutions: 0 }),
    });
  });
  afterEach(() => cloud.stop());

  const create = (more: Partial<CreateEventSourceMappingCommandInput> = {}) =>
    cloud.lambda.send(
      new CreateEventSourceMappingCommand({ FunctionName: 'encoder', EventSourceArn: queueArn('Videos'), ...more }),
    );
  const stateOf = async (UUID?: string) =>
    (await cloud.lambda.send(new GetEventSourceMappingCommand({ UUID: UUID ?? '' }))).State;
  const batches = (name: string) => cloud.output(name).map((line) => JSON.parse(line) as number[]);

  test('states: each change is accepted with 202, and comes into force a little later', async () => {
    const { UUID = '', State, StateTransitionReason, $metadata } = await create();
    expect([$metadata.httpStatusCode, State, StateTransitionReason]).toEqual([202, 'Creating', 'USER_INITIATED']);
    await expect(cloud.lambda.send(new DeleteEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
    await cloud.clock.advance(SECOND);
    expect(await stateOf(UUID)).toBe('Enabled');
    for (const [change, during, after] of [
      [{ BatchSize: 5 }, 'Updating', 'Enabled'],
      [{ Enabled: false }, 'Disabling', 'Disabled'],
      [{ BatchSize: 6 }, 'Updating', 'Disabled'],
      [{ Enabled: true }, 'Enabling', 'Enabled'],
    ] as const) {
      const updated = await cloud.lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...change }));
      expect([updated.$metadata.httpStatusCode, updated.State]).toEqual([202, during]);
      await cloud.clock.advance(SECOND);
      expect(await stateOf(UUID)).toBe(after);
    }
    const deleted = await cloud.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    expect([deleted.$metadata.httpStatusCode, deleted.State]).toEqual([202, 'Deleting']);
    await cloud.clock.advance(SECOND);
    await expect(stateOf(UUID)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('§4: the visibility timeout is checked when a mapping is made, not when the function gets more time', async () => {
    await expect(create({ FunctionName: 'slow' })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Queue visibility timeout: 30 seconds is less than Function timeout: 300 seconds',
    });
    const { UUID = '' } = await create();
    await cloud.clock.advance(SECOND);
    await cloud.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'encoder', Timeout: 300 }));
    await cloud.send('Videos', [{ id: 1 }]);
    await cloud.clock.advance(SECOND);
    expect(batches('encoder')).toEqual([[1]]);
    await expect(cloud.lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 5 }))).rejects.toThrow(
      /^Queue visibility timeout: 30 seconds is less than Function timeout: 300 seconds$/,
    );
  });

  test('§4: a throttled batch has used up a receive: healthy messages end in the dead-letter queue', async () => {
    await create({ FunctionName: 'none' });
    await cloud.send('Videos', [{ id: 1 }]);
    await cloud.clock.advance(2 * MINUTE);
    expect(cloud.emulator.status().queues.find(({ name }) => name === 'Dead')).toMatchObject({ visible: 1 });
    expect(cloud.of('lambda.invoked')).toEqual([]);
  });

  test("§4: failed messages wait for the rest of their visibility timeout, and filters delete messages that don't match", async () => {
    await create({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"id":[1,2]}}' }] },
    });
    await cloud.clock.advance(MINUTE);
    const start = cloud.clock.now();
    await cloud.send('Videos', [{ id: 1, sleep: 10 * SECOND, fails: true }, { id: 2 }, { id: 3 }]);
    await cloud.clock.advance(MINUTE);
    expect(cloud.of('lambda.invoked').map(({ at }) => at - start)).toEqual([0, 30 * SECOND]);
    expect(batches('encoder')).toEqual([[1, 2], [1]]);
    expect(cloud.of('sqs.deleted')).toHaveLength(2);
  });

  test('errors slow a mapping down, but not one that reports failures', async () => {
    const invoked = async (more: Partial<CreateEventSourceMappingCommandInput>) => {
      await create({ FunctionName: 'slow', EventSourceArn: queueArn('Dead'), BatchSize: 1, ...more });
      await cloud.clock.advance(3 * SECOND);
      return cloud.of('lambda.invoked').length;
    };
    await cloud.sqs.send(new SetQueueAttributesCommand({ QueueUrl: 'Dead', Attributes: { VisibilityTimeout: '900' } }));
    const bodies = Array.from({ length: 60 }, (_, id) => ({ id, sleep: SECOND, throws: 'bad' }));
    await cloud.send('Dead', bodies);
    const slowedDown = await invoked({});
    await cloud.stop();
    cloud = await LocalLambda.deploy({
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'Dead', VisibilityTimeout: 900 } },
      Slow: inline('slow', CONSUMER, { Timeout: 300 }),
    });
    await cloud.send('Dead', bodies);
    const reporting = await invoked({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    expect(slowedDown).toBeLessThan(reporting);
    // Two seconds of work: 5 at once, and 5 more of them a second.
    expect(reporting).toBeGreaterThanOrEqual(15);
  });

  test('FIFO: runs at most one batch per group, and at most MaximumConcurrency; groups may share a batch', async () => {
    const { UUID } = await create({ FunctionName: 'slow', EventSourceArn: queueArn('Ordered.fifo'), BatchSize: 1 });
    await cloud.clock.advance(MINUTE);
    for (const group of ['a', 'b', 'c', 'd']) {
      await cloud.send(
        'Ordered.fifo',
        [
          { id: 1, group, sleep: MINUTE },
          { id: 2, group, sleep: MINUTE },
        ],
        group,
      );
    }
    await cloud.clock.advance(SECOND);
    const running = () => cloud.of('lambda.invoked').length - cloud.of('lambda.returned').length;
    expect(running()).toBe(4);
    await cloud.clock.advance(5 * MINUTE);
    expect(cloud.of('lambda.returned')).toHaveLength(8);
    await cloud.lambda.send(
      new UpdateEventSourceMappingCommand({ UUID, BatchSize: 10, ScalingConfig: { MaximumConcurrency: 2 } }),
    );
    await cloud.clock.advance(MINUTE);
    for (const group of ['a', 'b', 'c', 'd']) {
      await cloud.send('Ordered.fifo', [{ id: 3, group, sleep: MINUTE }], group);
    }
    await cloud.clock.advance(SECOND);
    expect(running()).toBeLessThanOrEqual(2);
    await cloud.clock.advance(10 * MINUTE);
    expect(batches('slow').flat()).toHaveLength(12);
  });

  test('FIFO: after an error the whole group is tried again before anything newer of it', async () => {
    await create({ FunctionName: 'slow', EventSourceArn: queueArn('Ordered.fifo'), BatchSize: 10 });
    await cloud.clock.advance(MINUTE);
    const start = cloud.clock.now();
    await cloud.send('Ordered.fifo', [{ id: 1, throws: 'bad' }, { id: 2 }], 'a');
    await cloud.clock.advance(SECOND);
    await cloud.send('Ordered.fifo', [{ id: 3 }], 'a');
    await cloud.send('Ordered.fifo', [{ id: 4 }], 'b');
    await cloud.clock.advance(5 * MINUTE);
    expect(batches('slow')).toEqual([[4]]);
    await cloud.clock.advance(2 * HOUR);
    const retries = cloud.of('lambda.failed').map(({ at }) => Math.round((at - start) / SECOND));
    expect(retries.slice(0, 3)).toEqual([0, 400, 800]);
    // What came later stays behind it for good.
    expect(batches('slow')).toEqual([[4]]);
  });

  test.each<[string, Partial<CreateEventSourceMappingCommandInput>, RegExp]>([
    [
      'eleven filters',
      { FilterCriteria: { Filters: Array(11).fill({ Pattern: '{"body":{"a":[1]}}' }) } },
      /equal to 10$/,
    ],
    [
      'too long a filter',
      { FilterCriteria: { Filters: [{ Pattern: `{"body":{"a":["${'x'.repeat(4_096)}"]}}` }] } },
      /^Invalid filter pattern definition\./,
    ],
    ['too much concurrency', { ScalingConfig: { MaximumConcurrency: 1_001 } }, /less than or equal to 1000$/],
    ...(
      [
        'BisectBatchOnFunctionError',
        'MaximumRecordAgeInSeconds',
        'MaximumRetryAttempts',
        'ParallelizationFactor',
        'TumblingWindowInSeconds',
      ] as const
    ).map((name): [string, Partial<CreateEventSourceMappingCommandInput>, RegExp] => [
      name,
      { [name]: name === 'BisectBatchOnFunctionError' ? true : 1 },
      new RegExp(`^Unsupported ${name} parameter for given event source mapping type\\.$`),
    ]),
  ])('not for SQS: %s', async (_, more, message) => {
    await expect(create(more)).rejects.toThrow(message);
  });
});
