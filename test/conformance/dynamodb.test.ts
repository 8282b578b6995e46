import type { ConformanceCloud } from './cloud';
import { ask, call, createTables, fails, INDEXED, type RefusedRequest, refusesAll, SIMPLE } from './dynamodb-rows';
import { rawConformance } from './rows';

const T = 'Simple';
const one = '1 validation error detected: Value';
const put = (cloud: ConformanceCloud, Item: object, TableName = T) => call(cloud, 'PutItem', { TableName, Item });
const get = async (cloud: ConformanceCloud, Key: object, TableName = T) =>
  (await call(cloud, 'GetItem', { TableName, Key })).Item;
const putting = (Item: object): [string, object] => ['PutItem', { TableName: T, Item }];
const updating = (UpdateExpression: string, more: object = {}): [string, object] => [
  'UpdateItem',
  { TableName: T, Key: { pk: { S: 'a' } }, UpdateExpression, ...more },
];
const condition = (ConditionExpression: string, more: object = {}): [string, object] => [
  'PutItem',
  { TableName: T, Item: { pk: { S: 'a' } }, ConditionExpression, ...more },
];
const values = (...names: string[]) => ({
  ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, { N: '1' }])),
});
const invalid = 'One or more parameter values were invalid: ';

rawConformance('§25.1 tables', {
  'a table is created, described, listed and deleted': async (cloud) => {
    const created = (await call(cloud, 'CreateTable', INDEXED)).TableDescription;
    expect(created).toMatchObject({ TableStatus: 'CREATING', ItemCount: 0, TableSizeBytes: 0 });
    const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Indexed';
    expect((await call(cloud, 'DescribeTable', { TableName: 'Indexed' })).Table).toEqual({
      AttributeDefinitions: INDEXED.AttributeDefinitions,
      TableName: 'Indexed',
      KeySchema: INDEXED.KeySchema,
      TableStatus: 'ACTIVE',
      CreationDateTime: expect.any(Number) as number,
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
      TableSizeBytes: 0,
      ItemCount: 0,
      TableArn: arn,
      TableId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      BillingModeSummary: {
        BillingMode: 'PAY_PER_REQUEST',
        LastUpdateToPayPerRequestDateTime: expect.any(Number) as number,
      },
      LocalSecondaryIndexes: [
        { ...INDEXED.LocalSecondaryIndexes[0], IndexSizeBytes: 0, ItemCount: 0, IndexArn: `${arn}/index/local` },
      ],
      GlobalSecondaryIndexes: [
        {
          ...INDEXED.GlobalSecondaryIndexes[0],
          IndexStatus: 'ACTIVE',
          IndexSizeBytes: 0,
          ItemCount: 0,
          IndexArn: `${arn}/index/global`,
          ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
          WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000, Status: 'ACTIVE' },
        },
      ],
      DeletionProtectionEnabled: false,
      WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000, Status: 'ACTIVE' },
    });
    await fails(cloud, 'CreateTable', INDEXED, 'ResourceInUseException', 'Table already exists: Indexed');
    await createTables(cloud, SIMPLE);
    expect(await call(cloud, 'ListTables', { Limit: 1 })).toEqual({
      TableNames: ['Indexed'],
      LastEvaluatedTableName: 'Indexed',
    });
    expect(await call(cloud, 'ListTables', { ExclusiveStartTableName: 'Indexed' })).toEqual({ TableNames: ['Simple'] });
    expect((await call(cloud, 'DeleteTable', { TableName: 'Indexed' })).TableDescription).toMatchObject({
      TableStatus: 'DELETING',
    });
    const missing = 'Requested resource not found: Table: Indexed not found';
    for (const action of ['DescribeTable', 'DeleteTable', 'DescribeTimeToLive', 'DescribeContinuousBackups']) {
      await fails(cloud, action, { TableName: 'Indexed' }, 'ResourceNotFoundException', missing);
    }
  },
  'CreateTable refuses what is not a table': (cloud) => {
    const key = (name: string, type = 'HASH') => ({ AttributeName: name, KeyType: type });
    const attribute = (name: string, type = 'S') => ({ AttributeName: name, AttributeType: type });
    const table = (more: object): [string, object] => ['CreateTable', { ...SIMPLE, ...more }];
    const index = (IndexName: string, ...names: string[]) => ({
      IndexName,
      KeySchema: names.map((name, at) => key(name, at === 0 ? 'HASH' : 'RANGE')),
      Projection: { ProjectionType: 'ALL' },
    });
    const two = {
      AttributeDefinitions: [attribute('pk'), attribute('sk')],
      KeySchema: [key('pk'), key('sk', 'RANGE')],
    };
    return refusesAll(cloud, [
      [...table({ TableName: undefined }), "The parameter 'TableName' is required but was not present in the request"],
      [
        ...table({ TableName: 'ab' }),
        `${one} 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3`,
      ],
      [
        ...table({ TableName: 'a'.repeat(256) }),
        `${one} '${'a'.repeat(256)}' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255`,
      ],
      [
        ...table({ TableName: 'a;b' }),
        `${one} 'a;b' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+`,
      ],
      [
        ...table({ KeySchema: [key('pk', 'INVALID')] }),
        `${one} 'INVALID' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]`,
      ],
      [
        ...table({ AttributeDefinitions: [attribute('pk', 'INVALID')] }),
        `${one} 'INVALID' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]`,
      ],
      [
        ...table({ KeySchema: [key('pk'), key('pk', 'RANGE')] }),
        'Invalid KeySchema: Some index key attribute have no definition',
      ],
      [
        ...table({ KeySchema: [key('other')] }),
        `${invalid}Some index key attributes are not defined in AttributeDefinitions. Keys: [other], AttributeDefinitions: [pk]`,
      ],
      [
        ...table({ KeySchema: [key('pk', 'RANGE')] }),
        'Invalid KeySchema: The first KeySchemaElement is not a HASH key type',
      ],
      [
        ...table({ ...two, KeySchema: [key('pk'), key('sk')] }),
        'Invalid KeySchema: The second KeySchemaElement is not a RANGE key type',
      ],
      [
        ...table({ AttributeDefinitions: two.AttributeDefinitions }),
        `${invalid}Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions`,
      ],
      [
        ...table({ ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } }),
        `${invalid}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`,
      ],
      [
        ...table({ BillingMode: undefined }),
        `${invalid}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`,
      ],
      [
        ...table({ BillingMode: undefined, ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 1 } }),
        `${one} '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1`,
      ],
      [
        ...table({ LocalSecondaryIndexes: [index('one', 'pk', 'sk')], AttributeDefinitions: two.AttributeDefinitions }),
        `${invalid}Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex`,
      ],
      [
        ...table({ ...two, LocalSecondaryIndexes: [index('one', 'sk', 'pk')] }),
        `${invalid}Index KeySchema does not have the same leading hash key as table KeySchema for index: one. index hash key: sk, table hash key: pk`,
      ],
      [
        ...table({
          ...two,
          LocalSecondaryIndexes: [index('one', 'pk', 'sk')],
          GlobalSecondaryIndexes: [index('one', 'sk')],
        }),
        `${invalid}Duplicate index name: one`,
      ],
      [...table({ ...two, LocalSecondaryIndexes: [] }), `${invalid}List of LocalSecondaryIndexes is empty`],
      [
        ...table({ ...two, LocalSecondaryIndexes: [1, 2, 3, 4, 5, 6].map((n) => index(`local${n}`, 'pk', 'sk')) }),
        `${invalid}Number of LocalSecondaryIndexes exceeds per-table limit of 5`,
      ],
      [
        ...table({ GlobalSecondaryIndexes: Array.from({ length: 21 }, (_, n) => index(`global${n}`, 'pk')) }),
        `${invalid}GlobalSecondaryIndex count exceeds the per-table limit of 20`,
      ],
    ]);
  },
  'tables change their billing, indexes, protection and class': async (cloud) => {
    await createTables(cloud, SIMPLE);
    await put(cloud, { pk: { S: 'a' }, g: { S: 'x' } });
    const update = (more: object) => call(cloud, 'UpdateTable', { TableName: T, ...more });
    const units = { ReadCapacityUnits: 5, WriteCapacityUnits: 4 };
    await update({ BillingMode: 'PROVISIONED', ProvisionedThroughput: units });
    const same = `The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the table: 4. Requested WriteCapacityUnits: 4. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.`;
    await refusesAll(cloud, [['UpdateTable', { TableName: T, ProvisionedThroughput: units }, same]]);
    await update({ ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 9 } });
    const Create = { ...INDEXED.GlobalSecondaryIndexes[0], KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }] };
    await update({
      AttributeDefinitions: [{ AttributeName: 'g', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [{ Create: { ...Create, ProvisionedThroughput: units } }],
    });
    await update({ DeletionProtectionEnabled: true, TableClass: 'STANDARD_INFREQUENT_ACCESS' });
    const { Table } = (await call(cloud, 'DescribeTable', { TableName: T })) as { Table: { TableArn: string } };
    expect(Table).toMatchObject({
      BillingModeSummary: { BillingMode: 'PROVISIONED' },
      ProvisionedThroughput: { NumberOfDecreasesToday: 1, ReadCapacityUnits: 2, WriteCapacityUnits: 9 },
      GlobalSecondaryIndexes: [{ IndexName: 'global', ItemCount: 1, ProvisionedThroughput: units }],
      DeletionProtectionEnabled: true,
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
    });
    await refusesAll(cloud, [
      [
        'DeleteTable',
        { TableName: T },
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first. Resource: ${Table.TableArn}`,
      ],
      [
        'UpdateTable',
        { TableName: T },
        'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
      ],
    ]);
    const Delete = { IndexName: 'global' };
    await fails(
      cloud,
      'UpdateTable',
      { TableName: T, GlobalSecondaryIndexUpdates: [{ Delete }, { Create: { ...Create, IndexName: 'more' } }] },
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
    await update({ GlobalSecondaryIndexUpdates: [{ Delete }], DeletionProtectionEnabled: false });
    await update({ BillingMode: 'PAY_PER_REQUEST' });
    expect((await call(cloud, 'DescribeTable', { TableName: T })).Table).toMatchObject({
      AttributeDefinitions: SIMPLE.AttributeDefinitions,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    });
  },
  'tags are kept, by ARN': async (cloud) => {
    await createTables(cloud, { ...SIMPLE, Tags: [{ Key: 'a', Value: '1' }] });
    const ResourceArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Simple';
    await call(cloud, 'TagResource', { ResourceArn, Tags: [{ Key: 'b', Value: '2' }] });
    await call(cloud, 'UntagResource', { ResourceArn, TagKeys: ['a'] });
    expect(await call(cloud, 'ListTagsOfResource', { ResourceArn })).toEqual({ Tags: [{ Key: 'b', Value: '2' }] });
    const other = ResourceArn.replace('Simple', 'Other');
    await fails(
      cloud,
      'ListTagsOfResource',
      { ResourceArn: other },
      'ResourceNotFoundException',
      `Requested resource not found: ResourcArn: ${other} not found`,
    );
    await refusesAll(cloud, [
      ['TagResource', { ResourceArn, Tags: [] }, 'Atleast one Tag needs to be provided as Input.'],
    ]);
  },
  'settings of backups are kept, limits are told, and PartiQL is refused by name': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const backups = async () =>
      (await call(cloud, 'DescribeContinuousBackups', { TableName: T })).ContinuousBackupsDescription;
    expect(await backups()).toMatchObject({
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    });
    await call(cloud, 'UpdateContinuousBackups', {
      TableName: T,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(await backups()).toEqual({
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: 'ENABLED',
        RecoveryPeriodInDays: 35,
        EarliestRestorableDateTime: expect.any(Number) as number,
        LatestRestorableDateTime: expect.any(Number) as number,
      },
    });
    expect(await call(cloud, 'DescribeLimits', {})).toEqual({
      AccountMaxReadCapacityUnits: 80000,
      AccountMaxWriteCapacityUnits: 80000,
      TableMaxReadCapacityUnits: 40000,
      TableMaxWriteCapacityUnits: 40000,
    });
    for (const action of ['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction', 'CreateBackup']) {
      expect(await ask(cloud, action, {})).toEqual({
        status: 400,
        body: {
          __type: 'com.amazon.coral.service#UnknownOperationException',
          message: `The requested operation is not supported or not recognized: ${action}`,
        },
      });
    }
  },
  'time to live is enabled once an hour': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const specification = (AttributeName: string, Enabled: boolean) => ({
      TableName: T,
      TimeToLiveSpecification: { AttributeName, Enabled },
    });
    const update = 'UpdateTimeToLive';
    await refusesAll(cloud, [
      [update, specification('ttl', false), 'TimeToLive is already disabled'],
      [
        update,
        specification('', true),
        `${one} '' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must have length greater than or equal to 1`,
      ],
    ]);
    expect(await call(cloud, update, specification('ttl', true))).toEqual({
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    expect(await call(cloud, 'DescribeTimeToLive', { TableName: T })).toEqual({
      TimeToLiveDescription: { AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' },
    });
    await refusesAll(cloud, [
      [update, specification('ttl', true), 'TimeToLive is already enabled'],
      [
        update,
        specification('other', true),
        'TimeToLive is active on a different AttributeName: current AttributeName is ttl',
      ],
      [update, specification('ttl', false), 'Time to live has been modified multiple times within a fixed interval'],
    ]);
    await cloud.wait(3_600);
    await call(cloud, update, specification('ttl', false));
    expect(await call(cloud, 'DescribeTimeToLive', { TableName: T })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' },
    });
  },
});

rawConformance('§25.2 values', {
  'numbers are stored in canonical form': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const numbers: Record<string, string> = {
      '00042': '42',
      '-0': '0',
      '1.5E2': '150',
      '1.0': '1',
      '3.140': '3.14',
      '+3': '3',
      '.123': '0.123',
      '-17e5': '-1700000',
      '1E-38': `0.${'0'.repeat(37)}1`,
      '1E-130': `0.${'0'.repeat(129)}1`,
      '9.9999999999999999999999999999999999999E+125': `${'9'.repeat(38)}${'0'.repeat(88)}`,
      '-9.9999999999999999999999999999999999999E+125': `-${'9'.repeat(38)}${'0'.repeat(88)}`,
    };
    for (const [given, stored] of Object.entries(numbers)) {
      await put(cloud, { pk: { S: 'a' }, n: { N: given } });
      expect(await get(cloud, { pk: { S: 'a' } })).toEqual({ pk: { S: 'a' }, n: { N: stored } });
    }
  },
  'values of every type come back': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const Item = {
      pk: { S: 'a' },
      S: { S: '' },
      N: { N: '1' },
      B: { B: '' },
      SS: { SS: ['b', 'a'] },
      NS: { NS: ['2', '1'] },
      BS: { BS: ['AQ==', 'Ag=='] },
      L: { L: [{ S: '' }, { M: {} }, { L: [] }, { NULL: true }, { BOOL: false }] },
      M: { M: { ['__proto__']: { S: 'x' }, constructor: { N: '2' } } },
    };
    await put(cloud, Item);
    expect(await get(cloud, { pk: { S: 'a' } })).toEqual(Item);
  },
  'bad values are refused': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const value = (a: object): [string, object] => putting({ pk: { S: 'a' }, a });
    const deep = (levels: number): object => (levels === 0 ? { S: 'x' } : { L: [deep(levels - 1)] });
    await refusesAll(cloud, [
      [...value({}), 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
      [
        ...value({ S: 'a', N: '1' }),
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      ],
      [...value({ NULL: false }), `${invalid}Null attribute value types must have the value of true`],
      [...value({ SS: [] }), `${invalid}An string set  may not be empty`],
      [...value({ NS: [] }), `${invalid}An number set  may not be empty`],
      [...value({ BS: [] }), `${invalid}Binary sets should not be empty`],
      [...value({ SS: ['a', 'a'] }), `${invalid}Input collection [a, a] contains duplicates.`],
      [...value({ NS: ['1', '1.0'] }), 'Input collection contains duplicates'],
      [...value({ BS: ['AQ==', 'AQ=='] }), `${invalid}Input collection [AQ==, AQ==]of type BS contains duplicates.`],
      [...value({ L: [{ M: { x: { SS: [] } } }] }), `${invalid}An string set  may not be empty`],
      [...value({ N: '' }), 'The parameter cannot be converted to a numeric value'],
      ...['NaN', 'Infinity', 'dog', ' 1', '1 ', '0x1', '1e'].map((text): RefusedRequest => [
        ...value({ N: text }),
        `The parameter cannot be converted to a numeric value: ${text}`,
      ]),
      ...['1e126', '-1e126', '11e125', '1e999999'].map((text): RefusedRequest => [
        ...value({ N: text }),
        'Number overflow. Attempting to store a number with magnitude larger than supported range',
      ]),
      [
        ...value({ N: '1e-131' }),
        'Number underflow. Attempting to store a number with magnitude smaller than supported range',
      ],
      [
        ...value({ N: '314159265358979323846264338327950288419' }),
        'Attempting to store more than 38 significant digits in a Number',
      ],
      [
        ...value(deep(33)),
        'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
      ],
    ]);
    await put(cloud, { pk: { S: 'a' }, a: deep(32) });
    const { status, body } = await ask(cloud, ...value({ N: 123 }));
    expect([status, body.__type]).toEqual([400, 'com.amazon.coral.service#SerializationException']);
    const tooDeep = await ask(cloud, ...value(deep(200)));
    expect(tooDeep.body.__type).toBe('com.amazon.coral.service#SerializationException');
  },
  'keys have their types and sizes': async (cloud) => {
    await createTables(cloud, SIMPLE, INDEXED);
    const inIndexed = (Item: object): [string, object] => ['PutItem', { TableName: 'Indexed', Item }];
    const pk = { S: 'a' };
    const sk = { N: '1' };
    const mismatch = 'The provided key element does not match the schema';
    const getting = (Key: object): [string, object] => ['GetItem', { TableName: 'Indexed', Key }];
    await refusesAll(cloud, [
      [...putting({ a: { S: 'x' } }), `${invalid}Missing the key pk in the item`],
      [...putting({ pk: { N: '1' } }), `${invalid}Type mismatch for key pk expected: S actual: N`],
      [
        ...putting({ pk: { S: '' } }),
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
      ],
      [
        ...putting({ pk: { S: 'é'.repeat(1_025) } }),
        `${invalid}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
      ],
      [
        ...inIndexed({ pk, sk, g: { N: '1' } }),
        `${invalid}Type mismatch for Index Key g Expected: S Actual: N IndexName: global`,
      ],
      [
        ...inIndexed({ pk, sk, l: { S: 'x'.repeat(1_025) } }),
        `${invalid}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`,
      ],
      [...getting({ pk }), mismatch],
      [...getting({ pk, sk, more: sk }), mismatch],
      [...getting({ pk, sk: { S: '1' } }), mismatch],
      [
        ...getting({ pk: { S: '' }, sk }),
        `${invalid}The AttributeValue for a key attribute cannot contain an empty string value. Key: pk`,
      ],
      ['DeleteItem', { TableName: 'Indexed', Key: { pk } }, mismatch],
      ['UpdateItem', { TableName: 'Indexed', Key: { pk } }, mismatch],
    ]);
    await put(cloud, { pk: { S: 'é'.repeat(1_024) } });
    await put(cloud, { pk, sk, l: { S: 'x'.repeat(1_024) } }, 'Indexed');
  },
  'an item has at most 400 KB, names included': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const overhead = 'pk'.length + 'a'.length + 'b'.length;
    const longest = 409_600 - overhead;
    await put(cloud, { pk: { S: 'a' }, b: { S: 'x'.repeat(longest) } });
    await refusesAll(cloud, [
      [
        ...putting({ pk: { S: 'a' }, b: { S: 'x'.repeat(longest + 1) } }),
        'Item size has exceeded the maximum allowed size',
      ],
      [...updating('SET c = :c', values('c')), 'Item size to update has exceeded the maximum allowed size'],
    ]);
  },
});

