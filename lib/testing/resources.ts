import {
  DisplayNames,
  type DeployedResource,
  DeployedResources,
  resourceName,
  type StackReport,
  withoutOwnNames,
} from '../emulator';
import { kindOf } from './kind-of';
import { KINDS, type ResourceKind, type ResourceReference } from './resource-reference';

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
  private readonly found: Readonly<Record<ResourceKind, WeakMap<object, FoundResource>>> = {
    queue: new WeakMap(),
    group: new WeakMap(),
    alarm: new WeakMap(),
    function: new WeakMap(),
    key: new WeakMap(),
  };

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
  public find(kind: ResourceKind, reference: ResourceReference): FoundResource | undefined {
    if (typeof reference === 'string') return this.byText(kind, reference);
    const known = this.found[kind].get(reference);
    if (known !== undefined) return known;
    const found = this.byConstruct(kind, reference);
    this.found[kind].set(reference, found);
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
  public list(kind: ResourceKind): string[] {
    return this.ofKind(kind).map((entry) => `  ${this.describe(entry)}`);
  }

  private byConstruct(kind: ResourceKind, reference: ResourceReference): FoundResource {
    const path = pathOf(reference);
    const { name: kindName, held } = KINDS[kind];
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

  private byText(kind: ResourceKind, text: string): FoundResource | undefined {
    const wanted = text.replace(/^\/|\/$/g, '');
    const matching = this.ofKind(kind).filter((entry) => this.names(entry).has(wanted));
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

  private only(kind: ResourceKind, what: string, candidates: readonly DeployedResource[]): FoundResource | undefined {
    if (candidates.length > 1) {
      const lines = candidates.map((entry) => `  ${this.describe(entry)}`);
      throw new Error(
        `${what} names ${candidates.length} resources of the kind ${KINDS[kind].name}; name one of them:\n${lines.join('\n')}`,
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

  private nothing(kind: ResourceKind, what: string): never {
    throw new Error(`${what} has no ${KINDS[kind].name} in the deployed stacks. ${this.present(kind)}`);
  }

  /** What there is of a kind, as the end of an error. */
  public present(kind: ResourceKind): string {
    const lines = this.list(kind);
    return lines.length === 0 ? 'There is none at all.' : `There is:\n${lines.join('\n')}`;
  }

  private describe(entry: DeployedResource): string {
    const { stackName, resource } = entry;
    return `${this.labels.labelOf(entry.resource)} (stack ${stackName}, logical id ${resource.logicalId}, name ${resourceName(entry.resource)})`;
  }

  private ofKind(kind: ResourceKind): DeployedResource[] {
    return this.deployed.filter(({ resource }) => KINDS[kind].types.includes(resource.type));
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
