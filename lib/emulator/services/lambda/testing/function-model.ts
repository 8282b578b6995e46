import { drawnTime, type RunningTimeLike } from '../../../testing';
import type { FunctionModel as EmulatedFunctionModel, ModelContext } from '../function-model';

/**
 * What a modelled function does with its event. A method, so that its parameter may have a narrower type than
 * `unknown`.
 */
export type ModelledHandler = { handle(event: unknown, context: ModelContext): unknown }['handle'];

/** How a function behaves instead of running as deployed. */
export interface FunctionModel {
  /**
   * How long an invocation takes before its code runs. One that reaches the function's timeout fails as on AWS.
   * @default - no time
   */
  readonly runningTime?: RunningTimeLike;
  /**
   * Runs instead of the function's code: its return value is the function's response, and what it throws is the
   * function's error.
   * @default - the function's code
   */
  readonly handler?: ModelledHandler;
}

/** Converts a model to the emulator's form. */
export function functionModel({ runningTime, handler }: FunctionModel): EmulatedFunctionModel {
  return { ...(runningTime !== undefined && { runningTime: drawnTime(runningTime) }), ...(handler && { handler }) };
}
