import { LocalResource, resourceKind, type ServiceTesting } from '../../testing';
import type { Iam } from './iam';

/** An IAM role of a local cloud. */
export class LocalRole extends LocalResource<Iam, undefined> {
  public get arn(): string {
    return this.role.arn;
  }

  /** Its trust policy. */
  public get trustPolicy(): unknown {
    return JSON.parse(this.role.trust.text) as unknown;
  }

  /** The ARNs of the managed policies that are attached to it, in the order in which they were. */
  public get attachedPolicies(): readonly string[] {
    return [...this.role.attached];
  }

  /** Its inline policies, by name. */
  public get inlinePolicies(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.role.inline].map(([name, { text }]) => [name, JSON.parse(text) as unknown]));
  }

  /**
   * Whether its trust policy lets a service of its account assume it: `lambda.amazonaws.com`.
   *
   * @param sourceArn on whose behalf the service assumes it, for a condition on `aws:SourceArn`
   */
  public trusts(servicePrincipal: string, sourceArn?: string): boolean {
    const { caller } = this.context;
    const service = { ...caller, principal: servicePrincipal, sourceArn, sourceAccount: this.place.account };
    return this.service.roleWith(this.role.arn)?.trustVerdict(service) === 'Allow';
  }

  private get role() {
    return this.service.account.roles.find(this.name);
  }
}

const kinds = {
  /**
   * Returns an IAM role.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  role: resourceKind({
    name: 'role',
    types: ['AWS::IAM::Role'],
    held: ['role'],
    importedBy: 'roleArn',
    exists: (service: Iam, name) => service.account.roles.has(name),
    handle: LocalRole,
  }),
};

/** What tests get of IAM. */
export const testing: ServiceTesting<typeof kinds> = { kinds, matchers: {} };
