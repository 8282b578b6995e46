import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DeployedResources, type JsonObject } from '../../../lib/emulator/cloudformation';
import { knownTypes } from '../../../lib/emulator/cloudformation/known-types/known-type';
import { knownProvider } from '../../../lib/emulator/cloudformation/known-types';
import { ACCOUNT, assemblyOf, bareCloud, deployTemplate, REGION } from './support';
import { Emulator, VirtualClock } from '../../../lib/emulator';

/** A cloud where no service defines any type. */
const inertCloud = () => bareCloud({ providerOf: knownProvider });

const generated = (logicalId = 'It') => `Test-${logicalId}-[A-Z0-9]{12}`;
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const HEX = '[0-9a-f]';
const UUID = `${HEX}{8}-${HEX}{4}-4${HEX}{3}-${HEX}{4}-${HEX}{12}`;
const LOAD_BALANCER = `app/shop/${HEX}{16}`;

/** A type, its properties, and the patterns of its `Ref` and attributes. */
type Row = readonly [type: string, properties: JsonObject, ref: string, attributes?: Readonly<Record<string, string>>];

const ROWS: readonly Row[] = [
  ['AWS::ApiGateway::RestApi', { Name: 'orders' }, '[a-z0-9]{10}', { RootResourceId: '[a-z0-9]{10}' }],
  ['AWS::ApiGateway::Resource', { RestApiId: 'a' }, '[a-z0-9]{6}', { ResourceId: '[a-z0-9]{6}' }],
  ['AWS::ApiGateway::Deployment', { RestApiId: 'a' }, '[a-z0-9]{6}'],
  ['AWS::ApiGateway::Stage', { RestApiId: 'a', StageName: 'prod' }, 'prod'],
  ['AWS::ApiGateway::Method', { RestApiId: 'a', HttpMethod: 'GET' }, generated()],
  ['AWS::ApiGateway::Account', {}, generated()],
  [
    'AWS::ApiGateway::DomainName',
    { DomainName: 'a.example.com' },
    'a.example.com',
    { RegionalDomainName: `d-[a-z0-9]{10}\\.execute-api\\.${REGION}\\.amazonaws\\.com` },
  ],
  ['AWS::ApiGateway::BasePathMapping', { DomainName: 'a.example.com', BasePath: 'v1' }, 'a\\.example\\.com\\|v1'],
  ['AWS::ApiGatewayV2::Api', {}, '[a-z0-9]{10}', { ApiEndpoint: `https://[a-z0-9]{10}\\.execute-api\\.${REGION}.*` }],
  [
    'AWS::ApplicationAutoScaling::ScalableTarget',
    { ResourceId: 'service/a/b', ScalableDimension: 'ecs:service:DesiredCount', ServiceNamespace: 'ecs' },
    'service/a/b\\|ecs:service:DesiredCount\\|ecs',
  ],
  [
    'AWS::ApplicationAutoScaling::ScalingPolicy',
    { PolicyName: 'p', ResourceId: 'service/a/b', ServiceNamespace: 'ecs' },
    arn('autoscaling', `scalingPolicy:${UUID}:resource/ecs/service/a/b:policyName/p`),
  ],
  ['AWS::CertificateManager::Certificate', {}, arn('acm', `certificate/${UUID}`)],
  ['AWS::CloudFront::Distribution', {}, 'E[A-Z0-9]{13}', { DomainName: 'd[a-z0-9]{13}\\.cloudfront\\.net' }],
  [
    'AWS::Cognito::UserPool',
    {},
    `${REGION}_[A-Za-z0-9]{9}`,
    { Arn: arn('cognito-idp', `userpool/${REGION}_[A-Za-z0-9]{9}`), ProviderName: `cognito-idp\\.${REGION}\\..*` },
  ],
  ['AWS::Cognito::UserPoolClient', { UserPoolId: 'p' }, '[a-z0-9]{26}'],
  ['AWS::DynamoDB::Table', { TableName: 'orders' }, 'orders', { Arn: arn('dynamodb', 'table/orders') }],
  ['AWS::EC2::Instance', {}, `i-0${HEX}{16}`, { PrivateIp: '10\\.0\\.0\\.\\d+' }],
  ['AWS::ECS::Cluster', {}, generated(), { Arn: arn('ecs', `cluster/${generated()}`) }],
  ['AWS::ECS::TaskDefinition', { Family: 'web' }, arn('ecs', 'task-definition/web:1')],
  [
    'AWS::ECS::Service',
    { Cluster: 'shop', ServiceName: 'web' },
    arn('ecs', 'service/shop/web'),
    { Name: 'web', ServiceArn: arn('ecs', 'service/shop/web') },
  ],
  [
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    { Name: 'shop' },
    arn('elasticloadbalancing', `loadbalancer/${LOAD_BALANCER}`),
    { LoadBalancerFullName: LOAD_BALANCER, DNSName: `shop-\\d{10}\\.${REGION}\\.elb\\.amazonaws\\.com` },
  ],
  [
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    { Name: 'web' },
    arn('elasticloadbalancing', `targetgroup/web/${HEX}{16}`),
    { TargetGroupFullName: `targetgroup/web/${HEX}{16}`, TargetGroupName: 'web' },
  ],
  [
    'AWS::ElasticLoadBalancingV2::Listener',
    { LoadBalancerArn: arn('elasticloadbalancing', 'loadbalancer/app/shop/50dc6c495c0c9188') },
    arn('elasticloadbalancing', `listener/app/shop/50dc6c495c0c9188/${HEX}{16}`),
  ],
  ['AWS::Kinesis::Stream', { Name: 'clicks' }, 'clicks', { Arn: arn('kinesis', 'stream/clicks') }],
  ['AWS::KinesisFirehose::DeliveryStream', {}, generated(), { Arn: arn('firehose', `deliverystream/${generated()}`) }],
  ['AWS::Lambda::LayerVersion', { LayerName: 'sdk' }, arn('lambda', 'layer:sdk:1')],
  [
    'AWS::Lambda::Url',
    { TargetFunctionArn: arn('lambda', 'function:work') },
    arn('lambda', 'function:work'),
    { FunctionUrl: `https://[a-z0-9]{32}\\.lambda-url\\.${REGION}\\.on\\.aws/` },
  ],
  ['AWS::Pipes::Pipe', { Name: 'p' }, 'p', { Arn: arn('pipes', 'pipe/p') }],
  [
    'AWS::RDS::DBInstance',
    {},
    generated().toLowerCase(),
    { 'Endpoint.Address': `test-it-.*\\.${REGION}\\.rds\\.amazonaws\\.com`, 'Endpoint.Port': '3306' },
  ],
  ['AWS::Route53::RecordSet', { Name: 'a.example.com' }, 'a\\.example\\.com'],
  ['AWS::Route53::HostedZone', {}, 'Z[A-Z0-9]{20}'],
  [
    'AWS::S3::Bucket',
    { BucketName: 'b' },
    'b',
    { Arn: 'arn:aws:s3:::b', RegionalDomainName: `b\\.s3\\.${REGION}\\..*` },
  ],
  ['AWS::S3::BucketPolicy', { Bucket: 'b' }, 'b'],
  [
    'AWS::StepFunctions::StateMachine',
    { StateMachineName: 'steps' },
    arn('states', 'stateMachine:steps'),
    { Name: 'steps', Arn: arn('states', 'stateMachine:steps') },
  ],
  ['AWS::WAFv2::WebACL', { Name: 'acl', Scope: 'REGIONAL' }, 'acl\\|[a-z0-9]{10}\\|REGIONAL'],
];

