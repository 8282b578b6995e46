import type { CloudContext } from './cloud-context';

/** How long the machine's time is given to work that is not the cloud's before time in the cloud passes all the same. */
const GRACE = 3_000;
/** How often, at most, while that work is seen to wait for the machine: an SDK's longest pause is 20 seconds. */
const MOST_GRACES = 10;

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
  const before = machineWork();
  let over = false;
  const settled = promise.then(
    () => void (over = true),
    () => void (over = true),
  );
  for (;;) {
    await passage.advance(0);
    for (let grace = 0; !over && requests.underWay === 0 && grace < MOST_GRACES; grace++) {
      if (await within(GRACE, [settled, requests.next()])) grace = -1;
      // Nothing of the machine's is waited for: it must be the cloud.
      else if (machineWork() <= before) break;
    }
    if (over) return true;
    const begun = requests.underWay;
    const changed = () => over || (begun === 0 ? requests.underWay > 0 : requests.underWay === 0);
    if (!(await passage.until(changed, end - clock.now()))) return over;
  }
}

/** How many timers of the machine's, and requests to its files, keep this process going. */
function machineWork(): number {
  return process.getActiveResourcesInfo().filter((resource) => /^(Timeout|FSReq\w*)$/.test(resource)).length;
}

/** Whether one of the promises resolves before so many of the machine's milliseconds have passed. */
async function within(patience: number, promises: readonly Promise<void>[]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  // The machine's time, and no clock's: what is waited for is not in the cloud.
  // eslint-disable-next-line no-restricted-globals -- see above
  const patient = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), patience)));
  const first = Promise.race(promises).then(() => true);
  const resolved = await Promise.race([patient, first]);
  // eslint-disable-next-line no-restricted-globals -- see above
  clearTimeout(timer);
  return resolved;
}
