import { url as inspectorUrl } from 'node:inspector';
import { Script } from 'node:vm';
import { realGlobal } from './realm';

const CODE = Symbol.for('spillway.code');
const script = new Script("globalThis[Symbol.for('spillway.code')]()", { filename: 'spillway-sandbox' });
const holder = realGlobal as unknown as Record<symbol, (() => void) | undefined>;

/** Code of a sandbox has not returned to the event loop, and was ended. */
export class EventLoopBlocked extends Error {
  constructor(milliseconds: number) {
    super(`it has blocked the event loop for ${milliseconds / 1_000} s`);
    this.name = 'EventLoopBlocked';
  }
}

/**
 * Runs code that may never return: node ends it after so many milliseconds of the machine's time. Only what runs before
 * `code` returns is ended, not what its promises run later. Where a debugger is attached there is no limit.
 * @throws EventLoopBlocked if the code was ended
 */
export function endIfBlocked<T>(code: () => T, milliseconds: number): T {
  if (milliseconds === Infinity || inspectorUrl() !== undefined) return code();
  let result: T | undefined;
  const outer = holder[CODE];
  holder[CODE] = () => void (result = code());
  try {
    script.runInThisContext({ timeout: milliseconds });
  } catch (error) {
    throw (error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
      ? new EventLoopBlocked(milliseconds)
      : error;
  } finally {
    holder[CODE] = outer;
  }
  return result as T;
}
