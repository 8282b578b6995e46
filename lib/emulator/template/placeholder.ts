import { formatArn } from '../api';
import type { Cloud } from './cloud';
import type { ResourceReport } from './report';

/** Types whose `Ref` is an ARN: what refers to such a resource would refuse anything else. */
const refIsArn = new Set([
  'AWS::CloudFormation::Stack',
  'AWS::ECS::Service',
  'AWS::ECS::TaskDefinition',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Version',
  'AWS::SecretsManager::Secret',
  'AWS::SNS::Topic',
  'AWS::StepFunctions::StateMachine',
]);

/** What `Ref` gives for a resource that the emulator cannot create, so that references to it have a value. */
export function placeholderRef(type: string, name: string, cloud: Cloud): string {
  return refIsArn.has(type) ? arn(type, name, cloud) : name;
}

/** What `Fn::GetAtt` gives for such a resource: an ARN where the attribute's name promises one. */
export function placeholderAttribute(resource: ResourceReport, attribute: string, cloud: Cloud): string {
  const { type, physicalId } = resource;
  if (!/arn$/i.test(attribute)) return `${physicalId}.${attribute}`;
  return physicalId.startsWith('arn:') ? physicalId : arn(type, physicalId, cloud);
}

function arn(type: string, name: string, cloud: Cloud): string {
  const [, service = 'custom'] = type.split('::');
  return formatArn(service.toLowerCase(), cloud.region, cloud.account, name);
}
