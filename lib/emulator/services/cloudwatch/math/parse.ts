import { type Expression, MathError, type Operator } from './expression';

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|"([^"]*)"|'([^']*)'|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/y;

/** The operators in order of precedence, lowest first. */
const PRECEDENCE: readonly Readonly<Record<string, Operator>>[] = [
  { OR: 'OR', '||': 'OR' },
  { AND: 'AND', '&&': 'AND' },
  { '==': '==', '!=': '!=', '<': '<', '>': '>', '<=': '<=', '>=': '>=' },
  { '+': '+', '-': '-' },
  { '*': '*', '/': '/' },
  { '^': '^' },
];

const WORDS: readonly string[] = ['REPEAT', 'LINEAR', 'AVG', 'MIN', 'MAX', 'SUM', 'ASC', 'DESC'];

/** Our own limit on the nesting of parentheses, calls and signs. */
const DEEPEST = 100;

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'symbol' | 'end';
  readonly text: string;
}

/**
 * Parses a metric math expression.
 * @throws MathError with the position of the error
 */
export function parseExpression(text: string): Expression {
  return new Parser(tokenize(text)).parse();
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw invalidSyntax(`unexpected character at position ${at}: ${text.slice(at).trimStart()}`);
    const [, number, name, double, single, symbol] = match as (string | undefined)[];
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: /^(AND|OR)$/.test(name) ? 'symbol' : 'name', text: name });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
    else tokens.push({ kind: 'text', text: double ?? single ?? '' });
  }
  return tokens;
}

class Parser {
  private position = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  public parse(): Expression {
    const expression = this.operation(0);
    if (this.next.kind !== 'end') throw this.unexpected();
    return expression;
  }

  private get next(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: 'the end of the expression' };
  }

  private operation(level: number): Expression {
    if (level === PRECEDENCE.length) return this.operand();
    let left = this.operation(level + 1);
    for (;;) {
      const symbol = this.next.kind === 'symbol' ? this.next.text : '';
      if (!Object.hasOwn(PRECEDENCE[level], symbol)) return left;
      this.position++;
      left = { kind: 'operation', operator: PRECEDENCE[level][symbol], left, right: this.operation(level + 1) };
    }
  }

  private operand(): Expression {
    if (this.depth++ > DEEPEST) throw invalidSyntax(`it nests more than ${DEEPEST} levels deep`);
    const operand = this.operandHere();
    this.depth--;
    return operand;
  }

  private operandHere(): Expression {
    const token = this.next;
    this.position++;
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: Number(token.text) };
      case 'text':
        return { kind: 'text', value: token.text };
      case 'name':
        if (this.takes('(')) return { kind: 'call', name: token.text, operands: this.list(')') };
        // Ids begin with a lower-case letter, so these are the keywords of FILL and SORT.
        if (WORDS.includes(token.text)) return { kind: 'text', value: token.text };
        return { kind: 'reference', id: token.text };
      case 'symbol':
      case 'end':
        break;
    }
    if (token.text === '-') return { kind: 'negation', operand: this.operand() };
    if (token.text === '[') return { kind: 'array', elements: this.list(']') };
    if (token.text === '(') {
      const inner = this.operation(0);
      this.expect(')');
      return inner;
    }
    this.position--;
    throw this.unexpected();
  }

  private list(closing: string): Expression[] {
    const elements: Expression[] = [];
    if (this.takes(closing)) return elements;
    do elements.push(this.operation(0));
    while (this.takes(','));
    this.expect(closing);
    return elements;
  }

  private takes(symbol: string): boolean {
    const taken = this.next.kind === 'symbol' && this.next.text === symbol;
    if (taken) this.position++;
    return taken;
  }

  private expect(symbol: string): void {
    if (!this.takes(symbol)) throw invalidSyntax(`expected '${symbol}' but found '${this.next.text}'`);
  }

  private unexpected(): MathError {
    return invalidSyntax(`unexpected '${this.next.text}'`);
  }
}

function invalidSyntax(detail: string): MathError {
  return new MathError(`Invalid syntax: ${detail}`);
}
