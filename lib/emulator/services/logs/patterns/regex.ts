import { invalidPattern } from '../errors';

/** What AWS allows between the percent signs: a subset of the usual, without groups. */
const ALLOWED =
  /^(?:\\[dDsSwW^$?[\]{}|\\*+.%"(),:;_#=@/&~<>!'`-]|\\x[0-9A-Fa-f]{2}|[A-Za-z0-9 ^$?[\]{}|*+.:_#=@/;,-])+$/;

/** Reads the inside of `%…%`. */
export function readRegex(source: string): RegExp {
  if (!ALLOWED.test(source)) throw invalidPattern();
  try {
    return new RegExp(source);
  } catch {
    throw invalidPattern();
  }
}

/** A comparison of text with a pattern in which `*` stands for any text. */
export function wildcard(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const parts = pattern.split('*');
  const [first, last] = [parts[0], parts[parts.length - 1]];
  const between = parts.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    const end = text.length - last.length;
    for (const part of between) {
      const at = text.indexOf(part, from);
      if (at < 0 || at + part.length > end) return false;
      from = at + part.length;
    }
    return from <= end;
  };
}
