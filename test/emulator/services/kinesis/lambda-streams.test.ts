import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { KinesisClient, UpdateShardCountCommand } from '@aws-sdk/client-kinesis';
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Stream, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { CfnEventSourceMapping, Code, Function as Fn, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import {
  DynamoEventSource,
  KinesisEventSource,
  type KinesisEventSourceProps,
  SqsDlq,
} from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { LocalCloud } from '../../../../lib/testing';

// Contract §8.4.

interface KinesisRecord {
  readonly eventID: string;
  readonly eventSourceARN: string;
  readonly kinesis: { readonly data: string; readonly partitionKey: string; readonly sequenceNumber: string };
}

interface StreamEvent {
  readonly Records: readonly KinesisRecord[];
  readonly window?: { readonly start: string; readonly end: string };
  readonly state?: Readonly<Record<string, unknown>>;
  readonly isFinalInvokeForWindow?: boolean;
}

const textOf = ({ kinesis }: KinesisRecord) => Buffer.from(kinesis.data, 'base64').toString();

function functionIn(stack: Stack): Fn {
  return new Fn(stack, 'Reader', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => ({});'),
  });
}

/** A stream, its function, a queue for failures, and what the function got. */
async function open(
  mapping: Partial<KinesisEventSourceProps> & { readonly failures?: boolean } = {},
  shards = 1,
  respond: (event: StreamEvent, call: number) => unknown = () => ({}),
) {
  const stack = new Stack(new App(), 'Streams');
  const stream = new Stream(stack, 'Events', { shardCount: shards, streamMode: StreamMode.PROVISIONED });
  const queue = new Queue(stack, 'Failures');
  const fn = functionIn(stack);
  const { failures, ...props } = mapping;
  fn.addEventSource(
    new KinesisEventSource(stream, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      ...(failures === true && { onFailure: new SqsDlq(queue) }),
      ...props,
    }),
  );
  const cloud = await LocalCloud.fromStack(stack);
  const events: { readonly at: number; readonly texts: string[]; readonly event: StreamEvent }[] = [];
  cloud.function('Reader').model({
    handler: (given) => {
      const event = given as StreamEvent;
      events.push({ at: cloud.now, texts: event.Records.map(textOf), event });
      return respond(event, events.length);
    },
  });
  const begun = cloud.now;
  return {
    cloud,
    events,
    stream: cloud.stream('Events'),
    queue: cloud.queue('Failures'),
    seconds: () => events.map(({ at }) => (at - begun) / 1_000),
    texts: () => events.map(({ texts }) => texts.join(' ')),
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };
}

const record = (data: string, partitionKey = 'k') => ({ data, partitionKey });
const failing = () => {
  throw new Error('no');
};

test('a mapping reads a shard each second, and gives the function what it read', async () => {
  await using opened = await open();
  const { cloud, stream, events, seconds, texts } = opened;
  stream.put(record('a'));
  await cloud.advance(Duration.millis(2_500));
  stream.put(record('b'), record('c'));
  await cloud.advance(Duration.seconds(5));
  expect(texts()).toEqual(['a', 'b c']);
  expect(seconds().map((at) => Math.ceil(at))).toEqual([0, 3]);
  const [{ event }] = events;
  expect(event.Records[0]).toMatchObject({
    eventID: expect.stringMatching(/^shardId-000000000000:49\d{54}$/) as string,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    kinesis: { partitionKey: 'k', kinesisSchemaVersion: '1.0' },
  });
});

test('a batch is as large as BatchSize, and a window waits for more', async () => {
  await using opened = await open({ batchSize: 3, maxBatchingWindow: Duration.seconds(10) });
  const { cloud, stream, seconds, texts } = opened;
  stream.put(...['a', 'b', 'c', 'd'].map((data) => record(data)));
  await cloud.advance(Duration.seconds(30));
  expect(texts()).toEqual(['a b c', 'd']);
  expect(seconds()[1] - seconds()[0]).toBe(10);
});

test('a failing batch blocks its shard, and no other, until it succeeds', async () => {
  await using opened = await open({ batchSize: 1 }, 2, (event, call) =>
    textOf(event.Records[0]) === 'bad' && call < 5 ? failing() : {},
  );
  const { cloud, stream, texts } = opened;
  const at = (data: string, explicitHashKey: string) => ({ data, explicitHashKey });
  const last = String(2n ** 128n - 1n);
  stream.put(at('bad', '0'), at('next', '0'), at('other', last));
  await cloud.advance(Duration.minutes(2));
  expect(texts().filter((text) => text === 'bad').length).toBeGreaterThan(2);
  expect(texts().indexOf('other')).toBeLessThan(3);
  expect(texts().at(-1)).toBe('next');
});

