import { join } from 'node:path';
import { JsonSchemaType } from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { type App, Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import {
  AccountProducer,
  AutoScalingGroupConsumer,
  BacklogScaling,
  BucketProducer,
  ConsumerCapacity,
  DeadLetterQueue,
  EventRuleProducer,
  FargateConsumer,
  FifoQueue,
  HttpApiProducer,
  KinesisPipeline,
  LambdaConsumer,
  LambdaStreamConsumer,
  PipeConsumer,
  PipeEnrichment,
  PipeTarget,
  QueueAlarms,
  QueueDashboard,
  QueueEncryption,
  QueueKey,
  QueueVpcEndpoint,
  RestApiProducer,
  ScheduleProducer,
  StandardQueue,
  StreamCapacity,
  TopicFanOut,
  TopicProducer,
  WorkerProgram,
} from '../../lib';

const WORKER = join(__dirname, '../../dist/lambda/encoder');

/** Where in a stack that is which is not ours. */
export const SURROUNDINGS = 'Surroundings';

/** What the constructs are given by their user. */
class Surroundings extends Construct {
  public readonly vpc = new Vpc(this, 'Vpc', { natGateways: 1 });
  public readonly otherVpc = new Vpc(this, 'OtherVpc', { natGateways: 1 });
  public readonly topic = new Topic(this, 'OnCall');
  public readonly cluster = new Cluster(this, 'Cluster', {
    vpc: this.vpc,
    enableFargateCapacityProviders: true,
    containerInsightsV2: ContainerInsights.ENABLED,
  });

  public handler(id: string): Function {
    return new Function(this, id, {
      code: Code.fromInline('exports.handler = () => {}'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
      role: new Role(this, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    });
  }
}

/** Every construct with nothing but what it can't do without. */
export function minimal(app: App): Stack {
  const stack = new Stack(app, 'Minimal');
  const around = new Surroundings(stack, SURROUNDINGS);
  const worker = WorkerProgram.node(WORKER);
  const jobs = new StandardQueue(stack, 'Jobs', { consumers: [new LambdaConsumer(around.handler('Handler'))] });
  new FifoQueue(stack, 'Ledger');
  jobs.addProducer(new RestApiProducer(stack, 'Rest'));
  jobs.addProducer(new HttpApiProducer(stack, 'Http'));
  new DeadLetterQueue(stack, 'Failed');
  new StandardQueue(stack, 'News', {
    consumers: [new PipeConsumer(stack, 'Reporters', { target: PipeTarget.topic(around.topic) })],
  });
  new StandardQueue(stack, 'Videos', {
    consumers: [new AutoScalingGroupConsumer(stack, 'Encoders', { vpc: around.vpc, worker })],
  });
  new StandardQueue(stack, 'Pages', {
    consumers: [
      new FargateConsumer(stack, 'Printers', { vpc: around.vpc, image: ContainerImage.fromRegistry('printer') }),
    ],
  });
  new TopicFanOut(stack, 'Orders').addQueue(jobs);
  new KinesisPipeline(stack, 'Clicks', { consumers: [new LambdaStreamConsumer(around.handler('Reader'))] });
  new QueueAlarms(stack, 'Alarms', { queue: jobs.queue, topic: around.topic });
  new QueueDashboard(stack, 'Dashboard', { queue: jobs.queue });
  new QueueVpcEndpoint(stack, 'Endpoint', { vpc: around.vpc, queues: [jobs.queue] });
  return stack;
}

/** Every construct with every option that makes resources or permissions. */
export function maximal(app: App): Stack {
  const stack = new Stack(app, 'Maximal');
  const around = new Surroundings(stack, SURROUNDINGS);
  const { vpc } = around;
  const worker = WorkerProgram.node(WORKER);
  const key = new QueueKey(stack, 'Key', { alias: 'messages' });
  const encryption = QueueEncryption.customerManaged(key);
  const deadLetterQueue = new DeadLetterQueue(stack, 'Failed', { encryption });

  const jobs = new StandardQueue(stack, 'Jobs', { encryption, deadLetterQueue });
  jobs.addConsumer(
    new LambdaConsumer(around.handler('Handler'), {
      eventMetrics: true,
      provisionedPollers: {},
      maxBatchingWindow: Duration.seconds(5),
    }),
  );
  jobs.addProducer(new TopicProducer(new Topic(stack, 'News', { masterKey: key, enforceSSL: true })));
  jobs.addProducer(new BucketProducer(new Bucket(around, 'Uploads')));
  jobs.addProducer(
    new EventRuleProducer(
      new Rule(around, 'Placed', { eventBus: new EventBus(around, 'Bus'), eventPattern: { source: ['orders'] } }),
    ),
  );
  jobs.addProducer(
    new ScheduleProducer(stack, 'Nightly', { schedule: ScheduleExpression.cron({ hour: '3', minute: '0' }) }),
  );
  const accessLogGroup = new LogGroup(around, 'AccessLog', { encryptionKey: key, retention: RetentionDays.ONE_YEAR });
  jobs.addProducer(new RestApiProducer(stack, 'Rest', { bodySchema: { type: JsonSchemaType.OBJECT }, accessLogGroup }));
  jobs.addProducer(new HttpApiProducer(stack, 'Http', { accessLogGroup }));
  jobs.addProducer(AccountProducer.organization('o-a1b2c3d4e5'));
  const operators = new Role(stack, 'Operators', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  jobs.grants.redriveMessages(operators);
  jobs.grants.consumeDeadLetters(operators);
  jobs.grants.sendMessages(operators);

  new StandardQueue(stack, 'Events', {
    encryption,
    consumers: [
      new PipeConsumer(stack, 'ToBus', {
        enrichment: PipeEnrichment.lambdaFunction(around.handler('Enrichment')),
        target: PipeTarget.eventBus(new EventBus(around, 'Target'), { detailType: 'job', source: 'shop' }),
        logGroup: new LogGroup(around, 'PipeLogs', { encryptionKey: key, retention: RetentionDays.ONE_YEAR }),
      }),
    ],
  });

  const ledger = new FifoQueue(stack, 'Ledger', { encryption, highThroughput: true, contentBasedDeduplication: true });
  const encoders = new AutoScalingGroupConsumer(stack, 'Encoders', {
    vpc,
    worker,
    createVpcEndpoints: true,
    protectBusyInstances: true,
    warmPool: {},
    instanceRefresh: {},
    ssmSessionPermissions: true,
    minCapacity: 0,
    scaling: BacklogScaling.targetTracking({
      acceptableLatency: Duration.minutes(10),
      processingTime: Duration.seconds(20),
    }),
  });
  new StandardQueue(stack, 'Videos', { encryption, consumers: [encoders] });
  new StandardQueue(stack, 'Pages', {
    encryption,
    consumers: [
      new FargateConsumer(stack, 'Printers', {
        cluster: around.cluster,
        logGroup: new LogGroup(around, 'Logs', { encryptionKey: key, retention: RetentionDays.ONE_YEAR }),
        image: ContainerImage.fromRegistry('printer'),
        protectBusyTasks: true,
        spot: true,
        minCapacity: 0,
        scaling: BacklogScaling.targetTracking({
          acceptableLatency: Duration.minutes(10),
          processingTime: Duration.seconds(20),
        }),
      }),
    ],
  });
  new TopicFanOut(stack, 'Orders', { fifo: true, highThroughput: true, encryptionKey: key }).addQueue(ledger);
  new TopicFanOut(stack, 'Parcels', { encryptionKey: key }).addQueue(jobs, {
    filterPolicy: { kind: SubscriptionFilter.stringFilter({ allowlist: ['goods'] }) },
  });
  new KinesisPipeline(stack, 'Clicks', {
    encryptionKey: key,
    capacity: StreamCapacity.provisioned(2),
    consumers: [new LambdaStreamConsumer(around.handler('Reader'), { enhancedFanOut: true, eventMetrics: true })],
  });
  const partitionKey = { name: 'id', type: AttributeType.STRING };
  const table = new Table(around, 'Accounts', { partitionKey, stream: StreamViewType.NEW_IMAGE });
  new LambdaStreamConsumer(around.handler('TableReader')).consumeTable(table);
  const alarms = new QueueAlarms(stack, 'Alarms', { queue: jobs.queue, topic: around.topic, notifyOk: true });
  new QueueDashboard(stack, 'Dashboard', {
    queue: jobs.queue,
    alarms,
    fairQueue: true,
    consumers: [ConsumerCapacity.autoScalingGroup(encoders.autoScalingGroup)],
  });
  // Of another network: that of the workers has an endpoint of SQS already.
  const clients = [new SecurityGroup(around, 'Client', { vpc: around.otherVpc })];
  new QueueVpcEndpoint(stack, 'Endpoint', { vpc: around.otherVpc, queues: [jobs.queue], clients });
  return stack;
}
