import { RawConnection } from './raw-connection';
import { sqsRequest } from './requests';
import type { ServerProcess } from './server-process';
import { median } from './statistics';

type Start = () => Promise<ServerProcess>;

/** From starting a process to the first answer to ListQueues, in milliseconds; the medians of runs taken in turn. */
export async function coldStarts<N extends string>(
  starts: Record<N, Start>,
  times: number,
): Promise<Record<N, number>> {
  const names = Object.keys(starts) as N[];
  const taken = new Map<N, number[]>(names.map((name) => [name, []]));
  for (let i = 0; i < times; i++) {
    for (const name of names) taken.get(name)?.push(await coldStart(starts[name]));
  }
  return Object.fromEntries([...taken].map(([name, times]) => [name, median(times)])) as Record<N, number>;
}

async function coldStart(start: Start): Promise<number> {
  const begun = performance.now();
  const server = await start();
  const connection = await RawConnection.open(server.port);
  await connection.request(sqsRequest('ListQueues', {}));
  const elapsed = performance.now() - begun;
  connection.close();
  await server.stop();
  return elapsed;
}
