import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { FifoQueue, StandardQueue } from '../../lib';
import { FunctionError, LocalCloud, type LocalCloudOptions, NotReachedError } from '../../lib/testing';
import { JobsStack } from './jobs-stack';

const clouds: LocalCloud[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.stop();
});

async function cloudOf<S extends Stack>(stack: S, options: LocalCloudOptions = {}) {
  const cloud = await LocalCloud.fromStack(stack, { seed: 7, ...options });
  clouds.push(cloud);
  return { stack, cloud };
}

/** The message of what a promise, or a function, fails with. */
async function failure(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

describe('time', () => {
  test('begins where it is told to, stands still between calls, and ends exactly where it is sent', async () => {
    const { cloud } = await cloudOf(new JobsStack(), { startAt: '2031-05-06T07:08:09Z' });
    expect(new Date(cloud.now).toISOString()).toBe('2031-05-06T07:08:09.000Z');
    const begin = cloud.now;
    await cloud.advance(Duration.hours(3));
    expect(cloud.now - begin).toBe(3 * 3_600_000);
    await cloud.advance(1);
    expect(cloud.now - begin).toBe(3 * 3_600_000 + 1);
  });

  test('passes for several who wait at once, each until what it waits for has come', async () => {
    const { cloud } = await cloudOf(new JobsStack());
    const begin = cloud.now;
    const ends: string[] = [];
    const note = (what: string) => () => ends.push(`${what} at ${(cloud.now - begin) / 1_000}`);
    await Promise.all([
      cloud.advance(Duration.seconds(50)).then(note('advance')),
      cloud.runUntil(() => cloud.now - begin >= 20_000, { atMost: 60_000 }).then(note('condition')),
      cloud
        .queue('Jobs')
        .send(3, String, { over: Duration.seconds(30) })
        .then(note('send')),
    ]);
    expect(ends).toEqual(['condition at 20', 'send at 30', 'advance at 50']);
  });

  test('years in which nothing happens pass at once, and end exactly where they are to', async () => {
    const { cloud } = await cloudOf(new JobsStack(), { recording: 'summary' });
    const [group] = cloud.emulator.status().groups;
    const { name: queue } = cloud.emulator.status().queues.find(({ label }) => label === 'Jobs') ?? { name: '' };
    cloud.emulator.modelGroup(group.name, { queue, runningTime: 5_000 });
    const begin = cloud.now;
    await cloud.advance(Duration.days(3_650));
    expect(cloud.now - begin).toBe(3_650 * 86_400_000);
    await cloud.queue('Jobs').send(3, String);
    await cloud.advance(Duration.seconds(15));
    expect(cloud.queue('Jobs').isDrained).toBe(true);
  });

  test('next runs what is due next, whenever that is', async () => {
    const { cloud } = await cloudOf(new JobsStack());
    const begin = cloud.now;
    while (cloud.now === begin) expect(await cloud.next()).toBe(true);
    expect(cloud.now).toBeGreaterThan(begin);
  });

  test('passes for an SDK client that waits', async () => {
    const { stack, cloud } = await cloudOf(new JobsStack());
    const sqs = new SQSClient(cloud.clientConfig());
    const QueueUrl = cloud.queue(stack.jobs.deadLetterQueue).url;
    const begin = cloud.now;
    const receive = () => sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    expect((await cloud.runUntil(receive())).Messages).toBeUndefined();
    expect(cloud.now - begin).toBe(20_000);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'here' }));
    expect((await cloud.runUntil(receive())).Messages?.[0].Body).toBe('here');
    await expect(
      cloud.runUntil(sqs.send(new SendMessageCommand({ QueueUrl: `${QueueUrl}-no`, MessageBody: '' }))),
    ).rejects.toThrow('The specified queue does not exist');
    sqs.destroy();
  });

  test.each([
    [-1, 'the time to advance must be a Duration or a number of milliseconds, 0 or more and not infinite, but was -1'],
    [NaN, 'but was NaN'],
    [Infinity, 'but was Infinity'],
  ])('does not pass by %s', async (span, message) => {
    const { cloud } = await cloudOf(new JobsStack());
    expect(await failure(() => cloud.advance(span))).toContain(message);
  });

  test('a condition that is async, or throws, fails the wait and not the cloud', async () => {
    const { cloud } = await cloudOf(new JobsStack());
    const asynchronous = (() => Promise.resolve(true)) as unknown as () => boolean;
    expect(await failure(() => cloud.runUntil(asynchronous))).toContain('must answer at once');
    const throwing = () => cloud.runUntil(() => JSON.parse('{') as boolean);
    expect(await failure(throwing)).toContain('JSON');
    await cloud.advance(1_000);
  });
});

