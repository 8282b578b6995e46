import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as sdk from '@aws-sdk/client-secrets-manager';
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, SecretValue, Stack } from 'aws-cdk-lib/core';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { LocalCloud } from '../../../../lib/testing';
import { ACCOUNT, contract, type ContractCloud, expectRefused, REGION } from '../../../support/contract-cloud';

const DAY = 86_400_000;
const notFound = (what = 'secret.') => ({
  name: 'ResourceNotFoundException',
  message: `Secrets Manager can't find the specified ${what}`,
});
const invalidRequest = (message?: string | RegExp) => ({ name: 'InvalidRequestException', message });
const invalidParameter = (message?: string | RegExp) => ({ name: 'InvalidParameterException', message });
const token = (character: string) => character.repeat(32);

/** A client's calls, by their shortest names. */
function secretsOf(cloud: ContractCloud) {
  const client = cloud.client(sdk.SecretsManagerClient);
  return {
    client,
    create: (Name: string, SecretString?: string, more: Partial<sdk.CreateSecretCommandInput> = {}) =>
      client.send(new sdk.CreateSecretCommand({ Name, SecretString, ...more })),
    put: (SecretId: string, SecretString: string, more: Partial<sdk.PutSecretValueCommandInput> = {}) =>
      client.send(new sdk.PutSecretValueCommand({ SecretId, SecretString, ...more })),
    get: (SecretId: string, more: Partial<sdk.GetSecretValueCommandInput> = {}) =>
      client.send(new sdk.GetSecretValueCommand({ SecretId, ...more })),
    describe: (SecretId: string) => client.send(new sdk.DescribeSecretCommand({ SecretId })),
  };
}

