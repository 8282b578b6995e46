import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoScalingGroupConsumer, BacklogScaling, StandardQueue, WorkerProgram } from '../../../../lib';
import { Emulator, VirtualClock } from '../../../../lib/emulator';

const START = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;

let program: string;

beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'six-second-worker-'));
  buildSync({
    entryPoints: [join(__dirname, 'fixtures/six-second-worker.ts')],
    outfile: join(program, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
  });
});

afterAll(() => rmSync(program, { recursive: true }));

/** A message may wait for a minute, and takes 6 seconds: 10 of them for each of 0 to 10 instances. */
class Jobs extends Stack {
  constructor(app: App) {
    super(app, 'Jobs');
    const workers = new AutoScalingGroupConsumer(this, 'Workers', {
      vpc: new Vpc(this, 'Vpc', { natGateways: 0 }),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      worker: WorkerProgram.node(program),
      processingTime: Duration.seconds(30),
      minCapacity: 0,
      maxCapacity: 10,
      instanceWarmup: Duration.minutes(1),
      scaling: BacklogScaling.targetTracking({
        acceptableLatency: Duration.minutes(1),
        processingTime: Duration.seconds(6),
      }),
    });
    const { queue } = new StandardQueue(this, 'Queue', { consumers: [workers] });
    new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
  }
}

/*
 * 60 messages come to no instances at 5:10, by hand. Alarms see the data of minute m at m + 2. An instance is in service
 * 32 s after its launch, and takes a message each 6 s from then on; it is warm a minute later.
 *
 *   minute           0..4  5    6    7    8    9     10   11 ...
 *   visible          0     60   60   55   45   10    0    0
 *   in flight        0     0    0    1    1    6     0    0
 *   in service       0     0    0    1    1    6     6    6
 *   per worker       0     60   60   55   45   2.67  0    0      (of none: as though it were one)
 *   judged at        2..6  7    8    9    10   11    12   13
 *
 *    7  60 wait and nobody works: the alarm beside the policy starts one. In service at 7:32, warm at 8:32.
 *    8  the same again: 0 warm + 1 is what is desired.
 *    9  three minutes above 10: 1 warm x 55 / 10 = 5.5: 6, so 5 more. In service at 9:32, warm at 10:32.
 *   10  1 warm x 45 / 10 = 4.5: 5, fewer than desired: nothing.
 *       Visible at 10:00: 45 less the first one's 10, less 5 times 5 of the others. The last ends at 10:14.
 *   11  2.67: the high alarm is OK.
 *   25  minutes 9 to 23 were below 7: 6 warm x 2.67 / 10 = 1.6: 2.
 *   26  nothing was outstanding in minutes 10 to 24: the other alarm beside the policy removes all.
 */
test('§6: BacklogScaling.targetTracking leaves zero, follows the backlog and returns to zero, matched to the minute', async () => {
  const clock = new VirtualClock({ startAt: START });
  const emulator = await Emulator.fromStack(new Jobs(new App()), { clock, bootTime: 32_000, strict: true });
  try {
    const sqs = new SQSClient(emulator.clientConfig());
    const alarms: string[] = [];
    emulator.timeline.subscribe(({ at, kind, subject, detail }) => {
      if (kind !== 'cloudwatch.alarm' || detail.to !== 'ALARM') return;
      alarms.push(`${(at - START) / MINUTE} ${/AlarmHigh|AlarmLow|FromZero|ToZero/.exec(subject)?.[0]}`);
    });
    const desired: string[] = [];
    let last = emulator.status().groups[0].desired;
    expect(last).toBe(0);
    for (let minute = 0; minute < 60; minute++) {
      if (minute === 5) {
        await clock.advance(10_000);
        const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `${index}`, MessageBody: 'job' }));
        const send = new SendMessageBatchCommand({ QueueUrl: emulator.reports[0].outputs.QueueUrl, Entries });
        for (let batch = 0; batch < 6; batch++) await sqs.send(send);
      }
      await clock.advance(START + minute * MINUTE + MINUTE - clock.now());
      const now = emulator.status().groups[0].desired;
      if (now !== last) desired.push(`${minute + 1}: ${now}`);
      last = now;
    }
    expect(alarms).toEqual(['7 FromZero', '9 AlarmHigh', '25 AlarmLow', '26 ToZero']);
    expect(desired).toEqual(['7: 1', '9: 6', '25: 2', '26: 0']);
    expect(emulator.status().groups[0].instances).toEqual([]);
    expect(emulator.status().queues.every(({ visible, inFlight }) => visible + inFlight === 0)).toBe(true);
  } finally {
    await emulator.stop();
  }
}, 120_000);
