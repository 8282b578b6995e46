import { AwsError } from '../core';
import { absentTypeNote } from './absent-types';
import type { DeploymentContext } from './provider/deployment-context';
import { ConstructPaths } from './construct-paths';
import { changedProperties, type StackResource, type DeployedStack } from './deployed-stack';
import { DeploymentError } from './deployment-error';
import { followDynamicReferences } from './dynamic-references';
import { nameOf } from './format-report';
import { Evaluator } from './intrinsics/evaluator';
import { type JsonObject, mapOfEntries } from './provider/json';
import { parameterValues } from './parameters';
import { physicalName } from './provider/physical-names';
import { placeholderOf } from './placeholder';
import { planResources, type PlannedResource } from './plan';
import { type CreatedResource, type NewResource, type Provider, UnsupportedResource } from './provider/contract';
import { deleteResource, disown, forget, type Leftover, remember, removeResources } from './removal';
import type { Action, PropertyReport, RemovedResource, ResourceReport, StackReport } from './provider/report';
import type { Owner } from './resource-owners';
import { WrongShape } from './provider/shapes';
import { StackEvents } from './stack-events';
import { evaluateOutputs, refuseExports } from './stack-outputs';
import { StackScope } from './stack-scope';
import { parseTemplate, type Template } from './template';

/** The desired state of a stack. */
export interface StackSource {
  readonly stackName: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly paths: ConstructPaths;
}

/** A planned resource, with its expressions evaluated. */
interface Desired {
  readonly planned: PlannedResource;
  readonly properties: JsonObject;
  readonly review: readonly PropertyReport[];
}

/**
 * One creation or update of a stack. Call {@link apply}, then {@link begin}; then {@link cleanUp} on success or {@link
 * rollBack} on failure. Leftovers are deleted last.
 */
export class StackDeployment {
  private readonly scope: StackScope;
  private readonly evaluator: Evaluator;
  private readonly events: StackEvents;
  private readonly resources = new Map<string, StackResource>();
  private readonly nested = new Map<string, StackDeployment>();
  private readonly replaced: Leftover[] = [];
  private readonly undo: (() => void | Promise<void>)[] = [];
  private readonly afterwards: { readonly planned: PlannedResource; readonly begin: () => void }[] = [];
  private readonly removed: RemovedResource[] = [];
  private planned: ReadonlySet<string> = new Set();
  private deployed?: DeployedStack;

  /** @param existing the stack as it is; undefined where it is to be created */
  constructor(
    private readonly source: StackSource,
    private readonly context: DeploymentContext,
    private readonly strict: boolean,
    private readonly existing: DeployedStack | undefined,
  ) {
    const { stackName, template, parameters } = source;
    const values = parameterValues(stackName, template.parameters, parameters, (name) => context.parameter(name));
    this.scope = new StackScope(stackName, template, values, context);
    this.evaluator = new Evaluator(this.scope);
    this.events = new StackEvents(context, { stackName, stackId: this.scope.stackId });
  }

  /** Creates and changes the resources. */
  public async apply(): Promise<void> {
    const { existing, source } = this;
    this.checkRules();
    const planned = planResources(source.template, this.evaluator, (type) => this.context.providerOf(type));
    this.planned = new Set(planned.map(({ logicalId }) => logicalId));
    this.checkTypes(planned);
    if (this.strict) this.refuseUnsupported(planned.map(asPlanned));
    for (const resource of planned) {
      const deployed = await this.createOrUpdate(resource);
      this.scope.add(deployed.report, isPlaceholder(deployed));
      this.resources.set(resource.logicalId, deployed);
    }
    if (this.strict) this.refuseUnsupported([...this.resources.values()].map(({ report }) => report));
    const outputs = evaluateOutputs(source.template, this.evaluator);
    const refusal = refuseExports(
      source.stackName,
      existing?.exports ?? new Map<string, string>(),
      outputs.exports,
      this.context.stacks,
    );
    if (refusal !== undefined) this.fail('', refusal);
    const { stackId, imports } = this.scope;
    this.deployed = { stackName: source.stackName, stackId, resources: this.resources, ...outputs, imports };
    remember(this.deployed, this.context);
  }