rawConformance('§25.3 requests on items', {
  'members are checked together, the name of the table alone': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const item = (more: object): [string, object] => ['PutItem', { TableName: T, Item: { pk: { S: 'a' } }, ...more }];
    const bad = { ReturnValues: 'X', ReturnConsumedCapacity: 'X', ReturnItemCollectionMetrics: 'X' };
    const set = (where: string, allowed: string) =>
      `Value 'X' at '${where}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed}]`;
    await refusesAll(cloud, [
      [
        ...item({ TableName: undefined }),
        `${one} null at 'tableName' failed to satisfy constraint: Member must not be null`,
      ],
      [
        ...item({ TableName: '', ...bad }),
        `${one} '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1`,
      ],
      [
        ...item({ TableName: 'bad table!@#' }),
        `${one} 'bad table!@#' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+`,
      ],
      [
        ...item(bad),
        `3 validation errors detected: ${[
          set('returnConsumedCapacity', 'INDEXES, TOTAL, NONE'),
          set('returnItemCollectionMetrics', 'SIZE, NONE'),
          set('returnValues', 'ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW'),
        ].join('; ')}`,
      ],
      [...item({ ReturnValues: 'ALL_NEW' }), 'ReturnValues can only be ALL_OLD or NONE'],
      [
        'DeleteItem',
        { TableName: T, Key: { pk: { S: 'a' } }, ReturnValues: 'UPDATED_OLD' },
        'ReturnValues can only be ALL_OLD or NONE',
      ],
    ]);
    for (const action of ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Scan']) {
      const input = { TableName: 'none', Key: { pk: { S: 'a' } }, Item: { pk: { S: 'a' } } };
      await fails(cloud, action, input, 'ResourceNotFoundException', 'Requested resource not found');
    }
  },
  'a table can be named by its ARN': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const TableName = 'arn:aws:dynamodb:us-east-1:000000000000:table/Simple';
    await put(cloud, { pk: { S: 'a' } }, TableName);
    expect(await get(cloud, { pk: { S: 'a' } }, TableName)).toEqual({ pk: { S: 'a' } });
  },
  'values are returned as asked for': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const Key = { pk: { S: 'a' } };
    const update = async (UpdateExpression: string, ReturnValues: string, names: string[] = []) =>
      (
        await call(cloud, 'UpdateItem', {
          TableName: T,
          Key,
          UpdateExpression,
          ReturnValues,
          ...(names.length > 0 && values(...names)),
        })
      ).Attributes;
    expect(await update('SET a = :a', 'ALL_OLD', ['a'])).toBeUndefined();
    expect(await update('SET b = :b', 'ALL_OLD', ['b'])).toEqual({ ...Key, a: { N: '1' } });
    expect(await update('SET c = :c', 'ALL_NEW', ['c'])).toEqual({
      ...Key,
      a: { N: '1' },
      b: { N: '1' },
      c: { N: '1' },
    });
    expect(await update('ADD a :a REMOVE b', 'UPDATED_OLD', ['a'])).toEqual({ a: { N: '1' }, b: { N: '1' } });
    expect(await update('ADD a :a', 'UPDATED_NEW', ['a'])).toEqual({ a: { N: '3' } });
    expect(await update('REMOVE a', 'UPDATED_NEW')).toBeUndefined();
    const old = { TableName: T, ReturnValues: 'ALL_OLD' };
    expect(await call(cloud, 'PutItem', { ...old, Item: Key })).toEqual({ Attributes: { ...Key, c: { N: '1' } } });
    expect(await call(cloud, 'DeleteItem', { ...old, Key })).toEqual({ Attributes: Key });
    expect(await call(cloud, 'DeleteItem', { ...old, Key })).toEqual({});
  },
  'an update that only takes away does not make an item': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const Key = { pk: { S: 'a' } };
    await call(cloud, ...updating('REMOVE a, b.c'));
    expect(await get(cloud, Key)).toBeUndefined();
    await call(cloud, 'UpdateItem', { TableName: T, Key });
    expect(await get(cloud, Key)).toEqual(Key);
  },
  'a failed condition returns the item if asked for': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const Item = { pk: { S: 'a' }, b: { B: 'AQ==' } };
    await put(cloud, Item);
    const request = { TableName: T, Item, ConditionExpression: 'attribute_not_exists(pk)' };
    const failed = ['ConditionalCheckFailedException', 'The conditional request failed'] as const;
    await fails(cloud, 'PutItem', request, ...failed);
    await fails(cloud, 'PutItem', { ...request, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }, ...failed, { Item });
    const update = { TableName: T, Key: { pk: { S: 'none' } }, ConditionExpression: 'attribute_exists(pk)' };
    await fails(cloud, 'UpdateItem', { ...update, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }, ...failed);
    expect(await get(cloud, { pk: { S: 'none' } })).toBeUndefined();
  },
  'capacity is counted by size, and by index': async (cloud) => {
    await createTables(cloud, SIMPLE, INDEXED);
    const consumed = async (action: string, input: object) =>
      (await call(cloud, action, { TableName: T, ReturnConsumedCapacity: 'TOTAL', ...input })).ConsumedCapacity;
    const units = (CapacityUnits: number, TableName = T) => ({ TableName, CapacityUnits });
    const Key = { pk: { S: 'a' } };
    const Item = { ...Key, x: { S: 'x'.repeat(5_000) } };
    expect(await consumed('PutItem', { Item })).toEqual(units(5));
    expect(await consumed('GetItem', { Key })).toEqual(units(1));
    expect(await consumed('GetItem', { Key, ConsistentRead: true })).toEqual(units(2));
    expect(await consumed('GetItem', { Key: { pk: { S: 'none' } } })).toEqual(units(0.5));
    expect(await consumed('UpdateItem', { Key, UpdateExpression: 'REMOVE x' })).toEqual(units(5));
    expect(await consumed('DeleteItem', { Key })).toEqual(units(1));
    const indexed = { pk: { S: 'a' }, sk: { N: '1' }, g: { S: 'g' }, l: { S: 'l' } };
    const capacity = { CapacityUnits: 1 };
    expect(
      await consumed('PutItem', { TableName: 'Indexed', Item: indexed, ReturnConsumedCapacity: 'INDEXES' }),
    ).toEqual({
      ...units(3, 'Indexed'),
      Table: capacity,
      LocalSecondaryIndexes: { local: capacity },
      GlobalSecondaryIndexes: { global: capacity },
    });
    const moved = await consumed('PutItem', { TableName: 'Indexed', Item: { ...indexed, g: { S: 'h' } } });
    expect(moved).toEqual(units(3 + 1, 'Indexed')); // one unit deletes from the global index, one writes to it; the local one does not change but is rewritten
  },
});