describe('mistakes are told', () => {
  const anything = (value: unknown) => value as never;

  test.each([
    ['a stack for an app', () => LocalCloud.fromApp(anything(new Stack(new App(), 'Shop'))), 'Stage, but was Stack'],
    ['no stack', () => LocalCloud.fromStack(anything(undefined)), 'stack must be a Stack, but was undefined'],
    ['a seed that is none', () => LocalCloud.fromStack(new JobsStack(), { seed: 0.5 }), 'whole number, but was 0.5'],
  ])('%s', async (_, make, message) => {
    expect(await failure(make)).toContain(message);
  });

  test('a wait for neither a condition nor a promise', async () => {
    const { cloud } = await cloudOf(new JobsStack());
    expect(await failure(() => cloud.runUntil(anything(true)))).toBe(
      'awaited must be a function (the condition) or a promise, but was true',
    );
  });

  test('a status that no message has, and a count without bodies', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    const jobs = cloud.queue(stack.jobs);
    for (const ask of [() => jobs.find({}, anything('gone')), () => jobs.waitFor({}, anything('gone'))]) {
      expect(await failure(ask)).toMatch(/^status must be one of sent, received, .*, but was gone$/);
    }
    expect(await failure(() => jobs.send(10))).toContain('send(10, (i) => …)');
    expect(jobs.isEmpty).toBe(true);
  });

  test('a cloud that was stopped: what has happened is told, and nothing happens any more', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    const jobs = cloud.queue(stack.jobs);
    await jobs.send('before');
    await cloud.stop();
    for (const act of [() => cloud.advance(1), () => cloud.next(), () => jobs.waitUntilDrained()]) {
      expect(await failure(act)).toContain('this cloud was stopped');
    }
    expect(jobs.totals.sent).toBe(1);
  });
});

