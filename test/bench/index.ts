// npm run bench [-- --quick] [part…]: the emulator beside a bare node:http server and beside the peers that are installed.
// Not a test: it passes whatever it measures. All ratios are of processor time in one run, so that they hold on other
// machines.
import { cpus, totalmem } from 'node:os';
import { coldStarts } from './cold-start';
import { engineSendRate, growth, GROWTH, itemOverhead } from './growth';
import { hotReloads } from './hot-reload';
import { fill } from './loads';
import { withQueue } from './queues';
import { pinClient, type ServerProcess } from './server-process';
import { median } from './statistics';
import { bundleServers, installedPeers, startBare, startSpillway, teach } from './targets';
import { eventCost, fanOutRatio, medianOf } from './pub-sub';
import { synthCost } from './synth';
import { throughput, type ThroughputOptions } from './throughput';
import { virtualTime, type VirtualCase } from './virtual-time';
import { idle, wakeUp } from './waiting';
import { wireGrowth } from './wire-growth';

const quick = process.argv.includes('--quick');
const say = (line: string) => console.log(line);
const row = (...cells: (string | number)[]) => say(`| ${cells.join(' | ')} |`);
const heading = (...cells: string[]) => {
  say('');
  row(...cells);
  row(...cells.map(() => '---'));
};

const PARTS: Readonly<Record<string, () => void | Promise<void>>> = {
  wire,
  peers,
  waiting,
  start: startAndSize,
  reload,
  growth: growthOnTheWire,
  engine,
  pubSub,
  constructs,
  virtual,
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const unknown = wanted.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) throw new Error(`no part ${unknown}: there are ${Object.keys(PARTS).join(', ')}`);
  await bundleServers();
  const pinned = pinClient();
  say(`Node ${process.version}; ${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB`);
  say(pinned ? 'Server and client on one core each.' : 'Server and client share the cores.');
  for (const [name, measure] of Object.entries(PARTS))
    if (wanted.length === 0 || wanted.includes(name)) await measure();
}

/** Does something with a server of ours, and with a bare one that has learnt its answers. */
async function withServers(use: (spillway: ServerProcess, bare: ServerProcess) => Promise<void>): Promise<void> {
  const [spillway, bare] = [await startSpillway(), await startBare()];
  try {
    await teach(bare, spillway);
    await use(spillway, bare);
  } finally {
    for (const server of [spillway, bare]) await server.stop();
  }
}

function wire(): Promise<void> {
  const concurrencies = quick ? [16] : [1, 16, 64];
  const options = quick ? { repetitions: 3, duration: 500 } : { repetitions: 5, duration: 1_000 };
  return withServers((spillway, bare) => rates({ bare, target: spillway, concurrencies, ...options }, 'spillway'));
}

/** Peers one at a time and not for long: the slow ones take seconds for a step. */
function peers(): Promise<void> {
  return withServers(async (spillway, bare) => {
    for (const [name, start] of installedPeers()) {
      const target = await start();
      try {
        await rates({ bare, target, concurrencies: [16], repetitions: 1, duration: 500 }, name);
        const [theirs, ours] = [await wakeUp(target, 64, 10), await wakeUp(spillway, 64, 10)];
        say(`wake-up with 64 parked polls, p50: ${name} ${theirs.toFixed(2)} ms, spillway ${ours.toFixed(2)} ms`);
      } finally {
        await target.stop();
      }
    }
  });
}

async function rates(options: ThroughputOptions, name: string): Promise<void> {
  heading('target', 'load', 'connections', 'ratio to bare', 'CPU µs', 'p50 µs', 'p99 µs', 'per second');
  for (const { load, concurrency, ratio, measured } of await throughput(options)) {
    const { cost, p50, p99, perSecond } = measured;
    const [ours, typical, worst, rate] = [cost, p50, p99, perSecond].map((figure) => figure.toFixed(0));
    row(name, load, concurrency, ratio.toFixed(ratio < 0.1 ? 4 : 2), ours, typical, worst, rate);
  }
}

