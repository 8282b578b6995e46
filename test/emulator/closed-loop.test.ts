import { SQSClient } from '@aws-sdk/client-sqs';
import { App } from 'aws-cdk-lib/core';
import { StoryStatistics, type Figures } from '../../bin/story/figures';
import { poisonCount, sendVideos } from '../../bin/story/videos';
import { VideoEncodingStack } from '../../bin/video-encoding';
import { Emulator, formatEvent, VirtualClock } from '../../lib/emulator';

const MINUTE = 60_000;

interface Run {
  readonly figures: Figures;
  readonly timeline: string[];
  /** When alarms changed, in minutes since the burst, and to what. */
  readonly alarms: string[];
  readonly minutes: number;
}

/** The story of `npm start`, in virtual time: real templates, bundles and SDK clients, no port and no process. */
async function play(seed: number): Promise<Run> {
  const stack = new VideoEncodingStack(new App(), 'VideoEncoding');
  const clock = new VirtualClock();
  const timeline: string[] = [];
  const alarms: string[] = [];
  const listeners: ((line: { text: string; at: number; source: string; stream: 'stdout' | 'stderr' }) => void)[] = [];
  const emulator = await Emulator.fromStack(stack, {
    clock,
    seed,
    onLog: (line) => listeners.forEach((take) => take(line)),
  });
  try {
    const queueUrl = emulator.reports[0].outputs.VideosQueueUrl;
    const books = new StoryStatistics();
    listeners.push((line) => books.logged(line));
    let burst = clock.now();
    emulator.timeline.subscribe((event) => {
      timeline.push(formatEvent(event));
      books.happened(event);
      if (event.kind === 'cloudwatch.alarm')
        alarms.push(`${Math.floor((event.at - burst) / MINUTE)} ${String(event.detail.to)}`);
    });
    const sqs = new SQSClient(emulator.clientConfig());
    const group = () => emulator.status().groups[0];
    const inService = () => group().instances.filter(({ state }) => state === 'InService').length;
    const until = async (what: string, condition: () => boolean, atMost = 60 * MINUTE) => {
      if (!(await clock.runUntil(condition, atMost)))
        throw new Error(`${what} did not come: ${timeline.slice(-20).join('\n')}`);
    };

    await until('the first instance', () => inService() === 1);
    await sendVideos(sqs, queueUrl, 1, 10, (id, video) => books.sent(id, video));
    await until('the usual ten', () => books.outstandingCount === 0);
    burst = clock.now();
    books.burstBegins(burst);
    await sendVideos(sqs, queueUrl, 11, 1_000, (id, video) => books.sent(id, video));
    await until('the drained queue', () => books.outstandingCount === 0);
    await until('the scale-in', () => group().instances.length === 1 && group().desired === 1);
    return { figures: books.figures(inService()), timeline, alarms, minutes: (clock.now() - burst) / MINUTE };
  } finally {
    await emulator.stop();
  }
}

test('1,000 videos drain, none lost, and the group grows and shrinks; the same seed gives the same run', async () => {
  const first = await play(7);
  expect(first.figures).toMatchObject({
    sent: 1_000,
    processed: 1_000 - poisonCount(1, 1_000),
    duplicates: 0,
    lost: 0,
    deadLettered: poisonCount(1, 1_000),
    finalInstances: 1,
  });
  expect(poisonCount(1, 1_000)).toBe(5);
  expect(first.figures.peakInstances).toBeGreaterThan(1);
  expect(first.figures.peakInstances).toBeLessThanOrEqual(8);
  expect(first.figures.drainSeconds).toBeLessThan(20 * 60);

  const second = await play(7);
  expect(second.timeline.length).toBe(first.timeline.length);
  expect(second.timeline).toEqual(first.timeline);
  expect(second.figures).toEqual(first.figures);
}, 300_000);
