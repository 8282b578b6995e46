import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validation } from '../errors';
import { LIMITS } from '../limits';
import { typeOf, VALUE_TYPES } from '../values/attribute-value';
import { compare } from '../values/comparison';
import type { Comparator, Condition, Operand, ParsedCondition } from './condition';
import type { Placeholders } from './names';
import { parsePath, type Path, type PathProblem, showPath, startsPath } from './path';
import { Problems } from './problems';
import { Tokens } from './tokens';

type Problem =
  | PathProblem
  | 'parentheses'
  | 'operators'
  | 'function'
  | 'misused'
  | 'condition'
  | 'operands'
  | 'distinct'
  | 'type';

const ORDER: readonly Problem[] = ['parentheses', 'operators', 'function', 'misused', 'reserved', 'condition', 'name'];
/** What may be wrong with one condition. The first condition with a problem is the one that is reported. */
const OF_ONE_CONDITION: readonly Problem[] = ['name', 'operands', 'distinct', 'type'];

const COMPARATORS = new Set<string>(['=', '<>', '<', '<=', '>', '>=']);
const OPERANDS: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};
const TYPES_IN_MESSAGE = '{B,NULL,SS,BOOL,L,BS,N,NS,S,M}';
/** More nested parentheses than this are redundant, as operators are limited to fewer. */
const DEEPEST = LIMITS.expressionOperators;

/** A function as it was written, before it is known whether it may be where it is. */
interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Node[];
}
/** What parentheses can contain: a condition, or an operand of one. */
type Node = Condition | Operand | Call;

/**
 * Parses a condition, filter or key condition expression.
 * @throws AwsError ValidationException with AWS's reason, without the parameter's name
 */
export function parseCondition(source: string, placeholders: Placeholders): ParsedCondition {
  return new ConditionParser(source, placeholders).parse();
}

class ConditionParser {
  private readonly tokens: Tokens;
  private readonly problems = new Problems<Problem>(ORDER);
  private readonly paths: Path[] = [];
  /** The nodes that stand in parentheses of their own. */
  private readonly parenthesized = new Set<Node>();
  private operators = 0;
  private depth = 0;

  constructor(
    source: string,
    private readonly placeholders: Placeholders,
  ) {
    this.tokens = new Tokens(source);
  }

  public parse(): ParsedCondition {
    const node = this.parseOr();
    this.tokens.expectEnd();
    const condition = this.asCondition(node);
    this.problems.throwWorst();
    return { condition, paths: this.paths };
  }

  private parseOr(): Node {
    let left = this.parseAnd();
    while (this.tokens.isWord('OR')) {
      const first = this.asCondition(left);
      this.takeOperator();
      left = { kind: 'or', left: first, right: this.asCondition(this.parseAnd()) };
    }
    return left;
  }

  private parseAnd(): Node {
    let left = this.parseNot();
    while (this.tokens.isWord('AND')) {
      const first = this.asCondition(left);
      this.takeOperator();
      left = { kind: 'and', left: first, right: this.asCondition(this.parseNot()) };
    }
    return left;
  }

  private parseNot(): Node {
    // As an attribute's name, NOT would be followed by something that no condition begins with.
    if (!this.tokens.isWord('NOT')) return this.parseComparison();
    this.takeOperator();
    this.enter();
    const condition = this.asCondition(this.parseNot());
    this.depth--;
    return { kind: 'not', condition };
  }

  private parseComparison(): Node {
    const left = this.parsePrimary();
    const { kind, text } = this.tokens.peek();
    if (kind === 'symbol' && COMPARATORS.has(text)) {
      this.takeOperator();
      return this.comparison(text as Comparator, left, this.parsePrimary());
    }
    if (this.tokens.isWord('BETWEEN')) {
      this.takeOperator();
      return this.between(left);
    }
    if (this.tokens.isWord('IN')) {
      this.takeOperator();
      return this.membership(left);
    }
    return left;
  }

  private comparison(by: Comparator, first: Node, second: Node): Condition {
    const [left, right] = [this.asOperand(first), this.asOperand(second)];
    this.checkDistinct(by, [left, right]);
    this.endCondition();
    return { kind: 'compare', by, left, right };
  }

