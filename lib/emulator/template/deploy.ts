import { AwsError } from '../api';
import type { AssemblyStack } from './assembly';
import { outputKey, type Cloud } from './cloud';
import { ConstructPaths } from './construct-paths';
import { DeploymentError } from './deployment-error';
import { followDynamicReferences } from './dynamic-references';
import { Evaluator } from './intrinsics/evaluator';
import type { JsonObject } from './json';
import { parameterValues } from './parameters';
import { physicalName } from './physical-names';
import { placeholderRef } from './placeholder';
import { planResources, type PlannedResource } from './plan';
import { UnsupportedResource, type NewResource } from './providers/contract';
import type { PropertyReport, ResourceReport, StackReport } from './report';
import { WrongShape } from './shapes';
import { StackScope } from './stack-scope';
import { parseTemplate, type Template } from './template';

export interface DeployOptions {
  /**
   * Whether to refuse a stack that has a resource or a property which the emulator does not support.
   *
   * @default false
   */
  readonly strict?: boolean;
  /**
   * Values for the template's parameters.
   *
   * @default - those that the assembly gives, and the template's defaults
   */
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Creates a stack's resources.
 *
 * @throws {DeploymentError} where CloudFormation, or a service, would refuse the stack: one line that says where
 */
export async function deploy(stack: AssemblyStack, cloud: Cloud, options: DeployOptions = {}): Promise<StackReport> {
  const parameters = { ...stack.parameters, ...options.parameters };
  return new StackDeployment({ ...stack, parameters }, cloud, options.strict ?? false).run();
}

interface Source {
  readonly stackName: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly paths: ConstructPaths;
}

class StackDeployment {
  private readonly scope: StackScope;
  private readonly evaluator: Evaluator;
  private readonly nested: StackReport[] = [];

  constructor(
    private readonly source: Source,
    private readonly cloud: Cloud,
    private readonly strict: boolean,
  ) {
    const { stackName, template, parameters } = source;
    const values = parameterValues(stackName, template.parameters, parameters, cloud.ssmParameters);
    this.scope = new StackScope(stackName, template, values, cloud);
    this.evaluator = new Evaluator(this.scope);
  }

  public async run(): Promise<StackReport> {
    this.checkRules();
    const planned = planResources(this.source.template, this.evaluator);
    if (this.strict) this.refuseUnsupported(planned.map(asPlanned));
    const resources: ResourceReport[] = [];
    for (const resource of planned) {
      const report = await this.create(resource);
      this.scope.add(report);
      resources.push(report);
    }
    if (this.strict) this.refuseUnsupported(resources);
    const { account, region } = this.cloud;
    const { stackName } = this.source;
    return { stackName, account, region, resources, outputs: this.publishOutputs(), nested: this.nested };
  }

  private checkRules(): void {
    for (const [name, rule] of Object.entries(this.source.template.rules)) {
      const path = `Rules.${name}`;
      if (rule.condition !== undefined && !this.evaluator.truth(rule.condition, `${path}.RuleCondition`)) continue;
      rule.assertions.forEach(({ assert, description }, index) => {
        if (!this.evaluator.truth(assert, `${path}.Assertions.${index}.Assert`)) this.fail(path, description);
      });
    }
  }

  private async create(planned: PlannedResource): Promise<ResourceReport> {
    const { logicalId, type, provider } = planned;
    const identity = { logicalId, type, path: this.pathOf(logicalId) };
    const { properties, review } = this.evaluate(planned);
    const resource = this.newResource(planned, properties, identity.path);
    const placeholder = (note: string): ResourceReport => {
      const name = placeholderRef(type, resource.name({ longest: 128 }), this.cloud);
      return { ...identity, physicalId: name, attributes: {}, status: 'unsupported', note, properties: review };
    };
    if (provider === undefined) return placeholder('the emulator has no such resources');
    const refusal = provider.refusal?.(properties);
    if (refusal !== undefined) return placeholder(refusal);
    try {
      const { ref, attributes } = await provider.create(resource, this.cloud);
      const { status, note } = provider;
      return { ...identity, physicalId: ref, attributes, status, note, properties: review };
    } catch (error) {
      if (error instanceof UnsupportedResource) return placeholder(error.message);
      // A service does not know the placeholder of, say, a function that cannot be run: no fault of the stack's.
      const needed = planned.refersTo.find((id) => this.scope.isUnsupported(id));
      if (error instanceof AwsError && needed !== undefined) {
        return placeholder(`it refers to ${needed}, which is not supported: ${error.message}`);
      }
      return this.explain(error, planned);
    }
  }

