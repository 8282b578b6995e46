// Options are also checked at run time, for callers without types: unknown names and invalid values are errors.

/** Throws if an option's value is invalid. Not called if the option is left out. */
export type OptionCheck = (value: unknown, name: string) => void;

/** Checks that a value passes `test`; otherwise the error says what is allowed. */
export const must =
  (allowed: string, test: (value: unknown) => boolean): OptionCheck =>
  (value, name) => {
    if (!test(value)) throw new RangeError(`${name} must be ${allowed}, but was ${shown(value)}`);
  };

export const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);
export const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
export const milliseconds = must(
  '0 or more milliseconds',
  (value) => isNumber(value) && value >= 0 && value < Infinity,
);
export const flag = must('true or false', (value) => typeof value === 'boolean');
export const aFunction = must('a function', (value) => typeof value === 'function');
export const texts = must(
  'a list of strings',
  (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
);
export const textsByName = must(
  'an object of strings',
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string'),
);
export const limit = must('0 or more, or Infinity', (value) => isNumber(value) && value >= 0);
export const chance = must('at least 0 and less than 1', (value) => isNumber(value) && value >= 0 && value < 1);

/**
 * Checks an object of options, each with its own check.
 * @throws {TypeError} if an option is unknown
 * @throws {RangeError} if a value is invalid: names the option, the value and what is allowed
 */
export const options =
  (checks: Readonly<Record<string, OptionCheck>>): OptionCheck =>
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

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