test('the table is what the specification says', () => {
  execFileSync(process.execPath, [join(__dirname, '../../../scripts/resource-types.mjs'), 'check']);
});

const rows = ROWS.map(([type, properties, ref, attributes = {}]) => ({ type, properties, ref, attributes }));

test.each(rows)('$type: Ref and attributes have the shapes that AWS gives them', async (row) => {
  const { type, properties, ref, attributes } = row;
  const report = await deployTemplate({ Resources: { It: { Type: type, Properties: properties } } }, inertCloud());
  const resource = new DeployedResources([report]).byLogicalId('It');
  expect(resource?.physicalId).toMatch(new RegExp(`^(?:${ref})$`));
  for (const [name, pattern] of Object.entries(attributes)) {
    expect([name, resource?.attributes[name]]).toEqual([name, expect.stringMatching(new RegExp(`^(?:${pattern})$`))]);
  }
});

test('every type of CloudFormation loads, and an update leaves it alone', async () => {
  const types = knownTypes();
  const Resources = Object.fromEntries(types.map((Type, index) => [`R${index}`, { Type, Properties: {} }]));
  const cloud = inertCloud();
  await deployTemplate({ Resources }, cloud);
  const report = await deployTemplate({ Resources }, cloud);
  expect(report.resources).toHaveLength(types.length);
  expect(report.resources.filter(({ action }) => action !== 'unchanged')).toEqual([]);
  for (const { physicalId, attributes, type } of report.resources) {
    const values = [physicalId, ...Object.values(attributes)].flat();
    expect([type, values.filter((value) => typeof value === 'string' && /[{}]|undefined|^$/.test(value))]).toEqual([
      type,
      [],
    ]);
  }
});

