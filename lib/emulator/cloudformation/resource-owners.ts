/** A resource of a stack. */
export interface Owner {
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** Distinguishes a resource from its replacement. */
  readonly generation: number;
}

/**
 * Which resource of which stack each physical resource belongs to, in all accounts and Regions. CloudFormation refuses
 * to create what another resource owns, and never deletes it.
 */
export class ResourceOwners {
  private readonly owners = new Map<string, Owner>();

  public of(identity: string): Owner | undefined {
    return this.owners.get(identity);
  }

  /** Sets the owner of a resource. */
  public set(identity: string, owner: Owner): void {
    this.owners.set(identity, owner);
  }

  /** Ends the ownership of `owner`; does nothing if the resource belongs to another. */
  public release(identity: string, owner: Owner): void {
    if (this.owns(identity, owner)) this.owners.delete(identity);
  }

  public owns(identity: string, { stackId, logicalId, generation }: Owner): boolean {
    const owner = this.owners.get(identity);
    return owner?.stackId === stackId && owner.logicalId === logicalId && owner.generation === generation;
  }

  public clear(): void {
    this.owners.clear();
  }
}