describe('resources', () => {
  test('are named by construct, L2 or L1, logical id, path or name', async () => {
    const { stack, cloud } = await cloudOf(new JobsStack());
    const l2 = stack.jobs.queue;
    const logicalId = stack.getLogicalId(l2.node.defaultChild as never);
    const { name, url } = cloud.queue(stack.jobs);
    const names = [l2, l2.node.defaultChild as never, logicalId, 'Jobs', 'Shop/Jobs', 'Shop/Jobs/Queue/Resource'];
    const arn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
    for (const each of [...names, name, url, arn]) expect(cloud.queue(each)).toBe(cloud.queue(stack.jobs));
    expect(cloud.queue(stack.jobs).label).toBe('Jobs');
    expect(cloud.queue(stack.jobs.deadLetterQueue).label).toBe('Jobs/DeadLetterQueue');
    expect(cloud.group(stack.encoders)).toBe(cloud.group(stack.encoders.autoScalingGroup));
    expect(cloud.group('Encoders').bounds).toEqual({ min: 1, max: 10 });
    expect(cloud.function(stack.mailer).name).toBe(cloud.function('Mailer').name);
    expect(cloud.alarm('Encoders/Scaling/ScaleOutAlarm').state).toBe('INSUFFICIENT_DATA');
  });

  test('that there are not, or not clearly, are told with those that there are', async () => {
    const { stack, cloud } = await cloudOf(new JobsStack());
    expect(await failure(() => cloud.queue('Job'))).toMatch(
      /^no queue has the logical id, construct path or name 'Job'. There is:\n {2}Jobs.* \(stack Shop, logical id Jobs/,
    );
    expect(await failure(() => cloud.queue(stack.mailer))).toContain(
      'the construct Shop/Mailer has no queue in the deployed stacks. There is:\n',
    );
    expect(await failure(() => cloud.alarm(stack.encoders))).toMatch(
      /names 2 resources of the kind alarm; name one of them:\n {2}Encoders\/Scaling\/Scale(Out|In)Alarm/,
    );
    expect(await failure(() => cloud.queue(undefined as never))).toContain('is named by a construct');
  });

  test('of several stacks, where the same name stands for two, are told apart by the path', async () => {
    const app = new App();
    const one = new Stack(app, 'One');
    new Queue(one, 'Work');
    const two = new Stack(app, 'Two', { env: { region: 'eu-west-1', account: '123456789012' } });
    const work = new Queue(two, 'Work');
    const { cloud } = await cloudOf(one);
    expect(await failure(() => cloud.queue('Work'))).toContain("'Work' names 2 resources of the kind queue");
    await cloud.queue(work).send('for two');
    expect(cloud.queue('Two/Work').size).toBe(1);
    expect(cloud.queue('One/Work').size).toBe(0);
    expect(cloud.queue('Two/Work').label).toBe('Two/Work');
  });

  test('a cloud of an app, and of a synthesized directory', async () => {
    const stack = new JobsStack();
    const app = stack.node.root as App;
    clouds.push(await LocalCloud.fromApp(app), await LocalCloud.fromAssembly(app.synth().directory));
    expect(clouds.map((cloud) => cloud.queue('Jobs').isEmpty)).toEqual([true, true]);
  });
});

describe('queues', () => {
  test('are sent text or JSON, with attributes, groups and delays', async () => {
    const stack = new Stack(new App(), 'Mixed');
    const jobs = new StandardQueue(stack, 'Jobs');
    const orders = new FifoQueue(stack, 'Orders');
    const { cloud } = await cloudOf(stack);
    const queue = cloud.queue(jobs);
    await queue.send('plain');
    const id = await queue.send({ n: 1 }, { attributes: { kind: 'a', weight: 2, raw: Buffer.from('x') } });
    await queue.send([1, 2], { delay: Duration.seconds(5) });
    expect([queue.visible, queue.delayed, queue.size]).toEqual([2, 1, 3]);
    expect(queue.message(id)?.body).toEqual({ n: 1 });
    expect(queue.messages.map(({ body }) => body)).toEqual(['plain', { n: 1 }, [1, 2]]);
    await cloud.advance(5_000);
    expect(queue.visible).toBe(3);

    const fifo = cloud.queue(orders);
    await fifo.send(6, (i) => ({ i }), { groupId: (i) => `g${i % 2}`, deduplicationId: (i) => `d${i % 3}` });
    expect(fifo.messages.map(({ body }) => body)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    const sqs = new SQSClient(cloud.clientConfig());
    const receive = new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await sqs.send(receive);
    expect(Messages.find(({ MessageId }) => MessageId === id)?.MessageAttributes).toMatchObject({
      kind: { DataType: 'String', StringValue: 'a' },
      weight: { DataType: 'Number', StringValue: '2' },
      raw: { DataType: 'Binary' },
    });
    sqs.destroy();
  });

  test('refuse what SQS refuses, in its words', async () => {
    const stack = new Stack(new App(), 'Refusing');
    const orders = new FifoQueue(stack, 'Orders');
    const { cloud } = await cloudOf(stack);
    const queue = cloud.queue(orders);
    const missing = 'The request must contain the parameter MessageGroupId.';
    expect(await failure(() => queue.send('no group'))).toBe(missing);
    expect(await failure(() => queue.send(2, String))).toBe(missing);
    const late = queue.send(5, String, {
      over: 10_000,
      groupId: (i) => (i < 3 ? 'g' : undefined),
      deduplicationId: String,
    });
    expect(await failure(() => late)).toBe(missing);
    expect(queue.totals.sent).toBe(3);
    expect(await failure(() => queue.send(undefined))).toBe('a body must be text or have JSON, but was undefined');
    expect(await failure(() => queue.send(1.5, String))).toBe('count must be a whole number of 0 or more, but was 1.5');
  });

  test('are sent many, evenly over a time: the first at once, the last a step before the end', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    const queue = cloud.queue(stack.jobs.deadLetterQueue);
    const begin = cloud.now;
    const sending = queue.send(4, (i) => ({ i }), { over: Duration.seconds(60) });
    expect(queue.isEmpty).toBe(false); // the first is there
    await sending;
    expect(cloud.now - begin).toBe(60_000);
    expect(queue.messages.map(({ sentAt }) => (sentAt - begin) / 1_000)).toEqual([0, 15, 30, 45]);
  });

  test('are drained only when nothing is still to come from the test', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    const queue = cloud.queue(stack.mails);
    await cloud.advance(Duration.minutes(2)); // the mapping is there
    const sending = queue.send(2, (i) => ({ i }), { over: Duration.minutes(20) });
    await cloud.advance(Duration.minutes(5));
    expect([queue.isEmpty, queue.isDrained]).toEqual([true, false]);
    expect(await failure(() => expect(queue).toBeDrained())).toContain(
      'Mails is empty, but the test is still sending to it',
    );
    await sending;
    await queue.waitUntilDrained();
    expect(queue.isDrained).toBe(true);
    expect(queue.totals).toMatchObject({ sent: 2, received: 2, deleted: 2 });
  });
});

