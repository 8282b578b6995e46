import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, MachineImage, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import * as extended from 'jest-extended';
import { CloudAssertionError, LocalCloud, type LocalFunction, type LocalQueue, matchers } from '../../lib/testing';
import { JobsStack } from './jobs-stack';

let cloud: LocalCloud;
let jobs: LocalQueue;
let mailer: LocalFunction;
beforeAll(async () => {
  const stack = new JobsStack();
  cloud = await LocalCloud.fromStack(stack, { seed: 7 });
  jobs = cloud.queue(stack.jobs);
  mailer = cloud.function(stack.mailer);
  await jobs.send({ id: 1, order: { total: 12 } });
});
afterAll(() => cloud.stop());

class Order {
  readonly id = 1;
}

const NONSENSE: readonly [name: keyof typeof matchers, expected: unknown[], message: string][] = [
  // oxlint-disable-next-line typescript/require-await -- a promise is always true
  ['toHaveBeenSent', [async () => false], 'must return true or false, but is async or a generator'],
  ['toHaveBeenSent', [() => Promise.resolve(false)], 'must return true or false, but returned Promise'],
  ['toHaveBeenSent', [() => undefined], 'must return true or false, but returned undefined'],
  ['toHaveBeenSent', [], 'a message pattern must be JSON, a regular expression or a matcher'],
  ['toHaveBeenSent', [undefined], 'but was undefined'],
  ['toHaveBeenSent', [{ id: undefined }], 'id in a message pattern must be JSON'],
  ['toHaveBeenSent', [{ order: { total: NaN } }], 'order.total in a message pattern must be JSON'],
  ['toHaveBeenSent', [[() => true]], '[0] in a message pattern must be JSON'],
  ['toHaveBeenSent', [new Date(0)], 'but was Date'],
  ['toHaveBeenSent', [new Map()], 'but was Map'],
  ['toHaveBeenSent', [new Order()], 'but was Order'],
  ['toHaveBeenSent', [1n], 'but was 1n'],
  ['toHaveBeenSent', [{ id: 1 }, 2], 'toHaveBeenSent takes one argument, but was given 2'],
  ['toHaveDelivered', [new Date(0)], 'but was Date'],
  ['toHaveDeleted', [new Date(0)], 'but was Date'],
  ['toHaveDeadLettered', [new Date(0)], 'but was Date'],
  ['toHaveSize', ['0'], "toHaveSize: size must be a whole number of 0 or more, but was '0'"],
  ['toHaveSize', [-1], 'but was -1'],
  ['toHaveSize', [], 'but was undefined'],
  [
    'toHavePeakedAtMost',
    [undefined],
    'toHavePeakedAtMost: most must be a whole number of 0 or more, but was undefined',
  ],
  ['toHavePeakedAtMost', [NaN], 'but was NaN'],
  ['toHavePeakedAtLeast', [0], 'toHavePeakedAtLeast: least must be a whole number of 1 or more, but was 0'],
  ['toHaveInService', [0.5], 'toHaveInService needs cloud.group(…)'],
  ['toBeDrained', [{ id: 1 }], 'toBeDrained takes no arguments, but was given 1'],
  ['toHaveDeliveredOnce', [], 'Jobs has delivered no message, so none once'],
];

test.each(NONSENSE)('%s(%j) fails, with and without not: %s', (name, expected, message) => {
  const expectation = expect(jobs) as unknown as Record<string, (...args: unknown[]) => void> & {
    not: Record<string, (...args: unknown[]) => void>;
  };
  expect(() => expectation[name](...expected)).toThrow(message);
  expect(() => expectation.not[name](...expected)).toThrow(message);
});

test('a group is not in service in half', () => {
  expect(() => expect(cloud.group('Encoders')).not.toHaveInService(0.5)).toThrow('but was 0.5');
});

test('no delivery at all fails assertions too, with the picture', () => {
  const once = () => expect(jobs).toHaveDeliveredOnce();
  expect(once).toThrow(CloudAssertionError);
  expect(once).toThrow('peak  0:00');
});

test('patterns match by JSON, regular expressions, matchers and functions', () => {
  for (const pattern of [{ id: 1 }, { order: { total: expect.any(Number) as number } }, { id: 1, order: {} }]) {
    expect(jobs).toHaveBeenSent(pattern);
  }
  expect(jobs).toHaveBeenSent(({ id }: { id: number }) => id === 1);
  expect(jobs).not.toHaveBeenSent({ id: 2 });
  expect(jobs).not.toHaveBeenSent({ order: /12/ });
});

test('no matcher of ours has the name of one of jest-extended', () => {
  const theirs = new Set(Object.keys(extended));
  expect(theirs.has('toBeEmpty')).toBe(true);
  expect(Object.keys(matchers).filter((name) => theirs.has(name))).toEqual([]);
});

