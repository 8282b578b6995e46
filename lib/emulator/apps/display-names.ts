import { DeployedResources, type ResourceReport, type StackReport } from '../cloudformation';
import { providerOf } from '../services';

/** The CDK's names for the parts of a construct, then ours for a construct's queue or group. */
const OWN_NAMES = [
  ['Resource', 'Default', 'ASG'],
  ['Queue', 'Group'],
];
/** The alarm names of target-tracking policies. */
const TRACKING_ALARM = /^TargetTracking-(.+)-Alarm(High|Low)-[0-9a-f-]{36}$/s;

/**
 * Names that users recognize: construct paths without the CDK's names for a construct's parts, and without the stack
 * unless several apps or stacks are deployed.
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

  /** A resource's label, by its place and name; its name if it is in no template. */
  public of(account: string, region: string, name: string): string {
    return this.labelled((each) => this.byPlace.get(`${account}/${region}/${each}`), name);
  }

  /** The label of a resource whose place is unknown; if several have the name, that of the first. */
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

/** A resource's physical name: for a queue, its name, not its URL. */
export function resourceName({ type, attributes, physicalId }: ResourceReport): string {
  const name = attributes[providerOf(type)?.nameAttribute ?? ''];
  return typeof name === 'string' ? name : physicalId;
}

/** A construct's path without trailing {@link OWN_NAMES}. */
export function withoutOwnNames(path: string): string {
  let rest = path;
  for (const names of OWN_NAMES) {
    const slash = rest.lastIndexOf('/');
    // A stack's only construct may itself be called Queue.
    const least = names.includes('Queue') ? rest.indexOf('/') : 0;
    if (slash > least && names.includes(rest.slice(slash + 1))) rest = rest.slice(0, slash);
  }
  return rest;
}
