import { readCondition } from './conditions';
import { malformed, textsOf } from './malformed';
import { readPrincipals } from './principals';
import type { AccessRequest } from './request';
import { compileText, hasVariables } from './variables';
import { arnMatches, wildcardMatches } from './wildcards';

/** What a policy says of a request: an explicit Deny goes before any Allow; undefined if it says nothing. */
export type Verdict = 'Allow' | 'Deny' | undefined;

/** A compiled policy. */
export interface Policy {
  verdict(request: AccessRequest): Verdict;
  /** As {@link verdict}, whatever the resource. */
  verdictOnAny(request: AccessRequest): Verdict;
}

/** A compiled resource policy. */
export interface ResourcePolicy extends Policy {
  /** Whether any statement has the effect Deny. */
  readonly denies: boolean;
}

type Effect = 'Allow' | 'Deny';
type Applies = (request: AccessRequest) => boolean;

interface Statement {
  readonly effect: Effect;
  readonly applies: Applies;
  /** Whether the statement would apply if it named the request's resource. */
  readonly appliesOnAny: Applies;
}

const VERSIONS: readonly unknown[] = [undefined, '2008-10-17', '2012-10-17'];

/**
 * Compiles a resource policy.
 * @param text JSON
 * @throws MalformedPolicy if there is something in it that AWS would refuse, or that is not understood here
 */
export function readPolicy(text: string): ResourcePolicy {
  return compile(text, true);
}

/**
 * Compiles the policy of a role or another identity, which names no principal.
 * @param text JSON
 * @throws MalformedPolicy as {@link readPolicy}
 */
export function readIdentityPolicy(text: string): Policy {
  return compile(text, false);
}

function compile(text: string, hasPrincipals: boolean): ResourcePolicy {
  const { Version, Statement } = structure(parsed(text), 'the policy');
  if (!VERSIONS.includes(Version))
    throw malformed(`Version must be 2008-10-17 or 2012-10-17, but was ${JSON.stringify(Version)}`);
  if (Statement === undefined) throw malformed('the policy has no Statement');
  const given: unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  const statements = given.flatMap((statement, index) =>
    readStatement(statement, `Statement ${index + 1}`, Version === '2012-10-17', hasPrincipals),
  );
  // Denials first, so that the first statement that applies decides.
  const ordered = [...statements.filter(isDenial), ...statements.filter((statement) => !isDenial(statement))];
  return {
    denies: statements.some(isDenial),
    verdict: (request) => ordered.find(({ applies }) => applies(request))?.effect,
    // A denial on some resources leaves the others.
    verdictOnAny: (request) =>
      ordered.find(({ effect, applies, appliesOnAny }) =>
        effect === 'Deny' ? applies({ ...request, resource: '*' }) : appliesOnAny(request),
      )?.effect,
  };
}

function isDenial({ effect }: Statement): boolean {
  return effect === 'Deny';
}

/** Compiles a statement; returns undefined if its condition can never match. */
function readStatement(value: unknown, where: string, variables: boolean, hasPrincipals: boolean): Statement[] {
  const statement = structure(value, where);
  const { Effect: effect, Condition: condition } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Effect of ${where} must be Allow or Deny`);
  const tests: Applies[] = [actionTest(statement, where)];
  if (hasPrincipals) tests.push(principalTest(statement, where));
  const resource = resourceTest(statement, where, variables);
  if (condition !== undefined) {
    const holds = readCondition(condition, `Condition of ${where}`, variables);
    if (holds === undefined) return [];
    tests.push(holds);
  }
  const appliesOnAny: Applies = (request) => tests.every((test) => test(request));
  if (resource === undefined) return [{ effect, applies: appliesOnAny, appliesOnAny }];
  return [{ effect, applies: (request) => appliesOnAny(request) && resource(request), appliesOnAny }];
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

/** Returns undefined if the statement has no Resource: it then applies to the policy's own resource. */
function resourceTest(
  statement: Readonly<Record<string, unknown>>,
  where: string,
  variables: boolean,
): Applies | undefined {
  if (statement.Resource === undefined && statement.NotResource === undefined) return undefined;
  const { element, negated } = oneOf(statement, 'Resource', where);
  const tests = textsOf(statement[element], `${element} of ${where}`).map((text) => arnTest(text, variables));
  return (request) => tests.some((test) => test(request)) !== negated;
}

function arnTest(pattern: string, variables: boolean): Applies {
  if (pattern === '*') return () => true;
  if (!hasVariables(pattern, variables) && !/[*?]/.test(pattern)) return ({ resource }) => resource === pattern;
  const text = compileText(pattern, variables);
  return (request) => arnMatches(text(request), request.resource);
}

/** Which of an element and its opposite a statement has. It must have exactly one. */
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