describe('the message spy', () => {
  test('lets time pass until a message has come so far, and gives it', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    cloud.group(stack.encoders).model({ queue: stack.jobs, runningTime: Duration.seconds(30) });
    const queue = cloud.queue(stack.jobs);
    await queue.send({ video: 1, tags: ['a', 'b'], size: { w: 1, h: 2 } });
    const patterns = [
      { video: 1 },
      { tags: ['a', 'b'] },
      { size: { h: 2 } },
      { tags: [/^a/, expect.any(String) as unknown] },
      ({ video }: { video: number }) => video === 1,
    ];
    const everywhere = { tags: [/a/g, /b/y] }; // expressions that remember where they were
    for (let time = 0; time < 2; time++) expect(queue.find(everywhere)).toHaveLength(1);
    for (const pattern of patterns) expect((await queue.waitFor(pattern)).body).toMatchObject({ video: 1 });
    const strangers = [{ video: 2 }, { tags: ['a'] }, { size: { h: 2, d: 3 } }, 'video', 1, null, /video/];
    for (const pattern of strangers) expect(queue.find(pattern)).toEqual([]);

    const received = await queue.waitFor({ video: 1 }, 'received');
    const at = cloud.now;
    expect([received.status, received.receives, received.receivedAt]).toEqual(['received', 1, at]);
    const deleted = await queue.waitFor({ video: 1 }, 'deleted');
    expect(deleted).toBe(received);
    expect(cloud.now - at).toBe(30_000);
    expect(deleted.status).toBe('deleted');
    // It has happened: no time passes.
    expect(await queue.waitFor({ video: 1 }, 'deleted')).toBe(deleted);
    expect(cloud.now - at).toBe(30_000);
  });

  test('says what it waited for, in vain', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    const waiting = cloud.queue(stack.mails).waitFor({ to: /ann/ }, 'deleted', { atMost: Duration.minutes(3) });
    await expect(waiting).rejects.toBeInstanceOf(NotReachedError);
    expect(await failure(() => waiting)).toMatch(
      /^not within 3 min of emulated time: a message of Mails that matches {"to":"\/ann\/"} is deleted\nIt is 2030-01-01T00:03:00.000Z, 3:00 after the cloud began.\n\nNo queue holds a message./,
    );
  });
});

