import { StringDecoder } from 'node:string_decoder';
import { assumedRole, AwsError, type BusEntry, type DeliveredAttribute, type RequestContext } from '../../../core';
import { MINUTE, SECOND, surface, type Timer } from '../../../clock';
import type { Invocations } from './invocations';
import { ASYNCHRONOUS_RETRY_WAITS as RETRY_WAITS, type LambdaLimits } from '../limits';
import { rateExceeded } from '../errors';
import type { EventInvokeConfigs } from '../functions/event-invoke-configs';
import type { FunctionAddress, FunctionRegistry, InvocationTarget } from '../functions/function-registry';
import type { LambdaDependencies } from '../dependencies';
import { type Actor, executionRole } from '../execution-role';
import { type FunctionSpec, type Invocation, LATEST } from '../runner';

const LONGEST_THROTTLE_WAIT = 5 * MINUTE;
/** Of a dead letter's attribute, in bytes. */
const LONGEST_ERROR_MESSAGE = 1024;

/** A completed run of the function. */
interface Ended {
  readonly target: InvocationTarget;
  readonly invocation: Invocation;
}

/** What a destination is told of an invocation. */
interface InvocationRecord {
  readonly requestContext: { readonly functionArn: string } & Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

interface PendingEvent extends FunctionAddress {
  readonly event: string;
  readonly requestId: string;
  readonly acceptedAt: number;
  failures: number;
  throttles: number;
}

/**
 * Asynchronous invocations. After an error of the function, each is retried twice with the same request id, after one
 * and then two minutes. While the function is throttled it waits, for a second up to five minutes at a time and six
 * hours in total. Both limits can be lowered, and destinations configured.
 */
export class AsynchronousInvocations {
  private readonly timers = new Set<Timer>();
  private stopped = false;

  constructor(
    private readonly dependencies: LambdaDependencies,
    private readonly limits: LambdaLimits,
    private readonly invocations: Invocations,
    private readonly registry: FunctionRegistry,
    private readonly configs: EventInvokeConfigs,
  ) {}

  public accept(address: FunctionAddress, event: string, requestId: string): void {
    const acceptedAt = this.dependencies.clock.now();
    this.invocations.metrics.asyncReceived(address, acceptedAt);
    this.tryAgain({ ...address, event, requestId, acceptedAt, failures: 0, throttles: 0 }, 0);
  }

  public stop(): void {
    this.stopped = true;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }

  private tryAgain(pending: PendingEvent, wait: number, last?: Ended): void {
    if (this.stopped) return;
    const { clock } = this.dependencies;
    const at = clock.now() + wait;
    const { eventAgeSeconds } = this.configs.settings(pending);
    const longest = eventAgeSeconds === undefined ? this.limits.asynchronousEventAge : eventAgeSeconds * SECOND;
    if (at - pending.acceptedAt > longest) return this.drop(pending, 'EventAgeExceeded', last);
    const retry = () => {
      this.timers.delete(timer);
      this.attempt(pending, last).catch((error: unknown) => surface(clock, error));
    };
    const timer = clock.schedule(at, retry, `an event for ${pending.functionName} is tried again`);
    this.timers.add(timer);
  }

  private async attempt(pending: PendingEvent, last: Ended | undefined): Promise<void> {
    const target = this.registry.pick(pending);
    if (target === undefined) return this.drop(pending, 'FunctionNotFound', last);
    const { metrics, concurrency } = this.invocations;
    const now = this.dependencies.clock.now();
    metrics.asyncTried(pending, now, now - pending.acceptedAt);
    let running;
    try {
      running = this.invocations.start(target, pending.event, pending.requestId);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // An event of a function that cannot run is dropped at once.
      if (concurrency.reservation(pending.functionName) === 0)
        return this.drop(pending, 'ZeroReservedConcurrency', last);
      return this.tryAgain(pending, Math.min(SECOND * 2 ** pending.throttles++, LONGEST_THROTTLE_WAIT), last);
    }
    const ended = { target, invocation: await running };
    const { onSuccess, retries = this.limits.asynchronousRetries } = this.configs.settings(pending);
    if (ended.invocation.error === undefined) return this.tell(onSuccess, pending, 'Success', ended);
    if (pending.failures++ >= retries) return this.drop(pending, 'RetriesExhausted', ended);
    this.tryAgain(pending, RETRY_WAITS[Math.min(pending.failures, RETRY_WAITS.length) - 1], ended);
  }

