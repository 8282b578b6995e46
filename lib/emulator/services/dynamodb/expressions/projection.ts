import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../values/attribute-value';
import type { Placeholders } from './names';
import { type OverlapProblem, parsePath, type Path, type PathProblem, PathSet, startsPath } from './path';
import { Problems } from './problems';
import { Tokens } from './tokens';

type Problem = PathProblem | OverlapProblem;
const ORDER: readonly Problem[] = ['reserved', 'name', 'overlap', 'conflict'];

/**
 * Parses a projection expression: paths with commas between them.
 * @throws AwsError ValidationException with AWS's reason, without the parameter's name
 */
export function parseProjection(source: string, placeholders: Placeholders): readonly Path[] {
  const tokens = new Tokens(source);
  const problems = new Problems<Problem>(ORDER);
  const set = new PathSet(problems);
  do {
    if (!startsPath(tokens)) throw tokens.syntaxError();
    set.add(parsePath(tokens, placeholders, problems));
  } while (tokens.take(','));
  tokens.expectEnd();
  problems.throwWorst();
  return set.paths;
}

/** What is wanted of a value: all of it, or parts of it. */
interface Wanted {
  all: boolean;
  readonly parts: Map<string | number, Wanted>;
}

/** Picks parts of items by document paths. Elements of a list move together. */
export class Projection {
  private readonly wanted: Wanted = { all: false, parts: new Map() };

  constructor(paths: readonly Path[]) {
    for (const path of paths) {
      let step = this.wanted;
      for (const key of path) {
        let next = step.parts.get(key);
        if (next === undefined) step.parts.set(key, (next = { all: false, parts: new Map() }));
        step = next;
      }
      step.all = true;
    }
  }

  public of(item: Item): Item {
    return partsOfMap(item, this.wanted.parts);
  }
}

function partOf(value: AttributeValue, { all, parts }: Wanted): AttributeValue | undefined {
  if (all) return value;
  if (value.M !== undefined) {
    const map = partsOfMap(value.M, parts);
    return Object.keys(map).length === 0 ? undefined : { M: map };
  }
  if (value.L === undefined) return undefined;
  const { L: list } = value;
  const indexes = [...parts.keys()].filter((key): key is number => typeof key === 'number').sort((a, b) => a - b);
  const elements = indexes.flatMap((index) => {
    const part = index < list.length ? partOf(list[index], parts.get(index) as Wanted) : undefined;
    return part === undefined ? [] : [part];
  });
  return elements.length === 0 ? undefined : { L: elements };
}

function partsOfMap(map: Item, parts: Wanted['parts']): Item {
  const entries: [string, AttributeValue][] = [];
  for (const [name, wanted] of parts) {
    if (typeof name !== 'string' || !Object.hasOwn(map, name)) continue;
    const part = partOf(map[name], wanted);
    if (part !== undefined) entries.push([name, part]);
  }
  return Object.fromEntries(entries);
}