describe('what becomes of messages', () => {
  test('a message that fails goes to the dead-letter queue, and is not lost; there it may expire, and is', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    cloud.group(stack.encoders).model({
      queue: stack.jobs,
      handler: ({ poison }: { poison: boolean }) => {
        if (poison) throw new Error('no');
      },
    });
    const jobs = cloud.queue(stack.jobs);
    const dead = cloud.queue(stack.jobs.deadLetterQueue);
    await jobs.send(4, (i) => ({ i, poison: i === 2 }));
    const message = await jobs.waitFor({ i: 2 }, 'deadLettered');
    expect([message.receives, message.status, message.lost]).toEqual([3, 'deadLettered', false]);
    expect(jobs.totals).toMatchObject({ sent: 4, received: 6, deleted: 3, deadLettered: 1 });
    expect(dead.totals).toMatchObject({ sent: 0, arrivedDead: 1 });
    expect(jobs.redelivered).toEqual([message]);
    expect(dead.find({ i: 2 })).toHaveLength(1);
    expect(jobs).toHaveLostNothing();
    expect(jobs).toHaveDeadLettered({ i: 2 });
    expect(jobs).not.toHaveDeadLettered({ i: 1 });
    expect(jobs).toHaveDeleted({ i: 1 });
    expect(jobs).not.toHaveDeliveredOnce();
    expect(dead).toHaveSize(1);
    expect(dead).not.toHaveNoMessages();

    await cloud.advance(Duration.days(14));
    expect(dead).toHaveNoMessages();
    expect(jobs.lost).toEqual([message]);
    expect(dead.lost).toHaveLength(1);
    const text = await failure(() => expect(jobs).toHaveLostNothing());
    expect(text).toContain(
      'Jobs lost 1 message:\n  {"i":2,"poison":true}: sent at 0:00, received 3 times, expired after 14 d\n',
    );
    expect(text).toContain('peak  0:00');
  });

  test('purged messages, and those of a deleted queue, are lost', async () => {
    const { DeleteQueueCommand, PurgeQueueCommand } = await import('@aws-sdk/client-sqs');
    const { cloud, stack } = await cloudOf(new JobsStack());
    const dead = cloud.queue(stack.jobs.deadLetterQueue);
    const sqs = new SQSClient(cloud.clientConfig());
    await dead.send('a');
    await sqs.send(new PurgeQueueCommand({ QueueUrl: dead.url }));
    await cloud.advance(Duration.minutes(2));
    await dead.send('b');
    await sqs.send(new DeleteQueueCommand({ QueueUrl: dead.url }));
    await cloud.advance(Duration.minutes(2));
    expect(dead.lost.map(({ text, status }) => [text, status])).toEqual([
      ['a', 'purged'],
      ['b', 'queueDeleted'],
    ]);
    expect(await failure(() => dead.size)).toBe('the queue Jobs/DeadLetterQueue is gone: it was deleted');
    sqs.destroy();
  });

  test('a summary forgets what is done, and keeps what went astray', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack(), { recording: 'summary' });
    cloud.group(stack.encoders).model({
      queue: stack.jobs,
      handler: ({ i }: { i: number }) => {
        if (i === 2) throw new Error('no');
      },
    });
    const jobs = cloud.queue(stack.jobs);
    await jobs.send(4, (i) => ({ i }));
    await jobs.waitFor({ i: 2 }, 'deadLettered');
    expect(jobs.totals).toMatchObject({ sent: 4, deleted: 3 });
    expect(jobs.find(() => true)).toEqual(jobs.deadLettered);
    expect(jobs).toHaveDeadLettered({ i: 2 });
    expect(jobs).not.toHaveDeadLettered({ i: 1 });
    for (const expectation of [
      () => expect(jobs).toHaveDeleted({ i: 1 }),
      () => expect(jobs).not.toHaveBeenSent({ i: 1 }),
    ]) {
      expect(await failure(expectation)).toContain('is not known: 3 messages that it is done with are not kept');
    }
    expect(jobs.deadLettered.map(({ body }) => body)).toEqual([{ i: 2 }]);
    expect(await failure(() => cloud.timeline().events)).toContain("make the cloud with recording: 'full'");
    expect(String(cloud.timeline())).toContain('Jobs: a message goes to Jobs/DeadLetterQueue');
    expect(await failure(() => cloudOf(new JobsStack(), { recording: 'off' as never }))).toBe(
      "recording must be 'full' or 'summary', but was 'off'",
    );
  });
});

