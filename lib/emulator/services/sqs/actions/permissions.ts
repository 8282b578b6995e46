import type { AddPermissionRequest } from '@aws-sdk/client-sqs';
import { invalidValue, missingParameter, overLimit } from '../errors';
import type { SqsLimits } from '../limits';

/** A policy statement, written by AddPermission or by a user. */
interface Statement {
  readonly Sid?: string;
  readonly [element: string]: unknown;
}

type Policy = Readonly<Record<string, unknown>>;

const LABEL = /^[A-Za-z0-9_-]{1,80}$/;
const ACCOUNT = /^\d{12}$/;

/** The actions that AddPermission accepts: those that can be granted to other accounts. */
const PERMITTED = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);

/** Returns the policy `current` (JSON; undefined if there is none) with a statement for the request's label. */
export function withPermission(
  current: string | undefined,
  queueArn: string,
  { Label, AWSAccountIds, Actions }: Pick<AddPermissionRequest, 'Label' | 'AWSAccountIds' | 'Actions'>,
  limits: SqsLimits,
): string {
  const label = checkLabel(Label);
  const accounts = listed(AWSAccountIds, 'AWSAccountIds');
  const actions = listed(Actions, 'Actions');
  for (const account of accounts) {
    if (!ACCOUNT.test(account)) throw invalidValue('PrincipalId', account, 'Unable to verify.');
  }
  for (const action of actions) {
    if (!PERMITTED.has(action))
      throw invalidValue('ActionName', action, `Only the queue owner is allowed to invoke this action.`);
  }
  if (actions.length > limits.policyActions) {
    throw overLimit(`${actions.length} Actions were found, maximum allowed is ${limits.policyActions}.`);
  }
  const policy: Policy =
    current === undefined
      ? { Version: '2008-10-17', Id: `${queueArn}/SQSDefaultPolicy` }
      : (JSON.parse(current) as Policy);
  const statements = statementsOf(policy);
  if (statements.some(({ Sid }) => Sid === label)) throw invalidValue('Label', label, 'Already exists.');
  if (statements.length >= limits.policyStatements) {
    throw overLimit(`The policy has ${statements.length} statements, maximum allowed is ${limits.policyStatements}.`);
  }
  const statement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrAll(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrAll(actions.map((action) => `SQS:${action}`)),
    Resource: queueArn,
  };
  return JSON.stringify({ ...policy, Statement: [...statements, statement] });
}

/** Returns the policy without the label's statement; undefined if that was the last one. */
export function withoutPermission(current: string | undefined, label: string | undefined): string | undefined {
  const name = checkLabel(label);
  const policy = current === undefined ? {} : (JSON.parse(current) as Policy);
  const statements = statementsOf(policy);
  const left = statements.filter(({ Sid }) => Sid !== name);
  if (left.length === statements.length) throw invalidValue('Label', name, "can't find label.");
  return left.length === 0 ? undefined : JSON.stringify({ ...policy, Statement: left });
}

/** Throws if a policy exceeds one of SQS's limits. */
export function checkPolicySize(policy: Policy, limits: SqsLimits): void {
  const statements = statementsOf(policy);
  const sum = (count: (statement: Statement) => number) =>
    statements.reduce((total, statement) => total + count(statement), 0);
  const most = Math.max(0, ...statements.map(({ Action, NotAction }) => sizeOf(Action ?? NotAction)));
  refuseAbove(limits.policyStatements, statements.length, 'statements');
  refuseAbove(limits.policyPrincipals, sum(principals), 'principals');
  refuseAbove(limits.policyConditions, sum(conditions), 'conditions');
  refuseAbove(limits.policyActions, most, 'actions in a statement');
}

function refuseAbove(most: number, count: number, what: string): void {
  if (count > most) throw overLimit(`The policy has ${count} ${what}, maximum allowed is ${most}.`);
}

function principals({ Principal, NotPrincipal }: Statement): number {
  const principal = Principal ?? NotPrincipal;
  if (typeof principal !== 'object' || principal === null) return sizeOf(principal);
  return Object.values(principal).reduce((total: number, value) => total + sizeOf(value), 0);
}

function conditions({ Condition }: Statement): number {
  if (typeof Condition !== 'object' || Condition === null) return 0;
  return Object.values(Condition).reduce(
    (total: number, keys: unknown) =>
      total + (typeof keys === 'object' && keys !== null ? Object.keys(keys).length : 1),
    0,
  );
}

function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return value === undefined ? 0 : 1;
}

function statementsOf({ Statement = [] }: Policy): readonly Statement[] {
  const statements: unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  return statements.filter((statement): statement is Statement => typeof statement === 'object' && statement !== null);
}

function checkLabel(label: string | undefined): string {
  if (label === undefined || label === '') throw missingParameter('Label');
  if (LABEL.test(label)) return label;
  throw invalidValue(
    'Label',
    label,
    'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
  );
}

function listed(values: readonly string[] | undefined, parameter: string): readonly string[] {
  if (values === undefined || values.length === 0) throw missingParameter(parameter);
  return values;
}

function oneOrAll<T>(values: readonly T[]): T | readonly T[] {
  return values.length === 1 ? values[0] : values;
}
