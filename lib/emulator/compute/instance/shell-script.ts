/** A part of a word: literal text, a variable, or a command substitution. */
export type Piece = string | { readonly variable: string } | { readonly command: string };

export interface Word {
  readonly pieces: readonly Piece[];
  /** Whether any part is quoted: only an unquoted word disappears if it expands to nothing. */
  readonly quoted: boolean;
}

export interface ShellCommand {
  /** The line it starts on, from 1. */
  readonly line: number;
  readonly words: readonly Word[];
  /** The target of `>` or `>>`. */
  readonly output?: { readonly to: Word; readonly append: boolean };
  /** The text of its here-document. */
  readonly input?: Word;
}

/** Commands joined by `|`. */
export interface Pipeline {
  readonly commands: readonly ShellCommand[];
  /** The operator before it: with `||` it runs only if the previous pipeline fails. */
  readonly after?: '&&' | '||';
  /** Whether `&` runs it in the background. */
  readonly background: boolean;
}

interface HereDocument {
  readonly end: string;
  readonly expands: boolean;
  readonly stripsTabs: boolean;
  readonly command: { input?: Word };
}

/**
 * Parses a shell script into commands, without running any. Supports words, quotes, expansions, redirections,
 * here-documents and lists; keywords such as `if` are treated as words.
 * @throws Error naming the line of an unclosed quote or here-document
 */
export function readShellScript(text: string): Pipeline[] {
  return new ShellReader(text).read();
}

const OPERATORS = ['&&', '||', ';;', ';', '|', '&', '\n'] as const;

class ShellReader {
  private position = 0;
  private line = 1;
  private readonly pipelines: Pipeline[] = [];
  private hereDocuments: HereDocument[] = [];
  /**
   * The last `}`: no `${` after it can be closed, so none is searched for. Otherwise many open ones would each search
   * the text.
   */
  private readonly lastBrace: number;

  constructor(private readonly text: string) {
    this.lastBrace = text.lastIndexOf('}');
  }

  public read(): Pipeline[] {
    let commands: ShellCommand[] = [];
    let after: Pipeline['after'];
    while (this.position < this.text.length) {
      const command = this.readCommand();
      if (command !== undefined) commands.push(command);
      const operator = this.readOperator();
      if (operator === '|') continue;
      if (commands.length > 0) this.pipelines.push({ commands, after, background: operator === '&' });
      const joins = operator === '&&' || operator === '||';
      // A list continues after a line that ends with its operator.
      if (commands.length > 0 || operator !== '\n') after = joins ? operator : undefined;
      commands = [];
    }
    if (this.hereDocuments.length > 0) throw this.error(`here-document "${this.hereDocuments[0].end}" is not closed`);
    return this.pipelines;
  }

  private readCommand(): ShellCommand | undefined {
    const { line } = this;
    const words: Word[] = [];
    const command: { input?: Word; output?: ShellCommand['output'] } = {};
    for (;;) {
      this.skipBlanks();
      const rest = this.text.slice(this.position, this.position + 3);
      if (rest === '' || OPERATORS.some((operator) => rest.startsWith(operator) && !rest.startsWith('&>'))) break;
      if (!this.readRedirection(command)) words.push(this.readWord());
    }
    // A here-document's text is added to this object at the end of the line.
    return words.length === 0 && command.output === undefined ? undefined : Object.assign(command, { line, words });
  }