describe('functions', () => {
  test('are invoked, and answer, or fail with what they threw', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    const mailer = cloud.function(stack.mailer);
    expect(await mailer.invoke({ to: 'ann' })).toEqual({ to: 'ann' });
    const failed = mailer.invoke({ fail: 'bounced' });
    await expect(failed).rejects.toBeInstanceOf(FunctionError);
    await expect(failed).rejects.toMatchObject({
      functionName: 'Mailer',
      errorType: 'TypeError',
      errorMessage: 'bounced',
    });
    expect([mailer.invocations, mailer.errors, mailer.peakConcurrency, mailer.running]).toEqual([2, 1, 1, 0]);
    expect(mailer.failures).toMatchObject([{ errorType: 'TypeError', errorMessage: 'bounced' }]);
    expect(await failure(() => expect(mailer).toHaveNoErrors())).toContain(
      '1 of 2 invocations of Mailer failed; the last at 0:00: TypeError: bounced',
    );
  });

  test('run by a model for as long as it says', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack());
    const mailer = cloud.function(stack.mailer);
    mailer.model({ runningTime: Duration.seconds(10), handler: ({ n }: { n: number }) => n * 2 });
    const begin = cloud.now;
    expect(await mailer.invoke({ n: 21 })).toBe(42);
    expect(cloud.now - begin).toBe(10_000);
    const running = [mailer.invoke({ n: 1 }), mailer.invoke({ n: 2 })];
    await cloud.advance(1_000);
    expect(mailer.running).toBe(2);
    expect(await mailer.crash()).toBe(2);
    for (const each of running) await expect(each).rejects.toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(mailer).toHavePeakedAtMost(2);
    expect(mailer).toHavePeakedAtLeast(2);
  });
});

describe('groups and alarms', () => {
  test('grow with the backlog; a crashed worker gives its message back', async () => {
    const { cloud, stack } = await cloudOf(new JobsStack(), { bootTime: Duration.seconds(10) });
    const group = cloud.group(stack.encoders);
    const jobs = cloud.queue(stack.jobs);
    group.model({ queue: stack.jobs, runningTime: Duration.seconds(20) });
    expect(await failure(() => group.crash())).toMatch(
      /^Encoders has no instance in service to crash; its instances: i-\w+ Pending$/,
    );
    await cloud.runUntil(() => group.inService === 1, { atMost: Duration.minutes(1) });
    expect([group.desired, group.launched, group.peak]).toEqual([1, 1, 1]);
    await jobs.send('one');
    await jobs.waitFor('one', 'received');
    const crashed = group.crash();
    expect(group.instances[0].id).toBe(crashed);
    expect(await failure(() => group.crash('i-0'))).toContain('Encoders has no instance i-0; its instances: ');
    const [message] = jobs.messages;
    await jobs.waitUntilDrained({ atMost: Duration.hours(1) });
    expect(message.receives).toBe(2);

    const alarm = cloud.alarm('Encoders/Scaling/ScaleOutAlarm');
    await jobs.send(500, (i) => i);
    await alarm.waitFor('ALARM');
    expect(alarm).toBeInAlarm();
    expect(alarm.reason).toContain('Threshold Crossed');
    await cloud.runUntil(() => group.inService >= 5, { atMost: Duration.minutes(10) });
    expect(group).toHavePeakedAtLeast(5);
    expect(alarm).toHaveAlarmed();
    expect(alarm.history.map(({ from, to }) => `${from} ${to}`)).toEqual(['INSUFFICIENT_DATA OK', 'OK ALARM']);
    expect(await failure(() => expect(alarm).not.toHaveAlarmed())).toContain('was expected never to');
    expect(await failure(() => expect(group).toHaveInService(0))).toMatch(/has \d instances in service, expected 0/);
  });
});

test('the matchers refuse what they are not about', async () => {
  const { cloud, stack } = await cloudOf(new JobsStack());
  expect(await failure(() => expect(stack.jobs).toHaveNoMessages())).toBe(
    'toHaveNoMessages needs cloud.queue(…), but got StandardQueue',
  );
  expect(await failure(() => expect(cloud.queue(stack.jobs)).toBeInAlarm())).toBe(
    'toBeInAlarm needs cloud.alarm(…), but got LocalQueue',
  );
});
