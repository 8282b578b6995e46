import { parseArn } from '../../../core';
import { checkLength, validationError } from '../errors';
import type { AlarmState } from './evaluation';

/** The rule of a composite alarm. */
export interface AlarmRule {
  /** The names of the alarms that the rule refers to, without duplicates. */
  readonly children: readonly string[];
  /** Whether the rule is true, which puts the composite alarm in ALARM. */
  holds(stateOf: (alarmName: string) => AlarmState): boolean;
}

type Test = AlarmRule['holds'];

const STATES: readonly string[] = ['ALARM', 'OK', 'INSUFFICIENT_DATA'] satisfies AlarmState[];
/** The tokens with which a rule's element can begin. */
const ELEMENTS = "'(', NOT, AT_LEAST, TRUE, FALSE, ALARM, OK or INSUFFICIENT_DATA";
const LONGEST = 10_240;
const MOST_CHILDREN = 100;
const MOST_ELEMENTS = 500;
/** Our own limit on the nesting of parentheses and NOT. */
const DEEPEST = 100;

/** Parses a rule. NOT binds tighter than AND, and AND tighter than OR. */
export function parseAlarmRule(text: string): AlarmRule {
  checkLength(text, 'alarmRule', 1, LONGEST);
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
  private depth = 0;

  constructor(private readonly text: string) {}

  public whole(): Test {
    const test = this.disjunction();
    this.skipSpace();
    if (this.position < this.text.length) throw this.error('AND or OR');
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
    const test = this.nested(() => this.negation());
    return (stateOf) => !test(stateOf);
  }

  private nested(read: () => Test): Test {
    if (++this.depth > DEEPEST)
      throw validationError(`Error in AlarmRule [It can nest ${DEEPEST} levels deep at most]`);
    const test = read();
    this.depth--;
    return test;
  }

  private element(): Test {
    this.elements++;
    if (this.takes(/\(/y)) {
      const inner = this.nested(() => this.disjunction());
      this.expect(/\)/y, "')'");
      return inner;
    }
    if (this.takes(/TRUE\b/y)) return () => true;
    if (this.takes(/FALSE\b/y)) return () => false;
    if (this.takes(/AT_LEAST\s*\(/y)) return this.atLeast();
    const state = this.takes(/(ALARM|OK|INSUFFICIENT_DATA)\s*\(/y)?.[1];
    if (state === undefined) throw this.error(ELEMENTS);
    const child = this.child();
    this.expect(/\)/y, "')'");
    return (stateOf) => stateOf(child) === state;
  }

  /** `2, ALARM, (a, b, c))` or `50%, NOT OK, (a, b))`: at least this number, or share, of the alarms. */
  private atLeast(): Test {
    const [, number, percent] = this.expect(/(\d+(?:\.\d+)?)(%?)/y, 'a number or a percentage');
    this.expect(/,/y, "','");
    const not = this.takes(/NOT\b/y) !== undefined;
    const [state] = this.expect(/ALARM\b|OK\b|INSUFFICIENT_DATA\b/y, STATES.join(', '));
    this.expect(/,/y, "','");
    this.expect(/\(/y, "'('");
    const children: string[] = [];
    do {
      this.elements++;
      children.push(this.child());
    } while (this.takes(/,/y));
    this.expect(/\)/y, "')'");
    this.expect(/\)/y, "')'");
    const least = percent === '%' ? (Number(number) / 100) * children.length : Number(number);
    checkThreshold(number + percent, least, children.length, percent === '%');
    return (stateOf) => children.filter((child) => (stateOf(child) === state) !== not).length >= least;
  }

  /** An alarm's name or ARN. It must be quoted if it contains spaces, parentheses or commas. */
  private child(): string {
    const [, quoted, bare] = this.expect(/"((?:\\.|[^"\\])+)"|([^\s()",]+)/y, 'the name or the ARN of an alarm');
    const name = alarmNameOf((quoted as string | undefined)?.replace(/\\(.)/g, '$1') ?? bare);
    this.children.add(name);
    return name;
  }

  private expect(pattern: RegExp, expected: string): RegExpExecArray {
    const match = this.takes(pattern);
    if (match === undefined) throw this.error(expected);
    return match;
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
    const token = /[\w.]+|[^]/y;
    token.lastIndex = this.position;
    const found = token.exec(this.text)?.[0];
    const what = found === undefined ? 'Unexpected end of the rule' : `Unsupported token '${found}'`;
    return validationError(`Error in AlarmRule [${what} at char ${this.position}, must be: ${expected}]`);
  }
}

function checkThreshold(given: string, least: number, alarms: number, percentage: boolean): void {
  if (least > 0 && least <= alarms && (percentage || Number.isInteger(least))) return;
  const allowed = `1 to ${alarms}, the number of its alarms, or more than 0% and at most 100%`;
  throw validationError(`Error in AlarmRule [AT_LEAST takes ${allowed}, got ${given}]`);
}

/** The name of an alarm, given its name or ARN. */
export function alarmNameOf(nameOrArn: string): string {
  const arn = parseArn(nameOrArn);
  return arn === undefined ? nameOrArn : arn.resource.replace(/^alarm:/, '');
}
