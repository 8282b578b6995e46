import type {
  AttributeDefinition,
  CreateTableInput,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  Projection,
  ProvisionedThroughput,
  StreamSpecification,
} from '@aws-sdk/client-dynamodb';
import { invalidParameters, validation } from '../errors';
import { LIMITS } from '../limits';
import { checkIndexName, Violations } from '../violations';

const MOST_UNITS = 1_000_000_000_000;
const VIEW_TYPES = ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'];

/** Checks the input of CreateTable, except its table's name. */
export function checkNewTable(input: CreateTableInput): void {
  checkMembers(input);
  checkThroughput(input);
  const { AttributeDefinitions: definitions = [], KeySchema: schema = [] } = input;
  if (schema.length > definitions.length) {
    throw validation('Invalid KeySchema: Some index key attribute have no definition');
  }
  checkKeySchema(schema, definitions);
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = input;
  if (local === undefined && global === undefined && schema.length !== definitions.length) {
    throw invalidParameters(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  }
  const names = new Set<string>();
  if (local !== undefined) checkLocalIndexes(local, input, names);
  if (global !== undefined) checkGlobalIndexes(global, input, names);
  const used = [schema, ...[...(local ?? []), ...(global ?? [])].map(({ KeySchema }) => KeySchema ?? [])].flat();
  checkAllUsed(definitions, used);
  checkStreamSpecification(input.StreamSpecification);
}

function checkMembers(input: CreateTableInput): void {
  const violations = new Violations();
  violations.oneOf('billingMode', input.BillingMode, ['PROVISIONED', 'PAY_PER_REQUEST']);
  checkUnits(violations, 'provisionedThroughput', input.ProvisionedThroughput);
  noteDefinitions(violations, input.AttributeDefinitions);
  noteKeySchema(violations, 'keySchema', input.KeySchema);
  input.LocalSecondaryIndexes?.forEach((index, at) => {
    noteIndex(violations, `localSecondaryIndexes.${at + 1}.member`, index);
  });
  input.GlobalSecondaryIndexes?.forEach((index, at) => {
    noteIndex(violations, `globalSecondaryIndexes.${at + 1}.member`, index);
  });
  violations.oneOf('streamSpecification.streamViewType', input.StreamSpecification?.StreamViewType, VIEW_TYPES);
  violations.oneOf('tableClass', input.TableClass, ['STANDARD', 'STANDARD_INFREQUENT_ACCESS']);
  violations.throwAny();
}

export function noteDefinitions(violations: Violations, definitions: readonly AttributeDefinition[] | undefined): void {
  if (!violations.required('attributeDefinitions', definitions)) return;
  definitions.forEach(({ AttributeName, AttributeType }, index) => {
    const where = `attributeDefinitions.${index + 1}.member`;
    if (violations.required(`${where}.attributeName`, AttributeName)) {
      violations.length(`${where}.attributeName`, AttributeName, 1, 255);
    }
    violations.required(`${where}.attributeType`, AttributeType);
    violations.oneOf(`${where}.attributeType`, AttributeType, ['B', 'N', 'S']);
  });
}

function noteKeySchema(violations: Violations, where: string, schema: readonly KeySchemaElement[] | undefined): void {
  if (!violations.required(where, schema)) return;
  violations.length(where, schema, 1, 2);
  schema.forEach(({ AttributeName, KeyType }, index) => {
    violations.required(`${where}.${index + 1}.member.attributeName`, AttributeName);
    violations.required(`${where}.${index + 1}.member.keyType`, KeyType);
    violations.oneOf(`${where}.${index + 1}.member.keyType`, KeyType, ['HASH', 'RANGE']);
  });
}

/** Notes what is wrong with the members of an index. */
export function noteIndex(
  violations: Violations,
  where: string,
  index: LocalSecondaryIndex & GlobalSecondaryIndex,
): void {
  checkIndexName(violations, `${where}.indexName`, index.IndexName);
  noteKeySchema(violations, `${where}.keySchema`, index.KeySchema);
  if (violations.required(`${where}.projection`, index.Projection)) {
    const { ProjectionType, NonKeyAttributes } = index.Projection;
    violations.oneOf(`${where}.projection.projectionType`, ProjectionType, ['ALL', 'INCLUDE', 'KEYS_ONLY']);
    violations.length(`${where}.projection.nonKeyAttributes`, NonKeyAttributes, 1, 20);
  }
  checkUnits(violations, `${where}.provisionedThroughput`, index.ProvisionedThroughput);
}

export function checkUnits(violations: Violations, where: string, throughput: ProvisionedThroughput | undefined): void {
  if (throughput === undefined) return;
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = throughput;
  if (violations.required(`${where}.writeCapacityUnits`, write)) {
    violations.range(`${where}.writeCapacityUnits`, write, 1);
  }
  if (violations.required(`${where}.readCapacityUnits`, read)) violations.range(`${where}.readCapacityUnits`, read, 1);
}

export function checkBounds(throughput: ProvisionedThroughput | undefined): void {
  for (const name of ['ReadCapacityUnits', 'WriteCapacityUnits'] as const) {
    const units = throughput?.[name] ?? 0;
    if (units > MOST_UNITS) throw validation(`Given value ${units} for ${name} is out of bounds`);
  }
}

function checkThroughput({ BillingMode, ProvisionedThroughput: throughput }: CreateTableInput): void {
  if (BillingMode === 'PAY_PER_REQUEST') {
    if (throughput !== undefined) throw onDemandWithThroughput();
    return;
  }
  if (throughput === undefined) {
    throw invalidParameters(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  checkBounds(throughput);
}

export function onDemandWithThroughput() {
  return invalidParameters(
    'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
  );
}

/** Checks the keys of a table or an index. */
export function checkKeySchema(schema: readonly KeySchemaElement[], definitions: readonly AttributeDefinition[]): void {
  const keys = schema.map(({ AttributeName }) => AttributeName);
  const defined = definitions.map(({ AttributeName }) => AttributeName);
  if (keys.some((key) => !defined.includes(key))) {
    throw invalidParameters(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${keys.join(', ')}], AttributeDefinitions: [${defined.join(', ')}]`,
    );
  }
  if (keys[0] === keys[1]) {
    throw validation('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  }
  if (schema[0]?.KeyType !== 'HASH') {
    throw validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  }
  if (schema[1] !== undefined && schema[1].KeyType !== 'RANGE') {
    throw validation('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
}

/** Checks that each defined attribute is a key of the table or of an index. */
export function checkAllUsed(definitions: readonly AttributeDefinition[], keys: readonly KeySchemaElement[]): void {
  const used = [...new Set(keys.map(({ AttributeName }) => AttributeName))];
  const defined = definitions.map(({ AttributeName }) => AttributeName);
  const twice = defined.find((name, index) => defined.indexOf(name) < index);
  if (twice !== undefined) {
    throw invalidParameters(`Duplicate AttributeName in AttributeDefinitions: ${twice}`);
  }
  if (defined.every((name) => used.includes(name))) return;
  throw invalidParameters(
    `Some AttributeDefinitions are not used. AttributeDefinitions: [${defined.join(', ')}], keys used: [${used.join(', ')}]`,
  );
}

function checkLocalIndexes(indexes: readonly LocalSecondaryIndex[], input: CreateTableInput, names: Set<string>): void {
  const { AttributeDefinitions: definitions = [], KeySchema: table = [] } = input;
  if (indexes.length === 0) throw invalidParameters('List of LocalSecondaryIndexes is empty');
  if (table.length !== 2) {
    throw invalidParameters(
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    );
  }
  const tableHash = table[0].AttributeName;
  for (const { IndexName = '', KeySchema = [], Projection } of indexes) {
    checkKeySchema(KeySchema, definitions);
    if (KeySchema.length !== 2) {
      throw invalidParameters(`Index KeySchema does not have a range key for index: ${IndexName}`);
    }
    const hash = KeySchema[0].AttributeName;
    if (hash !== tableHash) {
      throw invalidParameters(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${IndexName}. index hash key: ${hash}, table hash key: ${tableHash}`,
      );
    }
    checkProjection(Projection);
    checkDistinctName(IndexName, names);
  }
  if (indexes.length > LIMITS.localIndexes) {
    throw invalidParameters(`Number of LocalSecondaryIndexes exceeds per-table limit of ${LIMITS.localIndexes}`);
  }
}

function checkGlobalIndexes(
  indexes: readonly GlobalSecondaryIndex[],
  input: CreateTableInput,
  names: Set<string>,
): void {
  if (indexes.length === 0) throw invalidParameters('List of GlobalSecondaryIndexes is empty');
  for (const index of indexes) {
    checkGlobalIndex(index, input.AttributeDefinitions ?? [], input.BillingMode);
    checkDistinctName(index.IndexName ?? '', names);
  }
  if (indexes.length > LIMITS.globalIndexes) {
    throw invalidParameters(`GlobalSecondaryIndex count exceeds the per-table limit of ${LIMITS.globalIndexes}`);
  }
}

/** Checks a global index that is to be made. */
export function checkGlobalIndex(
  { IndexName, KeySchema = [], Projection, ProvisionedThroughput: throughput }: GlobalSecondaryIndex,
  definitions: readonly AttributeDefinition[],
  billingMode: string | undefined,
): void {
  checkKeySchema(KeySchema, definitions);
  checkProjection(Projection);
  if (billingMode === 'PAY_PER_REQUEST' && throughput !== undefined) {
    throw invalidParameters(
      `ProvisionedThroughput should not be specified for index: ${IndexName} when BillingMode is PAY_PER_REQUEST`,
    );
  }
  if (billingMode !== 'PAY_PER_REQUEST' && throughput === undefined) {
    throw invalidParameters(`ProvisionedThroughput must be specified for index: ${IndexName}`);
  }
  checkBounds(throughput);
}

function checkProjection({ ProjectionType: type, NonKeyAttributes: names }: Projection = {}): void {
  if (type === undefined) throw invalidParameters('Unknown ProjectionType: null');
  if (names !== undefined && type !== 'INCLUDE') {
    throw invalidParameters(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  if (names === undefined && type === 'INCLUDE') {
    throw invalidParameters('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
}

function checkDistinctName(name: string, names: Set<string>): void {
  if (names.has(name)) throw invalidParameters(`Duplicate index name: ${name}`);
  names.add(name);
}

export function checkStreamSpecification(specification: StreamSpecification | undefined): void {
  if (specification === undefined) return;
  const { StreamEnabled: enabled, StreamViewType: viewType } = specification;
  if (enabled === true && viewType === undefined) {
    throw invalidParameters('StreamViewType is required when StreamEnabled is true');
  }
  if (enabled !== true && viewType !== undefined) {
    throw invalidParameters('StreamViewType can only be specified when StreamEnabled is true');
  }
}
