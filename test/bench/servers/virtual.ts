// Virtual time: `virtual.js <case>` prints the milliseconds of processor time, and of the wall's clock, that a case takes.
import { App } from 'aws-cdk-lib/core';
import { VideoEncodingStack } from '../../../bin/video-encoding';
import { Emulator, VirtualClock } from '../../../lib/emulator';
import { LocalCloud } from '../../../lib/testing';
import type { Cost } from '../virtual-time';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MESSAGES = 1_000_000;
/** Messages a second from six o'clock on; from noon, for almost ten minutes, a hundred times as many. */
const RATE = 8.73;
const [BEGIN, NOON, SPIKE] = [6 * HOUR, 12 * HOUR, 9.6 * MINUTE];

async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const before = process.cpuUsage();
  const began = performance.now();
  await work();
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  return { processor: (user + system) / 1_000, wall };
}

function synthesize(): string {
  const app = new App();
  new VideoEncodingStack(app, 'VideoEncoding');
  return app.synth().directory;
}

/** The reference stack, its encoders modelled: ten videos at a time, each for half a second to one and a half. */
async function start() {
  const clock = new VirtualClock();
  const emulator = await Emulator.fromAssembly(synthesize(), { clock, seed: 7 });
  const { queues, groups } = emulator.status();
  const queue = queues.find(({ label }) => label === 'Videos')?.name;
  if (queue === undefined) throw new Error('the reference stack has no queue Videos');
  const runningTime = (random: { next(): number }) => 500 + random.next() * 1_000;
  emulator.modelGroup(groups[0].name, { queue, concurrency: 10, runningTime });
  return { clock, emulator, queue };
}

/** A night, a day with a spike at noon, an evening: the group grows to its maximum and shrinks to its minimum again. */
async function day(): Promise<Cost> {
  const { clock, emulator, queue } = await start();
  const { account, region } = emulator.reports[0];
  const direct = emulator.region(account, region);
  const midnight = clock.now();
  let at = midnight + BEGIN;
  let sent = 0;
  const send = () => {
    direct.send(queue, { body: `{"video":${sent++}}` });
    const hour = at - midnight;
    at += SECOND / (hour >= NOON && hour < NOON + SPIKE ? 100 * RATE : RATE);
    if (sent < MESSAGES) clock.schedule(Math.round(at), send, 'a video is sent');
  };
  clock.schedule(at, send, 'a video is sent');
  const running: number[] = [];
  const cost = await measure(async () => {
    for (let hour = 0; hour < 24; hour++) {
      await clock.advance(HOUR);
      running.push(emulator.status().groups[0].instances.length);
    }
  });
  const left = emulator.status().queues.reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
  const isAsExpected = sent === MESSAGES && left === 0 && Math.max(...running) === 8 && running.at(-1) === 1;
  if (!isAsExpected)
    throw new Error(`${sent} were sent, ${left} are left, instances by the hour: ${running.join(' ')}`);
  await emulator.stop();
  return cost;
}

async function idle(spans: number, days: number): Promise<Cost> {
  const { clock, emulator } = await start();
  const cost = await measure(async () => {
    for (let span = 0; span < spans; span++) await clock.advance(days * DAY);
  });
  await emulator.stop();
  return cost;
}

async function cloud(): Promise<Cost> {
  const directory = synthesize();
  const clouds: LocalCloud[] = [];
  const cost = await measure(async () => clouds.push(await LocalCloud.fromAssembly(directory)));
  await clouds[0].stop();
  return cost;
}

const CASES: Readonly<Record<string, () => Promise<Cost>>> = {
  day,
  idle: () => idle(1, 10_000),
  days: () => idle(10_000, 1),
  start: cloud,
};

CASES[process.argv[2]]().then(
  (cost) => process.stdout.write(JSON.stringify(cost), () => process.exit()),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
