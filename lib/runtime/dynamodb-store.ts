import type * as DynamoDB from '@aws-sdk/client-dynamodb';
import { AlreadyInProgressError, FOURTEEN_DAYS, type IdempotencyStore, positiveSeconds } from './idempotent';

export interface DynamoDbStoreOptions {
  readonly client: DynamoDB.DynamoDBClient;
  /** A table with the string partition key `id`; its time to live should be `expiration`. */
  readonly tableName: string;
  /**
   * What a key begins with: Powertools' `keyPrefix`, or the function's name and that of the handler. Default `spillway`.
   */
  readonly keyPrefix?: string;
  /** How long work is remembered, more than 0 seconds. Default: 14 days. */
  readonly expiresAfterSeconds?: number;
  /**
   * How long work may take, more than 0 seconds. After that, another one may start it again, as when the first has died.
   * Should be no less than the handler's time-out. Default 900.
   */
  readonly inProgressSeconds?: number;
}

/** A handler's writes that join the store's record in one transaction. */
export interface DynamoDbWrites {
  /**
   * Adds a write to the `TransactWriteItems` that remembers the work; at most 99. It happens when the handler has
   * returned, and not at all if the transaction is cancelled.
   */
  add(write: DynamoDB.TransactWriteItem): void;
}

/**
 * Remembers in DynamoDB, in the layout of Powertools for AWS Lambda: `id`, `status`, `expiration` in seconds and
 * `in_progress_expiration` in milliseconds. With the same prefix and the key as its payload, either knows what the other
 * has done.
 *
 * What the handler adds to its writes happens once, together with the record. What it does otherwise is done again if
 * the process dies before the record is complete.
 */
export class DynamoDbStore implements IdempotencyStore<DynamoDbWrites> {
  private readonly expiry: number;
  private readonly inProgress: number;

  /** @throws RangeError if an option is out of range */
  constructor(private readonly options: DynamoDbStoreOptions) {
    const { expiresAfterSeconds = FOURTEEN_DAYS, inProgressSeconds = 900 } = options;
    this.expiry = positiveSeconds('expiresAfterSeconds', expiresAfterSeconds);
    this.inProgress = positiveSeconds('inProgressSeconds', inProgressSeconds) * 1_000;
  }

  public async once(key: string, work: (writes: DynamoDbWrites) => Promise<void>): Promise<boolean> {
    const commands = await dynamoDbCommands();
    const { createHash } = await import('node:crypto');
    const hash = createHash('md5').update(JSON.stringify(key)).digest('base64');
    const id = `${this.options.keyPrefix ?? 'spillway'}#${hash}`;
    const until = Date.now() + this.inProgress;
    if (!(await this.begin(commands, id, until))) return false;
    const writes: DynamoDB.TransactWriteItem[] = [];
    try {
      await work({ add: (write) => void writes.push(write) });
      await this.complete(commands, id, until, writes);
    } catch (error) {
      // If this fails, the record expires by itself.
      await this.options.client.send(new commands.DeleteItemCommand(this.mine(id, until))).catch(() => undefined);
      throw error;
    }
    return true;
  }

  /** @returns false if the work has been done */
  private async begin(commands: typeof DynamoDB, id: string, until: number): Promise<boolean> {
    const now = Date.now();
    try {
      await this.options.client.send(
        new commands.PutItemCommand({
          TableName: this.options.tableName,
          Item: {
            id: { S: id },
            status: { S: 'INPROGRESS' },
            expiration: { N: this.expiration(now) },
            in_progress_expiration: { N: String(until) },
          },
          ConditionExpression:
            'attribute_not_exists(id) OR expiration < :now OR ' +
            '(#status = :inprogress AND attribute_exists(in_progress_expiration) AND in_progress_expiration < :millis)',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':now': { N: String(now / 1_000) },
            ':millis': { N: String(now) },
            ':inprogress': { S: 'INPROGRESS' },
          },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof commands.ConditionalCheckFailedException)) throw error;
      if (error.Item?.status?.S === 'COMPLETED') return false;
      throw new AlreadyInProgressError(id, { cause: error });
    }
  }

  private async complete(
    commands: typeof DynamoDB,
    id: string,
    until: number,
    writes: readonly DynamoDB.TransactWriteItem[],
  ): Promise<void> {
    const { ExpressionAttributeValues, ...mine } = this.mine(id, until);
    const update = {
      ...mine,
      UpdateExpression: 'SET #status = :completed, expiration = :expiration',
      ExpressionAttributeValues: {
        ...ExpressionAttributeValues,
        ':completed': { S: 'COMPLETED' },
        ':expiration': { N: this.expiration(Date.now()) },
      },
    };
    const { client } = this.options;
    if (writes.length === 0) await client.send(new commands.UpdateItemCommand(update));
    else {
      await client.send(new commands.TransactWriteItemsCommand({ TransactItems: [{ Update: update }, ...writes] }));
    }
  }

  /** The record while it is the one that this call began: another may have taken over since. */
  private mine(id: string, until: number) {
    return {
      TableName: this.options.tableName,
      Key: { id: { S: id } },
      ConditionExpression: '#status = :inprogress AND in_progress_expiration = :until',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':inprogress': { S: 'INPROGRESS' }, ':until': { N: String(until) } },
    };
  }

  private expiration(now: number): string {
    return String(Math.floor(now / 1_000 + this.expiry));
  }
}

/** Loaded when first needed: who remembers elsewhere need not have that client. */
async function dynamoDbCommands(): Promise<typeof DynamoDB> {
  try {
    return await import('@aws-sdk/client-dynamodb');
  } catch (cause) {
    throw new Error('DynamoDbStore needs the client of DynamoDB: npm install @aws-sdk/client-dynamodb', { cause });
  }
}