  private evaluate(planned: PlannedResource): { properties: JsonObject; review: readonly PropertyReport[] } {
    const path = `Resources.${planned.logicalId}.Properties`;
    const review = new Map(planned.review.map((report) => [report.name, report]));
    const properties: JsonObject = {};
    for (const [name, expression] of Object.entries(planned.properties)) {
      const value = this.evaluator.evaluate(expression, `${path}.${name}`);
      const followed = followDynamicReferences(value, this.cloud.ssmParameters);
      properties[name] = followed.value;
      if (followed.missing.length > 0) {
        this.fail(`${path}.${name}`, `the Parameter Store has no parameter ${followed.missing.join(', ')}`);
      }
      if (followed.unsupported.length > 0) {
        const note = `cannot be resolved here: ${followed.unsupported.join(', ')}`;
        review.set(name, { name, status: 'unsupported', note });
      }
    }
    return { properties, review: [...review.values()] };
  }

  private newResource(planned: PlannedResource, properties: JsonObject, path: string | undefined): NewResource {
    const { logicalId, type } = planned;
    const { stackName, paths } = this.source;
    const random = this.cloud.random.fork(`resource/${stackName}/${logicalId}`);
    return {
      logicalId,
      type,
      stackName,
      properties,
      random,
      name: (rules) => physicalName(stackName, logicalId, random, rules),
      sibling: (physicalId) => this.scope.find(physicalId),
      deployNested: async (file, template, parameters) => {
        const name = physicalName(stackName, logicalId, random, { longest: 128 });
        const inside = path === undefined ? new ConstructPaths([]) : paths.within(path);
        const source = { stackName: name, template: parseTemplate(file, template), parameters, paths: inside };
        const deployment = new StackDeployment(source, this.cloud, this.strict);
        const report = await deployment.run();
        this.nested.push(report);
        return { stackId: deployment.scope.stackId, report };
      },
    };
  }

  private publishOutputs(): Record<string, string> {
    const { cloud, source, evaluator } = this;
    const outputs: Record<string, string> = {};
    for (const [name, output] of Object.entries(source.template.outputs)) {
      const path = `Outputs.${name}`;
      if (output.condition !== undefined && !evaluator.condition(output.condition, `${path}.Condition`)) continue;
      const expression = evaluator.prune(output.value, `${path}.Value`);
      if (expression === undefined) continue;
      const value = evaluator.text(expression, `${path}.Value`);
      outputs[name] = value;
      cloud.outputs.set(outputKey(cloud.account, cloud.region, source.stackName, name), value);
      if (output.exportName === undefined) continue;
      const exportName = evaluator.text(output.exportName, `${path}.Export.Name`);
      if (cloud.exports.has(exportName)) this.fail(`${path}.Export.Name`, `${exportName} is exported already`);
      cloud.exports.set(exportName, value);
    }
    return outputs;
  }

  private pathOf(logicalId: string): string | undefined {
    return this.source.template.resources[logicalId].path ?? this.source.paths.of(logicalId);
  }

  private refuseUnsupported(
    resources: readonly Pick<ResourceReport, 'logicalId' | 'type' | 'status' | 'properties'>[],
  ): void {
    const unsupported = resources.flatMap(({ logicalId, type, status, properties }) => {
      if (status === 'unsupported') return [`${logicalId} (${type})`];
      const names = properties.filter((property) => property.status === 'unsupported').map(({ name }) => name);
      return names.length === 0 ? [] : [`${names.join(', ')} of ${logicalId} (${type})`];
    });
    if (unsupported.length > 0) this.fail('', `strict, and the emulator does not support ${unsupported.join('; ')}`);
  }

  private explain(error: unknown, { logicalId, type }: PlannedResource): never {
    const at = `Resources.${logicalId}`;
    if (error instanceof WrongShape) this.fail(`${at}.Properties.${error.path}`, `${error.message} (${type})`, error);
    if (error instanceof AwsError) this.fail(at, `${type}: ${error.shape}: ${error.message}`, error);
    throw error;
  }

  private fail(path: string, problem: string, cause?: unknown): never {
    throw new DeploymentError(this.source.stackName, path, problem, cause);
  }
}

function asPlanned({ logicalId, type, provider, properties, review }: PlannedResource) {
  const possible = provider !== undefined && provider.refusal?.(properties) === undefined;
  const status = possible ? provider.status : ('unsupported' as const);
  return { logicalId, type, status, properties: review };
}
