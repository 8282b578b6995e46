import type { ResourceReport, StackReport } from './report';

/** Finds the resources of deployed stacks, those of nested stacks included. */
export class DeployedResources {
  private readonly resources: readonly { stackName: string; resource: ResourceReport }[];

  constructor(reports: readonly StackReport[]) {
    this.resources = reports.flatMap(entries);
  }

  /**
   * The resource with this logical id.
   *
   * @param stackName needed where several stacks have such a resource
   */
  public byLogicalId(logicalId: string, stackName?: string): ResourceReport | undefined {
    return this.resources.find(
      (entry) => entry.resource.logicalId === logicalId && (stackName === undefined || entry.stackName === stackName),
    )?.resource;
  }

  /** The resource of the construct with this path: `Videos/Jobs`, or in full `Videos/Jobs/Resource`. */
  public byPath(path: string): ResourceReport | undefined {
    const wanted = path.replace(/^\/|\/$/g, '');
    const paths = [wanted, `${wanted}/Resource`, `${wanted}/Default`];
    const found = paths.flatMap((each) => this.resources.find(({ resource }) => resource.path === each) ?? []);
    return found[0]?.resource;
  }

  /** All resources of a type, in the order in which they were created. */
  public byType(type: string): ResourceReport[] {
    return this.resources.filter(({ resource }) => resource.type === type).map(({ resource }) => resource);
  }
}

function entries(report: StackReport): { stackName: string; resource: ResourceReport }[] {
  const own = report.resources.map((resource) => ({ stackName: report.stackName, resource }));
  return [...own, ...report.nested.flatMap(entries)];
}