contract('§22.1 secrets', {
  'a secret is created, and found by its name and ARNs': async (cloud) => {
    const { create, get, describe } = secretsOf(cloud);
    const { ARN = '', VersionId } = await create('app/db', '{"user":"a"}', {
      Description: 'for the database',
      Tags: [{ Key: 'team', Value: 'orders' }],
    });
    expect(ARN).toMatch(new RegExp(`^arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:app/db-[A-Za-z0-9]{6}$`));
    for (const id of ['app/db', ARN, ARN.slice(0, -7)]) {
      expect(await get(id)).toMatchObject({
        ARN,
        Name: 'app/db',
        SecretString: '{"user":"a"}',
        VersionId,
        VersionStages: ['AWSCURRENT'],
        CreatedDate: new Date(cloud.now),
      });
    }
    expect(await describe('app/db')).toMatchObject({
      Description: 'for the database',
      Tags: [{ Key: 'team', Value: 'orders' }],
      VersionIdsToStages: { [VersionId ?? '']: ['AWSCURRENT'] },
      LastAccessedDate: new Date(Math.floor(cloud.now / DAY) * DAY),
    });
    await expectRefused(create('app/db', 'x'), {
      name: 'ResourceExistsException',
      message: 'The operation failed because the secret app/db already exists.',
    });
    await expectRefused(get('none'), notFound());
  },
  'a repeated creation with the same token is one': async (cloud) => {
    const { create } = secretsOf(cloud);
    const one = await create('s', 'v', { ClientRequestToken: token('a') });
    expect(await create('s', 'v', { ClientRequestToken: token('a') })).toMatchObject({
      ARN: one.ARN,
      VersionId: token('a'),
    });
    await expectRefused(create('s', 'w', { ClientRequestToken: token('a') }), { name: 'ResourceExistsException' });
    await expectRefused(
      create('t', 'v', { ClientRequestToken: 'short' }),
      invalidParameter('ClientRequestToken must be 32-64 characters long.'),
    );
  },
  'names and values are checked, at their boundary': async (cloud) => {
    const { client, create, get, put } = secretsOf(cloud);
    await create('n'.repeat(512), 'x'.repeat(65_536));
    await expectRefused(create('n'.repeat(513), 'x'), { name: 'ValidationException' });
    const invalidName =
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!';
    await expectRefused(create('a b', 'x'), { name: 'ValidationException', message: invalidName });
    await expectRefused(create('big', 'x'.repeat(65_537)), { name: 'ValidationException' });
    await expectRefused(create('both', 'x', { SecretBinary: Buffer.from('x') }), invalidParameter());
    await create('empty');
    await expectRefused(get('empty'), notFound('secret value for staging label: AWSCURRENT'));
    await expectRefused(
      put('empty', undefined as never),
      invalidRequest('You must provide either SecretString or SecretBinary.'),
    );
    await client.send(new sdk.PutSecretValueCommand({ SecretId: 'empty', SecretBinary: Buffer.from([0, 255]) }));
    expect(Buffer.from((await get('empty')).SecretBinary ?? [])).toEqual(Buffer.from([0, 255]));
  },
  'a value is encrypted with the key that the secret names': async (cloud) => {
    const { create, get } = secretsOf(cloud);
    const kms = cloud.client(KMSClient);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KmsKeyId = KeyMetadata?.KeyId;
    await create('s', 'x'.repeat(10_000), { KmsKeyId });
    expect((await get('s')).SecretString).toHaveLength(10_000);
    await kms.send(new DisableKeyCommand({ KeyId: KmsKeyId }));
    await expectRefused(get('s'), { name: 'DisabledException' });
    await expectRefused(create('t', 'x', { KmsKeyId }), { name: 'EncryptionFailure' });
    await expectRefused(get('t'), notFound());
  },
  'several at once, by id or by filter, and a list in pages': async (cloud) => {
    const { client, create } = secretsOf(cloud);
    for (const name of ['a/one', 'a/two', 'b/one']) {
      await create(name, name, { Description: `Number ${name.slice(2)}`, Tags: [{ Key: 'app', Value: name[0] }] });
      await cloud.advance(1_000);
    }
    const batch = await client.send(new sdk.BatchGetSecretValueCommand({ SecretIdList: ['a/one', 'none'] }));
    expect(batch).toMatchObject({
      SecretValues: [{ SecretString: 'a/one' }],
      Errors: [{ SecretId: 'none', ErrorCode: 'ResourceNotFoundException' }],
    });
    const byFilter = await client.send(
      new sdk.BatchGetSecretValueCommand({ Filters: [{ Key: 'tag-value', Values: ['b'] }] }),
    );
    expect(byFilter.SecretValues).toMatchObject([{ SecretString: 'b/one' }]);
    const names = async (input: sdk.ListSecretsCommandInput) =>
      (await client.send(new sdk.ListSecretsCommand(input))).SecretList?.map(({ Name }) => Name);
    expect(await names({})).toEqual(['b/one', 'a/two', 'a/one']);
    expect(await names({ SortBy: 'name', SortOrder: 'asc', MaxResults: 2 })).toEqual(['a/one', 'a/two']);
    expect(
      await names({
        Filters: [
          { Key: 'name', Values: ['a/'] },
          { Key: 'description', Values: ['TWO'] },
        ],
      }),
    ).toEqual(['a/two']);
    expect(await names({ Filters: [{ Key: 'name', Values: ['!a/'] }] })).toEqual(['b/one']);
    await expectRefused(client.send(new sdk.ListSecretsCommand({ NextToken: 'x' })), {
      name: 'InvalidNextTokenException',
    });
    await expectRefused(client.send(new sdk.BatchGetSecretValueCommand({})), invalidParameter());
  },
  'policies and tags are kept': async (cloud) => {
    const { client, create } = secretsOf(cloud);
    await create('s', 'v');
    const policy = (ResourcePolicy: string) =>
      client.send(new sdk.PutResourcePolicyCommand({ SecretId: 's', ResourcePolicy }));
    const text = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'secretsmanager:GetSecretValue', Resource: '*' },
      ],
    });
    await policy(text);
    await expectRefused(policy('{'), { name: 'MalformedPolicyDocumentException' });
    expect(await client.send(new sdk.GetResourcePolicyCommand({ SecretId: 's' }))).toMatchObject({
      ResourcePolicy: text,
    });
    await client.send(new sdk.DeleteResourcePolicyCommand({ SecretId: 's' }));
    expect((await client.send(new sdk.GetResourcePolicyCommand({ SecretId: 's' }))).ResourcePolicy).toBeUndefined();
    await client.send(
      new sdk.TagResourceCommand({
        SecretId: 's',
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await client.send(new sdk.UntagResourceCommand({ SecretId: 's', TagKeys: ['a'] }));
    expect((await client.send(new sdk.DescribeSecretCommand({ SecretId: 's' }))).Tags).toEqual([
      { Key: 'b', Value: '2' },
    ]);
    const fifty = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    await expectRefused(client.send(new sdk.TagResourceCommand({ SecretId: 's', Tags: fifty })), invalidParameter());
  },
});