function waiting(): Promise<void> {
  return withServers(async (spillway) => {
    heading('waiting', 'figure');
    row('wake-up with 64 parked polls, p50', `${(await wakeUp(spillway, 64, quick ? 50 : 300)).toFixed(2)} ms`);
    const share = await idle(spillway, 1_000, quick ? 3_000 : 15_000);
    row('1,000 parked polls, of a core', `${(share * 100).toFixed(2)} %`);
  });
}

async function startAndSize(): Promise<void> {
  const starts = await coldStarts({ bare: startBare, spillway: startSpillway }, quick ? 5 : 15);
  heading('start to first ListQueues', 'ms');
  row('bare', starts.bare.toFixed(0));
  row('spillway', `${starts.spillway.toFixed(0)} (${(starts.spillway / starts.bare).toFixed(2)} × bare)`);

  heading('memory', 'bytes');
  const fresh = await startSpillway();
  try {
    row('a queued message of 1 KiB, resident', (await memoryPerMessage(fresh, quick ? 50_000 : 300_000)).toFixed(0));
  } finally {
    await fresh.stop();
  }
}

async function reload(): Promise<void> {
  const taken = await hotReloads(quick ? 5 : 20);
  heading('from a save to a message handled by the saved code', 'ms');
  row(`p50 of ${taken.length}`, median(taken).toFixed(0));
  row('longest', Math.max(...taken).toFixed(0));
}

/** The growth of resident memory from when a queue is a tenth full: what the code itself takes is there by then. */
function memoryPerMessage(server: ServerProcess, messages: number): Promise<number> {
  return withQueue(server.port, async (url) => {
    await fill(server.port, url, messages / 10, 60_000);
    const before = server.memory();
    await fill(server.port, url, messages, 60_000);
    return (server.memory() - before) / messages;
  });
}

async function growthOnTheWire(): Promise<void> {
  heading('sending, receiving and deleting over the wire', 'cost');
  for (const { what, ratio } of await wireGrowth(quick)) row(what, `${ratio.toFixed(2)} ×`);
}

async function pubSub(): Promise<void> {
  const times = quick ? 1 : 5;
  const [events, messages] = quick ? [10_000, 2_000] : [100_000, 10_000];
  heading('topics and rules without the wire', 'figure');
  const one = await medianOf(times, () => eventCost(1, events));
  const hundred = await medianOf(times, () => eventCost(100, events));
  row(`an event against 100 rules, against 1, ${events} events`, `${(hundred / one).toFixed(2)} ×`);
  const ratio = await medianOf(times, () => fanOutRatio(messages));
  row(`a raw delivery to one of 10 queues, against a SendMessage, ${messages} messages`, `${ratio.toFixed(2)} ×`);
}

function engine(): void {
  const times = quick ? 1 : 5;
  heading('engine without the wire', 'figure');
  row('SendMessage of 1 KiB, per second and core', Math.round(engineSendRate(times)));
  for (const [what, { name, small, large }] of Object.entries(GROWTH)) {
    const ratio = growth({ name, small, large: quick ? large / 10 : large }, times);
    row(`${what}: ${large} against ${small}, cost`, `${ratio.toFixed(2)} ×`);
  }
  row('a small item of a table, beyond its own bytes', `${itemOverhead(quick ? 100_000 : 1_000_000).toFixed(0)} bytes`);
}

function constructs(): void {
  heading('constructs', 'figure');
  row('synthesis, against the same resources of CDK by hand', `${synthCost(quick ? 5 : 15).toFixed(2)} ×`);
}

function virtual(): void {
  const times = quick ? 1 : 5;
  heading('virtual time', 'processor time', "time of the wall's clock", 'goal');
  const cases: readonly [VirtualCase, string, string][] = [
    ['day', 'a day of 1,000,000 messages with a spike of 100 times the load, through the whole loop', '10 s'],
    ['idle', '10,000 idle days of the reference stack, at once', '10 s'],
    ['days', '10,000 idle days of the reference stack, one by one', '10 s'],
    ['start', 'LocalCloud.fromStack of the reference stack beyond its synthesis, the first of its process', '100 ms'],
  ];
  for (const [name, what, goal] of cases) {
    const { processor, wall } = virtualTime(name, times);
    row(what, `${processor.toFixed(0)} ms`, `${wall.toFixed(0)} ms`, goal);
  }
}

void main();
