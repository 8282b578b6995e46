import {
  CreateAliasCommand,
  type CreateAliasCommandInput,
  CreateEventSourceMappingCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { arnOf, inline, LocalLambda, queueArn } from './local-lambda';
import { deflatedZip, zipOf } from './zip';

/** Tells what runs, and counts the invocations of its environment. */
const TELLS = `
let count = 0;
exports.handler = async (event, context) => {
  if (event.sleep) await new Promise((done) => setTimeout(done, event.sleep));
  const { STAGE, AWS_LAMBDA_FUNCTION_VERSION } = process.env;
  return {
    stage: STAGE, version: context.functionVersion, variable: AWS_LAMBDA_FUNCTION_VERSION,
    arn: context.invokedFunctionArn, count: ++count,
  };
};`;

const FunctionName = 'encoder';

let cloud: LocalLambda;
const deploy = async (more: Parameters<typeof LocalLambda.deploy>[0] = {}) => {
  cloud = await LocalLambda.deploy({
    Encoder: inline(FunctionName, TELLS, { Environment: { Variables: { STAGE: 'one' } } }),
    ...more,
  });
};
afterEach(() => cloud.stop());

const configure = (STAGE: string) =>
  cloud.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: { STAGE } } }));
const publish = (Description?: string) => cloud.lambda.send(new PublishVersionCommand({ FunctionName, Description }));
const alias = (input: Partial<CreateAliasCommandInput>) =>
  cloud.lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1', ...input }));
const answer = async (Qualifier?: string, name = FunctionName) =>
  (await cloud.invoke({ FunctionName: name, Qualifier })).answer;

