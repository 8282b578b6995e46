import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { type Construct } from 'constructs';
import { endpointsIn, refuseSecondEndpoint, requireCidr } from '../queue/vpc-endpoint-rules';
import { enforce, type Rule } from '../rules';

/** What workers call, by the ids of their endpoints, which are in the VPC so that its consumers share them. */
const INTERFACES = {
  SpillwaySqsEndpoint: InterfaceVpcEndpointAwsService.SQS,
  SpillwayAutoScalingEndpoint: InterfaceVpcEndpointAwsService.AUTOSCALING,
  SpillwayEcrApiEndpoint: InterfaceVpcEndpointAwsService.ECR,
  SpillwayEcrDockerEndpoint: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  SpillwayLogsEndpoint: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  SpillwaySecretsManagerEndpoint: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  SpillwaySsmEndpoint: InterfaceVpcEndpointAwsService.SSM,
  SpillwaySsmMessagesEndpoint: InterfaceVpcEndpointAwsService.SSM_MESSAGES,
  SpillwayEc2MessagesEndpoint: InterfaceVpcEndpointAwsService.EC2_MESSAGES,
};
const S3 = 'SpillwayS3Endpoint';

const ROUTE_RULES: readonly Rule<{ readonly vpc: IVpc }>[] = [
  {
    id: 'Spillway-Network-RouteTablesUnknown',
    broken: ({ vpc: { privateSubnets, publicSubnets, isolatedSubnets } }) =>
      [...privateSubnets, ...publicSubnets, ...isolatedSubnets].every(
        ({ routeTable }) => (routeTable.routeTableId as string | undefined) === undefined,
      ),
    message: ({ vpc }) =>
      `vpc must be of this app, of Vpc.fromLookup, or of Vpc.fromVpcAttributes with the ids of its route tables (isolatedSubnetRouteTableIds and the like) if createVpcEndpoints is set, but was ${vpc.node.path} without them; the endpoint of S3 is a route`,
  },
];

type Endpoint = keyof typeof INTERFACES;

/** For instances: their queue, their group; their program and the packages of Amazon Linux are in S3. */
export const INSTANCE_ENDPOINTS: readonly Endpoint[] = ['SpillwaySqsEndpoint', 'SpillwayAutoScalingEndpoint'];

/** For sessions on instances. */
export const SESSION_ENDPOINTS: readonly Endpoint[] = [
  'SpillwaySsmEndpoint',
  'SpillwaySsmMessagesEndpoint',
  'SpillwayEc2MessagesEndpoint',
];

/** For commands in tasks. */
export const COMMAND_ENDPOINTS: readonly Endpoint[] = ['SpillwaySsmMessagesEndpoint'];

/** For tasks: their queue, their image (its layers are in S3), their logs and secrets. */
export const TASK_ENDPOINTS: readonly Endpoint[] = [
  'SpillwaySqsEndpoint',
  'SpillwayEcrApiEndpoint',
  'SpillwayEcrDockerEndpoint',
  'SpillwayLogsEndpoint',
  'SpillwaySecretsManagerEndpoint',
];

/** The services of endpoints, and S3, as the names of their endpoints end. */
export function servicesOf(endpoints: readonly Endpoint[]): string[] {
  return [...endpoints.map((id) => INTERFACES[id].shortName), 's3'];
}

/**
 * Creates those endpoints, and the one of S3, that the VPC has not got yet, from another consumer or from the app. Fails
 * at synthesis if another endpoint of a service was added later: both would claim its private DNS name.
 */
export function createVpcEndpoints(
  scope: Construct,
  { vpc, subnets }: { readonly vpc: IVpc; readonly subnets?: SubnetSelection },
  endpoints: readonly Endpoint[],
): void {
  requireCidr(scope, vpc);
  enforce(scope, { vpc }, ROUTE_RULES);
  const existing = endpointsIn(vpc).filter(({ exclusive }) => exclusive);
  const has = (wanted: string, type: string) =>
    existing.some(({ service, resource }) => service === wanted && (resource.vpcEndpointType ?? 'Gateway') === type);
  const missing = endpoints.filter((id) => !has(INTERFACES[id].shortName, 'Interface'));
  const created = [
    ...missing.map((id) => vpc.addInterfaceEndpoint(id, { service: INTERFACES[id], subnets })),
    ...(has('s3', 'Gateway') ? [] : [vpc.addGatewayEndpoint(S3, { service: GatewayVpcEndpointAwsService.S3 })]),
  ];
  for (const endpoint of created) refuseSecondEndpoint(scope, vpc, endpoint);
}
