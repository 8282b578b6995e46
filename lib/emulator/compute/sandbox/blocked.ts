import { url as inspectorUrl } from 'node:inspector';
import { Script } from 'node:vm';
import { realGlobal } from './realm';

const CODE = Symbol.for('spillway.code');
const script = new Script("globalThis[Symbol.for('spillway.code')]()", { filename: 'spillway-sandbox' });
const holder = realGlobal as unknown as Record<symbol, (() => void) | undefined>;

/** Sandboxed code blocked the event loop, and was ended. */
export class EventLoopBlocked extends Error {
  constructor(milliseconds: number) {
    super(`it blocked the event loop for ${milliseconds / 1_000} s`);
    this.name = 'EventLoopBlocked';
  }
}

/**
 * Runs code that may never return: Node ends it after this many real milliseconds. Covers only what runs before `code`
 * returns, not what its promises run later. With a debugger attached there is no limit.
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
