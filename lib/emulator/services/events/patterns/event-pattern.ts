import { InvalidPattern, JsonTokens } from './json-tokens';
import { type Alternative, readAlternative } from './match-expression';
import { type FieldTree, isPresent, matchesTree, treeOf } from './field-tree';

/** A field's path in an event, its names joined with dots, and what its value may be. */
export type Fields = ReadonlyMap<string, readonly Alternative[]>;

/**
 * What an event must have for a pattern to match it at all: one of these strings at each path. A pattern has one for
 * each combination of its `$or` alternatives.
 */
export type RequiredTexts = ReadonlyMap<string, readonly string[]>;

/** Names that `$or` alternatives must not have as fields. */
const RESERVED = new Set([
  ...['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard', 'numeric', 'cidr'],
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case', 'date-after', 'date-on-or-after'],
  ...['date-before', 'date-on-or-before', 'in-date-range', 'ip-address-in-range', 'ip-address-not-in-range'],
]);

const MOST_COMBINATIONS = 1_000;

/**
 * A compiled event pattern. A pattern with `$or` is one list of fields for each combination of alternatives, as in
 * EventBridge: so a field that occurs twice on a path to a combination has the value that comes last.
 */
export class EventPattern {
  private readonly trees: readonly FieldTree[];

  private constructor(
    private readonly combinations: readonly Fields[],
    /** Whether any value has the operator `wildcard`; EventBridge has a limit on such rules. */
    public readonly hasWildcard: boolean,
  ) {
    this.trees = combinations.map(treeOf);
  }

  /**
   * Compiles a pattern.
   * @throws InvalidPattern with EventBridge's reason
   */
  public static parse(text: string): EventPattern {
    const tokens = new JsonTokens(text);
    if (tokens.next() !== '{') throw tokens.error('Filter is not an object');
    const combinations = readObject(tokens, [], '', false);
    return new EventPattern(combinations, /"wildcard"\s*:/.test(text));
  }

  /** @param event as {@link normalized} returns it */
  public matches(event: unknown): boolean {
    return this.trees.some((tree) => matchesTree(tree, event));
  }

  /** What each combination requires of an event, as far as that is plain text. */
  public get requiredTexts(): readonly RequiredTexts[] {
    return this.combinations.map((fields) => {
      const required = new Map<string, string[]>();
      for (const [path, alternatives] of fields) {
        const literals = alternatives.flatMap((each) => (isPresent(each) && each.literal ? [each.literal] : []));
        if (literals.length === alternatives.length) required.set(path, literals);
      }
      return required;
    });
  }
}

type Combination = Map<string, readonly Alternative[]>;

/** Reads an object of fields, after its opening brace, into the combinations so far. */
function readObject(tokens: JsonTokens, before: Combination[], path: string, inOr: boolean): Combination[] {
  let combinations = before;
  let empty = true;
  while (tokens.next() !== '}') {
    empty = false;
    const { name } = tokens;
    if (name === '$or') {
      combinations = readOr(tokens, combinations, path);
      continue;
    }
    if (inOr && RESERVED.has(name)) {
      throw tokens.error(`${name} is Ruler reserved fieldName which cannot be used inside $or.`);
    }
    const field = path === '' ? name : `${path}.${name}`;
    switch (tokens.next()) {
      case '{':
        combinations = readObject(tokens, combinations, field, inOr);
        break;
      case '[':
        combinations = withField(combinations, field, readValues(tokens));
        break;
      default:
        throw tokens.error(`"${name}" must be an object or an array`);
    }
  }
  if (empty) throw tokens.error('Empty objects are not allowed');
  return combinations;
}

function withField(before: Combination[], field: string, values: readonly Alternative[]): Combination[] {
  const combinations = before.length === 0 ? [new Map<string, readonly Alternative[]>()] : before;
  for (const combination of combinations) combination.set(field, values);
  return combinations;
}

function readOr(tokens: JsonTokens, before: readonly Combination[], path: string): Combination[] {
  if (tokens.next() !== '[') throw tokens.error('It must be an Array followed with $or.');
  const combinations: Combination[] = [];
  let count = 0;
  for (let token = tokens.next(); token !== ']'; token = tokens.next()) {
    count++;
    if (token !== '{') throw tokens.error('Only JSON object is allowed in array of $or relationship.');
    const alternative = before.length === 0 ? [new Map()] : before.map((each) => new Map(each));
    combinations.push(...readObject(tokens, alternative, path, true));
    if (combinations.length > MOST_COMBINATIONS) {
      throw new InvalidPattern(`$or has more than ${MOST_COMBINATIONS} combinations of alternatives`);
    }
  }
  if (count < 2) throw tokens.error('There must have at least 2 Objects in $or relationship.');
  return combinations;
}

function readValues(tokens: JsonTokens): Alternative[] {
  const values: Alternative[] = [];
  for (let token = tokens.next(); token !== ']'; token = tokens.next()) values.push(readAlternative(tokens, token));
  if (values.length === 0) throw tokens.error('Empty arrays are not allowed');
  return values;
}
