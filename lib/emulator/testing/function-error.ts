/** Thrown if an invoked function responded with an error. */
export class FunctionError extends Error {
  public override readonly name = 'FunctionError';

  constructor(
    /** The function's label. */
    public readonly functionName: string,
    /** `TypeError`, `Sandbox.Timedout` … */
    public readonly errorType: string,
    /** The error's own message. */
    public readonly errorMessage: string,
    /** The lines of its stack, as in Lambda's response. */
    public readonly trace: readonly string[],
  ) {
    super(`${functionName} answered with ${errorType}: ${errorMessage}${trace.map((line) => `\n  ${line}`).join('')}`);
  }
}
