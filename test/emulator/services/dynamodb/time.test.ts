import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { Emulator, type EmulatorOptions, formatEvent, VirtualClock } from '../../../../lib/emulator';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** An emulator with a table `Items`, on a virtual clock. */
class TableInTest {
  readonly clock = new VirtualClock();
  readonly emulator: Emulator;
  readonly client: DynamoDBClient;

  static async open(table: object = {}, options: EmulatorOptions = {}): Promise<TableInTest> {
    const test = new TableInTest(options);
    await test.client.send(
      new CreateTableCommand({
        TableName: 'Items',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        ...table,
      }),
    );
    return test;
  }

  private constructor(options: EmulatorOptions) {
    this.emulator = new Emulator({ clock: this.clock, ...options });
    this.client = new DynamoDBClient({ ...this.emulator.clientConfig(), maxAttempts: 1 });
  }

  put(pk: string, more: Record<string, { N: string } | { S: string }> = {}) {
    return this.client.send(new PutItemCommand({ TableName: 'Items', Item: { pk: { S: pk }, ...more } }));
  }

  async has(pk: string): Promise<boolean> {
    const { Item } = await this.client.send(new GetItemCommand({ TableName: 'Items', Key: { pk: { S: pk } } }));
    return Item !== undefined;
  }

  timeToLive(Enabled: boolean, AttributeName = 'ttl') {
    const TimeToLiveSpecification = { AttributeName, Enabled };
    return this.client.send(new UpdateTimeToLiveCommand({ TableName: 'Items', TimeToLiveSpecification }));
  }

  /** Seconds since the epoch, `seconds` from now, as a number attribute. */
  in(seconds: number) {
    return { N: String(this.clock.now() / SECOND + seconds) };
  }

  async metric(
    MetricName: string,
    Statistic: 'Sum' | 'SampleCount' | 'Maximum' = 'Sum',
    more: Record<string, string> = {},
  ) {
    await this.clock.advance(2 * MINUTE);
    const { Datapoints = [] } = await new CloudWatchClient(this.emulator.clientConfig()).send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/DynamoDB',
        MetricName,
        Dimensions: Object.entries({ TableName: 'Items', ...more }).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(this.clock.now() - DAY),
        EndTime: new Date(this.clock.now() + MINUTE),
        Period: DAY / SECOND,
        Statistics: [Statistic],
      }),
    );
    return Datapoints.reduce((sum, point) => sum + (point[Statistic] ?? 0), 0);
  }
}

