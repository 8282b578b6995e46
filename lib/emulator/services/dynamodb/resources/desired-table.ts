import type {
  AttributeDefinition,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  OnDemandThroughput,
  PointInTimeRecoverySpecification,
  ProvisionedThroughput,
  SSESpecification,
  StreamViewType,
  TableClass,
  TimeToLiveSpecification,
} from '@aws-sdk/client-dynamodb';
import type { CreatedResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagChanges, type TagList } from '../../../cloudformation/provider/tags';
import { AwsError } from '../../../core';
import type { DynamoDb } from '../dynamodb';

/** A table as a template describes it, whichever resource type it has. */
export interface DesiredTable {
  readonly definitions: AttributeDefinition[];
  readonly schema: KeySchemaElement[];
  readonly onDemand: boolean;
  readonly throughput?: ProvisionedThroughput;
  readonly onDemandThroughput?: OnDemandThroughput;
  readonly local?: LocalSecondaryIndex[];
  readonly global?: GlobalSecondaryIndex[];
  /** Undefined if the table has no stream. */
  readonly viewType?: StreamViewType;
  readonly timeToLive?: TimeToLiveSpecification;
  readonly recovery?: PointInTimeRecoverySpecification;
  readonly encryption?: SSESpecification;
  readonly tableClass?: TableClass;
  readonly deletionProtection?: boolean;
  readonly tags?: TagList;
}

type Context = ResourceContext<DynamoDb>;

/** Creates a table, and returns its attributes. */
export function createTable(
  name: string,
  table: DesiredTable,
  systemTags: Readonly<Record<string, string>>,
  { service, call }: Context,
): CreatedResource {
  service.createTable(
    {
      TableName: name,
      AttributeDefinitions: table.definitions,
      KeySchema: table.schema,
      BillingMode: table.onDemand ? 'PAY_PER_REQUEST' : 'PROVISIONED',
      ProvisionedThroughput: table.throughput,
      OnDemandThroughput: table.onDemandThroughput,
      LocalSecondaryIndexes: table.local,
      GlobalSecondaryIndexes: table.global,
      StreamSpecification: table.viewType && { StreamEnabled: true, StreamViewType: table.viewType },
      SSESpecification: table.encryption,
      TableClass: table.tableClass,
      DeletionProtectionEnabled: table.deletionProtection,
      Tags: table.tags?.map(({ Key, Value }) => ({ Key, Value })),
    },
    call,
  );
  service.setSystemTags(name, systemTags);
  if (table.timeToLive?.Enabled === true) service.setTimeToLive(name, table.timeToLive);
  if (table.recovery !== undefined) setRecovery(name, table, { service, call });
  return described(name, { service, call });
}

/** Changes a table in place, and returns its attributes. Throws CloudFormation's error for what it cannot change. */
export function updateTable(
  name: string,
  before: DesiredTable,
  after: DesiredTable,
  context: Context,
): CreatedResource {
  const { service, call } = context;
  updateIndexes(name, before, after, context);
  updateBilling(name, after, context);
  updateStream(name, before, after, context);
  service.updateTable(
    {
      TableName: name,
      DeletionProtectionEnabled: after.deletionProtection ?? false,
      ...(after.tableClass !== before.tableClass && { TableClass: after.tableClass ?? 'STANDARD' }),
      ...(differ(after.encryption, before.encryption) && { SSESpecification: after.encryption ?? { Enabled: false } }),
      ...(differ(after.onDemandThroughput, before.onDemandThroughput) && {
        OnDemandThroughput: after.onDemandThroughput ?? { MaxReadRequestUnits: -1, MaxWriteRequestUnits: -1 },
      }),
    },
    call,
  );
  updateTimeToLive(name, before, after, context);
  if (differ(after.recovery, before.recovery)) setRecovery(name, after, context);
  updateTags(name, before, after, context);
  return described(name, context);
}

export function deleteTable(name: string, { service, call }: Context): void {
  unlessGone(() => void service.deleteTable({ TableName: name }, call), 'ResourceNotFoundException');
}

type Caller = Pick<Context, 'service' | 'call'>;

function described(name: string, { service, call }: Caller): CreatedResource {
  const { Table: table } = service.describeTable({ TableName: name }, call);
  const { TableArn = '', TableId = '', LatestStreamArn, StreamSpecification } = table ?? {};
  const stream = StreamSpecification === undefined ? undefined : LatestStreamArn;
  return { ref: name, attributes: { Arn: TableArn, TableId, ...(stream !== undefined && { StreamArn: stream }) } };
}

function setRecovery(name: string, { recovery }: DesiredTable, { service, call }: Caller): void {
  const PointInTimeRecoverySpecification = recovery ?? { PointInTimeRecoveryEnabled: false };
  service.updateContinuousBackups({ TableName: name, PointInTimeRecoverySpecification }, call);
}

