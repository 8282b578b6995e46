import type { JsonObject } from '../provider/json';

/** What the table does not say of a type. Each text has variables, which {@link KnownResource} fills in. */
export interface Exception {
  /** The most characters of a name that the template does not give. @default 64 */
  readonly longest?: number;
  /** Whether such a name is in lower case. @default false */
  readonly lowerCase?: boolean;
  /** What AWS draws as the resource's id. */
  readonly id?: string;
  readonly ref?: string;
  /** The ARN after the partition. */
  readonly arn?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

const TARGET_GROUP = 'targetgroup/{Name}/{hex:16}';

const KINDS: Readonly<Record<string, string>> = { gateway: 'gwy', network: 'net' };

function loadBalancer({ Type }: JsonObject): Exception {
  const kind = (typeof Type === 'string' ? KINDS[Type] : undefined) ?? 'app';
  return {
    longest: 32,
    arn: `elasticloadbalancing:{Region}:{Account}:loadbalancer/${kind}/{Name}/{hex:16}`,
    attributes: {
      CanonicalHostedZoneID: 'Z35SXDOTRQ7X7K',
      DNSName: '{Name}-{digits:10}.{Region}.elb.amazonaws.com',
      LoadBalancerFullName: `${kind}/{Name}/{hex:16}`,
    },
  };
}

/** What the table does not say, by type. */
export const EXCEPTIONS: Readonly<Record<string, Exception | ((properties: JsonObject) => Exception)>> = {
  'AWS::ApiGateway::Account': { ref: '{Name}' },
  'AWS::ApiGateway::Authorizer': { id: '{lower:6}' },
  'AWS::ApiGateway::Deployment': { id: '{lower:6}' },
  'AWS::ApiGateway::DomainName': {
    attributes: {
      DistributionDomainName: 'd{lower:13}.cloudfront.net',
      DistributionHostedZoneId: 'Z2FDTNDATAQYW2',
      RegionalDomainName: 'd-{lower:10}.execute-api.{Region}.amazonaws.com',
      RegionalHostedZoneId: 'Z1UJRXOUMOOFQ8',
    },
  },
  'AWS::ApiGateway::Method': { ref: '{Name}' },
  'AWS::ApiGateway::Resource': { id: '{lower:6}' },
  'AWS::ApiGateway::RestApi': { id: '{lower:10}', attributes: { RootResourceId: '{lower:10:root}' } },
  'AWS::ApiGatewayV2::Api': {
    id: '{lower:10}',
    attributes: { ApiEndpoint: 'https://{Id}.execute-api.{Region}.amazonaws.com' },
  },
  'AWS::ApplicationAutoScaling::ScalableTarget': {
    ref: '{ResourceId}|{ScalableDimension}|{ServiceNamespace}',
    arn: 'application-autoscaling:{Region}:{Account}:scalable-target/{hex:32}',
  },
  // By `scalingPolicy` an alarm knows that its action scales something.
  'AWS::ApplicationAutoScaling::ScalingPolicy': {
    ref: '{Arn}',
    arn: 'autoscaling:{Region}:{Account}:scalingPolicy:{uuid}:resource/{ServiceNamespace}/{ResourceId}:policyName/{PolicyName}',
  },
  'AWS::Batch::JobDefinition': { arn: 'batch:{Region}:{Account}:job-definition/{JobDefinitionName}:1' },
  'AWS::AppSync::GraphQLApi': {
    id: '{lower:26}',
    attributes: {
      ApiId: '{Id}',
      GraphQLUrl: 'https://{lower:26:url}.appsync-api.{Region}.amazonaws.com/graphql',
    },
  },
  'AWS::CertificateManager::Certificate': { id: '{uuid}' },
  'AWS::CloudFormation::WaitConditionHandle': {
    ref: 'https://cloudformation-waitcondition-{Region}.s3.amazonaws.com/{Name}',
  },
  'AWS::CloudFront::Distribution': { id: 'E{upper:13}', attributes: { DomainName: 'd{lower:13}.cloudfront.net' } },
  'AWS::Cognito::IdentityPool': { id: '{Region}:{uuid}' },
  'AWS::Cognito::UserPool': {
    id: '{Region}_{mixed:9}',
    attributes: {
      ProviderName: 'cognito-idp.{Region}.amazonaws.com/{Id}',
      ProviderURL: 'https://cognito-idp.{Region}.amazonaws.com/{Id}',
    },
  },
  'AWS::Cognito::UserPoolClient': { id: '{lower:26}' },
  'AWS::EC2::Instance': {
    attributes: {
      AvailabilityZone: '{Region}a',
      PrivateDnsName: 'ip-10-0-0-{octet}.ec2.internal',
      PrivateIp: '10.0.0.{octet}',
      PublicDnsName: 'ec2-198-51-100-{octet}.compute-1.amazonaws.com',
      PublicIp: '198.51.100.{octet}',
    },
  },
  'AWS::ECS::Service': { arn: 'ecs:{Region}:{Account}:service/{Cluster.last}/{ServiceName}' },
  'AWS::ECS::TaskDefinition': { arn: 'ecs:{Region}:{Account}:task-definition/{Family}:1' },
  'AWS::ElasticLoadBalancingV2::Listener': {
    arn: 'elasticloadbalancing:{Region}:{Account}:listener/{LoadBalancerArn.tail}/{hex:16}',
  },
  'AWS::ElasticLoadBalancingV2::ListenerRule': {
    arn: 'elasticloadbalancing:{Region}:{Account}:listener-rule/{ListenerArn.tail}/{hex:16}',
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancer,
  'AWS::ElasticLoadBalancingV2::TargetGroup': {
    longest: 32,
    arn: `elasticloadbalancing:{Region}:{Account}:${TARGET_GROUP}`,
    attributes: { TargetGroupFullName: TARGET_GROUP },
  },
  'AWS::Lambda::LayerVersion': { arn: 'lambda:{Region}:{Account}:layer:{LayerName}:1' },
  'AWS::Lambda::Url': {
    ref: '{Arn}',
    arn: 'lambda:{Region}:{Account}:function:{TargetFunctionArn.last}',
    attributes: { FunctionUrl: 'https://{lower:32}.lambda-url.{Region}.on.aws/' },
  },
  'AWS::MSK::Cluster': { arn: 'kafka:{Region}:{Account}:cluster/{ClusterName}/{uuid}-2' },
  'AWS::RDS::DBCluster': {
    lowerCase: true,
    attributes: { 'Endpoint.Address': '{Name}.cluster-{lower:12}.{Region}.rds.amazonaws.com', 'Endpoint.Port': '3306' },
  },
  'AWS::RDS::DBInstance': {
    lowerCase: true,
    attributes: { 'Endpoint.Address': '{Name}.{lower:12}.{Region}.rds.amazonaws.com', 'Endpoint.Port': '3306' },
  },
  'AWS::Route53::HostedZone': { id: 'Z{upper:20}' },
  'AWS::Route53::HealthCheck': { id: '{uuid}' },
  'AWS::S3::Bucket': {
    longest: 63,
    lowerCase: true,
    attributes: {
      DomainName: '{Name}.s3.amazonaws.com',
      DualStackDomainName: '{Name}.s3.dualstack.{Region}.amazonaws.com',
      RegionalDomainName: '{Name}.s3.{Region}.amazonaws.com',
      WebsiteURL: 'http://{Name}.s3-website-{Region}.amazonaws.com',
    },
  },
};
