import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { Random } from '../../lib/emulator/clock';
import { InstanceMetadata as EmulatedMetadata, MetadataEndpoint } from '../../lib/emulator/server';
import {
  type Failure,
  InstanceMetadata,
  lifecycleHookFromEnvironment,
  QueueWorker,
  runOnInstance,
} from '../../lib/runtime';
import { gate, QueueInTest, until, wait } from './queue-in-test';

const hook = { autoScalingGroupName: 'encoders', lifecycleHookName: 'drain' };
let sqs: QueueInTest;
let queueUrl: string;
let targetLifecycleState: string;
let interruptedAt: number | undefined;
let metadataService: MetadataEndpoint;
let metadata: InstanceMetadata;
let autoScaling: AutoScalingClient;
let api: Server;
/** The requests that arrived at Auto Scaling's endpoint, with the number of messages in flight at that moment. */
let asked: Record<string, unknown>[];

beforeEach(async () => {
  sqs = new QueueInTest();
  queueUrl = await sqs.create('jobs');
  targetLifecycleState = 'InService';
  interruptedAt = undefined;
  const place = { account: '000000000000', region: 'us-east-1', availabilityZone: 'us-east-1a' };
  const instance = () => ({ ...place, instanceId: 'i-1', privateIp: '10.0.0.1', targetLifecycleState, interruptedAt });
  metadataService = new MetadataEndpoint(
    new EmulatedMetadata({ ...place, clock: sqs.clock, random: new Random(1), instance }),
    sqs.clock,
  );
  metadata = new InstanceMetadata(await metadataService.listen());
  asked = [];
  api = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const parameters = new URLSearchParams(Buffer.concat(chunks).toString());
      asked.push({ ...Object.fromEntries(parameters), inFlight: sqs.counts('jobs')?.inFlight });
      const action = parameters.get('Action');
      response.end(`<${action}Response><${action}Result/></${action}Response>`);
    });
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  autoScaling = new AutoScalingClient({
    region: place.region,
    endpoint: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});

afterEach(async () => {
  process.emit('SIGTERM', 'SIGTERM');
  autoScaling.destroy();
  await sqs.close();
  await metadataService.close();
  await new Promise((resolve) => api.close(resolve));
});

function worker(handler: () => void | Promise<void>): QueueWorker {
  return new QueueWorker({ client: sqs.client, queueUrl, handler });
}

const completed = {
  Action: 'CompleteLifecycleAction',
  AutoScalingGroupName: 'encoders',
  LifecycleHookName: 'drain',
  InstanceId: 'i-1',
  LifecycleActionResult: 'CONTINUE',
  inFlight: 0,
};

