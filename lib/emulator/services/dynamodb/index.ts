import { flag, milliseconds } from '../../core';
import { defineService } from '../service-definition';
import { DynamoDb } from './dynamodb';
import { tableThrottled } from './errors';
import { protocol } from './protocol';
import { dynamoDbGlobalTable } from './resources/global-table';
import { dynamoDbTable } from './resources/table';
import { type TableStatus, tableStatus } from './status';
import { testing } from './testing';

export { DynamoDb, type DynamoDbDependencies, type TableInfo } from './dynamodb';
export type { TableStatus } from './status';

/** The options of DynamoDB. */
export interface DynamoDbOptions {
  /**
   * Emulated milliseconds from the expiry of an item to its deletion by the table's time to live. Until then, reads
   * return the item, as on AWS, where deletion takes minutes to days.
   * @default 600000 (10 minutes)
   */
  readonly timeToLiveDelay?: number;
  /**
   * Whether requests beyond a table's throughput are throttled: what is provisioned, or 12,000 reads and 4,000 writes a
   * second of an on-demand table. Unused capacity of the last 5 minutes can be used for bursts.
   * @default false
   */
  readonly dynamodbThrottling?: boolean;
}

/** Amazon DynamoDB, with DynamoDB Streams. */
export const dynamodb = defineService<
  'dynamodb',
  DynamoDb,
  DynamoDbOptions,
  { readonly tables: readonly TableStatus[] },
  typeof testing
>({
  name: 'dynamodb',
  protocol,
  errors: {
    throttled: tableThrottled,
    internal: { shape: 'InternalServerError' },
  },
  options: { timeToLiveDelay: milliseconds, dynamodbThrottling: flag },
  resourceTypes: [dynamoDbTable, dynamoDbGlobalTable],
  resourcesOf: tablesOf,
  testing,
  status: { sections: ['tables'], of: (service) => ({ tables: tableStatus(service) }) },
  create: ({ options, clock, random, timeline, account, region }) =>
    new DynamoDb({
      ...{ clock, random, timeline, account, region },
      timeToLiveDelay: options.timeToLiveDelay,
      throttling: options.dynamodbThrottling,
    }),
});

/** The names of the tables that an action's input is about. */
function tablesOf(input: Readonly<Record<string, unknown>>): readonly string[] {
  const { TableName, RequestItems, TransactItems, StreamArn, ResourceArn } = input;
  const arns = [TableName, StreamArn, ResourceArn].filter((text): text is string => typeof text === 'string');
  const items = Array.isArray(TransactItems)
    ? (TransactItems as Record<string, { TableName?: unknown } | undefined>[])
    : [];
  const inTransaction = items.flatMap((item) => Object.values(item).map((action) => action?.TableName));
  return [
    ...arns.map(tableName),
    ...(typeof RequestItems === 'object' && RequestItems !== null ? Object.keys(RequestItems).map(tableName) : []),
    ...inTransaction.filter((name): name is string => typeof name === 'string').map(tableName),
  ];
}

/** The table's name in its own ARN or that of a stream, or the name itself. */
function tableName(nameOrArn: string): string {
  return /:table\/([^/]+)/.exec(nameOrArn)?.[1] ?? nameOrArn;
}
