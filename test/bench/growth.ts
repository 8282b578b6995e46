import { spawnSync } from 'node:child_process';
import { median } from './statistics';
import { ENGINE } from './targets';

/** What may cost no more when there is more of it. */
export const GROWTH = {
  'messages queued': { name: 'depth', small: 1_000, large: 1_000_000 },
  'FIFO groups': { name: 'groups', small: 1, large: 10_000 },
  'messages of a blocked group in front': { name: 'blocked', small: 1, large: 100_000 },
  queues: { name: 'queues', small: 1, large: 5_000 },
  'items of a table': { name: 'items', small: 1_000, large: 1_000_000 },
} as const;

/** Sending, receiving and deleting a message, with much against with little in the queue: the ratio of the costs. */
export function growth({ name, small, large }: { name: string; small: number; large: number }, times: number): number {
  const ratios = Array.from({ length: times }, () => {
    const before = engineCost(name, small);
    return engineCost(name, large) / before;
  });
  return median(ratios);
}

/** SendMessage with 1 KiB, the digest included, without the wire: calls for each second of processor time. */
export function engineSendRate(times: number): number {
  return 1_000_000 / median(Array.from({ length: times }, () => engineCost('send', 1024)));
}

/** The bytes that a small item of a table takes beyond its own. */
export function itemOverhead(items: number): number {
  return engineCost('item-bytes', items);
}

function engineCost(name: string, size: number): number {
  const { stdout, status, stderr } = spawnSync(process.execPath, ['--expose-gc', ENGINE, name, String(size)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the engine's case ${name} failed: ${stderr.slice(-1_000)}`);
  return Number(stdout);
}