  private between(first: Node): Condition {
    const low = this.parsePrimary();
    if (!this.tokens.takeWord('AND')) throw this.tokens.syntaxError();
    const high = this.parsePrimary();
    const node = {
      kind: 'between' as const,
      operand: this.asOperand(first),
      low: this.asOperand(low),
      high: this.asOperand(high),
    };
    this.checkBounds(node.low, node.high);
    this.endCondition();
    return node;
  }

  private membership(first: Node): Condition {
    const among = this.parseArguments();
    if (among.length > LIMITS.inOperands) {
      this.problems.note(
        'operands',
        `The IN operator is provided with too many operands; number of operands: ${among.length}`,
      );
    }
    const node = {
      kind: 'in' as const,
      operand: this.asOperand(first),
      among: among.map((each) => this.asOperand(each)),
    };
    this.endCondition();
    return node;
  }

  private parsePrimary(): Node {
    const { tokens } = this;
    if (tokens.take('(')) return this.parseParenthesized();
    const { kind, text } = tokens.peek();
    if (kind === 'value') return this.parseValue();
    if (kind === 'word' && tokens.peek(1).text === '(' && text.toUpperCase() !== 'NOT') return this.parseCall();
    if (!startsPath(tokens)) throw tokens.syntaxError();
    const path = parsePath(tokens, this.placeholders, this.problems);
    this.paths.push(path);
    return { kind: 'path', path };
  }

  private parseParenthesized(): Node {
    this.enter();
    const inner = this.parseOr();
    this.tokens.expect(')');
    this.depth--;
    if (this.parenthesized.has(inner)) this.noteParentheses();
    this.parenthesized.add(inner);
    return inner;
  }

  private parseValue(): Operand {
    const { text } = this.tokens.next();
    const value = this.placeholders.valueOf(text);
    if (value === undefined) {
      this.problems.note(
        'name',
        `An expression attribute value used in expression is not defined; attribute value: ${text}`,
      );
    }
    // A value that is not defined has no type, so that no other problem follows from it.
    return { kind: 'value', value: value ?? UNDEFINED_VALUE };
  }

  private parseCall(): Node {
    const name = this.tokens.next().text;
    const call: Call = { kind: 'call', name, arguments: this.parseArguments() };
    this.checkCall(call);
    return name === 'size' && call.arguments.length === 1
      ? { kind: 'size', of: this.asOperand(call.arguments[0]) }
      : call;
  }

  private parseArguments(): Node[] {
    this.enter();
    this.tokens.expect('(');
    const list = [this.parsePrimary()];
    while (this.tokens.take(',')) list.push(this.parsePrimary());
    this.tokens.expect(')');
    this.depth--;
    return list;
  }

