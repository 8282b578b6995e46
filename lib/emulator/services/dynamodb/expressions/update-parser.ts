import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../limits';
import { typeOf, type ValueType } from '../values/attribute-value';
import type { Placeholders } from './names';
import { type OverlapProblem, parsePath, type Path, type PathProblem, PathSet, startsPath } from './path';
import { Problems } from './problems';
import { Tokens } from './tokens';
import type { SetValue, Update, UpdateAction } from './update';

type Problem = PathProblem | OverlapProblem | 'function' | 'section' | 'value' | 'operators' | 'operand' | 'type';

const ORDER: readonly Problem[] = [
  'operators',
  'reserved',
  'function',
  'section',
  'name',
  'value',
  'overlap',
  'conflict',
  'operand',
  'type',
];
const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
type Section = (typeof SECTIONS)[number];

/** AWS spells types out in the errors of ADD and DELETE. */
const TYPE_NAMES: Partial<Record<ValueType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};
const DEEPEST = LIMITS.expressionOperators;

/** A value or a call whose name is not known to be a function. */
type Parsed = SetValue | { readonly kind: 'refused' };

/**
 * Parses an update expression.
 * @throws AwsError ValidationException with AWS's reason, without the parameter's name
 */
export function parseUpdate(source: string, placeholders: Placeholders): Update {
  return new UpdateParser(source, placeholders).parse();
}

class UpdateParser {
  private readonly tokens: Tokens;
  private readonly problems = new Problems<Problem>(ORDER);
  private readonly targets = new PathSet(this.problems);
  private readonly sections = new Set<Section>();
  private operators = 0;
  private depth = 0;

  constructor(
    source: string,
    private readonly placeholders: Placeholders,
  ) {
    this.tokens = new Tokens(source);
  }

  public parse(): Update {
    const actions: UpdateAction[] = [];
    do {
      const section = SECTIONS.find((name) => this.tokens.takeWord(name));
      if (section === undefined) throw this.tokens.syntaxError();
      do {
        const action = this.parseAction(section);
        if (action !== undefined) actions.push(action);
      } while (this.tokens.take(','));
      this.endSection(section);
    } while (this.tokens.peek().kind !== 'end');
    this.problems.throwWorst();
    return { actions };
  }

  /** Returns undefined if the action has a problem, for which the expression is refused in the end. */
  private parseAction(section: Section): UpdateAction | undefined {
    const path = this.parsePath();
    if (section === 'SET') this.tokens.expect('=');
    if (section === 'REMOVE') {
      this.targets.add(path);
      return { kind: section, path };
    }
    if (section === 'SET') {
      const value = this.parseSum();
      this.targets.add(path);
      return value.kind === 'refused' ? undefined : { kind: section, path, value };
    }
    if (this.tokens.peek().kind !== 'value') throw this.tokens.syntaxError();
    const value = this.parseValue();
    this.targets.add(path);
    if (value === undefined) return undefined;
    this.checkSetOperand(section, value);
    return { kind: section, path, value };
  }

  private endSection(section: Section): void {
    if (this.sections.has(section)) {
      this.problems.note('section', `The "${section}" section can only be used once in an update expression;`);
    }
    this.sections.add(section);
  }

  private checkSetOperand(section: 'ADD' | 'DELETE', value: AttributeValue): void {
    const type = typeOf(value);
    const name = TYPE_NAMES[type];
    if (name === undefined || (section === 'ADD' && type === 'N')) return;
    this.problems.note(
      'operand',
      `Incorrect operand type for operator or function; operator: ${section}, operand type: ${name}`,
    );
  }

  private parseSum(): Parsed {
    const left = this.parseOperand();
    const kind = this.tokens.is('+') ? '+' : this.tokens.is('-') ? '-' : undefined;
    if (kind === undefined) return left;
    this.tokens.next();
    this.countOperator();
    const right = this.parseOperand();
    if (left.kind === 'refused' || right.kind === 'refused') return { kind: 'refused' };
    this.checkLiterals(kind, 'N', [left, right]);
    return { kind, left, right };
  }

  private parseOperand(): Parsed {
    const { tokens } = this;
    if (tokens.is('(')) return this.nested(() => this.parseParenthesized());
    const { kind } = tokens.peek();
    if (kind === 'value') {
      const value = this.parseValue();
      return value === undefined ? { kind: 'refused' } : { kind: 'value', value };
    }
    if (kind === 'word' && tokens.peek(1).text === '(') return this.nested(() => this.parseCall());
    return { kind: 'path', path: this.parsePath() };
  }

  private parseParenthesized(): Parsed {
    this.tokens.expect('(');
    const value = this.parseSum();
    this.tokens.expect(')');
    return value;
  }

  private parseCall(): Parsed {
    const name = this.tokens.next().text;
    this.tokens.expect('(');
    const given = [this.parseSum()];
    while (this.tokens.take(',')) given.push(this.parseSum());
    this.tokens.expect(')');
    this.countOperator();
    if (name !== 'if_not_exists' && name !== 'list_append') {
      this.problems.note('function', `Invalid function name; function: ${name}`);
      return { kind: 'refused' };
    }
    if (given.length !== 2) {
      this.problems.note(
        'type',
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${given.length}`,
      );
      return { kind: 'refused' };
    }
    return this.call(name, given[0], given[1]);
  }

  private call(name: 'if_not_exists' | 'list_append', left: Parsed, right: Parsed): Parsed {
    if (left.kind === 'refused' || right.kind === 'refused') return { kind: 'refused' };
    if (name === 'list_append') {
      this.checkLiterals(name, 'L', [left, right]);
      return { kind: name, left, right };
    }
    if (left.kind === 'path') return { kind: name, path: left.path, otherwise: right };
    this.problems.note('type', `Operator or function requires a document path; operator or function: ${name}`);
    return { kind: 'refused' };
  }

  private checkLiterals(name: string, wanted: ValueType, operands: readonly SetValue[]): void {
    for (const operand of operands) {
      const type = operand.kind === 'value' ? typeOf(operand.value) : wanted;
      if (type === wanted) continue;
      this.problems.note(
        'type',
        `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
      );
    }
  }

  private parsePath(): Path {
    if (!startsPath(this.tokens)) throw this.tokens.syntaxError();
    return parsePath(this.tokens, this.placeholders, this.problems);
  }

  private parseValue(): AttributeValue | undefined {
    const { text } = this.tokens.next();
    const value = this.placeholders.valueOf(text);
    if (value === undefined) {
      this.problems.note(
        'value',
        `An expression attribute value used in expression is not defined; attribute value: ${text}`,
      );
    }
    return value;
  }

  private nested(parse: () => Parsed): Parsed {
    if (++this.depth > DEEPEST) this.countOperator(LIMITS.expressionOperators + 1);
    const value = parse();
    this.depth--;
    return value;
  }

  private countOperator(count = 1): void {
    this.operators += count;
    if (this.operators <= LIMITS.expressionOperators) return;
    this.problems.note(
      'operators',
      `The expression contains too many operators; operator count: ${LIMITS.expressionOperators + 1}`,
    );
    this.problems.throwWorst();
  }
}
