import {
  type Connections,
  type IConnectable,
  type IInterfaceVpcEndpoint,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Lazy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { checkProps, enforce, type Rule } from '../rules';
import { QUEUE_VPC_ENDPOINT } from './queue-types';
import { refuseSecondEndpoint, requireCidr } from './vpc-endpoint-rules';

/** All that producers and consumers call; nothing that makes, changes or empties queues. */
const ACTIONS = [
  'sqs:SendMessage',
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueUrl',
  'sqs:GetQueueAttributes',
];

/** Properties of a QueueVpcEndpoint. */
export interface QueueVpcEndpointProps {
  /** The network that reaches SQS through the endpoint. It must have DNS hostnames and DNS support on. */
  readonly vpc: IVpc;

  /**
   * Where in the network: one network interface in each subnet.
   *
   * @default - all private subnets, one in each Availability Zone
   */
  readonly subnets?: SubnetSelection;

  /** The queues that can be used through it; more can be added with `addQueue`. At least one. */
  readonly queues: IQueue[];

  /**
   * What may connect to it, on port 443.
   *
   * @default - everything in the network
   */
  readonly clients?: IConnectable[];
}

const RULES: readonly Rule<QueueVpcEndpointProps>[] = [
  {
    id: 'Spillway-QueueVpcEndpoint-NoQueues',
    broken: ({ queues }) => queues.length === 0,
    message: () =>
      'queues must have at least one queue, but was empty; an endpoint for no queue would let nothing through',
  },
];

/**
 * Lets a network without a way to the internet reach queues. Its policy lets principals of this account through, to
 * send to and consume from these queues, and nothing else: no other queue, no other account's credentials.
 *
 * Where an endpoint of SQS exists already in the network, add to that one: a second can't have the private DNS name.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html
 * @example
 * new QueueVpcEndpoint(this, 'Endpoint', { vpc, queues: [jobs.queue, jobs.deadLetterQueue] });
 */
export class QueueVpcEndpoint extends Construct implements IConnectable {
  /** The endpoint itself. */
  public readonly endpoint: IInterfaceVpcEndpoint;

  /** Who may connect to it. */
  public readonly connections: Connections;

  private readonly queueArns: string[];

  constructor(scope: Construct, id: string, props: QueueVpcEndpointProps) {
    super(scope, id);
    checkProps(this, 'QueueVpcEndpoint', props, QUEUE_VPC_ENDPOINT);
    enforce(this, props, RULES);
    if (props.clients === undefined) requireCidr(this, props.vpc);
    this.queueArns = props.queues.map(({ queueArn }) => queueArn);
    const endpoint = new InterfaceVpcEndpoint(this, 'Endpoint', {
      vpc: props.vpc,
      subnets: props.subnets,
      service: InterfaceVpcEndpointAwsService.SQS,
      privateDnsEnabled: true,
      open: props.clients === undefined,
    });
    refuseSecondEndpoint(this, props.vpc, endpoint);
    this.endpoint = endpoint;
    this.connections = endpoint.connections;
    for (const client of props.clients ?? []) this.connections.allowDefaultPortFrom(client);
    endpoint.addToPolicy(
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ACTIONS,
        resources: Lazy.list({ produce: () => this.queueArns }),
        conditions: { StringEquals: { 'aws:PrincipalAccount': Stack.of(this).account } },
      }),
    );
  }

  /** Lets another queue be used through the endpoint. */
  public addQueue(queue: IQueue): void {
    this.queueArns.push(queue.queueArn);
  }
}
