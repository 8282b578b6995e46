import { type Condition, readCondition } from './conditions';
import { malformed, textsOf } from './malformed';
import { readPrincipals } from './principals';
import { type AccessRequest, type ContextLookup, contextOf } from './request';
import { compileText } from './variables';
import { arnMatches, wildcardMatches } from './wildcards';

/** What a policy says of a request: an explicit Deny goes before any Allow; undefined where it says nothing. */
export type Verdict = 'Allow' | 'Deny' | undefined;

/** A resource's policy, read once to be asked often. */
export interface ResourcePolicy {
  /** Whether any of its statements denies anything. */
  readonly denies: boolean;
  verdict(request: AccessRequest): Verdict;
}

type Effect = 'Allow' | 'Deny';
type Applies = (request: AccessRequest, context: ContextLookup) => boolean;

interface Statement {
  readonly effect: Effect;
  readonly applies: Applies;
}

const VERSIONS: readonly unknown[] = [undefined, '2008-10-17', '2012-10-17'];

/**
 * Reads a resource's policy.
 * @param text JSON
 * @throws MalformedPolicy where there is something in it that AWS would refuse, or that is not understood here
 */
export function readPolicy(text: string): ResourcePolicy {
  const { Version, Statement } = structure(parsed(text), 'the policy');
  if (!VERSIONS.includes(Version))
    throw malformed(`Version must be 2008-10-17 or 2012-10-17, got ${JSON.stringify(Version)}`);
  if (Statement === undefined) throw malformed('the policy has no Statement');
  const given: unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  const statements = given.map((statement, index) =>
    readStatement(statement, `Statement ${index + 1}`, Version === '2012-10-17'),
  );
  // Denials first: the first statement that applies has the last word.
  const ordered = [...statements.filter(isDenial), ...statements.filter((statement) => !isDenial(statement))];
  return {
    denies: statements.some(isDenial),
    verdict: (request) => {
      const context = contextOf(request);
      return ordered.find(({ applies }) => applies(request, context))?.effect;
    },
  };
}

function isDenial({ effect }: Statement): boolean {
  return effect === 'Deny';
}

function readStatement(value: unknown, where: string, variables: boolean): Statement {
  const statement = structure(value, where);
  const { Effect: effect, Condition: condition } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Effect of ${where} must be Allow or Deny`);
  const tests: Applies[] = [principalTest(statement, where), actionTest(statement, where)];
  const resource = resourceTest(statement, where, variables);
  if (resource !== undefined) tests.push(resource);
  if (condition !== undefined) {
    const holds: Condition = readCondition(condition, `Condition of ${where}`, variables);
    tests.push((_request, context) => holds(context));
  }
  return { effect, applies: (request, context) => tests.every((test) => test(request, context)) };
}

function principalTest(statement: Readonly<Record<string, unknown>>, where: string): Applies {
  const { element, negated } = oneOf(statement, 'Principal', where);
  const isNamed = readPrincipals(statement[element], `${element} of ${where}`);
  return (request) => isNamed(request) !== negated;
}

function actionTest(statement: Readonly<Record<string, unknown>>, where: string): Applies {
  const { element, negated } = oneOf(statement, 'Action', where);
  const patterns = textsOf(statement[element], `${element} of ${where}`).map((action) => action.toLowerCase());
  return ({ action }) => {
    const asked = action.toLowerCase();
    return patterns.some((pattern) => wildcardMatches(pattern, asked)) !== negated;
  };
}

/** Undefined where the statement names none: then it is of the resource that has the policy. */
function resourceTest(
  statement: Readonly<Record<string, unknown>>,
  where: string,
  variables: boolean,
): Applies | undefined {
  if (statement.Resource === undefined && statement.NotResource === undefined) return undefined;
  const { element, negated } = oneOf(statement, 'Resource', where);
  const texts = textsOf(statement[element], `${element} of ${where}`).map((text) => compileText(text, variables));
  return ({ resource }, context) => texts.some((text) => arnMatches(text(context), resource)) !== negated;
}

/** Which of an element and its opposite a statement has: it must be one of them. */
function oneOf(statement: Readonly<Record<string, unknown>>, element: string, where: string) {
  const opposite = `Not${element}`;
  const both = [element, opposite].filter((name) => statement[name] !== undefined);
  if (both.length !== 1) throw malformed(`${where} must have either ${element} or ${opposite}`);
  return { element: both[0], negated: both[0] === opposite };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('the policy is not valid JSON');
  }
}

function structure(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed(`${what} must be a JSON object`);
}
