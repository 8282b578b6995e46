import { formatArn } from '../core';
import { outputKey, type DeploymentContext } from './provider/deployment-context';
import { DeploymentError } from './deployment-error';
import type { Names } from './intrinsics/evaluator';
import type { Json, JsonObject } from './provider/json';
import { placeholderAttribute } from './placeholder';
import { references } from './references';
import type { CreatedResource } from './provider/contract';
import type { ResourceReport } from './provider/report';
import type { Template } from './template';

/** Resolves the names in a stack's template, as far as its resources have been created. */
export class StackScope implements Names {
  public readonly stackId: string;
  /** The exports of other stacks that its expressions import. */
  public readonly imports = new Set<string>();
  private readonly resources = new Map<string, ResourceReport>();
  private readonly placeholders = new Set<string>();

  constructor(
    public readonly stackName: string,
    private readonly template: Template,
    private readonly parameters: ReadonlyMap<string, Json>,
    private readonly context: DeploymentContext,
  ) {
    const id = context.random.fork(`stack/${stackName}`).uuid();
    this.stackId = formatArn('cloudformation', context.region, context.account, `stack/${stackName}/${id}`);
  }

  public get region(): string {
    return this.context.region;
  }

  public get mappings(): JsonObject {
    return this.template.mappings;
  }

  public get conditions(): JsonObject {
    return this.template.conditions;
  }

  /** Adds a created resource. */
  public add(resource: ResourceReport, isPlaceholder: boolean): void {
    this.resources.set(resource.logicalId, resource);
    if (isPlaceholder) this.placeholders.add(resource.logicalId);
  }

  /** Whether a resource is a placeholder: no service knows it. */
  public isPlaceholder(logicalId: string): boolean {
    return this.placeholders.has(logicalId);
  }

  public usesPlaceholder(expression: Json): boolean {
    return references(expression, '').some(({ name }) => this.isPlaceholder(name));
  }

  /** The resource with this physical id, as far as it has been created. */
  public find(physicalId: string): CreatedResource | undefined {
    for (const resource of this.resources.values()) {
      if (resource.physicalId === physicalId) return { ref: physicalId, attributes: resource.attributes };
    }
    return undefined;
  }

  public reference(name: string, path: string): Json {
    const value = this.pseudoParameter(name) ?? this.parameters.get(name) ?? this.resources.get(name)?.physicalId;
    return value ?? this.fail(path, this.missing(name));
  }

  public attribute(logicalId: string, name: string, path: string): Json {
    const resource = this.resources.get(logicalId);
    if (resource === undefined) return this.fail(path, this.missing(logicalId));
    if (Object.hasOwn(resource.attributes, name)) return resource.attributes[name];
    if (this.isPlaceholder(logicalId)) return placeholderAttribute(resource, name, this.context);
    const all = Object.keys(resource.attributes).join(', ') || 'none';
    return this.fail(path, `${logicalId} (${resource.type}) has no attribute ${name}; it has: ${all}`);
  }

  public imported(exportName: string): string | undefined {
    this.imports.add(exportName);
    const { stacks, exports = {} } = this.context;
    return stacks.exported(exportName)?.value ?? (Object.hasOwn(exports, exportName) ? exports[exportName] : undefined);
  }

  public outputOf(stackName: string, outputName: string, region?: string, account?: string): string | undefined {
    const { context } = this;
    return context.outputs.get(outputKey(account ?? context.account, region ?? context.region, stackName, outputName));
  }

  private pseudoParameter(name: string): Json | undefined {
    switch (name) {
      case 'AWS::AccountId':
        return this.context.account;
      case 'AWS::Region':
        return this.context.region;
      case 'AWS::Partition':
        return this.context.partition;
      case 'AWS::URLSuffix':
        return this.context.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
      case 'AWS::StackName':
        return this.stackName;
      case 'AWS::StackId':
        return this.stackId;
      case 'AWS::NotificationARNs':
        return [];
      default:
        return undefined;
    }
  }

  private missing(name: string): string {
    const resource = this.template.resources[name];
    if (resource === undefined) return `there is no resource, parameter or pseudo parameter ${name}`;
    return resource.condition === undefined
      ? `the resource ${name} cannot be referred to here`
      : `the resource ${name} is not created, as its condition ${resource.condition} does not hold`;
  }

  private fail(path: string, problem: string): never {
    throw new DeploymentError(this.stackName, path, problem);
  }
}
