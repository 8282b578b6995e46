import type {
  GlobalSecondaryIndexDescription,
  IndexStatus,
  LocalSecondaryIndexDescription,
  TableDescription,
  TableStatus,
} from '@aws-sdk/client-dynamodb';
import type { TableStream } from '../streams/table-stream';
import type { SecondaryIndex } from './secondary-index';
import type { Table } from './table';
import { Throughput } from './throughput';

const ON_DEMAND_WARMTH = { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000 } as const;

/** A table as the API describes it. */
export function describeTable(
  table: Table,
  stream: TableStream | undefined,
  now: number,
  status: TableStatus = 'ACTIVE',
): TableDescription {
  const { identity, settings } = table;
  const { tableClass, onDemandThroughput, encryption } = settings;
  const indexStatus = status === 'CREATING' ? 'CREATING' : status === 'DELETING' ? 'DELETING' : 'ACTIVE';
  return {
    AttributeDefinitions: [...settings.definitions],
    TableName: identity.name,
    KeySchema: [...identity.elements],
    TableStatus: status,
    CreationDateTime: new Date(identity.createdAt),
    ProvisionedThroughput: settings.throughput.describe(now),
    TableSizeBytes: table.size,
    ItemCount: table.itemCount,
    TableArn: identity.arn,
    TableId: identity.id,
    ...describeBilling(table),
    ...describeIndexes(table, now, indexStatus),
    ...describeStream(stream),
    ...(encryption !== undefined && { SSEDescription: encryption }),
    ...(tableClass !== undefined && { TableClassSummary: { TableClass: tableClass } }),
    DeletionProtectionEnabled: settings.deletionProtection,
    ...(onDemandThroughput !== undefined && { OnDemandThroughput: onDemandThroughput }),
    ...(status === 'ACTIVE' && { WarmThroughput: warmth(table, settings.throughput) }),
  };
}

function describeBilling({ settings: { billingMode, onDemandSince } }: Table): Partial<TableDescription> {
  if (onDemandSince === undefined) return {};
  return {
    BillingModeSummary: { BillingMode: billingMode, LastUpdateToPayPerRequestDateTime: new Date(onDemandSince) },
  };
}

function describeStream(stream: TableStream | undefined): Partial<TableDescription> {
  if (stream === undefined) return {};
  const { arn, label, viewType } = stream.settings;
  return {
    ...(stream.closedAt === undefined && { StreamSpecification: { StreamEnabled: true, StreamViewType: viewType } }),
    LatestStreamLabel: label,
    LatestStreamArn: arn,
  };
}

function describeIndexes(table: Table, now: number, status: IndexStatus): Partial<TableDescription> {
  const of = (kind: 'local' | 'global') => table.indexes.filter(({ definition }) => definition.kind === kind);
  const [local, global] = [of('local'), of('global')];
  return {
    ...(local.length > 0 && { LocalSecondaryIndexes: local.map((index) => describeIndex(table, index)) }),
    ...(global.length > 0 && {
      GlobalSecondaryIndexes: global.map((index) => describeGlobalIndex(table, index, now, status)),
    }),
  };
}

function describeIndex(table: Table, { definition, size, entries }: SecondaryIndex): LocalSecondaryIndexDescription {
  return {
    IndexName: definition.name,
    KeySchema: [...definition.elements],
    Projection: definition.projection,
    IndexSizeBytes: size,
    ItemCount: entries.size,
    IndexArn: `${table.identity.arn}/index/${definition.name}`,
  };
}

function describeGlobalIndex(
  table: Table,
  index: SecondaryIndex,
  now: number,
  status: IndexStatus,
): GlobalSecondaryIndexDescription {
  const throughput = index.throughput ?? Throughput.of();
  return {
    ...describeIndex(table, index),
    IndexStatus: status,
    ProvisionedThroughput: throughput.describe(now),
    ...(index.onDemandThroughput !== undefined && { OnDemandThroughput: index.onDemandThroughput }),
    ...(status === 'ACTIVE' && { WarmThroughput: warmth(table, throughput) }),
  };
}

/** The throughput that is there at once: a new on-demand table's, or what is provisioned. */
function warmth({ settings }: Table, { read, write }: Throughput) {
  const units =
    settings.billingMode === 'PAY_PER_REQUEST'
      ? ON_DEMAND_WARMTH
      : { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write };
  return { ...units, Status: 'ACTIVE' as const };
}