describe('runOnInstance', () => {
  test('when the group takes the instance away: drains, then lets it go, then waits for SIGTERM', async () => {
    await sqs.send(queueUrl, 'a', 'b');
    const { opened, open } = gate();
    let handled = 0;
    const running = runOnInstance(
      worker(() => (handled++, opened)),
      { autoScaling, hook, metadata },
    );
    await until(() => handled === 1);
    targetLifecycleState = 'Terminated';
    await wait(5_500); // it looks every 5 seconds
    expect(asked).toEqual([]);
    open();
    await until(() => asked.length === 1);
    expect(asked[0]).toMatchObject(completed);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1, inFlight: 0 });
    let ended = false;
    void running.then(() => (ended = true));
    await wait(50);
    expect(ended).toBe(false);
    process.emit('SIGTERM', 'SIGTERM');
    await running;
    expect(handled).toBe(1);
  }, 15_000);

  test('when EC2 takes a Spot Instance back: receives no more, and lets it go once the group knows', async () => {
    await sqs.send(queueUrl, 'a', 'b');
    let handled = 0;
    const { opened, open } = gate();
    const running = runOnInstance(
      worker(() => (handled++, opened)),
      { autoScaling, hook, metadata },
    );
    await until(() => handled === 1);
    interruptedAt = sqs.clock.now() + 120_000;
    await wait(5_500); // it looks every 5 seconds
    open();
    await until(() => sqs.counts('jobs')?.inFlight === 0);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1 });
    expect(asked).toEqual([]);
    targetLifecycleState = 'Terminated';
    await until(() => asked.length === 1);
    expect(asked[0]).toMatchObject(completed);
    process.emit('SIGTERM', 'SIGTERM');
    await running;
    expect(handled).toBe(1);
  }, 20_000);

  test('when the instance goes back to the warm pool: drains, lets it go, and ends', async () => {
    await sqs.send(queueUrl, 'a');
    let handled = 0;
    const running = runOnInstance(
      worker(() => void handled++),
      { autoScaling, hook, metadata },
    );
    await until(() => handled === 1);
    targetLifecycleState = 'Warmed:Running';
    await running;
    expect(asked).toMatchObject([completed]);
  }, 20_000);

  test('a worker that starts on an instance that goes receives nothing', async () => {
    await sqs.send(queueUrl, 'a');
    targetLifecycleState = 'Terminated';
    const running = runOnInstance(
      worker(() => undefined),
      { autoScaling, hook, metadata },
    );
    await until(() => asked.length === 1);
    expect(asked[0]).toMatchObject(completed);
    process.emit('SIGTERM', 'SIGTERM');
    await running;
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1 });
  });

  test('begins when its instance leaves the warm pool, and protects it from scale-in while it is busy', async () => {
    await sqs.send(queueUrl, 'a');
    targetLifecycleState = 'Warmed:Stopped';
    const { opened, open } = gate();
    let handled = 0;
    const running = runOnInstance(
      worker(() => (handled++, opened)),
      { autoScaling, hook, metadata, protectBusyInstance: true },
    );
    await wait(200);
    expect(handled).toBe(0);
    targetLifecycleState = 'InService';
    await until(() => handled === 1); // it looks every 5 seconds
    await until(() => asked.length === 1);
    const protection = {
      Action: 'SetInstanceProtection',
      AutoScalingGroupName: 'encoders',
      'InstanceIds.member.1': 'i-1',
    };
    expect(asked[0]).toMatchObject({ ...protection, ProtectedFromScaleIn: 'true', inFlight: 1 });
    open();
    await until(() => asked.length === 2);
    expect(asked[1]).toMatchObject({ ...protection, ProtectedFromScaleIn: 'false', inFlight: 0 });
    process.emit('SIGTERM', 'SIGTERM');
    await running;
    expect(handled).toBe(1);
  }, 30_000);

  test.each([
    ['on an instance of a group', hook],
    ['elsewhere', undefined],
  ])('on SIGTERM %s: drains and ends', async (_, theHook) => {
    await sqs.send(queueUrl, 'a', 'b');
    const { opened, open } = gate();
    let handled = 0;
    const running = runOnInstance(
      worker(() => (handled++, opened)),
      { autoScaling, hook: theHook, metadata },
    );
    await until(() => handled === 1);
    process.emit('SIGTERM', 'SIGTERM');
    open();
    await running;
    expect(asked).toEqual([]);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1, inFlight: 0 });
  });

  test('works on, and says so, where there is no metadata service', async () => {
    await metadataService.close();
    await sqs.send(queueUrl, 'a');
    const failures: Failure[] = [];
    let handled = 0;
    const running = runOnInstance(
      worker(() => void handled++),
      { autoScaling, hook, metadata, onFailure: (failure) => failures.push(failure) },
    );
    await until(() => handled === 1);
    expect(failures).toMatchObject([{ during: 'lifecycle' }]);
    process.emit('SIGTERM', 'SIGTERM');
    await running;
  });
});

test('the environment names the hook, or there is none', () => {
  const environment = { AUTO_SCALING_GROUP_NAME: 'encoders', LIFECYCLE_HOOK_NAME: 'drain' };
  expect(lifecycleHookFromEnvironment(environment)).toEqual(hook);
  expect(lifecycleHookFromEnvironment({ AUTO_SCALING_GROUP_NAME: 'encoders' })).toBeUndefined();
});

test('InstanceMetadata: what there is, and undefined for what there is not', async () => {
  await expect(metadata.get('instance-id')).resolves.toBe('i-1');
  await expect(metadata.get('spot/instance-action')).resolves.toBeUndefined();
});
