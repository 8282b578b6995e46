import type { PutPermissionRequest } from '@aws-sdk/client-eventbridge';
import type { RequestContext } from '../../../core';
import { accessOf, MalformedPolicy, readPolicy, refusalOf, type ResourcePolicy } from '../../../core/policy';
import { accessDenied, resourceNotFound, validation } from '../errors';
import { LIMITS } from '../limits';
import { checkLength, checkPattern } from '../validation';
import { AwsError } from '../../../core';

interface Statement {
  readonly Sid?: string;
  readonly [element: string]: unknown;
}

/** An event bus's resource policy: who of other accounts may put events to it. */
export class BusPolicy {
  private statements: readonly Statement[] = [];
  private version = '2012-10-17';
  private compiled?: ResourcePolicy;

  constructor(private readonly busArn: string) {}

  /** The policy as JSON; undefined if the bus has none. */
  public get text(): string | undefined {
    if (this.statements.length === 0) return undefined;
    return JSON.stringify({ Version: this.version, Statement: this.statements });
  }

  /** Adds or replaces a statement, or replaces the whole policy. */
  public put(input: Omit<PutPermissionRequest, 'EventBusName'>): void {
    if (input.Policy !== undefined) {
      this.replace(this.parsed(input.Policy));
      return;
    }
    const statement = this.statementOf(input);
    this.replace({
      Version: this.version,
      Statement: [...this.statements.filter(({ Sid }) => Sid !== statement.Sid), statement],
    });
  }

  /** Sets one statement as it is, as the resource type AWS::Events::EventBusPolicy does. */
  public putStatement(sid: string, statement: object): void {
    const others = this.statements.filter(({ Sid }) => Sid !== sid);
    this.replace({ Version: this.version, Statement: [...others, { ...statement, Sid: sid }] });
  }

  /** @throws AwsError ResourceNotFoundException */
  public remove(sid: string): void {
    if (this.statements.length === 0) throw resourceNotFound('EventBus does not have a policy.');
    const rest = this.statements.filter(({ Sid }) => Sid !== sid);
    if (rest.length === this.statements.length) {
      throw resourceNotFound('Statement with the provided id does not exist.');
    }
    this.statements = rest;
    this.compiled = undefined;
  }

  public removeAll(): void {
    this.statements = [];
    this.compiled = undefined;
  }

  /**
   * Checks a caller's right to put events. Callers of the bus's own account need no statement, others do.
   * @throws AwsError AccessDeniedException
   */
  public check(context: RequestContext, account: string, at: number): void {
    const { principal, identity } = context;
    const own = context.account === account && identity === undefined;
    if (own && this.statements.length === 0) return;
    const policy = (this.compiled ??= readPolicy(this.text ?? '{"Statement":[]}'));
    if (own && !policy.denies) return;
    const action = 'events:PutEvents';
    const request = accessOf(context, action, this.busArn, at);
    const verdict = policy.verdict(request);
    if (identity !== undefined) {
      const refusal = refusalOf({ identity, request, verdict, owner: account });
      if (refusal !== undefined) throw accessDenied(principal, action, this.busArn, refusal);
      return;
    }
    const denial = { policyOf: this.busArn, actions: [action], explicit: verdict === 'Deny' };
    if (verdict === 'Deny') {
      const reason = 'with an explicit deny in a resource-based policy';
      throw accessDenied(principal, action, this.busArn, { reason, denial });
    }
    if (!own && verdict !== 'Allow') {
      const reason = `because no resource-based policy allows the ${action} action`;
      throw accessDenied(principal, action, this.busArn, { reason, denial });
    }
  }

  private parsed(text: string): { Version?: string; Statement: unknown } {
    try {
      const policy: unknown = JSON.parse(text);
      if (typeof policy === 'object' && policy !== null && 'Statement' in policy) return policy;
    } catch {
      // Refused below, like any other text that is not a policy.
    }
    throw validation('Parameter Policy is not valid.');
  }

  private replace({ Version = this.version, Statement }: { Version?: string; Statement: unknown }): void {
    const statements = (Array.isArray(Statement) ? Statement : [Statement]) as Statement[];
    const text = JSON.stringify({ Version, Statement: statements });
    if (text.length > LIMITS.policyLength) {
      throw new AwsError('PolicyLengthExceededException', 'The event bus policy is too long.');
    }
    try {
      this.compiled = statements.length === 0 ? undefined : readPolicy(text);
    } catch (error) {
      if (!(error instanceof MalformedPolicy)) throw error;
      throw validation(`Parameter Policy is not valid. Reason: ${error.message}.`);
    }
    this.version = Version;
    this.statements = statements;
  }

  private statementOf({ Action, Principal, StatementId, Condition }: PutPermissionRequest): Statement {
    if (Action === undefined || Principal === undefined || StatementId === undefined) {
      throw validation('Parameters Action, Principal and StatementId, or Policy, must be specified.');
    }
    checkPattern('action', Action, 'events:[a-zA-Z]+');
    checkPattern('principal', Principal, String.raw`\d{12}|\*`);
    checkLength('statementId', StatementId, 1, 64);
    checkPattern('statementId', StatementId, '[a-zA-Z0-9-_]+');
    return {
      Sid: StatementId,
      Effect: 'Allow',
      Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
      Action,
      Resource: this.busArn,
      ...(Condition?.Type !== undefined && {
        Condition: { [Condition.Type]: { [String(Condition.Key)]: Condition.Value } },
      }),
    };
  }
}
