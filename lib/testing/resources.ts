import {
  DisplayNames,
  type DeployedResource,
  DeployedResources,
  RESOURCE_KINDS,
  resourceName,
  type StackReport,
  withoutOwnNames,
} from '../emulator';
import type { KindName } from '../emulator/services/testing';
import { kindOf, type ResourceReference } from '../emulator/testing';

/** A resource that was found: where it is, and what it is called there. */
export interface FoundResource {
  readonly account: string;
  readonly region: string;
  /** Its physical name. */
  readonly name: string;
}

interface Holder {
  readonly node?: { readonly path?: unknown };
  readonly [property: string]: unknown;
}

/** Finds the resources of the deployed stacks, by whatever a test names them by. */
export class Resources {
  private readonly deployed: readonly DeployedResource[];
  private readonly labels: DisplayNames;
  /** By kind and construct. */
  private readonly found = new Map<KindName, WeakMap<object, FoundResource>>();

  constructor(reports: readonly StackReport[]) {
    this.deployed = new DeployedResources(reports).resources;
    this.labels = new DisplayNames(reports);
  }

  /** What the user calls a resource: its construct's path in its stack, else its name. */
  public labelOf(place: string, name: string): string {
    const [account, region] = place.split('/');
    return this.labels.of(account, region, name);
  }

  /** The same, where it is not known in which place the resource is: of several of that name, the first one's. */
  public labelOfAny(name: string): string {
    return this.labels.ofAny(name);
  }

  /**
   * The resource that a reference names; undefined for a string that names none of the stacks' resources.
   * @throws Error where a construct has no such resource, or more than one, or a string is ambiguous
   */
  public find(kind: KindName, reference: ResourceReference): FoundResource | undefined {
    if (typeof reference === 'string') return this.byText(kind, reference);
    let ofKind = this.found.get(kind);
    if (ofKind === undefined) this.found.set(kind, (ofKind = new WeakMap<object, FoundResource>()));
    let found = ofKind.get(reference);
    if (found === undefined) ofKind.set(reference, (found = this.byConstruct(kind, reference)));
    return found;
  }

  /**
   * The places and names, as `account/region/name`, of what a reference names and of all that is beneath it: of a
   * StandardQueue, the queue and its dead-letter queue; of a stack, everything.
   */
  public within(reference: ResourceReference): Set<string> {
    const path = typeof reference === 'string' ? reference.replace(/^\/|\/$/g, '') : (pathOf(reference) ?? '');
    const beneath = this.deployed.filter((entry) => {
      const { path: own = '' } = entry.resource;
      const inStack = own.slice(own.indexOf('/') + 1);
      if (
        [own, ...(typeof reference === 'string' ? [inStack] : [])].some((each) => `${each}/`.startsWith(`${path}/`))
      ) {
        return true;
      }
      return typeof reference === 'string' && this.names(entry).has(path);
    });
    return new Set(beneath.map((entry) => placeAndName(entry, resourceName(entry.resource))));
  }

  /** All resources of a kind as lines of text, for errors: the label, and in brackets what else they are called. */
  public list(kind: KindName): string[] {
    return this.ofKind(kind).map((entry) => `  ${this.describe(entry)}`);
  }

  private byConstruct(kind: KindName, reference: ResourceReference): FoundResource {
    const path = pathOf(reference);
    const { name: kindName, held = [] } = RESOURCE_KINDS[kind];
    if (path === undefined) {
      throw new TypeError(
        `a ${kindName} is named by a construct, a logical id, a construct path or a name, got ${kindOf(reference)}`,
      );
    }
    // A construct that holds the resource may hold one that is elsewhere in the tree.
    for (const property of held) {
      const inner = (reference as unknown as Holder)[property];
      if (inner !== reference && pathOf(inner) !== undefined) {
        return this.byConstruct(kind, inner as ResourceReference);
      }
    }
    const ofKind = this.ofKind(kind);
    const exact = [path, `${path}/Resource`, `${path}/Default`, `${path}/ASG`].flatMap((each) =>
      ofKind.filter(({ resource }) => resource.path === each),
    );
    const candidates =
      exact.length > 0 ? exact : ofKind.filter(({ resource }) => resource.path?.startsWith(`${path}/`));
    return this.only(kind, `the construct ${path}`, candidates) ?? this.nothing(kind, `the construct ${path}`);
  }

  private byText(kind: KindName, text: string): FoundResource | undefined {
    const wanted = text.replace(/^\/|\/$/g, '');
    const matching = this.ofKind(kind).filter((entry) => {
      const names = this.names(entry);
      return names.has(wanted) || names.has(text); // the names of parameters and log groups may begin with a slash
    });
    return this.only(kind, `'${text}'`, matching);
  }

  private names(entry: DeployedResource): Set<string> {
    const { resource } = entry;
    const names = new Set([
      resource.logicalId,
      resourceName(entry.resource),
      resource.physicalId,
      this.labels.labelOf(entry.resource),
    ]);
    if (typeof resource.attributes.Arn === 'string') names.add(resource.attributes.Arn);
    if (resource.path !== undefined) {
      const inStack = resource.path.slice(resource.path.indexOf('/') + 1);
      for (const path of [resource.path, inStack]) {
        names.add(path);
        names.add(path.replace(/\/(Resource|Default|ASG)$/, ''));
        names.add(withoutOwnNames(path));
      }
    }
    return names;
  }

  private only(kind: KindName, what: string, candidates: readonly DeployedResource[]): FoundResource | undefined {
    if (candidates.length > 1) {
      const lines = candidates.map((entry) => `  ${this.describe(entry)}`);
      throw new Error(
        `${what} names ${candidates.length} resources of the kind ${RESOURCE_KINDS[kind].name}; name one of them:\n${lines.join('\n')}`,
      );
    }
    const [entry] = candidates;
    if (entry === undefined) return undefined;
    const { account, region, resource } = entry;
    if (resource.status === 'unsupported') {
      throw new Error(`${this.describe(entry)} is not emulated: ${resource.note ?? 'see cloud.reports'}`);
    }
    return { account, region, name: resourceName(entry.resource) };
  }

  private nothing(kind: KindName, what: string): never {
    throw new Error(`${what} has no ${RESOURCE_KINDS[kind].name} in the deployed stacks. ${this.present(kind)}`);
  }

  /** What there is of a kind, as the end of an error. */
  public present(kind: KindName): string {
    const lines = this.list(kind);
    return lines.length === 0 ? 'There is none at all.' : `There is:\n${lines.join('\n')}`;
  }

  private describe(entry: DeployedResource): string {
    const { stackName, resource } = entry;
    return `${this.labels.labelOf(entry.resource)} (stack ${stackName}, logical id ${resource.logicalId}, name ${resourceName(entry.resource)})`;
  }

  private ofKind(kind: KindName): DeployedResource[] {
    return this.deployed.filter(({ resource }) => RESOURCE_KINDS[kind].types.includes(resource.type));
  }
}

function placeAndName({ account, region }: DeployedResource, name: string): string {
  return `${account}/${region}/${name}`;
}

function pathOf(reference: unknown): string | undefined {
  if (typeof reference !== 'object' || reference === null) return undefined;
  const path = (reference as Holder).node?.path;
  return typeof path === 'string' ? path : undefined;
}
