import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { CONSUMER, inline, LocalLambda, queueArn } from './local-lambda';

describe('provisioned mode (§4)', () => {
  let cloud: LocalLambda;
  beforeEach(async () => {
    cloud = await LocalLambda.deploy({
      Videos: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'Videos', VisibilityTimeout: 900 } },
      Encoder: inline('encoder', CONSUMER, { Timeout: 300 }),
    });
  });
  afterEach(() => cloud.stop());

  const create = (more: Partial<CreateEventSourceMappingCommandInput>): Promise<EventSourceMappingConfiguration> =>
    cloud.lambda.send(
      new CreateEventSourceMappingCommand({ FunctionName: 'encoder', EventSourceArn: queueArn('Videos'), ...more }),
    );
  /** Maps the queue and waits for a minute, in which the mapping begins to work. */
  const begin = async (more: Partial<CreateEventSourceMappingCommandInput>): Promise<string> => {
    const { UUID = '' } = await create(more);
    await cloud.clock.advance(MINUTE);
    return UUID;
  };
  const ids = (count: number, more: object = {}) => Array.from({ length: count }, (_, id) => ({ id, ...more }));
  const running = () => cloud.of('lambda.invoked').length - cloud.of('lambda.returned').length;

  test('each poller asks ten times a second: two bring 200 small messages a second', async () => {
    const { UUID } = await create({ ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 2 } });
    await cloud.send('Videos', ids(1_000));
    await cloud.clock.advance(MINUTE);
    const invoked = cloud.of('lambda.invoked').map(({ at }) => at);
    expect(invoked).toHaveLength(100);
    // Both pollers ask at once, and from then on there is one poll every 50 ms: 2 + 98.
    expect(invoked.map((at) => at - invoked[0])).toEqual([0, ...Array.from({ length: 99 }, (_, poll) => poll * 50)]);
    const dimensions = { EventSourceMappingUUID: UUID ?? '' };
    expect(await cloud.metric('ProvisionedPollers', 'Maximum', dimensions, cloud.clock.now() - MINUTE)).toEqual([2]);
  });

  test('each poller takes in a megabyte a second', async () => {
    await create({ ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 2 } });
    await cloud.send('Videos', ids(100, { filler: 'x'.repeat(100_000) }));
    await cloud.clock.advance(MINUTE);
    const invoked = cloud.of('lambda.invoked').map(({ at }) => at);
    expect(invoked).toHaveLength(10);
    // 10 MB at 2 MiB/s take 4.77 s, of which the last poll's own share comes after it has begun.
    expect((invoked[9] - invoked[0]) / SECOND).toBeCloseTo(4.77 - 0.477, 0);
  });

  test('each poller runs ten invocations, and more of them come at 1,000 invocations a minute', async () => {
    const uuid = await begin({
      BatchSize: 1,
      ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 5 },
    });
    const start = cloud.clock.now();
    await cloud.send('Videos', ids(80, { sleep: 200 * SECOND }));
    await cloud.clock.advance(900);
    // 2 at once and then, as two pollers ask 20 times a second and more of them come from the start, about 20 to 30.
    expect(running()).toBeGreaterThanOrEqual(20);
    expect(running()).toBeLessThan(35);
    await cloud.clock.advance(MINUTE);
    expect(running()).toBe(50);
    await cloud.clock.advance(9 * MINUTE);
    expect(cloud.of('lambda.returned')).toHaveLength(80);
    const pollers = await cloud.metric('ProvisionedPollers', 'Maximum', { EventSourceMappingUUID: uuid }, start);
    expect(pollers.slice(0, 3)).toEqual([5, 5, 5]);
    // The queue is empty again.
    expect(pollers.at(-1)).toBe(2);
  });

  test('it is entered, changed and left by an update', async () => {
    const uuid = await begin({});
    const update = async (ProvisionedPollerConfig: object) => {
      await cloud.lambda.send(new UpdateEventSourceMappingCommand({ UUID: uuid, ProvisionedPollerConfig }));
      await cloud.clock.advance(2 * SECOND);
      return (await cloud.lambda.send(new GetEventSourceMappingCommand({ UUID: uuid }))).ProvisionedPollerConfig;
    };
    expect(await update({ MaximumPollers: 20 })).toEqual({ MinimumPollers: 2, MaximumPollers: 20 });
    expect(await update({ MinimumPollers: 5 })).toEqual({ MinimumPollers: 5, MaximumPollers: 200 });
    expect(await update({})).toBeUndefined();
  });

  test.each<[Partial<CreateEventSourceMappingCommandInput>, RegExp]>([
    [{ ProvisionedPollerConfig: { MinimumPollers: 1 } }, /'1' at '.*minimumPollers'.*greater than or equal to 2/],
    [{ ProvisionedPollerConfig: { MinimumPollers: 201 } }, /'201' at '.*minimumPollers'.*less than or equal to 200/],
    [{ ProvisionedPollerConfig: { MaximumPollers: 10_001 } }, /'10001' at '.*maximumPollers'.*than or equal to 10000/],
    [{ ProvisionedPollerConfig: { MinimumPollers: 9, MaximumPollers: 8 } }, /^MinimumPollers, 9, must not be greater/],
    [{ ProvisionedPollerConfig: { PollerGroupName: 'g' } }, /^PollerGroupName is not supported for an Amazon SQS/],
    [
      { ProvisionedPollerConfig: { MinimumPollers: 2 }, ScalingConfig: { MaximumConcurrency: 5 } },
      /^ProvisionedPollerConfig and the MaximumConcurrency of ScalingConfig exclude each other/,
    ],
  ])('refused: %j', async (input, message) => {
    await expect(create(input)).rejects.toThrow(message);
  });

  test('in a template it is told what other tools, or AWS, may not take', async () => {
    await cloud.stop();
    const mapping = (queue: string, MaximumPollers: number) => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: 'Encoder' },
        EventSourceArn: { 'Fn::GetAtt': [queue, 'Arn'] },
        ProvisionedPollerConfig: { MaximumPollers },
      },
    });
    cloud = await LocalLambda.deploy({
      Videos: { Type: 'AWS::SQS::Queue', Properties: {} },
      Ordered: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      Encoder: inline('encoder', CONSUMER),
      Many: mapping('Videos', 3_000),
      InOrder: mapping('Ordered', 10),
    });
    const notes = cloud.emulator.reports[0].resources
      .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
      .map(({ properties }) => properties.find(({ name }) => name === 'ProvisionedPollerConfig')?.note);
    expect(notes.sort()).toEqual([
      'AWS does not say whether FIFO queues can have provisioned pollers',
      'tools of before 2026 refuse more than 2,000 pollers',
    ]);
  });
});
