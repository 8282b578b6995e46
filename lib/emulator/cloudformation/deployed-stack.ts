import type { Json, JsonObject } from './provider/json';
import type { Provider } from './provider/contract';
import type { PropertyReport, ResourceReport } from './provider/report';
import type { Owner } from './resource-owners';
import type { RemovalPolicy } from './template';

/**
 * A resource of a deployed stack: the state that an update is compared with, and what is needed to change or delete it.
 */
export interface StackResource {
  readonly report: ResourceReport;
  /** Its properties, with all expressions evaluated. */
  readonly properties: JsonObject;
  readonly provider: Provider | undefined;
  /** The provider's notes on single properties. */
  readonly review?: readonly PropertyReport[];
  /** Distinguishes the names of a resource and of its replacements. */
  readonly generation: number;
  readonly deletionPolicy: RemovalPolicy;
  /** The physical resource that it owns, and as which owner; undefined for what has no owner. */
  readonly ownership?: { readonly identity: string; readonly owner: Owner };
  /** The nested stack, if the resource is one. */
  readonly nested?: DeployedStack;
}

/** A stack as of its last deployment. */
export interface DeployedStack {
  readonly stackName: string;
  readonly stackId: string;
  /** By logical id, in dependency order. */
  readonly resources: ReadonlyMap<string, StackResource>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly exports: ReadonlyMap<string, string>;
  /** The exports that it imports. */
  readonly imports: ReadonlySet<string>;
}

/** The stacks of an account and Region, including nested ones. */
export class DeployedStacks {
  private readonly byName = new Map<string, DeployedStack>();
  private readonly generations = new Map<string, number>();

  public find(stackName: string): DeployedStack | undefined {
    return this.byName.get(stackName);
  }

  public put(stack: DeployedStack): void {
    this.byName.set(stack.stackName, stack);
  }

  public remove(stackName: string): void {
    this.byName.delete(stackName);
  }

  /** The value of an export, and the stack that exports it. */
  public exported(name: string): { readonly value: string; readonly stackName: string } | undefined {
    for (const { stackName, exports } of this.byName.values()) {
      const value = exports.get(name);
      if (value !== undefined) return { value, stackName };
    }
    return undefined;
  }

  /** The names of the stacks that import an export. */
  public importing(exportName: string): string[] {
    return [...this.byName.values()].filter(({ imports }) => imports.has(exportName)).map(({ stackName }) => stackName);
  }

  /** The ARNs of the functions that custom resources name as their providers. */
  public get serviceTokens(): ReadonlySet<string> {
    const tokens = [...this.byName.values()].flatMap(({ resources }) =>
      [...resources.values()].flatMap(({ properties: { ServiceToken: token } }) =>
        typeof token === 'string' ? [token] : [],
      ),
    );
    return new Set(tokens);
  }

  /** 0 for the first resource of this logical id, 1 for the next one, so that no two get the same name. */
  public nextGeneration(stackName: string, logicalId: string): number {
    const key = `${stackName}/${logicalId}`;
    const generation = this.generations.get(key) ?? 0;
    this.generations.set(key, generation + 1);
    return generation;
  }
}

/** The names of the properties that differ between two versions. */
export function changedProperties(before: JsonObject, after: JsonObject): Set<string> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return new Set([...names].filter((name) => !same(before[name], after[name])));
}

/** Whether two values are equal, regardless of the order of object members. */
function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [one as JsonObject, other as JsonObject];
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => same(left[name], right[name]));
}