  /** Starts pollers and timers, once all resources exist. */
  public begin(): void {
    for (const nested of this.nested.values()) nested.begin();
    for (const { planned, begin } of this.afterwards) {
      try {
        begin();
      } catch (error) {
        this.explain(error, planned);
      }
    }
  }

  /** Restores the state before {@link apply}. Returns the error that the deployment failed with. */
  public async rollBack(error: unknown): Promise<unknown> {
    const failures = await this.undoAll(error instanceof Error ? error.message : String(error));
    if (!(error instanceof DeploymentError)) return error;
    if (failures.length > 0) return error.withConsequence(`and the rollback failed too: ${failures.join('; ')}`);
    return this.existing === undefined ? error : error.withConsequence('the stack was rolled back to what it was');
  }

  /** Undoes all changes, last first. Returns the reasons for those that could not be undone, one line a resource. */
  private async undoAll(reason: string): Promise<string[]> {
    const { existing, events } = this;
    const prefix = existing === undefined ? '' : 'UPDATE_';
    events.stack(`${prefix}ROLLBACK_IN_PROGRESS`, reason);
    const failures: string[] = [];
    for (const step of this.undo.splice(0).reverse()) {
      try {
        await step();
      } catch (failure) {
        failures.push(failure instanceof Error ? failure.message : String(failure));
      }
    }
    if (existing !== undefined) remember(existing, this.context);
    else if (this.deployed !== undefined) forget(this.deployed, this.context);
    events.stack(`${prefix}ROLLBACK_${failures.length === 0 ? 'COMPLETE' : 'FAILED'}`, failures[0]);
    return failures;
  }

  /** Deletes replaced resources, and those that the template no longer has. */
  public async cleanUp(): Promise<void> {
    for (const nested of [...this.nested.values()].reverse()) await nested.cleanUp();
    const dropped = [...(this.existing?.resources ?? [])]
      .filter(([logicalId]) => !this.resources.has(logicalId))
      .map(([, resource]): Leftover => ({ resource, policy: resource.deletionPolicy }));
    const order = [...(this.existing?.resources.keys() ?? [])];
    const place = ({ resource }: Leftover): number => order.indexOf(resource.report.logicalId);
    const leftovers = [...this.replaced, ...dropped].sort((one, other) => place(other) - place(one));
    this.removed.push(...(await removeResources(leftovers, this.context, this.events)));
    // What could not be deleted has no owner from now on, as on AWS.
    for (const { resource } of leftovers) disown(resource, this.context);
    if (this.existing === undefined) this.events.stack('CREATE_COMPLETE');
    else if (this.removed.length > 0 || this.changed()) this.events.stack('UPDATE_COMPLETE');
  }

  /** The changes. */
  public report(): StackReport {
    const { source, resources, removed, existing } = this;
    const nested = [...resources.values()].flatMap((resource) => {
      const deployment = this.nested.get(resource.report.logicalId);
      if (deployment !== undefined) return deployment.report();
      return resource.nested === undefined ? [] : unchangedReport(resource.nested, this.context);
    });
    const { account, region } = this.context;
    return {
      stackName: source.stackName,
      account,
      region,
      action: existing === undefined ? 'created' : 'updated',
      resources: [...resources.values()].map(({ report }) => report),
      removed,
      outputs: this.deployed?.outputs ?? {},
      nested,
    };
  }

