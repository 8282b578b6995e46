import { deploy, type DeployOptions, type Json, type JsonObject } from '../../../lib/emulator/cloudformation';
import { ACCOUNT, assemblyOf, bareCloud, deployTemplate, REGION, ssmInTest } from './support';

/** A template with a VPC to refer to, and whatever else is given. */
const around = (sections: JsonObject): JsonObject => ({
  Resources: { Net: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.1.0.0/16' } } },
  ...sections,
});

/** The value of an expression, as an output tells it. */
async function valueOf(expression: Json, sections: JsonObject = {}, options: DeployOptions = {}): Promise<string> {
  const report = await deployTemplate(
    around({ Outputs: { Out: { Value: expression } }, ...sections }),
    bareCloud(),
    options,
  );
  return report.outputs.Out;
}

const joined = (list: Json): JsonObject => ({ 'Fn::Join': ['|', list] });

describe('intrinsic functions', () => {
  test.each<[string, Json, string]>([
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, REGION],
    ['Ref of the account', { Ref: 'AWS::AccountId' }, ACCOUNT],
    ['Ref of the partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['Ref of the suffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['Ref of the stack', { Ref: 'AWS::StackName' }, 'Test'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Net', 'CidrBlock'] }, '10.1.0.0/16'],
    ['GetAtt as a text', { 'Fn::GetAtt': 'Net.CidrBlock' }, '10.1.0.0/16'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::StackName' }, 3]] }, 'a-Test-3'],
    ['Sub', { 'Fn::Sub': '${AWS::StackName} ${Net.CidrBlock} ${!Literal}' }, 'Test 10.1.0.0/16 ${Literal}'],
    [
      'Sub with variables',
      { 'Fn::Sub': ['${a}-${AWS::Region}', { a: { 'Fn::Join': ['', ['x', 'y']] } }] },
      'xy-eu-west-1',
    ],
    ['Select and Split', { 'Fn::Select': ['1', { 'Fn::Split': [',', 'a,b,c'] }] }, 'b'],
    ['Base64', { 'Fn::Base64': 'hé' }, Buffer.from('hé').toString('base64')],
    ['GetAZs here', joined({ 'Fn::GetAZs': '' }), 'eu-west-1a|eu-west-1b|eu-west-1c'],
    ['GetAZs elsewhere', { 'Fn::Select': [0, { 'Fn::GetAZs': 'us-east-1' }] }, 'us-east-1a'],
    [
      'Cidr',
      joined({ 'Fn::Cidr': [{ 'Fn::GetAtt': ['Net', 'CidrBlock'] }, 3, 8] }),
      '10.1.0.0/24|10.1.1.0/24|10.1.2.0/24',
    ],
    ['Cidr of IPv6', joined({ 'Fn::Cidr': ['2001:db8::/56', 2, 64] }), '2001:db8::/64|2001:db8:0:1::/64'],
    ['Length', { 'Fn::Length': { 'Fn::Split': [',', 'a,b,c'] } }, '3'],
    ['ToJsonString', { 'Fn::ToJsonString': { region: { Ref: 'AWS::Region' } } }, '{"region":"eu-west-1"}'],
    ['NoValue in a list', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a-b'],
  ])('%s', async (_, expression, expected) => {
    expect(await valueOf(expression)).toBe(expected);
  });

  test('FindInMap, and its default', async () => {
    const sections = { Mappings: { Sizes: { 'eu-west-1': { small: 't3.micro' } } } };
    expect(await valueOf({ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, sections)).toBe('t3.micro');
    const otherwise = { 'Fn::FindInMap': ['Sizes', 'mars-1', 'small', { DefaultValue: 'none' }] };
    expect(await valueOf(otherwise, sections)).toBe('none');
    await expect(valueOf({ 'Fn::FindInMap': ['Sizes', 'mars-1', 'small'] }, sections)).rejects.toThrow(
      'Test: Outputs.Out.Value.Fn::FindInMap: there is no Sizes.mars-1.small in Mappings',
    );
  });

  test('conditions: And, Or, Not, Equals, If, one on another', async () => {
    const Parameters = { Stage: { Type: 'String', Default: 'prod' } };
    const Conditions: JsonObject = {
      Prod: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
      Here: { 'Fn::Or': [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'mars-1'] }, { Condition: 'Prod' }] },
      Both: { 'Fn::And': [{ Condition: 'Prod' }, { Condition: 'Here' }] },
      Not: { 'Fn::Not': [{ Condition: 'Both' }] },
    };
    const pick = { 'Fn::If': ['Both', { 'Fn::If': ['Not', 'inner', 'both'] }, 'neither'] };
    expect(await valueOf(pick, { Parameters, Conditions })).toBe('both');
    expect(await valueOf(pick, { Parameters, Conditions }, { parameters: { Stage: 'dev' } })).toBe('neither');
  });

  test('conditions take out resources, outputs and properties, and what only they referred to', async () => {
    const report = await deployTemplate({
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        Off: { Type: 'AWS::SSM::Parameter', Condition: 'Never', Properties: { Type: 'String', Value: 'x' } },
        On: {
          Type: 'AWS::SSM::Parameter',
          Properties: {
            Type: 'String',
            Value: { 'Fn::If': ['Never', { Ref: 'Off' }, 'plain'] },
            Description: { 'Fn::If': ['Never', 'text', { Ref: 'AWS::NoValue' }] },
          },
        },
      },
      Outputs: { Gone: { Condition: 'Never', Value: { Ref: 'Off' } } },
    });
    expect(report.resources.map(({ logicalId }) => logicalId)).toEqual(['On']);
    expect(report.resources[0].properties.map(({ name }) => name)).toEqual(['Type', 'Value']);
    expect(report.outputs).toEqual({});
  });

  test.each<[string, Json, string]>([
    [
      'an unknown function',
      { 'Fn::Join': ['', [{ 'Fn::Magic': 1 }]] },
      'Outputs.Out.Value.Fn::Join.1.0: the function Fn::Magic is not supported',
    ],
    ['a macro', { 'Fn::Transform': { Name: 'AWS::Include' } }, 'the function Fn::Transform is not supported'],
    [
      'a name that nothing has',
      { Ref: 'Nobody' },
      'Outputs.Out.Value.Ref: there is no resource, parameter or pseudo parameter Nobody',
    ],
    [
      'an attribute that the type lacks',
      { 'Fn::GetAtt': ['Net', 'Colour'] },
      'Net (AWS::EC2::VPC) has no attribute Colour; it has: VpcId, CidrBlock',
    ],
    ['an index beyond the end', { 'Fn::Select': [3, ['a']] }, 'the index must be from 0 to 0, but was 3'],
    [
      'a list where a text belongs',
      { 'Fn::Split': [',', ['a']] },
      'Outputs.Out.Value.Fn::Split.1: must be a string, but was ["a"]',
    ],
    ['too few arguments', { 'Fn::Join': ['-'] }, 'Outputs.Out.Value.Fn::Join: must be a list of 2, but was ["-"]'],
    ['a condition that is missing', { 'Fn::If': ['Nope', 1, 2] }, 'there is no condition Nope; there are: none'],
    ['blocks that do not fit', { 'Fn::Cidr': ['10.0.0.0/24', 2, 8] }, '2 blocks of /24 do not fit 10.0.0.0/24'],
    ['an export that is missing', { 'Fn::ImportValue': 'nope' }, 'no stack that is deployed exports nope'],
  ])('refuses %s', async (_, expression, problem) => {
    await expect(valueOf(expression)).rejects.toThrow(problem);
  });

  test('names a condition that depends on itself', async () => {
    const Conditions = { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { 'Fn::Not': [{ Condition: 'A' }] } };
    await expect(valueOf({ 'Fn::If': ['A', 1, 2] }, { Conditions })).rejects.toThrow('A -> B -> A');
  });
});

describe('parameters', () => {
  const withParameter = (parameter: JsonObject): JsonObject => ({ Parameters: { P: parameter } });
  const out = (parameter: JsonObject, given?: string): Promise<string> =>
    valueOf({ Ref: 'P' }, withParameter(parameter), given === undefined ? {} : { parameters: { P: given } });

  test('take their defaults, and what is given', async () => {
    expect(await out({ Type: 'Number', Default: 5 })).toBe('5');
    expect(await out({ Type: 'String', Default: 'a' }, 'b')).toBe('b');
    const list = joined({ Ref: 'P' });
    expect(await valueOf(list, withParameter({ Type: 'CommaDelimitedList', Default: 'a, b' }))).toBe('a|b');
  });

  test('resolve from the Parameter Store: stored, bootstrap version, public images (stable)', async () => {
    const ssm = ssmInTest();
    ssm.putParameter({ Name: '/my/name', Value: 'stored', Type: 'String' }, bareCloud().call);
    const template = around({
      Parameters: {
        Own: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/my/name' },
        Bootstrap: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
        Image: {
          Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
          Default: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64',
        },
      },
      Outputs: {
        All: { Value: { 'Fn::Join': [' ', [{ Ref: 'Own' }, { Ref: 'Bootstrap' }, { Ref: 'Image' }]] } },
        Dynamic: { Value: { 'Fn::Sub': '${AWS::Region}' } },
      },
    });
    const first = await deployTemplate(template, bareCloud({ services: { ssm } }));
    const second = await deployTemplate(template, bareCloud({ services: { ssm } }));
    expect(first.outputs.All).toMatch(/^stored \d+ ami-[0-9a-f]{17}$/);
    expect(second.outputs).toEqual(first.outputs);
  });

  test.each<[string, JsonObject, string | undefined, string]>([
    ['nothing', { Type: 'String' }, undefined, 'it has no default, and no value was given'],
    ['a value out of the set', { Type: 'String', AllowedValues: ['a', 'b'] }, 'c', 'must be one of a, b, but was "c"'],
    ['no number', { Type: 'Number' }, 'many', 'must be a number, but was "many"'],
    ['a number too large', { Type: 'Number', MaxValue: 10 }, '11', 'must be at most 10, but was "11"'],
    [
      'a text too short',
      { Type: 'String', MinLength: 3, ConstraintDescription: 'a name' },
      'ab',
      'at least 3 characters long, but was "ab" (a name)',
    ],
    [
      'a text of another form',
      { Type: 'String', AllowedPattern: '[a-z]+' },
      'A1',
      'must be a match of [a-z]+, but was "A1"',
    ],
    [
      'an SSM parameter that is missing',
      { Type: 'AWS::SSM::Parameter::Value<String>' },
      '/x',
      'the Parameter Store has no parameter /x',
    ],
    ['an unknown type', { Type: 'Text' }, 'x', 'the type Text is unknown'],
  ])('refuse %s', async (_, parameter, given, problem) => {
    await expect(out(parameter, given)).rejects.toThrow('Test: Parameters.P: ');
    await expect(out(parameter, given)).rejects.toThrow(problem);
  });

  test('refuse one that the template does not have', async () => {
    await expect(valueOf('x', {}, { parameters: { Nope: '1' } })).rejects.toThrow('there is no parameter Nope');
  });

  test('rules hold, or the stack is refused with their description', async () => {
    const Rules = {
      Region: {
        Assertions: [
          {
            Assert: { 'Fn::Contains': [['us-east-1'], { Ref: 'AWS::Region' }] },
            AssertDescription: 'Only in us-east-1',
          },
        ],
      },
    };
    await expect(valueOf('x', { Rules })).rejects.toThrow('Test: Rules.Region: Only in us-east-1');
  });
});

describe('across stacks', () => {
  const producer = around({
    Outputs: { Id: { Value: { Ref: 'Net' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Id' } } } },
  });

  test('ImportValue and GetStackOutput give what an earlier stack exported or put out', async () => {
    const consumer = around({
      Outputs: {
        Imported: { Value: { 'Fn::ImportValue': 'Producer:Id' } },
        Weak: { Value: { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'Id' } } },
        Far: { Value: { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'Id', Region: REGION } } },
      },
    });
    const rival = around({ Outputs: { Id: { Value: 'x', Export: { Name: 'Producer:Id' } } } });
    const [first, second, third] = assemblyOf({ Producer: producer, Consumer: consumer, Rival: rival }).stacks;
    const cloud = bareCloud();
    const { Id } = (await deploy(first, cloud)).outputs;
    expect((await deploy(second, cloud)).outputs).toEqual({ Imported: Id, Weak: Id, Far: Id });
    await expect(deploy(third, cloud)).rejects.toThrow(
      'Rival: Export with name Producer:Id is already exported by stack Producer',
    );
  });

  test('GetStackOutput of an output that is missing is refused', async () => {
    const expression = { 'Fn::GetStackOutput': { StackName: 'Producer', OutputName: 'Nope' } };
    await expect(valueOf(expression)).rejects.toThrow('no stack Producer that is deployed has an output Nope');
  });
});