contract('§22.2 versions and stages', {
  'the current and the previous version': async (cloud) => {
    const { client, create, put, get, describe } = secretsOf(cloud);
    await create('s', 'one', { ClientRequestToken: token('1') });
    await put('s', 'two', { ClientRequestToken: token('2') });
    expect(await get('s', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({
      SecretString: 'one',
      VersionId: token('1'),
    });
    await put('s', 'two', { ClientRequestToken: token('2') });
    await put('s', 'three', { ClientRequestToken: token('3') });
    expect((await describe('s')).VersionIdsToStages).toEqual({
      [token('2')]: ['AWSPREVIOUS'],
      [token('3')]: ['AWSCURRENT'],
    });
    expect(await get('s', { VersionId: token('1') })).toMatchObject({ SecretString: 'one', VersionStages: [] });
    await expectRefused(get('s', { VersionId: token('9') }), notFound(`secret value for VersionId: ${token('9')}`));
    await expectRefused(get('s', { VersionId: token('1'), VersionStage: 'AWSCURRENT' }), invalidRequest());
    const listed = async (IncludeDeprecated: boolean) =>
      (await client.send(new sdk.ListSecretVersionIdsCommand({ SecretId: 's', IncludeDeprecated }))).Versions?.length;
    expect([await listed(false), await listed(true)]).toEqual([2, 3]);
    await put('s', 'aside', { ClientRequestToken: token('4'), VersionStages: ['BLUE'] });
    expect(await get('s')).toMatchObject({ SecretString: 'three' });
    const move = (input: Partial<sdk.UpdateSecretVersionStageCommandInput>) =>
      client.send(new sdk.UpdateSecretVersionStageCommand({ SecretId: 's', VersionStage: 'AWSCURRENT', ...input }));
    await expectRefused(
      move({ MoveToVersionId: token('4') }),
      invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${token('3')}, so you must explicitly reference that version in RemoveFromVersionId.`,
      ),
    );
    await move({ MoveToVersionId: token('4'), RemoveFromVersionId: token('3') });
    expect((await describe('s')).VersionIdsToStages).toEqual({
      [token('3')]: ['AWSPREVIOUS'],
      [token('4')]: ['BLUE', 'AWSCURRENT'],
    });
  },
  'versions without a stage make room': async (cloud) => {
    const { client, create, put } = secretsOf(cloud);
    await create('s', '0');
    for (let index = 1; index < 110; index++) await put('s', String(index));
    const { Versions = [] } = await client.send(
      new sdk.ListSecretVersionIdsCommand({ SecretId: 's', IncludeDeprecated: true }),
    );
    expect(Versions).toHaveLength(100);
  },
});

contract('§22.3 deletion', {
  'a secret can be restored until its recovery window is over': async (cloud) => {
    const { client, create, get, describe } = secretsOf(cloud);
    await create('s', 'v');
    const remove = (input: Partial<sdk.DeleteSecretCommandInput> = {}) =>
      client.send(new sdk.DeleteSecretCommand({ SecretId: 's', ...input }));
    for (const days of [6, 31]) {
      await expectRefused(
        remove({ RecoveryWindowInDays: days }),
        invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).'),
      );
    }
    await expectRefused(
      remove({ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }),
      invalidParameter(/in conjunction with RecoveryWindowInDays/),
    );
    expect(await remove()).toMatchObject({ DeletionDate: new Date(cloud.now + 30 * DAY) });
    await expectRefused(
      get('s'),
      invalidRequest("You can't perform this operation on the secret because it was marked for deletion."),
    );
    await expectRefused(create('s', 'v'), invalidRequest(/already scheduled for deletion/));
    expect(await describe('s')).toMatchObject({ DeletedDate: new Date(cloud.now) });
    await client.send(new sdk.RestoreSecretCommand({ SecretId: 's' }));
    expect(await get('s')).toMatchObject({ SecretString: 'v' });
    await remove({ RecoveryWindowInDays: 7 });
    await cloud.advance(7 * DAY - 1);
    expect((await client.send(new sdk.ListSecretsCommand({ IncludePlannedDeletion: true }))).SecretList).toHaveLength(
      1,
    );
    await cloud.advance(1);
    await expectRefused(describe('s'), notFound());
    await create('s', 'again');
    await remove({ ForceDeleteWithoutRecovery: true });
    await expectRefused(get('s'), notFound());
    await remove({ ForceDeleteWithoutRecovery: true });
    await expectRefused(remove(), notFound());
  },
});

contract('§22.4 passwords', {
  'have the length and the characters that are asked for, one of each kind': async (cloud) => {
    const password = async (input: sdk.GetRandomPasswordCommandInput) =>
      (await secretsOf(cloud).client.send(new sdk.GetRandomPasswordCommand(input))).RandomPassword ?? '';
    const usual = await password({});
    expect(usual).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[!-/:-@[-`{-~]).{32}$/);
    expect(await password({})).not.toBe(usual);
    expect(await password({ PasswordLength: 4_096, ExcludePunctuation: true, ExcludeCharacters: 'aO0' })).toMatch(
      /^[b-zA-NP-Z1-9]{4096}$/,
    );
    expect(await password({ PasswordLength: 1, RequireEachIncludedType: false })).toHaveLength(1);
    await expectRefused(password({ PasswordLength: 4_097 }), invalidParameter());
    await expectRefused(password({ PasswordLength: 3 }), invalidParameter());
    const nothing = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true };
    await expectRefused(password(nothing), invalidParameter());
  },
});

