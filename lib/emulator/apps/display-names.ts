import { DeployedResources, type ResourceReport, type StackReport } from '../cloudformation';

/** The CDK's names for what a construct is made of, then ours for the queue or group that one holds. */
const OWN_NAMES = [
  ['Resource', 'Default', 'ASG'],
  ['Queue', 'Group'],
];
/** What Auto Scaling calls the alarms of target-tracking policies. */
const TRACKING_ALARM = /^TargetTracking-(.+)-Alarm(High|Low)-[0-9a-f-]{36}$/s;

/**
 * What users know resources by: the paths of their constructs, without the CDK's names for what a construct is made of,
 * and without the stack, unless several apps or stacks are deployed.
 */
export class DisplayNames {
  private readonly byPlace = new Map<string, string>();
  private readonly byName = new Map<string, string>();
  private readonly severalScopes: boolean;

  constructor(reports: readonly StackReport[]) {
    const { resources } = new DeployedResources(reports);
    this.severalScopes = new Set(resources.map(({ resource: { path = '' } }) => path.split('/', 1)[0])).size > 1;
    for (const { account, region, resource } of resources) {
      const name = resourceName(resource);
      const label = this.labelOf(resource);
      this.byPlace.set(`${account}/${region}/${name}`, label);
      if (!this.byName.has(name)) this.byName.set(name, label);
    }
  }

  /** The label of a resource, by its place and name; its name if no template made it. */
  public of(account: string, region: string, name: string): string {
    return this.labelled((each) => this.byPlace.get(`${account}/${region}/${each}`), name);
  }

  /** The label of a resource whose place is not known: of several with that name, the first one's. */
  public ofAny(name: string): string {
    return this.labelled((each) => this.byName.get(each), name);
  }

  /** The label of a deployed resource. */
  public labelOf(resource: ResourceReport): string {
    if (resource.path === undefined) return resourceName(resource);
    const label = withoutOwnNames(resource.path);
    return this.severalScopes ? label : label.slice(label.indexOf('/') + 1);
  }

  private labelled(find: (name: string) => string | undefined, name: string): string {
    const known = find(name);
    if (known !== undefined) return known;
    const [, group, kind] = TRACKING_ALARM.exec(name) ?? [];
    return group === undefined ? name : `${find(group) ?? group}/Alarm${kind}`;
  }
}

/** The physical name of a resource: for a queue, not its URL. */
export function resourceName({ attributes, physicalId }: ResourceReport): string {
  return typeof attributes.QueueName === 'string' ? attributes.QueueName : physicalId;
}

/** A construct's path without {@link OWN_NAMES} at its end. */
export function withoutOwnNames(path: string): string {
  let rest = path;
  for (const names of OWN_NAMES) {
    const slash = rest.lastIndexOf('/');
    // A stack's only construct may be called Queue.
    const least = names.includes('Queue') ? rest.indexOf('/') : 0;
    if (slash > least && names.includes(rest.slice(slash + 1))) rest = rest.slice(0, slash);
  }
  return rest;
}
