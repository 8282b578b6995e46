import type {
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  ContinuousBackupsDescription,
  CreateTableInput,
  CreateTableOutput,
  DeleteItemInput,
  DeleteItemOutput,
  DeleteTableInput,
  DeleteTableOutput,
  DescribeContinuousBackupsInput,
  DescribeContinuousBackupsOutput,
  DescribeEndpointsResponse,
  DescribeLimitsOutput,
  DescribeTableInput,
  DescribeTableOutput,
  DescribeTimeToLiveInput,
  DescribeTimeToLiveOutput,
  GetItemInput,
  GetItemOutput,
  ListTablesInput,
  ListTablesOutput,
  ListTagsOfResourceInput,
  ListTagsOfResourceOutput,
  PutItemInput,
  PutItemOutput,
  QueryInput,
  QueryOutput,
  ScanInput,
  ScanOutput,
  TagResourceInput,
  TimeToLiveSpecification,
  TransactGetItemsInput,
  TransactGetItemsOutput,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
  UntagResourceInput,
  UpdateContinuousBackupsInput,
  UpdateContinuousBackupsOutput,
  UpdateItemInput,
  UpdateItemOutput,
  UpdateTableInput,
  UpdateTableOutput,
  UpdateTimeToLiveInput,
  UpdateTimeToLiveOutput,
} from '@aws-sdk/client-dynamodb';
import type {
  DescribeStreamInput,
  DescribeStreamOutput,
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
  ListStreamsInput,
  ListStreamsOutput,
} from '@aws-sdk/client-dynamodb-streams';
import { type Clock, MINUTE, type Random } from '../../clock';
import { gauge, type MetricDatum, type RequestContext } from '../../core';
import type { Timeline } from '../../timeline';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { batchGetItem, batchWriteItem } from './actions/batches';
import { continuousBackups, updateContinuousBackups } from './actions/continuous-backups';
import type { Database } from './actions/database';
import { query } from './actions/query';
import { getItem } from './actions/reading';
import { scan } from './actions/scan';
import { TableManagement } from './actions/table-management';
import { listTagsOfResource, tagResource, untagResource } from './actions/tags';
import { describeTimeToLive, TimeToLiveManagement } from './actions/time-to-live';
import { Transactions } from './actions/transactions';
import { deleteItem, putItem, updateItem } from './actions/writing';
import { Capacity } from './capacity';
import { StreamReading } from './streams/stream-reading';
import type { TableStream } from './streams/table-stream';
import type { Table } from './table/table';
import { Tables } from './tables';
import type { Item } from './values/attribute-value';
import { Violations } from './violations';

/** AWS's default quotas of capacity units in a Region: a table's, and all tables' together. */
const TABLE_UNITS = 40_000;
const ACCOUNT_UNITS = 80_000;
/** AWS deletes most items within minutes of their expiry, and promises a few days. */
const EXPIRY_DELAY = 10 * MINUTE;

/** The collaborators and settings of {@link DynamoDb}. */
export interface DynamoDbDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** The account that owns the tables, 12 digits. */
  readonly account: string;
  readonly region: string;
  /**
   * Emulated milliseconds from an item's expiry to its deletion.
   * @default 600000 (10 minutes)
   */
  readonly timeToLiveDelay?: number;
  /**
   * Whether requests beyond a table's throughput are throttled.
   * @default false
   */
  readonly throttling?: boolean;
}

/** A table's name and what it holds. */
export interface TableInfo {
  readonly name: string;
  readonly items: number;
  readonly bytes: number;
}

/**
 * Amazon DynamoDB and DynamoDB Streams in one account and Region. Each action takes and returns the types of the SDK
 * command of that name, and throws an AwsError if AWS returns an error.
 */
export class DynamoDb implements ServiceInstance {
  private readonly tables = new Tables();
  private readonly database: Database;
  private readonly management: TableManagement;
  private readonly timeToLive: TimeToLiveManagement;
  private readonly transactions: Transactions;
  private readonly streams: StreamReading;

  constructor(private readonly dependencies: DynamoDbDependencies) {
    const { clock, timeline, timeToLiveDelay = EXPIRY_DELAY, throttling = false } = dependencies;
    const { tables } = this;
    const capacity = new Capacity(clock, timeline, throttling);
    this.database = { clock, timeline, tables, capacity };
    this.management = new TableManagement({ ...dependencies, tables });
    this.timeToLive = new TimeToLiveManagement(clock, timeline, timeToLiveDelay);
    this.transactions = new Transactions(this.database);
    this.streams = new StreamReading(clock, tables);
  }