rawConformance('§25.4 expressions', {
  'parameters are refused that do not go together': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const Key = { pk: { S: 'a' } };
    const Expected = { pk: { Exists: false } };
    await refusesAll(cloud, [
      [
        ...condition('attribute_exists(pk)', { Expected }),
        'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
      ],
      [
        ...updating('SET a = :a', { AttributeUpdates: {}, ...values('a') }),
        'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates} Expression parameters: {UpdateExpression}',
      ],
      [
        'PutItem',
        { TableName: T, Item: Key, ...values('a') },
        'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null',
      ],
      [
        'UpdateItem',
        { TableName: T, Key, ...values('a') },
        'ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null',
      ],
      [
        'GetItem',
        { TableName: T, Key, ExpressionAttributeNames: { '#a': 'a' } },
        'ExpressionAttributeNames can only be specified when using expressions',
      ],
      [
        ...updating('SET a = :a', { ...values('a', 'b') }),
        'Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}',
      ],
      [
        ...updating('SET a = :a', { ...values('a'), ExpressionAttributeNames: { '#b': 'b' } }),
        'Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}',
      ],
      [...updating('SET a = :a', { ExpressionAttributeValues: {} }), 'ExpressionAttributeValues must not be empty'],
      [
        ...updating('SET a = :a', { ExpressionAttributeValues: { a: { N: '1' } } }),
        'ExpressionAttributeValues contains invalid key: Syntax error; key: "a"',
      ],
      [
        ...updating('SET a = :a', { ExpressionAttributeValues: { ':a': { SS: [] } } }),
        `ExpressionAttributeValues contains invalid value: ${invalid}An string set  may not be empty for key :a`,
      ],
      [
        ...condition('a = :a', { ExpressionAttributeNames: { a: 'a' } }),
        'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
      ],
    ]);
  },
  'parameters from before expressions work': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const Key = { pk: { S: 'a' } };
    const failed = ['ConditionalCheckFailedException', 'The conditional request failed'] as const;
    const Expected = { pk: { Exists: false } };
    await call(cloud, 'PutItem', { TableName: T, Item: { ...Key, n: { N: '1' } }, Expected });
    await fails(cloud, 'PutItem', { TableName: T, Item: Key, Expected }, ...failed);
    const update = (AttributeUpdates: object, more: object = {}) =>
      call(cloud, 'UpdateItem', { TableName: T, Key, AttributeUpdates, ReturnValues: 'ALL_NEW', ...more });
    const lease = {
      n: { ComparisonOperator: 'LT', AttributeValueList: [{ N: '2' }] },
      other: { ComparisonOperator: 'NOT_NULL' },
    };
    const changes = {
      n: { Action: 'ADD', Value: { N: '4' } },
      owner: { Value: { S: 'me' } },
      l: { Action: 'ADD', Value: { L: [{ S: 'x' }] } },
      gone: { Action: 'DELETE' },
    };
    expect(await update(changes, { Expected: lease, ConditionalOperator: 'OR' })).toEqual({
      Attributes: { ...Key, n: { N: '5' }, owner: { S: 'me' }, l: { L: [{ S: 'x' }] } },
    });
    await fails(cloud, 'DeleteItem', { TableName: T, Key, Expected: lease }, ...failed);
    const equals = (value: object) => ({ ComparisonOperator: 'EQ', AttributeValueList: [value] });
    const QueryFilter = { owner: { ComparisonOperator: 'BEGINS_WITH', AttributeValueList: [{ S: 'm' }] } };
    const query = { TableName: T, KeyConditions: { pk: equals(Key.pk) }, AttributesToGet: ['owner'] };
    expect((await call(cloud, 'Query', { ...query, QueryFilter })).Items).toEqual([{ owner: { S: 'me' } }]);
    const ScanFilter = { owner: equals({ S: 'you' }) };
    expect(await call(cloud, 'Scan', { TableName: T, ScanFilter })).toEqual({ Items: [], Count: 0, ScannedCount: 1 });
    await refusesAll(cloud, [
      [
        'UpdateItem',
        { TableName: T, Key, AttributeUpdates: { owner: { Action: 'ADD', Value: { N: '1' } } } },
        'Type mismatch for attribute to update',
      ],
      [
        'UpdateItem',
        { TableName: T, Key, AttributeUpdates: { owner: { Action: 'ADD', Value: { S: 'x' } } } },
        `${invalid}ADD action is not supported for the type S`,
      ],
      [
        'PutItem',
        {
          TableName: T,
          Item: Key,
          Expected: { n: { ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '1' }] } },
        },
        `${invalid}Invalid number of argument(s) for the BETWEEN ComparisonOperator`,
      ],
      [
        'Query',
        { TableName: T, KeyConditions: { pk: { ComparisonOperator: 'NE', AttributeValueList: [Key.pk] } } },
        'Attempted conditional constraint is not an indexable operation',
      ],
      [
        'Scan',
        { TableName: T, ScanFilter: { n: { ComparisonOperator: 'LT', AttributeValueList: [{ SS: ['a'] }] } } },
        `${invalid}ComparisonOperator LT is not valid for SS AttributeValue type`,
      ],
    ]);
  },
  'update expressions are refused': async (cloud) => {
    await createTables(cloud, SIMPLE, INDEXED);
    const refused = (expression: string, message: string, ...names: string[]): RefusedRequest => [
      ...updating(expression, names.length > 0 ? values(...names) : {}),
      `Invalid UpdateExpression: ${message}`,
    ];
    const overlap = (how: string, first: string, second: string) =>
      `Two document paths ${how} with each other; must remove or rewrite one of these paths; path one: ${first}, path two: ${second}`;
    const spaces = ' '.repeat(4_087);
    await call(cloud, ...updating(`SET${spaces}a = :a`, values('a')));
    await refusesAll(cloud, [
      refused('', 'The expression can not be empty;'),
      refused(
        `SET ${spaces}a = :a`,
        'Expression size has exceeded the maximum allowed size; expression size: 4097',
        'a',
      ),
      refused('INVALID SYNTAX HERE', 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'),
      refused('SET a = ', 'Syntax error; token: "<EOF>", near: "= "'),
      refused('SET status = :a', 'Attribute name is a reserved keyword; reserved keyword: status', 'a'),
      refused('SET a = :b', 'An expression attribute value used in expression is not defined; attribute value: :b'),
      refused(
        'SET #a = :a',
        'An expression attribute name used in the document path is not defined; attribute name: #a',
        'a',
      ),
      refused('SET a = f(b, :a)', 'Invalid function name; function: f', 'a'),
      refused('SET a = :a SET b = :a', 'The "SET" section can only be used once in an update expression;', 'a'),
      refused('SET a = :a, a = :b', overlap('overlap', '[a]', '[a]'), 'a', 'b'),
      refused('SET a.b = :a REMOVE a', overlap('overlap', '[a, b]', '[a]'), 'a'),
      refused('SET a[1] = :a, a.b = :a', overlap('conflict', '[a, [1]]', '[a, b]'), 'a'),
      refused(
        'SET a = list_append(b, :a)',
        'Incorrect operand type for operator or function; operator or function: list_append, operand type: N',
        'a',
      ),
      refused(
        'SET a = if_not_exists(:a, :b)',
        'Operator or function requires a document path; operator or function: if_not_exists',
        'a',
        'b',
      ),
      refused(
        'SET a = list_append(:a)',
        'Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1',
        'a',
      ),
      refused(
        'DELETE a :a',
        'Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER',
        'a',
      ),
      [
        ...updating('SET pk = :a', values('a')),
        `${invalid}Cannot update attribute pk. This attribute is part of the key`,
      ],
      [
        'UpdateItem',
        {
          TableName: 'Indexed',
          Key: { pk: { S: 'a' }, sk: { N: '1' } },
          UpdateExpression: 'SET g = :a',
          ...values('a'),
        },
        `${invalid}Type mismatch for Index Key g Expected: S Actual: N IndexName: global`,
      ],
      [
        'UpdateItem',
        {
          TableName: 'Indexed',
          Key: { pk: { S: 'a' }, sk: { N: '1' } },
          UpdateExpression: 'SET g.x = :a',
          ...values('a'),
        },
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: g",
      ],
    ]);
  },
  'updates are refused that the item does not allow': async (cloud) => {
    await createTables(cloud, SIMPLE);
    await put(cloud, { pk: { S: 'a' }, s: { S: 'text' }, l: { L: [] }, huge: { N: '9e125' } });
    const path = 'The document path provided in the update expression is invalid for update';
    const type = 'An operand in the update expression has an incorrect data type';
    const missing = 'The provided expression refers to an attribute that does not exist in the item';
    const overflow = 'Number overflow. Attempting to store a number with magnitude larger than supported range';
    const big = { ExpressionAttributeValues: { ':a': { N: '1e50' } } };
    await refusesAll(cloud, [
      [...updating('SET s.b = :a', values('a')), path],
      [...updating('SET gone.b = :a', values('a')), path],
      [...updating('SET l.b = :a', values('a')), path],
      [...updating('SET s[0] = :a', values('a')), path],
      [...updating('REMOVE gone.b'), path],
      [...updating('SET a = gone'), missing],
      [...updating('SET a = gone + :a', values('a')), missing],
      [...updating('SET a = s + :a', values('a')), type],
      [...updating('ADD s :a', values('a')), type],
      [...updating('SET a = huge + huge'), overflow],
      [
        ...updating('SET a = :b + :a', {
          ExpressionAttributeValues: { ':a': { N: '1' }, ':b': big.ExpressionAttributeValues[':a'] },
        }),
        overflow,
      ],
    ]);
  },
  'updates are made': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const numbers = (...list: number[]) => ({ L: list.map((n) => ({ N: String(n) })) });
    const rows: [before: object, expression: string, values: object | undefined, after: object][] = [
      [{}, 'SET a = :v', { ':v': { S: 'x' } }, { a: { S: 'x' } }],
      [{ a: { N: '10' } }, 'SET a = a + :v', { ':v': { N: '0.1' } }, { a: { N: '10.1' } }],
      [{ a: { N: '1' } }, 'SET a = a - :v', { ':v': { N: '3' } }, { a: { N: '-2' } }],
      [{}, 'SET a = if_not_exists(a, :v) + :v', { ':v': { N: '1' } }, { a: { N: '2' } }],
      [{ a: { N: '1' }, b: { N: '2' } }, 'SET a = b, b = a', undefined, { a: { N: '2' }, b: { N: '1' } }],
      [{ a: { N: '1' } }, 'REMOVE a SET b = a', undefined, { b: { N: '1' } }],
      [{ a: numbers(1) }, 'SET a = list_append(a, :v)', { ':v': numbers(2) }, { a: numbers(1, 2) }],
      [{ a: numbers(1) }, 'SET a = list_append(:v, a)', { ':v': numbers(2) }, { a: numbers(2, 1) }],
      [{ a: numbers(1, 2, 3) }, 'REMOVE a[0], a[2]', undefined, { a: numbers(2) }],
      [{ a: numbers(2, 3, 4, 5) }, 'REMOVE a[1] SET a[3] = :v', { ':v': { N: '17' } }, { a: numbers(2, 4, 17) }],
      [
        { a: numbers(1) },
        'SET a[84] = :x, a[37] = :y',
        { ':x': { N: '8' }, ':y': { N: '3' } },
        { a: numbers(1, 3, 8) },
      ],
      [
        { a: { M: { b: { N: '1' } } } },
        'SET a.c = :v REMOVE a.b',
        { ':v': { N: '2' } },
        { a: { M: { c: { N: '2' } } } },
      ],
      [{ a: { M: {} } }, 'SET a.#p = :v', { ':v': { N: '2' } }, { a: { M: { 'x.y': { N: '2' } } } }],
      [{}, 'ADD a :v', { ':v': { N: '5' } }, { a: { N: '5' } }],
      [{ a: { SS: ['x'] } }, 'ADD a :v', { ':v': { SS: ['x', 'y'] } }, { a: { SS: ['x', 'y'] } }],
      [{ a: { NS: ['1', '2'] } }, 'DELETE a :v', { ':v': { NS: ['1.0'] } }, { a: { NS: ['2'] } }],
      [{ a: { SS: ['x'] } }, 'DELETE a :v', { ':v': { SS: ['x'] } }, {}],
      [{}, 'DELETE a :v SET b = :b', { ':v': { SS: ['x'] }, ':b': { N: '1' } }, { b: { N: '1' } }],
    ];
    for (const [before, UpdateExpression, given, after] of rows) {
      await put(cloud, { pk: { S: 'a' }, ...before });
      await call(
        cloud,
        ...updating(UpdateExpression, {
          ExpressionAttributeValues: given,
          ...(UpdateExpression.includes('#p') && { ExpressionAttributeNames: { '#p': 'x.y' } }),
        }),
      );
      expect([UpdateExpression, await get(cloud, { pk: { S: 'a' } })]).toEqual([
        UpdateExpression,
        { pk: { S: 'a' }, ...after },
      ]);
    }
  },
  'condition expressions are refused': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const refused = (expression: string, message: string, given?: object): RefusedRequest => [
      ...condition(expression, given && { ExpressionAttributeValues: given }),
      `Invalid ConditionExpression: ${message}`,
    ];
    const n = { ':n': { N: '1' } };
    const s = { ':s': { S: 'x' } };
    const many = Array.from({ length: 151 }, () => 'a<b').join(' or ');
    await refusesAll(cloud, [
      refused('', 'The expression can not be empty;'),
      refused('((a = :n))', 'The expression has redundant parentheses;', n),
      refused('a = :n AND ((a = :n))', 'The expression has redundant parentheses;', n),
      refused('name = :n', 'Attribute name is a reserved keyword; reserved keyword: name', n),
      refused('f(a)', 'Invalid function name; function: f'),
      refused('size(a)', 'The function is not allowed to be used this way in an expression; function: size'),
      refused(
        'attribute_exists(a) = :n',
        'The function is not allowed to be used this way in an expression; function: attribute_exists',
        n,
      ),
      refused('a = :m', 'An expression attribute value used in expression is not defined; attribute value: :m', n),
      refused(
        'attribute_exists(:n)',
        'Operator or function requires a document path; operator or function: attribute_exists',
        n,
      ),
      refused(
        'attribute_exists(a, b)',
        'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2',
      ),
      refused(
        'begins_with(a, :n)',
        'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
        n,
      ),
      refused(
        'attribute_type(a, :s)',
        'Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}',
        s,
      ),
      refused(
        'a = a',
        'The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]',
      ),
      refused(
        'a BETWEEN :n AND :s',
        'The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:x}',
        { ...n, ...s },
      ),
      refused(
        'a BETWEEN :n AND :m',
        'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {N:0}',
        { ...n, ':m': { N: '0' } },
      ),
      refused(many, 'The expression contains too many operators; operator count: 301'),
    ]);
    for (const expression of [
      'a',
      'a =',
      'a = = b',
      '(a = b',
      'a AND b',
      'a = b)',
      'a.1 = b',
      'a[b] = b',
      '('.repeat(4_000),
    ]) {
      const { body } = await ask(cloud, ...condition(expression));
      expect(body.message).toMatch(
        /^Invalid ConditionExpression: (Syntax error; token: |The expression has redundant)/,
      );
    }
    const most = Array.from({ length: 150 }, () => 'attribute_not_exists(a)').join(' or ');
    await call(cloud, ...condition(most));
  },
  'conditions are met or not': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const item = {
      pk: { S: 'k' },
      s: { S: 'hello' },
      n: { N: '5' },
      b: { B: 'AQID' },
      ss: { SS: ['x', 'y'] },
      l: { L: [{ N: '1' }, { S: 'x' }] },
      m: { M: { in: { L: [{ N: '7' }] } } },
      t: { BOOL: true },
      z: { NULL: true },
    };
    await put(cloud, item);
    const v = {
      ':five': { N: '5.0' },
      ':six': { N: '6' },
      ':he': { S: 'he' },
      ':hello': { S: 'hello' },
      ':bytes': { B: 'AQ==' },
      ':yx': { SS: ['y', 'x'] },
      ':x': { S: 'x' },
      ':seven': { N: '7' },
      ':t': { BOOL: true },
      ':S': { S: 'S' },
      ':null': { NULL: true },
      ':big': { S: 'hellp' },
    } as const;
    const rows: Record<string, boolean> = {
      'n = :five': true,
      'n <> :six': true,
      'gone <> :six': true,
      'gone = :six': false,
      'n < :six': true,
      's < :six': false,
      's <= :hello': true,
      's > :he': true,
      's BETWEEN :he AND :big': true,
      'n IN (:six, :five)': true,
      'gone IN (:six)': false,
      'ss = :yx': true,
      'contains(ss, :x)': true,
      'contains(s, :he)': true,
      'contains(l, :x)': true,
      'begins_with(s, :he)': true,
      'begins_with(b, :bytes)': true,
      'begins_with(n, :he)': false,
      'attribute_exists(m.#in[0])': true,
      'attribute_exists(m.#in[1])': false,
      'attribute_not_exists(gone)': true,
      'attribute_type(s, :S)': true,
      'attribute_type(n, :S)': false,
      'size(s) = :five': true,
      'size(ss) < :five': true,
      'size(n) = :five': false,
      'm.#in[0] = :seven': true,
      't = :t': true,
      'z = :null': true,
      'NOT n = :five': false,
      'NOT (n = :six OR s = :he)': true,
      'n = :five AND s = :hello OR gone = :x': true,
      'n = :six AND s = :hello OR gone = :x': false,
      '(s) = (:hello)': true,
      'n=:five and(s=:hello)': true,
    };
    const found: Record<string, boolean> = {};
    for (const expression of Object.keys(rows)) {
      const used = Object.fromEntries(Object.entries(v).filter(([name]) => new RegExp(`${name}\\b`).test(expression)));
      const { status, body } = await ask(cloud, 'UpdateItem', {
        TableName: T,
        Key: { pk: { S: 'k' } },
        ConditionExpression: expression,
        ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }),
        ...(expression.includes('#in') && { ExpressionAttributeNames: { '#in': 'in' } }),
      });
      if (status !== 200 && body.message !== 'The conditional request failed')
        throw new Error(`${expression}: ${JSON.stringify(body)}`);
      found[expression] = status === 200;
    }
    expect(found).toEqual(rows);
  },
  'projections pick parts of an item': async (cloud) => {
    await createTables(cloud, SIMPLE);
    await put(cloud, {
      pk: { S: 'a' },
      m: { M: { x: { N: '1' }, y: { N: '2' } } },
      l: { L: [{ N: '0' }, { N: '1' }, { N: '2' }] },
    });
    const projected = async (ProjectionExpression: string) =>
      (await call(cloud, 'GetItem', { TableName: T, Key: { pk: { S: 'a' } }, ProjectionExpression })).Item;
    expect(await projected('m.x, l[2], l[0], gone, m.z, l[9]')).toEqual({
      m: { M: { x: { N: '1' } } },
      l: { L: [{ N: '0' }, { N: '2' }] },
    });
    expect(await projected('gone')).toEqual({});
    const refused = (ProjectionExpression: string, message: string): RefusedRequest => [
      'GetItem',
      { TableName: T, Key: { pk: { S: 'a' } }, ProjectionExpression },
      `Invalid ProjectionExpression: ${message}`,
    ];
    await refusesAll(cloud, [
      refused('!!!', 'Syntax error; token: "!", near: "!!"'),
      refused('data', 'Attribute name is a reserved keyword; reserved keyword: data'),
      refused(
        'a, a.b',
        'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]',
      ),
      [
        'GetItem',
        { TableName: T, Key: { pk: { S: 'a' } }, ProjectionExpression: 'pk.x' },
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
      ],
    ]);
  },
});

