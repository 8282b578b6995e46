import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AutoScalingGroup, Schedule, Signals } from 'aws-cdk-lib/aws-autoscaling';
import { Alarm, Dashboard, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { InstanceType, MachineImage, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { QueueProcessingFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { EventBus, Rule, Schedule as EventSchedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, LayerVersion, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import {
  DynamoEventSource,
  KinesisEventSource,
  SnsEventSource,
  SqsEventSource,
} from 'aws-cdk-lib/aws-lambda-event-sources';
import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { DatabaseInstance, DatabaseInstanceEngine, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { DefinitionBody, StateMachine, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke, SqsSendMessage } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId, Provider } from 'aws-cdk-lib/custom-resources';
import { CfnOutput, CustomResource, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib/core';
import { emptyFolder } from '../cloudformation/support';

const handler = (stack: Stack, id: string, props: object = {}): LambdaFunction =>
  new LambdaFunction(stack, id, {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => "done";'),
    ...props,
  });

/** A CDK app as one finds them, and what the emulator has nothing for. */
export interface Example {
  readonly build: (stack: Stack) => void;
  /** The types that are told as not supported. */
  readonly absent: readonly string[];
}

/** Apps around queues, as tutorials and samples have them, without this package's constructs. */
export const examples: Readonly<Record<string, Example>> = {
  'a REST API that queues work, with a table': {
    build(stack) {
      const partitionKey = { name: 'id', type: AttributeType.STRING };
      const table = new Table(stack, 'Orders', { partitionKey, stream: StreamViewType.NEW_IMAGE });
      const queue = new Queue(stack, 'Queue');
      const accept = handler(stack, 'Accept', { environment: { TABLE: table.tableName, QUEUE: queue.queueUrl } });
      table.grantReadWriteData(accept);
      queue.grantSendMessages(accept);
      new LambdaRestApi(stack, 'Api', { handler: accept, cloudWatchRole: false });
      const changed = handler(stack, 'Changed');
      changed.addEventSource(new DynamoEventSource(table, { startingPosition: StartingPosition.LATEST }));
      handler(stack, 'Work').addEventSource(new SqsEventSource(queue));
    },
    absent: [
      'AWS::ApiGateway::Deployment',
      'AWS::ApiGateway::Method',
      'AWS::ApiGateway::Resource',
      'AWS::ApiGateway::RestApi',
      'AWS::ApiGateway::Stage',
    ],
  },
  'an HTTP API with users and a function URL': {
    build(stack) {
      const fn = handler(stack, 'Fn');
      fn.addFunctionUrl();
      new HttpApi(stack, 'Api').addRoutes({ path: '/jobs', integration: new HttpLambdaIntegration('Jobs', fn) });
      new UserPool(stack, 'Users').addClient('Web');
    },
    absent: [
      'AWS::ApiGatewayV2::Api',
      'AWS::ApiGatewayV2::Integration',
      'AWS::ApiGatewayV2::Route',
      'AWS::ApiGatewayV2::Stage',
      'AWS::Lambda::Url',
    ],
  },
  'a topic that fans out to queues, functions and people': {
    build(stack) {
      const topic = new Topic(stack, 'Orders');
      const queue = new Queue(stack, 'Invoices', { encryption: QueueEncryption.KMS });
      topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true }));
      topic.addSubscription(new EmailSubscription('orders@example.com'));
      handler(stack, 'Audit').addEventSource(new SnsEventSource(topic));
      const metric = queue.metricApproximateAgeOfOldestMessage();
      new Alarm(stack, 'Late', { metric, threshold: 600, evaluationPeriods: 1 }).addAlarmAction(new SnsAction(topic));
    },
    absent: [],
  },
  'uploads that are queued, and a site that is deployed': {
    build(stack) {
      const bucket = new Bucket(stack, 'Uploads', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
      const queue = new Queue(stack, 'Queue');
      bucket.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(queue));
      handler(stack, 'Work').addEventSource(new SqsEventSource(queue));
      const sources = [Source.data('index.html', '<p>')];
      new BucketDeployment(stack, 'Site', { sources, destinationBucket: bucket });
    },
    absent: [],
  },
  'work on a schedule, and events of a bus': {
    build(stack) {
      const queue = new Queue(stack, 'Queue');
      const targets = [new SqsQueue(queue), new LambdaTarget(handler(stack, 'Fn'))];
      new Rule(stack, 'Often', { schedule: EventSchedule.rate(Duration.minutes(5)), targets });
      const eventBus = new EventBus(stack, 'Bus');
      const eventPattern = { source: ['orders'] };
      new Rule(stack, 'Orders', { eventBus, eventPattern, targets: [new SqsQueue(queue, { deadLetterQueue: queue })] });
      const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
      new CfnSchedule(stack, 'Nightly', {
        flexibleTimeWindow: { mode: 'OFF' },
        scheduleExpression: 'rate(1 day)',
        target: { arn: queue.queueArn, roleArn: role.roleArn },
      });
    },
    absent: [],
  },
  'a workflow that sends to a queue': {
    build(stack) {
      const queue = new Queue(stack, 'Queue');
      const send = new SqsSendMessage(stack, 'Send', { queue, messageBody: TaskInput.fromText('x') });
      const invoke = new LambdaInvoke(stack, 'Invoke', { lambdaFunction: handler(stack, 'Fn') });
      const definitionBody = DefinitionBody.fromChainable(send.next(invoke));
      const machine = new StateMachine(stack, 'Machine', { definitionBody });
      machine.metricFailed().createAlarm(stack, 'Failed', { threshold: 1, evaluationPeriods: 1 });
      new CfnOutput(stack, 'Arn', { value: machine.stateMachineArn });
    },
    absent: ['AWS::StepFunctions::StateMachine'],
  },
  'containers that work off a queue': {
    build(stack) {
      const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }) });
      const image = ContainerImage.fromRegistry('encoder');
      new QueueProcessingFargateService(stack, 'Service', { cluster, image, maxScalingCapacity: 5 });
    },
    absent: [
      'AWS::ApplicationAutoScaling::ScalableTarget',
      'AWS::ApplicationAutoScaling::ScalingPolicy',
      'AWS::ECS::Cluster',
      'AWS::ECS::Service',
      'AWS::ECS::TaskDefinition',
    ],
  },
  'functions in a network, with a database and its secret': {
    build(stack) {
      const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
      const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_16 });
      const database = new DatabaseInstance(stack, 'Database', { vpc, engine });
      const fn = handler(stack, 'Fn', {
        vpc,
        environment: { SECRET: database.secret?.secretArn, HOST: database.dbInstanceEndpointAddress },
      });
      database.connections.allowDefaultPortFrom(fn);
      database.secret?.grantRead(fn);
      fn.addEventSource(new SqsEventSource(new Queue(stack, 'Queue')));
    },
    absent: ['AWS::RDS::DBInstance'],
  },
  'custom resources of several kinds, a secret, a parameter': {
    build(stack) {
      const provider = new Provider(stack, 'Provider', { onEventHandler: handler(stack, 'OnEvent') });
      const own = new CustomResource(stack, 'Own', { serviceToken: provider.serviceToken });
      new CfnOutput(stack, 'Value', { value: own.getAttString('Value') });
      const call = new AwsCustomResource(stack, 'Call', {
        onUpdate: {
          service: 'SSM',
          action: 'getParameter',
          parameters: { Name: 'x' },
          physicalResourceId: PhysicalResourceId.of('x'),
        },
        policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
      });
      new StringParameter(stack, 'Parameter', { stringValue: call.getResponseField('Parameter.Value') });
      const secret = new Secret(stack, 'Secret');
      handler(stack, 'Fn', { environment: { TOKEN: secret.secretValue.unsafeUnwrap() } });
    },
    absent: ['AWS::CloudFormation::CustomResource', 'Custom::AWS'],
  },
  'a stream beside a queue, a pipe, a layer': {
    build(stack) {
      const stream = new Stream(stack, 'Stream');
      const startingPosition = StartingPosition.LATEST;
      handler(stack, 'Fn').addEventSource(new KinesisEventSource(stream, { startingPosition, batchSize: 10 }));
      const source = new Queue(stack, 'Queue').queueArn;
      new CfnPipe(stack, 'Pipe', { roleArn: 'arn:aws:iam::000000000000:role/x', source, target: stream.streamArn });
      const folder = emptyFolder();
      writeFileSync(join(folder, 'layer.js'), '');
      const layers = [new LayerVersion(stack, 'Layer', { code: Code.fromAsset(folder) })];
      handler(stack, 'Layered', { layers });
    },
    absent: ['AWS::Pipes::Pipe'],
  },
  'a scaled group behind a load balancer, with an encrypted queue': {
    build(stack) {
      const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
      const encryptionMasterKey = new Key(stack, 'Key', { alias: 'jobs', enableKeyRotation: true });
      const queue = new Queue(stack, 'Queue', { encryption: QueueEncryption.KMS, encryptionMasterKey });
      const group = new AutoScalingGroup(stack, 'Group', {
        vpc,
        instanceType: new InstanceType('t3.micro'),
        machineImage: MachineImage.latestAmazonLinux2023(),
        maxCapacity: 5,
        signals: Signals.waitForAll(),
      });
      group.scaleOnMetric('Depth', {
        metric: queue.metricApproximateNumberOfMessagesVisible(),
        scalingSteps: [
          { upper: 0, change: -1 },
          { lower: 10, change: 1 },
        ],
      });
      group.scaleOnSchedule('Night', { schedule: Schedule.cron({ hour: '0', minute: '0' }), minCapacity: 0 });
      queue.grantConsumeMessages(group);
      const balancer = new ApplicationLoadBalancer(stack, 'Balancer', { vpc });
      balancer.addListener('Web', { port: 80 }).addTargets('Group', { port: 80, targets: [group] });
    },
    absent: [],
  },
  'logs, their metrics, and a dashboard': {
    build(stack) {
      const logGroup = new LogGroup(stack, 'Logs', { retention: RetentionDays.ONE_WEEK });
      new MetricFilter(stack, 'Errors', {
        logGroup,
        metricName: 'Errors',
        metricNamespace: 'App',
        filterPattern: FilterPattern.literal('ERROR'),
      });
      new Dashboard(stack, 'Dashboard', { widgets: [[new TextWidget({ markdown: 'Queues' })]] });
      handler(stack, 'Fn', { logGroup }).addEventSource(new SqsEventSource(Queue.fromQueueArn(stack, 'Theirs', ARN)));
      new Queue(stack, 'Ours', { fifo: true, contentBasedDeduplication: true });
    },
    absent: ['AWS::Lambda::EventSourceMapping'],
  },
};

/** A queue that the app does not make. */
const ARN = 'arn:aws:sqs:us-east-1:000000000000:theirs';
