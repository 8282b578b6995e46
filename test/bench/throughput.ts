import { fill, LOAD_NAMES, LOADS, type LoadName, type Measured, runLoad } from './loads';
import { withQueue } from './queues';
import type { ServerProcess } from './server-process';
import { median } from './statistics';

/** What a throughput run is told. */
export interface ThroughputOptions {
  readonly bare: ServerProcess;
  readonly targets: ReadonlyMap<string, ServerProcess>;
  readonly concurrencies: readonly number[];
  readonly repetitions: number;
  /** Of one load on one server, in milliseconds. */
  readonly duration: number;
}

/** One line of the table. */
export interface ThroughputRow {
  readonly target: string;
  readonly load: LoadName;
  readonly concurrency: number;
  /** The bare server's processor time over the target's, for the same work. */
  readonly ratio: number;
  readonly measured: Measured;
}

/** All loads on all servers, in turn, so that whatever else the machine does hits them alike. */
export async function throughput(options: ThroughputOptions): Promise<ThroughputRow[]> {
  const { bare, targets, concurrencies, repetitions, duration } = options;
  const runs = new Map<string, Measured[]>();
  const names = ['bare', ...targets.keys()];
  const key = (target: string, load: LoadName, concurrency: number) => `${target} ${load} ${concurrency}`;
  for (let repetition = -1; repetition < repetitions; repetition++) {
    for (const load of LOAD_NAMES) {
      for (const concurrency of concurrencies) {
        for (const target of names) {
          const server = targets.get(target) ?? bare;
          const measured = await once(server, load, concurrency, duration, target === 'bare');
          // The first round warms the servers up.
          if (repetition >= 0) push(runs, key(target, load, concurrency), measured);
        }
      }
    }
  }
  return [...targets.keys()].flatMap((target) =>
    LOAD_NAMES.flatMap((load) =>
      concurrencies.map((concurrency) => {
        const ours = runs.get(key(target, load, concurrency)) ?? [];
        const theirs = runs.get(key('bare', load, concurrency)) ?? [];
        const ratio = median(ours.map(({ cost }, turn) => theirs[turn].cost / cost));
        return { target, load, concurrency, ratio, measured: middle(ours) };
      }),
    ),
  );
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

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