rawConformance('§25.5 Query and Scan', {
  'a query reads one partition in order, forwards and backwards': async (cloud) => {
    await createTables(cloud, INDEXED);
    for (const sk of ['10', '-1', '2', '0.5', '-20', '3e1'])
      await put(cloud, { pk: { S: 'a' }, sk: { N: sk } }, 'Indexed');
    await put(cloud, { pk: { S: 'b' }, sk: { N: '2' } }, 'Indexed');
    const sorts = async (and: string, given: object = {}, more: object = {}) =>
      (
        (await call(cloud, 'Query', {
          TableName: 'Indexed',
          KeyConditionExpression: `pk = :pk${and}`,
          ExpressionAttributeValues: { ':pk': { S: 'a' }, ...given },
          ...more,
        })) as { Items: { sk: { N: string } }[] }
      ).Items.map(({ sk }) => sk.N);
    const two = { ':n': { N: '2' } };
    expect(await sorts('')).toEqual(['-20', '-1', '0.5', '2', '10', '30']);
    expect(await sorts('', {}, { ScanIndexForward: false, Limit: 2 })).toEqual(['30', '10']);
    expect(await sorts(' AND sk = :n', two)).toEqual(['2']);
    expect(await sorts(' AND sk < :n', two)).toEqual(['-20', '-1', '0.5']);
    expect(await sorts(' AND sk <= :n', two)).toEqual(['-20', '-1', '0.5', '2']);
    expect(await sorts(' AND sk > :n', two)).toEqual(['10', '30']);
    expect(await sorts(' AND :n <= sk', two)).toEqual(['2', '10', '30']);
    expect(await sorts(' AND sk BETWEEN :m AND :n', { ...two, ':m': { N: '-1' } })).toEqual(['-1', '0.5', '2']);
    expect(
      await sorts(' AND sk BETWEEN :m AND :n', { ...two, ':m': { N: '-1' } }, { ScanIndexForward: false }),
    ).toEqual(['2', '0.5', '-1']);
  },
  'strings sort by their UTF-8 bytes, and begins_with finds prefixes': async (cloud) => {
    await createTables(cloud, {
      ...SIMPLE,
      AttributeDefinitions: [...SIMPLE.AttributeDefinitions, { AttributeName: 'sk', AttributeType: 'S' }],
      KeySchema: [...SIMPLE.KeySchema, { AttributeName: 'sk', KeyType: 'RANGE' }],
    });
    const texts = ['a', 'ab', 'b', 'é', '\uffee', '😀', 'éa'];
    for (const text of texts) await put(cloud, { pk: { S: 'k' }, sk: { S: text } });
    const found = async (and: string, given: object = {}) =>
      (
        (await call(cloud, 'Query', {
          TableName: T,
          KeyConditionExpression: `pk = :pk${and}`,
          ExpressionAttributeValues: { ':pk': { S: 'k' }, ...given },
        })) as { Items: { sk: { S: string } }[] }
      ).Items.map(({ sk }) => sk.S);
    expect(await found('')).toEqual(['a', 'ab', 'b', 'é', 'éa', '\uffee', '😀']);
    expect(await found(' AND begins_with(sk, :p)', { ':p': { S: 'a' } })).toEqual(['a', 'ab']);
    expect(await found(' AND begins_with(sk, :p)', { ':p': { S: 'é' } })).toEqual(['é', 'éa']);
    expect(await found(' AND sk > :p', { ':p': { S: 'éa' } })).toEqual(['\uffee', '😀']);
  },
  'pages go on after their last key, also when it is gone': async (cloud) => {
    await createTables(cloud, INDEXED);
    for (let n = 0; n < 10; n++) {
      await put(cloud, { pk: { S: 'a' }, sk: { N: String(n) }, g: { S: 'g' }, l: { S: String(9 - n) } }, 'Indexed');
    }
    for (const IndexName of [undefined, 'local', 'global']) {
      const key = IndexName === 'global' ? 'g' : 'pk';
      const request = {
        TableName: 'Indexed',
        IndexName,
        KeyConditionExpression: `${key} = :k`,
        ExpressionAttributeValues: { ':k': { S: IndexName === 'global' ? 'g' : 'a' } },
        Limit: 4,
      };
      const pages: string[][] = [];
      let ExclusiveStartKey: object | undefined;
      do {
        const page = await call(cloud, 'Query', { ...request, ExclusiveStartKey });
        pages.push((page.Items as { sk: { N: string } }[]).map(({ sk }) => sk.N));
        ExclusiveStartKey = page.LastEvaluatedKey as object | undefined;
      } while (ExclusiveStartKey !== undefined);
      const order = Array.from({ length: 10 }, (_, n) => String(IndexName === 'local' ? 9 - n : n));
      expect(pages).toEqual([order.slice(0, 4), order.slice(4, 8), order.slice(8)]);
    }
    const first = await call(cloud, 'Scan', { TableName: 'Indexed', Limit: 3 });
    const last = first.LastEvaluatedKey as object;
    expect(last).toEqual({ pk: { S: 'a' }, sk: { N: '2' } });
    await call(cloud, 'DeleteItem', { TableName: 'Indexed', Key: last });
    const rest = await call(cloud, 'Scan', { TableName: 'Indexed', ExclusiveStartKey: last });
    expect((rest.Items as { sk: { N: string } }[]).map(({ sk }) => sk.N)).toEqual(['3', '4', '5', '6', '7', '8', '9']);
  },
  'a full page has a key to go on after, although nothing may follow': async (cloud) => {
    await createTables(cloud, SIMPLE);
    await put(cloud, { pk: { S: 'a' } });
    expect(await call(cloud, 'Scan', { TableName: T, Limit: 1 })).toMatchObject({
      LastEvaluatedKey: { pk: { S: 'a' } },
    });
    expect(await call(cloud, 'Scan', { TableName: T, Limit: 2 })).toEqual({
      Items: [{ pk: { S: 'a' } }],
      Count: 1,
      ScannedCount: 1,
    });
  },
  'a page ends at 1 MB of what is read': async (cloud) => {
    await createTables(cloud, SIMPLE);
    for (let n = 0; n < 5; n++) await put(cloud, { pk: { S: String(n) }, x: { S: 'x'.repeat(300_000) } });
    const filtered = { FilterExpression: 'attribute_exists(gone)' };
    const page = await call(cloud, 'Scan', { TableName: T, ...filtered, ReturnConsumedCapacity: 'TOTAL' });
    expect(page).toMatchObject({ Items: [], Count: 0, ScannedCount: 4, ConsumedCapacity: { CapacityUnits: 146.5 } });
    const rest = await call(cloud, 'Scan', { TableName: T, ...filtered, ExclusiveStartKey: page.LastEvaluatedKey });
    expect(rest).toEqual({ Items: [], Count: 0, ScannedCount: 1 });
  },
  'a parallel scan reads each item in one segment': async (cloud) => {
    await createTables(cloud, SIMPLE);
    for (let n = 0; n < 60; n++) await put(cloud, { pk: { S: String(n) } });
    const found: string[] = [];
    for (let Segment = 0; Segment < 4; Segment++) {
      const { Items } = (await call(cloud, 'Scan', { TableName: T, Segment, TotalSegments: 4 })) as {
        Items: { pk: { S: string } }[];
      };
      expect(Items.length).toBeGreaterThan(0);
      found.push(...Items.map(({ pk }) => pk.S));
    }
    expect(found.sort()).toEqual(Array.from({ length: 60 }, (_, n) => String(n)).sort());
    const scan = (more: object): [string, object] => ['Scan', { TableName: T, ...more }];
    await refusesAll(cloud, [
      [
        ...scan({ Segment: 0 }),
        'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
      ],
      [
        ...scan({ TotalSegments: 1 }),
        'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
      ],
      [
        ...scan({ Segment: 5, TotalSegments: 5 }),
        'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not less than TotalSegments: 5',
      ],
      [
        ...scan({ Limit: 0 }),
        `${one} '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
      ],
    ]);
  },
  'indexes have the items with their keys, and what they project': async (cloud) => {
    await createTables(cloud, INDEXED);
    const key = { pk: { S: 'a' }, sk: { N: '1' } };
    await put(cloud, { ...key, g: { S: 'g' }, l: { S: 'l' }, extra: { N: '1' }, more: { N: '2' } }, 'Indexed');
    await put(cloud, { pk: { S: 'a' }, sk: { N: '2' } }, 'Indexed');
    const scan = async (IndexName: string, more: object = {}) =>
      (await call(cloud, 'Scan', { TableName: 'Indexed', IndexName, ...more })).Items;
    expect(await scan('global')).toEqual([{ ...key, g: { S: 'g' }, extra: { N: '1' } }]);
    expect(await scan('local')).toEqual([{ ...key, l: { S: 'l' } }]);
    expect(await scan('local', { ProjectionExpression: 'more' })).toEqual([{ more: { N: '2' } }]);
    expect(await scan('local', { Select: 'ALL_ATTRIBUTES' })).toEqual([
      { ...key, g: { S: 'g' }, l: { S: 'l' }, extra: { N: '1' }, more: { N: '2' } },
    ]);
    const update = (UpdateExpression: string, more: object = {}) =>
      call(cloud, 'UpdateItem', { TableName: 'Indexed', Key: key, UpdateExpression, ...more });
    await update('SET g = :g', { ExpressionAttributeValues: { ':g': { S: 'h' } } });
    expect(await scan('global')).toEqual([{ ...key, g: { S: 'h' }, extra: { N: '1' } }]);
    await update('REMOVE g');
    expect(await scan('global')).toEqual([]);
    expect(await call(cloud, 'Scan', { TableName: 'Indexed', IndexName: 'local', Select: 'COUNT' })).toEqual({
      Count: 1,
      ScannedCount: 1,
    });
  },
  'queries and scans are refused': async (cloud) => {
    await createTables(cloud, SIMPLE, INDEXED);
    const query = (KeyConditionExpression: string | undefined, more: object = {}): [string, object] => [
      'Query',
      {
        TableName: 'Indexed',
        KeyConditionExpression,
        ExpressionAttributeValues: KeyConditionExpression === undefined ? undefined : { ':a': { S: 'a' } },
        ...more,
      },
    ];
    const n = { ExpressionAttributeValues: { ':a': { S: 'a' }, ':n': { N: '1' } } };
    const start = (ExclusiveStartKey: object, more: object = {}) => query('pk = :a', { ExclusiveStartKey, ...more });
    await refusesAll(cloud, [
      [
        ...query(undefined),
        'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
      ],
      [
        ...query('', { ExpressionAttributeValues: undefined }),
        'Invalid KeyConditionExpression: The expression can not be empty;',
      ],
      [...query('sk = :a'), 'Query condition missed key schema element: pk'],
      [...query('pk = :a AND third = :n', n), 'Query condition missed key schema element: sk'],
      [...query('pk > :a'), 'Query key condition not supported'],
      [...query('pk = :a OR pk = :a'), 'Invalid operator used in KeyConditionExpression: OR'],
      [...query('pk <> :a'), 'Invalid operator used in KeyConditionExpression: <>'],
      [
        ...query('attribute_exists(pk) AND pk = :a'),
        'Invalid operator used in KeyConditionExpression: attribute_exists',
      ],
      [...query('pk.x = :a'), 'KeyConditionExpressions cannot have conditions on nested attributes'],
      [...query('pk = :a AND pk = :a'), 'KeyConditionExpressions must only contain one condition per key'],
      [...query('size(pk) = :a'), 'KeyConditionExpressions cannot contain nested operations'],
      [
        ...query('pk = sk AND pk = :a'),
        'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition',
      ],
      [...query('pk = :a AND sk = :a'), `${invalid}Condition parameter type does not match schema type`],
      [
        ...query('pk = :a AND begins_with(sk, :n)', n),
        'Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
      ],
      [
        ...query('pk = :a', { Limit: 0 }),
        "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
      ],
      [
        ...query('pk = :a', { Select: 'X' }),
        `${one} 'X' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]`,
      ],
      [
        ...query('g = :a', { IndexName: 'global', ConsistentRead: true }),
        'Consistent reads are not supported on global secondary indexes',
      ],
      [...query('pk = :a', { IndexName: 'other' }), 'The table does not have the specified index: other'],
      [
        ...query('g = :a', { IndexName: 'global', Select: 'ALL_ATTRIBUTES' }),
        `${invalid}Select type ALL_ATTRIBUTES is not supported for global secondary index global because its projection type is not ALL`,
      ],
      [
        ...query('pk = :a', { FilterExpression: 'sk = :a' }),
        'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
      ],
      [
        ...query('pk = :a', { FilterExpression: 'a = #b' }),
        'Invalid FilterExpression: An expression attribute name used in the document path is not defined; attribute name: #b',
      ],
      [
        ...start({ pk: { S: 'a' } }),
        'The provided starting key is invalid: The provided key element does not match the schema',
      ],
      [
        ...start({ pk: { S: 'b' }, sk: { N: '1' } }),
        'The provided starting key is outside query boundaries based on provided conditions',
      ],
      [
        ...query('pk = :a AND sk > :n', { ...n, ExclusiveStartKey: { pk: { S: 'a' }, sk: { N: '0' } } }),
        'The provided starting key does not match the range key predicate',
      ],
      [
        ...query('pk = :a', { AttributesToGet: ['a'] }),
        'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {KeyConditionExpression}',
      ],
      ['Scan', { TableName: T, AttributesToGet: ['a', 'a'] }, `${invalid}Duplicate value in attribute name: a`],
    ]);
    await put(cloud, { pk: { S: 'a' }, b: { N: '1' } });
    expect((await call(cloud, 'Scan', { TableName: T, AttributesToGet: ['b'] })).Items).toEqual([{ b: { N: '1' } }]);
  },
});

rawConformance('§25.6 batches', {
  'a batch writes and reads items of several tables': async (cloud) => {
    await createTables(cloud, SIMPLE, INDEXED);
    await put(cloud, { pk: { S: 'old' } });
    const key = { pk: { S: 'a' }, sk: { N: '1' } };
    const written = await call(cloud, 'BatchWriteItem', {
      RequestItems: {
        Simple: [{ PutRequest: { Item: { pk: { S: 'new' } } } }, { DeleteRequest: { Key: { pk: { S: 'old' } } } }],
        Indexed: [{ PutRequest: { Item: { ...key, x: { S: 'y' } } } }],
      },
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(written).toEqual({
      UnprocessedItems: {},
      ConsumedCapacity: [
        { TableName: 'Simple', CapacityUnits: 2 },
        { TableName: 'Indexed', CapacityUnits: 1 },
      ],
    });
    const read = await call(cloud, 'BatchGetItem', {
      RequestItems: {
        Simple: { Keys: [{ pk: { S: 'new' } }, { pk: { S: 'old' } }] },
        Indexed: { Keys: [key], ProjectionExpression: 'x' },
      },
    });
    expect(read).toEqual({
      Responses: { Simple: [{ pk: { S: 'new' } }], Indexed: [{ x: { S: 'y' } }] },
      UnprocessedKeys: {},
    });
  },
  'BatchGetItem returns 16 MB, and the other keys unprocessed': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const Keys = Array.from({ length: 50 }, (_, n) => ({ pk: { S: `key-${String(n).padStart(2, '0')}` } }));
    for (const key of Keys) await put(cloud, { ...key, x: { S: 'x'.repeat(400_000) } });
    const RequestItems = { [T]: { Keys, ConsistentRead: true, ProjectionExpression: 'pk' } };
    const { Responses, UnprocessedKeys } = (await call(cloud, 'BatchGetItem', { RequestItems })) as {
      Responses: Record<string, object[]>;
      UnprocessedKeys: Record<string, { Keys: object[] }>;
    };
    expect(Responses[T]).toEqual(Keys.slice(0, 41));
    expect(UnprocessedKeys).toEqual({ [T]: { ...RequestItems[T], Keys: Keys.slice(41) } });
  },
  'batches are refused': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const keys = (count: number) => Array.from({ length: count }, (_, n) => ({ pk: { S: String(n) } }));
    const reading = (Keys: object[]): [string, object] => ['BatchGetItem', { RequestItems: { [T]: { Keys } } }];
    const writing = (list: object[]): [string, object] => ['BatchWriteItem', { RequestItems: { [T]: list } }];
    const puts = (count: number) => keys(count).map((Item) => ({ PutRequest: { Item } }));
    const [key] = keys(1);
    await refusesAll(cloud, [
      ['BatchGetItem', { RequestItems: {} }, 'The requestItems parameter is required for BatchGetItem'],
      ['BatchWriteItem', { RequestItems: {} }, 'The requestItems parameter is required for BatchWriteItem'],
      [
        ...reading(keys(101)),
        `1 validation error detected: Value at 'RequestItems.Simple.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100`,
      ],
      [...reading([key, key]), 'Provided list of item keys contains duplicates'],
      [
        ...writing([{ PutRequest: { Item: key } }, { DeleteRequest: { Key: key } }]),
        'Provided list of item keys contains duplicates',
      ],
      [
        ...writing([{ DeleteRequest: { Key: { other: { S: 'x' } } } }]),
        'The provided key element does not match the schema',
      ],
      [
        ...writing([{}]),
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      ],
      [
        ...writing([{ PutRequest: { Item: { ...key, x: { S: 'x'.repeat(409_600) } } } }]),
        'Item size has exceeded the maximum allowed size',
      ],
    ]);
    const { body } = await ask(cloud, ...writing(puts(26)));
    expect(body.message).toMatch(
      /^1 validation error detected: Value '\{Simple=\[.+\]\}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: \[Member must have length less than or equal to 25, Member must have length greater than or equal to 1\]$/s,
    );
    await call(cloud, ...writing(puts(25)));
    await call(cloud, ...reading(keys(100)));
    const other = { none: { Keys: [key] } };
    await fails(
      cloud,
      'BatchGetItem',
      { RequestItems: other },
      'ResourceNotFoundException',
      'Requested resource not found',
    );
  },
});

