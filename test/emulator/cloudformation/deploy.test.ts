import {
  deploy,
  DeployedResources,
  formatReport,
  type Json,
  type JsonObject,
  type StackReport,
} from '../../../lib/emulator/cloudformation';
import { ACCOUNT, assemblyOf, bareCloud, deployTemplate, REGION } from './support';

const parameter = (value: Json, more: JsonObject = {}): JsonObject => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value: value },
  ...more,
});
const idsOf = (report: StackReport): string[] => report.resources.map(({ logicalId }) => logicalId);

describe('order', () => {
  test('each resource comes after what it refers to or depends on, the rest as written', async () => {
    const report = await deployTemplate({
      Resources: {
        First: parameter({ 'Fn::Sub': ['${Third} ${Fourth.Value} ${local}', { local: 'x' }] }),
        Second: parameter('x', { DependsOn: ['Fifth'] }),
        Third: parameter('x'),
        Fourth: parameter({ 'Fn::GetAtt': 'Third.Value' }),
        Fifth: parameter('x'),
      },
    });
    expect(idsOf(report)).toEqual(['Third', 'Fourth', 'First', 'Fifth', 'Second']);
  });

  test('a circle is refused by name, and nothing is created', async () => {
    const cloud = bareCloud();
    const template = {
      Resources: {
        Free: { Type: 'AWS::SSM::Parameter', Properties: { Name: 'free', Type: 'String', Value: 'x' } },
        A: parameter({ Ref: 'B' }),
        B: parameter({ 'Fn::Sub': '${C}' }),
        C: parameter('x', { DependsOn: 'A' }),
      },
    };
    await expect(deployTemplate(template, cloud)).rejects.toThrow(
      'Test: Resources: they depend on each other in a circle: A -> B -> C -> A',
    );
    expect(cloud.parameter('free')).toBeUndefined();
  });

  test('DependsOn of what is missing is refused', async () => {
    const template = { Resources: { A: parameter('x', { DependsOn: 'Nope' }) } };
    await expect(deployTemplate(template)).rejects.toThrow('Test: Resources.A.DependsOn: there is no resource Nope');
  });
});

describe('property values', () => {
  test('of the wrong type are refused with resource, property, value and what was expected', async () => {
    const LaunchTemplate = { LaunchTemplateName: 'lt', Version: '1' };
    const group = (properties: JsonObject): JsonObject => ({
      Resources: {
        Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { LaunchTemplate, ...properties } },
      },
    });
    const refused = (properties: JsonObject) => expect(deployTemplate(group(properties))).rejects;
    await refused({ MinSize: 'one', MaxSize: '2' }).toThrow(
      'Test: Resources.Group.Properties.MinSize: must be a whole number, but was "one" (AWS::AutoScaling::AutoScalingGroup)',
    );
    await refused({ MinSize: '1' }).toThrow('Resources.Group.Properties.MaxSize: is missing: a whole number');
    await refused({ MinSize: 1, MaxSize: 1, AvailabilityZones: 'eu-west-1a' }).toThrow(
      'Properties.AvailabilityZones: must be a list, each a string, but was "eu-west-1a"',
    );
    const tags = [{ Key: 'k', Value: 'v', PropagateAtLaunch: 'maybe' }];
    await refused({ MinSize: 1, MaxSize: 1, Tags: tags }).toThrow(
      'Properties.Tags.0.PropagateAtLaunch: must be true or false, but was "maybe"',
    );
  });

  test('follow dynamic references; what they name must exist', async () => {
    const cloud = bareCloud();
    const report = await deployTemplate(
      {
        Resources: {
          Source: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/a/b', Type: 'String', Value: 'found' } },
          Plain: parameter({ 'Fn::Join': ['', ['<{{resolve:ssm:', { Ref: 'Source' }, ':1}}>']] }),
          Secret: parameter('{{resolve:ssm-secure:/db/password:1}}'),
        },
      },
      cloud,
    );
    const resources = new DeployedResources([report]);
    expect(resources.byLogicalId('Plain')?.attributes.Value).toBe('<found>');
    expect(resources.byLogicalId('Secret')?.properties).toContainEqual({
      name: 'Value',
      status: 'unsupported',
      note: 'cannot be resolved here: {{resolve:ssm-secure:/db/password:1}}',
    });
    await expect(deployTemplate({ Resources: { A: parameter('{{resolve:ssm:/no}}') } })).rejects.toThrow(
      'Test: Resources.A.Properties.Value: the Parameter Store has no parameter /no',
    );
    const secret = '{{resolve:secretsmanager:db:SecretString:password}}';
    await expect(deployTemplate({ Resources: { A: parameter(secret) } })).rejects.toThrow(
      'Test: Resources.A.Properties.Value: there is no secret db:SecretString:password',
    );
  });
});

