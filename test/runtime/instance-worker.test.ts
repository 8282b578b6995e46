import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { Random, type VirtualClock } from '../../lib/emulator/clock';
import { InstanceMetadata as EmulatedMetadata, MetadataEndpoint } from '../../lib/emulator/server';
import {
  type Failure,
  InstanceMetadata,
  type InstanceWorkerOptions,
  lifecycleHookFromEnvironment,
  QueueWorker,
  runOnInstance,
} from '../../lib/runtime';
import { onVirtualTime, QueueInTest } from './queue-in-test';

const hook = { autoScalingGroupName: 'encoders', lifecycleHookName: 'drain' };
const SECOND = 1_000;
const realFetch = globalThis.fetch;
let clock: VirtualClock;
let restore: () => void;
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
/** Whether Auto Scaling refuses what it is asked. */
let refused: boolean;

beforeEach(async () => {
  ({ clock, restore } = onVirtualTime());
  const duringRequest = async <T>(request: () => Promise<T>): Promise<T> => {
    const release = clock.hold();
    try {
      return await request();
    } finally {
      release();
    }
  };
  globalThis.fetch = (...request) => duringRequest(() => realFetch(...request));
  sqs = new QueueInTest(clock);
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
  refused = false;
  api = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const parameters = new URLSearchParams(Buffer.concat(chunks).toString());
      asked.push({ ...Object.fromEntries(parameters), inFlight: sqs.counts('jobs')?.inFlight });
      const action = parameters.get('Action');
      if (refused) {
        response.statusCode = 400;
        response.end('<ErrorResponse><Error><Code>ValidationError</Code><Message>no</Message></Error></ErrorResponse>');
        return;
      }
      response.end(`<${action}Response><${action}Result/></${action}Response>`);
    });
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  autoScaling = new AutoScalingClient({
    region: place.region,
    endpoint: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1, // a pause between attempts would wait for the clock, which waits for the request
  });
  autoScaling.middlewareStack.add((next) => (args) => duringRequest(() => next(args)), { step: 'initialize' });
});

afterEach(async () => {
  process.emit('SIGTERM', 'SIGTERM');
  autoScaling.destroy();
  await sqs.close();
  await metadataService.close();
  await new Promise((resolve) => api.close(resolve));
  globalThis.fetch = realFetch;
  restore();
});

function worker(handler: () => void | Promise<void>): QueueWorker {
  return new QueueWorker({ client: sqs.client, queueUrl, handler, onStart: () => undefined });
}

const completed = {
  Action: 'CompleteLifecycleAction',
  AutoScalingGroupName: 'encoders',
  LifecycleHookName: 'drain',
  InstanceId: 'i-1',
  LifecycleActionResult: 'CONTINUE',
  inFlight: 0,
};
const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * SECOND));

/** A worker that is run; its handler takes so many seconds. */
function run(seconds: number, options: Partial<InstanceWorkerOptions> = {}, handler = () => sleep(seconds)) {
  const state = { handled: 0, ended: false, failures: [] as Failure[] };
  const work = worker(() => (state.handled++, handler()));
  const onFailure = (failure: Failure) => state.failures.push(failure);
  void runOnInstance(work, { autoScaling, hook, metadata, onFailure, ...options }).then(() => (state.ended = true));
  return state;
}

const actions = () => asked.map(({ Action }) => Action);

async function sigterm(): Promise<void> {
  process.emit('SIGTERM', 'SIGTERM');
  await clock.advance(0);
}

