import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type {
  AddPermissionRequest,
  AddPermissionResponse,
  AliasConfiguration,
  Concurrency,
  CreateAliasRequest,
  CreateEventSourceMappingRequest,
  CreateFunctionRequest,
  CreateFunctionUrlConfigRequest,
  DeleteAliasRequest,
  DeleteEventSourceMappingRequest,
  DeleteFunctionConcurrencyRequest,
  DeleteFunctionEventInvokeConfigRequest,
  DeleteFunctionRequest,
  DeleteFunctionResponse,
  DeleteLayerVersionRequest,
  EventSourceMappingConfiguration,
  FunctionConfiguration,
  FunctionEventInvokeConfig,
  GetAccountSettingsRequest,
  GetAccountSettingsResponse,
  GetAliasRequest,
  GetEventSourceMappingRequest,
  GetFunctionConcurrencyRequest,
  GetFunctionConfigurationRequest,
  GetFunctionEventInvokeConfigRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  GetLayerVersionByArnRequest,
  GetLayerVersionRequest,
  GetLayerVersionResponse,
  GetPolicyRequest,
  GetPolicyResponse,
  InvocationRequest,
  InvocationResponse,
  ListAliasesRequest,
  ListAliasesResponse,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  ListLayersRequest,
  ListLayersResponse,
  ListLayerVersionsRequest,
  ListLayerVersionsResponse,
  ListTagsRequest,
  ListTagsResponse,
  ListVersionsByFunctionRequest,
  ListVersionsByFunctionResponse,
  PublishLayerVersionRequest,
  PublishLayerVersionResponse,
  PublishVersionRequest,
  PutFunctionConcurrencyRequest,
  PutFunctionEventInvokeConfigRequest,
  RemovePermissionRequest,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateAliasRequest,
  UpdateEventSourceMappingRequest,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
  UpdateFunctionEventInvokeConfigRequest,
} from '@aws-sdk/client-lambda';
import { AwsError, type RequestContext, type MetricDatum, parseArn } from '../../core';
import { MINUTE } from '../../clock';
import { Aliases } from './functions/aliases';
import { AsynchronousInvocations } from './invocations/asynchronous-invocations';
import { checkRevision, functionNotFound, functionsOnly, invalidParameter, resourceConflict } from './errors';
import { EventInvokeConfigs } from './functions/event-invoke-configs';
import { FunctionPolicies } from './functions/function-policies';
import { EventSourceMappings, type FunctionToMap } from './event-sources/event-source-mappings';
import { checkFunction, checkReservation, checkRole, toConfiguration } from './functions/function-configuration';
import { type FunctionReference, parseFunctionReference } from './functions/function-reference';
import {
  FunctionRegistry,
  type FunctionVersion,
  type NamedFunction,
  type RegisteredFunction,
} from './functions/function-registry';
import { readNewFunction, roleNotAssumable } from './functions/function-creation';
import { readArchive, reconfigured } from './functions/function-update';
import { unknownOperation } from '../../protocol/protocol/error-shapes';
import { type LayerContent, Layers } from './functions/layers';
import { describeInitError } from './init-errors';
import { readInvocation } from './invocations/invocation-request';
import { Invocations } from './invocations/invocations';
import { type LambdaLimits, readLimits } from './limits';
import { page } from './page';
import type { LambdaDependencies } from './dependencies';
import {
  type FunctionLayers,
  type FunctionSpec,
  type Invocation,
  LATEST,
  type NewFunction,
  type RuntimeSupport,
} from './runner';
import { ResourceTags } from './tags';
import { publish, unpublish } from './functions/versions';

const LARGEST_PAGE = 50;
/** AWS's storage quotas of an account, which are returned but not enforced. */
const CODE_LIMITS = { TotalCodeSize: 80_530_636_800, CodeSizeUnzipped: 262_144_000, CodeSizeZipped: 52_428_800 };