test('a pattern that throws fails its wait, and neither the send nor the message', async () => {
  const seen: unknown[] = [];
  const wait = jobs.waitFor((body) => {
    if ((body as { id: number }).id !== 2) return false;
    seen.push(body);
    throw new Error('no such shape');
  });
  const failed = expect(wait).rejects.toThrow('no such shape');
  await jobs.send({ id: 2 });
  await failed;
  expect(seen).toEqual([{ id: 2 }]);
  expect(jobs.totals.sent).toBe(jobs.size);
  expect(jobs).toHaveBeenSent({ id: 2 });
});

test('a listener of the timeline hears of a change when it is complete; what it throws fails the next wait', async () => {
  const sizes: number[] = [];
  const end = cloud.emulator.timeline.subscribe(({ kind }) => {
    if (kind === 'sqs.sent') sizes.push(jobs.size);
    throw new Error('a listener of the test');
  });
  const before = jobs.size;
  await expect(jobs.send({ id: 3 })).rejects.toThrow('a listener of the test');
  end();
  expect(sizes).toEqual([before + 1]);
  await cloud.advance(1_000);
  expect(jobs).toHaveBeenSent({ id: 3 });
});

test("a handler's error is in the function's failures and in the logs, with its stack", async () => {
  await expect(mailer.invoke({ fail: 'bounced' })).rejects.toThrow('bounced');
  const [{ trace }] = mailer.failures;
  expect(trace[0]).toBe('TypeError: bounced');
  expect(trace[1]).toMatch(/^ +at .*index\.js/);
  const line = cloud.logs.find(({ text }) => text.startsWith('Invoke Error\t'));
  expect(line).toMatchObject({ source: mailer.name, stream: 'stderr' });
  expect(JSON.parse(line?.text.split('\t')[1] ?? '')).toEqual({
    ...{ errorType: 'TypeError', errorMessage: 'bounced' },
    stack: trace,
  });
  expect(() => expect(mailer).toHaveNoErrors()).toThrow(`TypeError: bounced\n${trace[1]}`);
  mailer.model({
    handler: () => {
      throw new RangeError('modelled');
    },
  });
  await expect(mailer.invoke()).rejects.toThrow('modelled');
  expect(cloud.logs.at(-3)?.text).toMatch(
    /^Invoke Error\t\{"errorType":"RangeError","errorMessage":"modelled","stack":\[/,
  );
});

/** Resources whose names are the same in every stack. */
function namesakes(stack: Stack) {
  const fn = new Function(stack, 'Function', {
    ...{ functionName: 'twin', handler: 'index.handler', runtime: Runtime.NODEJS_22_X },
    code: Code.fromInline('exports.handler = async () => {};'),
  });
  const group = new AutoScalingGroup(stack, 'Workers', {
    ...{ autoScalingGroupName: 'workers', minCapacity: 1, maxCapacity: 1 },
    vpc: new Vpc(stack, 'Vpc', { availabilityZones: [`${stack.region}a`], natGateways: 0 }),
    instanceType: new InstanceType('t3.micro'),
    machineImage: MachineImage.latestAmazonLinux2023(),
  });
  return { fn, group, queue: new Queue(stack, 'Jobs', { queueName: 'jobs' }) };
}

describe('one name in two regions', () => {
  test('models, crashes and status are about the resource that is meant', async () => {
    const app = new App();
    const [one, two] = ['us-east-1', 'eu-west-1'].map((region) => {
      const stack = new Stack(app, `Shop-${region}`, { env: { account: '111111111111', region } });
      return stack;
    });
    const names = [one, two].map((stack) => namesakes(stack));
    const twins = await LocalCloud.fromApp(app);
    try {
      const [here, there] = names.map(({ fn }) => twins.function(fn));
      expect(here.name).toBe(there.name);
      here.model({ runningTime: 2_000, handler: () => 'here' });
      there.model({ runningTime: 2_000, handler: () => 'there' });
      expect(await here.invoke()).toBe('here');
      expect(await there.invoke()).toBe('there');
      const running = [here.invoke(), there.invoke()];
      await twins.advance(1_000);
      expect(await here.crash()).toBe(1);
      await expect(running[0]).rejects.toThrow('Runtime.ExitError');
      expect(await running[1]).toBe('there');
      expect(() => twins.emulator.modelFunction('twin', {})).toThrow(
        'the function twin exists in 111111111111/us-east-1, 111111111111/eu-west-1: use emulator.region(account, region)',
      );

      const [group] = names.map(({ group: construct }) => twins.group(construct));
      group.model({ queue: names[0].queue });
      expect(() => group.model({ queue: names[1].queue })).toThrow(
        'queue must be in 111111111111/us-east-1, where Shop-us-east-1/Workers is, but Shop-eu-west-1/Jobs is in 111111111111/eu-west-1',
      );
      await twins.queue(names[0].queue).send('for the first');
      await twins.queue(names[1].queue).send('for nobody');
      await twins.queue(names[0].queue).waitUntilDrained();
      expect(twins.queue(names[1].queue)).toHaveSize(1);
    } finally {
      await twins.stop();
    }
  });
});