  private changed(): boolean {
    return [...this.resources.values()].some(({ report }) => report.action !== 'unchanged');
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

  private checkTypes(planned: readonly PlannedResource[]): void {
    const other = planned.filter(({ logicalId, type }) => {
      const before = this.existing?.resources.get(logicalId)?.report.type;
      return before !== undefined && before !== type;
    });
    if (other.length === 0) return;
    const ids = other.map(({ logicalId }) => logicalId).join(', ');
    this.fail(
      'Resources',
      `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${ids}]`,
    );
  }

  private async createOrUpdate(planned: PlannedResource): Promise<StackResource> {
    const { logicalId, type } = planned;
    const existing = this.existing?.resources.get(logicalId);
    try {
      const deployed = await this.applyChange(planned, existing);
      const { action, physicalId } = deployed.report;
      if (action !== 'unchanged') {
        this.events.resource(existing === undefined ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE', {
          logicalId,
          type,
          physicalId,
        });
      }
      return deployed;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const status = existing === undefined ? 'CREATE_FAILED' : 'UPDATE_FAILED';
      this.events.resource(status, { logicalId, type, physicalId: existing?.report.physicalId }, reason);
      return this.explain(error, planned);
    }
  }

  private async applyChange(planned: PlannedResource, existing: StackResource | undefined): Promise<StackResource> {
    const desired = { planned, ...this.evaluate(planned) };
    const { properties } = desired;
    if (existing === undefined) return this.create(desired, 'created', this.nextGeneration(planned));
    const changed = changedProperties(existing.properties, properties);
    if (existing.report.status === 'unsupported') {
      // The obstacle may be gone: try once more.
      const again = await this.create(desired, 'created', existing.generation);
      return again.report.status === 'unsupported' && changed.size === 0 ? asUnchanged(again) : again;
    }
    if (changed.size === 0) return this.retain(desired, existing);
    const { provider } = planned;
    if (provider === undefined || provider.refusal?.(properties) !== undefined) return this.replace(desired, existing);
    if (needsReplacement(provider, changed, planned.updatePolicy)) {
      this.checkName(desired, existing, changed);
      return this.replace(desired, existing);
    }
    return this.update(desired, existing, provider);
  }

  private retain(desired: Desired, existing: StackResource): StackResource {
    const { nested, review = [], ownership } = existing;
    const { physicalId, attributes, status, note } = existing.report;
    const reviewed = { ...desired, review: withReview(desired.review, review) };
    const kept = this.record(reviewed, { status, note, physicalId, attributes }, 'unchanged', existing.generation);
    return { ...kept, nested, review, ownership };
  }

  private async create(desired: Desired, action: Action, generation: number): Promise<StackResource> {
    const { planned, properties } = desired;
    const { provider, type } = planned;
    const resource = this.newResource(desired, generation);
    const placeholder = (note: string): StackResource => {
      const { physicalId, attributes } = placeholderOf(resource, this.context);
      return this.record(desired, { status: 'unsupported', note, physicalId, attributes }, action, generation);
    };
    if (provider === undefined) return placeholder(absentTypeNote(type) ?? 'the emulator has no such resources');
    const refusal = provider.refusal?.(properties);
    if (refusal !== undefined) return placeholder(refusal);
    try {
      this.refuseTaken(resource, provider);
      const created = await provider.create(resource, this.context);
      const recorded = this.recordCreated(desired, provider, created, action, generation);
      // A nested stack rolls itself back.
      return recorded.nested === undefined ? this.own(recorded, resource, provider) : recorded;
    } catch (error) {
      if (error instanceof UnsupportedResource) return placeholder(error.message);
      const note = this.blamesPlaceholder(error, planned) ?? namesAbsent(error);
      if (note === undefined) throw error;
      return placeholder(note);
    }
  }

  /**
   * A service does not know a placeholder, such as that of a function that cannot run: that is no error of the stack.
   */
  private blamesPlaceholder(error: unknown, { refersTo }: PlannedResource): string | undefined {
    const needed = refersTo.find((id) => this.scope.isPlaceholder(id));
    if (!(error instanceof AwsError || error instanceof WrongShape) || needed === undefined) return undefined;
    if (error instanceof AwsError && error.shape === ALREADY_EXISTS) return undefined;
    return `it refers to ${needed}, which is not supported: ${error.message}`;
  }

