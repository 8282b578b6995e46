import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CfnRoute,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  SubnetType,
  Vpc,
  type VpcAttributes,
  type VpcProps,
} from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { App, Stack } from 'aws-cdk-lib/core';
import {
  AutoScalingGroupConsumer,
  type AutoScalingGroupConsumerProps,
  FargateConsumer,
  type FargateConsumerProps,
  QueueVpcEndpoint,
  RuleAcknowledgements,
  StandardQueue,
  WorkerProgram,
} from '../../lib';
import { synthesized } from '../rules/plain-app';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worker-'));
  for (const name of ['index.js', 'worker.zip', 'worker.py']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

type Shared = Partial<AutoScalingGroupConsumerProps & FargateConsumerProps>;
type Make = (stack: Stack, vpc: IVpc, props: Shared) => AutoScalingGroupConsumer | FargateConsumer;

const KINDS: Readonly<Record<string, Make>> = {
  AutoScalingGroupConsumer: (stack, vpc, props) =>
    new AutoScalingGroupConsumer(stack, 'Workers', { vpc, worker: WorkerProgram.node(folder), ...props }),
  FargateConsumer: (stack, vpc, props) =>
    new FargateConsumer(stack, 'Workers', { vpc, image: ContainerImage.fromRegistry('worker'), ...props }),
};

/** What synthesis says of the network. */
function verdict(make: Make, network: (stack: Stack) => IVpc, props: Shared = {}, then?: (stack: Stack) => unknown) {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  new StandardQueue(stack, 'Jobs').addConsumer(make(stack, network(stack), props));
  then?.(stack);
  const { errors, warnings } = synthesized(app);
  const ours = (texts: readonly string[]) => texts.filter((text) => text.includes('Spillway-Network-'));
  return { errors: ours(errors), warnings: ours(warnings) };
}

const ofSubnets = (subnetType: SubnetType, mapPublicIpOnLaunch?: boolean): VpcProps => ({
  natGateways: 0,
  maxAzs: 1,
  subnetConfiguration: [
    { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch },
    ...(subnetType === SubnetType.PUBLIC ? [] : [{ name: 'Workers', subnetType }]),
  ],
});
const created = (props: VpcProps) => (stack: Stack) => new Vpc(stack, 'Vpc', props);
const imported = (attributes: Partial<VpcAttributes>) => (stack: Stack) =>
  Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], ...attributes });
const nothing = { errors: [], warnings: [] };
const NEEDS: Readonly<Record<string, string>> = {
  AutoScalingGroupConsumer: 'sqs, autoscaling, s3',
  FargateConsumer: 'sqs, ecr.api, ecr.dkr, logs, secretsmanager, s3',
};

