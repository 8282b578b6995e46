import { CfnVPCEndpoint, type IVpc, type IVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { type Construct } from 'constructs';
import { enforce, findings, type Rule } from '../rules';

/** An endpoint of the app. */
interface Endpoint {
  /** The service, as its name ends: `sqs`, `s3`, `ecr.api`. */
  readonly service: string;
  /** Whether a second one would be refused: both claim the service's private DNS name, or its routes. */
  readonly exclusive: boolean;
  /** The endpoint itself. */
  readonly resource: CfnVPCEndpoint;
}

/** The endpoints that the app has in a network, whoever created them. */
export function endpointsIn(vpc: IVpc): Endpoint[] {
  return vpc.node.root.node
    .findAll()
    .filter((one): one is CfnVPCEndpoint => one instanceof CfnVPCEndpoint && one.vpcId === vpc.vpcId)
    .map((resource) => ({
      service: serviceOf(resource),
      exclusive: resource.vpcEndpointType === 'Gateway' || resource.privateDnsEnabled === true,
      resource,
    }));
}

function serviceOf(endpoint: CfnVPCEndpoint): string {
  const name = JSON.stringify(endpoint.stack.resolve(endpoint.serviceName));
  return /\.((?:ecr\.)?[a-z0-9-]+)[^a-z0-9-]*$/.exec(name)?.[1] ?? '';
}

interface ExistingFacts {
  readonly service: string;
  readonly existing?: Endpoint;
}

const EXISTING_RULES: readonly Rule<ExistingFacts>[] = [
  {
    id: 'Spillway-Network-EndpointExists',
    broken: ({ existing }) => existing !== undefined,
    message: ({ service, existing }) =>
      `vpc must have one endpoint of ${service}, but has ${existing?.resource.node.path} already; EC2 refuses the second. Use the one that exists: without a QueueVpcEndpoint of its own, or with createVpcEndpoints of what is created after it`,
  },
];

/** Fails synthesis if the network has another endpoint of the same service: others may be added after this one. */
export function refuseSecondEndpoint(scope: Construct, vpc: IVpc, endpoint: IVpcEndpoint): void {
  scope.node.addValidation({
    validate: () => {
      const all = endpointsIn(vpc);
      const own = all.find(({ resource }) => resource === endpoint.node.defaultChild);
      if (own?.exclusive !== true) return [];
      const { service, resource } = own;
      const existing = all.find(
        (one) =>
          one.exclusive &&
          one.resource !== resource &&
          one.service === service &&
          one.resource.vpcEndpointType === resource.vpcEndpointType,
      );
      return findings(scope, { service, existing }, EXISTING_RULES);
    },
  });
}

interface NetworkFacts {
  readonly vpc: IVpc;
}

const CIDR_RULES: readonly Rule<NetworkFacts>[] = [
  {
    id: 'Spillway-Network-CidrUnknown',
    broken: ({ vpc }) => !succeeds(() => vpc.vpcCidrBlock),
    message: ({ vpc }) =>
      `vpc must be of this app, of Vpc.fromLookup, or of Vpc.fromVpcAttributes with vpcCidrBlock, but was ${vpc.node.path} without it; the endpoint's security group admits that network`,
  },
];

/** Fails if the addresses of a network are unknown, which may connect to an endpoint that is open to it. */
export function requireCidr(scope: Construct, vpc: IVpc): void {
  enforce(scope, { vpc }, CIDR_RULES);
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
