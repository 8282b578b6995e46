import { connect } from 'node:net';
import { HttpEndpoint } from '../../lib/emulator/server';
import { bytesInUse, FuzzedCloud } from './fuzzed-cloud';
import { connectionBytes } from './http-bytes';
import { RequestSource } from './request-source';

// As for the router: the same connections each time, but for `npm run test:long`; SEED=<it> repeats a run.
const long = process.env.LONG !== undefined;
const seed = Number(process.env.SEED ?? (long ? Date.now() % 2 ** 31 : 20_261_122));
const CONNECTIONS = long ? 20_000 : 600;
const ROUND = 200;
const AT_ONCE = 20;
const MEBIBYTE = 2 ** 20;

test(
  `${CONNECTIONS} connections with damaged HTTP: no crash, no 5xx, no hang, no leak`,
  async () => {
    const errors = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const statuses = new Map<number, number>();
    let before = 0;
    for (let done = 0; done < CONNECTIONS; done += ROUND) {
      await fuzz(seed + done, statuses);
      if (done === ROUND) before = bytesInUse();
    }
    expect(errors.mock.calls).toEqual([]);
    expect(bytesInUse() - before).toBeLessThan(32 * MEBIBYTE);
    expect(statuses.get(200)).toBeGreaterThan(CONNECTIONS / 20);
    expect(statuses.get(400)).toBeGreaterThan(CONNECTIONS / 20);
    if (long) console.info(`seed ${seed}: ${CONNECTIONS} connections, by status`, Object.fromEntries(statuses));
  },
  15 * 60_000,
);

async function fuzz(roundSeed: number, statuses: Map<number, number>): Promise<void> {
  const cloud = new FuzzedCloud();
  const endpoint = new HttpEndpoint({ router: cloud.router, clock: cloud.clock });
  const port = Number(new URL(await endpoint.listen(0)).port);
  const source = new RequestSource(roundSeed, cloud.sessions);
  try {
    for (let done = 0; done < ROUND; done += AT_ONCE) {
      const sent = Array.from({ length: AT_ONCE }, () => connectionBytes(source));
      const answers = await Promise.all(sent.map((bytes) => exchange(port, bytes)));
      for (const [index, answer] of answers.entries()) check(sent[index], answer);
    }
    const alive = await exchange(port, Buffer.from('GET /?Action=ListQueues HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    expect(alive).toMatch(/^HTTP\/1\.1 200 OK/);
  } finally {
    await endpoint.close();
  }

  function check(bytes: Buffer, answer: string): void {
    const found = [...answer.matchAll(/HTTP\/1\.1 (\d{3}) [A-Z]/g)].map(([, status]) => Number(status));
    for (const status of found) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (found.every((status) => status < 500) && cloud.internalErrors.length === 0) return;
    const shown = JSON.stringify(bytes.toString('latin1').slice(0, 3_000));
    throw new Error(`SEED=${seed} (round ${roundSeed}): ${answer.slice(0, 500)} to ${shown}`, {
      cause: cloud.internalErrors[0],
    });
  }
}

/** Sends `bytes`, says that that was all, and gives what comes back until the server closes the connection. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer: Buffer[] = [];
    const deadline = setTimeout(() => {
      socket.destroy();
      reject(new Error(`SEED=${seed}: no end to ${JSON.stringify(bytes.toString('latin1').slice(0, 3_000))}`));
    }, 30_000);
    socket.on('data', (chunk) => answer.push(chunk));
    // The server may hang up in the middle of what it will not read.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(deadline);
      resolve(Buffer.concat(answer).toString('latin1'));
    });
    socket.end(bytes);
  });
}
