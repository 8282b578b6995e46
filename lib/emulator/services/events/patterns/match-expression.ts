import { type IsInRange, readAddress, readRange } from './ip-addresses';
import { InvalidPattern, type JsonTokens, type Token } from './json-tokens';
import {
  anyOf,
  endsWith,
  equals,
  ignoringCase,
  not,
  ofNumber,
  ofText,
  type Scalar,
  startsWith,
  type TextTest,
  type ValueTest,
} from './value-tests';
import { isTooComplex, readWildcard, wildcardTest } from './wildcard';

/** One alternative in the list of a field's values. */
export type Alternative =
  | { readonly test: ValueTest; readonly literal?: string; readonly isAbsence?: false }
  /** The field must be absent. */
  | { readonly isAbsence: true };

const TOO_COMPLEX =
  'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character';
const ONE_KEY = 'Only one key allowed in match expression';
const NOT_A_VALUE = 'Value of anything-but must be an array or single string/number value.';
const NOT_NAMES = 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.';

/** Reads one element of a field's list, whose first token is `token`. */
export function readAlternative(tokens: JsonTokens, token: Token): Alternative {
  switch (token) {
    case '{':
      return readExpression(tokens);
    case 'string':
      return literalText(tokens.text());
    case 'number': {
      const wanted = Number(tokens.text());
      return { test: (value) => value === wanted };
    }
    case 'true':
    case 'false':
    case 'null': {
      const wanted = JSON.parse(token) as Scalar;
      return { test: (value) => value === wanted };
    }
    default:
      throw tokens.error('Match value must be String, number, true, false, or null');
  }
}

function literalText(wanted: string): Alternative {
  const address: IsInRange | undefined = readAddress(wanted);
  return address === undefined
    ? { test: (value) => value === wanted, literal: wanted }
    : { test: ofText((text) => text === wanted || address(text)) };
}

/** Reads `{"operator": operand}`, after its opening brace. */
function readExpression(tokens: JsonTokens): Alternative {
  if (tokens.next() !== 'name') throw tokens.error('Match expression name not found');
  const { name } = tokens;
  const read = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (read === undefined) throw tokens.error(`Unrecognized match type ${name}`);
  return read(tokens);
}

const OPERATORS: Readonly<Record<string, (tokens: JsonTokens) => Alternative>> = {
  exactly: (tokens) => textOperator(tokens, 'exact', equals),
  prefix: (tokens) => affix(tokens, 'prefix', startsWith),
  suffix: (tokens) => affix(tokens, 'suffix', endsWith),
  'equals-ignore-case': (tokens) => textOperator(tokens, 'equals-ignore-case', ignoringCase(equals)),
  wildcard: (tokens) => textOperator(tokens, 'wildcard', (pattern) => wildcard(tokens, pattern)),
  cidr(tokens) {
    // The message names another operator: so it is recorded.
    const test = readRange(textOf(tokens, tokens.next(), 'prefix match pattern must be a string'));
    close(tokens, ONE_KEY);
    return { test: ofText(test) };
  },
  exists(tokens) {
    const token = tokens.next();
    if (token !== 'true' && token !== 'false') {
      throw tokens.error('exists match pattern must be either true or false.');
    }
    close(tokens, ONE_KEY);
    return token === 'true' ? { test: () => true } : { isAbsence: true };
  },
  numeric: readNumeric,
  'anything-but': readAnythingBut,
};

function textOperator(tokens: JsonTokens, name: string, compile: (text: string) => TextTest): Alternative {
  const test = compile(textOf(tokens, tokens.next(), `${name} match pattern must be a string`));
  close(tokens, ONE_KEY);
  return { test: ofText(test) };
}

/** A prefix or suffix: a string, or `{"equals-ignore-case": string}`. */
function affix(tokens: JsonTokens, name: 'prefix' | 'suffix', compile: (text: string) => TextTest): Alternative {
  const message = `${name} match pattern must be a string`;
  const token = tokens.next();
  if (token !== '{') {
    const test = compile(textOf(tokens, token, message));
    close(tokens, ONE_KEY);
    return { test: ofText(test) };
  }
  if (tokens.next() !== 'name') throw tokens.error('Match expression name not found');
  if (tokens.name !== 'equals-ignore-case') throw tokens.error(`Unsupported ${name} pattern: ${tokens.name}`);
  const test = ignoringCase(compile)(
    textOf(tokens, tokens.next(), 'equals-ignore-case match pattern must be a string'),
  );
  close(tokens, ONE_KEY);
  close(tokens, ONE_KEY);
  return { test: ofText(test) };
}

function wildcard(tokens: JsonTokens, pattern: string): TextTest {
  const parsed = withPosition(tokens, () => readWildcard(pattern));
  if (isTooComplex(parsed)) throw new InvalidPattern(TOO_COMPLEX);
  return wildcardTest(parsed);
}

/** What `anything-but` may exclude besides values: a test of each string, and the message if it is not. */
const EXCLUSIONS: Readonly<
  Record<string, { readonly message: string; compile(tokens: JsonTokens, text: string): TextTest }>
