import type {
  CreateTableInput,
  GlobalSecondaryIndex,
  GlobalSecondaryIndexUpdate,
  LocalSecondaryIndex,
  SSEDescription,
  SSESpecification,
  StreamSpecification,
  TableDescription,
  UpdateTableInput,
} from '@aws-sdk/client-dynamodb';
import type { Clock, Random } from '../../../clock';
import { AwsError, formatArn } from '../../../core';
import type { Timeline } from '../../../timeline';
import { deletionProtected, invalidParameters, limitExceeded, tableExists, tableNotFound, validation } from '../errors';
import { LIMITS } from '../limits';
import { TableStream } from '../streams/table-stream';
import { describeTable } from '../table/description';
import { keySchemaOf } from '../table/keys';
import type { IndexDefinition } from '../table/secondary-index';
import { Table } from '../table/table';
import { Throughput } from '../table/throughput';
import { tableNameOf, type Tables } from '../tables';
import { checkManagedTableName, Violations } from '../violations';
import { addTags } from './tags';
import {
  checkAllUsed,
  checkBounds,
  checkGlobalIndex,
  checkNewTable,
  checkStreamSpecification,
  checkUnits,
  noteDefinitions,
  noteIndex,
  onDemandWithThroughput,
} from './table-checks';

/** What {@link TableManagement} works with. */
export interface TableManagementDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly tables: Tables;
}

/**
 * Creates, changes and deletes tables. A change takes no emulated time: its response shows the table as it would be on
 * AWS, while it changes, and the next request finds it done.
 */
export class TableManagement {
  constructor(private readonly dependencies: TableManagementDependencies) {}

  public create(input: CreateTableInput): TableDescription {
    checkManagedTableName(input.TableName);
    checkNewTable(input);
    const { tables, timeline } = this.dependencies;
    if (tables.find(input.TableName) !== undefined) throw tableExists(input.TableName);
    const table = this.made(input.TableName, input);
    addTags(table.tags, input.Tags ?? []);
    tables.add(table);
    if (input.StreamSpecification?.StreamEnabled === true) this.openStream(table, input.StreamSpecification);
    timeline.record('dynamodb.tableCreated', table.name);
    return this.describe(table, 'CREATING');
  }

  public describe(table: Table, status?: TableDescription['TableStatus']): TableDescription {
    const { tables, clock } = this.dependencies;
    const stream = tables.streamOf(table) ?? this.latestStream(table);
    return describeTable(table, stream, clock.now(), status);
  }

  /** The table of an action on tables, which names it in its error. */
  public named(nameOrArn: string | undefined): Table {
    const name = managedName(nameOrArn);
    const table = this.dependencies.tables.find(name);
    if (table === undefined) throw tableNotFound(name);
    return table;
  }

  public delete(nameOrArn: string | undefined): TableDescription {
    const table = this.named(nameOrArn);
    if (table.settings.deletionProtection) throw deletionProtected(table.identity.arn);
    this.dependencies.timeline.record('dynamodb.tableDeleted', table.name);
    this.dependencies.tables.remove(table, this.now);
    return this.describe(table, 'DELETING');
  }

  public update(input: UpdateTableInput): TableDescription {
    checkUpdate(input);
    const table = this.named(input.TableName);
    const changes = [
      this.billingChange(table, input),
      ...this.indexChanges(table, input),
      this.streamChange(table, input.StreamSpecification),
    ];
    for (const change of changes) change?.();
    const { settings } = table;
    if (input.SSESpecification !== undefined) settings.encryption = this.encryption(input.SSESpecification);
    if (input.TableClass !== undefined) settings.tableClass = input.TableClass;
    if (input.DeletionProtectionEnabled !== undefined) settings.deletionProtection = input.DeletionProtectionEnabled;
    if (input.OnDemandThroughput !== undefined) settings.onDemandThroughput = input.OnDemandThroughput;
    this.dependencies.timeline.record('dynamodb.tableUpdated', table.name);
    return this.describe(table, 'UPDATING');
  }