  private drop(pending: PendingEvent, reason: string, last: Ended | undefined): void {
    this.invocations.metrics.asyncDropped(pending, this.dependencies.clock.now());
    this.dependencies.timeline.record('lambda.dropped', pending.functionName, { request: pending.requestId, reason });
    this.tell(this.configs.settings(pending).onFailure, pending, reason, last);
    this.deadLetter(pending, last);
  }

  /** Sends an event that failed to the dead-letter queue or topic of its function's version, as the function's role. */
  private deadLetter(pending: PendingEvent, last: Ended | undefined): void {
    const fn = this.registry.versionAt(pending)?.spec;
    if (fn?.deadLetterArn === undefined) return;
    const { clock, deliver, timeline } = this.dependencies;
    try {
      const delivery = { payload: pending.event, attributes: deadLetterAttributes(pending.requestId, last) };
      deliver?.(fn.deadLetterArn, delivery, this.callerOf(fn));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.invocations.metrics.deadLetterFailed(pending, clock.now());
      const detail = { request: pending.requestId, target: fn.deadLetterArn, reason: error.message };
      timeline.record('lambda.deadLetterFailed', fn.functionName, detail);
    }
  }

  /** Sends an event's result to its destination, if there is one, as the function's role. */
  private tell(target: string | undefined, pending: PendingEvent, condition: string, last: Ended | undefined): void {
    if (target === undefined) return;
    const { clock, deliver, timeline } = this.dependencies;
    const { functionName } = pending;
    const fn = this.registry.versionAt(pending)?.spec ?? last?.target.spec;
    const record = toRecord(pending, fn, condition, last, clock.now());
    try {
      const payload = JSON.stringify(record);
      const source = busEntry(target, record, payload, condition === 'Success');
      deliver?.(target, { payload, source }, this.callerOf(fn ?? { functionName }));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.invocations.metrics.destinationFailed(pending, clock.now());
      const detail = { request: pending.requestId, destination: target, reason: error.message };
      timeline.record('lambda.destinationFailed', functionName, detail);
    }
  }

  private callerOf(actor: Actor): RequestContext {
    const { account, region } = this.dependencies;
    return { account, region, principal: assumedRole(account, executionRole(actor), actor.functionName), endpoint: '' };
  }
}

/**
 * What a dead letter says of its event. The code is that of Invoke's response: 200 after an error of the function, and
 * 429 for an event that never ran.
 */
function deadLetterAttributes(requestId: string, last: Ended | undefined): Record<string, DeliveredAttribute> {
  const message = last?.invocation.error?.errorMessage ?? rateExceeded().message;
  // Written as a stream, a character that the limit cuts in two is left out.
  const text = new StringDecoder('utf8').write(Buffer.from(message).subarray(0, LONGEST_ERROR_MESSAGE));
  return {
    RequestID: { DataType: 'String', StringValue: requestId },
    ErrorCode: { DataType: 'Number', StringValue: last === undefined ? '429' : '200' },
    // An attribute of a message cannot be empty.
    ErrorMessage: { DataType: 'String', StringValue: text === '' ? '(none)' : text },
  };
}

/** A record as an event bus gets it; other destinations do not look at it. */
function busEntry(busArn: string, { requestContext }: InvocationRecord, detail: string, success: boolean): BusEntry {
  return {
    source: 'lambda',
    detailType: `Lambda Function Invocation Result - ${success ? 'Success' : 'Failure'}`,
    resources: [busArn, requestContext.functionArn],
    detail,
  };
}

/** A destination's record: the event, and the response of the function's last run. */
function toRecord(
  { requestId, event, qualifier, failures }: PendingEvent,
  fn: FunctionSpec | undefined,
  condition: string,
  last: Ended | undefined,
  now: number,
): InvocationRecord {
  const functionArn = `${fn?.functionArn}:${qualifier ?? LATEST}`;
  const runs = condition === 'Success' ? failures + 1 : failures;
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: runs },
    requestPayload: JSON.parse(event) as unknown,
    ...(last !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: last.target.spec.version ?? LATEST,
        ...(last.invocation.error !== undefined && { functionError: 'Unhandled' }),
      },
      responsePayload: last.invocation.error ?? readPayload(last.invocation.payload),
    }),
  };
}

/** A function's response; text that is not JSON is returned as it is. */
function readPayload(payload = 'null'): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}