/** A function, for live views. */
export interface FunctionView {
  readonly name: string;
  readonly runtime: string;
  /** The number of running invocations. */
  readonly running: number;
}

/** Where a function's code is on this machine. */
export interface FunctionCodeView {
  readonly functionName: string;
  readonly codeDirectory: string;
  readonly handler: string;
  readonly runtime: string;
}

/** A function whose code cannot be loaded: each invocation of it fails. */
export interface UnloadableFunction {
  readonly functionName: string;
  /** The error, in one line, with the file and the line of the code if they are known. */
  readonly problem: string;
}

/** AWS Lambda in one account and Region: functions, their invocations, and event source mappings for queues and streams. */
export class Lambda implements ServiceInstance {
  private readonly registry: FunctionRegistry;
  private readonly aliases: Aliases;
  private readonly tags: ResourceTags;
  private readonly eventInvokeConfigs: EventInvokeConfigs;
  private readonly policies: FunctionPolicies;
  private readonly layers: Layers;
  private readonly limits: LambdaLimits;
  private readonly invocations: Invocations;
  private readonly asynchronous: AsynchronousInvocations;
  private readonly mappings: EventSourceMappings;

  constructor(private readonly dependencies: LambdaDependencies) {
    this.limits = readLimits(dependencies.limits);
    this.registry = new FunctionRegistry(dependencies.account, dependencies.region, dependencies.random);
    this.aliases = new Aliases(this.registry, dependencies.random);
    this.eventInvokeConfigs = new EventInvokeConfigs(this.registry, dependencies.clock);
    this.policies = new FunctionPolicies(this.registry, dependencies.clock, dependencies.random);
    this.layers = new Layers({
      ...dependencies,
      unpack: (name, archive) => this.unpack(name, archive),
      merge: (folders) => this.mergeFolders(folders),
      isUsed: (arn) => this.registry.all.some((fn) => allSpecs(fn).some(({ layers }) => hasLayer(layers, arn))),
    });
    this.tags = new ResourceTags((arn) => this.exists(arn));
    this.invocations = new Invocations(dependencies, this.limits);
    this.asynchronous = new AsynchronousInvocations(
      dependencies,
      this.limits,
      this.invocations,
      this.registry,
      this.eventInvokeConfigs,
    );
    this.mappings = new EventSourceMappings(dependencies, this.limits, this.invocations, this.registry);
  }

  /**
   * Creates a function from what a deployment has resolved, rather than from the API's input: its code is in a local
   * folder, not in a bucket.
   */
  public deployFunction({ reservedConcurrency, tags, ...spec }: NewFunction): FunctionConfiguration {
    const { functionName } = spec;
    const { concurrency } = this.invocations;
    this.orDiscard(spec, () => {
      checkFunction(spec);
      if (this.registry.has(functionName)) throw resourceConflict(`Function already exist: ${functionName}`);
      checkReservation(reservedConcurrency, concurrency.reserved, this.limits);
    });
    this.tags.begin(spec.functionArn, tags);
    const latest = this.asLatest(spec);
    this.registry.add(latest);
    if (reservedConcurrency !== undefined) concurrency.reserve(functionName, reservedConcurrency);
    return toConfiguration(latest);
  }

  /** Creates a function from a zip archive. Its role has to exist, and to trust Lambda. */
  public createFunction(input: CreateFunctionRequest, context: RequestContext): FunctionConfiguration {
    const named = parseFunctionReference(input.FunctionName, context);
    if (named.qualifier !== undefined) throw functionsOnly();
    const { spec, archive } = readNewFunction(input, named, context);
    if (this.registry.has(named.name)) throw resourceConflict(`Function already exist: ${named.name}`);
    const { mayAssume = () => true } = this.dependencies;
    if (!mayAssume(spec.roleArn ?? '')) throw roleNotAssumable();
    this.tags.check(spec.tags);
    this.layers.check(input.Layers);
    const layers = this.layers.merge(input.Layers);
    const command = this.commandFor([named.name]);
    const created = this.deployFunction({ ...spec, layers, command, codeDirectory: this.unpack(named.name, archive) });
    const fn = this.registry.get(named.name);
    return input.Publish === true && fn !== undefined ? this.publish(fn, {}) : created;
  }

