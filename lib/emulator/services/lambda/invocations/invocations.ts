import { SECOND, type Random } from '../../../clock';
import { Concurrency } from './concurrency';
import { FunctionMetrics } from './function-metrics';
import type { LambdaLimits } from '../limits';
import type { InvocationTarget } from '../functions/function-registry';
import type { LambdaDependencies } from '../dependencies';
import { type Invocation, LATEST } from '../runner';

/** The options of one invocation. */
export interface InvocationParticulars {
  /** The number of messages in the event, if it comes from a queue. */
  readonly records?: number;
  /** JSON text. */
  readonly clientContext?: string;
}

/** Runs functions within their concurrency limits, and records invocations in the timeline. */
export class Invocations {
  public readonly concurrency: Concurrency;
  public readonly metrics: FunctionMetrics;
  private readonly requestIds: Random;

  constructor(
    private readonly dependencies: LambdaDependencies,
    private readonly limits: LambdaLimits,
  ) {
    this.concurrency = new Concurrency(limits.concurrentExecutions);
    this.metrics = new FunctionMetrics(this.concurrency);
    this.requestIds = dependencies.random.fork('lambda.requests');
  }

  public newRequestId(): string {
    return this.requestIds.uuid();
  }

  /** Runs a function once with `event`. Throws, before anything runs, if its concurrency is used up. */
  public start(
    target: InvocationTarget,
    event: string,
    requestId: string,
    particulars: InvocationParticulars = {},
  ): Promise<Invocation> {
    const { clock } = this.dependencies;
    const startedAt = clock.now();
    const leave = this.enter(target, startedAt);
    return this.run(target, event, requestId, particulars)
      .then((invocation) => {
        const duration = invocation.duration ?? clock.now() - startedAt;
        this.metrics.ended(target, startedAt, duration, invocation.error !== undefined);
        return invocation;
      })
      .finally(leave);
  }

  private enter(target: InvocationTarget, at: number): () => void {
    let leave;
    try {
      leave = this.concurrency.enter(target.functionName);
    } catch (error) {
      this.metrics.throttled(target, at);
      throw error;
    }
    this.metrics.entered(target, at);
    return leave;
  }

  private async run(
    { spec, functionName, invokedArn }: InvocationTarget,
    event: string,
    requestId: string,
    { records, clientContext }: InvocationParticulars,
  ): Promise<Invocation> {
    const { clock, timeline, runner } = this.dependencies;
    const version = spec.version === LATEST ? undefined : spec.version;
    timeline.record('lambda.invoked', functionName, { request: requestId, records, version });
    const deadline = clock.now() + spec.timeoutSeconds * SECOND;
    const context = { requestId, deadline, clientContext, invokedFunctionArn: invokedArn };
    const invocation = this.withinSize(await runner.run(spec, event, context));
    if (invocation.error === undefined) {
      timeline.record('lambda.returned', functionName, { request: requestId, records });
    } else {
      const { errorType, errorMessage, trace } = invocation.error;
      const detail = { request: requestId, records, errorType, errorMessage };
      timeline.record('lambda.failed', functionName, detail, trace?.join('\n'));
    }
    return invocation;
  }

  private withinSize(invocation: Invocation): Invocation {
    const limit = this.limits.synchronousPayload;
    const { payload = '' } = invocation;
    // No UTF-16 code unit takes more than three bytes, so most payloads need not be counted.
    if (payload.length * 3 <= limit || Buffer.byteLength(payload) <= limit) return invocation;
    return {
      error: {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${limit} bytes).`,
      },
      ...(invocation.logTail !== undefined && { logTail: invocation.logTail }),
    };
  }
}