describe('runOnInstance', () => {
  test('when the group takes the instance away: drains, then lets it go, then waits for SIGTERM', async () => {
    await sqs.send(queueUrl, 'a', 'b');
    const state = run(8);
    await clock.advance(0);
    expect(state.handled).toBe(1);
    targetLifecycleState = 'Terminated';
    await clock.advance(8 * SECOND - 1);
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(asked).toEqual([expect.objectContaining(completed)]);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1, inFlight: 0 });
    await clock.advance(200 * SECOND);
    expect(state.ended).toBe(false);
    await sigterm();
    expect(state).toEqual({ handled: 1, ended: true, failures: [] });
    expect(asked).toHaveLength(1);
  });

  test('looks every 5 seconds whether the instance is to go', async () => {
    const state = run(0);
    await clock.advance(14 * SECOND);
    targetLifecycleState = 'Terminated';
    await clock.advance(SECOND - 1);
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(asked).toHaveLength(1);
    expect(state.ended).toBe(false);
  });

  test('extends the lifecycle action every 30 seconds until it has drained', async () => {
    await sqs.send(queueUrl, 'a');
    const state = run(100);
    await clock.advance(0);
    targetLifecycleState = 'Terminated';
    await clock.advance(5 * SECOND); // it knows
    await clock.advance(30 * SECOND - 1);
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(asked).toEqual([
      expect.objectContaining({
        Action: 'RecordLifecycleActionHeartbeat',
        AutoScalingGroupName: 'encoders',
        LifecycleHookName: 'drain',
        InstanceId: 'i-1',
        inFlight: 1,
      }),
    ]);
    await clock.advance(300 * SECOND);
    const heartbeat = 'RecordLifecycleActionHeartbeat';
    expect(actions()).toEqual([heartbeat, heartbeat, heartbeat, 'CompleteLifecycleAction']);
    expect(state.failures).toEqual([]);
  });

  test('reports what Auto Scaling refuses, and waits for the end all the same', async () => {
    await sqs.send(queueUrl, 'a');
    refused = true;
    targetLifecycleState = 'InService';
    const state = run(40);
    await clock.advance(0);
    targetLifecycleState = 'Terminated';
    await clock.advance(100 * SECOND);
    expect(actions()).toEqual(['RecordLifecycleActionHeartbeat', 'CompleteLifecycleAction']);
    expect(state.failures).toMatchObject([
      { during: 'lifecycle', error: { name: 'ValidationError' } },
      { during: 'lifecycle', error: { name: 'ValidationError' } },
    ]);
    expect(state.ended).toBe(false);
  });

  test('when EC2 takes a Spot Instance back: receives no more, and lets it go once the group knows', async () => {
    await sqs.send(queueUrl, 'a', 'b');
    const state = run(20);
    await clock.advance(0);
    interruptedAt = clock.now() + 120 * SECOND;
    await clock.advance(60 * SECOND);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1, inFlight: 0 });
    expect(asked).toEqual([]);
    targetLifecycleState = 'Terminated';
    await clock.advance(5 * SECOND);
    expect(asked).toEqual([expect.objectContaining(completed)]);
    await sigterm();
    expect(state).toEqual({ handled: 1, ended: true, failures: [] });
  });

  test.each(['Warmed:Running', 'Warmed:Stopped'])(
    'when the instance goes back to the warm pool (%s): drains, lets it go, and ends',
    async (warm) => {
      await sqs.send(queueUrl, 'a');
      const state = run(7);
      await clock.advance(0);
      targetLifecycleState = warm;
      await clock.advance(6 * SECOND);
      expect(state.ended).toBe(false);
      await clock.advance(SECOND);
      expect(state).toEqual({ handled: 1, ended: true, failures: [] });
      expect(asked).toEqual([expect.objectContaining(completed)]);
    },
  );

  test('a worker that starts on an instance that goes receives nothing', async () => {
    await sqs.send(queueUrl, 'a');
    targetLifecycleState = 'Terminated';
    const state = run(0, { protectBusyInstance: true });
    await clock.advance(0);
    expect(asked).toEqual([expect.objectContaining(completed)]);
    await sigterm();
    expect(state).toMatchObject({ handled: 0, ended: true });
    expect(sqs.requests).not.toContain('ReceiveMessageCommand');
  });

  test('begins when its instance leaves the warm pool, and protects it from scale-in while it is busy', async () => {
    await sqs.send(queueUrl, 'a');
    targetLifecycleState = 'Warmed:Stopped';
    const state = run(12, { protectBusyInstance: true });
    await clock.advance(21 * SECOND);
    expect(state.handled).toBe(0);
    targetLifecycleState = 'InService';
    await clock.advance(4 * SECOND);
    expect(state.handled).toBe(1);
    await clock.advance(5 * SECOND);
    const protection = {
      Action: 'SetInstanceProtection',
      AutoScalingGroupName: 'encoders',
      'InstanceIds.member.1': 'i-1',
    };
    const on = expect.objectContaining({ ...protection, ProtectedFromScaleIn: 'true', inFlight: 1 }) as unknown;
    expect(asked).toEqual([on]);
    await clock.advance(60 * SECOND);
    // Told when it changes, and not again.
    expect(asked).toEqual([on, expect.objectContaining({ ...protection, ProtectedFromScaleIn: 'false', inFlight: 0 })]);
    await sigterm();
    expect(state).toEqual({ handled: 1, ended: true, failures: [] });
  });

  test('tells the group of protection again after it has refused', async () => {
    await sqs.send(queueUrl, 'a');
    const state = run(60, { protectBusyInstance: true });
    refused = true;
    await clock.advance(6 * SECOND);
    refused = false;
    await clock.advance(20 * SECOND);
    expect(actions()).toEqual(['SetInstanceProtection', 'SetInstanceProtection']);
    expect(state.failures).toMatchObject([{ during: 'lifecycle' }]);
  });

  test.each([
    ['true', 1],
    ['false', 0],
    [undefined, 0],
  ])('the environment decides on protection: PROTECT_BUSY_INSTANCE=%s', async (value, requests) => {
    const before = process.env.PROTECT_BUSY_INSTANCE;
    if (value === undefined) delete process.env.PROTECT_BUSY_INSTANCE;
    else process.env.PROTECT_BUSY_INSTANCE = value;
    run(0);
    await clock.advance(10 * SECOND);
    expect(asked).toHaveLength(requests);
    if (before === undefined) delete process.env.PROTECT_BUSY_INSTANCE;
    else process.env.PROTECT_BUSY_INSTANCE = before;
  });

  test('SIGTERM ends the wait in a warm pool', async () => {
    await sqs.send(queueUrl, 'a');
    targetLifecycleState = 'Warmed:Stopped';
    const state = run(0);
    await clock.advance(7 * SECOND);
    await sigterm();
    expect(state).toEqual({ handled: 0, ended: true, failures: [] });
    expect(asked).toEqual([]);
  });

  test.each([
    ['on an instance of a group', hook],
    ['elsewhere', undefined],
  ])('on SIGTERM %s: drains and ends', async (_, theHook) => {
    await sqs.send(queueUrl, 'a', 'b');
    const state = run(70, { hook: theHook });
    await clock.advance(61 * SECOND);
    await sigterm();
    expect(state.ended).toBe(false);
    await clock.advance(9 * SECOND);
    expect(state).toEqual({ handled: 1, ended: true, failures: [] });
    expect(asked).toEqual([]);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 1, inFlight: 0 });
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });

  test('works on, and says so, where there is no metadata service', async () => {
    await metadataService.close();
    await sqs.send(queueUrl, 'a');
    const state = run(0);
    await clock.advance(0);
    expect(state.handled).toBe(1);
    expect(state.failures).toMatchObject([{ during: 'lifecycle' }]);
    await clock.advance(5 * SECOND);
    expect(state.failures.length).toBeGreaterThan(1);
    await sigterm();
    expect(state.ended).toBe(true);
  });

  test('drains, and completes nothing, where the metadata service ends before it tells which instance this is', async () => {
    await sqs.send(queueUrl, 'a');
    const state = run(2);
    await clock.advance(0);
    targetLifecycleState = 'Terminated';
    const get = metadata.get.bind(metadata);
    jest.spyOn(metadata, 'get').mockImplementation((path) => get(path === 'instance-id' ? 'no-such-path' : path));
    await clock.advance(10 * SECOND);
    expect(sqs.counts('jobs')).toMatchObject({ visible: 0, inFlight: 0 });
    expect(asked).toEqual([]);
    expect(state.ended).toBe(false);
  });

  test('goes on when onFailure throws', async () => {
    const stderr = jest.spyOn(console, 'error').mockImplementation();
    await metadataService.close();
    await sqs.send(queueUrl, 'a');
    const onFailure = () => {
      throw new Error('the reporter is broken');
    };
    const state = run(0, { onFailure });
    await clock.advance(SECOND);
    await sigterm();
    expect(state).toMatchObject({ handled: 1, ended: true });
    const reasons = stderr.mock.calls.map(([line]) => (JSON.parse(String(line)) as { reason: string }).reason);
    expect(reasons).toContain('Error: the reporter is broken');
    stderr.mockRestore();
  });
});

