import { aFunction, flag, isNumber, matches, milliseconds, must, type OptionCheck, options, texts } from './core';
import { OPTION_CHECKS } from './services';
import type { Clock } from './clock';
import type { LogLine } from './compute';
import type { ServiceOptions } from './services';

/** What an `Emulator` may be told. */
export interface EmulatorOptions extends ServiceOptions {
  /**
   * The source of time, for this emulator alone: a SystemClock is stopped with it.
   * @default - the machine's time
   */
  readonly clock?: Clock;
  /**
   * What all randomness (ids, names, credentials) grows from: the same seed and the same calls give the same run.
   * @default 1
   */
  readonly seed?: number;
  /**
   * The account of callers whose access key id is not 12 digits, and of stacks that name none.
   * @default '000000000000'
   */
  readonly account?: string;
  /**
   * The region of requests that are not signed, and of stacks that name none.
   * @default 'us-east-1'
   */
  readonly region?: string;
  /**
   * Where handlers and workers run: `processes`, each in a child process that reaches the emulator by its port, so
   * `Emulator.listen` comes before `Emulator.load`; or `in-process`, their bundles in sandboxes on the
   * emulator's clock, without a port.
   * @default 'in-process'
   */
  readonly compute?: 'processes' | 'in-process';
  /**
   * In-process: after how many milliseconds of the machine's time a handler that blocks the event loop, as an endless
   * loop does, is ended; its invocation fails as timed out. A handler that blocks only after it has awaited something is
   * not ended, and neither is any while a debugger is attached.
   * @default 10000
   */
  readonly unresponsiveAfter?: number;
  /**
   * Whether to refuse a stack that has anything which is not emulated.
   * @default false
   */
  readonly strict?: boolean;
  /**
   * By how many emulated milliseconds a signed request's own date may be off, before and after, until it is refused as
   * RequestExpired. AWS allows 900000. Presigned requests say themselves how long they are good.
   * @default - dates are not looked at: emulated time is seldom the caller's
   */
  readonly clockSkew?: number;
  /**
   * Origins whose web pages may call the emulator's port, such as `http://localhost:5173`. All other pages are refused.
   * @default - none
   */
  readonly allowOrigins?: readonly string[];
  /**
   * Host names, without a port, by which the emulator's port may be called, such as `host.docker.internal` by containers.
   * Loopback names and the host names of AWS are always allowed.
   * @default - none
   */
  readonly allowHosts?: readonly string[];
  /**
   * Takes each line that a handler or a worker writes.
   * @default - nobody does
   */
  readonly onLog?: (line: LogLine) => void;
}

const OWN: Readonly<Record<keyof Omit<EmulatorOptions, keyof ServiceOptions>, OptionCheck>> = {
  account: must('12 digits', matches(/^\d{12}$/)),
  allowHosts: texts,
  allowOrigins: texts,
  clock: must('a clock', (value) => typeof value === 'object' && value !== null),
  clockSkew: milliseconds,
  compute: must("'processes' or 'in-process'", (value) => value === 'processes' || value === 'in-process'),
  onLog: aFunction,
  region: must('the name of an AWS Region, such as us-east-1', matches(/^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/)),
  seed: must('a whole number', (value) => Number.isSafeInteger(value)),
  strict: flag,
  unresponsiveAfter: must(
    'a whole number of milliseconds from 1 to 2,147,483,647, or Infinity',
    (value) =>
      value === Infinity || (isNumber(value) && Number.isInteger(value) && value >= 1 && value <= 2_147_483_647),
  ),
};

/**
 * Checks what an `Emulator` is told, for callers without types.
 * @throws {TypeError} if an option is unknown
 * @throws {RangeError} if the value of one makes no sense; it names the option, what it was and what is allowed
 */
export function checkEmulatorOptions(given: EmulatorOptions): void {
  const checks = Object.entries({ ...OWN, ...OPTION_CHECKS }).sort(([a], [b]) => (a < b ? -1 : 1));
  options(Object.fromEntries(checks))(given, '');
}