  public createTable(input: CreateTableInput, _context: RequestContext): CreateTableOutput {
    return { TableDescription: this.management.create(input) };
  }

  public deleteTable(input: DeleteTableInput, _context: RequestContext): DeleteTableOutput {
    return { TableDescription: this.management.delete(input.TableName) };
  }

  public describeTable(input: DescribeTableInput, _context: RequestContext): DescribeTableOutput {
    return { Table: this.management.describe(this.management.named(input.TableName)) };
  }

  public updateTable(input: UpdateTableInput, _context: RequestContext): UpdateTableOutput {
    return { TableDescription: this.management.update(input) };
  }

  public listTables(
    { ExclusiveStartTableName: after, Limit = 100 }: ListTablesInput,
    _context: RequestContext,
  ): ListTablesOutput {
    const violations = new Violations();
    violations.range('limit', Limit, 1, 100);
    if (after !== undefined) violations.length('exclusiveStartTableName', after, 3, 255);
    violations.throwAny();
    const names = this.tables.names().filter((name) => after === undefined || name > after);
    const page = names.slice(0, Limit);
    return { TableNames: page, ...(names.length > Limit && { LastEvaluatedTableName: page[page.length - 1] }) };
  }

  public describeLimits(_input: object, _context: RequestContext): DescribeLimitsOutput {
    return {
      AccountMaxReadCapacityUnits: ACCOUNT_UNITS,
      AccountMaxWriteCapacityUnits: ACCOUNT_UNITS,
      TableMaxReadCapacityUnits: TABLE_UNITS,
      TableMaxWriteCapacityUnits: TABLE_UNITS,
    };
  }

