import type { StreamViewType, TableClass } from '@aws-sdk/client-dynamodb';
import { type ResourceContext, UnsupportedResource } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import type { PropertyReport } from '../../../cloudformation/provider/report';
import {
  anything,
  emulated,
  flag,
  inert,
  integer,
  list,
  naming,
  record,
  replacing,
  required,
  text,
  unsupported,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { tagList } from '../../../cloudformation/provider/tags';
import type { DynamoDb } from '../dynamodb';
import { createTable, deleteTable, type DesiredTable, updateTable } from './desired-table';
import {
  attributeDefinitions,
  contributorInsights,
  definitionsFrom,
  keySchema,
  keySchemaFrom,
  localIndexes,
  projection,
  projectionFrom,
  recovery,
  resourcePolicy,
  timeToLive,
  warmThroughput,
} from './table-properties';

/** Capacity that is scaled begins at its minimum, and stays there. */
const scaling = (units: 'Read' | 'Write') =>
  record({
    MinCapacity: required(emulated(integer)),
    MaxCapacity: required(inert(integer, 'capacity is not scaled')),
    SeedCapacity: emulated(integer),
    TargetTrackingScalingPolicyConfiguration: inert(anything, `${units} capacity is not scaled`),
  });

const readThroughput = record({
  ReadCapacityUnits: emulated(integer),
  ReadCapacityAutoScalingSettings: emulated(scaling('Read')),
});
const writeThroughput = record({
  WriteCapacityUnits: emulated(integer),
  WriteCapacityAutoScalingSettings: emulated(scaling('Write')),
});
const readOnDemand = record({ MaxReadRequestUnits: emulated(integer) });
const writeOnDemand = record({ MaxWriteRequestUnits: emulated(integer) });

const replica = record({
  ContributorInsightsSpecification: contributorInsights,
  DeletionProtectionEnabled: emulated(flag),
  GlobalSecondaryIndexes: emulated(
    list(
      record({
        ContributorInsightsSpecification: contributorInsights,
        IndexName: required(emulated(text)),
        ReadOnDemandThroughputSettings: emulated(readOnDemand),
        ReadProvisionedThroughputSettings: emulated(readThroughput),
      }),
    ),
  ),
  GlobalTableSettingsReplicationMode: inert(text, 'there are no other replicas'),
  KinesisStreamSpecification: unsupported('changes do not go to Kinesis'),
  PointInTimeRecoverySpecification: emulated(recovery),
  ReadOnDemandThroughputSettings: emulated(readOnDemand),
  ReadProvisionedThroughputSettings: emulated(readThroughput),
  Region: required(emulated(text)),
  ReplicaStreamSpecification: inert(record({ ResourcePolicy: resourcePolicy }), 'policies are not evaluated'),
  ResourcePolicy: resourcePolicy,
  SSESpecification: emulated(record({ KMSMasterKeyId: required(emulated(text)) })),
  TableClass: emulated(text),
  Tags: emulated(tagList),
});

const properties = {
  AttributeDefinitions: emulated(attributeDefinitions),
  BillingMode: emulated(text),
  GlobalSecondaryIndexes: emulated(
    list(
      record({
        IndexName: required(emulated(text)),
        KeySchema: required(emulated(keySchema)),
        Projection: required(emulated(projection)),
        ReadOnDemandThroughputSettings: emulated(readOnDemand),
        ReadProvisionedThroughputSettings: emulated(readThroughput),
        WarmThroughput: warmThroughput,
        WriteOnDemandThroughputSettings: emulated(writeOnDemand),
        WriteProvisionedThroughputSettings: emulated(writeThroughput),
      }),
    ),
  ),
  GlobalTableSourceArn: unsupported('there are no replicas in other accounts'),
  GlobalTableWitnesses: unsupported('there are no replicas in other Regions'),
  KeySchema: replacing(required(emulated(keySchema))),
  LocalSecondaryIndexes: replacing(emulated(localIndexes)),
  MultiRegionConsistency: inert(text, 'there are no replicas in other Regions'),
  ReadOnDemandThroughputSettings: emulated(readOnDemand),
  ReadProvisionedThroughputSettings: emulated(readThroughput),
  Replicas: required(emulated(list(replica), 'the replica of the stack’s own Region')),
  SSESpecification: emulated(
    record({ SSEEnabled: required(emulated(flag)), SSEType: emulated(text) }),
    'described, but nothing is encrypted',
  ),
  StreamSpecification: emulated(record({ StreamViewType: required(emulated(text)) })),
  TableName: naming(emulated(text)),
  TimeToLiveSpecification: emulated(timeToLive),
  VectorIndexes: unsupported('there are no vector indexes'),
  WarmThroughput: warmThroughput,
  WriteOnDemandThroughputSettings: emulated(writeOnDemand),
  WriteProvisionedThroughputSettings: emulated(writeThroughput),
};

type Given = Values<typeof properties>;
type Replica = Given['Replicas'][number];

/** The part of a global table in the stack's own Region, as CDK's TableV2 makes it. */
export const dynamoDbGlobalTable = define({
  type: 'AWS::DynamoDB::GlobalTable',
  note: 'the replica in the stack’s own Region; others are reported',
  properties,
  unique: {
    among: 'AWS::DynamoDB::Table',
    name: ({ properties: { TableName }, name }) => TableName ?? name({ longest: 255 }),
    exists: ({ properties: { TableName } }, { service }: ResourceContext<DynamoDb>) =>
      TableName !== undefined && service.hasTable(TableName),
  },
  create({ properties: given, name, systemTags }, context: ResourceContext<DynamoDb>) {
    const table = desired(given, context.region);
    const created = createTable(given.TableName ?? name({ longest: 255 }), table, systemTags, context);
    return { ...created, review: reviewReplicas(given, context.region) };
  },
  update({ ref, properties: given, previous }, context: ResourceContext<DynamoDb>) {
    const [before, after] = [desired(previous, context.region), desired(given, context.region)];
    return { ...updateTable(ref, before, after, context), review: reviewReplicas(given, context.region) };
  },
  delete: ({ ref }, context: ResourceContext<DynamoDb>) => deleteTable(ref, context),
});

function reviewReplicas({ Replicas }: Given, region: string): PropertyReport[] {
  const others = Replicas.map(({ Region }) => Region).filter((other) => other !== region);
  if (others.length === 0) return [];
  return [{ name: 'Replicas', status: 'unsupported', note: `nothing is replicated to ${others.join(', ')}` }];
}

function desired(given: Given, region: string): DesiredTable {
  const own = given.Replicas.find(({ Region }) => Region === region);
  if (own === undefined) throw new UnsupportedResource(`it has no replica in ${region}`);
  const onDemand = given.BillingMode === 'PAY_PER_REQUEST';
  const { SSESpecification: sse, StreamSpecification: stream } = given;
  return {
    definitions: definitionsFrom(given.AttributeDefinitions),
    schema: keySchemaFrom(given.KeySchema),
    onDemand,
    ...(!onDemand && { throughput: throughputOf(given, own) }),
    onDemandThroughput: onDemandOf(given, own),
    local: given.LocalSecondaryIndexes?.map((index) => ({
      IndexName: index.IndexName,
      KeySchema: keySchemaFrom(index.KeySchema),
      Projection: projectionFrom(index.Projection),
    })),
    global: given.GlobalSecondaryIndexes?.map((index) => {
      const ofReplica = own.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.IndexName);
      return {
        IndexName: index.IndexName,
        KeySchema: keySchemaFrom(index.KeySchema),
        Projection: projectionFrom(index.Projection),
        ...(!onDemand && { ProvisionedThroughput: throughputOf(index, ofReplica) }),
        OnDemandThroughput: onDemandOf(index, ofReplica),
      };
    }),
    // A table with replicas has a stream; the service checks the view against the model's names.
    viewType: stream?.StreamViewType as StreamViewType | undefined,
    timeToLive: given.TimeToLiveSpecification && {
      AttributeName: given.TimeToLiveSpecification.AttributeName,
      Enabled: given.TimeToLiveSpecification.Enabled,
    },
    recovery: own.PointInTimeRecoverySpecification && {
      PointInTimeRecoveryEnabled: own.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled ?? false,
      RecoveryPeriodInDays: own.PointInTimeRecoverySpecification.RecoveryPeriodInDays,
    },
    encryption: sse && {
      Enabled: sse.SSEEnabled,
      SSEType: 'KMS',
      KMSMasterKeyId: own.SSESpecification?.KMSMasterKeyId,
    },
    tableClass: own.TableClass as TableClass | undefined,
    deletionProtection: own.DeletionProtectionEnabled,
    tags: own.Tags,
  };
}

