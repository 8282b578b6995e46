import type { StackReport } from './template';

/**
 * What users know resources by: the paths of the constructs that made them, without their stack's name and the CDK's
 * names for what a construct is made of.
 */
export class ConstructLabels {
  private readonly labels = new Map<string, string>();

  constructor(reports: readonly StackReport[]) {
    for (const report of reports) this.add(report, report.stackName);
  }

  /** The label of a resource, by its place and name; its name where no template made it. */
  public of(account: string, region: string, name: string): string {
    return this.labels.get(`${account}/${region}/${name}`) ?? name;
  }

  /** @param outermost the stack that all paths begin with, those of the stacks that are nested in it too */
  private add({ account, region, resources, nested }: StackReport, outermost: string): void {
    for (const { path, physicalId, attributes } of resources) {
      if (path === undefined) continue;
      const name = typeof attributes.QueueName === 'string' ? attributes.QueueName : physicalId;
      const inStack = path.startsWith(`${outermost}/`) ? path.slice(outermost.length + 1) : path;
      this.labels.set(`${account}/${region}/${name}`, inStack.replace(/(\/Resource|\/Queue)+$/, ''));
    }
    for (const report of nested) this.add(report, outermost);
  }
}
