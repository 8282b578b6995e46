import { InvalidPattern } from './json-tokens';

/** What is literal in a wildcard pattern, between its asterisks. */
export interface Wildcard {
  readonly segments: readonly string[];
}

/**
 * AWS refuses wildcards that could match a text in too many ways, and does not say where that begins. Recorded is that
 * five wildcards followed by the same character are too many.
 */
const MOST_ALIKE = 4;

/**
 * Reads a wildcard pattern: `*` is any text, `\*` and `\\` are literal.
 * @throws InvalidPattern with a position in the pattern's UTF-8 bytes, counted from its opening quote
 */
export function readWildcard(pattern: string): Wildcard {
  const segments: string[] = [''];
  let position = 1;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === '*') {
      if (pattern[index + 1] === '*') throw new InvalidPattern(`Consecutive wildcard characters at pos ${position}`);
      segments.push('');
    } else if (character === '\\') {
      const escaped = pattern[index + 1];
      if (escaped !== '*' && escaped !== '\\') throw new InvalidPattern(`Invalid escape character at pos ${position}`);
      segments[segments.length - 1] += escaped;
      index++;
      position++;
    } else {
      segments[segments.length - 1] += character;
    }
    position += bytesOf(character);
  }
  return { segments };
}

/** Whether AWS would find a wildcard pattern too complex. */
export function isTooComplex({ segments }: Wildcard): boolean {
  const followers = new Map<string, number>();
  for (const segment of segments.slice(1)) {
    if (segment === '') continue;
    const count = (followers.get(segment[0]) ?? 0) + 1;
    if (count > MOST_ALIKE) return true;
    followers.set(segment[0], count);
  }
  return false;
}

/** Compiles a wildcard pattern. Matching takes time in proportion to the text. */
export function wildcardTest({ segments }: Wildcard): (text: string) => boolean {
  const [first] = segments;
  if (segments.length === 1) return (text) => text === first;
  const last = segments[segments.length - 1];
  const inner = segments.slice(1, -1).map(finder);
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    // The leftmost place of each segment leaves the most room for those after it.
    for (const find of inner) {
      at = find(text, at, end);
      if (at < 0) return false;
    }
    return true;
  };
}

/** Finds a segment between two positions: returns the position after it, or -1. Knuth, Morris and Pratt's search. */
function finder(segment: string): (text: string, from: number, end: number) => number {
  const borders = bordersOf(segment);
  return (text, from, end) => {
    let matched = 0;
    for (let index = from; index < end; index++) {
      while (matched > 0 && text[index] !== segment[matched]) matched = borders[matched - 1];
      if (text[index] === segment[matched]) matched++;
      if (matched === segment.length) return index + 1;
    }
    return -1;
  };
}

/** For each prefix of a text, the length of the longest shorter prefix that it ends with. */
function bordersOf(text: string): number[] {
  const borders = [0];
  for (let index = 1, length = 0; index < text.length; index++) {
    while (length > 0 && text[index] !== text[length]) length = borders[length - 1];
    if (text[index] === text[length]) length++;
    borders.push(length);
  }
  return borders;
}

function bytesOf(character: string): number {
  const code = character.charCodeAt(0);
  if (code < 0x80) return 1;
  // Each half of a surrogate pair stands for two of the four bytes.
  return code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
}
