import { limitExceeded, malformedDocument } from '../errors';
import { LIMITS } from '../limits';

/** A policy document, as it was given and as it reads. */
export interface PolicyDocument {
  readonly text: string;
  readonly statements: readonly PolicyStatement[];
}

/** A statement of a document: names of members as in JSON. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly NotPrincipal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, unknown>>;
}

const MEMBERS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];
const STS_ACTIONS =
  /^sts:(AssumeRole|AssumeRoleWithSAML|AssumeRoleWithWebIdentity|TagSession|SetSourceIdentity|SetContext)$/i;

/** Reads the policy of an identity. Throws AWS's error if it cannot be read. */
export function readIdentityPolicy(text: string): PolicyDocument {
  const document = readDocument(text);
  for (const statement of document.statements) {
    if (statement.Principal !== undefined || statement.NotPrincipal !== undefined) {
      throw malformedDocument('Policy document should not specify a principal.');
    }
    if (statement.Resource === undefined && statement.NotResource === undefined) {
      throw malformedDocument('Policy statement must contain resources.');
    }
    for (const action of [statement.Action ?? statement.NotAction ?? []].flat()) checkAction(action);
  }
  return document;
}

/** Reads the trust policy of a role. Throws AWS's error if it cannot be read. Whether its principals exist is not checked. */
export function readTrustPolicy(text: string): PolicyDocument {
  const document = readDocument(text);
  if (text.replace(/\s/g, '').length > LIMITS.trustPolicy) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${LIMITS.trustPolicy}`);
  }
  for (const { Action: action, NotAction, Resource, NotResource, Principal, NotPrincipal } of document.statements) {
    if (Resource !== undefined || NotResource !== undefined) throw malformedDocument('Has prohibited field Resource.');
    const actions = [action ?? []].flat();
    if (NotAction !== undefined || !actions.every((each) => STS_ACTIONS.test(each) || each === 'sts:*')) {
      throw malformedDocument('AssumeRole policy may only specify STS AssumeRole actions.');
    }
    if (Principal === undefined && NotPrincipal === undefined) {
      throw malformedDocument('Missing required field Principal.');
    }
    if (Principal !== undefined) checkPrincipals(Principal);
  }
  return document;
}

function readDocument(text: string): PolicyDocument {
  const json = parse(text);
  if (!isObject(json)) throw malformedDocument('This policy contains invalid Json');
  if (json.Version !== undefined && json.Version !== '2012-10-17' && json.Version !== '2008-10-17') {
    throw malformedDocument('Syntax errors in policy.');
  }
  const given = json.Statement;
  const statements: unknown[] = Array.isArray(given) ? given : given === undefined ? [] : [given];
  if (statements.length === 0) throw malformedDocument('Syntax errors in policy.');
  for (const statement of statements) {
    const isSound =
      isObject(statement) &&
      (statement.Effect === 'Allow' || statement.Effect === 'Deny') &&
      Object.keys(statement).every((member) => MEMBERS.includes(member)) &&
      (statement.Condition === undefined || isObject(statement.Condition));
    if (!isSound) throw malformedDocument('Syntax errors in policy.');
    if (statement.Action === undefined && statement.NotAction === undefined) {
      throw malformedDocument('Policy statement must contain actions.');
    }
    for (const member of ['Action', 'NotAction', 'Resource', 'NotResource']) {
      const values = [statement[member] ?? []].flat();
      if (!values.every((value) => typeof value === 'string')) throw malformedDocument('Syntax errors in policy.');
    }
  }
  const sids = statements.flatMap((statement) => (statement as PolicyStatement).Sid ?? []);
  if (new Set(sids).size < sids.length)
    throw malformedDocument('Statement IDs (SID) in a single policy must be unique.');
  return { text, statements: statements as PolicyStatement[] };
}

function checkAction(action: string): void {
  if (action === '*' || /^[\w-]+:[\w*?-]+$/.test(action)) return;
  if (!action.includes(':')) {
    throw malformedDocument('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  }
  throw malformedDocument(`Invalid action: ${action}.`);
}

function checkPrincipals(principal: NonNullable<PolicyStatement['Principal']>): void {
  if (principal === '*') return;
  if (!isObject(principal)) throw malformedDocument('Syntax errors in policy.');
  for (const [kind, value] of Object.entries(principal)) {
    const test = PRINCIPALS[kind];
    if (test === undefined) throw malformedDocument('Syntax errors in policy.');
    const names: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const name of names) {
      if (typeof name !== 'string' || !test.test(name))
        throw malformedDocument(`Invalid principal in policy: "${kind.toUpperCase()}":"${String(name)}"`);
    }
  }
}

const PRINCIPALS: Readonly<Record<string, RegExp | undefined>> = {
  AWS: /^(\*|\d{12}|A(ROA|IDA)[A-Z0-9]{13,}|arn:[^:]+:(iam::\d{12}:(root|(user|role)\/.+)|sts::\d{12}:(assumed-role|federated-user)\/.+))$/,
  CanonicalUser: /^.+$/,
  Federated: /^.+$/,
  Service: /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/,
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
