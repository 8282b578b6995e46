import type { DynamoDb } from './dynamodb';

/** A table and what it holds. */
export interface TableStatus {
  readonly name: string;
  readonly items: number;
  /** The size of all items together, as DynamoDB counts it. */
  readonly bytes: number;
}

/** The tables, in the order of their names. */
export function tableStatus(dynamodb: DynamoDb): TableStatus[] {
  return dynamodb.tableInfo().map(({ name, items, bytes }) => ({ name, items, bytes }));
}
