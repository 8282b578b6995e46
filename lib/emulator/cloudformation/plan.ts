import { inDependencyOrder } from './dependency-order';
import type { Evaluator } from './intrinsics/evaluator';
import { type Json, type JsonObject, show } from './provider/json';
import type { Provider } from './provider/contract';
import type { DeploymentContext } from './provider/deployment-context';
import { references } from './references';
import { reviewProperties } from './property-review';
import type { PropertyReport } from './provider/report';
import { allowedPolicies, type RemovalPolicy, removalPolicy, type Template, type TemplateResource } from './template';

/** A resource to create. */
export interface PlannedResource {
  readonly logicalId: string;
  readonly type: string;
  /** Undefined if the emulator has no such type. */
  readonly provider: Provider | undefined;
  /** As in the template, with its conditions applied. */
  readonly properties: JsonObject;
  readonly review: readonly PropertyReport[];
  /** The resources that its properties refer to. */
  readonly refersTo: readonly string[];
  readonly deletionPolicy: RemovalPolicy;
  readonly updateReplacePolicy: RemovalPolicy;
  /** With its conditions applied. */
  readonly updatePolicy: JsonObject;
}

/**
 * The resources that a template's conditions leave, each after those that it depends on. Nothing is created yet: all
 * that can be found wrong without the services is found here.
 */
export function planResources(
  template: Template,
  evaluator: Evaluator,
  providerOf: DeploymentContext['providerOf'],
): PlannedResource[] {
  const planned = new Map<string, PlannedResource>();
  const dependencies = new Map<string, Set<string>>();
  for (const [logicalId, resource] of Object.entries(template.resources)) {
    const path = `Resources.${logicalId}`;
    if (resource.condition !== undefined && !evaluator.condition(resource.condition, `${path}.Condition`)) continue;
    const properties = (evaluator.prune(resource.properties, `${path}.Properties`) ?? {}) as JsonObject;
    const provider = providerOf(resource.type);
    const updatePolicy = (evaluator.prune(resource.updatePolicy, `${path}.UpdatePolicy`) ?? {}) as JsonObject;
    const review = provider === undefined ? [] : reviewResource(provider, resource, properties, updatePolicy);
    const used = references(properties, `${path}.Properties`).filter(({ name }) => name in template.resources);
    const refersTo = [...new Set(used.map(({ name }) => name))];
    const { type } = resource;
    const policies = {
      deletionPolicy: policyOf(resource.deletionPolicy, 'DeletionPolicy', evaluator, path),
      updateReplacePolicy: policyOf(resource.updateReplacePolicy, 'UpdateReplacePolicy', evaluator, path),
      updatePolicy,
    };
    planned.set(logicalId, { logicalId, type, provider, properties, review, refersTo, ...policies });
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

function policyOf(
  expression: Json,
  name: 'DeletionPolicy' | 'UpdateReplacePolicy',
  evaluator: Evaluator,
  path: string,
): RemovalPolicy {
  const at = `${path}.${name}`;
  const value = evaluator.evaluate(evaluator.prune(expression, at) ?? 'Delete', at);
  const policy = removalPolicy(value, name);
  if (policy !== undefined) return policy;
  return evaluator.fail(at, `must be one of ${allowedPolicies(name).join(', ')}, but was ${show(value)}`);
}

/** The properties, and those attributes that govern how CloudFormation creates and updates. */
function reviewResource(
  provider: Provider,
  resource: TemplateResource,
  properties: JsonObject,
  updatePolicy: JsonObject,
): PropertyReport[] {
  const reports = reviewProperties(provider.properties, properties);
  if (resource.hasCreationPolicy) {
    reports.push({
      name: 'CreationPolicy',
      status: 'inert',
      note: 'resources are there at once: signals are not waited for',
    });
  }
  const policies = provider.properties === undefined ? undefined : (provider.updatePolicy ?? {});
  for (const report of reviewProperties(policies, updatePolicy)) {
    reports.push({ ...report, name: `UpdatePolicy.${report.name}` });
  }
  return reports;
}
