import { formatArn } from '../core';
import type { DeploymentContext } from './provider/deployment-context';
import type { ResourceReport } from './provider/report';

/** Types whose `Ref` is an ARN: what refers to such a resource would refuse anything else. */
const refIsArn = new Set([
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::AutoScaling::ScalingPolicy',
  'AWS::Batch::ComputeEnvironment',
  'AWS::Batch::JobDefinition',
  'AWS::Batch::JobQueue',
  'AWS::CertificateManager::Certificate',
  'AWS::CloudFormation::Stack',
  'AWS::ECS::Service',
  'AWS::ECS::TaskDefinition',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::Lambda::Alias',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Version',
  'AWS::SecretsManager::Secret',
  'AWS::SecretsManager::SecretTargetAttachment',
  'AWS::StepFunctions::StateMachine',
]);

/** What ARNs call a service that templates call otherwise. */
const SERVICES: Readonly<Record<string, string>> = {
  ApiGatewayV2: 'apigateway',
  ApplicationAutoScaling: 'autoscaling',
  CertificateManager: 'acm',
  Cognito: 'cognito-idp',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
  KinesisFirehose: 'firehose',
  StepFunctions: 'states',
};

/** What `Ref` gives for a resource that the emulator cannot create, so that references to it have a value. */
export function placeholderRef(type: string, name: string, context: DeploymentContext): string {
  return refIsArn.has(type) ? arn(type, name, context) : name;
}

/** What `Fn::GetAtt` gives for such a resource: an ARN where the attribute's name promises one. */
export function placeholderAttribute(resource: ResourceReport, attribute: string, context: DeploymentContext): string {
  const { type, physicalId } = resource;
  if (!/arn$/i.test(attribute)) return `${physicalId}.${attribute}`;
  return physicalId.startsWith('arn:') ? physicalId : arn(type, physicalId, context);
}

function arn(type: string, name: string, context: DeploymentContext): string {
  const [, part = 'custom', kind] = type.split('::');
  const service = SERVICES[part] ?? part.toLowerCase();
  // By this an alarm knows that its action scales something.
  const resource = kind === 'ScalingPolicy' ? `scalingPolicy:${name}` : name;
  return formatArn(service, context.region, context.account, resource);
}
