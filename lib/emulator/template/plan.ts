import { inDependencyOrder } from './dependency-order';
import type { Evaluator } from './intrinsics/evaluator';
import type { JsonObject } from './json';
import type { Provider } from './providers/contract';
import { providerOf } from './providers';
import { references } from './references';
import { reviewProperties } from './property-review';
import type { PropertyReport } from './report';
import type { Template } from './template';

/** A resource that is to be created. */
export interface PlannedResource {
  readonly logicalId: string;
  readonly type: string;
  /** Undefined where the emulator knows no such type. */
  readonly provider: Provider | undefined;
  /** Without conditional parts, otherwise as in the template. */
  readonly properties: JsonObject;
  readonly review: readonly PropertyReport[];
  /** The resources that its properties refer to. */
  readonly refersTo: readonly string[];
}

/**
 * The resources that a template's conditions leave, each after those that it depends on. Nothing is created yet: all
 * that can be found wrong without the services is found here.
 */
export function planResources(template: Template, evaluator: Evaluator): PlannedResource[] {
  const planned = new Map<string, PlannedResource>();
  const dependencies = new Map<string, Set<string>>();
  for (const [logicalId, resource] of Object.entries(template.resources)) {
    const path = `Resources.${logicalId}`;
    if (resource.condition !== undefined && !evaluator.condition(resource.condition, `${path}.Condition`)) continue;
    const properties = (evaluator.prune(resource.properties, `${path}.Properties`) ?? {}) as JsonObject;
    const provider = providerOf(resource.type);
    const policies = resource.policies.map((name): PropertyReport => {
      return { name, status: 'inert', note: 'stacks are created at once and never updated here' };
    });
    const review = provider === undefined ? [] : [...reviewProperties(provider.properties, properties), ...policies];
    const used = references(properties, `${path}.Properties`).filter(({ name }) => name in template.resources);
    const refersTo = [...new Set(used.map(({ name }) => name))];
    planned.set(logicalId, { logicalId, type: resource.type, provider, properties, review, refersTo });
    const explicit = resource.dependsOn.map((name) => ({ name, path: `${path}.DependsOn` }));
    for (const { name, path: at } of explicit) {
      if (!(name in template.resources)) evaluator.fail(at, `there is no resource ${name}`);
    }
    dependencies.set(logicalId, new Set([...used, ...explicit].map(({ name }) => name)));
  }
  const order = inDependencyOrder([...planned.keys()], (id) => dependencies.get(id) ?? []);
  if ('cycle' in order) {
    return evaluator.fail('Resources', `they depend on each other in a circle: ${order.cycle.join(' -> ')}`);
  }
  return order.order.flatMap((id) => planned.get(id) ?? []);
}
