// npm run bench [-- --quick]: the emulator beside a bare node:http server and beside the peers that are installed. Not a
// test: it passes whatever it measures. All ratios are of processor time in one run, so that they hold on other machines.
import { cpus, totalmem } from 'node:os';
import { coldStarts } from './cold-start';
import { engineSendRate, growth, GROWTH } from './growth';
import { fill } from './loads';
import { withQueue } from './queues';
import { pinClient, type ServerProcess } from './server-process';
import { bundleServers, startBare, startPeers, startSpillway, teach } from './targets';
import { synthCost } from './synth';
import { throughput } from './throughput';
import { idle, wakeUp } from './waiting';
import { wireGrowth } from './wire-growth';

const quick = process.argv.includes('--quick');
const onlyWire = process.argv.includes('--wire');
const say = (line: string) => console.log(line);
const row = (...cells: (string | number)[]) => say(`| ${cells.join(' | ')} |`);
const heading = (...cells: string[]) => {
  say('');
  row(...cells);
  row(...cells.map(() => '---'));
};

async function main(): Promise<void> {
  await bundleServers();
  const pinned = pinClient();
  say(`Node ${process.version}; ${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB`);
  say(pinned ? 'Server and client on one core each.' : 'Server and client share the cores.');
  const [spillway, bare] = [await startSpillway(), await startBare()];
  const peers = onlyWire ? new Map<string, ServerProcess>() : await startPeers();
  try {
    await teach(bare, spillway);
    await wire(bare, new Map([['spillway', spillway], ...peers]));
    if (onlyWire) return;
    await waits(new Map([['spillway', spillway], ...peers]));
    await startAndSize();
    await growthOnTheWire();
    engine();
    constructs();
  } finally {
    for (const server of [spillway, bare, ...peers.values()]) await server.stop();
  }
}

async function wire(bare: ServerProcess, targets: Map<string, ServerProcess>): Promise<void> {
  const concurrencies = quick ? [16] : [1, 16, 64];
  const options = quick ? { repetitions: 3, duration: 500 } : { repetitions: 5, duration: 1_000 };
  heading('target', 'load', 'connections', 'ratio to bare', 'CPU µs', 'p50 µs', 'p99 µs', 'per second');
  for (const { target, load, concurrency, ratio, measured } of await throughput({
    bare,
    targets,
    concurrencies,
    ...options,
  })) {
    const { cost, p50, p99, perSecond } = measured;
    const [ours, typical, worst, rate] = [cost, p50, p99, perSecond].map((figure) => figure.toFixed(0));
    row(target, load, concurrency, ratio.toFixed(ratio < 0.1 ? 4 : 2), ours, typical, worst, rate);
  }
}

async function waits(targets: Map<string, ServerProcess>): Promise<void> {
  heading('target', 'wake-up with 64 parked polls, p50');
  for (const [name, server] of targets) row(name, `${(await wakeUp(server, 64, quick ? 50 : 300)).toFixed(2)} ms`);
  const spillway = targets.get('spillway');
  if (spillway === undefined) return;
  heading('idle', 'of a core');
  row('1,000 parked polls', `${((await idle(spillway, 1_000, quick ? 3_000 : 15_000)) * 100).toFixed(2)} %`);
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

function engine(): void {
  const times = quick ? 1 : 5;
  heading('engine without the wire', 'figure');
  row('SendMessage of 1 KiB, per second and core', Math.round(engineSendRate(times)));
  for (const [what, { name, small, large }] of Object.entries(GROWTH)) {
    const ratio = growth({ name, small, large: quick ? large / 10 : large }, times);
    row(`${what}: ${large} against ${small}, cost`, `${ratio.toFixed(2)} ×`);
  }
}

function constructs(): void {
  heading('constructs', 'figure');
  row('synthesis, against the same resources of CDK by hand', `${synthCost(quick ? 5 : 15).toFixed(2)} ×`);
}

void main();
