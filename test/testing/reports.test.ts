import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { StandardQueue } from '../../lib';
import {
  assertAlarmed,
  assertDeadLettered,
  assertDeleted,
  assertDelivered,
  assertDeliveredOnce,
  assertDrained,
  assertEmpty,
  assertInAlarm,
  assertInService,
  assertLostNothing,
  assertNoErrors,
  assertPeakedAtLeast,
  assertPeakedAtMost,
  assertSent,
  assertSize,
  CloudAssertionError,
  LocalCloud,
  NotReachedError,
} from '../../lib/testing';
import { JobsStack } from './jobs-stack';

let stack: JobsStack;
let cloud: LocalCloud;

beforeEach(async () => {
  stack = new JobsStack();
  cloud = await LocalCloud.fromStack(stack, { seed: 7, bootTime: Duration.minutes(2) });
});
afterEach(() => cloud.stop());

/** The report of a wait in vain. */
async function report(wait: Promise<unknown>): Promise<string> {
  const error: unknown = await wait.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NotReachedError)) throw new Error(`no report: ${String(error)}`);
  return error.message;
}

describe('what has not come in time is told with what is stuck, and why', () => {
  test('nobody polls the queue', async () => {
    const alone = new Stack(new App(), 'Alone');
    const queue = new StandardQueue(alone, 'Lonely');
    const other = await LocalCloud.fromStack(alone);
    await other.queue(queue).send('a');
    await other.runUntil(() => true, { atMost: Duration.minutes(6) });
    const text = await report(other.queue(queue).waitUntilDrained({ atMost: Duration.minutes(5) }));
    expect(text).toContain('Lonely: 1 visible, 0 in flight, 0 delayed\n    nothing was ever received from it');
    expect(text).toContain('- Lonely: nobody polls it; give it a consumer');
    expect(text).toContain("Next on the clock:\n  in 1 min: the minute's metrics are published");
    expect(text).not.toContain('a test waits no longer'); // the earlier wait is over
    await other.stop();
  });

  test('no instance is there yet', async () => {
    await cloud.queue(stack.jobs).send('a');
    const text = await report(cloud.queue(stack.jobs).waitUntilDrained({ atMost: Duration.minutes(1) }));
    expect(text).toMatch(/Encoders: 1 desired \(1 to 10\): i-\w+ Pending/);
    expect(text).toMatch(/in 1 min: i-\w+ has booted/);
  });

  test('the function fails', async () => {
    cloud.function(stack.mailer).model({
      handler: () => {
        throw new RangeError('too many cooks');
      },
    });
    await cloud.queue(stack.mails).send({ to: 'ann' });
    const text = await report(cloud.queue(stack.mails).waitUntilDrained({ atMost: Duration.minutes(8) }));
    expect(text).toContain('its event source mapping to Mailer is Enabled');
    expect(text).toMatch(/one of its messages was received \d times without being deleted/);
    expect(text).toMatch(
      /Mailer: \d invocations, 0 of them running, \d failed, 0 throttled; last at \d:\d\d: RangeError: too many cooks/,
    );
    expect(text).toMatch(/- Mailer failed \d times, last with RangeError: too many cooks/);
  });

  test('messages are hidden for longer than one waits; and a drain that goes on is said to', async () => {
    cloud.group(stack.encoders).model({ queue: stack.jobs, runningTime: Duration.minutes(30) });
    const jobs = cloud.queue(stack.jobs);
    await jobs.send('a');
    await jobs.waitFor('a', 'received');
    const text = await report(jobs.waitUntilDrained({ atMost: Duration.seconds(30) }));
    expect(text).toMatch(
      /0 visible, 1 in flight, 0 delayed\n {4}last received at 2:00\n {4}the next message becomes visible in/,
    );
  });

  test('a drain that goes on is said to', async () => {
    cloud.group(stack.encoders).model({ queue: stack.jobs, runningTime: Duration.seconds(10) });
    const jobs = cloud.queue(stack.jobs);
    await jobs.send(90, String);
    const text = await report(jobs.waitUntilDrained({ atMost: Duration.minutes(7) }));
    // In service at 2:00, and a message each ten seconds for five minutes: 60 left, at 30 in 7 minutes.
    expect(text).toContain('30 of its messages were deleted meanwhile');
    expect(text).toContain('- Jobs: it is getting there; at this rate it takes another 14 min');
  });

  test('what functions wrote last goes by their labels', async () => {
    const mailer = cloud.function(stack.mailer);
    mailer.model({ runningTime: Duration.minutes(1) });
    await expect(mailer.invoke()).rejects.toThrow('timed out');
    const text = await report(cloud.runUntil(() => false, { atMost: Duration.minutes(1) }));
    expect(text).toMatch(/Last written to standard error:\n +0:30 +Mailer: .*Task timed out/);
  });

  test('dead letters stay, and what was waited for is told in words', async () => {
    cloud.group(stack.encoders).model({
      queue: stack.jobs,
      handler: () => {
        throw new Error('no');
      },
    });
    await cloud.queue(stack.jobs).send('a');
    await cloud.queue(stack.jobs).waitFor('a', 'deadLettered');
    const dead = cloud.queue(stack.jobs.deadLetterQueue);
    const text = await report(
      cloud.runUntil(() => dead.isEmpty, { atMost: Duration.minutes(1), what: 'someone looks' }),
    );
    expect(text).toMatch(/^not within 1 min of emulated time: someone looks\n/);
    expect(text).toContain('Jobs/DeadLetterQueue: a dead-letter queue, so what is in it stays; look at its messages');
    expect(text).toContain('Last written to standard error:');
  });
});

