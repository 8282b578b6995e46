import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocument,
  GetCommand,
  NumberValue,
  paginateQuery,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { build } from 'esbuild';
import { Emulator } from '../../lib/emulator';
import { LocalCloud } from '../../lib/testing';

describe('the document client', () => {
  let emulator: Emulator;
  let client: DynamoDBDocument;
  beforeEach(async () => {
    emulator = new Emulator();
    const endpoint = await emulator.listen(0);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = DynamoDBDocument.from(new DynamoDBClient({ endpoint, region: 'us-east-1', credentials }), {
      marshallOptions: { removeUndefinedValues: true },
    });
    const low = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    await low.send(
      new CreateTableCommand({
        TableName: 'Orders',
        AttributeDefinitions: [
          { AttributeName: 'customer', AttributeType: 'S' },
          { AttributeName: 'number', AttributeType: 'N' },
        ],
        KeySchema: [
          { AttributeName: 'customer', KeyType: 'HASH' },
          { AttributeName: 'number', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await waitUntilTableExists({ client: low, maxWaitTime: 30 }, { TableName: 'Orders' });
    low.destroy();
  });
  afterEach(async () => {
    client.destroy();
    await emulator.stop();
  });

  test('puts, updates, queries, pages, batches and transacts plain objects', async () => {
    const TableName = 'Orders';
    const order = (number: number) => ({
      customer: 'ann',
      number,
      amount: 1.5,
      tags: new Set(['a', 'b']),
      basket: [{ sku: 'x', n: 1 }],
    });
    await client.send(
      new PutCommand({ TableName, Item: { ...order(1), none: undefined, bytes: new Uint8Array([1, 2]) } }),
    );
    const { Item } = await client.send(new GetCommand({ TableName, Key: { customer: 'ann', number: 1 } }));
    expect(Item).toEqual({ ...order(1), bytes: new Uint8Array([1, 2]) });
    const update = new UpdateCommand({
      TableName,
      Key: { customer: 'ann', number: 1 },
      UpdateExpression: 'SET basket[0].n = basket[0].n + :one, #s = :state ADD amount :one DELETE tags :b',
      ConditionExpression: 'size(basket) = :one AND contains(tags, :a)',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':one': 1, ':state': 'paid', ':b': new Set(['b']), ':a': 'a' },
      ReturnValues: 'ALL_NEW',
    });
    const { Attributes } = await client.send(update);
    expect(Attributes).toMatchObject({
      amount: 2.5,
      state: 'paid',
      basket: [{ sku: 'x', n: 2 }],
      tags: new Set(['a']),
    });
    const puts = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: order(n + 10) } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [TableName]: puts } }));
    const pages: number[] = [];
    const query = {
      TableName,
      KeyConditionExpression: 'customer = :c AND #n BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#n': 'number' },
      ExpressionAttributeValues: { ':c': 'ann', ':from': 10, ':to': 30 },
    };
    for await (const { Items = [] } of paginateQuery({ client, pageSize: 8 }, query)) pages.push(Items.length);
    expect(pages).toEqual([8, 8, 5]);
    await client.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: order(99) } },
          {
            Delete: {
              TableName,
              Key: { customer: 'ann', number: 1 },
              ConditionExpression: 'attribute_exists(customer)',
            },
          },
        ],
      }),
    );
    const keys = [1, 99].map((number) => ({ customer: 'ann', number }));
    const { Responses } = await client.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys: keys } } }));
    expect(Responses?.[TableName]).toEqual([order(99)]);
    expect((await client.send(new ScanCommand({ TableName, Select: 'COUNT' }))).Count).toBe(26);
  });

  test('gets errors with their members, and numbers beyond a double', async () => {
    const TableName = 'Orders';
    const Item = { customer: 'bob', number: 1, precise: NumberValue.from('12345678901234567890.123456789') };
    await client.send(new PutCommand({ TableName, Item }));
    const again = client.send(
      new PutCommand({
        TableName,
        Item,
        ConditionExpression: 'attribute_not_exists(customer)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    await expect(again).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { customer: { S: 'bob' }, precise: { N: '12345678901234567890.123456789' } },
    });
    const cancelled = client.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: { customer: 'bob', number: 2 } } },
          { Put: { TableName, Item, ConditionExpression: 'attribute_not_exists(customer)' } },
        ],
      }),
    );
    await expect(cancelled).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    const { Count } = await client.send(
      new QueryCommand({
        TableName,
        Select: 'COUNT',
        KeyConditionExpression: 'customer = :c',
        ExpressionAttributeValues: { ':c': 'bob' },
      }),
    );
    expect(Count).toBe(1);
  });
});