  private readRedirection(command: { input?: Word; output?: ShellCommand['output'] }): boolean {
    const match = /^(?:(\d*)(<<-|<<<|<<|>>|>&|<&|>\||>|<)|(&>>?))(?!\()/.exec(
      this.text.slice(this.position, this.position + 8),
    );
    if (match === null) return false;
    const [whole, descriptor, operator] = match;
    this.position += whole.length;
    this.skipBlanks();
    if (operator === '<<' || operator === '<<-') {
      const end = this.readWord();
      this.hereDocuments.push({
        end: end.pieces.map((piece) => (typeof piece === 'string' ? piece : '')).join(''),
        expands: !end.quoted,
        stripsTabs: operator === '<<-',
        command,
      });
      return true;
    }
    const to = this.readWord();
    if (operator === '<<<') command.input = { ...to, pieces: [...to.pieces, '\n'] };
    const standardOutput = descriptor === '' || descriptor === '1';
    if ((operator === '>' || operator === '>>' || operator === '>|') && standardOutput) {
      command.output = { to, append: operator === '>>' };
    }
    return true;
  }

  private readOperator(): (typeof OPERATORS)[number] | undefined {
    const operator = OPERATORS.find((candidate) => this.text.startsWith(candidate, this.position));
    if (operator === undefined) return undefined;
    this.position += operator.length;
    if (operator === '\n') {
      this.line++;
      this.readHereDocuments();
    }
    return operator;
  }

  private readHereDocuments(): void {
    for (const { end, expands, stripsTabs, command } of this.hereDocuments) {
      const lines: string[] = [];
      for (;;) {
        if (this.position >= this.text.length) throw this.error(`here-document "${end}" is not closed`);
        let next = this.text.indexOf('\n', this.position);
        if (next < 0) next = this.text.length;
        let content = this.text.slice(this.position, next);
        this.position = next + 1;
        this.line++;
        if (stripsTabs) content = content.replace(/^\t+/, '');
        if (content === end) break;
        lines.push(`${content}\n`);
      }
      const body = lines.join('');
      command.input = { quoted: true, pieces: expands ? new ShellReader(body).readExpanding(undefined) : [body] };
    }
    this.hereDocuments = [];
  }

  private skipBlanks(): void {
    for (;;) {
      const rest = this.text.slice(this.position);
      const blank = /^(?:[ \t\r]+|#.*|\\\r?\n)/.exec(rest);
      if (blank === null) return;
      if (blank[0].endsWith('\n')) this.line++;
      this.position += blank[0].length;
    }
  }

  private readWord(): Word {
    const pieces: Piece[] = [];
    let quoted = false;
    for (;;) {
      const character = this.text[this.position];
      if (character === undefined || /[\s;|<>&]/.test(character)) {
        if (/^[<>]\(/.test(this.text.slice(this.position, this.position + 2))) {
          this.position++;
          pieces.push({ command: this.readParenthesized() });
          continue;
        }
        break;
      }
      if (character === "'") {
        quoted = true;
        pieces.push(this.readUpTo("'"));
      } else if (character === '"') {
        quoted = true;
        this.position++;
        pieces.push(...this.readExpanding('"'));
      } else if (character === '\\') {
        if (this.text[this.position + 1] === '\n') this.line++;
        else pieces.push(this.text[this.position + 1] ?? '');
        quoted = true;
        this.position += 2;
      } else if (character === '$' || character === '`') {
        pieces.push(this.readExpansion());
      } else {
        pieces.push(character);
        this.position++;
      }
    }
    return { pieces: joined(pieces), quoted };
  }

  /** Reads text in which variables and commands are expanded and a backslash escapes only special characters. */
  private readExpanding(end: '"' | undefined): Piece[] {
    const { line } = this;
    const pieces: Piece[] = [];
    while (this.text[this.position] !== end) {
      const character = this.text[this.position];
      if (character === undefined) throw new Error(`line ${line}: a double quote is not closed`);
      const next = this.text[this.position + 1];
      if (character === '\\' && next !== undefined && ['$', '`', '\\', '\n', end].includes(next)) {
        if (next === '\n') this.line++;
        else pieces.push(next);
        this.position += 2;
      } else if (character === '$' || character === '`') {
        pieces.push(this.readExpansion());
      } else {
        if (character === '\n') this.line++;
        pieces.push(character);
        this.position++;
      }
    }
    this.position++;
    return joined(pieces);
  }

  private readExpansion(): Piece {
    if (this.text[this.position] === '`') return { command: this.readUpTo('`') };
    if (this.text[this.position + 1] === '(') {
      this.position++;
      return { command: this.readParenthesized() };
    }
    const open = this.text[this.position + 1] === '{' && this.position > this.lastBrace;
    const match = open ? null : /^\$(?:\{([^}]*)\}|([A-Za-z_]\w*|[0-9@*#?$!-]))/.exec(this.text.slice(this.position));
    if (match === null) {
      this.position++;
      return '$';
    }
    this.position += match[0].length;
    return { variable: match[1] ?? match[2] };
  }

  private readParenthesized(): string {
    const { line } = this;
    const start = ++this.position;
    for (let depth = 1; depth > 0; this.position++) {
      const character = this.text[this.position];
      if (character === undefined) throw new Error(`line ${line}: a parenthesis is not closed`);
      if (character === "'") {
        this.readUpTo("'");
        this.position--;
      } else if (character === '(') depth++;
      else if (character === ')') depth--;
      else if (character === '\n') this.line++;
    }
    return this.text.slice(start, this.position - 1);
  }

  /** Reads the text up to a closing quote, and moves past it. */
  private readUpTo(quote: string): string {
    const end = this.text.indexOf(quote, this.position + 1);
    if (end < 0) throw this.error(`a ${quote} is not closed`);
    const content = this.text.slice(this.position + 1, end);
    this.line += content.split('\n').length - 1;
    this.position = end + 1;
    return content;
  }

  private error(message: string): Error {
    return new Error(`line ${this.line}: ${message}`);
  }
}

/** The same pieces, with adjacent texts merged. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') result[result.length - 1] = last + piece;
    else result.push(piece);
  }
  return result;
}
