import { pathToFileURL } from 'node:url';
import type {
  CreateEventSourceMappingRequest,
  DeleteEventSourceMappingRequest,
  DeleteFunctionRequest,
  DeleteFunctionResponse,
  EventSourceMappingConfiguration,
  FunctionConfiguration,
  GetEventSourceMappingRequest,
  GetFunctionConfigurationRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  InvocationRequest,
  InvocationResponse,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import { formatArn, type Call, type MetricDatum } from '../api';
import { MINUTE } from '../clock';
import { AsynchronousInvocations } from './asynchronous-invocations';
import { functionNotFound, resourceConflict } from './errors';
import { EventSourceMappings } from './event-source-mappings';
import { checkFunction, checkReservation, toConfiguration, type RegisteredFunction } from './function-configuration';
import { parseFunctionReference } from './function-reference';
import { readInvocation } from './invocation-request';
import { Invocations } from './invocations';
import { AWS_LIMITS, type LambdaLimits } from './limits';
import { page } from './page';
import type { FunctionSpec, Invocation, LambdaPorts } from './ports';

const VERSION = '$LATEST';
const LARGEST_PAGE = 50;

/** A function as live views show it. */
export interface FunctionView {
  readonly name: string;
  readonly runtime: string;
  /** Invocations that run now. */
  readonly running: number;
}

/** AWS Lambda in one account and region: functions, their invocations, and event source mappings for SQS. */
export class Lambda {
  private readonly registry = new Map<string, RegisteredFunction>();
  private readonly limits: LambdaLimits;
  private readonly invocations: Invocations;
  private readonly asynchronous: AsynchronousInvocations;
  private readonly mappings: EventSourceMappings;

  constructor(private readonly ports: LambdaPorts) {
    this.limits = { ...AWS_LIMITS, ...ports.limits };
    const find = (functionName: string): FunctionSpec | undefined => this.registry.get(functionName)?.spec;
    this.invocations = new Invocations(ports, this.limits);
    this.asynchronous = new AsynchronousInvocations(ports, this.limits, this.invocations, find);
    this.mappings = new EventSourceMappings(ports, this.limits, this.invocations, find);
  }

  /**
   * Makes a function known. It takes what a deployment has resolved rather than the API's own input: the code is in a
   * local folder, not in a bucket.
   */
  public createFunction(spec: FunctionSpec): FunctionConfiguration {
    checkFunction(spec);
    const { functionName, reservedConcurrency } = spec;
    if (this.registry.has(functionName)) throw resourceConflict(`Function already exist: ${functionName}`);
    checkReservation(reservedConcurrency, this.invocations.concurrency.reserved, this.limits);
    const revisionId = this.ports.random.uuid();
    const registered = { spec, lastModified: this.ports.clock.now(), revisionId };
    this.registry.set(functionName, registered);
    this.invocations.concurrency.reserve(functionName, reservedConcurrency);
    return toConfiguration(registered);
  }

  /** Gives a function other code or another configuration. Invocations that run end in the old one. */
  public async updateFunction(spec: FunctionSpec, call: Call): Promise<FunctionConfiguration> {
    checkFunction(spec);
    const { functionName, reservedConcurrency } = spec;
    const before = this.lookUp(functionName, call).spec;
    const { concurrency } = this.invocations;
    checkReservation(reservedConcurrency, concurrency.reserved - (before.reservedConcurrency ?? 0), this.limits);
    const registered = { spec, lastModified: this.ports.clock.now(), revisionId: this.ports.random.uuid() };
    this.registry.set(functionName, registered);
    concurrency.release(functionName);
    concurrency.reserve(functionName, reservedConcurrency);
    await this.ports.runner.retire?.(functionName);
    return toConfiguration(registered);
  }

  /** Its mappings stay, as on AWS: they fail from now on. */
  public async deleteFunction(input: DeleteFunctionRequest, call: Call): Promise<DeleteFunctionResponse> {
    const { functionName } = this.lookUp(input.FunctionName, call, input.Qualifier).spec;
    this.registry.delete(functionName);
    this.invocations.concurrency.release(functionName);
    await this.ports.runner.dispose(functionName);
    return { StatusCode: 204 };
  }

  public getFunction(input: GetFunctionRequest, call: Call): GetFunctionResponse {
    const registered = this.lookUp(input.FunctionName, call, input.Qualifier);
    const { codeDirectory, reservedConcurrency } = registered.spec;
    return {
      Configuration: toConfiguration(registered),
      Code: { RepositoryType: 'Local', Location: pathToFileURL(codeDirectory).href },
      ...(reservedConcurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    };
  }

  public getFunctionConfiguration(input: GetFunctionConfigurationRequest, call: Call): FunctionConfiguration {
    return toConfiguration(this.lookUp(input.FunctionName, call, input.Qualifier));
  }

  public listFunctions(input: ListFunctionsRequest, _call: Call): ListFunctionsResponse {
    const { items, nextMarker } = page([...this.registry.values()], input, LARGEST_PAGE);
    return { Functions: items.map(toConfiguration), ...(nextMarker !== undefined && { NextMarker: nextMarker }) };
  }

  public async invoke(input: InvocationRequest, call: Call): Promise<InvocationResponse> {
    const { spec } = this.lookUp(input.FunctionName, call, input.Qualifier);
    const { type, event, clientContext, wantsLog } = readInvocation(input, this.limits);
    const requestId = this.invocations.newRequestId();
    switch (type) {
      case 'DryRun':
        return { StatusCode: 204 };
      case 'Event':
        this.asynchronous.accept(spec.functionName, event, requestId);
        return { StatusCode: 202 };
      case 'RequestResponse':
        return toResponse(await this.invocations.start(spec, event, requestId, { clientContext }), wantsLog);
    }
  }

  public createEventSourceMapping(input: CreateEventSourceMappingRequest, call: Call): EventSourceMappingConfiguration {
    return this.mappings.create(input, this.lookUp(input.FunctionName, call).spec);
  }

  public getEventSourceMapping(input: GetEventSourceMappingRequest, _call: Call): EventSourceMappingConfiguration {
    return this.mappings.get(input);
  }

  public listEventSourceMappings(input: ListEventSourceMappingsRequest, call: Call): ListEventSourceMappingsResponse {
    const name = input.FunctionName === undefined ? undefined : parseFunctionReference(input.FunctionName, call).name;
    return this.mappings.list(input, name);
  }

  public updateEventSourceMapping(input: UpdateEventSourceMappingRequest, call: Call): EventSourceMappingConfiguration {
    const fn = input.FunctionName === undefined ? undefined : this.lookUp(input.FunctionName, call).spec;
    return this.mappings.update(input, fn);
  }

  public deleteEventSourceMapping(
    input: DeleteEventSourceMappingRequest,
    _call: Call,
  ): EventSourceMappingConfiguration {
    return this.mappings.delete(input);
  }

  /** Brings what a mapping is about to become forward to this moment: for deployments, which take no time. */
  public settleEventSourceMapping(uuid: string): void {
    this.mappings.settle(uuid);
  }

  /** All functions, for live views. */
  public functions(): FunctionView[] {
    return [...this.registry.values()].map(({ spec: { functionName, runtime } }) => ({
      name: functionName,
      runtime,
      running: this.invocations.concurrency.of(functionName),
    }));
  }

  /** The data of `AWS/Lambda` up to the end of the minute that began at `periodStart`, each under its own minute. */
  public collectMetrics(periodStart: number): MetricDatum[] {
    const end = periodStart + MINUTE;
    return [...this.invocations.metrics.collect(end), ...this.mappings.collectMetrics(end)];
  }

  /**
   * Starts an environment of each function ahead of its first invocation.
   * @throws Error the first function's whose code cannot be loaded, in one line
   */
  public async prepareFunctions(): Promise<void> {
    for (const { spec } of this.registry.values()) {
      const error = await this.ports.runner.prepare?.(spec);
      if (error === undefined) continue;
      const [message] = error.errorMessage.split('\n');
      throw new Error(`the function ${spec.functionName} cannot start: ${error.errorType}: ${message}`);
    }
  }

  /** Ends all polling and all execution environments. */
  public async stop(): Promise<void> {
    this.asynchronous.stop();
    this.mappings.abandon();
    await this.ports.runner.dispose();
  }

  private lookUp(reference: string | undefined, call: Call, qualifier?: string): RegisteredFunction {
    const { name, arn, qualifier: version = VERSION } = parseFunctionReference(reference, call, qualifier);
    const unqualified = arn.split(':').slice(0, 7).join(':');
    const here = formatArn('lambda', this.ports.region, this.ports.account, `function:${name}`);
    const registered = this.registry.get(name);
    if (registered === undefined || version !== VERSION || unqualified !== here) throw functionNotFound(arn);
    return registered;
  }
}

function toResponse({ error, payload, logTail }: Invocation, wantsLog: boolean): InvocationResponse {
  return {
    StatusCode: 200,
    ExecutedVersion: VERSION,
    ...(error !== undefined && { FunctionError: 'Unhandled' }),
    ...(wantsLog && { LogResult: Buffer.from(logTail ?? '').toString('base64') }),
    Payload: Buffer.from(error === undefined ? (payload ?? 'null') : JSON.stringify(error)),
  };
}
