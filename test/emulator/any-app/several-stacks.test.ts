import { SQS } from '@aws-sdk/client-sqs';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { Emulator, VirtualClock } from '../../../lib/emulator';
import { emptyFolder } from '../cloudformation/support';

const emulators: Emulator[] = [];
afterEach(() => Promise.all(emulators.splice(0).map((emulator) => emulator.stop())));

function started(): { clock: VirtualClock; emulator: Emulator } {
  const clock = new VirtualClock();
  const emulator = new Emulator({ clock });
  emulators.push(emulator);
  return { clock, emulator };
}

/** Three stacks, each of which uses what the one before it made: by exports and imports, as the CDK writes them. */
function threeStacks(queueName?: string): App {
  const app = new App({ outdir: emptyFolder() });
  const storage = new Stack(app, 'Storage');
  const queue = new Queue(storage, 'Queue', { queueName });
  const workers = new Stack(app, 'Workers');
  const handler = new LambdaFunction(workers, 'Handler', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => console.log("worked", process.env.QUEUE);'),
    environment: { QUEUE: queue.queueUrl },
  });
  handler.addEventSource(new SqsEventSource(queue));
  const monitoring = new Stack(app, 'Monitoring');
  new Alarm(monitoring, 'Errors', { metric: handler.metricErrors(), threshold: 1, evaluationPeriods: 1 });
  new CfnOutput(monitoring, 'Queue', { value: queue.queueUrl });
  return app;
}

test('three stacks with exports and imports are deployed in order, and work together', async () => {
  const { clock, emulator } = started();
  await emulator.load(threeStacks().synth().directory);
  expect(emulator.reports.map(({ stackName }) => stackName)).toEqual(['Storage', 'Workers', 'Monitoring']);
  const QueueUrl = emulator.reports[2].outputs.Queue;
  const sqs = new SQS(emulator.clientConfig());
  await sqs.sendMessage({ QueueUrl, MessageBody: 'x' });
  await clock.advance(60_000);
  expect(emulator.status().queues[0]).toMatchObject({ visible: 0, inFlight: 0 });
  sqs.destroy();
});

test('a change that would replace what another stack imports is refused, as on AWS', async () => {
  const { emulator } = started();
  await emulator.load(threeStacks('first').synth().directory);
  await expect(emulator.load(threeStacks('second').synth().directory)).rejects.toThrow(
    /^Storage: Export Storage:ExportsOutput\w+ cannot be updated as it is in use by Workers(, Monitoring)?; /,
  );
  expect(emulator.status().queues.map(({ name }) => name)).toEqual(['first']);
});

describe('across regions, by crossRegionReferences', () => {
  const across = (queueName: string): App => {
    const app = new App({ outdir: emptyFolder() });
    const account = '111111111111';
    const place = (region: string) => ({ env: { account, region }, crossRegionReferences: true });
    const producer = new Stack(app, 'Producer', place('us-east-1'));
    const queue = new Queue(producer, 'Queue', { queueName });
    const consumer = new Stack(app, 'Consumer', place('eu-west-1'));
    new StringParameter(consumer, 'Copy', { stringValue: queue.queueArn });
    return app;
  };

  test('values get there, and those in use cannot change', async () => {
    const { emulator } = started();
    await emulator.load(across('jobs').synth().directory);
    const consumer = emulator.reports.find(({ stackName }) => stackName === 'Consumer');
    const copy = consumer?.resources.find(({ type }) => type === 'AWS::SSM::Parameter');
    expect(copy?.attributes.Value).toBe('arn:aws:sqs:us-east-1:111111111111:jobs');
    for (const { resources } of emulator.reports) {
      expect(resources.filter(({ status }) => status === 'unsupported')).toEqual([]);
    }
    await expect(emulator.load(across('others').synth().directory)).rejects.toThrow(
      /Custom::CrossRegionExportWriter: CustomResourceFailure: Some exports have changed! \/cdk\/exports\/Consumer\/.*; the stack was rolled back/,
    );
    expect(emulator.status().queues.map(({ name }) => name)).toEqual(['jobs']);
  });
});

test('each region has a Parameter Store of its own', async () => {
  const { emulator } = started();
  const app = new App({ outdir: emptyFolder() });
  const account = '111111111111';
  const [here, there] = ['us-east-1', 'eu-west-1'].map((region) => {
    const settings = new Stack(app, `Settings-${region}`, { env: { account, region } });
    new StringParameter(settings, 'Name', { parameterName: '/queue/name', stringValue: `jobs-${region}` });
    const queues = new Stack(app, `Queues-${region}`, { env: { account, region } });
    new Queue(queues, 'Queue', { queueName: StringParameter.valueForStringParameter(queues, '/queue/name') });
    return { settings, queues };
  });
  // First both parameters, then those who read them.
  here.queues.addDependency(here.settings);
  there.queues.addDependency(there.settings);
  await emulator.load(app.synth().directory);
  await emulator.load(app.synth().directory);
  expect(emulator.status().queues.map(({ name }) => name)).toEqual(['jobs-us-east-1', 'jobs-eu-west-1']);
});