describe('the timeline', () => {
  test('is filtered by resource and by kind', async () => {
    cloud.group(stack.encoders).model({ queue: stack.jobs, runningTime: Duration.seconds(10) });
    await cloud.queue(stack.jobs).send(3, (i) => ({ i }));
    await cloud.queue(stack.jobs).waitUntilDrained();
    const timeline = cloud.timeline();
    const kinds = (of: typeof timeline) => of.events.map(({ kind }) => kind);
    const three = (kind: string): string[] => [kind, kind, kind];
    expect(kinds(timeline.of(stack.jobs)).sort()).toEqual([
      ...three('sqs.deleted'),
      ...three('sqs.received'),
      ...three('sqs.sent'),
    ]);
    expect(kinds(timeline.of('Jobs').kinds('sqs.sent'))).toEqual(three('sqs.sent'));
    expect(kinds(timeline.of(stack.encoders).kinds('autoscaling'))).toEqual(
      expect.arrayContaining(['autoscaling.launched', 'autoscaling.inService']),
    );
    expect(new Set(kinds(timeline.kinds('cloudwatch.alarm', 'lambda')))).toEqual(new Set(['cloudwatch.alarm']));
    expect(timeline.of(stack.jobs).kinds('sqs.received').lines[0]).toMatch(
      /^2030-01-01T00:02:\d\d\.\d{3}Z sqs\.received Shop-Jobs-\w+ message=[0-9a-f-]{36} receives=1$/,
    );
    expect(kinds(timeline.of(stack).kinds('sqs.sent'))).toEqual(three('sqs.sent'));
    expect(kinds(timeline.of(stack.jobs.deadLetterQueue))).toEqual([]);
    const elsewhere = new Stack(new App(), 'Elsewhere');
    expect(() => timeline.of(elsewhere)).toThrow('the construct Elsewhere has no resources in the deployed stacks');
  });

  test('is drawn at the scale that fits: seconds, or months', async () => {
    await cloud.queue(stack.jobs.deadLetterQueue).send(2, String, { over: Duration.seconds(20) });
    expect(cloud.timeline().toString()).toBe(
      [
        '20 s from 2030-01-01T00:00:00.000Z, seed 7; a column is 1 s',
        '',
        '                      peak  0:00      0:10',
        'Jobs/DeadLetterQueue     2  ▄▄▄▄▄▄▄▄▄▄██████████',
        'Encoders, in service     0  ····················',
        '',
        '0:00  Encoders: launches an instance',
        '',
      ].join('\n'),
    );
    const long = await LocalCloud.fromStack(new Stack(new App(), 'Empty'));
    await long.advance(Duration.days(15));
    expect(long.timeline().toString()).toContain('peak  0:00      2d 12:00  5d        7d 12:00  10d       12d 12:00\n');
    await long.advance(Duration.days(285));
    expect(long.timeline().toString()).toMatch(/^300 d from .* a column is 5 d\n/);
    await long.stop();
  });
});