rawConformance('§25.7 transactions', {
  'a transaction writes all or nothing, and tells why': async (cloud) => {
    await createTables(cloud, SIMPLE, INDEXED);
    await put(cloud, { pk: { S: 'b' }, n: { N: '1' } });
    const key = (pk: string) => ({ TableName: T, Key: { pk: { S: pk } } });
    const exists = { ConditionExpression: 'attribute_exists(pk)' };
    const actions = [
      { Put: { TableName: 'Indexed', Item: { pk: { S: 'i' }, sk: { N: '1' } } } },
      { Update: { ...key('b'), UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } } },
      { ConditionCheck: { ...key('c'), ...exists } },
      { Delete: { ...key('d'), ...exists, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } },
    ];
    const message =
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, ConditionalCheckFailed, ConditionalCheckFailed]';
    const failed = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' };
    await fails(cloud, 'TransactWriteItems', { TransactItems: actions }, 'TransactionCanceledException', message, {
      Message: message,
      CancellationReasons: [{ Code: 'None' }, { Code: 'None' }, failed, failed],
    });
    expect(await get(cloud, { pk: { S: 'b' } })).toMatchObject({ n: { N: '1' } });
    await put(cloud, { pk: { S: 'c' } });
    await put(cloud, { pk: { S: 'd' } });
    const done = await call(cloud, 'TransactWriteItems', { TransactItems: actions, ReturnConsumedCapacity: 'TOTAL' });
    expect(done).toEqual({
      ConsumedCapacity: [
        { TableName: 'Indexed', CapacityUnits: 2, WriteCapacityUnits: 2 },
        { TableName: 'Simple', CapacityUnits: 6, WriteCapacityUnits: 6 },
      ],
    });
    expect(await get(cloud, { pk: { S: 'b' } })).toMatchObject({ n: { N: '2' } });
    const gets = [{ Get: key('b') }, { Get: key('d') }, { Get: { ...key('c'), ProjectionExpression: 'n' } }];
    expect(await call(cloud, 'TransactGetItems', { TransactItems: gets })).toEqual({
      Responses: [{ Item: { pk: { S: 'b' }, n: { N: '2' } } }, {}, { Item: {} }],
    });
  },
  'an action that does not fit its table or item cancels, before conditions are looked at': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const puts = [
      { Put: { TableName: T, Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_exists(pk)' } },
      { Put: { TableName: T, Item: { pk: { N: '7' } } } },
      { Put: { TableName: T, Item: { pk: { N: '8' } } } },
    ];
    const cancelled = async (TransactItems: object[], action = 'TransactWriteItems') =>
      (await ask(cloud, action, { TransactItems })).body.CancellationReasons;
    expect(await cancelled(puts)).toEqual([
      { Code: 'None' },
      { Code: 'ValidationError', Message: `${invalid}Type mismatch for key pk expected: S actual: N` },
      { Code: 'None' },
    ]);
    const Get = { TableName: T, Key: { other: { S: 'a' } } };
    expect(await cancelled([{ Get }], 'TransactGetItems')).toEqual([
      { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
    ]);
    const Update = { TableName: T, Key: { pk: { S: 'a' } }, UpdateExpression: 'SET a = gone' };
    expect(await cancelled([{ Update }])).toEqual([
      {
        Code: 'ValidationError',
        Message: 'The provided expression refers to an attribute that does not exist in the item',
      },
    ]);
  },
  'a token makes a transaction once, for ten minutes': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const Key = { pk: { S: 'a' } };
    const add = (n: string) => ({
      ClientRequestToken: 'token',
      TransactItems: [
        { Update: { TableName: T, Key, UpdateExpression: 'ADD n :n', ExpressionAttributeValues: { ':n': { N: n } } } },
      ],
    });
    await call(cloud, 'TransactWriteItems', add('1'));
    const again = await call(cloud, 'TransactWriteItems', { ...add('1'), ReturnConsumedCapacity: undefined });
    expect(again).toEqual({});
    expect(await get(cloud, Key)).toMatchObject({ n: { N: '1' } });
    const { body } = await ask(cloud, 'TransactWriteItems', add('2'));
    expect(body.__type).toBe('com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException');
    await cloud.wait(599);
    await call(cloud, 'TransactWriteItems', add('1'));
    expect(await get(cloud, Key)).toMatchObject({ n: { N: '1' } });
    await cloud.wait(1);
    await call(cloud, 'TransactWriteItems', add('1'));
    expect(await get(cloud, Key)).toMatchObject({ n: { N: '2' } });
  },
  'transactions are refused': async (cloud) => {
    await createTables(cloud, SIMPLE);
    const item = (pk: string, more: object = {}) => ({ Put: { TableName: T, Item: { pk: { S: pk }, ...more } } });
    const write = (TransactItems: object[], more: object = {}): [string, object] => [
      'TransactWriteItems',
      { TransactItems, ...more },
    ];
    const key = { TableName: T, Key: { pk: { S: 'a' } } };
    await refusesAll(cloud, [
      [
        ...write([]),
        `${one} '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1`,
      ],
      [...write([item('a'), item('a')]), 'Transaction request cannot include multiple operations on one item'],
      [
        ...write([item('a'), { ConditionCheck: { ...key, ConditionExpression: 'attribute_exists(pk)' } }]),
        'Transaction request cannot include multiple operations on one item',
      ],
      [...write([{}]), 'TransactItems can only contain one of Check, Put, Update or Delete'],
      [
        ...write([{ ConditionCheck: key }]),
        `${one} null at 'transactItems.1.member.conditionCheck.conditionExpression' failed to satisfy constraint: Member must not be null`,
      ],
      [
        ...write([item('a')], { ClientRequestToken: 'x'.repeat(37) }),
        `${one} '${'x'.repeat(37)}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36`,
      ],
      [
        'TransactGetItems',
        { TransactItems: [{ Get: { ...key, ProjectionExpression: '!!!' } }] },
        'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"',
      ],
    ]);
    const many = Array.from({ length: 101 }, (_, n) => item(String(n)));
    const { body } = await ask(cloud, ...write(many));
    expect(body.message).toMatch(
      /^1 validation error detected: Value '\[.+\]' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100$/s,
    );
    await call(cloud, ...write(many.slice(0, 100)));
    const large = (count: number) =>
      Array.from({ length: count }, (_, n) => item(String(n), { x: { S: 'x'.repeat(350_000) } }));
    await call(cloud, ...write(large(11)));
    expect((await ask(cloud, ...write(large(12)))).body.message).toMatch(/size cannot exceed/);
    await fails(
      cloud,
      'TransactWriteItems',
      { TransactItems: [{ Delete: { ...key, TableName: 'none' } }] },
      'ResourceNotFoundException',
      'Requested resource not found',
    );
  },
});

