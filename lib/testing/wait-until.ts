import { milliseconds, type WaitOptions } from '../emulator/testing';
import type { CloudContext } from './cloud-context';
import { stuckReport, takeStock } from './report/stuck';

const DEFAULT_PATIENCE = 3_600_000;

/** Thrown if something did not happen in time. The message explains what is stuck, why, and what may help. */
export class NotReachedError extends Error {
  public override readonly name = 'NotReachedError';
}

/**
 * Lets time pass until `done` is true.
 * @throws NotReachedError
 */
export async function waitUntil(
  context: CloudContext,
  done: () => boolean,
  what: string,
  options: WaitOptions,
): Promise<void> {
  await waitFor(context, (atMost) => context.passage.until(done, atMost), what, options);
}

/**
 * Waits in a custom way for something that must happen within a time.
 * @throws NotReachedError
 */
export async function waitFor(
  context: CloudContext,
  wait: (atMost: number) => Promise<boolean>,
  what: string,
  options: WaitOptions,
): Promise<void> {
  const atMost = options.atMost === undefined ? DEFAULT_PATIENCE : milliseconds(options.atMost, 'atMost');
  const before = takeStock(context);
  if (await wait(atMost)) return;
  throw new NotReachedError(stuckReport(context, options.what ?? what, atMost, before));
}