  public describeEndpoints(_input: object, { endpoint }: RequestContext): DescribeEndpointsResponse {
    return { Endpoints: [{ Address: endpoint.replace(/^https?:\/\//, ''), CachePeriodInMinutes: 1_440 }] };
  }

  public getItem(input: GetItemInput, _context: RequestContext): GetItemOutput {
    return getItem(this.database, input);
  }

  public putItem(input: PutItemInput, _context: RequestContext): PutItemOutput {
    return putItem(this.database, input);
  }

  public updateItem(input: UpdateItemInput, _context: RequestContext): UpdateItemOutput {
    return updateItem(this.database, input);
  }

  public deleteItem(input: DeleteItemInput, _context: RequestContext): DeleteItemOutput {
    return deleteItem(this.database, input);
  }

  public query(input: QueryInput, _context: RequestContext): QueryOutput {
    return query(this.database, input);
  }

  public scan(input: ScanInput, _context: RequestContext): ScanOutput {
    return scan(this.database, input);
  }

  public batchGetItem(input: BatchGetItemInput, _context: RequestContext): BatchGetItemOutput {
    return batchGetItem(this.database, input);
  }

  public batchWriteItem(input: BatchWriteItemInput, _context: RequestContext): BatchWriteItemOutput {
    return batchWriteItem(this.database, input);
  }

  public transactGetItems(input: TransactGetItemsInput, _context: RequestContext): TransactGetItemsOutput {
    return this.transactions.get(input);
  }

  public transactWriteItems(input: TransactWriteItemsInput, _context: RequestContext): TransactWriteItemsOutput {
    return this.transactions.write(input);
  }

  public updateTimeToLive(input: UpdateTimeToLiveInput, _context: RequestContext): UpdateTimeToLiveOutput {
    return this.timeToLive.update(this.management.named(input.TableName), input);
  }

  public describeTimeToLive(input: DescribeTimeToLiveInput, _context: RequestContext): DescribeTimeToLiveOutput {
    return describeTimeToLive(this.management.named(input.TableName));
  }

  public describeContinuousBackups(
    input: DescribeContinuousBackupsInput,
    _context: RequestContext,
  ): DescribeContinuousBackupsOutput {
    return { ContinuousBackupsDescription: this.backupsOf(input.TableName) };
  }

  public updateContinuousBackups(
    input: UpdateContinuousBackupsInput,
    _context: RequestContext,
  ): UpdateContinuousBackupsOutput {
    updateContinuousBackups(this.management.named(input.TableName), input, this.now);
    return { ContinuousBackupsDescription: this.backupsOf(input.TableName) };
  }

  public tagResource(input: TagResourceInput, _context: RequestContext): void {
    tagResource(this.tables, input);
  }

  public untagResource(input: UntagResourceInput, _context: RequestContext): void {
    untagResource(this.tables, input);
  }

  public listTagsOfResource(input: ListTagsOfResourceInput, _context: RequestContext): ListTagsOfResourceOutput {
    return listTagsOfResource(this.tables, input);
  }

  public listStreams(input: ListStreamsInput, _context: RequestContext): ListStreamsOutput {
    return this.streams.listStreams(input);
  }

  public describeStream(input: DescribeStreamInput, _context: RequestContext): DescribeStreamOutput {
    return this.streams.describeStream(input);
  }

  public getShardIterator(input: GetShardIteratorInput, _context: RequestContext): GetShardIteratorOutput {
    return this.streams.getShardIterator(input);
  }

  public getRecords(input: GetRecordsInput, _context: RequestContext): GetRecordsOutput {
    return this.streams.getRecords(input);
  }

  /** Enables or disables a table's time to live, as often as stacks are deployed. */
  public setTimeToLive(tableName: string, specification: TimeToLiveSpecification): void {
    const table = this.tables.of(tableName);
    this.timeToLive.checkChange(table, specification);
    this.timeToLive.change(table, specification);
  }

  /** Adds CloudFormation's own tags to a table. */
  public setSystemTags(tableName: string, tags: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(tags)) this.tables.of(tableName).tags.set(key, value);
  }

  /** Whether there is a table of this name. */
  public hasTable(name: string): boolean {
    return this.tables.find(name) !== undefined;
  }

  /** The tables, in the order of their names. */
  public tableInfo(): TableInfo[] {
    return this.tables.names().map((name) => {
      const { itemCount: items, size: bytes } = this.tables.of(name);
      return { name, items, bytes };
    });
  }

  /** All items of a table; undefined if there is no such table. Reads nothing that is counted or throttled. */
  public *items(tableName: string): IterableIterator<Item> {
    const table = this.tables.find(tableName);
    if (table !== undefined) for (const { stored } of table.entries.scan(0, Infinity)) yield stored.item;
  }

  public stop(): void {
    for (const table of this.tables.all()) table.close();
  }

  public collectMetrics(periodStart: number): MetricDatum[] {
    return this.tables
      .all()
      .flatMap((table) => [...table.metrics.collect(table.name, periodStart), ...provisioned(table, periodStart)]);
  }

  /** Nothing happens by itself but what the clock knows of: only a minute with requests must not be repeated. */
  public readonly idle: IdleParticipant = {
    probe: () => undefined,
    steadyUntil: () => (this.tables.all().some(({ metrics }) => metrics.active) ? -Infinity : Infinity),
    skip: () => undefined,
  };

  /** In emulated milliseconds since the epoch. */
  public get now(): number {
    return this.dependencies.clock.now();
  }

  /** The stream with this ARN; undefined if there is none. */
  public tableStream(arn: string): TableStream | undefined {
    return this.tables.stream(arn, this.now);
  }

  /** An iterator for a sequence number of a stream, for readers within the emulator. */
  public iteratorAt(streamArn: string, sequence: number): string {
    return this.streams.iteratorAt(streamArn, sequence);
  }

  private backupsOf(tableName: string | undefined): ContinuousBackupsDescription {
    return continuousBackups(this.management.named(tableName), this.now);
  }
}

/** The throughput of a table and its indexes in provisioned mode. */
function provisioned({ name: TableName, settings, indexes }: Table, timestamp: number): MetricDatum[] {
  if (settings.billingMode !== 'PROVISIONED') return [];
  const global = indexes.filter(({ definition }) => definition.kind === 'global');
  const all = [
    { dimensions: { TableName }, throughput: settings.throughput },
    ...global.map(({ definition, throughput }) => ({
      dimensions: { TableName, GlobalSecondaryIndexName: definition.name },
      throughput,
    })),
  ];
  return all.flatMap(({ dimensions, throughput }) => [
    gauge('AWS/DynamoDB', 'ProvisionedReadCapacityUnits', dimensions, 'Count', timestamp, throughput?.read ?? 0),
    gauge('AWS/DynamoDB', 'ProvisionedWriteCapacityUnits', dimensions, 'Count', timestamp, throughput?.write ?? 0),
  ]);
}