rawConformance('§25.8 streams', {
  'changes are recorded in order, as the view says': async (cloud) => {
    const images: Record<string, (before?: object, after?: object) => object> = {
      KEYS_ONLY: () => ({}),
      NEW_IMAGE: (_before, after) => ({ ...(after && { NewImage: after }) }),
      OLD_IMAGE: (before) => ({ ...(before && { OldImage: before }) }),
      NEW_AND_OLD_IMAGES: (before, after) => ({
        ...(after && { NewImage: after }),
        ...(before && { OldImage: before }),
      }),
    };
    for (const [StreamViewType, imagesOf] of Object.entries(images)) {
      await createTables(cloud, {
        ...SIMPLE,
        TableName: StreamViewType,
        StreamSpecification: { StreamEnabled: true, StreamViewType },
      });
      const { Table } = (await call(cloud, 'DescribeTable', { TableName: StreamViewType })) as {
        Table: { LatestStreamArn: string };
      };
      const StreamArn = Table.LatestStreamArn;
      expect(StreamArn).toMatch(/:table\/[A-Z_]+\/stream\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
      const one = { pk: { S: 'a' } };
      const changed = { ...one, n: { N: '1' } };
      await put(cloud, one, StreamViewType);
      await put(cloud, one, StreamViewType); // changes nothing
      await put(cloud, changed, StreamViewType);
      await call(cloud, 'DeleteItem', { TableName: StreamViewType, Key: one });
      await call(cloud, 'DeleteItem', { TableName: StreamViewType, Key: one });
      const { StreamDescription } = (await call(cloud, 'DescribeStream', { StreamArn })) as {
        StreamDescription: { Shards: { ShardId: string }[] };
      };
      expect(StreamDescription).toEqual({
        StreamArn,
        StreamLabel: StreamArn.split('/stream/')[1],
        StreamStatus: 'ENABLED',
        StreamViewType,
        CreationRequestDateTime: expect.any(Number) as number,
        TableName: StreamViewType,
        KeySchema: SIMPLE.KeySchema,
        Shards: [
          {
            ShardId: expect.stringMatching(/^shardId-\d{20}-[0-9a-f]{8}$/) as string,
            SequenceNumberRange: { StartingSequenceNumber: expect.stringMatching(/^\d{21}$/) as string },
          },
        ],
      });
      const [{ ShardId }] = StreamDescription.Shards;
      const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
      const { ShardIterator } = await call(cloud, 'GetShardIterator', from);
      const { Records } = (await call(cloud, 'GetRecords', { ShardIterator })) as { Records: Record<string, never>[] };
      const record = (eventName: string, before: object | undefined, after: object | undefined, size: number) => ({
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        eventName,
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        dynamodb: {
          ApproximateCreationDateTime: expect.any(Number) as number,
          Keys: one,
          ...imagesOf(before, after),
          SequenceNumber: expect.stringMatching(/^\d{21}$/) as string,
          SizeBytes: size,
          StreamViewType,
        },
      });
      const [old, fresh] = [StreamViewType.includes('OLD'), StreamViewType.includes('NEW')];
      expect(Records).toEqual([
        record('INSERT', undefined, one, 3 + (fresh ? 3 : 0)),
        record('MODIFY', one, changed, 3 + (fresh ? 6 : 0) + (old ? 3 : 0)),
        record('REMOVE', changed, undefined, 3 + (old ? 6 : 0)),
      ]);
    }
    expect(((await call(cloud, 'ListStreams', {})).Streams as object[]).length).toBe(4);
    expect(await call(cloud, 'ListStreams', { TableName: 'KEYS_ONLY' })).toMatchObject({
      Streams: [{ TableName: 'KEYS_ONLY' }],
    });
  },
  'iterators stand where they are asked to, for 15 minutes, and records stay for a day': async (cloud) => {
    await createTables(cloud, { ...SIMPLE, StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } });
    const { Streams } = (await call(cloud, 'ListStreams', {})) as { Streams: { StreamArn: string }[] };
    const [{ StreamArn }] = Streams;
    const { StreamDescription } = (await call(cloud, 'DescribeStream', { StreamArn })) as {
      StreamDescription: { Shards: { ShardId: string }[] };
    };
    const [{ ShardId }] = StreamDescription.Shards;
    for (let n = 0; n < 5; n++) await put(cloud, { pk: { S: String(n) } });
    const iterator = async (ShardIteratorType: string, SequenceNumber?: string) =>
      (await call(cloud, 'GetShardIterator', { StreamArn, ShardId, ShardIteratorType, SequenceNumber }))
        .ShardIterator as string;
    interface Answer {
      readonly Records: { dynamodb: { SequenceNumber: string; NewImage: { pk: { S: string } } } }[];
      readonly NextShardIterator?: string;
    }
    const read = async (ShardIterator: string, Limit?: number) =>
      (await call(cloud, 'GetRecords', { ShardIterator, Limit })) as unknown as Answer;
    const names = ({ Records }: Answer) => Records.map(({ dynamodb }) => dynamodb.NewImage.pk.S);
    const first = await read(await iterator('TRIM_HORIZON'), 2);
    expect(names(first)).toEqual(['0', '1']);
    expect(names(await read(first.NextShardIterator ?? ''))).toEqual(['2', '3', '4']);
    const sequence = first.Records[1].dynamodb.SequenceNumber;
    expect(names(await read(await iterator('AT_SEQUENCE_NUMBER', sequence)))).toEqual(['1', '2', '3', '4']);
    expect(names(await read(await iterator('AFTER_SEQUENCE_NUMBER', sequence)))).toEqual(['2', '3', '4']);
    const latest = await iterator('LATEST');
    expect(names(await read(latest))).toEqual([]);
    await put(cloud, { pk: { S: 'late' } });
    expect(names(await read(latest))).toEqual(['late']);
    await cloud.wait(901);
    await fails(cloud, 'GetRecords', { ShardIterator: latest }, 'ExpiredIteratorException', 'Iterator expired');
    await call(cloud, 'UpdateTable', { TableName: T, StreamSpecification: { StreamEnabled: false } });
    const closed = await read(await iterator('TRIM_HORIZON'));
    expect([names(closed).length, closed.NextShardIterator]).toEqual([6, undefined]);
    expect((await call(cloud, 'DescribeStream', { StreamArn })).StreamDescription).toMatchObject({
      StreamStatus: 'DISABLED',
      Shards: [{ SequenceNumberRange: { EndingSequenceNumber: expect.any(String) as string } }],
    });
    await cloud.wait(24 * 3_600);
    const gone = await ask(cloud, 'DescribeStream', { StreamArn });
    expect(gone.body.__type).toBe('com.amazonaws.dynamodb.v20120810#ResourceNotFoundException');
  },
});
