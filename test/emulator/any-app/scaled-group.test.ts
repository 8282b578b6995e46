import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQS } from '@aws-sdk/client-sqs';
import { AutoScalingGroup, UpdatePolicy } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, MachineImage, UserData, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import { buildSync } from 'esbuild';
import { Emulator, formatReport, VirtualClock } from '../../../lib/emulator';

/** A worker without this package: it polls, works for ten seconds on each message, and deletes it. */
const WORKER = `
  const { SQS } = require('@aws-sdk/client-sqs');
  const sqs = new SQS({});
  const QueueUrl = process.env.QUEUE_URL;
  async function poll() {
    for (;;) {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 });
      for (const { ReceiptHandle } of Messages) {
        await new Promise((done) => setTimeout(done, 10_000));
        await sqs.deleteMessage({ QueueUrl, ReceiptHandle });
      }
    }
  }
  void poll();
`;

function workerFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-plain-worker-'));
  buildSync({
    stdin: { contents: WORKER, resolveDir: __dirname },
    outfile: join(folder, 'worker.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  return folder;
}

/** An Auto Scaling group as the guides write it: plain bash for user data, steps on the depth of the queue. */
class EncodersStack extends Stack {
  constructor(app: App) {
    super(app, 'Encoders');
    const queue = new Queue(this, 'Queue', { visibilityTimeout: Duration.minutes(2) });
    const worker = new Asset(this, 'Worker', { path: workerFolder() });
    const userData = UserData.forLinux();
    const archive = userData.addS3DownloadCommand({ bucket: worker.bucket, bucketKey: worker.s3ObjectKey });
    userData.addCommands(
      'dnf install -y nodejs22 unzip',
      `unzip -q ${archive} -d /opt/worker`,
      `export QUEUE_URL=${queue.queueUrl}`,
      'cd /opt/worker',
      'nohup node worker.js >> /var/log/worker.log 2>&1 &',
    );
    const group = new AutoScalingGroup(this, 'Group', {
      vpc: new Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 }),
      instanceType: new InstanceType('t3.micro'),
      machineImage: MachineImage.latestAmazonLinux2023(),
      minCapacity: 1,
      maxCapacity: 5,
      userData,
      updatePolicy: UpdatePolicy.rollingUpdate(),
    });
    worker.grantRead(group);
    queue.grantConsumeMessages(group);
    group.scaleOnMetric('Depth', {
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' }),
      scalingSteps: [
        { upper: 0, change: -1 },
        { lower: 10, change: +1 },
        { lower: 50, change: +2 },
      ],
      evaluationPeriods: 1,
    });
    group.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
    new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
  }
}

// The construct's own code calls what it has deprecated.
process.env.JSII_DEPRECATED = 'quiet';

describe.each([
  ['a launch configuration', {}],
  ['a launch template', { '@aws-cdk/aws-autoscaling:generateLaunchTemplateInsteadOfLaunchConfig': true }],
])('an Auto Scaling group by the L2 construct, with %s', (source, context) => {
  test('grows with the queue, works it off, and shrinks; what is not emulated is said', async () => {
    const clock = new VirtualClock();
    const emulator = await Emulator.fromStack(new EncodersStack(new App({ context })), { clock });
    const group = () => emulator.status().groups[0];
    const depth = () => emulator.status().queues[0].visible + emulator.status().queues[0].inFlight;
    const inService = () => group().instances.filter(({ state }) => state === 'InService').length;
    const { QueueUrl } = emulator.reports[0].outputs;
    const sqs = new SQS(emulator.clientConfig());
    expect(await clock.runUntil(() => inService() === 1, 10 * 60_000)).toBe(true);
    for (let batch = 0; batch < 20; batch++) {
      const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: `${batch}/${i}` }));
      await sqs.sendMessageBatch({ QueueUrl, Entries });
    }

    expect(await clock.runUntil(() => inService() >= 3, 30 * 60_000)).toBe(true);
    expect(await clock.runUntil(() => depth() === 0, 60 * 60_000)).toBe(true);
    expect(await clock.runUntil(() => inService() === 1, 60 * 60_000)).toBe(true);

    const lines = formatReport(emulator.reports[0]).split('\n');
    expect(lines.filter((line) => line.startsWith('  !'))).toEqual([
      '  ! AWS::AutoScaling::ScalingPolicy  Encoders/Group/ScalingPolicyCpu is not supported (it tracks ' +
        'ASGAverageCPUUtilization, and instances have no CPU, network or load balancer of their own here; a ' +
        'CustomizedMetricSpecification is emulated)',
      '  ! AWS::AutoScaling::AutoScalingGroup  Encoders/Group/ASG has unsupported properties: ' +
        'UpdatePolicy.AutoScalingRollingUpdate.SuspendProcesses (all processes go on during the update)',
    ]);
    expect(
      lines.some((line) => line.includes(source === 'a launch template' ? 'LaunchTemplate' : 'LaunchConfig')),
    ).toBe(true);
    sqs.destroy();
    await emulator.stop();
  });
});
