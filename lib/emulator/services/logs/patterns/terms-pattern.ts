import { invalidPattern } from '../errors';
import type { FilterPattern, Match } from './filter-pattern';
import { readRegex } from './regex';

const NOTHING: Match = { value: () => undefined, extracted: () => ({}) };
/** A term: `-` or `?`, and then a quoted phrase, a regular expression or a word. */
const TERM = /\s*([-?]?)(?:"((?:\\.|[^"\\])*)"|%((?:\\.|[^%\\])+)%|([A-Za-z0-9_]+))(?=\s|$)/y;

interface Term {
  readonly sign: string;
  readonly test: (message: string) => boolean;
}

/** Terms for unstructured messages: all of them, any of those with `?`, none of those with `-`. */
export function termsPattern(text: string): FilterPattern {
  let regexes = 0;
  const terms: Term[] = [];
  const at = new RegExp(TERM);
  while (at.lastIndex < text.length) {
    const found = at.exec(text);
    if (found === null) throw invalidPattern();
    const [, sign, phrase, regex, word] = found as (string | undefined)[];
    if (regex !== undefined) regexes++;
    terms.push({ sign: sign ?? '', test: testOf(phrase?.replace(/\\(["\\])/g, '$1') ?? word, regex) });
  }
  const [required, excluded] = [terms.filter(({ sign }) => sign === ''), terms.filter(({ sign }) => sign === '-')];
  // Beside other terms, those with a question mark are ignored, as AWS documents.
  const optional = required.length + excluded.length > 0 ? [] : terms;
  return {
    regexes,
    match: (message) =>
      required.every(({ test }) => test(message)) &&
      !excluded.some(({ test }) => test(message)) &&
      (optional.length === 0 || optional.some(({ test }) => test(message)))
        ? NOTHING
        : undefined,
  };
}

function testOf(phrase: string | undefined, regex: string | undefined): Term['test'] {
  if (regex !== undefined) {
    const compiled = readRegex(regex);
    return (message) => compiled.test(message);
  }
  return (message) => message.includes(phrase ?? '');
}