describe('time to live', () => {
  test('deletes an item ten minutes after its expiry, to the second', async () => {
    const test = await TableInTest.open();
    await test.timeToLive(true);
    await test.put('soon', { ttl: test.in(60) });
    await test.put('later', { ttl: test.in(120) });
    await test.put('never', { ttl: { S: '1' } });
    await test.put('ancient', { ttl: { N: '1' } }); // expired more than five years ago
    await test.clock.advance(11 * MINUTE - 1);
    expect(await test.has('soon')).toBe(true);
    await test.clock.advance(1);
    expect([await test.has('soon'), await test.has('later')]).toEqual([false, true]);
    await test.clock.advance(DAY);
    expect(await Promise.all(['later', 'never', 'ancient'].map((pk) => test.has(pk)))).toEqual([false, true, true]);
    await test.emulator.stop();
  });

  test('follows changes of the attribute, and applies to items that were there before', async () => {
    const test = await TableInTest.open({}, { timeToLiveDelay: 0 });
    await test.put('old', { ttl: test.in(10) });
    await test.put('extended', { ttl: test.in(10) });
    await test.timeToLive(true);
    const Key = { pk: { S: 'extended' } };
    const later = { ':later': test.in(20) };
    await test.client.send(
      new UpdateItemCommand({
        TableName: 'Items',
        Key,
        UpdateExpression: 'SET #ttl = :later',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: later,
      }),
    );
    await test.clock.advance(10 * SECOND);
    expect([await test.has('old'), await test.has('extended')]).toEqual([false, true]);
    await test.clock.advance(10 * SECOND);
    expect(await test.has('extended')).toBe(false);
    await test.clock.advance(60 * MINUTE);
    await test.timeToLive(false);
    await test.put('kept', { ttl: test.in(1) });
    await test.clock.advance(DAY);
    expect(await test.has('kept')).toBe(true);
    await test.emulator.stop();
  });

  test('writes of DynamoDB itself are in the stream, the metrics and the timeline', async () => {
    const test = await TableInTest.open(
      { StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' } },
      { timeToLiveDelay: 0 },
    );
    const lines: string[] = [];
    test.emulator.timeline.subscribe((event) =>
      lines.push(formatEvent(event).slice('2030-01-01T00:00:00.000Z '.length)),
    );
    await test.timeToLive(true);
    await test.put('a', { ttl: test.in(5) });
    await test.clock.advance(6 * SECOND);
    expect(lines.filter((line) => line.startsWith('dynamodb.'))).toEqual([
      'dynamodb.put Items key=pk=a',
      'dynamodb.expired Items key=pk=a',
    ]);
    const streams = new DynamoDBStreamsClient(test.emulator.clientConfig());
    const { Streams = [] } = await streams.send(new ListStreamsCommand({ TableName: 'Items' }));
    const [{ StreamArn }] = Streams;
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0].ShardId;
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
    expect(Records.map(({ eventName, userIdentity }) => [eventName, userIdentity])).toEqual([
      ['INSERT', undefined],
      ['REMOVE', { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' }],
    ]);
    expect(await test.metric('TimeToLiveDeletedItemCount')).toBe(1);
    await test.emulator.stop();
  });

  test('a month passes at once, with the expiry in the middle', async () => {
    const test = await TableInTest.open();
    await test.timeToLive(true);
    await test.put('a', { ttl: test.in((15 * DAY) / SECOND) });
    const expired: number[] = [];
    const begin = test.clock.now();
    test.emulator.timeline.subscribe(({ kind, at }) => kind === 'dynamodb.expired' && expired.push(at - begin));
    await test.clock.advance(30 * DAY);
    expect(expired).toEqual([15 * DAY + 10 * MINUTE]);
    await test.emulator.stop();
  });
});

describe('throughput', () => {
  const provisioned = {
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
  };

  test('is not limited unless asked for', async () => {
    const test = await TableInTest.open(provisioned);
    for (let n = 0; n < 400; n++) await test.put('a');
    await test.emulator.stop();
  });

  test('beyond the burst of five minutes, writes are throttled until the table has capacity again', async () => {
    const test = await TableInTest.open(provisioned, { dynamodbThrottling: true });
    for (let n = 0; n < 300; n++) await test.put('a');
    await expect(test.put('a')).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      message:
        'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
    });
    await test.clock.advance(2 * SECOND);
    await test.put('a');
    await test.put('a');
    await expect(test.put('a')).rejects.toThrow();
    expect(await test.metric('WriteThrottleEvents')).toBe(2);
    expect(await test.metric('ConsumedWriteCapacityUnits')).toBe(302);
    expect(await test.metric('ProvisionedWriteCapacityUnits', 'Maximum')).toBe(1);
    await test.emulator.stop();
  });

  test('what is throttled of a batch comes back unprocessed; a batch that is throttled whole fails', async () => {
    const test = await TableInTest.open(provisioned, { dynamodbThrottling: true });
    for (let n = 0; n < 298; n++) await test.put('a');
    const puts = ['a', 'b', 'c', 'd'].map((pk) => ({ PutRequest: { Item: { pk: { S: pk } } } }));
    const batch = () => test.client.send(new BatchWriteItemCommand({ RequestItems: { Items: puts } }));
    expect((await batch()).UnprocessedItems).toEqual({ Items: puts.slice(2) });
    await expect(batch()).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    const read = () =>
      test.client.send(
        new BatchGetItemCommand({ RequestItems: { Items: { Keys: [{ pk: { S: 'a' } }, { pk: { S: 'b' } }] } } }),
      );
    for (let n = 0; n < 299; n++) await read();
    await test.has('a');
    expect((await read()).UnprocessedKeys).toEqual({ Items: { Keys: [{ pk: { S: 'b' } }] } });
    await test.emulator.stop();
  });

  test('a global index throttles only the writes of its items', async () => {
    const test = await TableInTest.open(
      {
        ...provisioned,
        ProvisionedThroughput: { ReadCapacityUnits: 100, WriteCapacityUnits: 100 },
        AttributeDefinitions: ['pk', 'g'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        GlobalSecondaryIndexes: [
          {
            IndexName: 'index',
            KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
            ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
          },
        ],
      },
      { dynamodbThrottling: true },
    );
    for (let n = 0; n < 300; n++) await test.put(String(n), { g: { S: 'x' } });
    await expect(test.put('more', { g: { S: 'x' } })).rejects.toThrow(/for one or more global secondary indexes/);
    await test.put('more');
    const index = { GlobalSecondaryIndexName: 'index' };
    expect(await test.metric('ConsumedWriteCapacityUnits', 'Sum', index)).toBe(300);
    await test.emulator.stop();
  });
});