describe('the report', () => {
  const role = {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  };
  const template: JsonObject = {
    Resources: {
      Steps: { Type: 'AWS::StepFunctions::StateMachine', Properties: { StateMachineName: 'steps' } },
      Role: { Type: 'AWS::IAM::Role', Properties: role, Metadata: { 'aws:cdk:path': 'Test/Role/Resource' } },
      Other: { Type: 'AWS::IAM::Role', Properties: role },
      Faces: { Type: 'Example::Faces::Collection', Metadata: { 'aws:cdk:path': 'Test/Faces/Resource' } },
      Kept: {
        Type: 'AWS::SSM::Parameter',
        UpdatePolicy: { AutoScalingRollingUpdate: {} },
        Properties: { Type: 'String', Value: { 'Fn::GetAtt': ['Faces', 'Arn'] }, Colour: 'red' },
      },
    },
    Outputs: { Steps: { Value: { Ref: 'Steps' } }, Role: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  };

  test('has a status for each resource and property; what is unsupported can still be referred to', async () => {
    const report = await deployTemplate(template);
    const resources = new DeployedResources([report]);
    expect(resources.byLogicalId('Kept')?.properties).toEqual([
      { name: 'Type', status: 'emulated' },
      { name: 'Value', status: 'emulated' },
      { name: 'Colour', status: 'unsupported' },
      { name: 'UpdatePolicy.AutoScalingRollingUpdate', status: 'unsupported' },
    ]);
    expect(resources.byLogicalId('Steps')).toMatchObject({
      status: 'unsupported',
      type: 'AWS::StepFunctions::StateMachine',
    });
    expect(report.outputs.Steps).toBe(`arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:steps`);
    expect(report.outputs.Role).toMatch(new RegExp(`^arn:aws:iam::${ACCOUNT}:role/Test-Role-[A-Z0-9]{12}$`));
    expect(resources.byLogicalId('Kept')?.attributes.Value).toMatch(/^arn:aws:faces:.*:Test-Faces-/);
  });

  test('finds resources by logical id, type, and construct path', async () => {
    const resources = new DeployedResources([await deployTemplate(template)]);
    for (const path of ['Test/Role', '/Test/Role', 'Test/Role/Resource']) {
      expect(resources.byPath(path)?.logicalId).toBe('Role');
    }
    expect(resources.byPath('Test/Nothing')).toBeUndefined();
    expect(resources.byLogicalId('Role', 'Another')).toBeUndefined();
    expect(resources.byType('AWS::IAM::Role')).toHaveLength(2);
  });

  test('reads as lines: counts, emulated, inert by type, unsupported loudly', async () => {
    expect(formatReport(await deployTemplate(template))).toBe(
      [
        'Test: 1 emulated, 2 inert, 2 unsupported',
        '    AWS::SSM::Parameter  Kept',
        '  - AWS::IAM::Role x2 (inert)',
        '  ! AWS::StepFunctions::StateMachine  Steps is not supported (no state machine runs)',
        '  ! Example::Faces::Collection  Test/Faces is not supported (the emulator has no such resources)',
        '  ! AWS::SSM::Parameter  Kept has unsupported properties: Colour, UpdatePolicy.AutoScalingRollingUpdate',
      ].join('\n'),
    );
  });

  test('strict refuses all that is unsupported at once, and creates nothing', async () => {
    const cloud = bareCloud();
    await expect(deployTemplate(template, cloud, { strict: true })).rejects.toThrow(
      'Test: strict, and the emulator does not support Steps (AWS::StepFunctions::StateMachine); ' +
        'Test/Faces (Example::Faces::Collection); ' +
        'Colour, UpdatePolicy.AutoScalingRollingUpdate of Kept (AWS::SSM::Parameter)',
    );
    expect(cloud.stacks.find('Test')).toBeUndefined();
  });

  test('is the same for the same seed, and names do not hang on the other resources', async () => {
    const first = await deployTemplate(template);
    expect(await deployTemplate(template)).toEqual(first);
    const alone = await deployTemplate({ Resources: { Role: { Type: 'AWS::IAM::Role', Properties: role } } });
    expect(alone.resources[0].physicalId).toBe(
      first.resources.find(({ logicalId }) => logicalId === 'Role')?.physicalId,
    );
  });
});

test('a parameter that one stack stores is there for the next one (SSM parameter types, references)', async () => {
  const [writer, reader] = assemblyOf({
    Writer: {
      Resources: { P: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/queue', Type: 'String', Value: 'jobs' } } },
    },
    Reader: {
      Parameters: { Queue: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/queue' } },
      Resources: { Copy: parameter({ Ref: 'Queue' }) },
      Outputs: { Queue: { Value: { 'Fn::GetAtt': ['Copy', 'Value'] } } },
    },
  }).stacks;
  const cloud = bareCloud();
  await deploy(writer, cloud);
  expect((await deploy(reader, cloud)).outputs).toEqual({ Queue: 'jobs' });
});
