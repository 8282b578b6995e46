import { FunctionError, LocalResource, type WaitOptions } from '../../../testing';
import type { Lambda } from '../lambda';
import { FUNCTION_CONTROL } from '../ports';
import { type FunctionModel, functionModel } from './function-model';
import type { FunctionFailure, FunctionRecord } from './function-record';

/** A Lambda function of a local cloud. What it tells is of the moment at which it is asked. */
export class LocalFunction extends LocalResource<Lambda, FunctionRecord> {
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
    this.check();
    this.context.use(FUNCTION_CONTROL).model(this.name, functionModel(model));
  }

  /**
   * Ends the execution environments in which it runs now, as a crash of its code does: their invocations fail with
   * `Runtime.ExitError`. Returns their number.
   */
  public async crash(): Promise<number> {
    this.check();
    return this.context.use(FUNCTION_CONTROL).crash(this.name);
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
    const invocation = this.service.invoke(
      { FunctionName: this.name, Payload: Buffer.from(JSON.stringify(payload)) },
      this.context.caller,
    );
    let over = false;
    invocation.then(
      () => (over = true),
      () => (over = true),
    );
    await this.context.waitUntil(() => over, `${this.label} has answered`, options);
    const { Payload = [], FunctionError: failure } = await invocation;
    const value = JSON.parse(Buffer.from(Payload).toString()) as unknown;
    if (failure === undefined) return value;
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

  private check(): void {
    if (this.service.functions().some(({ name }) => name === this.name)) return;
    throw new Error(`the function ${this.label} is gone: it was deleted`);
  }
}
