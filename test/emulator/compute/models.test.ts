import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { type Message, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AutoScalingGroup, LifecycleTransition } from 'aws-cdk-lib/aws-autoscaling';
import { AmazonLinuxImage, InstanceType, LaunchTemplate, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { AnyPrincipal, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { join } from 'node:path';
import {
  Emulator,
  type FunctionModel,
  type LogLine,
  type ModelContext,
  type TimelineEvent,
  VirtualClock,
  type WorkerModel,
} from '../../../lib/emulator';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Shape {
  readonly capacity?: number;
  readonly visibilityTimeout?: Duration;
  /** Whether a termination hook holds instances, for so long where nobody completes it. */
  readonly hook?: Duration;
  readonly protects?: boolean;
  readonly maxReceiveCount?: number;
  /** Whether nobody but the group's instances may receive. */
  readonly guarded?: boolean;
}

/** A queue and a group for it, and a function with a queue of its own; the code of neither is ever to run. */
class Consumers extends Stack {
  constructor(app: App, { capacity = 1, visibilityTimeout, hook, protects, maxReceiveCount, guarded }: Shape) {
    super(app, 'Consumers');
    const failed = new Queue(this, 'Failed', { queueName: 'failed' });
    const jobs = new Queue(this, 'Jobs', {
      queueName: 'jobs',
      visibilityTimeout,
      ...(maxReceiveCount !== undefined && { deadLetterQueue: { queue: failed, maxReceiveCount } }),
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const group = new AutoScalingGroup(this, 'Workers', {
      autoScalingGroupName: 'workers',
      vpc: new Vpc(this, 'Vpc', { natGateways: 0 }),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      launchTemplate: new LaunchTemplate(this, 'Template', {
        instanceType: new InstanceType('t4g.small'),
        machineImage: new AmazonLinuxImage(),
        role,
      }),
      minCapacity: 0,
      desiredCapacity: capacity,
      maxCapacity: 10,
      newInstancesProtectedFromScaleIn: protects,
    });
    if (guarded) {
      jobs.addToResourcePolicy(
        new PolicyStatement({
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'],
          resources: [jobs.queueArn],
          conditions: { ArnNotEquals: { 'aws:PrincipalArn': role.roleArn } },
        }),
      );
    }
    if (hook !== undefined) {
      group.addLifecycleHook('Drain', {
        lifecycleTransition: LifecycleTransition.INSTANCE_TERMINATING,
        heartbeatTimeout: hook,
      });
      group.addLifecycleHook('Boot', {
        lifecycleTransition: LifecycleTransition.INSTANCE_LAUNCHING,
        heartbeatTimeout: hook,
      });
    }
    const events = new Queue(this, 'Events', { queueName: 'events', visibilityTimeout: Duration.seconds(30) });
    const fn = new Function(this, 'Function', {
      functionName: 'worker',
      code: Code.fromAsset(join(__dirname, 'fixtures')),
      handler: 'echo.handler',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(10),
      reservedConcurrentExecutions: 3,
    });
    fn.addEventSource(new SqsEventSource(events, { batchSize: 1 }));
  }
}

/** A cloud in virtual time, a minute after it began: instances are there. */
class Cloud {
  public static async start(
    models: { group?: Omit<WorkerModel, 'queue'>; function?: FunctionModel },
    shape: Shape = {},
  ) {
    const cloud = new Cloud();
    const emulator = await Emulator.fromStack(new Consumers(new App(), shape), {
      clock: cloud.clock,
      seed: 7,
      onLog: (line) => void cloud.log.push(line),
    });
    cloud.emulator = emulator;
    cloud.sqs = new SQSClient(emulator.clientConfig());
    if (models.group !== undefined) emulator.modelGroup('workers', { queue: 'jobs', ...models.group });
    if (models.function !== undefined) emulator.modelFunction('worker', models.function);
    emulator.timeline.subscribe((event) => cloud.events.push(event));
    await cloud.clock.advance(MINUTE);
    return cloud;
  }

  public emulator!: Emulator;
  public sqs!: SQSClient;
  public readonly clock = new VirtualClock();
  public readonly events: TimelineEvent[] = [];
  public readonly log: LogLine[] = [];

  public async send(count: number, queue = 'jobs'): Promise<void> {
    for (let sent = 0; sent < count; sent += 10) {
      const Entries = Array.from({ length: Math.min(10, count - sent) }, (_, index) => ({
        Id: String(index),
        MessageBody: String(sent + index),
      }));
      await this.sqs.send(new SendMessageBatchCommand({ QueueUrl: this.url(queue), Entries }));
    }
  }

  public url(queue: string): string {
    return `${this.emulator.endpointUrl}/000000000000/${queue}`;
  }

  public counts(queue = 'jobs') {
    const { visible, inFlight } = this.emulator.status().queues.find(({ name }) => name === queue) ?? {};
    return { visible, inFlight };
  }

  /** When something of a kind happened, in seconds since `start`. */
  public times(kind: string, start: number): number[] {
    return this.events.filter((event) => event.kind === kind).map(({ at }) => (at - start) / SECOND);
  }

  public async setDesired(DesiredCapacity: number): Promise<void> {
    const client = new AutoScalingClient(this.emulator.clientConfig());
    await client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity }));
  }

  public get instance(): string {
    return this.emulator.status().groups[0].instances[0].id;
  }
}

const clouds: Cloud[] = [];
const start = async (...options: Parameters<typeof Cloud.start>): Promise<Cloud> => {
  const cloud = await Cloud.start(...options);
  clouds.push(cloud);
  return cloud;
};
afterEach(async () => {
  await Promise.all(clouds.splice(0).map(({ emulator }) => emulator.stop()));
});

describe('a modelled group', () => {
  test('each instance works on as many messages at once as it may, each for its running time, and deletes them', async () => {
    const cloud = await start({ group: { concurrency: 12, runningTime: 5 * SECOND } }, { capacity: 2 });
    const began = cloud.clock.now();
    await cloud.send(50);
    await cloud.clock.advance(0);
    expect(cloud.counts()).toEqual({ visible: 26, inFlight: 24 });
    await cloud.clock.advance(5 * SECOND);
    expect(cloud.counts()).toEqual({ visible: 2, inFlight: 24 });
    await cloud.clock.advance(10 * SECOND);
    expect(cloud.counts()).toEqual({ visible: 0, inFlight: 0 });
    const deleted = cloud.times('sqs.deleted', began);
    expect([5, 10, 15].map((second) => deleted.filter((at) => at === second).length)).toEqual([24, 24, 2]);
  });

  test('running times are drawn from the seed', async () => {
    const run = async (): Promise<number[]> => {
      const cloud = await start({ group: { concurrency: 5, runningTime: (random) => random.integer(1_000, 9_000) } });
      const began = cloud.clock.now();
      await cloud.send(20);
      await cloud.clock.advance(MINUTE);
      return cloud.times('sqs.deleted', began);
    };
    const first = await run();
    expect(first).toHaveLength(20);
    expect(new Set(first).size).toBeGreaterThan(15);
    expect(await run()).toEqual(first);
  });

  test('what its handler throws at comes back after its visibility timeout, and in the end to the dead-letter queue', async () => {
    const handled: Message[] = [];
    const handler = (message: Message) => {
      handled.push(message);
      if (message.Body === '1') throw new Error('no good');
      return message.Body === '2' ? Promise.reject(new Error('no better')) : Promise.resolve();
    };
    const shape = { visibilityTimeout: Duration.seconds(30), maxReceiveCount: 2 };
    const cloud = await start({ group: { concurrency: 10, runningTime: SECOND, handler } }, shape);
    await cloud.send(4);
    await cloud.clock.advance(2 * SECOND);
    expect(cloud.counts()).toEqual({ visible: 0, inFlight: 2 });
    await cloud.clock.advance(2 * MINUTE);
    expect(cloud.counts()).toEqual({ visible: 0, inFlight: 0 });
    expect(cloud.counts('failed')).toEqual({ visible: 2, inFlight: 0 });
    expect(handled.map(({ Body }) => Body)).toEqual(['0', '1', '2', '3', '1', '2']);
    expect(handled[4].Attributes?.ApproximateReceiveCount).toBe('2');
    expect(cloud.log.map(({ text }) => text).join()).toMatch(/no good.*no better/);
  });

  test('work that takes longer than the visibility timeout is kept from other workers', async () => {
    const shape = { capacity: 2, visibilityTimeout: Duration.seconds(30) };
    const cloud = await start({ group: { runningTime: 5 * MINUTE } }, shape);
    await cloud.send(1);
    await cloud.clock.advance(5 * MINUTE - 1);
    expect(cloud.counts()).toEqual({ visible: 0, inFlight: 1 });
    await cloud.clock.advance(1);
    expect(cloud.counts()).toEqual({ visible: 0, inFlight: 0 });
    expect(cloud.times('sqs.received', 0)).toHaveLength(1);
  });

  test('the work of a crashed instance comes back after the visibility timeout, and the worker after 5 s', async () => {
    const cloud = await start({ group: { runningTime: 10 * SECOND } }, { visibilityTimeout: Duration.seconds(30) });
    const began = cloud.clock.now();
    await cloud.send(2);
    await cloud.clock.advance(4 * SECOND);
    cloud.emulator.crashInstance(cloud.instance);
    await cloud.clock.advance(MINUTE);
    // The second is taken up at 9 s; the first, received at 0 s, comes back at 30 s.
    expect(cloud.times('sqs.received', began)).toEqual([0, 9, 30]);
    expect(cloud.times('sqs.deleted', began)).toEqual([19, 40]);
  });

  test('§6: an instance that is to go drains before it completes its hooks, whatever their timeouts', async () => {
    const cloud = await start(
      { group: { concurrency: 2, runningTime: 4 * MINUTE } },
      { capacity: 1, visibilityTimeout: Duration.seconds(60), hook: Duration.minutes(1) },
    );
    const began = cloud.clock.now();
    const { instances } = cloud.emulator.status().groups[0];
    expect(instances).toEqual([expect.objectContaining({ state: 'InService' })]); // the launch hook is completed
    await cloud.send(5);
    await cloud.clock.advance(0);
    await cloud.setDesired(0);
    await cloud.clock.advance(MINUTE);
    expect(cloud.emulator.status().groups[0].instances[0].state).toBe('Terminating:Wait');
    await cloud.clock.advance(MINUTE * 10);
    expect(cloud.counts()).toEqual({ visible: 3, inFlight: 0 });
    expect(cloud.times('autoscaling.terminated', began)).toEqual([240]);
  });

  test('a group that protects its instances from scale-in has the busy ones protected only', async () => {
    const cloud = await start({ group: { runningTime: 20 * SECOND } }, { capacity: 2, protects: true });
    const isProtected = async () => {
      const client = new AutoScalingClient(cloud.emulator.clientConfig());
      const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({}));
      return AutoScalingGroups[0].Instances?.map(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn);
    };
    expect(await isProtected()).toEqual([false, false]);
    await cloud.send(1);
    await cloud.clock.advance(5 * SECOND);
    expect(await isProtected()).toEqual([true, false]);
    await cloud.clock.advance(25 * SECOND);
    expect(await isProtected()).toEqual([false, false]);
  });

  test("a worker calls in the name of its instances' role, as a policy of its queue may demand", async () => {
    const cloud = await start({ group: {} }, { guarded: true });
    await cloud.send(3);
    await cloud.clock.advance(MINUTE);
    expect(cloud.counts()).toEqual({ visible: 0, inFlight: 0 });
    expect(cloud.log).toEqual([]);
  });

  test('what was launched before it was modelled stays what it is', async () => {
    const cloud = await start({});
    cloud.emulator.modelGroup('workers', { queue: 'jobs' });
    await cloud.send(1);
    await cloud.clock.advance(MINUTE);
    expect(cloud.counts()).toEqual({ visible: 1, inFlight: 0 });
    await cloud.setDesired(2);
    await cloud.clock.advance(MINUTE);
    expect(cloud.counts()).toEqual({ visible: 0, inFlight: 0 });
  });

  test.each<[string, string, WorkerModel, string]>([
    ['another group', 'nobody', { queue: 'jobs' }, 'there is no Auto Scaling group nobody: there are workers'],
    ['another queue', 'workers', { queue: 'job' }, 'available queues: events, failed, jobs'],
    [
      'no worker',
      'workers',
      { queue: 'jobs', concurrency: 0 },
      'concurrency must be a whole number of at least 1, but was 0',
    ],
    ['half a worker', 'workers', { queue: 'jobs', concurrency: 1.5 }, 'but was 1.5'],
    ['a time before now', 'workers', { queue: 'jobs', runningTime: -1 }, 'runningTime must be 0 or more milliseconds'],
    ['no handler', 'workers', { queue: 'jobs', handler: 'x' as never }, 'handler must be a function, but was string'],
  ])('refuses %s', async (_, group, model, message) => {
    const cloud = await start({});
    expect(() => cloud.emulator.modelGroup(group, model)).toThrow(message);
  });

  test('a running time that cannot be is told as soon as it is drawn', async () => {
    const cloud = await start({ group: { runningTime: () => NaN } });
    await cloud.send(1);
    await expect(cloud.clock.advance(MINUTE)).rejects.toThrow(
      'runningTime must be 0 or more milliseconds, but was NaN',
    );
  });
});

