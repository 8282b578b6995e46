import type { Json, JsonObject } from './provider/json';
import type { Provider } from './provider/contract';
import type { PropertyReport, ResourceReport } from './provider/report';
import type { Owner } from './resource-owners';
import type { RemovalPolicy } from './template';

/** A resource of a deployed stack: what its next version is compared with, and what is needed to change or delete it. */
export interface StackResource {
  readonly report: ResourceReport;
  /** Its expressions evaluated. */
  readonly properties: JsonObject;
  readonly provider: Provider | undefined;
  /** What its provider had to say of single properties. */
  readonly review?: readonly PropertyReport[];
  /** Tells the names of a resource and of those that take its place apart. */
  readonly generation: number;
  readonly deletionPolicy: RemovalPolicy;
  /** What it owns, and as whom; undefined for what cannot be deleted or be another's. */
  readonly ownership?: { readonly identity: string; readonly owner: Owner };
  /** The stack that it is, where it is one. */
  readonly nested?: DeployedStack;
}

/** A stack as its last deployment left it. */
export interface DeployedStack {
  readonly stackName: string;
  readonly stackId: string;
  /** By logical id, each after those that it depends on. */
  readonly resources: ReadonlyMap<string, StackResource>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly exports: ReadonlyMap<string, string>;
  /** The exports that it uses. */
  readonly imports: ReadonlySet<string>;
}

/** The stacks of an account in a region, nested ones included. */
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

  /** The value of an export, and the stack whose it is. */
  public exported(name: string): { readonly value: string; readonly stackName: string } | undefined {
    for (const { stackName, exports } of this.byName.values()) {
      const value = exports.get(name);
      if (value !== undefined) return { value, stackName };
    }
    return undefined;
  }

  /** The names of the stacks that use an export. */
  public importing(exportName: string): string[] {
    return [...this.byName.values()].filter(({ imports }) => imports.has(exportName)).map(({ stackName }) => stackName);
  }

  /** 0 for the first resource of this logical id, 1 for the next one, so that no two get the same name. */
  public nextGeneration(stackName: string, logicalId: string): number {
    const key = `${stackName}/${logicalId}`;
    const generation = this.generations.get(key) ?? 0;
    this.generations.set(key, generation + 1);
    return generation;
  }
}

/** The names of the properties that one version has otherwise than the other, or has not. */
export function changedProperties(before: JsonObject, after: JsonObject): Set<string> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return new Set([...names].filter((name) => !same(before[name], after[name])));
}

/** Whether two values mean the same: the order of an object's members does not matter. */
function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [one as JsonObject, other as JsonObject];
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => same(left[name], right[name]));
}