type ThroughputSettings = Pick<Given, 'ReadProvisionedThroughputSettings' | 'WriteProvisionedThroughputSettings'>;
type ReplicaThroughput = Pick<Replica, 'ReadProvisionedThroughputSettings' | 'ReadOnDemandThroughputSettings'>;

/** Reads are the replica's own; writes are the same in all of them. */
function throughputOf(given: ThroughputSettings, own: ReplicaThroughput | undefined) {
  const { WriteProvisionedThroughputSettings: write } = given;
  const read = own?.ReadProvisionedThroughputSettings ?? given.ReadProvisionedThroughputSettings;
  const [readScaling, writeScaling] = [read?.ReadCapacityAutoScalingSettings, write?.WriteCapacityAutoScalingSettings];
  return {
    ReadCapacityUnits: read?.ReadCapacityUnits ?? readScaling?.SeedCapacity ?? readScaling?.MinCapacity,
    WriteCapacityUnits: write?.WriteCapacityUnits ?? writeScaling?.SeedCapacity ?? writeScaling?.MinCapacity,
  };
}

type OnDemandSettings = Pick<Given, 'ReadOnDemandThroughputSettings' | 'WriteOnDemandThroughputSettings'>;

function onDemandOf(given: OnDemandSettings, own: ReplicaThroughput | undefined) {
  const read = own?.ReadOnDemandThroughputSettings ?? given.ReadOnDemandThroughputSettings;
  const { WriteOnDemandThroughputSettings: write } = given;
  if (read === undefined && write === undefined) return undefined;
  return { ...read, ...write };
}