  /** What a function with these versions of layers finds at `/opt`. */
  public mergeLayers(arns: readonly string[] | undefined): FunctionLayers | undefined {
    return this.layers.merge(arns);
  }

  /** Publishes a version of a layer whose content a deployment has found on this machine. Returns its ARN. */
  public deployLayerVersion(name: string, content: LayerContent): string {
    const { layerArn, version } = this.layers.add(name, content);
    return `${layerArn}:${version}`;
  }

  public publishLayerVersion(input: PublishLayerVersionRequest, _context: RequestContext): PublishLayerVersionResponse {
    return this.layers.publish(input);
  }

  public getLayerVersion(input: GetLayerVersionRequest, _context: RequestContext): GetLayerVersionResponse {
    return this.layers.get(input);
  }

  public getLayerVersionByArn(input: GetLayerVersionByArnRequest, _context: RequestContext): GetLayerVersionResponse {
    return this.layers.getByArn(input);
  }

  public listLayers(input: ListLayersRequest, _context: RequestContext): ListLayersResponse {
    return this.layers.list(input);
  }

  public listLayerVersions(input: ListLayerVersionsRequest, _context: RequestContext): ListLayerVersionsResponse {
    return this.layers.listVersions(input);
  }

  public deleteLayerVersion(input: DeleteLayerVersionRequest, _context: RequestContext): void {
    this.layers.delete(input);
  }

  /** Function URLs are not emulated: there is no HTTP endpoint of a function. */
  public createFunctionUrlConfig(_input: CreateFunctionUrlConfigRequest, _context: RequestContext): never {
    throw unknownOperation('CreateFunctionUrlConfig', 404);
  }

  /** Replaces the unpublished version with what a deployment has resolved. Running invocations end in the old one. */
  public async updateFunction(
    { reservedConcurrency, tags, ...spec }: NewFunction,
    context: RequestContext,
  ): Promise<FunctionConfiguration> {
    const { fn } = this.registry.find(spec.functionName, context);
    const { concurrency } = this.invocations;
    const reservedByOthers = concurrency.reserved - (concurrency.reservation(fn.name) ?? 0);
    this.orDiscard(spec, () => checkReservation(reservedConcurrency, reservedByOthers, this.limits));
    const changed = await this.change(fn, spec);
    this.tags.replace(spec.functionArn, tags);
    if (reservedConcurrency === undefined) concurrency.release(fn.name);
    else concurrency.reserve(fn.name, reservedConcurrency);
    return changed;
  }

  /** Deletes a function, or with a qualifier only that version. As on AWS its mappings stay, and fail from now on. */
  public async deleteFunction(input: DeleteFunctionRequest, context: RequestContext): Promise<DeleteFunctionResponse> {
    const missing = ({ unqualifiedArn }: FunctionReference) => functionNotFound(unqualifiedArn);
    const { fn, qualifier } = this.registry.find(input.FunctionName, context, input.Qualifier, missing);
    if (qualifier === undefined) {
      this.registry.remove(fn.name);
      this.tags.end(fn.latest.spec.functionArn);
      this.invocations.concurrency.release(fn.name);
      await this.dependencies.runner.dispose(fn.name);
      for (const { spec } of [fn.latest, ...fn.versions.values()]) this.dependencies.discard?.(spec.codeDirectory);
    } else unpublish(fn, qualifier);
    return { StatusCode: 204 };
  }

