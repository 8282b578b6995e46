import type { ResourceReport, StackReport } from './provider/report';

/** A deployed resource and its location. */
export interface DeployedResource {
  /** The name of its stack; for a nested stack, the nested stack's own. */
  readonly stackName: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly resource: ResourceReport;
}

/** Finds the resources of deployed stacks, including nested stacks. */
export class DeployedResources {
  /** All resources, in the order in which they were created; those of nested stacks after their parent's. */
  public readonly resources: readonly DeployedResource[];

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

function entries(report: StackReport): DeployedResource[] {
  const { stackName, account, region } = report;
  const own = report.resources.map((resource) => ({ stackName, account, region, resource }));
  return [...own, ...report.nested.flatMap(entries)];
}
