import type { Clock } from '../../clock';
import { realGlobal } from './realm';

/**
 * `Date` on the clock. Creates real Dates, so that they pass `instanceof` on both sides; only without arguments does it
 * read the clock.
 */
export function virtualDate(clock: Clock): DateConstructor {
  const now = () => clock.now();
  return new Proxy(realGlobal.Date, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new realGlobal.Date(now()).toString(),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
}

/** `performance` on the clock, starting at this call. */
export function virtualPerformance(clock: Clock): typeof performance {
  const timeOrigin = clock.now();
  const own: Record<string | symbol, unknown> = { now: () => clock.now() - timeOrigin, timeOrigin };
  return new Proxy(performance, {
    get: (target, name) => {
      if (name in own) return own[name];
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** `process.hrtime` on the clock. */
export function virtualHrtime(clock: Clock): NodeJS.HRTime {
  const nanoseconds = () => BigInt(clock.now()) * 1_000_000n;
  const hrtime = (since?: [number, number]): [number, number] => {
    const passed = nanoseconds() - (since === undefined ? 0n : BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]));
    return [Number(passed / 1_000_000_000n), Number(passed % 1_000_000_000n)];
  };
  return Object.assign(hrtime, { bigint: nanoseconds });
}
