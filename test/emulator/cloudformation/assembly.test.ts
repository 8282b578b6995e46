import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib/core';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AssemblyError, readAssembly, type Json } from '../../../lib/emulator/cloudformation';
import { emptyFolder } from './support';

/** The message of the error that reading the folder ends with. */
function problemOf(directory: string): string {
  try {
    readAssembly(directory);
  } catch (error) {
    if (error instanceof AssemblyError) return error.message;
    throw error;
  }
  return 'none';
}

function folderOf(files: Record<string, string | Json>): string {
  const directory = emptyFolder();
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return directory;
}

const manifest = (artifacts: Json): Json => ({ version: '50.0.0', artifacts });
const oneStack = manifest({ S: { type: 'aws:cloudformation:stack', properties: { templateFile: 'S.template.json' } } });

describe('readAssembly', () => {
  test('reads what the CDK synthesizes: stages, environments, dependencies first, assets, construct paths', () => {
    const code = folderOf({ 'index.js': 'exports.handler = async () => {};' });
    const app = new App({ outdir: emptyFolder() });
    const late = new Stack(app, 'AReader', { env: { account: '111111111111', region: 'us-east-2' } });
    const early = new Stack(app, 'ZWriter', { env: { account: '111111111111', region: 'us-east-2' } });
    late.addDependency(early);
    const stage = new Stage(app, 'Prod');
    const staged = new Stack(stage, 'Jobs');
    new Queue(staged, 'Queue');
    new LambdaFunction(staged, 'Worker', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromAsset(code),
    });
    new Queue(new NestedStack(staged, 'Inner'), 'Queue');

    const assembly = readAssembly(app.synth().directory);

    const names = assembly.stacks.map(({ stackName }) => stackName);
    expect([...names].sort()).toEqual(['AReader', 'Prod-Jobs', 'ZWriter']);
    expect(names.indexOf('ZWriter')).toBeLessThan(names.indexOf('AReader'));
    const [reader, jobs] = ['AReader', 'Prod-Jobs'].map((name) => assembly.stacks[names.indexOf(name)]);
    expect([reader.account, reader.region]).toEqual(['111111111111', 'us-east-2']);
    expect([jobs.account, jobs.region]).toEqual([undefined, undefined]);
    expect(jobs.id).toBe('Prod/Jobs');

    const [queueId] = Object.entries(jobs.template.resources).find(([, { type }]) => type === 'AWS::SQS::Queue') ?? [];
    expect(jobs.paths.of(queueId ?? '')).toBe('Prod/Jobs/Queue/Resource');
    const worker = Object.values(jobs.template.resources).find(({ type }) => type === 'AWS::Lambda::Function');
    const { S3Key } = worker!.properties.Code as { S3Key: string };
    const bucket = 'cdk-hnb659fds-assets-123456789012-eu-west-1';
    expect(assembly.asset(bucket, S3Key)).toMatch(/asset\.[0-9a-f]{64}$/);
    expect(assembly.asset('another-bucket', S3Key)).toBeUndefined();
    expect(assembly.asset(bucket, 'another.zip')).toBeUndefined();
  });

  test('says in one line what is wrong with the folder', () => {
    const directory = emptyFolder();
    expect(problemOf(join(directory, 'nowhere'))).toBe(`${join(directory, 'nowhere')}: there is no such folder`);
    expect(problemOf(directory)).toBe(
      `${directory}: it has no manifest.json, so it is no cloud assembly, which \`cdk synth\` writes; and no CloudFormation template`,
    );
    expect(problemOf(folderOf({ 'manifest.json': '{"a": ' }))).toMatch(/^manifest\.json: it is no JSON: [^\n]+$/);
    expect(problemOf(folderOf({ 'manifest.json': [] }))).toMatch(/^manifest\.json: artifacts must be an object/);
  });

  test.each<[string, Json, string]>([
    ['no type', { S: {} }, 'artifacts.S.type must be a string, but was nothing'],
    [
      'no template file',
      { S: { type: 'aws:cloudformation:stack' } },
      'artifacts.S.properties.templateFile must be a string, but was nothing',
    ],
    [
      'a dependency that is missing',
      { S: { type: 'x', dependencies: ['T'] } },
      'artifacts.S depends on T, which is missing',
    ],
    [
      'a circle',
      { S: { type: 'x', dependencies: ['T'] }, T: { type: 'x', dependencies: ['S'] } },
      'artifacts depend on each other: S -> T -> S',
    ],
  ])('refuses a manifest with %s', (_, artifacts, problem) => {
    expect(problemOf(folderOf({ 'manifest.json': manifest(artifacts) }))).toBe(`manifest.json: ${problem}`);
  });

  test('refuses a template that is missing, or no JSON', () => {
    expect(problemOf(folderOf({ 'manifest.json': oneStack }))).toBe('S.template.json: the file is missing');
    const malformed = folderOf({ 'manifest.json': oneStack, 'S.template.json': 'Resources:\n  Queue:' });
    expect(problemOf(malformed)).toMatch(/^S\.template\.json: it is no JSON: [^\n]+$/);
  });

  test.each<[string, Json, string]>([
    ['is no object', [], 'the template must be an object, but was []'],
    ['has an unknown section', { Resource: {} }, 'unknown section Resource; allowed: AWSTemplateFormatVersion'],
    ['has no resources', {}, 'it has no Resources'],
    ['has a resource that is no object', { Resources: { Q: 'x' } }, 'Resources.Q must be an object, but was "x"'],
    ['has a resource without a type', { Resources: { Q: {} } }, 'Resources.Q.Type must be a string, but was nothing'],
    [
      'has properties that are a list',
      { Resources: { Q: { Type: 'T', Properties: [] } } },
      'Resources.Q.Properties must be an object, but was []',
    ],
    [
      'misspells an attribute',
      { Resources: { Q: { Type: 'T', DependOn: 'R' } } },
      'Resources.Q.DependOn is no attribute of a resource',
    ],
    [
      'has an output without a value',
      { Resources: { Q: { Type: 'T' } }, Outputs: { O: {} } },
      'Outputs.O.Value is missing',
    ],
    [
      'has a parameter without a type',
      { Resources: { Q: { Type: 'T' } }, Parameters: { P: {} } },
      'Parameters.P.Type must be a string',
    ],
    [
      'needs a macro',
      { Transform: 'AWS::Serverless-2016-10-31', Resources: {} },
      'the transform AWS::Serverless-2016-10-31 runs inside AWS only',
    ],
  ])('refuses a template that %s', (_, template, problem) => {
    const text = problemOf(folderOf({ 'manifest.json': oneStack, 'S.template.json': template }));
    expect(text).toContain(`S.template.json: ${problem}`);
  });

  test('refuses an asset whose file is missing', () => {
    const directory = folderOf({
      'manifest.json': manifest({ A: { type: 'cdk:asset-manifest', properties: { file: 'S.assets.json' } } }),
      'S.assets.json': {
        files: {
          abc: {
            source: { path: 'asset.abc', packaging: 'zip' },
            destinations: { here: { bucketName: 'b-${AWS::AccountId}', objectKey: 'abc.zip' } },
          },
        },
      },
    });
    expect(problemOf(directory)).toBe('S.assets.json: the asset asset.abc is missing: run `cdk synth` again');
    mkdirSync(join(directory, 'asset.abc'));
    expect(readAssembly(directory).asset('b-123456789012', 'abc.zip')).toBe(join(directory, 'asset.abc'));
    rmSync(directory, { recursive: true });
  });
});