test.each([
  [{ AUTO_SCALING_GROUP_NAME: 'encoders', LIFECYCLE_HOOK_NAME: 'drain' }, hook],
  [{ AUTO_SCALING_GROUP_NAME: 'encoders' }, undefined],
  [{ LIFECYCLE_HOOK_NAME: 'drain' }, undefined],
])('the hook that the environment %j names', (environment, expected) => {
  expect(lifecycleHookFromEnvironment(environment)).toEqual(expected);
});

describe('InstanceMetadata', () => {
  test('what there is, and undefined for what there is not', async () => {
    await expect(metadata.get('instance-id')).resolves.toBe('i-1');
    await expect(metadata.get('spot/instance-action')).resolves.toBeUndefined();
  });

  describe('of a service that answers as told', () => {
    let requests: string[];
    let answer: (request: string) => { status: number; body?: string } | undefined;
    let service: Server;
    let own: InstanceMetadata;
    beforeEach(async () => {
      requests = [];
      service = createServer((request, response) => {
        const { 'x-aws-ec2-metadata-token': token, 'x-aws-ec2-metadata-token-ttl-seconds': life } = request.headers;
        requests.push(`${request.method} ${request.url} ${String(token ?? life)}`);
        const told = answer(`${request.method} ${request.url}`);
        if (told === undefined) return;
        response.statusCode = told.status;
        response.end(told.body);
      });
      await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
      own = new InstanceMetadata(`http://127.0.0.1:${(service.address() as AddressInfo).port}`);
    });
    afterEach(() => {
      service.closeAllConnections();
      return new Promise((resolve) => service.close(resolve));
    });

    const TOKEN = 'PUT /latest/api/token';
    const READ = 'GET /latest/meta-data/instance-id';

    test('shows a token that it asks for once, and again when that has expired', async () => {
      let tokens = 0;
      let valid = true;
      answer = (request) => {
        if (request === TOKEN) return { status: 200, body: `token-${++tokens}` };
        const expired = !valid;
        valid = true;
        return expired ? { status: 401 } : { status: 200, body: 'i-7' };
      };
      await own.get('instance-id');
      await expect(own.get('instance-id')).resolves.toBe('i-7');
      valid = false;
      await expect(own.get('instance-id')).resolves.toBe('i-7');
      expect(requests).toEqual([
        `${TOKEN} 21600`,
        `${READ} token-1`,
        `${READ} token-1`,
        `${READ} token-1`,
        `${TOKEN} 21600`,
        `${READ} token-2`,
      ]);
    });

    test.each([
      [TOKEN, 'instance metadata token: HTTP 403'],
      [READ, 'instance metadata instance-id: HTTP 403'],
    ])('fails where %s is refused, and begins anew afterwards', async (refusedRequest, message) => {
      answer = (request) => (request === refusedRequest ? { status: 403 } : { status: 200, body: 'fine' });
      await expect(own.get('instance-id')).rejects.toThrow(message);
      answer = () => ({ status: 200, body: 'fine' });
      await expect(own.get('instance-id')).resolves.toBe('fine');
      expect(requests.filter((request) => request.startsWith(TOKEN))).toHaveLength(2);
    });

    test('fails where there is no answer in 10 seconds, and not before', async () => {
      globalThis.fetch = realFetch; // a request that hangs is not to hold the clock
      answer = () => undefined;
      let failure: unknown;
      own.get('instance-id').catch((error: unknown) => (failure = error));
      await clock.advance(10 * SECOND - 1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(failure).toBeUndefined();
      await clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(String(failure)).toBe('Error: instance metadata: no answer in 10000 ms');
    });
  });
});