test('assertions for other runners throw what the matchers say', async () => {
  cloud.group(stack.encoders).model({
    queue: stack.jobs,
    handler: ({ i }: { i: number }) => {
      if (i === 1) throw new Error('no');
    },
  });
  const jobs = cloud.queue(stack.jobs);
  const dead = cloud.queue(stack.jobs.deadLetterQueue);
  const group = cloud.group(stack.encoders);
  const alarm = cloud.alarm('Encoders/Scaling/ScaleOutAlarm');
  const mailer = cloud.function(stack.mailer);
  await jobs.send(2, (i) => ({ i }));
  await jobs.waitFor({ i: 1 }, 'deadLettered');
  await mailer.invoke({ fail: 'x' }).catch(() => undefined);

  assertLostNothing(jobs);
  assertEmpty(jobs);
  assertDrained(jobs);
  assertSize(dead, 1);
  assertSent(jobs, { i: 0 });
  assertDelivered(jobs, { i: 0 });
  assertDeleted(jobs, { i: 0 });
  assertDeadLettered(jobs, { i: 1 });
  assertPeakedAtMost(group, 1);
  assertPeakedAtLeast(jobs, 2);
  assertInService(group, 1);

  const wrong: [() => void, string][] = [
    [
      () => assertEmpty(dead),
      'Jobs/DeadLetterQueue is not empty: 1 visible, 0 in flight, 0 delayed\n  {"i":1}: sent at',
    ],
    [() => assertDrained(dead), 'Jobs/DeadLetterQueue is not drained: 1 visible'],
    [() => assertSize(dead, 2), 'Jobs/DeadLetterQueue was expected to hold 2 messages, and holds 1'],
    [
      () => assertSent(jobs, { i: 2 }),
      'Jobs was expected to have been sent a message that matches {"i":2}, and has not',
    ],
    [
      () => assertDelivered(dead, { i: 1 }),
      'Jobs/DeadLetterQueue was expected to have delivered a message that matches',
    ],
    [() => assertDeleted(jobs, { i: 1 }), 'Jobs was expected to have deleted a message that matches {"i":1}'],
    [
      () => assertDeadLettered(jobs, { i: 0 }),
      'Jobs was expected to have dead-lettered a message that matches {"i":0}',
    ],
    [() => assertDeliveredOnce(dead), 'Jobs/DeadLetterQueue has delivered no message, so none once'],
    [() => assertDeliveredOnce(jobs), 'Jobs delivered 1 message more than once:\n  {"i":1}: sent at'],
    [() => assertPeakedAtMost(jobs, 1), 'Jobs peaked at 2 messages, expected at most 1'],
    [() => assertPeakedAtLeast(group, 2), 'Encoders peaked at 1 instances in service, expected at least 2'],
    [() => assertInService(group, 2), 'Encoders has 1 instance in service, expected 2 (1 desired)'],
    [() => assertInAlarm(alarm), 'Encoders/Scaling/ScaleOutAlarm is in OK, expected ALARM: Threshold Crossed'],
    [() => assertAlarmed(alarm), 'Encoders/Scaling/ScaleOutAlarm has never been in ALARM; it is in OK'],
    [() => assertNoErrors(mailer), '1 of 1 invocation of Mailer failed'],
  ];
  for (const [assertion, message] of wrong) {
    expect(assertion).toThrow(message);
    expect(assertion).toThrow(CloudAssertionError);
    expect(assertion).toThrow('peak  0:00'); // the picture
  }
});
