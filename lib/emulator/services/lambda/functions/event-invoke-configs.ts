import type {
  DeleteFunctionEventInvokeConfigRequest,
  DestinationConfig,
  FunctionEventInvokeConfig,
  GetFunctionEventInvokeConfigRequest,
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
  PutFunctionEventInvokeConfigRequest,
  UpdateFunctionEventInvokeConfigRequest,
} from '@aws-sdk/client-lambda';
import { type RequestContext, parseArn } from '../../../core';
import type { Clock } from '../../../clock';
import { checkRange, invalidParameter, resourceNotFound } from '../errors';
import type { FunctionAddress, FunctionRegistry, RegisteredFunction } from './function-registry';
import { page } from '../page';
import { LATEST } from '../runner';

/** The settings for asynchronous invocations of a function, a version or an alias. */
export interface EventInvokeSettings {
  /** 0–2. */
  readonly retries?: number;
  /** 60–21,600. */
  readonly eventAgeSeconds?: number;
  /** The ARN of the queue, topic, function or event bus that receives records of successful invocations. */
  readonly onSuccess?: string;
  /** The ARN of the queue, topic, function or event bus that receives records of discarded events. */
  readonly onFailure?: string;
}

interface Stored extends EventInvokeSettings {
  readonly qualifier: string;
  readonly lastModified: number;
}

const LARGEST_PAGE = 50;

const notFound = () => resourceNotFound("The function doesn't exist.");

/** The settings for asynchronous invocations, per function and qualifier. */
export class EventInvokeConfigs {
  private readonly configs = new WeakMap<RegisteredFunction, Map<string, Stored>>();

  constructor(
    private readonly registry: FunctionRegistry,
    private readonly clock: Clock,
  ) {}

  /** The settings for invocations by this qualifier. */
  public settings({ functionName, qualifier = LATEST }: FunctionAddress): EventInvokeSettings {
    const fn = this.registry.get(functionName);
    return (fn && this.configs.get(fn)?.get(qualifier)) ?? {};
  }

  public put(input: PutFunctionEventInvokeConfigRequest, context: RequestContext): FunctionEventInvokeConfig {
    return this.store(input, context, undefined);
  }

  /** Updates settings. Members that the request omits stay. */
  public update(input: UpdateFunctionEventInvokeConfigRequest, context: RequestContext): FunctionEventInvokeConfig {
    const { fn, qualifier = LATEST } = this.registry.find(input.FunctionName, context, input.Qualifier, notFound);
    const previous = this.configs.get(fn)?.get(qualifier);
    if (previous === undefined) throw missing(`${fn.latest.spec.functionArn}:${qualifier}`);
    return this.store(input, context, previous);
  }

  public get(input: GetFunctionEventInvokeConfigRequest, context: RequestContext): FunctionEventInvokeConfig {
    const { fn, stored } = this.lookUp(input, context);
    return toConfiguration(fn, stored);
  }

  public delete(input: DeleteFunctionEventInvokeConfigRequest, context: RequestContext): void {
    const { fn, stored } = this.lookUp(input, context);
    this.configs.get(fn)?.delete(stored.qualifier);
  }

  public list(
    input: ListFunctionEventInvokeConfigsRequest,
    context: RequestContext,
  ): ListFunctionEventInvokeConfigsResponse {
    const { fn } = this.registry.find(input.FunctionName, context, undefined, notFound);
    const { items, nextMarker } = page([...(this.configs.get(fn)?.values() ?? [])], input, LARGEST_PAGE);
    return {
      FunctionEventInvokeConfigs: items.map((stored) => toConfiguration(fn, stored)),
      ...(nextMarker !== undefined && { NextMarker: nextMarker }),
    };
  }

  private store(
    input: PutFunctionEventInvokeConfigRequest,
    context: RequestContext,
    previous: Stored | undefined,
  ): FunctionEventInvokeConfig {
    checkRange('maximumRetryAttempts', input.MaximumRetryAttempts, 0, 2);
    checkRange('maximumEventAgeInSeconds', input.MaximumEventAgeInSeconds, 60, 21_600);
    const { fn, qualifier = LATEST } = this.registry.find(input.FunctionName, context, input.Qualifier, notFound);
    if (this.registry.versionAt({ functionName: fn.name, qualifier }) === undefined) throw notFound();
    const { DestinationConfig: destinations } = input;
    const given = [input.MaximumRetryAttempts, input.MaximumEventAgeInSeconds, destinations];
    if (given.every((value) => value === undefined)) {
      throw invalidParameter('You must specify at least one of error handling or destination setting.');
    }
    const stored: Stored = {
      qualifier,
      lastModified: this.clock.now(),
      retries: input.MaximumRetryAttempts ?? previous?.retries,
      eventAgeSeconds: input.MaximumEventAgeInSeconds ?? previous?.eventAgeSeconds,
      onSuccess: destinations === undefined ? previous?.onSuccess : readDestination(destinations.OnSuccess),
      onFailure: destinations === undefined ? previous?.onFailure : readDestination(destinations.OnFailure),
    };
    let configs = this.configs.get(fn);
    if (configs === undefined) this.configs.set(fn, (configs = new Map<string, Stored>()));
    configs.set(qualifier, stored);
    return toConfiguration(fn, stored);
  }

  private lookUp(
    { FunctionName: name, Qualifier: given }: GetFunctionEventInvokeConfigRequest,
    context: RequestContext,
  ): { readonly fn: RegisteredFunction; readonly stored: Stored } {
    const { fn, qualifier = LATEST } = this.registry.find(name, context, given, (named) =>
      missing(`${named.unqualifiedArn}:${named.qualifier ?? LATEST}`),
    );
    const stored = this.configs.get(fn)?.get(qualifier);
    if (stored === undefined) throw missing(`${fn.latest.spec.functionArn}:${qualifier}`);
    return { fn, stored };
  }
}

const missing = (arn: string) => resourceNotFound(`The function ${arn} doesn't have an EventInvokeConfig`);

function readDestination(given: { readonly Destination?: string } | undefined): string | undefined {
  const arn = given?.Destination;
  if (arn === undefined || arn === '') return undefined;
  const { service, resource = '' } = parseArn(arn) ?? {};
  // Lambda sends its records to standard queues only.
  if (service === 'sqs' && resource.endsWith('.fifo')) throw invalidParameter(`The destination ARN ${arn} is invalid.`);
  if (isEmulatedDestination(arn)) return arn;
  throw invalidParameter(`The destination ${arn} is not emulated: queues, topics, functions and event buses are.`);
}

/** Whether records can be sent to a destination. */
export function isEmulatedDestination(arn: string): boolean {
  return ['sqs', 'sns', 'lambda', 'events'].includes(parseArn(arn)?.service ?? '');
}

function toConfiguration(fn: RegisteredFunction, stored: Stored): FunctionEventInvokeConfig {
  const { qualifier, lastModified, retries, eventAgeSeconds, onSuccess, onFailure } = stored;
  const destinations: DestinationConfig = {
    OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
    OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
  };
  return {
    FunctionArn: `${fn.latest.spec.functionArn}:${qualifier}`,
    LastModified: new Date(lastModified),
    DestinationConfig: destinations,
    ...(retries !== undefined && { MaximumRetryAttempts: retries }),
    ...(eventAgeSeconds !== undefined && { MaximumEventAgeInSeconds: eventAgeSeconds }),
  };
}
