import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../lib/testing';

test('a table of a local cloud is read, written, watched and waited for', async () => {
  const stack = new Stack(new App(), 'Orders');
  const table = new Table(stack, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    timeToLiveAttribute: 'ttl',
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const orders = cloud.table(table);
  orders.put({ pk: 'a', n: 1, tags: new Set(['x']) }, { pk: 'b', ttl: cloud.now / 1_000 + 60 });
  expect(orders.get({ pk: 'a' })).toEqual({ pk: 'a', n: 1, tags: new Set(['x']) });
  expect(orders.get({ pk: 'none' })).toBeUndefined();
  const client = new DynamoDBClient(cloud.clientConfig());
  await client.send(new PutItemCommand({ TableName: orders.name, Item: { pk: { S: 'a' }, n: { N: '2' } } }));
  expect(await orders.waitForItem({ pk: 'a', n: 2 })).toEqual({ pk: 'a', n: 2 });
  expect(orders).toHaveItem({ n: 2 });
  expect(orders).toHaveItemCount(2);
  expect(orders).toHaveWritten('pk=a', 2);
  expect(orders).not.toHaveWritten('pk=c');
  expect(() => expect(orders).toHaveItem({ n: 3 })).toThrow('has 2 items, but none with {"n":3}');
  await cloud.advance(Duration.minutes(12));
  orders.delete({ pk: 'a' });
  expect(orders.items).toEqual([]);
  expect(orders.writes.map(({ kind, key }) => [kind, key])).toEqual([
    ['put', 'pk=a'],
    ['put', 'pk=b'],
    ['updated', 'pk=a'],
    ['expired', 'pk=b'],
    ['deleted', 'pk=a'],
  ]);
});