test('after its retries a batch goes to the on-failure destination, and the shard goes on', async () => {
  await using opened = await open({ failures: true, retryAttempts: 1, batchSize: 2 }, 1, (event) =>
    event.Records.some((each) => textOf(each) === 'bad') ? failing() : {},
  );
  const { cloud, stream, texts, queue } = opened;
  stream.put(record('good'), record('bad'), record('next'));
  await cloud.advance(Duration.minutes(1));
  expect(texts()).toEqual(['good bad', 'good bad', 'next']);
  const [message] = queue.messages;
  expect(message.body).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    KinesisBatchInfo: { shardId: 'shardId-000000000000', batchSize: 2 },
  });
});

test('a function error bisects the batch, which costs no retry', async () => {
  await using opened = await open({ failures: true, retryAttempts: 0, bisectBatchOnError: true }, 1, (event) =>
    event.Records.some((each) => textOf(each) === 'bad') ? failing() : {},
  );
  const { cloud, stream, texts, queue } = opened;
  stream.put(...['a', 'b', 'bad', 'c'].map((data) => record(data)));
  await cloud.advance(Duration.minutes(1));
  expect(texts()).toEqual(['a b bad c', 'a b', 'bad c', 'bad', 'c']);
  expect(queue.messages[0].body).toMatchObject({ KinesisBatchInfo: { batchSize: 1 } });
});

test('the lowest sequence number of a partial response is where the next try begins', async () => {
  await using opened = await open({ reportBatchItemFailures: true }, 1, (event, call) =>
    call === 1
      ? { batchItemFailures: [2, 1].map((index) => ({ itemIdentifier: event.Records[index].kinesis.sequenceNumber })) }
      : {},
  );
  const { cloud, stream, texts } = opened;
  stream.put(...['a', 'b', 'c'].map((data) => record(data)));
  await cloud.advance(Duration.seconds(10));
  expect(texts()).toEqual(['a b c', 'b c']);
});

test('records beyond the maximum age are given up', async () => {
  await using opened = await open({ failures: true, maxRecordAge: Duration.seconds(60) }, 1, failing);
  const { cloud, stream, queue } = opened;
  stream.put(record('a'));
  await cloud.advance(Duration.minutes(5));
  const body = queue.messages[0].body as Record<string, unknown>;
  expect(body).toMatchObject({ requestContext: { condition: 'RecordAgeExceeded' } });
  expect(body).not.toHaveProperty('responseContext');
});

test('a parallelization factor keeps the order of each key', async () => {
  await using opened = await open({ parallelizationFactor: 4, batchSize: 1 });
  const { cloud, stream, texts } = opened;
  const keys = ['p', 'q', 'r', 's', 't', 'u'];
  stream.put(...keys.flatMap((key) => [1, 2, 3].map((count) => record(`${key}${count}`, key))));
  await cloud.advance(Duration.seconds(10));
  expect(texts()).toHaveLength(18);
  for (const key of keys) {
    expect(texts().filter((text) => text.startsWith(key))).toEqual([`${key}1`, `${key}2`, `${key}3`]);
  }
});

test('filters drop records before the function sees them', async () => {
  const filters = [{ pattern: JSON.stringify({ data: { kind: ['order'] } }) }];
  await using opened = await open({ filters });
  const { cloud, stream, texts } = opened;
  stream.put(record('{"kind":"order"}'), record('{"kind":"visit"}'), record('order'));
  await cloud.advance(Duration.seconds(5));
  expect(texts()).toEqual(['{"kind":"order"}']);
});

test('a tumbling window carries the state to its final invocation', async () => {
  await using opened = await open({ tumblingWindow: Duration.seconds(30) }, 1, ({ Records, state = {} }) => ({
    state: { count: Number(state.count ?? 0) + Records.length },
  }));
  const { cloud, stream, events } = opened;
  stream.put(record('a'), record('b'));
  await cloud.advance(Duration.seconds(5));
  stream.put(record('c'));
  await cloud.advance(Duration.minutes(2));
  expect(
    events.map(({ event: { Records, state, isFinalInvokeForWindow } }) => [
      Records.length,
      state,
      isFinalInvokeForWindow,
    ]),
  ).toEqual([
    [2, {}, false],
    [1, { count: 2 }, false],
    [0, { count: 3 }, true],
  ]);
});

