import { validation } from '../errors';

/** The kinds of an expression's tokens; `symbol` is an operator, or a character that no expression contains. */
export type TokenKind = 'word' | 'name' | 'value' | 'index' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// Attribute names, `#name`, `:value`, list indexes and operators. Each alternative begins in its own way, so that the
// time is linear.
const TOKEN = /[A-Za-z][A-Za-z0-9_]*|[#:][A-Za-z0-9_]+|[0-9]+|<>|<=|>=|[^\s]/gy;
const SPACE = /[ \t\r\n]*/y;

function kindOf(text: string): TokenKind {
  if (/^[A-Za-z]/.test(text)) return 'word';
  if (text.length > 1 && text.startsWith('#')) return 'name';
  if (text.length > 1 && text.startsWith(':')) return 'value';
  return /^[0-9]/.test(text) ? 'index' : 'symbol';
}

/** The tokens of an expression, read one after the other. */
export class Tokens {
  private readonly all: Token[] = [];
  private at = 0;

  constructor(private readonly source: string) {
    let position = 0;
    for (;;) {
      SPACE.lastIndex = position;
      SPACE.test(source);
      position = SPACE.lastIndex;
      TOKEN.lastIndex = position;
      const match = TOKEN.exec(source);
      if (match === null) break;
      const [text] = match;
      this.all.push({ kind: kindOf(text), text, start: position, end: position + text.length });
      position += text.length;
    }
    this.all.push({ kind: 'end', text: '<EOF>', start: source.length, end: source.length });
  }

  /** The next token, or one further on; it is not consumed. */
  public peek(ahead = 0): Token {
    return this.all[Math.min(this.at + ahead, this.all.length - 1)];
  }

  public next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Whether the next token is this operator. */
  public is(symbol: string): boolean {
    const { kind, text } = this.peek();
    return kind === 'symbol' && text === symbol;
  }

  /** Whether the next token is this keyword, in any case. */
  public isWord(keyword: string): boolean {
    const { kind, text } = this.peek();
    return kind === 'word' && text.toUpperCase() === keyword;
  }

  /** Consumes the next token if it is this operator. */
  public take(symbol: string): boolean {
    if (!this.is(symbol)) return false;
    this.at++;
    return true;
  }

  /** Consumes the next token if it is this keyword. */
  public takeWord(keyword: string): boolean {
    if (!this.isWord(keyword)) return false;
    this.at++;
    return true;
  }

  public expect(symbol: string): void {
    if (!this.take(symbol)) throw this.syntaxError();
  }

  public expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.syntaxError();
  }

  /** AWS's error for the next token, with the tokens beside it. */
  public syntaxError() {
    const token = this.peek();
    const before = this.at === 0 ? token : this.all[this.at - 1];
    const near = this.source.slice(before.start, this.peek(1).end);
    return validation(`Syntax error; token: "${token.text}", near: "${near}"`);
  }
}
