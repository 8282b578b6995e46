import type { HttpRequest, HttpResponse } from '../../lib/emulator/protocol';
import { bytesInUse, FuzzedCloud } from './fuzzed-cloud';
import { type FuzzedRequest, RequestSource } from './request-source';

// `npm test` sends the same requests each time; `npm run test:long` has a seed of its own. A failure names the seed and
// the request; SEED=<it> repeats it.
const long = process.env.LONG !== undefined;
const seed = Number(process.env.SEED ?? (long ? Date.now() % 2 ** 31 : 20_261_122));
const REQUESTS = long ? 180_000 : 3_000;
// Requests that succeed leave messages and queues behind: each round begins with a new cloud.
const ROUND = 1_000;
const MEBIBYTE = 2 ** 20;

test(
  `answers ${REQUESTS} damaged requests without a crash, a 5xx or a leak`,
  async () => {
    let before = 0;
    const statuses = new Map<number, number>();
    for (let done = 0; done < REQUESTS; done += ROUND) {
      await fuzz(seed + done, statuses);
      if (done === ROUND) before = bytesInUse();
    }
    expect(bytesInUse() - before).toBeLessThan(32 * MEBIBYTE);
    // Were all of them refused for the same reason, little would be tried.
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 20);
    expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 20);
    if (long) console.info(`seed ${seed}: ${REQUESTS} requests, by status`, Object.fromEntries(statuses));
  },
  15 * 60_000,
);

async function fuzz(roundSeed: number, statuses: Map<number, number>): Promise<void> {
  const cloud = new FuzzedCloud();
  const source = new RequestSource(roundSeed, cloud.sessions);
  const waiting: { request: FuzzedRequest; answer: Promise<HttpResponse> }[] = [];
  for (let index = 0; index < ROUND; index++) {
    const request = source.next();
    const answer = cloud.router.handle(httpRequest(request, source));
    if (answer instanceof Promise) waiting.push({ request, answer });
    else check(request, answer);
    if (source.chance(0.02)) await cloud.clock.advance(source.pick([1_000, 20_000, 60_000]));
  }
  await cloud.clock.advance(20_000);
  for (const { request, answer } of waiting) check(request, await answer);

  function check(request: FuzzedRequest, { status, body }: HttpResponse): void {
    const text = Buffer.from(body).toString();
    for (const [, handle] of text.matchAll(/"ReceiptHandle":"([^"]+)"/g)) source.learn(handle);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status >= 200 && status < 500 && cloud.internalErrors.length === 0) return;
    const { method, path, query, headers, body: sent } = request;
    const shown = JSON.stringify({ method, path, query, headers, body: sent.toString('latin1').slice(0, 2_000) });
    throw new Error(`SEED=${seed} (round ${roundSeed}): ${status} ${text.slice(0, 500)} to ${shown}`, {
      cause: cloud.internalErrors[0],
    });
  }
}

function httpRequest(request: FuzzedRequest, source: RequestSource): HttpRequest {
  const signal = source.chance(0.1) ? AbortSignal.abort() : undefined;
  return { ...request, endpoint: 'http://127.0.0.1:4566', signal };
}