const ROTATOR = `
const { SecretsManager } = require('@aws-sdk/client-secrets-manager');
const client = new SecretsManager();
exports.handler = async ({ Step, SecretId, ClientRequestToken: id }) => {
  console.log(Step);
  const { VersionIdsToStages } = await client.describeSecret({ SecretId });
  if (!VersionIdsToStages[id].includes('AWSPENDING')) throw new Error('not pending');
  if (Step === 'createSecret') {
    const { SecretString } = await client.getSecretValue({ SecretId });
    await client.putSecretValue({ SecretId, ClientRequestToken: id, SecretString: SecretString + '!', VersionStages: ['AWSPENDING'] });
  }
  if (Step === 'testSecret' && process.env.FAIL) throw new Error('wrong password');
  if (Step !== 'finishSecret') return;
  const [current] = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'));
  await client.updateSecretVersionStage({ SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: id, RemoveFromVersionId: current });
};`;

describe('§22.5 rotation, as the CDK has it', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rotator-'));
    await build({
      stdin: { contents: ROTATOR, resolveDir: __dirname },
      bundle: true,
      platform: 'node',
      outfile: join(folder, 'index.js'),
      logLevel: 'silent',
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function stackWith(environment: Record<string, string> = {}) {
    const stack = new Stack(new App(), 'Rotation');
    const rotationLambda = new LambdaFunction(stack, 'Rotator', {
      code: Code.fromAsset(folder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(30),
      environment,
    });
    const secret = new Secret(stack, 'Secret', {
      secretName: 'db',
      secretStringValue: SecretValue.unsafePlainText('x'),
    });
    secret.addRotationSchedule('Rotation', { rotationLambda, automaticallyAfter: Duration.days(10) });
    return stack;
  }

  test('a function rotates a secret when the stack is there, and then on its schedule', async () => {
    await using cloud = await LocalCloud.fromStack(stackWith());
    const client = new sdk.SecretsManagerClient(cloud.clientConfig());
    const value = async () => (await client.send(new sdk.GetSecretValueCommand({ SecretId: 'db' }))).SecretString;
    const rotated = () => cloud.timeline().events.filter(({ kind }) => kind === 'secretsmanager.rotated').length;
    await cloud.runUntil(() => rotated() === 1);
    expect(await value()).toBe('x!');
    const { RotationEnabled, NextRotationDate, LastRotatedDate } = await client.send(
      new sdk.DescribeSecretCommand({ SecretId: 'db' }),
    );
    expect(RotationEnabled).toBe(true);
    expect(NextRotationDate).toBeDefined();
    expect(LastRotatedDate).toBeDefined();
    await cloud.advance(Duration.days(10));
    await cloud.runUntil(() => rotated() === 2);
    expect(await value()).toBe('x!!');
    await client.send(new sdk.CancelRotateSecretCommand({ SecretId: 'db' }));
    await cloud.advance(Duration.days(20));
    expect(await value()).toBe('x!!');
  });

  test('a step that fails ends the rotation, and the current value stays', async () => {
    await using cloud = await LocalCloud.fromStack(stackWith({ FAIL: '1' }));
    const client = new sdk.SecretsManagerClient(cloud.clientConfig());
    const failed = () => cloud.timeline().events.filter(({ kind }) => kind === 'secretsmanager.rotation-failed');
    await cloud.runUntil(() => failed().length === 1);
    expect(failed()[0].detail).toMatchObject({
      step: 'testSecret',
      error: expect.stringContaining('wrong password') as string,
    });
    expect((await client.send(new sdk.GetSecretValueCommand({ SecretId: 'db' }))).SecretString).toBe('x');
    expect(
      (await client.send(new sdk.GetSecretValueCommand({ SecretId: 'db', VersionStage: 'AWSPENDING' }))).SecretString,
    ).toBe('x!');
  });
});

contract('§22.5 rotation by API', {
  'functions and rules are checked': async (cloud) => {
    const { client, create } = secretsOf(cloud);
    await create('s', 'v');
    const rotate = (input: Partial<sdk.RotateSecretCommandInput>) =>
      client.send(new sdk.RotateSecretCommand({ SecretId: 's', ...input }));
    await expectRefused(rotate({}), invalidRequest('No Lambda rotation function ARN is associated with this secret.'));
    const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:rotator`;
    await expectRefused(rotate({ RotationLambdaARN: arn }), invalidParameter());
    await cloud.deploy({
      Rotator: [
        'AWS::Lambda::Function',
        {
          FunctionName: 'rotator',
          Code: { ZipFile: 'exports.handler = async () => {}' },
          Handler: 'index.handler',
          Runtime: 'nodejs22.x',
          Role: `arn:aws:iam::${ACCOUNT}:role/r`,
        },
      ],
    });
    await expectRefused(rotate({ RotationLambdaARN: arn }), {
      name: 'AccessDeniedException',
      message: /cannot invoke the specified Lambda function/,
    });
    for (const RotationRules of [
      { AutomaticallyAfterDays: 0 },
      { AutomaticallyAfterDays: 1_001 },
      { ScheduleExpression: 'rate(3 hours)' },
      { ScheduleExpression: 'sometimes' },
    ]) {
      await expectRefused(rotate({ RotationLambdaARN: arn, RotationRules }), invalidParameter());
    }
    await expectRefused(client.send(new sdk.CancelRotateSecretCommand({ SecretId: 's' })), invalidRequest());
  },
});

contract('§9 secrets in templates', {
  'a generated value, dynamic references to it, updates and deletion': async (cloud) => {
    const { get, describe } = secretsOf(cloud);
    const secret = (more: object = {}): [string, Record<string, unknown>] => [
      'AWS::SecretsManager::Secret',
      {
        Name: 'db',
        Description: 'd',
        GenerateSecretString: {
          SecretStringTemplate: '{"user":"admin"}',
          GenerateStringKey: 'password',
          PasswordLength: 20,
          ExcludePunctuation: true,
        },
        ...more,
      },
    ];
    const template = (more?: object) => ({
      Secret: secret(more),
      Policy: [
        'AWS::SecretsManager::ResourcePolicy',
        {
          SecretId: { Ref: 'Secret' },
          ResourcePolicy: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:DeleteSecret', Resource: '*' }],
          },
        },
      ] as [string, Record<string, unknown>],
      Reader: [
        'AWS::SSM::Parameter',
        {
          Name: '/reader',
          Type: 'String',
          Value: {
            'Fn::Sub':
              '{{resolve:secretsmanager:${Secret}:SecretString:user}}/{{resolve:secretsmanager:db:SecretString:password:AWSCURRENT}}',
          },
        },
      ] as [string, Record<string, unknown>],
    });
    const report = await cloud.deploy(template());
    expect(report.resources.map(({ status }) => status)).toEqual(['emulated', 'emulated', 'emulated']);
    const { SecretString = '', ARN, VersionId } = await get('db');
    expect(report.resources[0].physicalId).toBe(ARN);
    const { user, password } = JSON.parse(SecretString) as { user: string; password: string };
    expect(password).toMatch(/^[A-Za-z0-9]{20}$/);
    const read = async () =>
      (await cloud.client(SSMClient).send(new GetParameterCommand({ Name: '/reader' }))).Parameter?.Value;
    expect(await read()).toBe(`${user}/${password}`);
    await cloud.deploy(template({ Description: 'other' }));
    expect(await get('db')).toMatchObject({ VersionId, SecretString });
    expect(await describe('db')).toMatchObject({ Description: 'other' });
    await cloud.deploy({ Secret: secret({ GenerateSecretString: { PasswordLength: 8 } }) });
    expect((await get('db')).SecretString).toHaveLength(8);
    await cloud.emulator.unload('Test');
    await expectRefused(get('db'), notFound());
  },
  'a reference to what is not there fails the deployment': async (cloud) => {
    const reader = (Value: string) => ({
      Reader: ['AWS::SSM::Parameter', { Type: 'String', Value }] as [string, Record<string, unknown>],
    });
    await expect(cloud.deploy(reader('{{resolve:secretsmanager:none}}'))).rejects.toThrow(/there is no secret none/);
    await expect(cloud.deploy(reader('{{resolve:ssm:/none}}'))).rejects.toThrow(
      /the Parameter Store has no parameter \/none/,
    );
  },
});

test('@aws-lambda-powertools/parameters reads parameters and secrets in a handler, unmodified', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parameters-'));
  const contents = `
    import { getParameter, getParameters } from '@aws-lambda-powertools/parameters/ssm';
    import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
    export const handler = async () => ({
      one: await getParameter('/app/one'),
      sealed: await getParameters('/app', { recursive: true }),
      secret: await getSecret('db', { transform: 'json' }),
    });`;
  await build({
    stdin: { contents, resolveDir: __dirname },
    bundle: true,
    platform: 'node',
    outfile: join(folder, 'index.js'),
    logLevel: 'silent',
  });
  const stack = new Stack(new App(), 'Parameters');
  new StringParameter(stack, 'One', { parameterName: '/app/one', stringValue: '1' });
  new StringParameter(stack, 'Two', { parameterName: '/app/deep/two', stringValue: '2' });
  new Secret(stack, 'Secret', { secretName: 'db', secretStringValue: SecretValue.unsafePlainText('{"user":"a"}') });
  new LambdaFunction(stack, 'Reader', {
    functionName: 'reader',
    code: Code.fromAsset(folder),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
    timeout: Duration.seconds(30),
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const { Payload } = await cloud.runUntil(
    new LambdaClient(cloud.clientConfig()).send(new InvokeCommand({ FunctionName: 'reader' })),
  );
  rmSync(folder, { recursive: true, force: true });
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({
    one: '1',
    sealed: { one: '1', 'deep/two': '2' },
    secret: { user: 'a' },
  });
});
