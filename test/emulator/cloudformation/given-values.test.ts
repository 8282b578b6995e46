import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { App, CfnOutput, CfnParameter, Fn, SecretValue, Stack } from 'aws-cdk-lib/core';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Emulator, type EmulatorOptions, type StackFailure, VirtualClock } from '../../../lib/emulator';
import { LocalCloud } from '../../../lib/testing';
import { assemblyOf, emptyFolder } from './support';

/** What a stack says that it read. */
function reader(app = new App(), id = 'Reader'): Stack {
  const stack = new Stack(app, id);
  const stage = new CfnParameter(stack, 'Stage');
  const values = {
    Stage: stage.valueAsString,
    Queue: StringParameter.valueForStringParameter(stack, '/orders/queue'),
    Image: StringParameter.valueForStringParameter(
      stack,
      '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
    ),
    Export: Fn.importValue('network:vpc'),
    Password: SecretValue.secretsManager('db', { jsonField: 'password' }).unsafeUnwrap(),
  };
  for (const [name, value] of Object.entries(values)) {
    if (name === 'Password') new StringParameter(stack, name, { parameterName: '/copy', stringValue: value });
    else new CfnOutput(stack, `${name}Value`, { value });
  }
  return stack;
}

const GIVEN: EmulatorOptions = {
  parameters: { 'Reader:Stage': 'prod' },
  ssm: { '/orders/queue': 'jobs' },
  secrets: { db: '{"password":"hidden"}' },
  exports: { 'network:vpc': 'vpc-1' },
};

test('a stack reads the parameters, secrets and exports that are given, and code reads them too', async () => {
  await using cloud = await LocalCloud.fromStack(reader(), GIVEN);
  const [{ outputs }] = cloud.reports;
  expect(outputs).toMatchObject({ StageValue: 'prod', QueueValue: 'jobs', ExportValue: 'vpc-1' });
  expect(outputs.ImageValue).toMatch(/^ami-[0-9a-f]{17}$/);
  const client = new SSMClient(cloud.clientConfig());
  const read = (Name: string) => cloud.runUntil(client.send(new GetParameterCommand({ Name })));
  expect((await read('/copy')).Parameter?.Value).toBe('hidden');
  expect((await read('/orders/queue')).Parameter?.Value).toBe('jobs');
  await cloud.emulator.reset();
  expect((await read('/copy')).Parameter?.Value).toBe('hidden');
});

test.each([
  ['parameters', 'give it by `--parameter Reader:Stage=value` or the option parameters'],
  ['ssm', 'give it by `--ssm /orders/queue=value` or the option ssm'],
  ['secrets', 'give it by `--secret db=value` or the option secrets'],
  ['exports', 'give it by `--export network:vpc=value` or the option exports'],
] as const)('without %s, the error says how to give them', async (option, advice) => {
  await expect(LocalCloud.fromStack(reader(), { ...GIVEN, [option]: {} })).rejects.toThrow(advice);
});

test('a secret is found by its ARN, with the suffix that AWS appends or without', async () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:db';
  const template = (reference: string) => ({
    Resources: {
      P: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Type: 'String', Value: `{{resolve:secretsmanager:${reference}}}` },
      },
    },
    Outputs: { Value: { Value: { 'Fn::GetAtt': ['P', 'Value'] } } },
  });
  const { directory } = assemblyOf({
    Suffix: template(`${arn}-AbCdEf:SecretString:password`),
    Partial: template(`${arn}:SecretString:password::`),
  });
  const emulator = await Emulator.fromAssembly(directory, {
    clock: new VirtualClock(),
    secrets: { [`${arn}-AbCdEf`]: '{"password":"hidden"}' },
  });
  expect(emulator.reports.map(({ outputs }) => outputs.Value)).toEqual(['hidden', 'hidden']);
  await emulator.stop();
});

