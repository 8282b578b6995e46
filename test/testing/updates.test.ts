import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { type CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../lib/testing';

interface Version {
  readonly code: string;
  readonly fifo?: boolean;
}

class JobsStack extends Stack {
  public readonly jobs: Queue;

  constructor({ code, fifo }: Version) {
    super(new App(), 'Jobs');
    this.jobs = new Queue(this, 'Queue', { visibilityTimeout: Duration.seconds(30), fifo });
    const handler = new LambdaFunction(this, 'Handler', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline(code),
    });
    handler.addEventSource(new SqsEventSource(this.jobs));
  }
}

const BROKEN = 'exports.handler = async () => { throw new Error("not yet"); };';
const FIXED = 'exports.handler = async () => undefined;';

test('a fix is deployed while messages wait: they are processed, and nothing is lost', async () => {
  const cloud = await LocalCloud.fromStack(new JobsStack({ code: BROKEN }), { seed: 7 });
  await cloud.queue('Jobs/Queue').send(10, String);
  await cloud.advance(Duration.minutes(5));
  expect(cloud.queue('Jobs/Queue').isDrained).toBe(false);

  const fixed = new JobsStack({ code: FIXED });
  const [report] = await cloud.update(fixed);

  const changed = report.resources.filter(({ action }) => action !== 'unchanged');
  expect(changed.map(({ type, action }) => [type, action])).toEqual([['AWS::Lambda::Function', 'updated']]);
  await cloud.runUntil(() => cloud.queue(fixed.jobs).isDrained, { atMost: Duration.minutes(5) });
  expect(cloud.queue(fixed.jobs)).toHaveLostNothing();
  await cloud.stop();
});

test('an update that AWS would refuse is refused, and changes nothing', async () => {
  const cloud = await LocalCloud.fromStack(new JobsStack({ code: FIXED }));
  const wrong = new JobsStack({ code: FIXED });
  (wrong.jobs.node.defaultChild as CfnQueue).visibilityTimeout = 100_000; // which the L2 construct would refuse
  await expect(cloud.update(wrong)).rejects.toThrow('the stack was rolled back to what it was');
  const replaced = new JobsStack({ code: FIXED, fifo: true });
  await cloud.update(replaced.node.root as App);
  expect(cloud.queue(replaced.jobs).name).toMatch(/\.fifo$/);
  expect(cloud.reports[0].removed.map(({ type }) => type)).toEqual([
    'AWS::Lambda::EventSourceMapping',
    'AWS::SQS::Queue',
  ]);
  await cloud.stop();
});