describe('a modelled function', () => {
  const invoke = async (cloud: Cloud, event: unknown = {}) => {
    const lambda = new LambdaClient(cloud.emulator.clientConfig());
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: 'worker', Payload: JSON.stringify(event), LogType: 'Tail' }),
    );
    const payload = JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as Record<string, unknown>;
    return { error: answer.FunctionError, payload, log: Buffer.from(answer.LogResult ?? '', 'base64').toString() };
  };
  const invokeInTime = async (cloud: Cloud, event?: unknown) => {
    const answer = invoke(cloud, event);
    await cloud.clock.advance(MINUTE);
    return answer;
  };

  test('runs its own code when its running time has passed', async () => {
    const cloud = await start({ function: { runningTime: 4 * SECOND } });
    const { error, payload, log } = await invokeInTime(cloud, { name: 'cat' });
    expect(error).toBeUndefined();
    expect(payload).toMatchObject({ event: { name: 'cat' }, remaining: 6 * SECOND });
    expect(log).toContain('Duration: 4000.00 ms');
  });

  test('runs a handler in place of its code, and answers what that returns, resolves to or throws', async () => {
    const contexts: ModelContext[] = [];
    const handler: FunctionModel['handler'] = (event, context) => {
      contexts.push(context);
      const { how } = event as { how: string };
      if (how === 'throw') throw new TypeError('no good');
      return how === 'promise' ? Promise.resolve({ how }) : { how };
    };
    const cloud = await start({ function: { handler } });
    expect(await invokeInTime(cloud, { how: 'value' })).toMatchObject({ payload: { how: 'value' } });
    expect(await invokeInTime(cloud, { how: 'promise' })).toMatchObject({ payload: { how: 'promise' } });
    expect(await invokeInTime(cloud, { how: 'throw' })).toMatchObject({
      error: 'Unhandled',
      payload: { errorType: 'TypeError', errorMessage: 'no good' },
    });
    expect(contexts[0]).toMatchObject({ functionName: 'worker', memoryLimitInMB: '128' });
    expect(contexts[0].awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('fails at its timeout, as on AWS, and holds its concurrency until then', async () => {
    const handled: unknown[] = [];
    const cloud = await start({ function: { runningTime: 11 * SECOND, handler: (event) => void handled.push(event) } });
    const answers = [invoke(cloud), invoke(cloud), invoke(cloud)];
    await cloud.clock.advance(10 * SECOND - 1);
    await expect(invoke(cloud)).rejects.toThrow('Rate Exceeded');
    await cloud.clock.advance(1);
    for (const { error, payload } of await Promise.all(answers)) {
      expect(error).toBe('Unhandled');
      expect(payload.errorMessage).toMatch(/ Task timed out after 10.00 seconds$/);
    }
    expect(handled).toEqual([]);
    cloud.emulator.modelFunction('worker', { handler: (event) => void handled.push(event) });
    expect(await invokeInTime(cloud, 'again')).toMatchObject({ error: undefined });
    expect(handled).toEqual(['again']);
  });

  test('a crash ends what runs, as the end of its process does, and the messages come back', async () => {
    const cloud = await start({ function: { runningTime: 5 * SECOND, handler: () => 'done' } });
    expect(await cloud.emulator.crashFunction('worker')).toBe(0);
    await cloud.send(2, 'events');
    const answer = invoke(cloud);
    await cloud.clock.advance(SECOND);
    expect(await cloud.emulator.crashFunction('worker')).toBe(3);
    expect(await answer).toMatchObject({
      error: 'Unhandled',
      payload: {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(
          /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: killed$/,
        ) as string,
      },
    });
    expect(cloud.counts('events')).toEqual({ visible: 0, inFlight: 2 });
    await cloud.clock.advance(MINUTE);
    expect(cloud.counts('events')).toEqual({ visible: 0, inFlight: 0 });
    expect(cloud.times('sqs.received', 0)).toHaveLength(4);
  });

  test('refuses names that there are none of', async () => {
    const cloud = await start({});
    const message = 'there is no function nobody: there are worker';
    expect(() => cloud.emulator.modelFunction('nobody', {})).toThrow(message);
    await expect(cloud.emulator.crashFunction('nobody')).rejects.toThrow(message);
    expect(() => cloud.emulator.modelFunction('worker', { runningTime: Infinity })).toThrow('but was Infinity');
  });
});

describe('a running time that cannot be, drawn by a function', () => {
  const runningTime = () => NaN;
  const error = 'runningTime must be 0 or more milliseconds, but was NaN';

  test('ends the test of a modelled group, whether a message waited for the worker or the worker for it', async () => {
    for (const [wait, count] of [
      [MINUTE, 0],
      [0, 1],
    ]) {
      const cloud = await start({ group: { runningTime } }, { capacity: 0 });
      await cloud.send(count);
      await cloud.setDesired(1);
      const working = cloud.clock.advance(wait).then(async () => {
        await cloud.send(1);
        await cloud.clock.advance(MINUTE);
      });
      await expect(working).rejects.toThrow(error);
    }
  });

  test('ends the test of a modelled function, whoever has invoked it', async () => {
    const polled = await start({ function: { runningTime } });
    await polled.send(1, 'events');
    await expect(polled.clock.advance(MINUTE)).rejects.toThrow(error);

    const invoked = await start({ function: { runningTime } });
    const lambda = new LambdaClient(invoked.emulator.clientConfig());
    await lambda.send(new InvokeCommand({ FunctionName: 'worker', InvocationType: 'Event' }));
    await expect(invoked.clock.advance(MINUTE)).rejects.toThrow(error);
  });
});