  /** @throws {AwsError} if another resource of a stack, or something that no stack made, has the name */
  private refuseTaken(resource: NewResource, { unique, type }: Provider): void {
    if (unique === undefined) return;
    const { context } = this;
    const name = unique.name(resource, context);
    const owner = context.owners.of(identityOf(type, unique, name, context));
    if (owner !== undefined && this.isPredecessor(owner, resource.logicalId)) return;
    if (owner !== undefined) throw alreadyExists(`${name} already exists in stack ${owner.stackId}`);
    if (unique.exists?.(resource, context) === true) {
      throw alreadyExists(`Resource of type '${type}' with identifier '${name}' already exists.`);
    }
  }

  /**
   * Makes a created resource the owner of what it stands for. A service may have given what was there already, as
   * PublishVersion does for code that is published: it passes to the new resource, unless its owner stays.
   */
  private own(
    deployed: StackResource,
    resource: NewResource,
    { type, unique, delete: remove }: Provider,
  ): StackResource {
    const { context } = this;
    const { logicalId } = resource;
    const undoCreation = (of: StackResource): void => void this.undo.push(() => this.undoCreation(of));
    if (unique === undefined && remove === undefined) {
      undoCreation(deployed);
      return deployed;
    }
    const { physicalId } = deployed.report;
    const identity = identityOf(type, unique, unique?.name(resource, context) ?? physicalId, context);
    const { stackId, stackName } = this.scope;
    const owner = { stackId, stackName, logicalId, generation: deployed.generation };
    const before = context.owners.of(identity);
    if (before !== undefined && !this.isPredecessor(before, logicalId) && this.stays(before)) {
      throw alreadyExists(`${physicalId} already exists in stack ${before.stackId}`);
    }
    const owning = { ...deployed, ownership: { identity, owner } };
    context.owners.set(identity, owner);
    if (before === undefined) undoCreation(owning);
    else this.undo.push(() => context.owners.set(identity, before));
    return owning;
  }

  private isPredecessor(owner: Owner, logicalId: string): boolean {
    return owner.stackId === this.scope.stackId && owner.logicalId === logicalId;
  }

  private stays({ stackId, logicalId }: Owner): boolean {
    return stackId !== this.scope.stackId || this.planned.has(logicalId);
  }

  /** CloudFormation keeps retained resources, even if it rolls back their creation. */
  private async undoCreation(deployed: StackResource): Promise<void> {
    if (deployed.deletionPolicy !== 'Retain') return deleteResource(deployed, this.context);
    this.events.resource('DELETE_SKIPPED', deployed.report);
    disown(deployed, this.context);
  }

  private async replace(desired: Desired, existing: StackResource): Promise<StackResource> {
    const deployed = await this.create(desired, 'replaced', this.nextGeneration(desired.planned));
    if (deployed.report.physicalId !== existing.report.physicalId) {
      this.replaced.push({ resource: existing, policy: desired.planned.updateReplacePolicy });
    }
    return deployed;
  }

  private async update(desired: Desired, existing: StackResource, provider: Provider): Promise<StackResource> {
    const { planned, properties } = desired;
    if (provider.update === undefined) throw new Error(`${planned.type} cannot be updated in place`);
    const { generation, report } = existing;
    const changedResource = {
      ...this.newResource(desired, generation),
      ref: report.physicalId,
      attributes: report.attributes,
      previous: existing.properties,
      updatePolicy: planned.updatePolicy,
    };
    const { update } = provider;
    let refused = false;
    const putBack = async (): Promise<void> => {
      const back = this.newResource({ ...desired, properties: existing.properties }, generation);
      const { ref, attributes, updatePolicy } = changedResource;
      await update({ ...back, ref, attributes, updatePolicy, previous: properties }, this.context);
    };
    if (existing.nested === undefined) {
      this.undo.push(async () => {
        try {
          await putBack();
        } catch (error) {
          // A refused change may have left the resource unchanged, and may be refused again.
          if (!refused) throw error;
        }
      });
    }
    try {
      const changed = await update(changedResource, this.context);
      const { ownership } = existing;
      return { ...this.recordCreated(desired, provider, changed, 'updated', generation), ownership };
    } catch (error) {
      refused = true;
      const outOfReach = error instanceof UnsupportedResource || this.blamesPlaceholder(error, planned) !== undefined;
      if (!outOfReach) throw error;
      return this.replace(desired, existing);
    }
  }

