import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeployedResources, readAssembly } from '../../../lib/emulator/cloudformation';
import { LocalCloud } from '../../../lib/testing';
import { deployTemplate, emptyFolder } from './support';

function folderWith(files: Record<string, string>): string {
  const folder = emptyFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const ORDERS = `
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Fifo: { Type: String, Default: false, AllowedValues: [true, false] }
Conditions:
  IsFifo: !Equals [!Ref Fifo, true]
Mappings:
  Delays: { us-east-1: { Seconds: 5 } }
Resources:
  Dead: { Type: AWS::SQS::Queue }
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: !If [IsFifo, Retain, Delete]
    Properties:
      DelaySeconds: !FindInMap [Delays, !Ref AWS::Region, Seconds]
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Dead.Arn
        maxReceiveCount: 3
      Tags: [{ Key: account, Value: '012345678901' }, { Key: bare, Value: 012345678901 }]
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Code: src/
      Handler: index.handler
      Role: !Sub arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/work
      Runtime: nodejs20.x
Outputs:
  Url: { Value: !Ref Queue }
  Joined: { Value: !Join ['-', [!Select [0, !Split [',', 'a,b']], !Base64 x]] }
`;
const CODE = { 'src/index.js': 'exports.handler = async () => "ran";' };

test('a template in YAML runs, with the code beside it', async () => {
  const folder = folderWith({ 'orders.yaml': ORDERS, ...CODE });
  await using cloud = await LocalCloud.fromAssembly(join(folder, 'orders.yaml'));
  const [{ stackName, outputs, resources }] = cloud.reports;
  expect(stackName).toBe('orders');
  expect(outputs).toMatchObject({ Url: expect.stringMatching(/orders-Queue/) as string, Joined: 'a-eA==' });
  const work = resources.find(({ logicalId }) => logicalId === 'Work');
  const client = new LambdaClient(cloud.clientConfig());
  const { Payload } = await cloud.runUntil(client.send(new InvokeCommand({ FunctionName: work?.physicalId })));
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toBe('ran');
});

test('short forms are the long ones, and a number with a leading zero is a text', () => {
  const folder = folderWith({ 'orders.yaml': ORDERS });
  const { template } = readAssembly(folder).stacks[0];
  expect(template.resources.Queue.properties).toMatchObject({
    DelaySeconds: { 'Fn::FindInMap': ['Delays', { Ref: 'AWS::Region' }, 'Seconds'] },
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
    Tags: [{ Value: '012345678901' }, { Value: '012345678901' }],
  });
  expect(template.resources.Queue.deletionPolicy).toEqual({ 'Fn::If': ['IsFifo', 'Retain', 'Delete'] });
});

test('a folder has a stack for each template, by its name', () => {
  const queue = '{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}';
  const folder = folderWith({ 'a.json': queue, 'b-stack.template.yml': ORDERS, 'package.json': '{"name":"x"}' });
  expect(readAssembly(folder).stacks.map(({ stackName }) => stackName)).toEqual(['a', 'b-stack']);
});

test.each([
  [
    'SAM',
    'Globals: { Function: { Timeout: 3 } }\nTransform: AWS::Serverless-2016-10-31\nResources: {}',
    /the transform AWS::Serverless-2016-10-31 runs inside AWS only; .* --template-stage Processed/,
  ],
  ['a macro', 'Transform: [Mine]\nResources: {}', /the transform Mine runs inside AWS only/],
  [
    'Serverless Framework',
    'service: orders\nprovider: { name: aws }\nfunctions: {}',
    /it is a file of the Serverless Framework: `serverless package` writes/,
  ],
  ['no YAML', 'Resources: [', /template\.yaml: it cannot be read: /],
])('%s is refused in one line', (_, text, problem) => {
  const folder = folderWith({ 'template.yaml': text });
  const attempt = () => readAssembly(join(folder, 'template.yaml'));
  expect(attempt).toThrow(problem);
  expect(attempt).not.toThrow(/\n/);
});

test('Fn::ForEach makes resources, properties and outputs', async () => {
  const report = await deployTemplate({
    Transform: 'AWS::LanguageExtensions',
    Parameters: { Names: { Type: 'CommaDelimitedList', Default: 'One,Two' } },
    Resources: {
      'Fn::ForEach::All': [
        'Name',
        { Ref: 'Names' },
        {
          'Parameter${Name}': {
            Type: 'AWS::SSM::Parameter',
            Properties: { Type: 'String', Value: { 'Fn::Sub': 'is ${Name}' }, Name: { Ref: 'Name' } },
          },
        },
      ],
    },
    Outputs: {
      'Fn::ForEach::All': ['N', ['a.b', 'c'], { 'Out&{N}': { Value: { 'Fn::ToJsonString': { Name: '${N}' } } } }],
    },
  });
  const resources = new DeployedResources([report]);
  expect(resources.byLogicalId('ParameterTwo')?.attributes.Value).toBe('is Two');
  expect(report.outputs).toEqual({ Outab: '{"Name":"a.b"}', Outc: '{"Name":"c"}' });
});
