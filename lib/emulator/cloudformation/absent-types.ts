/** What goes missing without resources of a type, by how the type's name begins: the longest that fits. */
const NOTES: readonly (readonly [prefix: string, note: string])[] = [
  ['AWS::AmazonMQ::Broker', 'there are no message brokers'],
  ['AWS::ApiGateway', 'there are no HTTP endpoints of an API'],
  ['AWS::AppSync::', 'there are no HTTP endpoints of an API'],
  ['AWS::ApplicationAutoScaling::', 'only EC2 Auto Scaling groups scale'],
  ['AWS::Batch::', 'containers are not run'],
  ['AWS::CloudFormation::CustomResource', 'custom resources are not run: what its function would do is not done'],
  ['AWS::CloudFormation::Macro', 'macros are not run'],
  ['AWS::CodeBuild::Project', 'no builds run'],
  ['AWS::CodePipeline::Pipeline', 'no pipelines run'],
  ['AWS::DocDB::DBCluster', 'there are no databases'],
  ['AWS::EC2::Instance', 'only instances of Auto Scaling groups run'],
  ['AWS::ECS::', 'containers are not run'],
  ['AWS::ElastiCache::', 'there are no caches'],
  ['AWS::Events::ApiDestination', 'events are not sent to HTTP endpoints'],
  ['AWS::Events::Connection', 'events are not sent to HTTP endpoints'],
  ['AWS::Events::Endpoint', 'events are put on the buses of one Region'],
  ['AWS::IoT::TopicRule', 'there are no devices, and no rules for their messages'],
  ['AWS::KinesisFirehose::', 'there are no delivery streams'],
  ['AWS::Lambda::Url', 'functions have no HTTP endpoints'],
  ['AWS::MSK::', 'there are no Kafka clusters'],
  ['AWS::OpenSearchService::Domain', 'there are no search domains'],
  ['AWS::Pipes::', 'nothing is moved by a pipe'],
  ['AWS::RDS::DBCluster', 'there are no databases'],
  ['AWS::RDS::DBInstance', 'there are no databases'],
  ['AWS::S3::', 'access points, Storage Lens and the like are not emulated'],
  ['AWS::SES::', 'no mail is sent or received'],
  ['AWS::StepFunctions::', 'no state machine runs'],
  ['Custom::', 'custom resources are not run: what its function would do is not done'],
];

/** Policies, names and logs of such types, without which a stack behaves the same. */
const HARMLESS = new Set([
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::BasePathMapping',
  'AWS::ApiGateway::ClientCertificate',
  'AWS::ApiGateway::DomainName',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ElastiCache::ParameterGroup',
  'AWS::ElastiCache::SubnetGroup',
  'AWS::Kinesis::ResourcePolicy',
  'AWS::MSK::ClusterPolicy',
  'AWS::RDS::DBClusterParameterGroup',
  'AWS::S3::BucketPolicy',
]);

/** What goes missing without a resource of a type that no service defines; undefined if nothing does. */
export function absentTypeNote(type: string): string | undefined {
  return HARMLESS.has(type) ? undefined : NOTES.find(([prefix]) => type.startsWith(prefix))?.[1];
}
