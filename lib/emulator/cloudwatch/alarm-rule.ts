import { parseArn } from '../api';
import { validationError } from './errors';
import type { AlarmState } from './evaluation';

/** The rule of a composite alarm. */
export interface AlarmRule {
  /** The names of the alarms that it looks at, each once. */
  readonly children: readonly string[];
  /** Whether the composite alarm is in ALARM. */
  holds(stateOf: (alarmName: string) => AlarmState): boolean;
}

type Test = AlarmRule['holds'];

const STATES: readonly string[] = ['ALARM', 'OK', 'INSUFFICIENT_DATA'] satisfies AlarmState[];
const LONGEST = 10_240;
const MOST_CHILDREN = 100;
const MOST_ELEMENTS = 500;

/** Reads a rule: NOT binds tighter than AND, and AND tighter than OR. */
export function parseAlarmRule(text: string): AlarmRule {
  if (text.length < 1 || text.length > LONGEST)
    throw validationError(`AlarmRule must have 1 to ${LONGEST} characters, got ${text.length}.`);
  const reader = new RuleReader(text);
  const holds = reader.whole();
  const children = [...reader.children];
  if (children.length > MOST_CHILDREN)
    throw validationError(`AlarmRule can refer to at most ${MOST_CHILDREN} alarms, got ${children.length}.`);
  if (reader.elements > MOST_ELEMENTS)
    throw validationError(`AlarmRule can have at most ${MOST_ELEMENTS} elements, got ${reader.elements}.`);
  return { children, holds };
}

class RuleReader {
  public readonly children = new Set<string>();
  public elements = 0;
  private position = 0;

  constructor(private readonly text: string) {}

  public whole(): Test {
    const test = this.disjunction();
    this.skipSpace();
    if (this.position < this.text.length) throw this.error('AND, OR or the end');
    return test;
  }

  private disjunction(): Test {
    const tests = [this.conjunction()];
    while (this.takes(/OR\b/y)) tests.push(this.conjunction());
    return (stateOf) => tests.some((test) => test(stateOf));
  }

  private conjunction(): Test {
    const tests = [this.negation()];
    while (this.takes(/AND\b/y)) tests.push(this.negation());
    return (stateOf) => tests.every((test) => test(stateOf));
  }

  private negation(): Test {
    if (!this.takes(/NOT\b/y)) return this.element();
    const test = this.negation();
    return (stateOf) => !test(stateOf);
  }

  private element(): Test {
    this.elements++;
    if (this.takes(/\(/y)) {
      const inner = this.disjunction();
      if (!this.takes(/\)/y)) throw this.error('a closing parenthesis');
      return inner;
    }
    if (this.takes(/TRUE\b/y)) return () => true;
    if (this.takes(/FALSE\b/y)) return () => false;
    if (this.takes(/AT_LEAST\b/y)) throw validationError('AT_LEAST is not supported in AlarmRule.');
    const state = this.takes(/(ALARM|OK|INSUFFICIENT_DATA)\s*\(/y)?.[1];
    if (state === undefined) throw this.error(`${STATES.map((one) => `${one}(…)`).join(', ')}, TRUE, FALSE, NOT or (`);
    // A name with anything but letters, digits and a little punctuation has to be in quotes.
    const name = this.takes(/"([^"]+)"|'([^']+)'|([^\s()"',]+)/y);
    if (name === undefined) throw this.error('the name or the ARN of an alarm');
    if (!this.takes(/\)/y)) throw this.error('a closing parenthesis');
    const child = alarmNameOf(name[1] ?? name[2] ?? name[3]);
    this.children.add(child);
    return (stateOf) => stateOf(child) === state;
  }

  private takes(pattern: RegExp): RegExpExecArray | undefined {
    this.skipSpace();
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.position = pattern.lastIndex;
    return match;
  }

  private skipSpace(): void {
    while (/\s/.test(this.text.charAt(this.position))) this.position++;
  }

  private error(expected: string): Error {
    const rest = this.text.slice(this.position, this.position + 30);
    const found = rest === '' ? 'its end' : `'${rest}'`;
    return validationError(`Invalid AlarmRule: at ${found}, expected ${expected}.`);
  }
}

/** The name of an alarm that is given by its name or by its ARN. */
export function alarmNameOf(nameOrArn: string): string {
  const arn = parseArn(nameOrArn);
  return arn === undefined ? nameOrArn : arn.resource.replace(/^alarm:/, '');
}
