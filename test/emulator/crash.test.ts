import { SQSClient } from '@aws-sdk/client-sqs';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { join, resolve } from 'node:path';
import { sendVideos } from '../../bin/story/videos';
import { AutoScalingGroupConsumer, StandardQueue, WorkerProgram } from '../../lib';
import { Emulator, type LogLine, SystemClock } from '../../lib/emulator';

const encoder = join(resolve(__dirname, '../..'), 'dist/lambda/encoder');

/** Two instances that encode videos; a video whose worker died comes back after 30 seconds. */
class Encoding extends Stack {
  constructor(app: App) {
    super(app, 'Encoding');
    const results = new StandardQueue(this, 'Results');
    const encoders = new AutoScalingGroupConsumer(this, 'Encoders', {
      vpc: new Vpc(this, 'Vpc', { natGateways: 0 }),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      worker: WorkerProgram.node(encoder),
      environment: { RESULT_QUEUE_URL: results.queue.queueUrl },
      processingTime: Duration.seconds(5),
      minCapacity: 2,
      maxCapacity: 2,
    });
    new StandardQueue(this, 'Videos', { consumers: [encoders], queueName: 'videos' });
  }
}

test('kill -9 of a worker in the middle of a message: another process does it after the visibility timeout, nothing is lost', async () => {
  const events: string[] = [];
  const encodings: string[] = [];
  let emulator: Emulator | undefined;
  const done = new Promise<void>((finish) => {
    const onLog = ({ source, text }: LogLine) => {
      if (text.startsWith('encoding video 1,')) {
        encodings.push(source);
        if (encodings.length === 1) emulator?.crashInstance(source);
      }
    };
    emulator = new Emulator({ clock: new SystemClock({ speed: 20 }), compute: 'processes', onLog });
    emulator.timeline.subscribe((event) => {
      if (event.subject !== 'videos') return;
      events.push(`${event.kind} ${event.detail.receives ?? ''}`.trimEnd());
      if (event.kind === 'sqs.deleted') finish();
    });
  });
  const cloud = emulator as unknown as Emulator;
  try {
    await cloud.listen(0);
    const app = new App();
    new Encoding(app);
    await cloud.load(app.synth().directory);
    const ready = () => cloud.status().groups[0].instances.every(({ state }) => state === 'InService');
    await new Promise<void>((go) => cloud.timeline.subscribe(() => ready() && go()));

    const sqs = new SQSClient(cloud.clientConfig());
    const queueUrl = `${cloud.endpointUrl}/000000000000/videos`;
    await sendVideos(sqs, queueUrl, 1, 1, () => undefined);
    await done;
    expect(events).toEqual(['sqs.sent', 'sqs.received 1', 'sqs.released 1', 'sqs.received 2', 'sqs.deleted 2']);
    expect(encodings).toHaveLength(2);
    expect(cloud.status().queues.find(({ name }) => name === 'videos')).toMatchObject({ visible: 0, inFlight: 0 });
    sqs.destroy();
  } finally {
    await cloud.stop();
  }
});