  private checkCall({ name, arguments: given }: Call): void {
    const wanted = Object.hasOwn(OPERANDS, name) ? OPERANDS[name] : undefined;
    if (wanted === undefined) {
      this.problems.note('function', `Invalid function name; function: ${name}`);
    } else if (given.length !== wanted) {
      this.problems.note(
        'operands',
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${given.length}`,
      );
    } else {
      const operands = given.map((each) => this.asOperand(each));
      if (operands.length === 2) this.checkDistinct(name, [operands[0], operands[1]]);
      this.checkTypes(name, operands);
    }
  }

  private checkTypes(name: string, [first, second]: readonly Operand[]): void {
    if (name.startsWith('attribute_') && name.endsWith('exists') && first.kind !== 'path') {
      this.problems.note('type', `Operator or function requires a document path; operator or function: ${name}`);
    }
    if (name === 'begins_with') {
      for (const type of [literalType(first), literalType(second)]) {
        if (type !== undefined && type !== 'S' && type !== 'B') this.noteType(name, type);
      }
    }
    if (name === 'size') {
      const type = literalType(first);
      if (type === 'N' || type === 'BOOL' || type === 'NULL') this.noteType(name, type);
    }
    if (name === 'attribute_type') this.checkTypeName(second);
  }

  private checkTypeName(operand: Operand): void {
    if (operand.kind === 'value' && operand.value === UNDEFINED_VALUE) return;
    const type = literalType(operand);
    if (type !== 'S') {
      this.noteType('attribute_type', type ?? '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}');
      return;
    }
    const name = operand.kind === 'value' ? operand.value.S : undefined;
    if (name !== undefined && !(VALUE_TYPES as readonly string[]).includes(name)) {
      this.problems.note('type', `Invalid attribute type name found; type: ${name}, valid types: ${TYPES_IN_MESSAGE}`);
    }
  }

  private noteType(name: string, type: string): void {
    this.problems.note(
      'type',
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
    );
  }

  private checkDistinct(name: string, [left, right]: readonly [Operand, Operand]): void {
    if (left.kind !== 'path' || right.kind !== 'path' || showPath(left.path) !== showPath(right.path)) return;
    this.problems.note(
      'distinct',
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}, first operand: ${showPath(left.path)}`,
    );
  }

  private checkBounds(low: Operand, high: Operand): void {
    if (low.kind !== 'value' || high.kind !== 'value') return;
    if (low.value === UNDEFINED_VALUE || high.value === UNDEFINED_VALUE) return;
    const order = typeOf(low.value) === typeOf(high.value) ? (compare(low.value, high.value) ?? 0) : undefined;
    if (order !== undefined && order <= 0) return;
    const requirement =
      order === undefined
        ? 'same data type for lower and upper bounds'
        : 'upper bound to be greater than or equal to lower bound';
    this.problems.note(
      'type',
      `The BETWEEN operator requires ${requirement}; lower bound operand: AttributeValue: ${showValue(low.value)}, upper bound operand: AttributeValue: ${showValue(high.value)}`,
    );
  }

  /** The node as a condition of its own. */
  private asCondition(node: Node): Condition {
    switch (node.kind) {
      case 'path':
      case 'value':
        throw this.tokens.syntaxError();
      case 'size':
        this.noteMisused('size');
        return NEVER;
      case 'call':
        this.endCondition();
        return conditionOf(node);
      default:
        return node;
    }
  }

  private asOperand(node: Node): Operand {
    switch (node.kind) {
      case 'path':
      case 'value':
      case 'size':
        return node;
      case 'call':
        this.noteMisused(node.name);
        return { kind: 'value', value: UNDEFINED_VALUE };
      default:
        throw this.tokens.syntaxError();
    }
  }

  private noteMisused(name: string): void {
    this.problems.note(
      'misused',
      `The function is not allowed to be used this way in an expression; function: ${name}`,
    );
  }

  private noteParentheses(): void {
    this.problems.note('parentheses', 'The expression has redundant parentheses;');
  }

  private endCondition(): void {
    const problem = this.problems.worst(OF_ONE_CONDITION);
    if (problem !== undefined) this.problems.note('condition', problem);
  }

  private takeOperator(): void {
    this.tokens.next();
    if (++this.operators <= LIMITS.expressionOperators) return;
    this.problems.note(
      'operators',
      `The expression contains too many operators; operator count: ${LIMITS.expressionOperators + 1}`,
    );
  }

  private enter(): void {
    if (++this.depth <= DEEPEST) return;
    this.noteParentheses();
    this.problems.throwWorst();
  }
}

/** Stands for a value that is not defined. */
const UNDEFINED_VALUE: AttributeValue = { NULL: true };
/** Stands for a condition that is refused in the end. */
const NEVER: Condition = {
  kind: 'attribute_exists',
  operand: { kind: 'value', value: UNDEFINED_VALUE },
};

function conditionOf({ name, arguments: given }: Call): Condition {
  const [operand, argument] = given as readonly Operand[];
  switch (name) {
    case 'attribute_exists':
    case 'attribute_not_exists':
      return { kind: name, operand };
    case 'attribute_type':
    case 'begins_with':
    case 'contains':
      return { kind: name, operand, argument };
    default:
      return NEVER;
  }
}

/** The type of an operand that does not depend on the item. */
function literalType(operand: Operand): string | undefined {
  if (operand.kind === 'size') return 'N';
  if (operand.kind === 'path' || operand.value === UNDEFINED_VALUE) return undefined;
  return typeOf(operand.value);
}

function showValue(value: AttributeValue): string {
  const type = typeOf(value);
  return `{${type}:${value.S ?? value.N ?? JSON.stringify(value[type])}}`;
}

/** The expression's size is limited before anything else is looked at. */
export function checkExpressionSize(source: string): void {
  const size = Buffer.byteLength(source);
  if (source === '') throw validation('The expression can not be empty;');
  if (size > LIMITS.expressionSize) {
    throw validation(`Expression size has exceeded the maximum allowed size; expression size: ${size}`);
  }
}
