import type { RequestContext } from '../../../core';
import {
  accessOf,
  type AccessRequest,
  type IdentityPolicies,
  MalformedPolicy,
  type Policy,
  readIdentityPolicy,
  readPolicy,
  type Verdict,
} from '../../../core/policy';
import type { IamAccount } from './account';
import { awsManagedDocument } from './aws-managed-policies';
import type { PolicyDocument } from './documents';
import type { Role } from './entities';

type Read = (text: string) => Policy;
type Ask = (policy: Policy) => Verdict;

/** Compiled documents. What the policy engine cannot read says nothing. */
const compiled = new WeakMap<PolicyDocument, Policy>();
const SILENT: Policy = { verdict: () => undefined, verdictOnAny: () => undefined };
const PERMISSIVE: Policy = { verdict: () => 'Allow', verdictOnAny: () => 'Allow' };

/** What a role's policies say, as they are when they are asked: who may assume it, and what it may do. */
export class RolePermissions implements IdentityPolicies {
  public readonly roleArn: string;

  constructor(
    private readonly account: IamAccount,
    private readonly role: Role,
  ) {
    this.roleArn = role.arn;
  }

  /** What the trust policy says of a caller that wants to assume the role. */
  public trustVerdict(context: RequestContext): Verdict {
    const request = accessOf(context, 'sts:AssumeRole', this.roleArn, this.account.clock.now());
    return compile(this.role.trust, readPolicy).verdict(request);
  }

  public verdict(request: AccessRequest): Verdict {
    return this.ask((policy) => policy.verdict(request));
  }

  public verdictOnAny(request: AccessRequest): Verdict {
    return this.ask((policy) => policy.verdictOnAny(request));
  }

  /** The permissions boundary can only take away. */
  private ask(ask: Ask): Verdict {
    const { inline, attached, boundary } = this.role;
    const policies = [
      ...[...inline.values()].map((document) => compile(document, readIdentityPolicy)),
      ...[...attached].map((arn) => this.managed(arn)),
    ];
    const verdicts = policies.map(ask);
    const limit = boundary === undefined ? 'Allow' : ask(this.managed(boundary));
    if (verdicts.includes('Deny') || limit === 'Deny') return 'Deny';
    return limit === 'Allow' && verdicts.includes('Allow') ? 'Allow' : undefined;
  }

  /** AWS has more than a thousand managed policies: those that are not known here allow everything. */
  private managed(arn: string): Policy {
    const policy = this.account.policies.get(arn);
    const document = policy?.versions.get(policy.defaultVersion)?.document ?? awsManagedDocument(arn);
    return document === undefined ? PERMISSIVE : compile(document, readIdentityPolicy);
  }
}

function compile(document: PolicyDocument, read: Read): Policy {
  let policy = compiled.get(document);
  if (policy === undefined) compiled.set(document, (policy = compileText(document.text, read)));
  return policy;
}

function compileText(text: string, read: Read): Policy {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    return SILENT;
  }
}
