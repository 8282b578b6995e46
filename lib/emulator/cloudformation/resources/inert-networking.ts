import { availabilityZones } from '../availability-zones';
import type { Json } from '../provider/json';
import type { Provider } from '../provider/contract';
import { inertProvider, textOr, withEc2Id } from './inert';

const noNetworks = 'there are no networks';

/** Types of which only the name is used. */
const nameOnly = [
  'AWS::EC2::EgressOnlyInternetGateway',
  'AWS::EC2::FlowLog',
  'AWS::EC2::NetworkAclEntry',
  'AWS::EC2::Route',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::SubnetNetworkAclAssociation',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPCCidrBlock',
  'AWS::EC2::VPCDHCPOptionsAssociation',
  'AWS::EC2::VPCGatewayAttachment',
  'Custom::VpcRestrictDefaultSG', // with which the CDK empties a VPC's default security group
];

const vpc = withEc2Id('AWS::EC2::VPC', 'vpc', (id, properties, _cloud, { random }) => ({
  VpcId: id,
  CidrBlock: textOr(properties.CidrBlock, '10.0.0.0/16'),
  CidrBlockAssociations: [`vpc-cidr-assoc-0${random.hex(16)}`],
  DefaultNetworkAcl: `acl-0${random.hex(16)}`,
  DefaultSecurityGroup: `sg-0${random.hex(16)}`,
  Ipv6CidrBlocks: ['2001:db8:1234::/56'],
}));

const subnet = withEc2Id('AWS::EC2::Subnet', 'subnet', (id, properties, context) => ({
  SubnetId: id,
  AvailabilityZone: textOr(properties.AvailabilityZone, availabilityZones(context.region)[0]),
  CidrBlock: textOr(properties.CidrBlock, '10.0.0.0/24'),
  Ipv6CidrBlocks: [] as Json[],
  NetworkAclAssociationId: id.replace('subnet-', 'aclassoc-'),
  VpcId: textOr(properties.VpcId, ''),
}));

const securityGroup = withEc2Id('AWS::EC2::SecurityGroup', 'sg', (id, properties) => ({
  GroupId: id,
  Id: id,
  VpcId: textOr(properties.VpcId, ''),
}));

const elasticIp = inertProvider({
  type: 'AWS::EC2::EIP',
  note: noNetworks,
  create({ random }) {
    const address = `198.51.100.${random.integer(1, 254)}`; // a block set aside for documentation
    return { ref: address, attributes: { PublicIp: address, AllocationId: `eipalloc-0${random.hex(16)}` } };
  },
});

const vpcEndpoint = withEc2Id('AWS::EC2::VPCEndpoint', 'vpce', (id, _properties, context) => ({
  Id: id,
  CreationTimestamp: '1970-01-01T00:00:00Z',
  DnsEntries: [`Z00000000000000000000:${id}.vpce.${context.region}.vpce.amazonaws.com`],
  NetworkInterfaceIds: [id.replace('vpce-', 'eni-')],
}));

/** The parts of a network: accepted and not acted on, because everything runs on one machine. */
export const networkingProviders: readonly Provider[] = [
  vpc,
  subnet,
  securityGroup,
  elasticIp,
  vpcEndpoint,
  withEc2Id('AWS::EC2::DHCPOptions', 'dopt', (id) => ({ DhcpOptionsId: id })),
  withEc2Id('AWS::EC2::InternetGateway', 'igw', (id) => ({ InternetGatewayId: id })),
  withEc2Id('AWS::EC2::NatGateway', 'nat', (id) => ({ NatGatewayId: id })),
  withEc2Id('AWS::EC2::NetworkAcl', 'acl', (id) => ({ Id: id })),
  withEc2Id('AWS::EC2::RouteTable', 'rtb', (id) => ({ RouteTableId: id })),
  ...nameOnly.map((type) =>
    inertProvider({
      type,
      note: noNetworks,
      create: (resource) => ({ ref: resource.name({ longest: 255 }), attributes: {} }),
    }),
  ),
];
