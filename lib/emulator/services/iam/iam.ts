/** The IAM identities of an account that other services need. */
export class Iam {
  private readonly roles = new Map<string, string>();

  /** Creates or replaces an instance profile. */
  public addInstanceProfile(name: string, roleName: string): void {
    this.roles.set(name, roleName);
  }

  /** The name of an instance profile's role; undefined if there is no such profile. */
  public roleOf(instanceProfile: string): string | undefined {
    return this.roles.get(instanceProfile);
  }
}
