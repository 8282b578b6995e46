import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Alarm, ComparisonOperator, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  Architecture,
  Code,
  DockerImageCode,
  DockerImageFunction,
  Function as LambdaFunction,
  FunctionUrlAuthType,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { App, CfnOutput, CfnResource, Duration, NestedStack, Stack, Stage } from 'aws-cdk-lib/core';
import {
  deploy,
  DeployedResources,
  formatReport,
  readAssembly,
  type StackReport,
} from '../../../lib/emulator/cloudformation';
import { deflatedZip } from '../services/lambda/zip';
import { cloudFor } from './services';
import { ACCOUNT, assemblyOf, emptyFolder, REGION } from './support';

const ENDPOINT = 'http://127.0.0.1:4566';
const HANDLER = 'exports.handler = async () => "hello";';

function codeFolder(): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'index.js'), HANDLER);
  return folder;
}

const newApp = (): App => new App({ outdir: emptyFolder() });

async function deployApp(app: App) {
  const assembly = readAssembly(app.synth().directory);
  const services = cloudFor(assembly);
  const reports: StackReport[] = [];
  for (const stack of assembly.stacks) reports.push(await deploy(stack, services.cloud));
  return { ...services, reports, resources: new DeployedResources(reports) };
}

describe('a queue with a dead-letter queue and a Lambda consumer, by the L2 constructs', () => {
  const build = (): App => {
    const app = newApp();
    const stack = new Stack(app, 'Orders');
    const failed = new Queue(stack, 'Failed', { retentionPeriod: Duration.days(14) });
    const queue = new Queue(stack, 'Queue', {
      visibilityTimeout: Duration.minutes(3),
      deadLetterQueue: { queue: failed, maxReceiveCount: 5 },
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: new Key(stack, 'Key'),
      enforceSSL: true,
    });
    const worker = new LambdaFunction(stack, 'Worker', {
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(codeFolder()),
      timeout: Duration.seconds(30),
      memorySize: 512,
      environment: { QUEUE_URL: queue.queueUrl },
      reservedConcurrentExecutions: 5,
    });
    worker.addEventSource(
      new SqsEventSource(queue, {
        batchSize: 20,
        maxBatchingWindow: Duration.seconds(5),
        reportBatchItemFailures: true,
      }),
    );
    new CfnOutput(stack, 'Url', { value: queue.queueUrl });
    return app;
  };

  test('§9: the queues are there, with their attributes, redrive and policy; names as CloudFormation makes them', async () => {
    const { sqs, call, resources, reports } = await deployApp(build());
    const queue = resources.byPath('Orders/Queue');
    const name = queue?.attributes.QueueName as string;
    const failed = resources.byPath('Orders/Failed');
    expect(name).toMatch(/^Orders-Queue[0-9A-F]{8}-[A-Z0-9]{12}$/);
    expect(queue?.physicalId).toBe(`${ENDPOINT}/${ACCOUNT}/${name}`);
    expect(reports[0].outputs.Url).toBe(queue?.physicalId);
    const { Attributes = {} } = sqs.getQueueAttributes({ QueueUrl: queue?.physicalId, AttributeNames: ['All'] }, call);
    expect(Attributes).toMatchObject({
      VisibilityTimeout: '180',
      KmsMasterKeyId: resources.byPath('Orders/Key')?.attributes.Arn,
      QueueArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
    });
    expect(JSON.parse(Attributes.RedrivePolicy ?? '{}')).toEqual({
      deadLetterTargetArn: failed?.attributes.Arn,
      maxReceiveCount: 5,
    });
    expect(Attributes.Policy).toContain('aws:SecureTransport');
  });

  test('the function has its code, environment and limits; the mapping is on the queue', async () => {
    const { lambda, call, functions, resources } = await deployApp(build());
    const worker = resources.byPath('Orders/Worker');
    await lambda.invoke({ FunctionName: worker?.physicalId }, call);
    expect(functions).toEqual([
      expect.objectContaining({
        functionName: worker?.physicalId,
        functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${worker?.physicalId}`,
        runtime: 'nodejs22.x',
        handler: 'index.handler',
        environment: { QUEUE_URL: resources.byPath('Orders/Queue')?.physicalId },
        timeoutSeconds: 30,
        memoryMegabytes: 512,
      }),
    ]);
    const { ReservedConcurrentExecutions } = lambda.getFunctionConcurrency({ FunctionName: worker?.physicalId }, call);
    expect(ReservedConcurrentExecutions).toBe(5);
    expect(readFileSync(join(functions[0].codeDirectory, 'index.js'), 'utf8')).toBe(HANDLER);
    const [mapping] = resources.byType('AWS::Lambda::EventSourceMapping');
    expect(lambda.getEventSourceMapping({ UUID: mapping.physicalId }, call)).toMatchObject({
      BatchSize: 20,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      EventSourceArn: resources.byPath('Orders/Queue')?.attributes.Arn,
    });
  });

  test('the report tells what is acted on, what is not, and that nothing is unsupported', async () => {
    const { reports, resources } = await deployApp(build());
    expect(formatReport(reports[0]).split('\n')).toEqual([
      'Orders: 6 emulated, 2 inert, 0 unsupported',
      '    AWS::SQS::Queue                  Orders/Failed',
      '    AWS::KMS::Key                    Orders/Key',
      '    AWS::SQS::Queue                  Orders/Queue',
      '    AWS::SQS::QueuePolicy            Orders/Queue/Policy',
      '    AWS::Lambda::Function            Orders/Worker',
      expect.stringMatching(/^ {4}AWS::Lambda::EventSourceMapping {2}Orders\/Worker\/SqsEventSource:/),
      '  - AWS::IAM::Role (inert)',
      '  - AWS::IAM::Policy (inert)',
    ]);
    const properties = resources.byPath('Orders/Queue')?.properties ?? [];
    const statuses = Object.fromEntries(properties.map(({ name, status }) => [name, status]));
    expect(statuses).toMatchObject({
      VisibilityTimeout: 'emulated',
      RedrivePolicy: 'emulated',
      KmsMasterKeyId: 'emulated',
    });
  });

  test('the same seed gives the same names', async () => {
    const [first, second] = [await deployApp(build()), await deployApp(build())];
    expect(second.sqs.queueNames()).toEqual(first.sqs.queueNames());
  });
});

test('three stacks, one in a stage with a nested stack: references across them resolve in order', async () => {
  const app = newApp();
  const consumer = new Stack(app, 'AConsumer');
  const store = new Stack(app, 'ZStore');
  const jobs = new Queue(store, 'Jobs', { fifo: true });
  const worker = new LambdaFunction(consumer, 'Worker', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline(HANDLER),
    environment: { JOBS: jobs.queueUrl },
  });
  worker.addEventSource(new SqsEventSource(jobs));
  const staged = new Stack(new Stage(app, 'Prod'), 'Nested');
  const inner = new Queue(new NestedStack(staged, 'Inner'), 'Failed', { retentionPeriod: Duration.days(2) });
  new Queue(staged, 'Outer', { deadLetterQueue: { queue: inner, maxReceiveCount: 2 } });

  const { resources, lambda, sqs, functions, call } = await deployApp(app);

  const jobsQueue = resources.byPath('ZStore/Jobs');
  expect(jobsQueue?.attributes.QueueName).toMatch(/^ZStore-Jobs[0-9A-F]{8}-[A-Z0-9]{12}\.fifo$/);
  await lambda.invoke({ FunctionName: resources.byPath('AConsumer/Worker')?.physicalId }, call);
  expect(functions[0].environment.JOBS).toBe(jobsQueue?.physicalId);
  expect(readdirSync(functions[0].codeDirectory)).toEqual(['index.js']);
  const failed = resources.byPath('Prod/Nested/Inner/Failed');
  expect(failed?.attributes.QueueName).toMatch(/^Prod-Nested-.*-Failed/);
  const outer = {
    QueueUrl: resources.byPath('Prod/Nested/Outer')?.physicalId,
    AttributeNames: ['RedrivePolicy' as const],
  };
  expect(sqs.getQueueAttributes(outer, call).Attributes?.RedrivePolicy).toContain(failed?.attributes.Arn);
});

describe('alarms', () => {
  test('on one metric and on an expression reach CloudWatch; Ref is the name', async () => {
    const app = newApp();
    const stack = new Stack(app, 'Watch');
    const queue = new Queue(stack, 'Queue');
    const visible = queue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: 'Maximum',
    });
    const deep = visible.createAlarm(stack, 'Deep', { threshold: 100, evaluationPeriods: 3, datapointsToAlarm: 2 });
    deep.addAlarmAction(new SnsAction(Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:000000000000:news')));
    new Alarm(stack, 'Total', {
      metric: new MathExpression({
        expression: 'a + b',
        usingMetrics: { a: visible, b: queue.metricApproximateNumberOfMessagesNotVisible() },
      }),
      threshold: 10.5,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    });
    const { cloudWatch, call, resources } = await deployApp(app);
    const [one, several] = ['Watch/Deep', 'Watch/Total'].map((path) => resources.byPath(path));
    const { MetricAlarms = [] } = cloudWatch.describeAlarms({}, call);
    expect(MetricAlarms.find(({ AlarmName }) => AlarmName === one?.physicalId)).toMatchObject({
      AlarmArn: one?.attributes.Arn,
      Threshold: 100,
      DatapointsToAlarm: 2,
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: resources.byPath('Watch/Queue')?.attributes.QueueName }],
      AlarmActions: ['arn:aws:sns:us-east-1:000000000000:news'],
    });
    const expressions = MetricAlarms.find(({ AlarmName }) => AlarmName === several?.physicalId)?.Metrics;
    expect(expressions?.map(({ Id, Expression }) => Expression ?? Id)).toEqual(['a + b', 'a', 'b']);
  });
});

describe('what the emulator cannot run', () => {
  test('is reported with the reason, and refused under strict', async () => {
    const app = newApp();
    const stack = new Stack(app, 'Strange');
    const python = new LambdaFunction(stack, 'Python', {
      runtime: Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: Code.fromInline('pass'),
    });
    const queue = new Queue(stack, 'Queue');
    python.addEventSource(new SqsEventSource(queue));
    const image = new DockerImageFunction(stack, 'Image', {
      code: DockerImageCode.fromEcr(Repository.fromRepositoryName(stack, 'Repository', 'images')),
    });
    image.addEventSource(new SqsEventSource(queue));
    python.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    new CfnResource(stack, 'Machine', { type: 'AWS::StepFunctions::StateMachine', properties: {} });
    const assembly = readAssembly(app.synth().directory);
    const { cloud } = cloudFor(assembly);
    const report = await deploy(assembly.stacks[0], cloud);
    const text = formatReport(report);
    expect(text).toMatch(/^ {4}AWS::Lambda::Function +Strange\/Image/m);
    expect(text).toContain(
      '! AWS::StepFunctions::StateMachine  Strange/Machine is not supported (no state machine runs)',
    );
    expect(text).not.toMatch(/! AWS::Lambda::EventSourceMapping/);
    // One that cannot be run is there all the same, for its mappings and for models.
    expect(text).toContain(
      '! AWS::Lambda::Function  Strange/Python has unsupported properties: Runtime (python3.13: there is only Node.js here)',
    );
    expect(text).toContain('! AWS::Lambda::Url  Strange/Python/FunctionUrl is not supported');
    await expect(deploy(assembly.stacks[0], cloudFor(assembly).cloud, { strict: true })).rejects.toThrow(
      /^Strange: strict, .*AWS::Lambda::Url.*Strange\/Machine \(AWS::StepFunctions::StateMachine\)/,
    );
  });

  test("a service's refusal names the resource, and carries AWS's code and message", async () => {
    const queue = (properties: Record<string, string | number>) =>
      assemblyOf({ Test: { Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: properties } } } });
    const refused = (properties: Record<string, string | number>) => {
      const assembly = queue(properties);
      return expect(deploy(assembly.stacks[0], cloudFor(assembly).cloud)).rejects;
    };
    await refused({ VisibilityTimeout: 50_000 }).toThrow(
      /^Test: Resources\.Q: AWS::SQS::Queue: InvalidAttributeValue: /,
    );
    await refused({ VisibilityTimeout: 'long' }).toThrow(
      'Test: Resources.Q.Properties.VisibilityTimeout: must be a whole number, but was "long" (AWS::SQS::Queue)',
    );
  });
});

test('values written as strings are taken as numbers and booleans; a policy may stand in a JSON text', async () => {
  const assembly = assemblyOf({
    Test: {
      Resources: {
        Q: {
          Type: 'AWS::SQS::Queue',
          Properties: { QueueName: 'q.fifo', FifoQueue: 'true', DelaySeconds: '7', ContentBasedDeduplication: 'false' },
        },
        P: {
          Type: 'AWS::SQS::QueueInlinePolicy',
          Properties: { Queue: { Ref: 'Q' }, PolicyDocument: '{"Version":"2012-10-17","Statement":[]}' },
        },
      },
    },
  });
  const { cloud, sqs, call } = cloudFor(assembly);
  const report = await deploy(assembly.stacks[0], cloud);
  expect(report.resources[1].physicalId).toBe(report.resources[0].physicalId);
  const { Attributes } = sqs.getQueueAttributes({ QueueUrl: 'q.fifo', AttributeNames: ['All'] }, call);
  expect(Attributes).toMatchObject({
    DelaySeconds: '7',
    FifoQueue: 'true',
    ContentBasedDeduplication: 'false',
    Policy: '{"Version":"2012-10-17","Statement":[]}',
  });
});

test('code that comes as a zip archive is unpacked; a name that leads out of it is refused', async () => {
  const archive = join(emptyFolder(), 'code.zip');
  writeFileSync(archive, deflatedZip('lib/index.js', Buffer.from(HANDLER)));
  const app = newApp();
  const stack = new Stack(app, 'Zip');
  const code = Code.fromAsset(archive);
  new LambdaFunction(stack, 'Fn', { runtime: Runtime.NODEJS_22_X, handler: 'lib/index.handler', code });
  const { lambda, call, functions, resources } = await deployApp(app);
  await lambda.invoke({ FunctionName: resources.byPath('Zip/Fn')?.physicalId }, call);
  expect(readFileSync(join(functions[0].codeDirectory, 'lib/index.js'), 'utf8')).toBe(HANDLER);

  writeFileSync(archive, deflatedZip('../out.js', Buffer.from(HANDLER)));
  const evil = newApp();
  new LambdaFunction(new Stack(evil, 'Evil'), 'Fn', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'out.handler',
    code: Code.fromAsset(archive),
  });
  await expect(deployApp(evil)).rejects.toThrow('its entry ../out.js leads out of it');
});