  private checkName({ planned }: Desired, existing: StackResource, changed: ReadonlySet<string>): void {
    for (const [name, property] of Object.entries(planned.provider?.properties ?? {})) {
      const given = existing.properties[name];
      if (property.names !== true || typeof given !== 'string' || changed.has(name)) continue;
      this.fail(
        `Resources.${planned.logicalId}`,
        `CloudFormation cannot update a stack when a custom-named resource requires replacing. ` +
          `Rename ${given} and update the stack again.`,
      );
    }
  }

  private recordCreated(
    desired: Desired,
    { status, note }: Provider,
    { ref, attributes, review = [], afterwards }: CreatedResource,
    action: Action,
    generation: number,
  ): StackResource {
    const nested = this.nested.get(desired.planned.logicalId)?.deployed;
    if (afterwards !== undefined) this.afterwards.push({ planned: desired.planned, begin: afterwards });
    const reviewed = { ...desired, review: withReview(desired.review, review) };
    const deployed = this.record(reviewed, { status, note, physicalId: ref, attributes }, action, generation);
    return { ...deployed, nested, review };
  }

  private record(
    { planned, properties, review }: Desired,
    outcome: Pick<ResourceReport, 'status' | 'note' | 'physicalId' | 'attributes'>,
    action: Action,
    generation: number,
  ): StackResource {
    const { logicalId, type, provider, deletionPolicy } = planned;
    const path = this.pathOf(logicalId);
    const report = { logicalId, type, path, ...outcome, properties: review, action };
    return { report, properties, provider, generation, deletionPolicy };
  }

  private evaluate(planned: PlannedResource): Pick<Desired, 'properties' | 'review'> {
    const path = `Resources.${planned.logicalId}.Properties`;
    const review = new Map(planned.review.map((report) => [report.name, report]));
    const properties: JsonObject = mapOfEntries([]);
    for (const [name, expression] of Object.entries(planned.properties)) {
      const value = this.evaluator.evaluate(expression, `${path}.${name}`);
      const followed = followDynamicReferences(value, this.context);
      properties[name] = followed.value;
      if (followed.missing.length > 0) {
        this.fail(`${path}.${name}`, followed.missing.join('; '));
      }
      if (followed.unsupported.length > 0) {
        const note = `cannot be resolved here: ${followed.unsupported.join(', ')}`;
        review.set(name, { name, status: 'unsupported', note });
      }
    }
    return { properties, review: [...review.values()] };
  }

  private nextGeneration({ logicalId }: PlannedResource): number {
    return this.context.stacks.nextGeneration(this.source.stackName, logicalId);
  }

  private newResource({ planned, properties }: Desired, generation: number): NewResource {
    const { logicalId, type } = planned;
    const { stackName } = this.source;
    const again = generation === 0 ? '' : `/${generation}`;
    const random = this.context.random.fork(`resource/${stackName}/${logicalId}${again}`);
    let name: string | undefined;
    return {
      logicalId,
      path: this.pathOf(logicalId),
      type,
      stackName,
      properties,
      systemTags: {
        'aws:cloudformation:logical-id': logicalId,
        'aws:cloudformation:stack-id': this.scope.stackId,
        'aws:cloudformation:stack-name': stackName,
      },
      random,
      name: (rules) => (name ??= physicalName(stackName, logicalId, random, rules)),
      sibling: (physicalId) => this.scope.find(physicalId),
      deployNested: async (file, template, parameters) => {
        const existing = this.existing?.resources.get(logicalId)?.nested;
        const name = existing?.stackName ?? physicalName(stackName, logicalId, random, { longest: 128 });
        const path = this.pathOf(logicalId);
        const paths = path === undefined ? new ConstructPaths([]) : this.source.paths.within(path);
        const nestedSource = { stackName: name, template: parseTemplate(file, template), parameters, paths };
        const deployment = new StackDeployment(nestedSource, this.context, this.strict, existing);
        this.nested.set(logicalId, deployment);
        this.undo.push(async () => {
          const failures = await deployment.undoAll(`${stackName} is rolled back`);
          if (failures.length > 0) throw new Error(failures.join('; '));
        });
        await deployment.apply();
        return { stackId: deployment.scope.stackId, outputs: deployment.deployed?.outputs ?? {} };
      },
    };
  }

