/** What a token of JSON is. `end` follows the last one. */
export type Token = '{' | '}' | '[' | ']' | 'name' | 'string' | 'number' | 'true' | 'false' | 'null' | 'end';

/** A pattern is not valid. The message is the reason that EventBridge gives. */
export class InvalidPattern extends Error {}

interface Container {
  readonly kind: 'Object' | 'Array';
  readonly start: string;
  entries: number;
}

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const LONGEST_SOURCE = 500;
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '"': '"', '\\': '\\', '/': '/' },
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' },
};
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}\p{N}_$]+/uy;

/**
 * Reads JSON token by token, with the messages and positions of Jackson, which EventBridge uses and whose errors it
 * passes on. As there, the start of a value is read together with its name, and a string's characters only when they
 * are needed: positions in messages show it.
 */
export class JsonTokens {
  private at = 0;
  private readonly containers: Container[] = [];
  private upcoming?: Token;
  private current: Token = 'end';
  /** Whether the current token is a string of which only the opening quote is read. */
  private unread = false;
  /** The characters of the latest string or number. */
  private content = '';
  /** The latest name of a field. */
  public name = '';

  constructor(private readonly source: string) {}

  /** Moves to the next token. */
  public next(): Token {
    if (this.unread) this.readString();
    if (this.upcoming !== undefined) {
      this.current = this.upcoming;
      this.upcoming = undefined;
      this.unread = this.current === 'string';
      return this.current;
    }
    return (this.current = this.advance());
  }

  /** The characters of the current string or number; the name of a field; the text of another token. */
  public text(): string {
    if (this.unread) this.readString();
    if (this.current === 'name') return this.name;
    return this.current === 'string' || this.current === 'number' ? this.content : this.current;
  }

  /** An error with the current position. */
  public error(reason: string): InvalidPattern {
    return new InvalidPattern(`${reason}\n at ${this.location()}`);
  }

  private location(at = this.at): string {
    const before = this.source.slice(0, at).split('\n');
    const { length } = this.source;
    const more = length > LONGEST_SOURCE ? `[truncated ${length - LONGEST_SOURCE} chars]` : '';
    const shown = `"${this.source.slice(0, LONGEST_SOURCE)}"${more}`;
    return `[Source: (String)${shown}; line: ${before.length}, column: ${(before.at(-1) ?? '').length + 1}]`;
  }

  private advance(): Token {
    this.skipSpace();
    const container = this.containers.at(-1);
    const character = this.source[this.at] as string | undefined;
    if (container === undefined) return character === undefined ? 'end' : this.value();
    if (character === undefined) {
      const { kind, start } = container;
      throw this.error(`Unexpected end-of-input: expected close marker for ${kind} (start marker at ${start})`);
    }
    const close = container.kind === 'Object' ? '}' : ']';
    if (character === close) {
      this.at++;
      this.containers.pop();
      return close;
    }
    if (container.entries++ > 0) {
      if (character !== ',') throw this.unexpected(`was expecting comma to separate ${container.kind} entries`);
      this.at++;
      this.skipSpace();
    }
    return container.kind === 'Object' ? this.readName() : this.value();
  }

  private readName(): Token {
    if (this.source[this.at] !== '"') throw this.unexpected('was expecting double-quote to start field name');
    this.at++;
    this.readString();
    this.name = this.content;
    this.skipSpace();
    if (this.source[this.at] !== ':') throw this.unexpected('was expecting a colon to separate field name and value');
    this.at++;
    this.skipSpace();
    this.upcoming = this.value();
    this.unread = false;
    return 'name';
  }

  private value(): Token {
    const character = this.source[this.at] as string | undefined;
    if (character === '{' || character === '[') {
      const kind = character === '{' ? 'Object' : 'Array';
      this.containers.push({ kind, start: this.location(), entries: 0 });
      this.at++;
      return character;
    }
    if (character === '"') {
      this.at++;
      this.unread = true;
      return 'string';
    }
    if (character !== undefined && /[-\d]/.test(character)) return this.number();
    const word = this.match(WORD);
    if (word === 'true' || word === 'false' || word === 'null') return word;
    if (word !== '') throw this.error(`Unrecognized token '${word}': was expecting ${VALUES}`);
    if (character === undefined) throw this.error('Unexpected end-of-input');
    throw this.unexpected(`expected a valid value ${VALUES}`);
  }

  private number(): Token {
    this.content = this.match(NUMBER);
    if (this.content === '')
      throw this.unexpected('expected digit (0-9) to follow minus sign, for valid numeric value');
    if (/[\d.eE]/.test(this.source[this.at] ?? '')) throw this.unexpected('expected a valid numeric value');
    return 'number';
  }

  /** Reads the rest of a string, after its opening quote. */
  private readString(): void {
    this.unread = false;
    let text = '';
    for (;;) {
      const character = this.source[this.at] as string | undefined;
      if (character === undefined) {
        throw this.error('Unexpected end-of-input: was expecting closing quote for a string value');
      }
      if (character < ' ') {
        const code = character.charCodeAt(0);
        throw this.error(
          `Illegal unquoted character ((CTRL-CHAR, code ${code})): has to be escaped using backslash to be included in string value`,
        );
      }
      this.at++;
      if (character === '"') break;
      text += character === '\\' ? this.escape() : character;
    }
    this.content = text;
  }

  private escape(): string {
    const character = this.source[this.at] ?? '';
    this.at++;
    if (Object.hasOwn(ESCAPES, character)) return ESCAPES[character];
    const digits = this.source.slice(this.at, this.at + 4);
    if (character === 'u' && /^[\da-fA-F]{4}$/.test(digits)) {
      this.at += 4;
      return String.fromCharCode(parseInt(digits, 16));
    }
    throw this.error(`Unrecognized character escape '${character}' (code ${character.charCodeAt(0) || 0})`);
  }

  private unexpected(expected: string): InvalidPattern {
    const character = this.source[this.at] as string | undefined;
    if (character === undefined) return this.error(`Unexpected end-of-input: ${expected}`);
    return this.error(`Unexpected character ('${character}' (code ${character.charCodeAt(0)})): ${expected}`);
  }

  private skipSpace(): void {
    this.match(SPACE);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.source) ?? [''];
    this.at += found.length;
    return found;
  }
}
