import type { CloudContext, ResourceIdentity } from './cloud-context';
import { LocalResource } from './local-resource';
import { type FunctionModel, functionModel } from './consumer-models';
import type { FunctionFailure, FunctionRecord } from './recording/function-record';
import { type WaitOptions, waitUntil } from './wait-until';

/** Thrown where an invoked function answered with an error. */
export class FunctionError extends Error {
  public override readonly name = 'FunctionError';

  constructor(
    /** What the function is called. */
    public readonly functionName: string,
    /** `TypeError`, `Sandbox.Timedout` … */
    public readonly errorType: string,
    /** The error's own message. */
    public readonly errorMessage: string,
    /** Its stack, as Lambda tells it. */
    public readonly trace: readonly string[],
  ) {
    super(`${functionName} answered with ${errorType}: ${errorMessage}${trace.map((line) => `\n  ${line}`).join('')}`);
  }
}

/** A Lambda function of a local cloud. What it tells is of the moment at which it is asked. */
export class LocalFunction extends LocalResource {
  private readonly record: FunctionRecord;

  /** @internal */
  constructor(context: CloudContext, identity: ResourceIdentity) {
    super(context, identity);
    const { account, region, name } = identity;
    this.record = context.recorder.function(`${account}/${region}`, name);
  }

  /** How many invocations were begun. */
  public get invocations(): number {
    return this.record.invocations;
  }

  /** How many invocations have failed. A partial batch response is no failure. */
  public get errors(): number {
    return this.record.errors;
  }

  /** How often a poller found the concurrency used up. */
  public get throttles(): number {
    return this.record.throttles;
  }

  /** The latest failures, the oldest of them first. */
  public get failures(): readonly FunctionFailure[] {
    return this.record.failures;
  }

  /** How many invocations run now. */
  public get running(): number {
    return this.record.running.latest;
  }

  /** The most invocations that ran at a time. */
  public get peakConcurrency(): number {
    return this.record.running.peak;
  }

  /**
   * Has its further invocations take the time, and do the work, that a model says; another model takes its place.
   *
   * @throws RangeError, TypeError if the model is invalid
   */
  public model(model: FunctionModel): void {
    this.regionHandle.modelFunction(this.name, functionModel(model));
  }

  /**
   * Ends the execution environments in which it runs now, as a crash of its code does: their invocations fail with
   * `Runtime.ExitError`. Returns their number.
   */
  public crash(): Promise<number> {
    return this.regionHandle.crashFunction(this.name);
  }

  /**
   * Invokes it, and lets time pass until it has answered.
   *
   * @param payload what becomes the JSON of its event
   * @returns what it answered
   * @throws FunctionError where it answered with an error
   * @throws AWS's error, where Lambda refuses: `TooManyRequestsException`, when its concurrency is used up
   */
  public async invoke(payload: unknown = {}, options: WaitOptions = {}): Promise<unknown> {
    const invocation = this.regionHandle.invoke(this.name, JSON.stringify(payload));
    let over = false;
    invocation.then(
      () => (over = true),
      () => (over = true),
    );
    await waitUntil(this.context, () => over, `${this.label} has answered`, options);
    const { payload: answer, failed } = await invocation;
    const value = JSON.parse(answer) as unknown;
    if (!failed) return value;
    const {
      errorType,
      errorMessage,
      trace = [],
    } = value as {
      errorType: string;
      errorMessage: string;
      trace?: string[];
    };
    throw new FunctionError(this.label, errorType, errorMessage, trace);
  }
}
