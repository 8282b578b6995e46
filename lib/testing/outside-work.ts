import type { CloudContext } from './cloud-context';

/** How long the machine's time is given to work that is not the cloud's before time in the cloud passes all the same. */
const GRACE = 2_000;

/**
 * Waits for a promise that is not the cloud's: an SDK client's, that of a test's own code. While one of its requests
 * waits in the cloud, time passes there. While none does, it is busy in the machine's own time (a client reads its
 * configuration, or pauses before it tries again), and time in the cloud stands still: else hours would pass there in
 * the pause. It gives false when `atMost` milliseconds have passed in the cloud without the promise having settled.
 */
export async function untilSettled(context: CloudContext, promise: Promise<unknown>, atMost: number): Promise<boolean> {
  const { clock, emulator, passage } = context;
  const requests = emulator.clientRequests;
  const end = clock.now() + atMost;
  let over = false;
  const settled = promise.then(
    () => void (over = true),
    () => void (over = true),
  );
  for (;;) {
    await passage.advance(0);
    if (over) return true;
    if (requests.underWay === 0) await within(GRACE, [settled, requests.next()]);
    const begun = requests.underWay;
    const changed = () => over || (begun === 0 ? requests.underWay > 0 : requests.underWay === 0);
    const left = end - clock.now();
    if (!over && !(await passage.until(changed, left))) return over;
  }
}

/** Resolves when one of the promises does, or when so many of the machine's milliseconds have passed. */
async function within(patience: number, promises: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  // The machine's time, and no clock's: what is waited for is not in the cloud.
  // eslint-disable-next-line no-restricted-globals -- see above
  const patient = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
  await Promise.race([patient, ...promises]);
  // eslint-disable-next-line no-restricted-globals -- see above
  clearTimeout(timer);
}
