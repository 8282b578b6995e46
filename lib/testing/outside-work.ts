import type { CloudContext } from './cloud-context';

/** How long, in real time, work outside the cloud may take before time in the cloud passes anyway. */
const GRACE = 3_000;
/** How often this is repeated while that work visibly waits for the machine: an SDK's longest pause is 20 seconds. */
const MOST_GRACES = 10;

/**
 * Waits for a promise from outside the cloud: an SDK client's, or the test's own code. While one of its requests waits
 * in the cloud, time passes there. Otherwise it is busy in real time (a client reads its configuration, or pauses
 * before a retry), and time in the cloud stands still: hours could pass there during the pause. Resolves to false if
 * `atMost` milliseconds have passed in the cloud and the promise has not settled.
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
      // It does not wait for the machine, so it must wait for the cloud.
      else if (machineWork() <= before) break;
    }
    if (over) return true;
    const begun = requests.underWay;
    const changed = () => over || (begun === 0 ? requests.underWay > 0 : requests.underWay === 0);
    if (!(await passage.until(changed, end - clock.now()))) return over;
  }
}

/** How many of the machine's timers and file requests keep this process alive. */
function machineWork(): number {
  return process.getActiveResourcesInfo().filter((resource) => /^(Timeout|FSReq\w*)$/.test(resource)).length;
}

/** Whether one of the promises resolves within this many real milliseconds. */
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