describe("Powertools' idempotency, unmodified, in a function in virtual time", () => {
  let assets: string;
  let cloud: LocalCloud;
  let lambda: LambdaClient;
  let charged: string[];

  beforeAll(async () => {
    assets = mkdtempSync(join(tmpdir(), 'spillway-idempotency-'));
    await build({
      entryPoints: [join(__dirname, 'fixtures/idempotent-handler.ts')],
      outfile: join(assets, 'index.js'),
      ...{ bundle: true, platform: 'node', target: 'node22', format: 'cjs', logLevel: 'error' },
    });
  }, 60_000);
  afterAll(() => rmSync(assets, { recursive: true }));

  beforeEach(async () => {
    const stack = new Stack(new App(), 'Payments');
    const table = new Table(stack, 'Idempotency', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiration',
    });
    const charge = new LambdaFunction(stack, 'Charge', {
      functionName: 'charge',
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromAsset(assets),
      timeout: Duration.seconds(10),
      environment: { TABLE_NAME: table.tableName },
    });
    table.grantReadWriteData(charge);
    charged = [];
    cloud = await LocalCloud.fromStack(stack, {
      onLog: ({ text }) => {
        if (text.includes('charging ')) charged.push(text.slice(text.indexOf('charging ') + 'charging '.length).trim());
      },
    });
    lambda = new LambdaClient(cloud.clientConfig());
  });
  afterEach(() => cloud.stop());

  async function charge(order: object): Promise<Record<string, unknown>> {
    const invocation = lambda.send(new InvokeCommand({ FunctionName: 'charge', Payload: JSON.stringify(order) }));
    const { Payload } = await cloud.runUntil(invocation);
    return JSON.parse(Buffer.from(Payload ?? []).toString()) as Record<string, unknown>;
  }

  test('a repeated event gets the first answer until the record expires, to the second', async () => {
    const begin = cloud.now;
    const first = await charge({ id: 'a' });
    expect(Number(first.at) - begin).toBeLessThan(100);
    await cloud.advance(Duration.seconds(59));
    expect(await charge({ id: 'a' })).toEqual(first);
    expect(await charge({ id: 'b' })).toMatchObject({ id: 'b' });
    expect(charged).toEqual(['a', 'b']);
    // The record is still there, but the condition of the next write holds.
    await cloud.advance(Duration.seconds(2));
    expect(Number((await charge({ id: 'a' })).at) - begin).toBeGreaterThanOrEqual(61_000);
    expect(charged).toEqual(['a', 'b', 'a']);
  });

  test('the table deletes expired records ten minutes later', async () => {
    await charge({ id: 'a' });
    expect(cloud.emulator.status().tables).toMatchObject([{ items: 1 }]);
    await cloud.advance(Duration.seconds(60 + 600 - 1));
    expect(cloud.emulator.status().tables).toMatchObject([{ items: 1 }]);
    await cloud.advance(Duration.seconds(1));
    expect(cloud.emulator.status().tables).toMatchObject([{ items: 0 }]);
  });

  test('an invocation that timed out blocks others until its time is over, to the second', async () => {
    expect(await charge({ id: 'slow', seconds: 100 })).toMatchObject({
      errorMessage: expect.stringContaining('Task timed out after 10.00 seconds') as string,
    });
    // It had until this very moment.
    expect(await charge({ id: 'slow' })).toMatchObject({ errorType: 'IdempotencyAlreadyInProgressError' });
    await cloud.advance(Duration.seconds(1));
    expect(await charge({ id: 'slow' })).toMatchObject({ id: 'slow' });
    expect(charged).toEqual(['slow', 'slow']);
  });

  test('an invocation in progress blocks the same event', async () => {
    const running = lambda.send(
      new InvokeCommand({ FunctionName: 'charge', Payload: JSON.stringify({ id: 'long', seconds: 8 }) }),
    );
    await cloud.advance(Duration.seconds(4));
    expect(await charge({ id: 'long' })).toMatchObject({ errorType: 'IdempotencyAlreadyInProgressError' });
    const { Payload } = await cloud.runUntil(running);
    expect(await charge({ id: 'long' })).toEqual(JSON.parse(Buffer.from(Payload ?? []).toString()));
    expect(charged).toEqual(['long']);
  });
});