describe.each(Object.entries(KINDS))('%s', (kind, make) => {
  const closed = (subnet: string, reason: string, needs = NEEDS[kind]) => ({
    errors: [],
    warnings: [
      expect.stringContaining(
        `vpcSubnets should have a route to a NAT gateway or the like, or endpoints of ${needs} (createVpcEndpoints), but had ${subnet}, ${reason}; workers that can't reach these services consume nothing`,
      ) as string,
    ],
  });

  test('warns about subnets without a way out', () => {
    const isolated = closed('Stack/Vpc/WorkersSubnet1', 'which has no route to 0.0.0.0/0');
    expect(verdict(make, created(ofSubnets(SubnetType.PRIVATE_ISOLATED)))).toEqual(isolated);
    expect(verdict(make, created(ofSubnets(SubnetType.PRIVATE_WITH_EGRESS)))).toEqual(isolated);
    expect(verdict(make, imported({ isolatedSubnetIds: ['subnet-1'] }))).toEqual(
      closed('Stack/Vpc/IsolatedSubnet1', 'which is isolated'),
    );
    const reason = 'a public subnet that gives no public addresses (mapPublicIpOnLaunch: false)';
    expect(verdict(make, created(ofSubnets(SubnetType.PUBLIC, false)))).toEqual(
      kind === 'FargateConsumer' ? nothing : closed('Stack/Vpc/PublicSubnet1', reason), // tasks get an address anyway
    );
  });

  test('takes subnets with a way out, or with endpoints', () => {
    const isolated = created(ofSubnets(SubnetType.PRIVATE_ISOLATED));
    expect(verdict(make, created({ natGateways: 1 }))).toEqual(nothing);
    expect(verdict(make, created(ofSubnets(SubnetType.PUBLIC)))).toEqual(nothing);
    expect(verdict(make, imported({ privateSubnetIds: ['subnet-1'] }))).toEqual(nothing);
    expect(verdict(make, isolated, { createVpcEndpoints: true })).toEqual(nothing);
    const routed = (stack: Stack) => {
      const { routeTable } = (stack.node.findChild('Vpc') as Vpc).isolatedSubnets[0];
      new CfnRoute(stack, 'Transit', {
        routeTableId: routeTable.routeTableId,
        destinationCidrBlock: '0.0.0.0/0',
        transitGatewayId: 'tgw-1',
      });
    };
    expect(verdict(make, isolated, {}, routed)).toEqual(nothing);
  });

  test('names the endpoints that isolated subnets lack, whatever has made the others', () => {
    const own = (stack: Stack) => {
      const vpc = stack.node.findChild('Vpc') as Vpc;
      const queues = [(stack.node.findChild('Jobs') as StandardQueue).queue];
      new QueueVpcEndpoint(stack, 'Endpoint', { vpc, queues });
      vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    };
    const more = kind === 'FargateConsumer' ? 'ssmmessages' : 'ssm, ssmmessages, ec2messages';
    const missing = `${NEEDS[kind].replace('sqs, ', '').replace(', s3', '')}, ${more}`;
    const props = kind === 'FargateConsumer' ? { enableExecuteCommand: true } : { ssmSessionPermissions: true };
    const isolated = created(ofSubnets(SubnetType.PRIVATE_ISOLATED));
    expect(verdict(make, isolated, props, own)).toEqual(
      closed('Stack/Vpc/WorkersSubnet1', 'which has no route to 0.0.0.0/0', missing),
    );
    expect(verdict(make, isolated, { ...props, createVpcEndpoints: true })).toEqual(nothing);
  });

  test('takes an acknowledged network', () => {
    const acknowledged: Make = (stack, vpc, props) => {
      RuleAcknowledgements.of(stack).add({ id: 'Spillway-Network-NoWayOut', reason: 'peering' });
      return make(stack, vpc, props);
    };
    expect(verdict(acknowledged, created(ofSubnets(SubnetType.PRIVATE_ISOLATED)))).toEqual(nothing);
  });

  test.each<[string, (vpc: Vpc) => unknown, string]>([
    ['SQS', (vpc) => vpc.addInterfaceEndpoint('Own', { service: InterfaceVpcEndpointAwsService.SQS }), 'sqs'],
    ['S3', (vpc) => vpc.addGatewayEndpoint('Own', { service: { name: 'com.amazonaws.eu-west-1.s3' } }), 's3'],
  ])('uses an endpoint of %s that is there, and refuses one that is added later', (_, add, service) => {
    const refusal = {
      errors: [expect.stringContaining(`vpc must have one endpoint of ${service}, but has Stack/Vpc/Own/`) as string],
      warnings: [],
    };
    const before = (stack: Stack) => {
      const vpc = created({ natGateways: 0, maxAzs: 1 })(stack);
      add(vpc);
      return vpc;
    };
    expect(verdict(make, before, { createVpcEndpoints: true })).toEqual(nothing);
    const after = (stack: Stack) => add(stack.node.findChild('Vpc') as Vpc);
    expect(verdict(make, created({ natGateways: 0 }), { createVpcEndpoints: true }, after)).toEqual(refusal);
  });

  test('takes another endpoint without private DNS', () => {
    const before = (stack: Stack) => {
      const vpc = created({ natGateways: 0 })(stack);
      vpc.addInterfaceEndpoint('Own', { service: InterfaceVpcEndpointAwsService.SQS, privateDnsEnabled: false });
      return vpc;
    };
    expect(verdict(make, before, { createVpcEndpoints: true })).toEqual(nothing);
  });

  test('refuses to create endpoints in an imported VPC without its CIDR or its route tables', () => {
    const create = (attributes: Partial<VpcAttributes>) => () =>
      verdict(make, imported({ isolatedSubnetIds: ['subnet-1'], ...attributes }), { createVpcEndpoints: true });
    const tables = { isolatedSubnetRouteTableIds: ['rtb-1'] };
    expect(create(tables)).toThrow(
      /vpc must be .* with vpcCidrBlock, but was Stack\/Vpc without it.*\[Spillway-Network-CidrUnknown\]/,
    );
    expect(create({ vpcCidrBlock: '10.0.0.0/16' })).toThrow(
      /vpc must be .* with the ids of its route tables .*, but was Stack\/Vpc without them.*\[Spillway-Network-RouteTablesUnknown\]/,
    );
    expect(create({ ...tables, vpcCidrBlock: '10.0.0.0/16' })()).toEqual(nothing);
  });
});

test.each<[string, () => WorkerProgram, string]>([
  [
    'a file',
    () => WorkerProgram.node(join(folder, 'index.js')),
    "index.js', which is a file; instances would have nothing to start",
  ],
  ['a folder without index.js', () => WorkerProgram.node(tmpdir()), ', a folder without index.js; instances'],
  ['nothing', () => WorkerProgram.node(join(folder, 'none')), "none', which does not exist; instances"],
  [
    'a file for any program',
    () => WorkerProgram.command({ assetPath: join(folder, 'worker.py'), command: ['/usr/bin/python3'] }),
    "worker.py', which is a file; instances would have nothing to start",
  ],
])('fails on a worker that is %s', (_, worker, says) => {
  const consumer = () =>
    verdict((stack, vpc) => new AutoScalingGroupConsumer(stack, 'Workers', { vpc, worker: worker() }), created({}));
  expect(consumer).toThrow(says);
  expect(consumer).toThrow('[Spillway-AutoScalingGroupConsumer-ProgramInvalid]');
});

test('takes a worker in a zip file, and any folder for any program', () => {
  const workers = [
    WorkerProgram.node(join(folder, 'worker.zip')),
    WorkerProgram.command({ assetPath: folder, command: ['/usr/bin/true'] }),
  ];
  for (const worker of workers) {
    const make: Make = (stack, vpc) => new AutoScalingGroupConsumer(stack, 'Workers', { vpc, worker });
    expect(verdict(make, created({ natGateways: 1 }))).toEqual(nothing);
  }
});
