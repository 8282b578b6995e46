import type { UnloadOptions } from './deployments';
import type { EmulatorOptions } from './emulator-options';
import type { AdversaryOptions, SqsLimits } from './sqs';
import { AWS_LIMITS as SQS_LIMITS } from './sqs';

/** Throws if the value of an option makes no sense. Not called if the option is left out. */
type Check = (value: unknown, name: string) => void;

/** A value must pass `test`, else the error says what is allowed. */
const must =
  (allowed: string, test: (value: unknown) => boolean): Check =>
  (value, name) => {
    if (!test(value)) throw new RangeError(`${name} must be ${allowed}, but was ${shown(value)}`);
  };

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const milliseconds = must('0 or more milliseconds', (value) => isNumber(value) && value >= 0 && value < Infinity);
const flag = must('true or false', (value) => typeof value === 'boolean');
const aFunction = must('a function', (value) => typeof value === 'function');
const texts = must(
  'a list of strings',
  (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
);
const limit = must('0 or more, or Infinity', (value) => isNumber(value) && value >= 0);
const chance = must('from 0 up to, not including, 1', (value) => isNumber(value) && value >= 0 && value < 1);

/** An object of options, each with its check. */
const options =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, name) => {
    if (typeof value !== 'object' || value === null) {
      throw new TypeError(`${name} must be an object, but was ${shown(value)}`);
    }
    for (const [option, given] of Object.entries(value)) {
      const path = name === '' ? option : `${name}.${option}`;
      if (!Object.hasOwn(checks, option)) {
        throw new TypeError(`${path} is not an option; allowed: ${Object.keys(checks).join(', ')}`);
      }
      if (given !== undefined) checks[option](given, path);
    }
  };

const sqsLimits = options(Object.fromEntries(Object.keys(SQS_LIMITS satisfies SqsLimits).map((name) => [name, limit])));

const adversary = {
  duplicates: chance,
  reordering: chance,
  emptyReceives: chance,
} satisfies Record<keyof AdversaryOptions, Check>;

const emulatorOptions = {
  account: must('12 digits', matches(/^\d{12}$/)),
  allowHosts: texts,
  allowOrigins: texts,
  authorizeKey: aFunction,
  bootTime: milliseconds,
  clock: must('a clock', (value) => typeof value === 'object' && value !== null),
  clockSkew: milliseconds,
  compute: must("'processes' or 'in-process'", (value) => value === 'processes' || value === 'in-process'),
  healthCheckDelay: milliseconds,
  idlePollers: must(
    'a whole number from 1 to 1,000',
    (value) => isNumber(value) && Number.isInteger(value) && value >= 1 && value <= 1_000,
  ),
  instanceLimit: must('a whole number of 1 or more', (value) => Number.isSafeInteger(value) && (value as number) >= 1),
  kmsLimits: options({ symmetricRequestsPerSecond: limit }),
  metricDelay: milliseconds,
  onLog: aFunction,
  queuePolicies: flag,
  region: must('the name of an AWS Region, such as us-east-1', matches(/^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/)),
  scaleInShare: must('more than 0 and at most 1', (value) => isNumber(value) && value > 0 && value <= 1),
  seed: must('a whole number', (value) => Number.isSafeInteger(value)),
  sqsAdversary: options(adversary),
  sqsLimits,
  strict: flag,
  unresponsiveAfter: must(
    'a whole number of milliseconds from 1 to 2,147,483,647, or Infinity',
    (value) =>
      value === Infinity || (isNumber(value) && Number.isInteger(value) && value >= 1 && value <= 2_147_483_647),
  ),
  warmStartTime: milliseconds,
} satisfies Record<keyof EmulatorOptions, Check>;

/**
 * Checks what an `Emulator` is told, for callers without types.
 * @throws {TypeError} if an option is unknown
 * @throws {RangeError} if the value of one makes no sense; it names the option, what it was and what is allowed
 */
export function checkEmulatorOptions(given: EmulatorOptions): void {
  options(emulatorOptions)(given, '');
}

/** The same for `Emulator.unload`. */
export function checkUnloadOptions(given: UnloadOptions): void {
  options({ force: flag } satisfies Record<keyof UnloadOptions, Check>)(given, '');
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
