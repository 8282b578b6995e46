/** The logical ids of constructs, by construct path. */
export interface ConstructPath {
  /** Without a leading slash: `Videos/Queue/Resource`. */
  readonly path: string;
  readonly logicalId: string;
}

/**
 * The construct paths of one stack. The CDK's manifest lists those of nested stacks along with their parent's, and
 * logical ids are unique within a stack only, so each stack takes those beneath its own scope.
 */
export class ConstructPaths {
  private readonly nestedScopes: string[];

  constructor(private readonly entries: readonly ConstructPath[]) {
    this.nestedScopes = entries.flatMap(({ path }) => nestedScope(path) ?? []);
  }

  /** The path of a resource of this stack. */
  public of(logicalId: string): string | undefined {
    return this.entries.find(
      (entry) =>
        entry.logicalId === logicalId && !this.nestedScopes.some((scope) => entry.path.startsWith(`${scope}/`)),
    )?.path;
  }

  /** The paths within the nested stack whose `AWS::CloudFormation::Stack` resource has this path. */
  public within(nestedStackPath: string): ConstructPaths {
    const scope = nestedScope(nestedStackPath);
    const inside = this.entries.filter(({ path }) => scope !== undefined && path.startsWith(`${scope}/`));
    return new ConstructPaths(inside);
  }
}

/** The nested stack `Scope/Id` has its resource at `Scope/Id.NestedStack/Id.NestedStackResource`. */
function nestedScope(path: string): string | undefined {
  const [last = '', holder = '', ...scope] = path.split('/').reverse();
  if (!last.endsWith('.NestedStackResource')) return undefined;
  const id = last.slice(0, -'.NestedStackResource'.length);
  return id !== '' && holder === `${id}.NestedStack` ? [...scope.reverse(), id].join('/') : undefined;
}
