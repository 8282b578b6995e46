/** Whether a value of a message body is accepted; undefined if the body lacks it. */
type Test = (value: unknown) => boolean;

/** A parsed pattern of an event source mapping's filter criteria. */
export class FilterPattern {
  private constructor(private readonly test: (body: string) => boolean) {}

  /** Parses `{"body": …}`. Throws an Error that says what is wrong with the pattern. */
  public static parse(text: string): FilterPattern {
    const pattern: unknown = JSON.parse(text);
    if (!isObject(pattern)) throw new Error('a pattern is a JSON object');
    const strangers = Object.keys(pattern).filter((key) => key !== 'body');
    if (strangers.length > 0) throw new Error(`the only key for a queue is body, got ${strangers.join(', ')}`);
    const { body } = pattern;
    if (body === undefined) return new FilterPattern(() => true);
    if (Array.isArray(body)) {
      const test = parseRules(body);
      // A pattern for plain text drops messages with a JSON object as body, and vice versa.
      return new FilterPattern((message) => asObject(message) === undefined && test(message));
    }
    if (!isObject(body)) throw new Error('body is an object or a list of rules');
    const test = parseObject(body);
    return new FilterPattern((message) => {
      const value = asObject(message);
      return value !== undefined && test(value);
    });
  }

  public matches(body: string): boolean {
    return this.test(body);
  }
}

/** Parses a pattern for the records of a stream. Throws an Error that says what is wrong with the pattern. */
export function parseRecordPattern(text: string): (record: unknown) => boolean {
  const pattern: unknown = JSON.parse(text);
  if (!isObject(pattern)) throw new Error('a pattern is a JSON object');
  if (Object.keys(pattern).length === 0) return () => true;
  return parseObject(pattern);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** All fields of the pattern must accept, and at least one of the alternatives of `$or`. */
function parseObject(pattern: Record<string, unknown>): Test {
  const tests = Object.entries(pattern).map(([key, rule]): Test => {
    if (key === '$or') {
      if (!Array.isArray(rule) || rule.length < 2) throw new Error('$or takes a list of two or more patterns');
      const alternatives = (rule as unknown[]).map((alternative) => {
        if (!isObject(alternative)) throw new Error('$or takes a list of patterns');
        return parseObject(alternative);
      });
      return (value) => alternatives.some((test) => test(value));
    }
    const field = (value: unknown): unknown => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
    if (Array.isArray(rule)) {
      const test = parseRules(rule);
      return (value) => test(field(value));
    }
    if (!isObject(rule)) throw new Error(`the rules for ${key} are a list`);
    const test = parseObject(rule);
    return (value) => {
      const inner = field(value);
      return Array.isArray(inner) ? inner.some((element) => test(element)) : test(inner);
    };
  });
  if (tests.length === 0) throw new Error('a pattern names at least one field');
  return (value) => tests.every((test) => test(value));
}

/** At least one rule must accept the value, or one of its elements if it is a list. */
function parseRules(rules: readonly unknown[]): Test {
  if (rules.length === 0) throw new Error('a list of rules holds at least one');
  const tests = rules.map(parseRule);
  return (value) =>
    Array.isArray(value) && value.length > 0
      ? value.some((element) => tests.some((test) => test(element)))
      : tests.some((test) => test(value));
}

function parseRule(rule: unknown): Test {
  if (rule === null || ['string', 'number', 'boolean'].includes(typeof rule)) return (value) => value === rule;
  if (!isObject(rule)) throw new Error('a rule is a literal or an object');
  const entries = Object.entries(rule);
  if (entries.length !== 1) throw new Error('a rule object holds exactly one operator');
  const [[operator, operand]] = entries;
  switch (operator) {
    case 'exists':
      if (typeof operand !== 'boolean') throw new Error('exists takes true or false');
      return (value) => (value !== undefined) === operand;
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
      return parseTextRule(operator, operand);
    case 'anything-but':
      return parseExclusion(operand);
    case 'numeric':
      return parseNumeric(operand);
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}

function parseTextRule(operator: 'prefix' | 'suffix' | 'equals-ignore-case', operand: unknown): Test {
  if (typeof operand !== 'string') throw new Error(`${operator} takes a string`);
  const compare: Record<typeof operator, (text: string) => boolean> = {
    prefix: (text) => text.startsWith(operand),
    suffix: (text) => text.endsWith(operand),
    'equals-ignore-case': (text) => text.toLowerCase() === operand.toLowerCase(),
  };
  return (value) => typeof value === 'string' && compare[operator](value);
}

function parseExclusion(operand: unknown): Test {
  if (isObject(operand)) {
    const test = parseRule(operand);
    return (value) => value !== undefined && !test(value);
  }
  const excluded = Array.isArray(operand) ? (operand as unknown[]) : [operand];
  if (!excluded.every((value) => typeof value === 'string' || typeof value === 'number')) {
    throw new Error('anything-but takes strings or numbers');
  }
  return (value) => value !== undefined && !(excluded as unknown[]).includes(value);
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function parseNumeric(operand: unknown): Test {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw new Error('numeric takes one or two comparisons: ["<", 10] or [">", 0, "<=", 5]');
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const [sign, bound] = operand.slice(index, index + 2) as [unknown, unknown];
    const compare = typeof sign === 'string' && Object.hasOwn(COMPARISONS, sign) ? COMPARISONS[sign] : undefined;
    if (compare === undefined || typeof bound !== 'number') {
      throw new Error('a numeric comparison is one of =, <, <=, >, >= and a number');
    }
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}
