/** A part of a template: literal text, or a variable and whether it is between quotes. */
type Part = string | { readonly variable: string; readonly isQuoted: boolean };

/** A parsed InputTemplate. */
export interface InputTemplate {
  readonly parts: readonly Part[];
  /** Whether it is text, in quotes, rather than a JSON value. */
  readonly isText: boolean;
}

/** The names of the placeholders in a template, each once. */
export function variablesOf({ parts }: InputTemplate): string[] {
  return [...new Set(parts.flatMap((part) => (typeof part === 'string' ? [] : [part.variable])))];
}

const PLACEHOLDER = /<([^<>\s"]+)>/y;

/** Parses a template. A template that begins with a quote is text; any other is to become a JSON value. */
export function parseTemplate(template: string): InputTemplate {
  const parts: Part[] = [];
  let literal = '';
  let isQuoted = false;
  for (let at = 0; at < template.length; at++) {
    const character = template[at];
    if (character === '<') {
      PLACEHOLDER.lastIndex = at;
      const match = PLACEHOLDER.exec(template);
      if (match !== null) {
        parts.push(literal, { variable: match[1], isQuoted });
        literal = '';
        at += match[0].length - 1;
        continue;
      }
    }
    if (character === '\\' && at + 1 < template.length) {
      const escaped = template[++at];
      // Angle brackets are escaped for the template, everything else for JSON.
      literal += escaped === '<' || escaped === '>' ? escaped : character + escaped;
      continue;
    }
    if (character === '"') isQuoted = !isQuoted;
    literal += character;
  }
  parts.push(literal);
  return { parts, isText: template.trimStart().startsWith('"') };
}

/**
 * Fills in a template.
 * @param valueOf the value of a variable; undefined if its path finds nothing
 * @returns undefined if the result is not what EventBridge can send: it then sends nothing
 */
export function render(template: InputTemplate, valueOf: (variable: string) => unknown): string | undefined {
  const { parts, isText } = template;
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const value = valueOf(part.variable);
    const inserted = part.isQuoted ? quoted(value, isText) : JSON.stringify(value ?? (value === null ? null : ''));
    if (inserted === undefined) return undefined;
    text += inserted;
  }
  return isText ? lines(text) : minified(text);
}

/** A value between quotes. Objects and lists lose their own quotes in text, and are invalid in JSON. */
function quoted(value: unknown, isText: boolean): string | undefined {
  if (value === undefined) return '';
  if (typeof value === 'string') return isText ? value : JSON.stringify(value).slice(1, -1);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return isText ? JSON.stringify(value).replaceAll('"', '') : undefined;
}

/** Several lines of text, each in quotes of its own. */
function lines(text: string): string | undefined {
  const each = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return each.every((line) => line.length > 1 && line.startsWith('"') && line.endsWith('"'))
    ? each.join('\n')
    : undefined;
}

function minified(json: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return undefined;
  }
}
