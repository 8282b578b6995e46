import { AutoScaling } from '@aws-sdk/client-auto-scaling';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AutoScalingGroupConsumer,
  type AutoScalingGroupConsumerProps,
  BacklogScaling,
  StandardQueue,
  WorkerProgram,
} from '../../../../lib';
import { Emulator, formatEvent, VirtualClock } from '../../../../lib/emulator';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

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

/** One to four instances whose workers take 6 seconds for a message, one at a time. */
async function withWorkers(props: Partial<AutoScalingGroupConsumerProps>, minutes: number) {
  const stack = new Stack(new App(), 'Jobs');
  const workers = new AutoScalingGroupConsumer(stack, 'Workers', {
    vpc: new Vpc(stack, 'Vpc', { natGateways: 0 }),
    vpcSubnets: { subnetType: SubnetType.PUBLIC },
    worker: WorkerProgram.node(program),
    processingTime: Duration.seconds(30),
    minCapacity: 1,
    maxCapacity: 4,
    scaling: BacklogScaling.steps([{ depth: 1_000, add: 1 }]),
    ...props,
  });
  const { queue } = new StandardQueue(stack, 'Queue', { consumers: [workers] });
  new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
  const clock = new VirtualClock();
  const emulator = await Emulator.fromStack(stack, { clock, strict: true });
  const events: string[] = [];
  emulator.timeline.subscribe((event) => events.push(formatEvent(event)));
  const group = () => emulator.status().groups[0];
  const counts = () => {
    const { visible, inFlight } = emulator.status().queues.find(({ deadLetterQueue }) => !deadLetterQueue) ?? {};
    return { visible, inFlight };
  };
  const sdk = new AutoScaling(emulator.clientConfig());
  const scaleTo = (DesiredCapacity: number) =>
    sdk.setDesiredCapacity({ AutoScalingGroupName: group().name, DesiredCapacity });
  const send = (count: number) =>
    new SQSClient(emulator.clientConfig()).send(
      new SendMessageBatchCommand({
        QueueUrl: emulator.reports[0].outputs.QueueUrl,
        Entries: Array.from({ length: count }, (_, index) => ({ Id: `${index}`, MessageBody: 'job' })),
      }),
    );
  await clock.advance(minutes * MINUTE);
  return { emulator, clock, group, counts, events, send, scaleTo };
}

test('§6 Spot: a worker whose instance is taken back finishes its message, and no message is delivered twice', async () => {
  const { emulator, clock, group, counts, send, events } = await withWorkers({}, 5);
  try {
    const [{ id }] = group().instances;
    await send(10);
    await clock.advance(7 * SECOND); // the second message is in work
    emulator.interruptInstance(id);
    // It looks at its metadata every 5 seconds; what it has begun by then, it finishes.
    await clock.advance(30 * SECOND);
    const rest = counts();
    expect(rest.inFlight).toBe(0);
    expect(rest.visible).toBeGreaterThan(6);
    await clock.advance(90 * SECOND + MINUTE);
    expect(group().instances.map(({ state }) => state)).toEqual(['Terminating:Wait', 'Pending']); // EC2's health check
    expect(counts()).toEqual(rest);
    await clock.advance(10 * MINUTE);
    expect(counts()).toEqual({ visible: 0, inFlight: 0 });
    expect(group().instances).toMatchObject([{ state: 'InService' }]);
    expect(group().instances[0].id).not.toBe(id);
    expect(events.filter((event) => event.includes('sqs.received'))).toHaveLength(10);
  } finally {
    await emulator.stop();
  }
}, 60_000);

test('an instance that vanishes takes its message along, which comes back when its visibility timeout ends', async () => {
  const { emulator, clock, group, counts, send } = await withWorkers({}, 5);
  try {
    await send(1);
    await clock.advance(SECOND);
    expect(counts()).toEqual({ visible: 0, inFlight: 1 });
    emulator.killInstance(group().instances[0].id);
    await clock.advance(2 * MINUTE);
    expect(() => emulator.killInstance('i-nobody')).toThrow(/there is no instance i-nobody: there are i-0/);
    expect(() => emulator.crashInstance('i-nobody')).toThrow(/there is no instance i-nobody: there are i-0/);
    await clock.advance(10 * MINUTE);
    expect(counts()).toEqual({ visible: 0, inFlight: 0 });
  } finally {
    await emulator.stop();
  }
}, 60_000);

test('§6 warm pool: set up, stopped and waiting; in service sooner, and only then do their workers receive', async () => {
  const { emulator, clock, group, counts, send, scaleTo } = await withWorkers({ warmPool: {} }, 5);
  try {
    const states = () => group().instances.map(({ state }) => state);
    expect([states(), group().warmPool.map(({ state }) => state)]).toEqual([
      ['InService'],
      ['Warmed:Stopped', 'Warmed:Stopped', 'Warmed:Stopped'],
    ]);
    const prepared = group().warmPool.map(({ id }) => id);
    await send(10);
    await clock.advance(SECOND);
    expect(counts()).toEqual({ visible: 9, inFlight: 1 });
    await scaleTo(3);
    expect(states()).toEqual(['InService', 'Pending', 'Pending']);
    await clock.advance(10 * SECOND);
    expect(states()).toEqual(['InService', 'InService', 'InService']); // after 10 seconds in place of 30
    expect(group().instances.map(({ id }) => id)).toEqual(expect.arrayContaining(prepared.slice(0, 2)));
    await clock.advance(6 * SECOND);
    expect(counts().inFlight).toBe(3);
    await clock.advance(MINUTE);
    expect(counts()).toEqual({ visible: 0, inFlight: 0 });
  } finally {
    await emulator.stop();
  }
}, 60_000);
