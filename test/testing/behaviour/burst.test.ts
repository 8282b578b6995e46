import { App, Duration } from 'aws-cdk-lib/core';
import { VideoEncodingStack } from '../../../bin/video-encoding';
import { LocalCloud, RunningTime } from '../../../lib/testing';

interface Video {
  readonly video: number;
  readonly corrupt?: boolean;
}

describe('the reference app: usually 10 videos wait, suddenly 1,000 do', () => {
  let cloud: LocalCloud;
  const videos = () => cloud.queue('Videos');
  const encoders = () => cloud.group('Encoders');
  const scaleOut = () => cloud.alarm('Encoders/Scaling/ScaleOutAlarm');
  let burst: number;

  beforeAll(async () => {
    cloud = await LocalCloud.fromStack(new VideoEncodingStack(new App(), 'VideoEncoding'), { seed: 7 });
    encoders().model({
      queue: 'Videos',
      runningTime: RunningTime.uniform(Duration.seconds(2), Duration.seconds(6)),
      // As the encoder does: a result for the catalogue, and an error for a file that nobody can read.
      handler: async ({ video, corrupt }: Video) => {
        if (corrupt === true) throw new Error(`video ${video} is corrupt`);
        await cloud.queue('Encoded').send({ video, bytes: 1 });
      },
    });
    await videos().send(10, (i) => ({ video: i }));
    await videos().waitUntilDrained();
    burst = cloud.now;
    await videos().send(1_000, (i) => ({ video: 10 + i, ...(i % 200 === 100 && { corrupt: true }) }));
    await cloud.runUntil(() => videos().isDrained && cloud.queue('Encoded').isDrained, {
      atMost: Duration.minutes(30),
    });
  });
  afterAll(() => cloud.stop());

  const minutesAfter = (at = cloud.now) => (at - burst) / 60_000;

  test('the queue takes them all at once', () => {
    expect(videos().peak).toBe(1_000);
  });

  test('the alarm goes off within three minutes: a minute of data, a minute until it is seen', () => {
    const [alarm] = scaleOut().history.filter(({ to, at }) => to === 'ALARM' && at > burst);
    expect(minutesAfter(alarm.at)).toBeLessThanOrEqual(3);
  });

  test('the group grows to its limit of 8, and no further', () => {
    expect(encoders()).toHavePeakedAtLeast(8);
    expect(encoders()).toHavePeakedAtMost(8);
  });

  test('all that can be are encoded within 15 minutes, and every result is in the catalogue, once', () => {
    const encoded = videos().find(() => true, 'deleted');
    expect(encoded).toHaveLength(1_005);
    expect(minutesAfter(Math.max(...encoded.map(({ endedAt = Infinity }) => endedAt)))).toBeLessThan(15);
    expect(cloud.queue('Encoded').totals).toMatchObject({ sent: 1_005, deleted: 1_005 });
    expect(cloud.queue('Encoded')).toHaveDeliveredOnce();
    expect(cloud.function('Catalogue')).toHaveNoErrors();
  });

  test('the five that nobody can read are dead letters after three attempts each, and nothing is lost', () => {
    expect(videos()).toHaveLostNothing();
    expect(videos().deadLettered.map(({ receives }) => receives)).toEqual([3, 3, 3, 3, 3]);
    expect(cloud.queue('Videos/DeadLetterQueue')).toHaveSize(5);
  });

  test('the group is back at one instance half an hour later, and no video was interrupted by that', async () => {
    await cloud.runUntil(() => encoders().instances.length === 1, { atMost: Duration.minutes(30) });
    expect(encoders()).toHaveInService(1);
    expect(videos().redelivered).toHaveLength(5);
  });
});
