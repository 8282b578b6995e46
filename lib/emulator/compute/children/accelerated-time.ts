/**
 * Loaded before a program's own code if emulated time has another speed than real time: `Date`, `performance`,
 * `process.hrtime`, the timers and `AbortSignal.timeout()` then use emulated time. Socket idle timeouts stay in real
 * time, because the network is no faster.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';

interface EmulatedTime {
  /** Emulated milliseconds since the epoch … */
  readonly now: number;
  /** … at this many nanoseconds of the machine's monotonic clock. */
  readonly at: string;
  /** Emulated seconds per real second. */
  readonly speed: number;
}

const { SPILLWAY_TIME: given } = process.env;
if (given !== undefined) accelerate(JSON.parse(given) as EmulatedTime);

function accelerate(time: EmulatedTime): void {
  const { speed } = time;
  const since = BigInt(time.at);
  const hrtime = process.hrtime.bigint.bind(process.hrtime);
  const emulated = () => time.now + (Number(hrtime() - since) / 1e6) * speed;
  const now = () => Math.floor(emulated());

  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });

  const sinceStart = performance.now.bind(performance);
  const timeOrigin = emulated() - sinceStart() * speed;
  Object.defineProperties(performance, {
    now: { value: () => sinceStart() * speed, configurable: true, writable: true },
    timeOrigin: { value: timeOrigin, configurable: true },
  });

  const nanoseconds = () => BigInt(Math.round(emulated() * 1e6));
  const split = (previous?: [number, number]): [number, number] => {
    const passed =
      nanoseconds() - (previous === undefined ? 0n : BigInt(previous[0]) * 1_000_000_000n + BigInt(previous[1]));
    return [Number(passed / 1_000_000_000n), Number(passed % 1_000_000_000n)];
  };
  process.hrtime = Object.assign(split, { bigint: nanoseconds });
  const uptime = process.uptime.bind(process);
  process.uptime = () => uptime() * speed;

  accelerateTimers(speed);
}

// Node shortens longer delays to a millisecond, with a warning: pass them on unchanged.
const LONGEST = 2 ** 31 - 1;

type Schedule = (callback: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => NodeJS.Timeout;

function accelerateTimers(speed: number): void {
  const faster = (delay?: number): number | undefined => {
    const milliseconds = Number(delay ?? 1);
    return milliseconds > LONGEST ? milliseconds : milliseconds / speed;
  };
  // Only these exports can be replaced; those of an ES module cannot.
  const require = createRequire(__filename);
  const timers = require('node:timers') as Record<'setTimeout' | 'setInterval', Schedule>;
  const promises = require('node:timers/promises') as {
    setTimeout: (delay?: number, ...rest: unknown[]) => Promise<unknown>;
    setInterval: (delay?: number, ...rest: unknown[]) => AsyncIterable<unknown>;
    scheduler: { wait: (delay?: number, ...rest: unknown[]) => Promise<unknown> };
  };
  const { setTimeout: wait, setInterval: repeat, scheduler } = promises;
  const waitFor = scheduler.wait.bind(scheduler);
  promises.setTimeout = (delay, ...rest) => wait(faster(delay), ...rest);
  promises.setInterval = (delay, ...rest) => repeat(faster(delay), ...rest);
  scheduler.wait = (delay, ...rest) => waitFor(faster(delay), ...rest);

  for (const name of ['setTimeout', 'setInterval'] as const) {
    const real = timers[name];
    const scheduled: Schedule = (callback, delay, ...args) => real(callback, faster(delay), ...args);
    if (name === 'setTimeout') Object.assign(scheduled, { [promisify.custom]: promises.setTimeout });
    timers[name] = scheduled;
    Object.assign(globalThis, { [name]: scheduled });
  }

  // Node's own function may or may not use the timers replaced above, and could be accelerated twice.
  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    const reason = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    setTimeout(() => controller.abort(reason()), delay).unref();
    return controller.signal;
  };
  syncBuiltinESMExports();
}
