import type { ConformanceCloud } from './cloud';

export interface DynamoAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Asks an action of DynamoDB, or of DynamoDB Streams. */
export async function ask(cloud: ConformanceCloud, action: string, input: object): Promise<DynamoAnswer> {
  const streams = ['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords'].includes(action);
  const credential = 'test/20300101/us-east-1/dynamodb/aws4_request';
  const { status, text } = await cloud.raw({
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=00`,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB${streams ? 'Streams' : ''}_20120810.${action}`,
    },
    body: JSON.stringify(input),
  });
  return { status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

/** Calls an action that is expected to succeed. */
export async function call(cloud: ConformanceCloud, action: string, input: object): Promise<Record<string, unknown>> {
  const { status, body } = await ask(cloud, action, input);
  if (status !== 200) throw new Error(`${action} was refused with ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** An action, its input, and the message of the ValidationException that it is refused with. */
export type RefusedRequest = readonly [action: string, input: object, message: string];

/** Expects each request to be refused with its message, AWS's code and status. */
export async function refusesAll(cloud: ConformanceCloud, requests: readonly RefusedRequest[]): Promise<void> {
  const found: unknown[] = [];
  for (const [action, input] of requests) found.push({ action, input, ...(await ask(cloud, action, input)) });
  expect(found).toEqual(
    requests.map(([action, input, message]) => ({
      action,
      input,
      status: 400,
      body: { __type: 'com.amazon.coral.validate#ValidationException', message },
    })),
  );
}

/** Expects an error of the model. */
export async function fails(
  cloud: ConformanceCloud,
  action: string,
  input: object,
  shape: string,
  message: string,
  members: object = {},
): Promise<void> {
  const __type = `com.amazonaws.dynamodb.v20120810#${shape}`;
  expect(await ask(cloud, action, input)).toEqual({ status: 400, body: { __type, message, ...members } });
}

/** A table with a partition key `pk` of type S, named `Simple`. */
export const SIMPLE = {
  TableName: 'Simple',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};

/** A table with keys `pk` (S) and `sk` (N), a local index `local` on `l`, and a global index `global` on `g` and `sk`. */
export const INDEXED = {
  TableName: 'Indexed',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
    { AttributeName: 'l', AttributeType: 'S' },
    { AttributeName: 'g', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'local',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'l', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'global',
      KeySchema: [
        { AttributeName: 'g', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['extra'] },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

export async function createTables(cloud: ConformanceCloud, ...tables: readonly object[]): Promise<void> {
  for (const table of tables) await call(cloud, 'CreateTable', table);
}