> = {
  prefix: {
    message: 'prefix/suffix match pattern must be a string',
    compile: (tokens, text) => startsWith(notEmpty(tokens, text)),
  },
  suffix: {
    message: 'prefix/suffix match pattern must be a string',
    compile: (tokens, text) => endsWith(notEmpty(tokens, text)),
  },
  'equals-ignore-case': { message: NOT_NAMES, compile: (_tokens, text) => ignoringCase(equals)(text) },
  wildcard: { message: 'wildcard match pattern must be a string', compile: wildcard },
};

function notEmpty(tokens: JsonTokens, text: string): string {
  if (text === '') throw tokens.error('Null prefix/suffix not allowed');
  return text;
}

function readAnythingBut(tokens: JsonTokens): Alternative {
  const token = tokens.next();
  let test: ValueTest;
  if (token === '{') test = readExclusion(tokens);
  else if (token === '[') test = readExcludedValues(tokens);
  else test = excludedValue(tokens, token, NOT_A_VALUE);
  close(tokens, token === '{' ? ONE_KEY : TOO_MANY_ELEMENTS);
  return { test: not(test) };
}

/** Reads `{"prefix": …}` inside of `anything-but`, after its opening brace. */
function readExclusion(tokens: JsonTokens): ValueTest {
  if (tokens.next() !== 'name') throw tokens.error('Anything-But expression name not found');
  const { name } = tokens;
  if (!Object.hasOwn(EXCLUSIONS, name)) throw tokens.error(`Unsupported anything-but pattern: ${name}`);
  const { message } = EXCLUSIONS[name];
  const compile = (text: string) => EXCLUSIONS[name].compile(tokens, text);
  const token = tokens.next();
  let tests: ValueTest[];
  if (token === '[') {
    tests = readList(tokens, (each) => ofText(compile(textOf(tokens, each, message))));
  } else {
    if (token === '{' || token === 'true' || token === 'false' || token === 'null') throw tokens.error(NOT_A_VALUE);
    tests = [ofText(compile(textOf(tokens, token, message)))];
  }
  close(tokens, ONE_KEY);
  return anyOf(tests);
}

function readExcludedValues(tokens: JsonTokens): ValueTest {
  const kinds = new Set<Token>();
  const tests = readList(tokens, (token) => {
    kinds.add(token);
    return excludedValue(tokens, token, 'Inside anything but list, start|null|boolean is not supported.');
  });
  if (kinds.size !== 1) {
    throw tokens.error('Inside anything but list, either all values are number or string, mixed type is not supported');
  }
  return anyOf(tests);
}

function excludedValue(tokens: JsonTokens, token: Token, message: string): ValueTest {
  if (token !== 'string' && token !== 'number') throw tokens.error(message);
  const text = tokens.text();
  const excluded = token === 'string' ? text : Number(text);
  return (value) => value === excluded;
}

/** Reads the elements of a list. EventBridge reports an error in one with the position twice. */
function readList<T>(tokens: JsonTokens, read: (token: Token) => T): T[] {
  return withPosition(tokens, () => {
    const items: T[] = [];
    for (let token = tokens.next(); token !== ']'; token = tokens.next()) items.push(read(token));
    return items;
  });
}

function withPosition<T>(tokens: JsonTokens, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidPattern) || error.message === TOO_COMPLEX) throw error;
    throw tokens.error(error.message);
  }
}

const TOO_MANY_ELEMENTS = 'Too many elements in numeric expression';

type Comparison = (value: number, bound: number) => boolean;
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** Reads `[">", 0, "<=", 5]`: one comparison, or a lower bound and then an upper one. */
function readNumeric(tokens: JsonTokens): Alternative {
  if (tokens.next() !== '[') throw tokens.error('Value of numeric must be an array.');
  if (tokens.next() !== 'string') throw tokens.error(`Invalid member in numeric match: ${tokens.text()}`);
  const operator = tokens.text();
  if (!Object.hasOwn(COMPARISONS, operator)) {
    tokens.next();
    throw tokens.error(`Unrecognized numeric range operator: ${operator}`);
  }
  const first = readComparison(tokens, operator, operator === '=' ? 'equals' : operator);
  const token = tokens.next();
  if (token === ']') {
    close(tokens, TOO_MANY_ELEMENTS);
    return { test: ofNumber(first) };
  }
  if (!operator.startsWith('>')) throw tokens.error(TOO_MANY_ELEMENTS);
  if (token !== 'string') throw tokens.error(`Bad value in numeric range: ${tokens.text()}`);
  const upper = tokens.text();
  if (upper !== '<' && upper !== '<=') throw tokens.error(`Bad numeric range operator: ${upper}`);
  const second = readComparison(tokens, upper, upper);
  if (tokens.next() !== ']') throw tokens.error('Too many terms in numeric range expression');
  close(tokens, TOO_MANY_ELEMENTS);
  return { test: ofNumber((value) => first(value) && second(value)) };
}

function readComparison(tokens: JsonTokens, operator: string, name: string): (value: number) => boolean {
  if (tokens.next() !== 'number') throw tokens.error(`Value of ${name} must be numeric`);
  const bound = Number(tokens.text());
  const compare = COMPARISONS[operator];
  return (value) => compare(value, bound);
}

function textOf(tokens: JsonTokens, token: Token, message: string): string {
  if (token !== 'string') throw tokens.error(message);
  return tokens.text();
}

function close(tokens: JsonTokens, message: string): void {
  if (tokens.next() !== '}') throw tokens.error(message);
}