  private get now(): number {
    return this.dependencies.clock.now();
  }

  private made(name: string, input: CreateTableInput): Table {
    const { account, region, random, clock, tables } = this.dependencies;
    const { AttributeDefinitions: definitions = [], KeySchema: elements = [], BillingMode: billingMode } = input;
    const onDemand = billingMode === 'PAY_PER_REQUEST';
    const identity = {
      name,
      arn: formatArn('dynamodb', region, account, `table/${name}`),
      id: random.uuid(),
      createdAt: clock.now(),
      elements,
      schema: keySchemaOf(elements, definitions),
    };
    const settings = {
      definitions,
      billingMode: billingMode ?? 'PROVISIONED',
      ...(onDemand && { onDemandSince: clock.now() }),
      throughput: Throughput.of(input.ProvisionedThroughput),
      onDemandThroughput: input.OnDemandThroughput,
      tableClass: input.TableClass,
      deletionProtection: input.DeletionProtectionEnabled ?? false,
      encryption: input.SSESpecification && this.encryption(input.SSESpecification),
    };
    const table: Table = new Table(identity, settings, (change) => {
      tables.streamOf(table)?.add(change, clock.now(), random.hex(32));
    });
    for (const index of input.LocalSecondaryIndexes ?? []) table.addIndex(definitionOf('local', index, table));
    for (const index of input.GlobalSecondaryIndexes ?? []) this.addGlobalIndex(table, index);
    return table;
  }

  private addGlobalIndex(table: Table, index: GlobalSecondaryIndex): void {
    const added = table.addIndex(definitionOf('global', index, table));
    added.throughput = Throughput.of(index.ProvisionedThroughput);
    added.onDemandThroughput = index.OnDemandThroughput;
  }

  /** Checks a change of the billing mode or the throughput; returns what makes it. */
  private billingChange(table: Table, input: UpdateTableInput): (() => void) | undefined {
    const { settings } = table;
    const { BillingMode: mode = settings.billingMode, ProvisionedThroughput: units } = input;
    if (units !== undefined && mode === 'PAY_PER_REQUEST') throw onDemandWithThroughput();
    checkBounds(units);
    if (mode !== settings.billingMode) return this.modeChange(table, input);
    if (units === undefined) return undefined;
    const { throughput } = settings;
    if (units.ReadCapacityUnits === throughput.read && units.WriteCapacityUnits === throughput.write) {
      throw validation(
        `The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: ${throughput.read}. Requested ReadCapacityUnits: ${units.ReadCapacityUnits}. Current WriteCapacityUnits provisioned for the table: ${throughput.write}. Requested WriteCapacityUnits: ${units.WriteCapacityUnits}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.`,
      );
    }
    return () => throughput.change(units, this.now);
  }

  private modeChange(table: Table, input: UpdateTableInput): () => void {
    const { settings } = table;
    if (input.BillingMode === 'PAY_PER_REQUEST') {
      return () => {
        settings.billingMode = 'PAY_PER_REQUEST';
        settings.onDemandSince = this.now;
        settings.throughput.change({}, this.now);
        for (const index of table.indexes) index.throughput?.change({}, this.now);
      };
    }
    const updates = new Map(
      (input.GlobalSecondaryIndexUpdates ?? []).map(({ Update }) => [Update?.IndexName, Update?.ProvisionedThroughput]),
    );
    const without = table.indexes
      .map(({ definition }) => definition)
      .filter(({ kind, name }) => kind === 'global' && updates.get(name) === undefined);
    if (without.length > 0) {
      throw invalidParameters(
        `ProvisionedThroughput must be specified for index: ${without.map(({ name }) => name).join(',')}`,
      );
    }
    return () => {
      settings.billingMode = 'PROVISIONED';
      settings.throughput.change(input.ProvisionedThroughput ?? {}, this.now);
    };
  }

