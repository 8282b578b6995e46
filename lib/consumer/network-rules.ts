import { CfnRoute, CfnSubnet, type ISubnet, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { type Construct } from 'constructs';
import { endpointsIn } from '../queue/vpc-endpoint-rules';
import { type Rule, warn } from '../rules';

interface NetworkFacts {
  /** The subnets that workers can't leave, each with the reason. */
  readonly closed: readonly string[];
  /** The services without an endpoint that workers there need. */
  readonly missing: readonly string[];
}

const CAUTIONS: readonly Rule<NetworkFacts>[] = [
  {
    id: 'Spillway-Network-NoWayOut',
    broken: ({ closed, missing }) => closed.length > 0 && missing.length > 0,
    message: ({ closed, missing }) =>
      `vpcSubnets should have a route to a NAT gateway or the like, or endpoints of ${missing.join(', ')} (createVpcEndpoints), but had ${closed.join(', ')}; workers that can't reach these services consume nothing`,
  },
];

/** How workers are placed in a network. */
export interface Placement {
  /** The network. */
  readonly vpc: IVpc;
  /** Which of its subnets. */
  readonly vpcSubnets?: SubnetSelection;
  /** Whether workers in public subnets get a public address, whatever the subnet says. */
  readonly publicAddress: boolean;
  /** The services that they call, as the names of their endpoints end. */
  readonly needs: readonly string[];
}

/**
 * Warns about subnets from which workers can't reach what they need. It looks at synthesis: routes and endpoints may be added
 * later. What is defined elsewhere is believed to be what its VPC calls it.
 */
export function warnWithoutWayOut(scope: Construct, { vpc, vpcSubnets, publicAddress, needs }: Placement): void {
  scope.node.addValidation({
    validate: () => {
      const selected = vpc.selectSubnets(vpcSubnets);
      const closed = (selected.isPendingLookup ? [] : selected.subnets).flatMap((subnet) => {
        const reason = reasonToStay(vpc, subnet, publicAddress);
        return reason === undefined ? [] : [`${subnet.node.path}, ${reason}`];
      });
      const endpoints = new Set(endpointsIn(vpc).map(({ service }) => service));
      warn(scope, { closed, missing: needs.filter((service) => !endpoints.has(service)) }, CAUTIONS);
      return [];
    },
  });
}

/** Why nothing gets out of a subnet; undefined if it does, or that isn't known. */
function reasonToStay(vpc: IVpc, subnet: ISubnet, publicAddress: boolean): string | undefined {
  const resource = subnet.node.defaultChild;
  if (!(resource instanceof CfnSubnet)) {
    return vpc.isolatedSubnets.includes(subnet) ? 'which is isolated' : undefined;
  }
  if (!hasDefaultRoute(subnet)) return 'which has no route to 0.0.0.0/0';
  const needsAddress = vpc.publicSubnets.includes(subnet) && !publicAddress;
  return needsAddress && resource.mapPublicIpOnLaunch === false
    ? 'a public subnet that gives no public addresses (mapPublicIpOnLaunch: false)'
    : undefined;
}

function hasDefaultRoute({ node, routeTable }: ISubnet): boolean {
  return node.root.node
    .findAll()
    .some(
      (one) =>
        one instanceof CfnRoute &&
        one.destinationCidrBlock === '0.0.0.0/0' &&
        one.routeTableId === routeTable.routeTableId,
    );
}
