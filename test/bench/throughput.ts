import { fill, LOAD_NAMES, LOADS, type LoadName, type Measured, runLoad } from './loads';
import { withQueue } from './queues';
import type { ServerProcess } from './server-process';
import { median } from './statistics';

/** What a throughput run is told. */
export interface ThroughputOptions {
  readonly bare: ServerProcess;
  readonly target: ServerProcess;
  readonly concurrencies: readonly number[];
  readonly repetitions: number;
  /** Of one load on one server, in milliseconds. */
  readonly duration: number;
}

/** One line of the table. */
export interface ThroughputRow {
  readonly load: LoadName;
  readonly concurrency: number;
  /** The bare server's processor time over the target's, for the same work. */
  readonly ratio: number;
  /** Of the target. */
  readonly measured: Measured;
}

/** All loads on both servers, in turn, so that whatever else the machine does hits them alike. */
export async function throughput(options: ThroughputOptions): Promise<ThroughputRow[]> {
  const { bare, target, concurrencies, repetitions, duration } = options;
  const rows = LOAD_NAMES.flatMap((load) =>
    concurrencies.map((concurrency) => ({ load, concurrency, runs: [] as Measured[], ratios: [] as number[] })),
  );
  for (let repetition = -1; repetition < repetitions; repetition++) {
    for (const { load, concurrency, runs, ratios } of rows) {
      const theirs = await once(bare, load, concurrency, duration, true);
      const ours = await once(target, load, concurrency, duration, false);
      if (repetition < 0) continue; // the first round warms the servers up
      runs.push(ours);
      ratios.push(theirs.cost / ours.cost);
    }
  }
  return rows.map(({ load, concurrency, runs, ratios }) => ({
    load,
    concurrency,
    ratio: median(ratios),
    measured: middle(runs),
  }));
}

function once(server: ServerProcess, load: LoadName, concurrency: number, duration: number, constant: boolean) {
  return withQueue(server.port, async (url) => {
    // So many that even a server twice as fast as the bare one finds some to the end.
    if (load.startsWith('Receive') && !constant) await fill(server.port, url, duration * 100, 5_000);
    return runLoad(server, LOADS[load](url), concurrency, duration);
  });
}

function middle(runs: readonly Measured[]): Measured {
  const of = (figure: keyof Measured) => median(runs.map((run) => run[figure]));
  return { cost: of('cost'), p50: of('p50'), p99: of('p99'), perSecond: of('perSecond') };
}