function updateBilling(name: string, after: DesiredTable, { service, call }: Caller): void {
  const { Table: table = {} } = service.describeTable({ TableName: name }, call);
  const isOnDemand = table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  const indexes = (after.global ?? []).flatMap(({ IndexName, ProvisionedThroughput }) => {
    const index = table.GlobalSecondaryIndexes?.find((each) => each.IndexName === IndexName);
    const same = sameUnits(index?.ProvisionedThroughput, ProvisionedThroughput);
    return same || index === undefined ? [] : [{ Update: { IndexName, ProvisionedThroughput } }];
  });
  if (after.onDemand) {
    if (!isOnDemand) service.updateTable({ TableName: name, BillingMode: 'PAY_PER_REQUEST' }, call);
    return;
  }
  const changed = isOnDemand || !sameUnits(table.ProvisionedThroughput, after.throughput);
  if (!changed && indexes.length === 0) return;
  service.updateTable(
    {
      TableName: name,
      ...(isOnDemand && { BillingMode: 'PROVISIONED' }),
      ...(changed && { ProvisionedThroughput: after.throughput }),
      ...(indexes.length > 0 && { GlobalSecondaryIndexUpdates: indexes }),
    },
    call,
  );
}

function sameUnits(a: Partial<ProvisionedThroughput> | undefined, b: Partial<ProvisionedThroughput> | undefined) {
  return a?.ReadCapacityUnits === b?.ReadCapacityUnits && a?.WriteCapacityUnits === b?.WriteCapacityUnits;
}

function updateIndexes(name: string, before: DesiredTable, after: DesiredTable, { service, call }: Caller): void {
  const [had, has] = [indexesOf(before), indexesOf(after)];
  const added = [...has].filter(([index]) => !had.has(index)).map(([, index]) => index);
  const removed = [...had.keys()].filter((index) => !has.has(index));
  if (added.length + removed.length > 1) {
    throw new AwsError('ValidationError', 'Cannot perform more than one GSI creation or deletion in a single update');
  }
  for (const [index, { KeySchema, Projection }] of has) {
    const former = had.get(index);
    if (former === undefined) continue;
    if (!differ(former.KeySchema, KeySchema) && !differ(former.Projection, Projection)) continue;
    throw new AwsError(
      'ValidationError',
      "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights Specification. You can create a new GSI with a different name.",
    );
  }
  const updates = [
    ...added.map((index) => ({ Create: before.onDemand ? { ...index, ProvisionedThroughput: undefined } : index })),
    ...removed.map((IndexName) => ({ Delete: { IndexName } })),
  ];
  if (updates.length === 0) return;
  const AttributeDefinitions = added.length > 0 ? after.definitions : undefined;
  service.updateTable({ TableName: name, AttributeDefinitions, GlobalSecondaryIndexUpdates: updates }, call);
}

function indexesOf({ global = [] }: DesiredTable): Map<string, GlobalSecondaryIndex> {
  return new Map(global.map((index) => [index.IndexName ?? '', index]));
}

/** A stream's view cannot be changed: another stream takes its place. */
function updateStream(name: string, before: DesiredTable, after: DesiredTable, { service, call }: Caller): void {
  const { viewType } = after;
  if (viewType === before.viewType) return;
  if (before.viewType !== undefined) {
    service.updateTable({ TableName: name, StreamSpecification: { StreamEnabled: false } }, call);
  }
  if (viewType === undefined) return;
  const StreamSpecification = { StreamEnabled: true, StreamViewType: viewType };
  service.updateTable({ TableName: name, StreamSpecification }, call);
}

function updateTimeToLive(name: string, before: DesiredTable, after: DesiredTable, { service }: Caller): void {
  const [was, is] = [before, after].map(({ timeToLive: ttl }) =>
    ttl?.Enabled === true ? ttl.AttributeName : undefined,
  );
  if (was === is) return;
  if (is === undefined) service.setTimeToLive(name, { AttributeName: was, Enabled: false });
  else service.setTimeToLive(name, { AttributeName: is, Enabled: true });
}

function updateTags(name: string, before: DesiredTable, after: DesiredTable, { service, call }: Caller): void {
  const ResourceArn = service.describeTable({ TableName: name }, call).Table?.TableArn;
  const { added, removed } = tagChanges(before.tags, after.tags);
  const Tags = Object.entries(added).map(([Key, Value]) => ({ Key, Value }));
  if (removed.length > 0) service.untagResource({ ResourceArn, TagKeys: removed }, call);
  if (Tags.length > 0) service.tagResource({ ResourceArn, Tags }, call);
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
