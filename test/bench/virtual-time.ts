import { spawnSync } from 'node:child_process';
import { median } from './statistics';
import { VIRTUAL } from './targets';

/** What is measured of virtual time: a busy day, idle days at once and one by one, the start of a cloud. */
export type VirtualCase = 'day' | 'idle' | 'days' | 'start';

/** In milliseconds: the processor time, which is steadier where others use the machine, and that of the wall's clock. */
export interface Cost {
  readonly processor: number;
  readonly wall: number;
}

/** The medians of so many runs of a case, each in a process of its own. */
export function virtualTime(name: VirtualCase, times: number): Cost {
  const costs = Array.from({ length: times }, () => run(name));
  return { processor: median(costs.map(({ processor }) => processor)), wall: median(costs.map(({ wall }) => wall)) };
}

function run(name: VirtualCase): Cost {
  const { stdout, status, stderr } = spawnSync(process.execPath, [VIRTUAL, name], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the case ${name} of virtual time failed: ${stderr.slice(-1_000)}`);
  return JSON.parse(stdout) as Cost;
}