describe('versions', () => {
  beforeEach(() => deploy());

  test('a version stays as it was published when the function changes', async () => {
    expect(await publish('first')).toMatchObject({
      FunctionArn: arnOf('function:encoder:1'),
      Version: '1',
      Description: 'first',
    });
    await configure('two');
    expect(await publish()).toMatchObject({ Version: '2', Environment: { Variables: { STAGE: 'two' } } });
    await configure('three');
    const told = (stage: string, version: string) =>
      expect.objectContaining({ stage, version, variable: version }) as unknown;
    expect(await answer('1')).toEqual(told('one', '1'));
    expect(await answer('2')).toEqual(told('two', '2'));
    expect(await answer('$LATEST')).toEqual(told('three', '$LATEST'));
    expect(await answer(undefined, arnOf('function:encoder:2'))).toEqual(told('two', '2'));
    expect(await answer(undefined, '000000000000:function:encoder:2')).toEqual(told('two', '2'));
    expect(await answer(undefined, 'encoder:2')).toMatchObject({ arn: arnOf('function:encoder:2') });
    expect(await answer()).toMatchObject({ arn: arnOf('function:encoder') });
    const { ExecutedVersion } = await cloud.invoke({ FunctionName, Qualifier: '2' });
    expect(ExecutedVersion).toBe('2');
    const { Versions = [] } = await cloud.lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions.map(({ Version, FunctionArn }) => [Version, FunctionArn])).toEqual(
      ['$LATEST', '1', '2'].map((version) => [version, arnOf(`function:encoder:${version}`)]),
    );
    const all = await cloud.lambda.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
    expect(all.Functions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
  });

  test('where nothing has changed there is no new version', async () => {
    const { RevisionId } = await publish();
    expect(await publish('again')).toMatchObject({ Version: '1', RevisionId });
    await configure('two');
    expect((await publish()).Version).toBe('2');
    await cloud.lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '2' }));
    await configure('three');
    expect((await publish()).Version).toBe('3');
    await expect(answer('2')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${arnOf('function:encoder:2')}`,
    });
  });

  test('a change starts new environments; invocations that run end in the old ones', async () => {
    expect(await answer()).toMatchObject({ count: 1 });
    const { answer: running } = await cloud.begin({ FunctionName }, { sleep: SECOND });
    await configure('two');
    expect(await answer()).toMatchObject({ stage: 'two', count: 1 });
    await cloud.clock.advance(SECOND);
    expect((await running).answer).toMatchObject({ stage: 'one', count: 2 });
    expect(await answer()).toMatchObject({ stage: 'two', count: 2 });
  });

  test('code comes as a zip archive, and nothing else', async () => {
    await publish();
    const update = (input: object) => cloud.lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ...input }));
    const ZipFile = zipOf({ 'index.js': 'exports.handler = async () => "new code";' });
    const updated = await update({ ZipFile, Publish: true });
    expect(updated).toMatchObject({ Version: '2', CodeSize: ZipFile.length });
    expect(updated.CodeSha256).toMatch(/^[\w+/]{43}=$/);
    expect([await answer(), await answer('2')]).toEqual(['new code', 'new code']);
    expect(await answer('1')).toMatchObject({ stage: 'one' });
    expect(await update({ ZipFile: zipOf({ 'index.js': '' }), DryRun: true })).toMatchObject({ Version: '$LATEST' });
    expect(await answer()).toBe('new code');
    await expect(update({ ZipFile: Buffer.from('no archive') })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Could not unzip uploaded file. Please check your file, then try to upload again.',
    });
    await expect(update({ S3Bucket: 'b', S3Key: 'k' })).rejects.toThrow(
      /^S3Bucket is not emulated for UpdateFunctionC/,
    );
    await expect(update({})).rejects.toThrow('Please provide a source for function code.');
  });

  test('code of more than 262,144,000 bytes is refused, whatever the archive says of it', async () => {
    const update = (ZipFile: Buffer) => cloud.lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    const limit = 262_144_000;
    // Says that it holds more: refused before anything is unpacked. Holds more than it says: given up at what it says.
    await expect(update(deflatedZip('big', Buffer.from('x'), limit + 1))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Unzipped size must be smaller than 262144000 bytes',
    });
    await expect(update(deflatedZip('big', Buffer.alloc(1_000_000), 1_000))).rejects.toThrow('Could not unzip');
    await expect(update(deflatedZip('big', Buffer.from('x'), limit))).rejects.toThrow('Could not unzip');
    expect(await update(deflatedZip('big', Buffer.alloc(1_000_000)))).toMatchObject({ Version: '$LATEST' });
  });

  test('validates a configuration as at creation', async () => {
    const update = (input: object) =>
      cloud.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...input }));
    expect(await update({ Timeout: 9, MemorySize: 512, Description: 'new' })).toMatchObject({
      Timeout: 9,
      MemorySize: 512,
      Description: 'new',
      Environment: { Variables: { STAGE: 'one' } },
    });
    await expect(update({ Timeout: 901 })).rejects.toThrow(/'901' at 'timeout'/);
    await expect(update({ Runtime: 'cobol85' })).rejects.toThrow(
      /^Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[.*nodejs22\.x.*\] or be a valid ARN$/,
    );
    await expect(update({ VpcConfig: {} })).rejects.toThrow('VpcConfig is not emulated: leave it out.');
    await expect(update({ RevisionId: 'old' })).rejects.toMatchObject({
      name: 'PreconditionFailedException',
      $metadata: { httpStatusCode: 412 },
    });
  });

  test.each<[string, () => Promise<unknown>, object]>([
    [
      'another code',
      () => cloud.lambda.send(new PublishVersionCommand({ FunctionName, CodeSha256: 'other' })),
      {
        name: 'InvalidParameterValueException',
        message: expect.stringMatching(
          /^CodeSHA256 \(other\) is different from current CodeSHA256 in \$LATEST \(.{44}\)\. Please try again with the CodeSHA256 in \$LATEST\.$/,
        ) as string,
      },
    ],
    [
      'another revision',
      () => cloud.lambda.send(new PublishVersionCommand({ FunctionName, RevisionId: 'other' })),
      {
        name: 'PreconditionFailedException',
        message:
          'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to ' +
          'retrieve the latest Revision Id',
      },
    ],
    [
      'two qualifiers',
      () => cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'encoder:1', Qualifier: '2' })),
      {
        name: 'InvalidParameterValueException',
        message: 'The derived qualifier from the function name does not match the specified qualifier.',
      },
    ],
    [
      'deleting $LATEST',
      () => cloud.lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '$LATEST' })),
      {
        name: 'InvalidParameterValueException',
        message: '$LATEST version cannot be deleted without deleting the function.',
      },
    ],
    [
      'another region',
      () => cloud.lambda.send(new GetFunctionCommand({ FunctionName: arnOf('function:encoder').replace('us', 'eu') })),
      {
        name: 'ResourceNotFoundException',
        message: "Functions from 'eu-east-1' are not reachable in this region ('us-east-1')",
      },
    ],
  ])('refused: %s', async (_, call, error) => {
    await expect(call()).rejects.toMatchObject(error);
  });
});

describe('aliases', () => {
  beforeEach(async () => {
    await deploy();
    await publish();
    await configure('two');
    await publish();
  });

  test('an alias is created, read, changed, listed and deleted', async () => {
    const created = await alias({ Description: 'in use', RoutingConfig: { AdditionalVersionWeights: { '2': 0.2 } } });
    expect(created).toMatchObject({
      AliasArn: arnOf('function:encoder:live'),
      Name: 'live',
      FunctionVersion: '1',
      Description: 'in use',
      RoutingConfig: { AdditionalVersionWeights: { '2': 0.2 } },
    });
    const Name = 'live';
    const { $metadata: _, ...got } = await cloud.lambda.send(new GetAliasCommand({ FunctionName, Name }));
    expect(created).toMatchObject(got);
    const { Configuration } = await cloud.lambda.send(new GetFunctionCommand({ FunctionName, Qualifier: Name }));
    expect(Configuration).toMatchObject({ FunctionArn: arnOf('function:encoder:live'), Version: '1' });
    const updated = await cloud.lambda.send(
      new UpdateAliasCommand({ FunctionName, Name, RoutingConfig: {}, RevisionId: got.RevisionId }),
    );
    expect(updated).toMatchObject({ FunctionVersion: '1', Description: 'in use' });
    expect(updated.RoutingConfig).toBeUndefined();
    await expect(
      cloud.lambda.send(new UpdateAliasCommand({ FunctionName, Name, RevisionId: got.RevisionId })),
    ).rejects.toMatchObject({ name: 'PreconditionFailedException' });
    await alias({ Name: 'beta', FunctionVersion: '2' });
    await alias({ Name: 'any', FunctionVersion: '$LATEST' });
    const names = async (FunctionVersion?: string) =>
      (await cloud.lambda.send(new ListAliasesCommand({ FunctionName, FunctionVersion }))).Aliases?.map(
        (listed) => listed.Name,
      );
    expect(await names()).toEqual(['any', 'beta', 'live']);
    expect(await names('2')).toEqual(['beta']);
    for (let times = 0; times < 2; times++) {
      await cloud.lambda.send(new DeleteAliasCommand({ FunctionName, Name: 'any' }));
    }
    expect(await names()).toEqual(['beta', 'live']);
    await expect(cloud.lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '1' }))).rejects.toMatchObject({
      name: 'ResourceConflictException',
    });
  });

  test('an alias of two versions sends each its share, by the seed', async () => {
    await alias({ RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } } });
    const start = cloud.clock.now();
    const stages: unknown[] = [];
    for (let i = 0; i < 200; i++) stages.push(((await answer('live')) as { stage: unknown }).stage);
    const second = stages.filter((stage) => stage === 'two').length;
    expect(second).toBeGreaterThan(30);
    expect(second).toBeLessThan(70);
    await cloud.clock.advance(MINUTE);
    const byAlias = { FunctionName, Resource: 'encoder:live' };
    expect(await cloud.metric('Invocations', 'Sum', byAlias, start)).toEqual([200]);
    const byVersion = { ...byAlias, ExecutedVersion: '2' };
    expect(await cloud.metric('Invocations', 'Sum', byVersion, start)).toEqual([second]);
    expect(await cloud.metric('Invocations', 'Sum', { FunctionName }, start)).toEqual([200]);
  });

  test('resolves an alias when the invocation runs', async () => {
    await alias({});
    await cloud.lambda.send(
      new InvokeCommand({ FunctionName, Qualifier: 'live', InvocationType: 'Event', Payload: Buffer.from('{}') }),
    );
    await cloud.lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '2' }));
    await cloud.clock.advance(SECOND);
    expect(cloud.of('lambda.invoked').map(({ detail }) => detail.version)).toEqual(['2']);
  });

  test.each<[string, Partial<CreateAliasCommandInput>, string, string]>([
    [
      'a number as name',
      { Name: '2024' },
      'ValidationException',
      "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: Member must satisfy regular " +
        'expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)',
    ],
    [
      'two further versions',
      { RoutingConfig: { AdditionalVersionWeights: { '1': 0.1, '2': 0.1 } } },
      'InvalidParameterValueException',
      'Number of items in AdditionalVersionWeights cannot be greater than 1',
    ],
    [
      'a weight over 1',
      { RoutingConfig: { AdditionalVersionWeights: { '2': 2 } } },
      'ValidationException',
      "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy " +
        'constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must ' +
        'have value greater than or equal to 0.0, Member must not be null]',
    ],
    [
      'the same version twice',
      { RoutingConfig: { AdditionalVersionWeights: { '1': 0.5 } } },
      'InvalidParameterValueException',
      'Invalid function version 1. Function version 1 is already included in routing configuration.',
    ],
    [
      'no such version',
      { FunctionVersion: '10' },
      'ResourceNotFoundException',
      `Function not found: ${arnOf('function:encoder:10')}`,
    ],
    [
      'no such further version',
      { RoutingConfig: { AdditionalVersionWeights: { '10': 0.5 } } },
      'ResourceNotFoundException',
      `Function not found: ${arnOf('function:encoder:10')}`,
    ],
    [
      '$LATEST and another',
      { FunctionVersion: '$LATEST', RoutingConfig: { AdditionalVersionWeights: { '2': 0.5 } } },
      'InvalidParameterValueException',
      '$LATEST is not supported for an alias pointing to more than 1 version',
    ],
    [
      '$LATEST as the other',
      { RoutingConfig: { AdditionalVersionWeights: { $LATEST: 0.5 } } },
      'ValidationException',
      "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy " +
        'constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must ' +
        'have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]',
    ],
    [
      'no such function',
      { FunctionName: 'nobody' },
      'ResourceNotFoundException',
      `Function not found: ${arnOf('function:nobody:1')}`,
    ],
  ])('refused: %s', async (_, input, name, message) => {
    await expect(alias(input)).rejects.toMatchObject({ name, message });
  });

  test('an alias that is there, or is not, is said so', async () => {
    await alias({});
    await expect(alias({})).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message: `Alias already exists: ${arnOf('function:encoder:live')}`,
    });
    const other = { FunctionName, Name: 'other' };
    await expect(cloud.lambda.send(new GetAliasCommand(other))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Cannot find alias arn: ${arnOf('function:encoder:other')}`,
    });
    await expect(cloud.lambda.send(new UpdateAliasCommand(other))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Alias not found: ${arnOf('function:encoder:other')}`,
    });
    await expect(
      cloud.lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier: 'other' })),
    ).rejects.toThrow(`Function not found: ${arnOf('function:encoder:other')}`);
  });
});

describe('from templates', () => {
  test('an alias of a version consumes a queue', async () => {
    await deploy({
      Videos: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'Videos' } },
      Version: {
        Type: 'AWS::Lambda::Version',
        Properties: { FunctionName: { Ref: 'Encoder' }, Description: 'first' },
      },
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          FunctionName: { Ref: 'Encoder' },
          FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
          Name: 'live',
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { FunctionName: { Ref: 'Live' }, EventSourceArn: { 'Fn::GetAtt': ['Videos', 'Arn'] } },
      },
    });
    await cloud.clock.advance(MINUTE);
    await cloud.send('Videos', [{ id: 1 }]);
    await cloud.clock.advance(SECOND);
    expect(cloud.of('lambda.invoked').map(({ detail }) => detail.version)).toEqual(['1']);
    const EventSourceArn = queueArn('Videos');
    const mapped = async (name: string) =>
      (await cloud.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: name }))).EventSourceMappings?.map(
        ({ FunctionArn }) => FunctionArn,
      );
    expect(await mapped('encoder:live')).toEqual([arnOf('function:encoder:live')]);
    expect(await mapped('encoder')).toEqual([]);
    const again = { FunctionName: 'encoder:live', EventSourceArn };
    await expect(cloud.lambda.send(new CreateEventSourceMappingCommand(again))).rejects.toMatchObject({
      name: 'ResourceConflictException',
    });
    await cloud.lambda.send(new CreateEventSourceMappingCommand({ ...again, FunctionName }));
    expect(await mapped('encoder')).toEqual([arnOf('function:encoder')]);
  });
});

describe('reserved concurrency', () => {
  beforeEach(() => deploy({ Other: inline('other', TELLS, { ReservedConcurrentExecutions: 500 }) }));

  const put = (ReservedConcurrentExecutions: number, name = FunctionName) =>
    cloud.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions }));
  const get = async () =>
    (await cloud.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;

  test('it is set, changed, acts at once, and is taken away', async () => {
    expect(await get()).toBeUndefined();
    expect((await put(400)).ReservedConcurrentExecutions).toBe(400);
    expect((await put(1)).ReservedConcurrentExecutions).toBe(1);
    expect(await get()).toBe(1);
    const { answer: running } = await cloud.begin({ FunctionName }, { sleep: SECOND });
    await expect(answer()).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    await cloud.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await answer()).toMatchObject({ stage: 'one' });
    await cloud.clock.advance(SECOND);
    await running;
    expect(await get()).toBeUndefined();
  });

  test('rejects excessive reservations, versions and unknown functions', async () => {
    await expect(put(401)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message:
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below " +
        'its minimum value of [100].',
    });
    await expect(put(1, arnOf('function:encoder:1'))).rejects.toThrow(
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. ' +
        'Please specify either a function name or an unqualified function ARN.',
    );
    await expect(put(1, 'nobody')).rejects.toThrow(`Function not found: ${arnOf('function:nobody:$LATEST')}`);
  });
});
