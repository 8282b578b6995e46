import {
  aFunction,
  flag,
  isNumber,
  matches,
  milliseconds,
  must,
  type OptionCheck,
  options,
  texts,
  textsByName,
} from './core';
import { OPTION_CHECKS } from './services';
import type { GivenValues } from './apps/given-values';
import type { Clock } from './clock';
import type { LogLine } from './compute';
import type { Forwards } from './server';
import type { ServiceOptions } from './services';

/** Options of an `Emulator`. */
export interface EmulatorOptions extends ServiceOptions, GivenValues {
  /**
   * The source of time, used by this emulator only: a SystemClock is stopped with it.
   * @default - real time
   */
  readonly clock?: Clock;
  /**
   * The seed of all randomness (ids, names, credentials): the same seed and the same calls give the same run.
   * @default 1
   */
  readonly seed?: number;
  /**
   * The account of callers whose access key id is not 12 digits, and of stacks that specify none.
   * @default '000000000000'
   */
  readonly account?: string;
  /**
   * The Region of unsigned requests, and of stacks that specify none.
   * @default 'us-east-1'
   */
  readonly region?: string;
  /**
   * Where handlers and workers run. `processes`: each in a child process that reaches the emulator by its port, so call
   * `Emulator.listen` before `Emulator.load`. `in-process`: in sandboxes on the emulator's clock, without a port.
   * @default 'in-process'
   */
  readonly compute?: 'processes' | 'in-process';
  /**
   * With in-process compute: real milliseconds after which a handler that blocks the event loop, such as an endless
   * loop, is stopped; its invocation fails with a timeout. A handler that blocks only after an `await` is not stopped,
   * and none is stopped while a debugger is attached.
   * @default 10000
   */
  readonly unresponsiveAfter?: number;
  /**
   * Whether to refuse a stack with anything that is not emulated.
   * @default false
   */
  readonly strict?: boolean;
  /**
   * By how many emulated milliseconds a signed request's date may differ from the emulator's before it is refused as
   * RequestExpired. AWS allows 900000. Presigned requests carry their own expiry.
   * @default - dates are not checked: callers seldom share the emulated time
   */
  readonly clockSkew?: number;
  /**
   * Origins whose web pages may call the emulator's port, such as `http://localhost:5173`. All others are refused.
   * @default - none
   */
  readonly allowOrigins?: readonly string[];
  /**
   * Additional host names, without a port, for the emulator's port, such as `host.docker.internal` for containers.
   * Loopback names and AWS host names are always allowed.
   * @default - none
   */
  readonly allowHosts?: readonly string[];
  /**
   * Servers that answer the requests to services in the emulator's place, by the services' names: `{ dynamodb:
   * 'http://127.0.0.1:8000' }`. A server is on this machine or in a private network.
   * @default - none
   */
  readonly forward?: Forwards;
  /**
   * Shell commands that run as custom runtimes, in place of the code of functions: `{ Encoder: 'node server.js' }`. A
   * function goes by its name, its logical id or its construct path. The command runs in the project's folder with the
   * function's environment and `AWS_LAMBDA_RUNTIME_API`; if it exits, the next invocation starts it again. Needs
   * `compute: 'processes'`.
   * @default - functions run their code
   */
  readonly run?: Readonly<Record<string, string>>;
  /**
   * Called with each line that a handler or worker logs.
   * @default - lines are dropped
   */
  readonly onLog?: (line: LogLine) => void;
}

const OWN: Readonly<Record<keyof Omit<EmulatorOptions, keyof ServiceOptions>, OptionCheck>> = {
  account: must('12 digits', matches(/^\d{12}$/)),
  allowHosts: texts,
  allowOrigins: texts,
  clock: must('a clock', (value) => typeof value === 'object' && value !== null),
  clockSkew: milliseconds,
  exports: textsByName,
  parameters: textsByName,
  secrets: textsByName,
  ssm: textsByName,
  compute: must("'processes' or 'in-process'", (value) => value === 'processes' || value === 'in-process'),
  forward: must('an object', (value) => typeof value === 'object' && value !== null),
  onLog: aFunction,
  region: must('the name of an AWS Region, such as us-east-1', matches(/^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/)),
  run: must('an object with a command for each function', isCommands),
  seed: must('a whole number', (value) => Number.isSafeInteger(value)),
  strict: flag,
  unresponsiveAfter: must(
    'a whole number of milliseconds from 1 to 2,147,483,647, or Infinity',
    (value) =>
      value === Infinity || (isNumber(value) && Number.isInteger(value) && value >= 1 && value <= 2_147_483_647),
  ),
};

function isCommands(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((command) => typeof command === 'string' && command.trim() !== '')
  );
}

/**
 * Checks an emulator's options at run time, for callers without types.
 * @throws {TypeError} if an option is unknown
 * @throws {RangeError} if a value is invalid: names the option, the value and what is allowed
 */
export function checkEmulatorOptions(given: EmulatorOptions): void {
  const checks = Object.entries({ ...OWN, ...OPTION_CHECKS }).sort(([a], [b]) => (a < b ? -1 : 1));
  options(Object.fromEntries(checks))(given, '');
  if (given.run === undefined || given.compute === 'processes') return;
  throw new RangeError(`run needs compute 'processes', but compute was ${given.compute ?? "'in-process'"}`);
}
