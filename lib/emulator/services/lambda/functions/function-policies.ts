import type {
  AddPermissionRequest,
  AddPermissionResponse,
  GetPolicyRequest,
  GetPolicyResponse,
  RemovePermissionRequest,
} from '@aws-sdk/client-lambda';
import { AwsError, parseArn, type RequestContext } from '../../../core';
import {
  accessOf,
  MalformedPolicy,
  readPolicy,
  refusalOf,
  type ResourcePolicy,
  type SessionRefusal,
} from '../../../core/policy';
import type { Clock, Random } from '../../../clock';
import { checkRevision, constraintViolation, invalidParameter, resourceConflict, resourceNotFound } from '../errors';
import type { FunctionRegistry, NamedFunction, RegisteredFunction } from './function-registry';

const LARGEST = 20_480;
const ACTION = /^(?:lambda:(?:\*|[a-zA-Z]+)|\*)$/;
const STATEMENT_ID = /^[a-zA-Z0-9-_]{1,100}$/;
const INVOKE = 'lambda:InvokeFunction';

interface Statement {
  readonly Sid: string;
  readonly [element: string]: unknown;
}

/** The resource policy of a function, or of one of its versions or aliases. */
interface FunctionPolicy {
  statements: readonly Statement[];
  revisionId: string;
  compiled?: ResourcePolicy;
}

/**
 * The resource policies of functions. An invocation by a qualified ARN is decided by the policy of that version or
 * alias, any other by the policy of the function.
 */
export class FunctionPolicies {
  private readonly policies = new WeakMap<RegisteredFunction, Map<string, FunctionPolicy>>();
  private readonly revisions: Random;

  constructor(
    private readonly registry: FunctionRegistry,
    private readonly clock: Clock,
    random: Random,
  ) {
    this.revisions = random.fork('lambda.policy-revisions');
  }

  public add(input: AddPermissionRequest, context: RequestContext): AddPermissionResponse {
    const named = this.registry.find(input.FunctionName, context, input.Qualifier);
    const { StatementId: sid = '', Action: action = '' } = input;
    if (!STATEMENT_ID.test(sid)) {
      throw constraintViolation('statementId', sid, 'Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)');
    }
    if (!ACTION.test(action)) {
      const pattern = '(lambda:[*]|lambda:[a-zA-Z]+|[*])';
      throw constraintViolation('action', action, `Member must satisfy regular expression pattern: ${pattern}`);
    }
    const policy = this.policyOf(named);
    checkRevision(input.RevisionId, policy?.revisionId ?? '');
    if (policy?.statements.some(({ Sid }) => Sid === sid) === true) {
      throw resourceConflict(
        `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    }
    const statement = statementOf(sid, named.arn, input);
    this.store(named, [...(policy?.statements ?? []), statement]);
    return { Statement: JSON.stringify(statement) };
  }

  public remove(input: RemovePermissionRequest, context: RequestContext): void {
    const named = this.registry.find(input.FunctionName, context, input.Qualifier);
    const policy = this.policyOf(named);
    if (policy === undefined) throw resourceNotFound('No policy is associated with the given resource.');
    checkRevision(input.RevisionId, policy.revisionId);
    const kept = policy.statements.filter(({ Sid }) => Sid !== input.StatementId);
    if (kept.length === policy.statements.length) {
      throw resourceNotFound(`Statement ${input.StatementId} is not found in resource policy.`);
    }
    this.store(named, kept);
  }

  public get(input: GetPolicyRequest, context: RequestContext): GetPolicyResponse {
    const policy = this.policyOf(this.registry.find(input.FunctionName, context, input.Qualifier));
    if (policy === undefined) throw resourceNotFound('The resource you requested does not exist.');
    return { Policy: textOf(policy.statements), RevisionId: policy.revisionId };
  }

  /**
   * Checks that a caller may invoke a function by this name. Callers in the function's account may do what the policy
   * does not deny; all others, AWS services included, only what it allows.
   * @throws AwsError AccessDeniedException
   */
  public checkInvocation(named: NamedFunction, context: RequestContext): void {
    const { principal, identity } = context;
    const request = accessOf(context, INVOKE, named.arn, this.clock.now());
    const verdict = this.policyOf(named)?.compiled?.verdict(request);
    const owner = parseArn(named.arn)?.account ?? '';
    if (identity !== undefined) {
      const refusal = refusalOf({ identity, request, verdict, owner });
      if (refusal !== undefined) throw accessDenied(principal, named.arn, refusal);
      return;
    }
    const own = parseArn(principal)?.account === owner;
    if (verdict === 'Allow' || (own && verdict === undefined)) return;
    const explicit = verdict === 'Deny';
    const reason = explicit
      ? 'with an explicit deny in a resource-based policy'
      : `because no resource-based policy allows the ${INVOKE} action`;
    throw accessDenied(principal, named.arn, { reason, denial: { policyOf: named.arn, actions: [INVOKE], explicit } });
  }

  private policyOf({ fn, qualifier = '' }: NamedFunction): FunctionPolicy | undefined {
    return this.policies.get(fn)?.get(qualifier);
  }

  private store({ fn, qualifier = '' }: NamedFunction, statements: readonly Statement[]): void {
    let policies = this.policies.get(fn);
    if (policies === undefined) this.policies.set(fn, (policies = new Map<string, FunctionPolicy>()));
    if (statements.length === 0) return void policies.delete(qualifier);
    const text = textOf(statements);
    if (Buffer.byteLength(text) > LARGEST) {
      const message = `The final policy size (${Buffer.byteLength(text)}) is bigger than the limit (${LARGEST}).`;
      throw new AwsError('PolicyLengthExceededException', message);
    }
    policies.set(qualifier, { statements, revisionId: this.revisions.uuid(), compiled: compile(text) });
  }
}

function accessDenied(principal: string, arn: string, { reason, denial }: SessionRefusal): AwsError {
  const text = `User: ${principal} is not authorized to perform: ${INVOKE} on resource: ${arn} ${reason}`;
  return new AwsError('AccessDeniedException', text, { status: 403, denial });
}

function statementOf(Sid: string, arn: string, input: AddPermissionRequest): Statement {
  const { SourceArn, SourceAccount, PrincipalOrgID, EventSourceToken, FunctionUrlAuthType } = input;
  const equal = {
    ...(SourceAccount !== undefined && { 'AWS:SourceAccount': SourceAccount }),
    ...(PrincipalOrgID !== undefined && { 'aws:PrincipalOrgID': PrincipalOrgID }),
    ...(EventSourceToken !== undefined && { 'lambda:EventSourceToken': EventSourceToken }),
    ...(FunctionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
  };
  const conditions = {
    ...(Object.keys(equal).length > 0 && { StringEquals: equal }),
    ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
  };
  return {
    Sid,
    Effect: 'Allow',
    Principal: principalOf(input.Principal ?? ''),
    Action: input.Action,
    Resource: arn,
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
}

function principalOf(principal: string): unknown {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal };
}

function textOf(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
}

function compile(text: string): ResourcePolicy {
  try {
    return readPolicy(text);
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw invalidParameter('The provided principal was invalid. Please check the principal and try again.');
  }
}
