/** A value of an event that is neither an object nor an array. */
export type Scalar = string | number | boolean | null;

/** Whether a value of an event is accepted. */
export type ValueTest = (value: Scalar) => boolean;

/** Whether a string of an event is accepted. */
export type TextTest = (text: string) => boolean;

/** Accepts strings that pass a test. */
export const ofText =
  (test: TextTest): ValueTest =>
  (value) =>
    typeof value === 'string' && test(value);

/** Accepts numbers that pass a test. */
export const ofNumber =
  (test: (value: number) => boolean): ValueTest =>
  (value) =>
    typeof value === 'number' && test(value);

/** Accepts what another test does not, of any type. */
export const not =
  (test: ValueTest): ValueTest =>
  (value) =>
    !test(value);

/** Accepts what any of several tests accepts. */
export const anyOf =
  (tests: readonly ValueTest[]): ValueTest =>
  (value) =>
    tests.some((test) => test(value));

export const startsWith =
  (prefix: string): TextTest =>
  (text) =>
    text.startsWith(prefix);

export const endsWith =
  (suffix: string): TextTest =>
  (text) =>
    text.endsWith(suffix);

/** Compares two texts, or their beginnings or ends, without regard to case. */
export const ignoringCase =
  (compare: (wanted: string) => TextTest) =>
  (wanted: string): TextTest => {
    const test = compare(wanted.toLowerCase());
    return (text) => test(text.toLowerCase());
  };

export const equals =
  (wanted: string): TextTest =>
  (text) =>
    text === wanted;
