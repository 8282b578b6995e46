import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { AttributeType, Billing, Capacity, CfnTable, StreamViewType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { App, CfnOutput, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../../../lib/testing';

const { STRING, NUMBER } = AttributeType;

// TableV2 of this version warns of properties that it uses itself.
beforeAll(() => (process.env.JSII_DEPRECATED = 'quiet'));

function stackWith(build: (stack: Stack) => void): Stack {
  const stack = new Stack(new App(), 'Orders');
  build(stack);
  return stack;
}

/** What there is of a stack's tables. */
class Tables {
  private readonly client: DynamoDBClient;

  constructor(cloud: LocalCloud) {
    this.client = new DynamoDBClient(cloud.clientConfig());
  }

  async names(): Promise<string[]> {
    return (await this.client.send(new ListTablesCommand({}))).TableNames ?? [];
  }

  async describe(TableName: string) {
    return (await this.client.send(new DescribeTableCommand({ TableName }))).Table;
  }

  async timeToLive(TableName: string) {
    return (await this.client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
  }

  async recovery(TableName: string) {
    const { ContinuousBackupsDescription } = await this.client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    return ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  }

  async tags(TableName: string): Promise<Record<string, string | undefined>> {
    const ResourceArn = (await this.describe(TableName))?.TableArn;
    const { Tags: tags = [] } = await this.client.send(new ListTagsOfResourceCommand({ ResourceArn }));
    return Object.fromEntries(tags.map(({ Key = '', Value }): [string, string | undefined] => [Key, Value]));
  }

  put(TableName: string, Item: Record<string, { S: string } | { N: string }>) {
    return this.client.send(new PutItemCommand({ TableName, Item }));
  }

  async items(TableName: string, IndexName?: string) {
    return (await this.client.send(new ScanCommand({ TableName, IndexName }))).Items;
  }
}

test('a Table has its template’s settings, its name, and CloudFormation’s attributes and tags', async () => {
  const stack = stackWith((scope) => {
    const table = new Table(scope, 'Orders', {
      partitionKey: { name: 'pk', type: STRING },
      sortKey: { name: 'sk', type: NUMBER },
      timeToLiveAttribute: 'expires',
      stream: StreamViewType.NEW_IMAGE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      readCapacity: 3,
      writeCapacity: 2,
    });
    table.addGlobalSecondaryIndex({ indexName: 'byState', partitionKey: { name: 'state', type: STRING } });
    table.addLocalSecondaryIndex({ indexName: 'byDate', sortKey: { name: 'date', type: STRING } });
    Tags.of(table).add('team', 'orders');
    new CfnOutput(scope, 'StreamArn', { value: table.tableStreamArn ?? '' });
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const tables = new Tables(cloud);
  const [name] = await tables.names();
  expect(name).toMatch(/^Orders-Orders[0-9A-F]{8}-[A-Z0-9]{12}$/);
  const described = await tables.describe(name);
  expect(described).toMatchObject({
    TableStatus: 'ACTIVE',
    ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 2 },
    GlobalSecondaryIndexes: [{ IndexName: 'byState', ProvisionedThroughput: { ReadCapacityUnits: 5 } }],
    LocalSecondaryIndexes: [{ IndexName: 'byDate' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    DeletionProtectionEnabled: true,
  });
  expect(cloud.reports[0].outputs.StreamArn).toBe(described?.LatestStreamArn);
  expect(await tables.timeToLive(name)).toEqual({ AttributeName: 'expires', TimeToLiveStatus: 'ENABLED' });
  expect(await tables.recovery(name)).toBe('ENABLED');
  expect(await tables.tags(name)).toMatchObject({ team: 'orders', 'aws:cloudformation:stack-name': 'Orders' });
  expect(cloud.reports[0].resources).toMatchObject([{ type: 'AWS::DynamoDB::Table', status: 'emulated' }]);
});

test('a TableV2 is the replica of its own Region', async () => {
  const stack = stackWith((scope) => {
    new TableV2(scope, 'Orders', {
      tableName: 'orders',
      partitionKey: { name: 'pk', type: STRING },
      billing: Billing.provisioned({
        readCapacity: Capacity.fixed(7),
        writeCapacity: Capacity.autoscaled({ minCapacity: 2, maxCapacity: 10 }),
      }),
      globalSecondaryIndexes: [
        { indexName: 'byG', partitionKey: { name: 'g', type: STRING }, readCapacity: Capacity.fixed(4) },
      ],
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'ttl',
      tags: [{ key: 'a', value: 'b' }],
    });
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const tables = new Tables(cloud);
  expect(await tables.describe('orders')).toMatchObject({
    ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 2 },
    GlobalSecondaryIndexes: [{ ProvisionedThroughput: { ReadCapacityUnits: 4, WriteCapacityUnits: 2 } }],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  expect(await tables.timeToLive('orders')).toMatchObject({ AttributeName: 'ttl' });
  expect(await tables.tags('orders')).toMatchObject({ a: 'b' });
  expect(cloud.emulator.status().tables).toEqual([
    expect.objectContaining({ name: 'orders', items: 0, label: 'Orders' }),
  ]);
});

test('an update changes a table in place, and keeps its items', async () => {
  const version = (more: object, index?: string) =>
    stackWith((scope) => {
      const table = new Table(scope, 'Orders', {
        tableName: 'orders',
        partitionKey: { name: 'pk', type: STRING },
        readCapacity: 1,
        writeCapacity: 1,
        ...more,
      });
      if (index !== undefined)
        table.addGlobalSecondaryIndex({ indexName: index, partitionKey: { name: index, type: STRING } });
    });
  await using cloud = await LocalCloud.fromStack(
    version({ timeToLiveAttribute: 'ttl', stream: StreamViewType.KEYS_ONLY }),
  );
  const tables = new Tables(cloud);
  await tables.put('orders', { pk: { S: 'a' }, one: { S: 'x' } });
  const before = await tables.describe('orders');

  await cloud.update(version({ timeToLiveAttribute: 'ttl', stream: StreamViewType.NEW_IMAGE, readCapacity: 9 }, 'one'));
  const after = await tables.describe('orders');
  expect(cloud.reports[0].resources[0].action).toBe('updated');
  expect(after).toMatchObject({
    TableId: before?.TableId,
    ProvisionedThroughput: { ReadCapacityUnits: 9 },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    GlobalSecondaryIndexes: [{ IndexName: 'one', ItemCount: 1 }],
  });
  expect(after?.LatestStreamArn).not.toBe(before?.LatestStreamArn);
  expect(await tables.items('orders', 'one')).toEqual([{ pk: { S: 'a' }, one: { S: 'x' } }]);

  // As on AWS, the attribute is changed by two updates: one disables the time to live, the next enables it.
  await expect(cloud.update(version({ timeToLiveAttribute: 'other', readCapacity: 9 }, 'one'))).rejects.toThrow(
    'TimeToLive is active on a different AttributeName: current AttributeName is ttl',
  );

  // The index's replacement is two changes of indexes: CloudFormation makes only one in an update.
  await expect(cloud.update(version({ readCapacity: 9 }, 'two'))).rejects.toThrow(
    'Cannot perform more than one GSI creation or deletion in a single update',
  );
  await cloud.update(version({ billingMode: 'PAY_PER_REQUEST', readCapacity: undefined, writeCapacity: undefined }));
  const last = await tables.describe('orders');
  expect(last).toMatchObject({ BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } });
  expect([last?.GlobalSecondaryIndexes, last?.StreamSpecification]).toEqual([undefined, undefined]);
  expect(await tables.timeToLive('orders')).toEqual({ TimeToLiveStatus: 'DISABLED' });
  expect(await tables.items('orders')).toHaveLength(1);
});

test('another key replaces a table; a name of its own forbids that', async () => {
  const keyed = (name: string, tableName?: string) =>
    stackWith((scope) => {
      new Table(scope, 'T', { tableName, partitionKey: { name, type: STRING }, removalPolicy: RemovalPolicy.DESTROY });
    });
  await using cloud = await LocalCloud.fromStack(keyed('pk'));
  const tables = new Tables(cloud);
  const [first] = await tables.names();
  await cloud.update(keyed('id'));
  const [second, ...others] = await tables.names();
  expect([second === first, others]).toEqual([false, []]);
  expect(await tables.describe(second)).toMatchObject({ KeySchema: [{ AttributeName: 'id' }] });
  await cloud.update(keyed('id', 'named'));
  await expect(cloud.update(keyed('pk', 'named'))).rejects.toThrow(/custom-named resource requires replacing/);
});

test('what DynamoDB refuses fails the stack with its message, and other replicas are reported', async () => {
  const wrong = stackWith((scope) => {
    new CfnTable(scope, 'T', { keySchema: [{ attributeName: 'pk', keyType: 'HASH' }], attributeDefinitions: [] });
  });
  await expect(LocalCloud.fromStack(wrong)).rejects.toThrow(
    /ReadCapacityUnits and WriteCapacityUnits must both be specified/,
  );
  const replicated = new Stack(new App(), 'Replicated', { env: { account: '123456789012', region: 'us-east-1' } });
  new TableV2(replicated, 'T', { partitionKey: { name: 'pk', type: STRING }, replicas: [{ region: 'eu-west-1' }] });
  await using cloud = await LocalCloud.fromStack(replicated);
  const [{ properties }] = cloud.reports[0].resources;
  expect(properties).toContainEqual({
    name: 'Replicas',
    status: 'unsupported',
    note: 'nothing is replicated to eu-west-1',
  });
});