  private pathOf(logicalId: string): string | undefined {
    return this.source.template.resources[logicalId].path ?? this.source.paths.of(logicalId);
  }

  private refuseUnsupported(
    resources: readonly Pick<ResourceReport, 'logicalId' | 'type' | 'status' | 'properties'>[],
  ): void {
    const unsupported = resources.flatMap(({ logicalId, type, status, properties }) => {
      const name = nameOf({ logicalId, path: this.pathOf(logicalId) });
      if (status === 'unsupported') return [`${name} (${type})`];
      const names = properties.filter((property) => property.status === 'unsupported').map(({ name }) => name);
      return names.length === 0 ? [] : [`${names.join(', ')} of ${name} (${type})`];
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

function identityOf(
  type: string,
  unique: Provider['unique'],
  name: string,
  { account, region }: DeploymentContext,
): string {
  const place = unique?.within === 'account' ? account : `${account}/${region}`;
  return `${place}/${unique?.among ?? type}/${name}`;
}

const ALREADY_EXISTS = 'AlreadyExists';
const alreadyExists = (message: string): AwsError => new AwsError(ALREADY_EXISTS, message);

function asPlanned({ logicalId, type, provider, properties, review }: PlannedResource) {
  const possible = provider !== undefined && provider.refusal?.(properties) === undefined;
  const status = possible ? provider.status : ('unsupported' as const);
  return { logicalId, type, status, properties: review };
}

function asUnchanged(resource: StackResource): StackResource {
  return { ...resource, report: { ...resource.report, action: 'unchanged' } };
}

/**
 * A resource that no stack makes, such as a topic by its ARN, is there on AWS, and not here: that is no error of the
 * stack either.
 */
function namesAbsent(error: unknown): string | undefined {
  const absent = error instanceof AwsError && /NotFound|DoesNotExist|NonExistent/.test(error.shape);
  return absent ? `it refers to what is not here, and the app does not make: ${error.message}` : undefined;
}

function isPlaceholder({ report, provider }: StackResource): boolean {
  return report.status === 'unsupported' || provider?.placeholder === true;
}

/** Whether a change replaces the resource; unsupported properties change nothing. */
function needsReplacement(provider: Provider, changed: ReadonlySet<string>, updatePolicy: JsonObject): boolean {
  const { properties: table, update } = provider;
  const known = [...changed].filter((name) => table === undefined || Object.hasOwn(table, name));
  if (update === undefined) return known.length > 0;
  if (known.some((name) => table?.[name].replaces === true)) return true;
  return provider.needsReplacement?.(changed, updatePolicy) ?? false;
}

function unchangedReport({ stackName, resources, outputs }: DeployedStack, context: DeploymentContext): StackReport {
  const reports = [...resources.values()].map((resource) => asUnchanged(resource).report);
  const nested = [...resources.values()].flatMap((resource) =>
    resource.nested === undefined ? [] : unchangedReport(resource.nested, context),
  );
  const { account, region } = context;
  return { stackName, account, region, action: 'updated', resources: reports, removed: [], outputs, nested };
}

/** A provider's notes on single properties override its table. */
function withReview(general: readonly PropertyReport[], special: readonly PropertyReport[]): PropertyReport[] {
  const byName = new Map(general.map((report) => [report.name, report]));
  for (const report of special) byName.set(report.name, report);
  return [...byName.values()];
}