test('a parameter that no stack has is refused, with those that there are', async () => {
  await expect(LocalCloud.fromStack(reader(), { ...GIVEN, parameters: { Stag: 'x' } })).rejects.toThrow(
    /^Stag: no stack has this parameter; parameters: Reader:Stage/,
  );
});

test('an assembly of CDK version 1 has its assets by parameters', async () => {
  const directory = emptyFolder();
  mkdirSync(join(directory, 'asset.abc'));
  writeFileSync(join(directory, 'asset.abc/index.js'), 'exports.handler = async () => "ran";');
  const key = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': ['||', { Ref: 'Key' }] }] });
  const template = {
    Parameters: { Bucket: { Type: 'String' }, Key: { Type: 'String' }, Hash: { Type: 'String' } },
    Resources: {
      Fn: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: { Ref: 'Bucket' }, S3Key: { 'Fn::Join': ['', [key(0), key(1)]] } },
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/r',
          Runtime: 'nodejs20.x',
        },
      },
    },
  };
  const asset = {
    type: 'aws:cdk:asset',
    data: {
      path: 'asset.abc',
      id: 'abc',
      packaging: 'zip',
      sourceHash: 'abc',
      s3BucketParameter: 'Bucket',
      s3KeyParameter: 'Key',
      artifactHashParameter: 'Hash',
    },
  };
  writeFileSync(join(directory, 'S.template.json'), JSON.stringify(template));
  const artifact = {
    type: 'aws:cloudformation:stack',
    environment: 'aws://unknown-account/unknown-region',
    properties: { templateFile: 'S.template.json' },
    metadata: { '/S': [asset] },
  };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '1.0.0', artifacts: { S: artifact } }));
  const emulator = await Emulator.fromAssembly(directory, { clock: new VirtualClock() });
  expect(emulator.functionCode()).toMatchObject([{ assetDirectory: join(directory, 'asset.abc') }]);
  await emulator.stop();
});

describe('the stacks of an app', () => {
  const app = () => {
    const whole = new App({ outdir: emptyFolder() });
    const [base, user, other] = ['Base', 'User', 'Other'].map((id) => new Stack(whole, id));
    new CfnOutput(base, 'Name', { value: 'base' });
    new CfnOutput(other, 'Name', { value: 'other' });
    new CfnOutput(user, 'Name', { value: 'user' });
    user.addDependency(base);
    return { whole, base };
  };
  const namesOf = (emulator: Emulator) => emulator.reports.map(({ stackName }) => stackName);

  test.each([
    [['User'], ['Base', 'User']],
    [['O*'], ['Other']],
    [['*'], ['Base', 'Other', 'User']],
  ])('%j chooses them with what they depend on: %j', async (stacks, deployed) => {
    const emulator = new Emulator({ clock: new VirtualClock() });
    await emulator.load(app().whole.synth().directory, { stacks });
    expect(namesOf(emulator).sort()).toEqual(deployed);
    await emulator.stop();
  });

  test('a name that chooses none is refused, with those that there are', async () => {
    const emulator = new Emulator({ clock: new VirtualClock() });
    const load = emulator.load(app().whole.synth().directory, { stacks: ['Usr'] });
    await expect(load).rejects.toThrow('Usr: no stack has this id or name; stacks: ');
    await emulator.stop();
  });

  test('a stack that cannot be deployed stops itself and what depends on it', async () => {
    const { whole, base } = app();
    new CfnParameter(base, 'Missing');
    const emulator = new Emulator({ clock: new VirtualClock() });
    const failures: StackFailure[] = [];
    await emulator.load(whole.synth().directory, { onFailure: (failure) => failures.push(failure) });
    expect(namesOf(emulator)).toEqual(['Other']);
    expect(failures.map(({ error }) => error.message)).toEqual([
      expect.stringContaining('Base: Parameters.Missing: it has no default'),
      'User: it depends on Base',
    ]);
    await emulator.stop();
  });
});