test('what the CDK writes over a placeholder evaluates', async () => {
  const select = (index: number, delimiter: string, source: JsonObject): JsonObject => ({
    'Fn::Select': [index, { 'Fn::Split': [delimiter, source] }],
  });
  const att = (id: string, name: string): JsonObject => ({ 'Fn::GetAtt': [id, name] });
  const report = await deployTemplate(
    {
      Resources: {
        Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Name: 'shop' } },
        Listener: {
          Type: 'AWS::ElasticLoadBalancingV2::Listener',
          Properties: { LoadBalancerArn: { Ref: 'Balancer' } },
        },
        Url: { Type: 'AWS::Lambda::Url', Properties: { TargetFunctionArn: 'work' } },
        Service: { Type: 'AWS::ECS::Service', Properties: { ServiceName: 'web', Cluster: 'shop' } },
        Custom: { Type: 'Custom::Thing' },
      },
      Outputs: {
        FullName: {
          Value: { 'Fn::Join': ['/', [1, 2].map((index) => select(index, '/', { Ref: 'Listener' }))] },
        },
        Host: { Value: select(2, '/', att('Url', 'FunctionUrl')) },
        Service: { Value: select(2, '/', { Ref: 'Service' }) },
        TooFar: { Value: select(9, ':', att('Custom', 'Anything')) },
        NotAList: { Value: { 'Fn::Join': [',', att('Custom', 'Anything')] } },
      },
    },
    inertCloud(),
  );
  expect(report.outputs).toMatchObject({
    FullName: 'app/shop',
    Host: expect.stringMatching(/^[a-z0-9]{32}\.lambda-url\./) as string,
    Service: 'web',
    TooFar: 'placeholder',
    NotAList: 'placeholder',
  });
});

test('an error in an expression that also uses a placeholder is refused', async () => {
  const attempt = deployTemplate({
    Resources: { Custom: { Type: 'Custom::Thing' } },
    Outputs: { Wrong: { Value: { 'Fn::Join': ['', [{ Ref: 'Custom' }, { 'Fn::Select': [3, ['a']] }]] } } },
  });
  await expect(attempt).rejects.toThrow('the index must be from 0 to 0, but was 3');
});

const SENDS: JsonObject = {
  FilterPattern: '',
  MetricTransformations: [{ MetricName: 'a', MetricNamespace: 'b', MetricValue: '1' }],
};

test.each([
  [
    'AWS::SNS::Subscription',
    {
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:t',
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:q',
    },
  ],
  ['AWS::Events::Rule', { EventBusName: 'other', EventPattern: { source: ['a'] } }],
  ['AWS::Lambda::EventInvokeConfig', { FunctionName: 'other', Qualifier: '$LATEST' }],
  ['AWS::Logs::MetricFilter', { LogGroupName: '/aws/lambda/other', ...SENDS }],
] as const)('%s of what the app does not make is reported', async (Type, Properties) => {
  const { directory } = assemblyOf({
    S: { Resources: { It: { Type, Properties: Properties as unknown as JsonObject } } },
  });
  const emulator = await Emulator.fromAssembly(directory, { clock: new VirtualClock() });
  expect(emulator.reports[0].resources).toMatchObject([
    {
      status: 'unsupported',
      note: expect.stringMatching(/^it refers to what is not here, and the app does not make: /) as string,
    },
  ]);
  await emulator.stop();
});

test('an alarm of the metrics of another account is reported', async () => {
  const Metrics = [
    {
      Id: 'm',
      AccountId: '222233334444',
      MetricStat: { Metric: { MetricName: 'X', Namespace: 'Y' }, Period: 60, Stat: 'Sum' },
    },
  ];
  const Properties = { ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Threshold: 1, Metrics };
  const { directory } = assemblyOf({ S: { Resources: { It: { Type: 'AWS::CloudWatch::Alarm', Properties } } } });
  const emulator = await Emulator.fromAssembly(directory, { clock: new VirtualClock() });
  expect(emulator.reports[0].resources).toMatchObject([
    { status: 'unsupported', note: 'its metrics are of another account' },
  ]);
  await emulator.stop();
});
