import type { StreamViewType, TableClass } from '@aws-sdk/client-dynamodb';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import {
  emulated,
  flag,
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
  onDemandThroughput,
  projection,
  projectionFrom,
  recovery,
  resourcePolicy,
  timeToLive,
  warmThroughput,
} from './table-properties';

const throughput = record({
  ReadCapacityUnits: required(emulated(integer)),
  WriteCapacityUnits: required(emulated(integer)),
});

const properties = {
  AttributeDefinitions: emulated(attributeDefinitions),
  BillingMode: emulated(text),
  ContributorInsightsSpecification: contributorInsights,
  DeletionProtectionEnabled: emulated(flag),
  GlobalSecondaryIndexes: emulated(
    list(
      record({
        ContributorInsightsSpecification: contributorInsights,
        IndexName: required(emulated(text)),
        KeySchema: required(emulated(keySchema)),
        OnDemandThroughput: emulated(onDemandThroughput),
        Projection: required(emulated(projection)),
        ProvisionedThroughput: emulated(throughput),
        WarmThroughput: warmThroughput,
      }),
    ),
  ),
  ImportSourceSpecification: replacing(unsupported('nothing is imported from S3')),
  KeySchema: replacing(required(emulated(keySchema))),
  KinesisStreamSpecification: unsupported('changes do not go to Kinesis'),
  LocalSecondaryIndexes: replacing(emulated(localIndexes)),
  OnDemandThroughput: emulated(onDemandThroughput),
  PointInTimeRecoverySpecification: emulated(recovery),
  ProvisionedThroughput: emulated(throughput),
  ResourcePolicy: resourcePolicy,
  SSESpecification: emulated(
    record({ KMSMasterKeyId: emulated(text), SSEEnabled: required(emulated(flag)), SSEType: emulated(text) }),
    'described, but nothing is encrypted',
  ),
  StreamSpecification: emulated(record({ ResourcePolicy: resourcePolicy, StreamViewType: required(emulated(text)) })),
  TableClass: emulated(text),
  TableName: naming(emulated(text)),
  Tags: emulated(tagList),
  TimeToLiveSpecification: emulated(timeToLive),
  VectorIndexes: unsupported('there are no vector indexes'),
  WarmThroughput: warmThroughput,
};

/** A table of DynamoDB. */
export const dynamoDbTable = define({
  type: 'AWS::DynamoDB::Table',
  properties,
  unique: {
    among: 'AWS::DynamoDB::Table',
    name: ({ properties: { TableName }, name }) => TableName ?? name({ longest: 255 }),
    exists: ({ properties: { TableName } }, { service }: ResourceContext<DynamoDb>) =>
      TableName !== undefined && service.hasTable(TableName),
  },
  create({ properties: given, name, systemTags }, context: ResourceContext<DynamoDb>) {
    return createTable(given.TableName ?? name({ longest: 255 }), desired(given), systemTags, context);
  },
  update({ ref, properties: given, previous }, context: ResourceContext<DynamoDb>) {
    return updateTable(ref, desired(previous), desired(given), context);
  },
  delete: ({ ref }, context: ResourceContext<DynamoDb>) => deleteTable(ref, context),
});

function desired(given: Values<typeof properties>): DesiredTable {
  const { SSESpecification: sse } = given;
  return {
    definitions: definitionsFrom(given.AttributeDefinitions),
    schema: keySchemaFrom(given.KeySchema),
    onDemand: given.BillingMode === 'PAY_PER_REQUEST',
    throughput: given.ProvisionedThroughput,
    onDemandThroughput: given.OnDemandThroughput,
    local: given.LocalSecondaryIndexes?.map((index) => ({
      IndexName: index.IndexName,
      KeySchema: keySchemaFrom(index.KeySchema),
      Projection: projectionFrom(index.Projection),
    })),
    global: given.GlobalSecondaryIndexes?.map((index) => ({
      IndexName: index.IndexName,
      KeySchema: keySchemaFrom(index.KeySchema),
      Projection: projectionFrom(index.Projection),
      ProvisionedThroughput: index.ProvisionedThroughput,
      OnDemandThroughput: index.OnDemandThroughput,
    })),
    // The service checks this against the model's names.
    viewType: given.StreamSpecification?.StreamViewType as StreamViewType | undefined,
    timeToLive: given.TimeToLiveSpecification && {
      AttributeName: given.TimeToLiveSpecification.AttributeName,
      Enabled: given.TimeToLiveSpecification.Enabled,
    },
    recovery: given.PointInTimeRecoverySpecification && {
      PointInTimeRecoveryEnabled: given.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled ?? false,
      RecoveryPeriodInDays: given.PointInTimeRecoverySpecification.RecoveryPeriodInDays,
    },
    encryption: sse && { Enabled: sse.SSEEnabled, SSEType: 'KMS', KMSMasterKeyId: sse.KMSMasterKeyId },
    tableClass: given.TableClass as TableClass | undefined,
    deletionProtection: given.DeletionProtectionEnabled,
    tags: given.Tags,
  };
}