  public getFunction(input: GetFunctionRequest, context: RequestContext): GetFunctionResponse {
    const version = this.registry.findVersion(input.FunctionName, context, input.Qualifier);
    const { codeDirectory, functionName, functionArn, imageUri } = version.spec;
    const reserved = this.invocations.concurrency.reservation(functionName);
    const tags = this.tags.of(functionArn);
    return {
      Configuration: toConfiguration(version, version.arn),
      Code:
        imageUri === undefined
          ? { RepositoryType: 'Local', Location: pathToFileURL(codeDirectory).href }
          : { RepositoryType: 'ECR', ImageUri: imageUri, ResolvedImageUri: imageUri },
      ...(Object.keys(tags).length > 0 && { Tags: { ...tags } }),
      ...(reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: reserved } }),
    };
  }

  public getFunctionConfiguration(
    input: GetFunctionConfigurationRequest,
    context: RequestContext,
  ): FunctionConfiguration {
    const version = this.registry.findVersion(input.FunctionName, context, input.Qualifier);
    return toConfiguration(version, version.arn);
  }

  public listFunctions(input: ListFunctionsRequest, _context: RequestContext): ListFunctionsResponse {
    const { MasterRegion: masterRegion, FunctionVersion: which } = input;
    if (masterRegion !== undefined && masterRegion !== 'ALL' && masterRegion !== this.dependencies.region) {
      return { Functions: [] };
    }
    const all = this.registry.all.flatMap((fn) => (which === 'ALL' ? allVersions(fn) : [toConfiguration(fn.latest)]));
    const { items, nextMarker } = page(all, input, LARGEST_PAGE);
    return { Functions: [...items], ...(nextMarker !== undefined && { NextMarker: nextMarker }) };
  }

  /** Changes the unpublished version; published versions stay as they are. */
  public async updateFunctionConfiguration(
    input: UpdateFunctionConfigurationRequest,
    context: RequestContext,
  ): Promise<FunctionConfiguration> {
    const { fn } = this.findLatest(input.FunctionName, context);
    checkRevision(input.RevisionId, fn.latest.revisionId);
    checkRole(input.Role, context.account);
    const { mayAssume = () => true } = this.dependencies;
    if (input.Role !== undefined && !mayAssume(input.Role)) throw roleNotAssumable();
    this.layers.check(input.Layers);
    const { spec } = fn.latest;
    const layers = input.Layers === undefined ? spec.layers : this.layers.merge(input.Layers);
    return this.change(fn, { ...reconfigured(spec, input), layers });
  }

  /** Accepts only a zip archive, as there are no buckets here. */
  public async updateFunctionCode(
    input: UpdateFunctionCodeRequest,
    context: RequestContext,
  ): Promise<FunctionConfiguration> {
    const { fn } = this.findLatest(input.FunctionName, context);
    checkRevision(input.RevisionId, fn.latest.revisionId);
    const archive = readArchive(input);
    const uploaded = {
      ...fn.latest.spec,
      codeDirectory: this.unpack(fn.name, archive),
      codeSha256: createHash('sha256').update(archive).digest('base64'),
      codeSize: archive.length,
    };
    if (input.DryRun === true) {
      this.discard(fn, uploaded.codeDirectory);
      return toConfiguration({ ...fn.latest, spec: uploaded });
    }
    const changed = await this.change(fn, uploaded);
    return input.Publish === true ? this.publish(fn, {}) : changed;
  }

  public publishVersion(input: PublishVersionRequest, context: RequestContext): FunctionConfiguration {
    return this.publish(this.registry.find(input.FunctionName, context).fn, input);
  }

  public listVersionsByFunction(
    input: ListVersionsByFunctionRequest,
    context: RequestContext,
  ): ListVersionsByFunctionResponse {
    const { fn } = this.registry.find(input.FunctionName, context);
    const { items, nextMarker } = page(allVersions(fn), input, LARGEST_PAGE);
    return { Versions: [...items], ...(nextMarker !== undefined && { NextMarker: nextMarker }) };
  }

  public createAlias(input: CreateAliasRequest, context: RequestContext): AliasConfiguration {
    return this.aliases.create(input, context);
  }

  public updateAlias(input: UpdateAliasRequest, context: RequestContext): AliasConfiguration {
    return this.aliases.update(input, context);
  }

  public getAlias(input: GetAliasRequest, context: RequestContext): AliasConfiguration {
    return this.aliases.get(input, context);
  }

  public listAliases(input: ListAliasesRequest, context: RequestContext): ListAliasesResponse {
    return this.aliases.list(input, context);
  }

  public deleteAlias(input: DeleteAliasRequest, context: RequestContext): void {
    this.aliases.delete(input, context);
  }

  /** Takes effect at once. Running invocations continue, and count towards the new limit. */
  public putFunctionConcurrency(input: PutFunctionConcurrencyRequest, context: RequestContext): Concurrency {
    const missing = ({ unqualifiedArn }: FunctionReference) => functionNotFound(`${unqualifiedArn}:${LATEST}`);
    const { fn, qualifier } = this.registry.find(input.FunctionName, context, undefined, missing);
    if (qualifier !== undefined) throw functionsOnly();
    const wanted = input.ReservedConcurrentExecutions ?? 0;
    const { concurrency } = this.invocations;
    checkReservation(wanted, concurrency.reserved - (concurrency.reservation(fn.name) ?? 0), this.limits);
    concurrency.reserve(fn.name, wanted);
    return { ReservedConcurrentExecutions: wanted };
  }

  public getFunctionConcurrency(input: GetFunctionConcurrencyRequest, context: RequestContext): Concurrency {
    const { fn, qualifier } = this.registry.find(input.FunctionName, context);
    if (qualifier !== undefined) throw functionsOnly();
    const reserved = this.invocations.concurrency.reservation(fn.name);
    return { ...(reserved !== undefined && { ReservedConcurrentExecutions: reserved }) };
  }

  public deleteFunctionConcurrency(input: DeleteFunctionConcurrencyRequest, context: RequestContext): void {
    const { fn, qualifier } = this.registry.find(input.FunctionName, context);
    if (qualifier !== undefined) throw functionsOnly();
    this.invocations.concurrency.release(fn.name);
  }

  public putFunctionEventInvokeConfig(
    input: PutFunctionEventInvokeConfigRequest,
    context: RequestContext,
  ): FunctionEventInvokeConfig {
    return this.eventInvokeConfigs.put(input, context);
  }

  public updateFunctionEventInvokeConfig(
    input: UpdateFunctionEventInvokeConfigRequest,
    context: RequestContext,
  ): FunctionEventInvokeConfig {
    return this.eventInvokeConfigs.update(input, context);
  }

  public getFunctionEventInvokeConfig(
    input: GetFunctionEventInvokeConfigRequest,
    context: RequestContext,
  ): FunctionEventInvokeConfig {
    return this.eventInvokeConfigs.get(input, context);
  }

  public listFunctionEventInvokeConfigs(
    input: ListFunctionEventInvokeConfigsRequest,
    context: RequestContext,
  ): ListFunctionEventInvokeConfigsResponse {
    return this.eventInvokeConfigs.list(input, context);
  }

  public deleteFunctionEventInvokeConfig(input: DeleteFunctionEventInvokeConfigRequest, context: RequestContext): void {
    this.eventInvokeConfigs.delete(input, context);
  }

  public addPermission(input: AddPermissionRequest, context: RequestContext): AddPermissionResponse {
    return this.policies.add(input, context);
  }

  public removePermission(input: RemovePermissionRequest, context: RequestContext): void {
    this.policies.remove(input, context);
  }

  public getPolicy(input: GetPolicyRequest, context: RequestContext): GetPolicyResponse {
    return this.policies.get(input, context);
  }

  /**
   * Checks that another service may deliver events to a function.
   * @throws AwsError if there is no such function, or its policy refuses the caller
   */
  public checkDelivery(functionArn: string, context: RequestContext): void {
    const named = this.registry.findVersion(functionArn, context);
    this.policies.checkInvocation(named, context);
  }

  public tagResource(input: TagResourceRequest, _context: RequestContext): void {
    this.tags.tag(input);
  }

  public untagResource(input: UntagResourceRequest, _context: RequestContext): void {
    this.tags.untag(input);
  }

  public listTags(input: ListTagsRequest, _context: RequestContext): ListTagsResponse {
    return this.tags.list(input);
  }

  public getAccountSettings(_input: GetAccountSettingsRequest, _context: RequestContext): GetAccountSettingsResponse {
    const { concurrentExecutions } = this.limits;
    const versions = this.registry.all.flatMap(({ latest, versions: published }) => [latest, ...published.values()]);
    return {
      AccountLimit: {
        ...CODE_LIMITS,
        ConcurrentExecutions: concurrentExecutions,
        UnreservedConcurrentExecutions: concurrentExecutions - this.invocations.concurrency.reserved,
      },
      AccountUsage: {
        FunctionCount: this.registry.all.length,
        TotalCodeSize: versions.reduce((sum, { spec }) => sum + (spec.codeSize ?? 0), 0),
      },
    };
  }

  public async invoke(input: InvocationRequest, context: RequestContext): Promise<InvocationResponse> {
    const { fn, qualifier, arn } = this.registry.find(input.FunctionName, context, input.Qualifier);
    const address = { functionName: fn.name, qualifier };
    const target = this.registry.pick(address);
    if (target === undefined) throw functionNotFound(arn);
    const { type, event, clientContext, wantsLog } = readInvocation(input, this.limits);
    const requestId = this.invocations.newRequestId();
    switch (type) {
      case 'DryRun':
        return { StatusCode: 204 };
      case 'Event':
        this.asynchronous.accept(address, event, requestId);
        return { StatusCode: 202 };
      case 'RequestResponse': {
        const invocation = await this.invocations.start(target, event, requestId, { clientContext });
        return toResponse(invocation, target.spec.version ?? LATEST, wantsLog);
      }
    }
  }

  public createEventSourceMapping(
    input: CreateEventSourceMappingRequest,
    context: RequestContext,
  ): EventSourceMappingConfiguration {
    this.tags.check(input.Tags);
    const created = this.mappings.create(input, this.toMap(input.FunctionName, context));
    this.tags.begin(created.EventSourceMappingArn as string, input.Tags); // each mapping has one
    return created;
  }

  /** Sets AWS's own tags on a function or mapping, such as CloudFormation's. */
  public setSystemTags(arn: string, tags: Readonly<Record<string, string>>): void {
    this.tags.setSystem(arn, tags);
  }

  public getEventSourceMapping(
    input: GetEventSourceMappingRequest,
    _context: RequestContext,
  ): EventSourceMappingConfiguration {
    return this.mappings.get(input);
  }

  public listEventSourceMappings(
    input: ListEventSourceMappingsRequest,
    context: RequestContext,
  ): ListEventSourceMappingsResponse {
    const { FunctionName: name } = input;
    return this.mappings.list(input, name === undefined ? undefined : parseFunctionReference(name, context).arn);
  }

  public updateEventSourceMapping(
    input: UpdateEventSourceMappingRequest,
    context: RequestContext,
  ): EventSourceMappingConfiguration {
    const { FunctionName: name } = input;
    return this.mappings.update(input, name === undefined ? undefined : this.toMap(name, context));
  }

  public deleteEventSourceMapping(
    input: DeleteEventSourceMappingRequest,
    _context: RequestContext,
  ): EventSourceMappingConfiguration {
    const deleted = this.mappings.delete(input);
    this.tags.end(deleted.EventSourceMappingArn as string);
    return deleted;
  }

  /** Completes a mapping's state change at once, for deployments, which take no time. */
  public settleEventSourceMapping(uuid: string): void {
    this.mappings.settle(uuid);
  }

  /** Whether a function runs here, and on what. */
  public support(fn: FunctionSpec): RuntimeSupport {
    return this.dependencies.runner.support?.(fn) ?? {};
  }

  /** The command that runs in place of a function's code, by any of the function's names. */
  public commandFor(names: readonly string[]): string | undefined {
    const { commands = {} } = this.dependencies;
    const name = names.find((each) => Object.hasOwn(commands, each));
    return name === undefined ? undefined : commands[name];
  }

  /** Where each function's code is. */
  public code(): FunctionCodeView[] {
    return this.registry.all.map(({ name, latest: { spec } }) => {
      const { codeDirectory, handler, runtime } = spec;
      return { functionName: name, codeDirectory, handler, runtime };
    });
  }

  /**
   * Has functions whose code is in a folder run that of another one. Running invocations end in the old code, and
   * published versions keep it. Returns how many functions there are.
   */
  public async moveCode(from: string, to: string): Promise<number> {
    const moved = this.registry.all.filter(({ latest }) => latest.spec.codeDirectory === from);
    const codeSha256 = createHash('sha256').update(to).digest('base64');
    await Promise.all(moved.map((fn) => this.change(fn, { ...fn.latest.spec, codeDirectory: to, codeSha256 })));
    return moved.length;
  }

  /** All functions, for live views. */
  public functions(): FunctionView[] {
    return this.registry.all.map(({ name, latest }) => ({
      name,
      runtime: latest.spec.runtime,
      running: this.invocations.concurrency.of(name),
    }));
  }

  /** The `AWS/Lambda` metrics up to the end of the minute that began at `periodStart`, each with its own minute. */
  public collectMetrics(periodStart: number): MetricDatum[] {
    const end = periodStart + MINUTE;
    return [...this.invocations.metrics.collect(end), ...this.mappings.collectMetrics(end)];
  }

  /** Whether a queue or a stream exists, so that a mapping can read it. */
  public readsSource(arn: string): boolean {
    const { queues, streams = [] } = this.dependencies;
    const service = parseArn(arn)?.service;
    const stream = streams.find((source) => source.service === service);
    return stream === undefined ? queues.describe(arn) !== undefined : stream.exists(arn);
  }

  /** While no function runs, only empty polls continue. */
  public readonly idle: IdleParticipant = {
    probe: () => undefined,
    steadyUntil: () => (this.invocations.concurrency.running === 0 ? Infinity : -Infinity),
    skip: (minutes) => this.mappings.skip(minutes * MINUTE),
  };

  /**
   * Starts an environment of each function ahead of its first invocation, until the signal aborts. Returns the functions
   * whose code cannot be loaded.
   * @param except the ARNs of functions that are never invoked
   */
  public async prepareFunctions(except: ReadonlySet<string>, signal?: AbortSignal): Promise<UnloadableFunction[]> {
    const failed: UnloadableFunction[] = [];
    for (const {
      latest: { spec },
    } of this.registry.all) {
      if (signal?.aborted) return failed;
      if (except.has(spec.functionArn)) continue;
      const error = await this.dependencies.runner.prepare?.(spec);
      if (error === undefined) continue;
      failed.push({ functionName: spec.functionName, problem: describeInitError(error, spec.codeDirectory) });
    }
    return failed;
  }

  /** Stops all polling and all execution environments. */
  public async stop(): Promise<void> {
    this.asynchronous.stop();
    this.mappings.abandon();
    await this.dependencies.runner.dispose();
  }

  private exists(arn: string): boolean {
    const { region, account, resource = '' } = parseArn(arn) ?? {};
    if (region !== this.dependencies.region || account !== this.dependencies.account) return false;
    const [kind, name] = resource.split(':');
    return kind === 'function' ? this.registry.has(name) : this.mappings.has(name);
  }

  /** Finds the function of a mapping request. Mappings have their own error for one that does not exist. */
  private toMap(reference: string | undefined, context: RequestContext): FunctionToMap {
    try {
      return this.registry.findVersion(reference, context);
    } catch (error) {
      const missing = error instanceof AwsError && error.shape === 'ResourceNotFoundException';
      throw missing ? invalidParameter('Function does not exist') : error;
    }
  }

  /** Finds the function of a change. Versions and aliases are rejected, as they cannot be changed. */
  private findLatest(reference: string | undefined, context: RequestContext): NamedFunction {
    const named = this.registry.find(reference, context);
    if (named.qualifier === undefined || named.qualifier === LATEST) return named;
    throw invalidParameter(`Only ${LATEST} can be changed, not ${named.arn}: leave out the qualifier.`);
  }

  private async change(fn: RegisteredFunction, spec: FunctionSpec): Promise<FunctionConfiguration> {
    const { codeDirectory: former } = fn.latest.spec;
    try {
      checkFunction(spec);
    } catch (error) {
      this.discard(fn, spec.codeDirectory); // unless only the configuration changed
      throw error;
    }
    fn.latest = this.asLatest(spec);
    await this.dependencies.runner.retire?.(fn.name, () => this.discard(fn, former));
    return toConfiguration(fn.latest);
  }

  /** Runs `check`, and removes the deployed code if it throws. */
  private orDiscard({ codeDirectory }: FunctionSpec, check: () => void): void {
    try {
      check();
    } catch (error) {
      this.dependencies.discard?.(codeDirectory);
      throw error;
    }
  }

  /** Removes a code folder, unless a version of the function still uses it. */
  private discard(fn: RegisteredFunction, codeDirectory: string): void {
    const used = [fn.latest, ...fn.versions.values()].some(({ spec }) => spec.codeDirectory === codeDirectory);
    if (!used) this.dependencies.discard?.(codeDirectory);
  }

  private unpack(functionName: string, archive: Uint8Array): string {
    const { unpack } = this.dependencies;
    if (unpack === undefined) throw invalidParameter('There is no place here to unpack code to.');
    try {
      return unpack(functionName, archive);
    } catch (error) {
      if (error instanceof AwsError) throw error;
      throw invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');
    }
  }

  private mergeFolders(folders: readonly string[]): string {
    const { merge } = this.dependencies;
    if (merge === undefined) throw invalidParameter('There is no place here to merge layers in.');
    return merge(folders);
  }

  private publish(fn: RegisteredFunction, input: Omit<PublishVersionRequest, 'FunctionName'>): FunctionConfiguration {
    const published = publish(fn, input, this.dependencies);
    return toConfiguration(published, arnOfVersion(published));
  }

  private asLatest(spec: FunctionSpec): FunctionVersion {
    const { clock, random } = this.dependencies;
    return { spec, lastModified: clock.now(), revisionId: random.uuid() };
  }
}

function allVersions(fn: RegisteredFunction): FunctionConfiguration[] {
  return [fn.latest, ...fn.versions.values()].map((version) => toConfiguration(version, arnOfVersion(version)));
}

function allSpecs({ latest, versions }: RegisteredFunction): FunctionSpec[] {
  return [latest, ...versions.values()].map(({ spec }) => spec);
}

function hasLayer(layers: FunctionLayers | undefined, arn: string): boolean {
  return layers?.versions.some((version) => version.arn === arn) === true;
}

const arnOfVersion = ({ spec }: FunctionVersion): string => `${spec.functionArn}:${spec.version ?? LATEST}`;

function toResponse({ error, payload, logTail }: Invocation, version: string, wantsLog: boolean): InvocationResponse {
  return {
    StatusCode: 200,
    ExecutedVersion: version,
    ...(error !== undefined && { FunctionError: 'Unhandled' }),
    ...(wantsLog && { LogResult: Buffer.from(logTail ?? '').toString('base64') }),
    Payload: Buffer.from(error === undefined ? (payload ?? 'null') : JSON.stringify(error)),
  };
}
