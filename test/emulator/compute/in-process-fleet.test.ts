import { routed } from '../../support/routed';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { RequestContext } from '../../../lib/emulator/core';
import { Random, VirtualClock } from '../../../lib/emulator/clock';
import { inMemoryConnection, InProcessFleet, type LogLine } from '../../../lib/emulator/compute';
import { HttpEndpoint, InstanceMetadata, MetadataEndpoint } from '../../../lib/emulator/server';
import { Sqs } from '../../../lib/emulator/services/sqs';
import { formatEvent, Timeline } from '../../../lib/emulator/timeline';
import { RequestRouter } from '../../../lib/emulator/protocol';
import { workerUserData } from './worker-user-data';
import { roleCredentials } from '../sessions';

const ACCOUNT = '000000000000';
const REGION = 'eu-west-1';
const START = Date.UTC(2030, 0, 1);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'in-process-'));
  buildSync({
    entryPoints: [join(__dirname, 'fixtures/queue-worker.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A queue, one for results, and a fleet, put together as the emulator does. */
class SmallCloud {
  readonly clock = new VirtualClock({ startAt: START });
  readonly log: LogLine[] = [];
  readonly events: string[] = [];
  readonly sqs: Sqs;
  readonly fleet: InProcessFleet;
  readonly connections: string[] = [];
  private readonly metadata = new Map<string, MetadataEndpoint>();
  private readonly endpoint: HttpEndpoint;
  private readonly call: RequestContext = {
    account: ACCOUNT,
    region: REGION,
    principal: `arn:aws:iam::${ACCOUNT}:root`,
    endpoint: 'http://127.0.0.1:4566',
  };

  constructor(seed = 7) {
    const { clock } = this;
    const random = new Random(seed);
    const timeline = new Timeline(clock);
    timeline.subscribe((event) => this.events.push(formatEvent(event)));
    this.sqs = new Sqs({ clock, random: random.fork('sqs'), timeline, account: ACCOUNT, region: REGION });
    const services = [routed('sqs', () => this.sqs)];
    const router = new RequestRouter({
      services,
      defaultAccount: ACCOUNT,
      defaultRegion: REGION,
      random: random.fork('wire'),
    });
    this.endpoint = new HttpEndpoint({ router, clock });
    this.fleet = new InProcessFleet({
      clock,
      random: random.fork('fleet'),
      asset: () => folder,
      computeHost: {
        region: REGION,
        account: ACCOUNT,
        endpointUrl: () => 'http://127.0.0.1:4566',
        log: (line) => void this.log.push(line),
        credentials: roleCredentials(ACCOUNT),
        openMetadata: (instanceId) => {
          const url = `http://127.0.0.1:${50_000 + this.metadata.size}`;
          this.metadata.set(url, new MetadataEndpoint(this.metadataOf(instanceId, random), clock));
          return Promise.resolve({ url, close: () => Promise.resolve() });
        },
        connect: (host, port) => {
          const url = `http://${host}:${port}`;
          this.connections.push(url);
          const service = url === this.call.endpoint ? this.endpoint : this.metadata.get(url);
          if (service === undefined) throw new Error(`nothing listens at ${url}`);
          const { client, server } = inMemoryConnection(clock);
          service.serve(server);
          return client;
        },
      },
    });
    for (const QueueName of ['jobs', 'results']) {
      this.sqs.createQueue({ QueueName, Attributes: { VisibilityTimeout: '30' } }, this.call);
    }
  }

  launch(instanceId: string, ...service: string[]): void {
    const url = (name: string) => `${this.call.endpoint}/${ACCOUNT}/${name}`;
    const userData = workerUserData(
      '/usr/bin/node index.js',
      `Environment=AWS_REGION=${REGION} QUEUE_URL=${url('jobs')} RESULT_QUEUE_URL=${url('results')}`,
      'Environment=AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true',
      ...(service.length > 0 ? service : ['Restart=always', 'RestartSec=5', 'TimeoutStopSec=60']),
    );
    this.fleet.launch({ instanceId, launchTemplate: { userData } });
  }

  send(...bodies: string[]): void {
    for (const MessageBody of bodies) {
      this.sqs.sendMessage({ QueueUrl: `${this.call.endpoint}/${ACCOUNT}/jobs`, MessageBody }, this.call);
    }
  }

  counts(queue: string): { visible: number; inFlight: number } | undefined {
    return this.sqs.counts(queue);
  }

  lines(): string[] {
    return this.log.map(({ source, text, at }) => `${(at - START) / 1_000} ${source} ${text}`);
  }

  async stop(): Promise<void> {
    await this.fleet.stop();
    await this.endpoint.close();
    await Promise.all([...this.metadata.values()].map((endpoint) => endpoint.close()));
  }

  private metadataOf(instanceId: string, random: Random): InstanceMetadata {
    return new InstanceMetadata({
      clock: this.clock,
      random: random.fork(instanceId),
      account: ACCOUNT,
      region: REGION,
      role: { name: 'worker', profile: 'worker', credentials: () => roleCredentials(ACCOUNT)('worker', instanceId) },
      instance: () => ({
        instanceId,
        targetLifecycleState: 'InService',
        availabilityZone: `${REGION}a`,
        privateIp: '10.0.0.1',
        instanceType: 't3.micro',
        imageId: 'ami-1',
      }),
    });
  }
}

let clouds: SmallCloud[] = [];

afterEach(async () => {
  await Promise.all(clouds.map((cloud) => cloud.stop()));
  clouds = [];
});

function cloud(seed?: number): SmallCloud {
  const created = new SmallCloud(seed);
  clouds.push(created);
  return created;
}

test('the real SDK, unmodified and bundled, works a queue off in virtual time, without a port', async () => {
  const { clock, ...rest } = cloud();
  const small = clouds[0];
  small.send('a', 'b', 'c');
  small.launch('i-1');
  small.launch('i-2');
  expect(await clock.runUntil(() => small.counts('results')?.visible === 3, 60_000)).toBe(true);
  await clock.advance(0);
  expect(small.lines()).toEqual(['4 i-1 done a', '4 i-2 done b', '8 i-1 done c']);
  expect(small.counts('jobs')).toMatchObject({ visible: 0, inFlight: 0 });
  // Credentials came from the metadata service; all connections were in memory.
  expect(new Set(rest.connections)).toEqual(
    new Set(['http://127.0.0.1:50000', 'http://127.0.0.1:50001', 'http://127.0.0.1:4566']),
  );
});

test('the same seed gives the same run, to the byte', async () => {
  const run = async () => {
    const small = cloud(42);
    small.send(...Array.from({ length: 40 }, (_, i) => `job ${i}`));
    for (let i = 0; i < 4; i++) small.launch(`i-${i}`);
    await small.clock.advance(10_000);
    small.fleet.crash('i-2');
    await small.clock.advance(90_000);
    return [...small.events, ...small.lines()].join('\n');
  };
  const first = await run();
  expect(first.match(/sqs\.deleted/g)).toHaveLength(40);
  expect(await run()).toBe(first);
});

test('terminate: SIGTERM drains the worker, which ends by itself when nothing is left to do', async () => {
  const small = cloud();
  small.launch('i-1');
  await small.clock.advance(5_000);
  small.send('a');
  await small.clock.advance(1_000);
  let gone: number | undefined;
  void small.fleet.terminate('i-1').then(() => (gone = small.clock.now()));
  await small.clock.advance(30_000);
  expect(small.lines()).toEqual(['9 i-1 done a', '9 i-1 drained']);
  expect(gone).toBe(START + 9_000);
  small.send('b');
  await small.clock.advance(60_000);
  expect(small.counts('jobs')).toMatchObject({ visible: 1, inFlight: 0 });
});

test('terminate: what doesn’t end in TimeoutStopSec is killed in the middle of its work, and another takes over', async () => {
  const small = cloud();
  small.send('a');
  small.launch('i-1', 'TimeoutStopSec=2');
  await small.clock.advance(1_000);
  small.launch('i-2');
  let gone: number | undefined;
  void small.fleet.terminate('i-1').then(() => (gone = small.clock.now()));
  await small.clock.advance(28_000);
  expect(gone).toBe(START + 3_000);
  expect(small.counts('jobs')).toMatchObject({ visible: 0, inFlight: 1 });
  await small.clock.advance(10_000);
  expect(small.lines()).toEqual(['34 i-2 done a']);
});

test('kill -9 in the middle of a message: the unit starts anew, and the message comes back after its visibility timeout', async () => {
  const small = cloud();
  small.send('a');
  small.launch('i-1');
  await small.clock.advance(2_000);
  small.fleet.crash('i-1');
  await small.clock.advance(60_000);
  expect(small.lines()).toEqual(['34 i-1 done a']);
  expect(small.events.filter((event) => event.includes('sqs.received'))).toHaveLength(2);
});

test('an error that nobody catches ends the worker, which is started again and, failing again, reported once', async () => {
  const small = cloud();
  small.send('crash', 'crash', 'crash', 'a');
  small.launch('i-1');
  await small.clock.advance(25_000);
  expect(small.lines().filter((line) => line.includes('Error: '))).toEqual([
    '0 i-1 Error: this message is too much',
    '5 i-1 Error: this message is too much',
    '10 i-1 Error: this message is too much',
    '10 i-1 worker.service failed 3 times at its start: Error: this message is too much (next try in 10 s, then less and less often)',
  ]);
  expect(small.lines().at(-1)).toBe('24 i-1 done a');
});

test('what is no node program can’t run in this process, and that is said', async () => {
  const small = cloud();
  const userData = workerUserData('/usr/bin/python3 worker.py');
  small.fleet.launch({ instanceId: 'i-1', launchTemplate: { userData } });
  await small.clock.settle();
  expect(small.lines()).toEqual([
    '0 i-1 i-1 could not start: worker.service runs /usr/bin/python3: only Node programs run in the emulator’s own process'.replace(
      '’',
      "'",
    ),
  ]);
});
