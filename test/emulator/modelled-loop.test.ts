import { App } from 'aws-cdk-lib/core';
import { VideoEncodingStack } from '../../bin/video-encoding';
import { Emulator, formatEvent, VirtualClock } from '../../lib/emulator';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The reference stack with models of both consumers: a burst of 1,000 videos, and what happens until all is quiet. */
async function play(seed: number) {
  const clock = new VirtualClock();
  const emulator = await Emulator.fromStack(new VideoEncodingStack(new App(), 'VideoEncoding'), { clock, seed });
  try {
    const { queues, groups } = emulator.status();
    const name = (label: string) => queues.find((queue) => queue.label === label)?.name as string;
    const [{ account, region, resources }] = emulator.reports;
    const regionHandle = emulator.region(account, region);
    const fn = resources.find(({ type }) => type === 'AWS::Lambda::Function')?.physicalId as string;
    let catalogued = 0;
    emulator.modelFunction(fn, {
      runningTime: 200,
      handler: (event) => {
        catalogued += (event as { Records: unknown[] }).Records.length;
        return { batchItemFailures: [] };
      },
    });
    emulator.modelGroup(groups[0].name, {
      queue: name('Videos'),
      runningTime: (random) => random.integer(2 * SECOND, 6 * SECOND),
      handler: ({ Body = '' }) => {
        if (Body === 'broken') throw new Error('not a video');
        regionHandle.send(name('Encoded'), { body: Body });
      },
    });
    const timeline: string[] = [];
    emulator.timeline.subscribe((event) => timeline.push(formatEvent(event)));
    const sizes: number[] = [];
    await clock.advance(5 * MINUTE);
    for (let video = 0; video < 1_000; video++) {
      regionHandle.send(name('Videos'), { body: video % 200 === 7 ? 'broken' : `{"video":${video}}` });
    }
    for (let minute = 0; minute < 45; minute++) {
      await clock.advance(MINUTE);
      sizes.push(emulator.status().groups[0].instances.length);
    }
    const left = emulator.status().queues.map(({ label, visible, inFlight }) => `${label} ${visible + inFlight}`);
    return { timeline, sizes, left, catalogued };
  } finally {
    await emulator.stop();
  }
}

test('the closed loop with modelled consumers: a burst drains, the group grows and shrinks, nothing is lost, twice the same', async () => {
  const first = await play(7);
  expect(Math.max(...first.sizes)).toBe(8);
  expect(first.sizes.at(-1)).toBe(1);
  expect(first.catalogued).toBe(995);
  expect(first.left).toEqual(expect.arrayContaining(['Videos 0', 'Encoded 0']));
  expect(first.left).toContainEqual(expect.stringMatching(/^Videos\/.* 5$/)); // its dead-letter queue
  expect(await play(7)).toEqual(first);
  expect((await play(8)).timeline).not.toEqual(first.timeline);
});
