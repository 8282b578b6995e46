import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';

/** What workers call, by the ids of their endpoints, which are in the VPC so that its consumers share them. */
const INTERFACES = {
  SpillwaySqsEndpoint: InterfaceVpcEndpointAwsService.SQS,
  SpillwayAutoScalingEndpoint: InterfaceVpcEndpointAwsService.AUTOSCALING,
  SpillwayEcrApiEndpoint: InterfaceVpcEndpointAwsService.ECR,
  SpillwayEcrDockerEndpoint: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  SpillwayLogsEndpoint: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  SpillwaySecretsManagerEndpoint: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
};
const S3 = 'SpillwayS3Endpoint';

type Endpoint = keyof typeof INTERFACES;

/** For instances: their queue, their group; their program and the packages of Amazon Linux are in S3. */
export const INSTANCE_ENDPOINTS: readonly Endpoint[] = ['SpillwaySqsEndpoint', 'SpillwayAutoScalingEndpoint'];

/** For tasks: their queue, their image (its layers are in S3), their logs and secrets. */
export const TASK_ENDPOINTS: readonly Endpoint[] = [
  'SpillwaySqsEndpoint',
  'SpillwayEcrApiEndpoint',
  'SpillwayEcrDockerEndpoint',
  'SpillwayLogsEndpoint',
  'SpillwaySecretsManagerEndpoint',
];

/**
 * Creates those endpoints, and the one of S3, that the VPC has not got from another consumer yet. A second interface
 * endpoint of a service would be refused: both claim its private DNS name.
 */
export function createVpcEndpoints(
  vpc: IVpc,
  subnets: SubnetSelection | undefined,
  endpoints: readonly Endpoint[],
): void {
  for (const id of endpoints) {
    if (vpc.node.tryFindChild(id) === undefined) vpc.addInterfaceEndpoint(id, { service: INTERFACES[id], subnets });
  }
  if (vpc.node.tryFindChild(S3) === undefined) vpc.addGatewayEndpoint(S3, { service: GatewayVpcEndpointAwsService.S3 });
}
