import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../values/attribute-value';
import type { Placeholders } from './names';
import type { ProblemNotes } from './problems';
import { isReserved } from './reserved-words';
import type { Tokens } from './tokens';

/** A document path: an attribute's name, followed by names in maps and indexes in lists. */
export type Path = readonly [string, ...(string | number)[]];

/** The problems of the paths in any expression. */
export type PathProblem = 'reserved' | 'name';

/** Whether a path begins at the next token. */
export function startsPath(tokens: Tokens): boolean {
  const { kind } = tokens.peek();
  return kind === 'word' || kind === 'name';
}

/** Reads a path. A name that is not defined is noted, and stands for itself. */
export function parsePath(tokens: Tokens, placeholders: Placeholders, problems: ProblemNotes<PathProblem>): Path {
  const path: [string, ...(string | number)[]] = [parseName(tokens, placeholders, problems)];
  for (;;) {
    if (tokens.take('.')) {
      path.push(parseName(tokens, placeholders, problems));
    } else if (tokens.take('[')) {
      if (tokens.peek().kind !== 'index') throw tokens.syntaxError();
      path.push(Number(tokens.next().text));
      tokens.expect(']');
    } else {
      return path;
    }
  }
}

function parseName(tokens: Tokens, placeholders: Placeholders, problems: ProblemNotes<PathProblem>): string {
  if (!startsPath(tokens)) throw tokens.syntaxError();
  const { kind, text } = tokens.next();
  if (kind === 'word') {
    if (isReserved(text)) {
      problems.note('reserved', `Attribute name is a reserved keyword; reserved keyword: ${text}`);
    }
    return text;
  }
  const name = placeholders.nameOf(text);
  if (name === undefined) {
    problems.note(
      'name',
      `An expression attribute name used in the document path is not defined; attribute name: ${text}`,
    );
  }
  return name ?? text;
}

/** The value at a path; undefined if there is none. */
export function valueAt(item: Item, [name, ...steps]: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = Object.hasOwn(item, name) ? item[name] : undefined;
  for (const step of steps) {
    if (value === undefined) return undefined;
    if (typeof step === 'number') value = value.L?.[step];
    else value = value.M !== undefined && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
  }
  return value;
}

/** A path as AWS's errors show it: `[a, b, [0]]`. */
export function showPath(path: Path): string {
  return `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;
}

/** The problems of paths that are to be distinct. */
export type OverlapProblem = 'overlap' | 'conflict';

interface Step {
  /** The path that ends here. */
  end?: Path;
  /** A path that passes here. */
  through?: Path;
  readonly next: Map<string | number, Step>;
}

/** Finds paths of which one contains the other, and paths that take the same value for a map and for a list. */
export class PathSet {
  private readonly root: Step = { next: new Map() };
  public readonly paths: Path[] = [];

  constructor(private readonly problems: ProblemNotes<OverlapProblem>) {}

  public add(path: Path): void {
    this.paths.push(path);
    let step = this.root;
    for (const key of path) {
      if (step.end !== undefined) return this.overlap(step.end, path);
      const [sibling] = step.next; // all of them have the same type
      if (sibling !== undefined && typeof sibling[0] !== typeof key) return this.conflict(step.through ?? path, path);
      step.through ??= path;
      let next = step.next.get(key);
      if (next === undefined) step.next.set(key, (next = { next: new Map() }));
      step = next;
    }
    const other = step.end ?? (step.next.size > 0 ? step.through : undefined);
    if (other !== undefined) return this.overlap(other, path);
    step.end = path;
  }

  private overlap(one: Path, two: Path): void {
    this.problems.note('overlap', this.message('overlap', one, two));
  }

  private conflict(one: Path, two: Path): void {
    this.problems.note('conflict', this.message('conflict', one, two));
  }

  private message(how: OverlapProblem, one: Path, two: Path): string {
    return `Two document paths ${how} with each other; must remove or rewrite one of these paths; path one: ${showPath(one)}, path two: ${showPath(two)}`;
  }
}