test('LATEST starts with what is put later, and an update or a pause keeps the place', async () => {
  await using opened = await open({ startingPosition: StartingPosition.LATEST });
  const { cloud, stream, texts } = opened;
  await cloud.advance(Duration.seconds(2));
  stream.put(record('a'));
  await cloud.advance(Duration.seconds(3));
  const lambda = new LambdaClient(cloud.clientConfig());
  const { EventSourceMappings = [] } = await cloud.runUntil(lambda.send(new ListEventSourceMappingsCommand({})));
  const UUID = EventSourceMappings[0].UUID ?? '';
  const update = async (Enabled: boolean) => {
    await cloud.runUntil(lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled })));
    await cloud.advance(Duration.seconds(5));
  };
  await update(false);
  stream.put(record('b'));
  await cloud.advance(Duration.minutes(10));
  expect(texts()).toEqual(['a']);
  await update(true);
  await cloud.advance(Duration.seconds(5));
  expect(texts()).toEqual(['a', 'b']);
  const described = await cloud.runUntil(lambda.send(new GetEventSourceMappingCommand({ UUID })));
  expect(described).toMatchObject({ State: 'Enabled', StartingPosition: 'LATEST', LastProcessingResult: 'OK' });
});

test('the children of a split are read after their parent', async () => {
  await using opened = await open({ batchSize: 1 });
  const { cloud, stream, texts } = opened;
  const at = (data: string, explicitHashKey: string) => ({ data, explicitHashKey });
  stream.put(...['a', 'b', 'c'].map((data) => at(data, '0')));
  const resize = { StreamName: stream.name, TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' } as const;
  await cloud.runUntil(new KinesisClient(cloud.clientConfig()).send(new UpdateShardCountCommand(resize)));
  await cloud.advance(Duration.seconds(1));
  stream.put(at('d', '0'), at('e', String(2n ** 128n - 1n)));
  await cloud.advance(Duration.seconds(10));
  expect(texts().slice(0, 3)).toEqual(['a', 'b', 'c']);
  expect(texts().slice(3).sort()).toEqual(['d', 'e']);
});

test('IteratorAge is the age of a batch’s last record when its invocation has ended', async () => {
  await using opened = await open();
  const { cloud, stream } = opened;
  await cloud.advance(Duration.millis(1_250));
  stream.put(record('a'));
  await cloud.advance(Duration.minutes(3));
  const { Datapoints } = await cloud.runUntil(
    new CloudWatchClient(cloud.clientConfig()).send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/Lambda',
        MetricName: 'IteratorAge',
        Dimensions: [{ Name: 'FunctionName', Value: cloud.function('Reader').name }],
        StartTime: new Date(cloud.now - 600_000),
        EndTime: new Date(cloud.now),
        Period: 60,
        Statistics: ['Maximum'],
      }),
    ),
  );
  expect(Datapoints).toEqual([expect.objectContaining({ Maximum: 750 })]);
});

test('a role that may not read the stream is refused when its mapping is created', async () => {
  const stack = new Stack(new App(), 'Denied');
  const stream = new Stream(stack, 'Events', { streamMode: StreamMode.PROVISIONED });
  const fn = functionIn(stack);
  new CfnEventSourceMapping(stack, 'Mapping', {
    eventSourceArn: stream.streamArn,
    functionName: fn.functionName,
    startingPosition: 'LATEST',
  });
  await expect(LocalCloud.fromStack(stack)).rejects.toThrow(/Cannot access stream arn:aws:kinesis:/);
});

test('the changes of a table reach a function', async () => {
  const stack = new Stack(new App(), 'Table');
  const table = new Table(stack, 'Orders', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
  });
  const queue = new Queue(stack, 'Failures');
  const fn = functionIn(stack);
  fn.addEventSource(
    new DynamoEventSource(table, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      retryAttempts: 0,
      onFailure: new SqsDlq(queue),
      filters: [{ pattern: JSON.stringify({ eventName: ['INSERT', 'REMOVE'] }) }],
    }),
  );
  await using cloud = await LocalCloud.fromStack(stack);
  const names: string[] = [];
  cloud.function('Reader').model({
    handler: (given) => {
      const { Records } = given as { Records: { eventName: string; dynamodb: Record<string, unknown> }[] };
      for (const { eventName, dynamodb } of Records) names.push(`${eventName} ${JSON.stringify(dynamodb.Keys)}`);
      return names.length > 1 ? failing() : {};
    },
  });
  cloud.table('Orders').put({ pk: 'a', count: 1 });
  await cloud.advance(Duration.seconds(2));
  cloud.table('Orders').put({ pk: 'a', count: 2 });
  cloud.table('Orders').delete({ pk: 'a' });
  await cloud.advance(Duration.minutes(1));
  expect(names).toEqual(['INSERT {"pk":{"S":"a"}}', 'REMOVE {"pk":{"S":"a"}}']);
  expect(cloud.queue('Failures').messages[0].body).toMatchObject({
    DDBStreamBatchInfo: { batchSize: 1, approximateArrivalOfFirstRecord: expect.stringMatching(/:\d\dZ$/) as string },
  });
});