  private *indexChanges(table: Table, input: UpdateTableInput): IterableIterator<() => void> {
    const { GlobalSecondaryIndexUpdates: updates = [], AttributeDefinitions: given = [] } = input;
    if (updates.filter(({ Create, Delete }) => Create ?? Delete).length > 1) {
      throw limitExceeded(
        'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
      );
    }
    const definitions = merged(table, given);
    const mode = input.BillingMode ?? table.settings.billingMode;
    for (const { Create, Update, Delete } of updates) {
      if (Create !== undefined) {
        checkGlobalIndex(Create, definitions, mode);
        checkNewIndex(table, Create);
        yield () => {
          table.settings.definitions = definitions;
          this.addGlobalIndex(table, Create);
        };
      } else {
        yield this.indexChange(table, { Update, Delete });
      }
    }
    if (given.length > 0 && updates.every(({ Create }) => Create === undefined)) {
      const deleted = new Set(updates.map(({ Delete }) => Delete?.IndexName));
      yield () => {
        const kept = table.indexes.filter(({ definition }) => !deleted.has(definition.name));
        const keys = [table.identity.elements, ...kept.map(({ definition }) => definition.elements)].flat();
        checkAllUsed(given, keys);
        table.settings.definitions = given;
      };
    }
  }

  private indexChange(table: Table, { Update, Delete }: Omit<GlobalSecondaryIndexUpdate, 'Create'>): () => void {
    const name = (Update ?? Delete)?.IndexName ?? '';
    const index = table.index(name);
    if (index?.definition.kind !== 'global') {
      throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${name} not found`);
    }
    if (Update === undefined) {
      return () => {
        table.deleteIndex(name);
        const keys = new Set(
          [table.identity.elements, ...table.indexes.map(({ definition }) => definition.elements)]
            .flat()
            .map(({ AttributeName }) => AttributeName),
        );
        table.settings.definitions = table.settings.definitions.filter(({ AttributeName }) => keys.has(AttributeName));
      };
    }
    checkBounds(Update.ProvisionedThroughput);
    return () => {
      if (Update.ProvisionedThroughput) index.throughput?.change(Update.ProvisionedThroughput, this.now);
      if (Update.OnDemandThroughput) index.onDemandThroughput = Update.OnDemandThroughput;
    };
  }

  private streamChange(table: Table, specification: StreamSpecification | undefined): (() => void) | undefined {
    if (specification === undefined) return undefined;
    checkStreamSpecification(specification);
    const { tables } = this.dependencies;
    const enabled = tables.streamOf(table) !== undefined;
    if (specification.StreamEnabled === true) {
      if (enabled) throw validation(`Table already has an enabled stream: TableName: ${table.name}`);
      return () => this.openStream(table, specification);
    }
    if (!enabled) throw validation(`Table has no stream to disable: TableName: ${table.name}`);
    return () => tables.closeStream(table, this.now);
  }

  private openStream(table: Table, { StreamViewType: viewType = 'NEW_AND_OLD_IMAGES' }: StreamSpecification): void {
    const { tables, region, random } = this.dependencies;
    const { now } = this;
    const taken = new Set(tables.allStreams(now).map(({ settings }) => settings.arn));
    // Two streams of a table within a millisecond would have the same ARN.
    let label = labelOf(now);
    for (let later = now + 1; taken.has(streamArn(table, label)); later++) label = labelOf(later);
    const shardId = `shardId-${String(now).padStart(20, '0')}-${random.hex(8)}`;
    tables.openStream(
      table,
      new TableStream({
        arn: streamArn(table, label),
        label,
        tableName: table.name,
        elements: table.identity.elements,
        viewType,
        createdAt: now,
        shardId,
        region,
      }),
    );
  }

  /** The last of the table's streams, which is disabled. */
  private latestStream(table: Table): TableStream | undefined {
    const { tables } = this.dependencies;
    const prefix = streamArn(table, '');
    const own = tables.allStreams(this.now).filter(({ settings }) => settings.arn.startsWith(prefix));
    const latest = own[own.length - 1];
    return latest !== undefined && latest.settings.createdAt >= table.identity.createdAt ? latest : undefined;
  }

  private encryption({ Enabled, KMSMasterKeyId = 'alias/aws/dynamodb' }: SSESpecification): SSEDescription | undefined {
    if (Enabled !== true) return undefined;
    const { account, region } = this.dependencies;
    const resource = KMSMasterKeyId.startsWith('alias/') ? KMSMasterKeyId : `key/${KMSMasterKeyId}`;
    const arn = KMSMasterKeyId.startsWith('arn:') ? KMSMasterKeyId : formatArn('kms', region, account, resource);
    return { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: arn };
  }
}

function streamArn(table: Table, label: string): string {
  return `${table.identity.arn}/stream/${label}`;
}

/** A time as a stream's ARN has it: `2015-05-11T21:21:33.291`. */
function labelOf(at: number): string {
  return new Date(at).toISOString().slice(0, -1);
}

function managedName(nameOrArn: string | undefined): string {
  if (nameOrArn?.startsWith('arn:') !== true) checkManagedTableName(nameOrArn);
  return tableNameOf(nameOrArn);
}

function definitionOf(
  kind: 'local' | 'global',
  { IndexName: name = '', KeySchema: elements = [], Projection: projection = {} }: LocalSecondaryIndex,
  table: Table,
): IndexDefinition {
  return { name, kind, elements, schema: keySchemaOf(elements, table.settings.definitions), projection };
}

/** The table's attribute definitions, with those of an update in their place. */
function merged(table: Table, given: NonNullable<UpdateTableInput['AttributeDefinitions']>) {
  const names = new Set(given.map(({ AttributeName }) => AttributeName));
  return [...table.settings.definitions.filter(({ AttributeName }) => !names.has(AttributeName)), ...given];
}

function checkNewIndex(table: Table, { IndexName = '' }: GlobalSecondaryIndex): void {
  if (table.index(IndexName) !== undefined) {
    throw validation(`Attempting to create an index which already exists: ${IndexName}`);
  }
  const count = table.indexes.filter(({ definition }) => definition.kind === 'global').length;
  if (count < LIMITS.globalIndexes) return;
  throw invalidParameters(`GlobalSecondaryIndex count exceeds the per-table limit of ${LIMITS.globalIndexes}`);
}

function checkUpdate(input: UpdateTableInput): void {
  const violations = new Violations();
  const { GlobalSecondaryIndexUpdates: updates = [] } = input;
  violations.oneOf('billingMode', input.BillingMode, ['PROVISIONED', 'PAY_PER_REQUEST']);
  checkUnits(violations, 'provisionedThroughput', input.ProvisionedThroughput);
  if (input.AttributeDefinitions !== undefined) noteDefinitions(violations, input.AttributeDefinitions);
  updates.forEach(({ Create }, index) => {
    if (Create) noteIndex(violations, `globalSecondaryIndexUpdates.${index + 1}.member.create`, Create);
  });
  violations.throwAny();
  if (input.ReplicaUpdates !== undefined && input.ReplicaUpdates.length > 0) {
    throw validation('ReplicaUpdates are not emulated: tables have no replicas in other Regions');
  }
  const { TableName: _name, AttributeDefinitions: _definitions, ...changes } = input;
  if (Object.values(changes).every((change) => change === undefined)) {
    throw validation(
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
    );
  }
  if (input.BillingMode === 'PROVISIONED' && input.ProvisionedThroughput === undefined) {
    throw invalidParameters('ProvisionedThroughput must be specified when BillingMode is PROVISIONED');
  }
  const names = new Set<string>();
  for (const { Create, Update, Delete } of updates) {
    const change = Create ?? Update ?? Delete;
    if (change === undefined) {
      throw invalidParameters(
        'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null',
      );
    }
    const { IndexName = '' } = change;
    if (names.has(IndexName)) {
      throw invalidParameters(
        `Only one global secondary index update per index is allowed simultaneously. Index: ${IndexName}`,
      );
    }
    names.add(IndexName);
  }
}
